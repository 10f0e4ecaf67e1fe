import Autodiff
import Testing

/// What a tape keeps in bfloat16.
struct PackingTests {
    private let x = Tensor.normal([64, 32], key: RandomKey(1))

    /// The nearest number of 8 bits, ties to even.
    private func rounded(_ x: Tensor) -> Tensor {
        let values = x.scalars(Float.self).map { value in
            let bits = value.bitPattern
            return Double(Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000))
        }
        return Tensor(values, shape: x.shape)
    }

    @Test func whatTheBackwardPassReadsIsRounded() {
        let before = x.values
        withTape { tape in
            let leaf = tape.watch(x)
            let first = Tape.packing { leaf * 3 }
            let second = Tape.packing { first * first }
            // The forward pass reads what was computed, not what is kept.
            #expect(second.values == ((x * 3) * (x * 3)).values)
            let gradient = tape.pullback(of: second.sum(), to: [leaf])[0]!.tensor
            let expected = (rounded(x * 3) + rounded(x * 3)) * 3
            #expect(gradient.values == expected.values)
            #expect(gradient.values != ((x * 3) * 6).values)
        }
        // What was watched is the caller's.
        #expect(x.values == before)
    }

    @Test func viewsOfWhatWasWatchedStayAsTheyAre() {
        let before = x.values
        withTape { tape in
            let leaf = tape.watch(x)
            let value = Tape.packing {
                let view = leaf.reshaped([32, 64])
                return view.matmul(view, transposingB: true)
            }
            _ = tape.pullback(of: value.sum(), to: [leaf])
        }
        #expect(x.values == before)
    }

    @Test func smallTensorsAndDoublesAreNotPacked() {
        for x in [Tensor.normal([8, 8], key: RandomKey(2)), x.cast(to: .float64)] {
            withTape { tape in
                let leaf = tape.watch(x)
                let first = Tape.packing { leaf * 3 }
                let second = Tape.packing { first * first }
                #expect(tape.pullback(of: second.sum(), to: [leaf])[0]!.tensor.values == ((x * 3 + x * 3) * 3).values)
            }
        }
    }

    @Test func derivativesOfDerivativesGoThroughIt() {
        withTape { tape in
            let leaf = tape.watch(x)
            let first = Tape.packing { leaf * leaf }
            let second = Tape.packing { first * leaf }  // x³
            let gradient = tape.pullback(of: second.sum(), to: [leaf], differentiable: true)[0]!.tensor
            let curvature = tape.pullback(of: gradient.sum(), to: [leaf])[0]!.tensor
            #expect(curvature.maximumDifference(to: x * 6) < 0.1)
        }
    }
}
