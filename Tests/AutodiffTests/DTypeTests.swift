#if compiler(>=6.2)
    import Autodiff
    import Foundation
    import Requirements
    import Synchronization
    import Testing

    /// Every public operation with every combination of dtypes gives a right result, or refuses it by its own name.
    struct DTypeTests {
        @Test func operationsComputeRightlyOrRefuseByName() async {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                let problems = DTypeTable.operations.flatMap { $0.problems() }
                if !problems.isEmpty { fatalError(problems.prefix(60).joined(separator: "\n")) }
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(message.isEmpty, "\(message)")
        }
    }

    /// An operation, what its operands are, and its name in messages.
    struct DTypeCase: Sendable {
        /// A number is of the dtype that is tried; what picks or masks has one that is right.
        enum Operand: Sendable { case number([Int]), index([Int]), mask([Int]) }

        let name: String
        let operands: [Operand]
        let run: @Sendable ([Tensor]) -> [Tensor]

        /// What is wrong, for all combinations of dtypes.
        func problems() -> [String] {
            var combinations: [[DType]] = [[]]
            for _ in operands { combinations = combinations.flatMap { one in DType.allCases.map { one + [$0] } } }
            var computed = 0
            var found = combinations.compactMap { dtypes -> String? in
                let tensors = zip(operands, dtypes).map { tensor($0, $1) }
                let place = "\(name) of \(dtypes)"
                switch Outcome(of: { run(tensors) }) {
                case .refused(let message):
                    return message.hasPrefix("\(name)(") ? nil : "\(place) is refused as: \(message)"
                case .computed(let results):
                    computed += 1
                    guard zip(operands, dtypes).allSatisfy(fits) else { return "\(place) takes what cannot pick or mask" }
                    let numbers = zip(operands, tensors).map { if case .number = $0 { $1.cast(to: .float64) } else { $1 } }
                    guard case .computed(let expected) = Outcome(of: { run(numbers) }) else { return "\(place): float64 is refused" }
                    let same = zip(results, expected).allSatisfy {
                        $0.shape == $1.shape && zip($0.values, $1.values).allSatisfy(isNear)
                    }
                    return results.count == expected.count && same ? nil : "\(place) gives \(results), not \(expected)"
                }
            }
            if computed < 2 && operands.contains(where: { if case .number = $0 { true } else { false } }) {
                found.append("\(name) computes \(computed) of \(combinations.count) combinations")
            }
            return found
        }

        /// Of zeros and ones, which all dtypes hold.
        private func tensor(_ operand: Operand, _ dtype: DType) -> Tensor {
            switch operand {
            case .number(let shape), .index(let shape), .mask(let shape):
                let count = shape.reduce(1, *)
                return Tensor((0..<count).map { Double(($0 * 7 + $0 / 3 + count) % 3 % 2) }, shape: shape, dtype: dtype)
            }
        }

        private func fits(_ operand: Operand, _ dtype: DType) -> Bool {
            switch operand {
            case .number: true
            case .index: dtype == .int32
            case .mask: dtype == .bool
            }
        }

        private func isNear(_ a: Double, _ b: Double) -> Bool {
            a == b || (a.isNaN && b.isNaN) || abs(a - b) < 1e-5 * max(1, abs(b))
        }
    }

    /// What a computation gives, or the message with which it ends.
    enum Outcome: Sendable {
        case computed([Tensor])
        case refused(String)

        /// For processes of their own only: a refusal ends the thread it is made on.
        init(of body: @escaping @Sendable () -> [Tensor]) {
            let outcome = Mutex<Outcome?>(nil)
            let done = DispatchSemaphore(value: 0)
            Refusals.observer.withLock { observer in
                observer = { message in
                    outcome.withLock { $0 = .refused(message) }
                    done.signal()
                    while true { sleep(1000) }
                }
            }
            let thread = Thread {
                let results = body()
                outcome.withLock { $0 = .computed(results) }
                done.signal()
            }
            thread.stackSize = 1 << 18
            thread.start()
            done.wait()
            self = outcome.withLock { $0! }
        }
    }

    enum DTypeTable {
        private static let offsets = Offsets([0, 2, 3])
        private static let mask = DropoutMask(rate: 0.5, key: RandomKey(1), site: 0)
        private static let rows = RowAddresses(rowCount: 3)
        private static let m = [3, 4]

        private static func one(_ name: String, _ shape: [Int] = m, _ run: @escaping @Sendable (Tensor) -> Tensor) -> DTypeCase {
            DTypeCase(name: name, operands: [.number(shape)]) { [run($0[0])] }
        }

        private static func two(
            _ name: String, _ a: [Int] = m, _ b: [Int] = m, _ run: @escaping @Sendable (Tensor, Tensor) -> Tensor
        ) -> DTypeCase {
            DTypeCase(name: name, operands: [.number(a), .number(b)]) { [run($0[0], $0[1])] }
        }

        static let operations = arithmetic + elementary + comparisons + reductions + structure + rowsAndSegments + similarities + others

        private static let arithmetic = [
            two("add") { $0 + $1 }, two("subtract") { $0 - $1 }, two("multiply") { $0 * $1 }, two("divide") { $0 / $1 },
            two("pow") { $0.pow($1) }, two("maximum") { .maximum($0, $1) }, two("minimum") { .minimum($0, $1) },
            two("add") {
                var a = $0; a += $1; return a
            },
            two("subtract") {
                var a = $0; a -= $1; return a
            },
            two("multiply") {
                var a = $0; a *= $1; return a
            },
            two("add(times:)") {
                var a = $0; a.add($1, times: 2); return a
            },
            one("negate") { -$0 }, one("add") { $0 + 2 }, one("add") { 2 + $0 }, one("subtract") { $0 - 2 }, one("subtract") { 2 - $0 },
            one("multiply") { $0 * 2 }, one("multiply") { 2 * $0 }, one("divide") { $0 / 2 }, one("divide") { 2 / $0 },
            one("pow") { $0.pow(3) }, one("broadcast", [3, 1]) { $0.broadcast(to: [3, 4]) },
            one("broadcast", []) { $0.broadcast(to: [3, 4]) },
        ]

        private static let elementary =
            [
                one("abs") { $0.abs() }, one("sign") { $0.sign() }, one("exp") { $0.exp() }, one("log") { $0.log() },
                one("log1p") { $0.log1p() }, one("sqrt") { $0.sqrt() }, one("reciprocal") { $0.reciprocal() },
                one("square") { $0.square() },
                one("sin") { $0.sin() }, one("cos") { $0.cos() }, one("tanh") { $0.tanh() }, one("sigmoid") { $0.sigmoid() },
                one("erf") { $0.erf() }, one("relu") { $0.relu() }, one("softplus") { $0.softplus() }, one("silu") { $0.silu() },
                one("gelu") { $0.gelu() }, one("geluTanh") { $0.geluTanh() }, one("clamped") { $0.clamped(from: 0.25, to: 0.75) },
                one("clamped") { $0.clamped() },
            ] + DType.allCases.map { dtype in one("cast") { $0.cast(to: dtype) } }

        private static let comparisons = [
            two(".<") { $0 .< $1 }, two(".<=") { $0 .<= $1 }, two(".>") { $0 .> $1 }, two(".>=") { $0 .>= $1 },
            two(".==") { $0 .== $1 }, two(".!=") { $0 .!= $1 },
            one(".<") { $0 .< 0.5 }, one(".<=") { $0 .<= 0.5 }, one(".>") { $0 .> 0.5 }, one(".>=") { $0 .>= 0.5 },
            one(".==") { $0 .== 1 }, one(".!=") { $0 .!= 1 },
            DTypeCase(name: "!", operands: [.mask(m)]) { [!$0[0]] },
            DTypeCase(name: "&", operands: [.mask(m), .mask(m)]) { [$0[0] & $0[1]] },
            DTypeCase(name: "|", operands: [.mask(m), .mask(m)]) { [$0[0] | $0[1]] },
            DTypeCase(name: "select", operands: [.mask([3, 1]), .number(m), .number(m)]) { [.select($0[0], $0[1], $0[2])] },
            DTypeCase(name: "select", operands: [.mask([3, 4]), .number(m), .number(m)]) { [.select($0[0], $0[1], $0[2])] },
            DTypeCase(name: "filled", operands: [.number(m), .mask([1, 4])]) { [$0[0].filled(with: 7, where: $0[1])] },
        ]

        private static let reductions = [
            one("sum") { $0.sum() }, one("sum") { $0.sum(alongAxis: 0) }, one("sum") { $0.sum(alongAxes: [0, 1]) },
            one("mean") { $0.mean() }, one("mean") { $0.mean(alongAxis: 1) }, one("mean") { $0.mean(alongAxes: [0, 1]) },
            one("max") { $0.max() }, one("max") { $0.max(alongAxis: 1) }, one("max") { $0.max(alongAxes: [0]) },
            one("min") { $0.min() }, one("min") { $0.min(alongAxis: 1) }, one("min") { $0.min(alongAxes: [0]) },
            one("argmax") { $0.argmax() }, one("argmin") { $0.argmin(alongAxis: 0) },
            one("logSumExp") { $0.logSumExp() }, one("logSumExp") { $0.logSumExp(alongAxes: [0, 1]) },
            one("norm") { $0.norm() }, one("norm") { $0.norm(alongAxes: [0, 1]) }, one("l1Norm") { $0.l1Norm() },
            one("normalized") { $0.normalized() }, one("softmax") { $0.softmax() }, one("logSoftmax") { $0.logSoftmax() },
            one("reversedCumulativeLogSumExp", [5]) { $0.reversedCumulativeLogSumExp() },
            DTypeCase(name: "sorted", operands: [.number(m)]) {
                let y = $0[0].sorted(); return [y.values, y.indices]
            },
            DTypeCase(name: "topK", operands: [.number(m)]) {
                let y = $0[0].topK(2); return [y.values, y.indices]
            },
        ]

        private static let structure = [
            one("reshaped") { $0.reshaped([2, -1]) }, one("transposed") { $0.transposed() },
            one("permuted", [2, 3, 2]) { $0.permuted(axes: [2, 0, 1]) }, one("sliced") { $0.sliced(1..<3, alongAxis: 1) },
            one("subscript") { $0[1] }, one("diagonal", [3, 3]) { $0.diagonal() }, one("taking", [5]) { $0.taking([4, 0, 0]) },
            DTypeCase(name: "split", operands: [.number(m)]) { $0[0].split(lengths: [1, 3], alongAxis: 1) },
            two("concatenating") { .concatenating([$0, $1], alongAxis: 1) }, two("stacking") { .stacking([$0, $1]) },
        ]

        private static let rowsAndSegments = [
            DTypeCase(name: "gatheringRows", operands: [.number(m), .index([5])]) { [$0[0].gatheringRows(at: $0[1])] },
            DTypeCase(name: "gatheringRows", operands: [.number([3, 1]), .index([5])]) { [$0[0].gatheringRows(at: $0[1])] },
            DTypeCase(name: "scatterAddingRows", operands: [.number(m), .index([3])]) {
                [$0[0].scatterAddingRows(at: $0[1], rowCount: 2)]
            },
            DTypeCase(name: "takingAlongLastAxis", operands: [.number(m), .index([3, 2])]) { [$0[0].takingAlongLastAxis($0[1])] },
            DTypeCase(name: "scatterAddingAlongLastAxis", operands: [.number(m), .index(m)]) {
                [$0[0].scatterAddingAlongLastAxis(at: $0[1], length: 3)]
            },
            DTypeCase(name: "segmentSums", operands: [.number(m), .index([3])]) {
                [$0[0].segmentSums(ofRowsAt: $0[1], offsets: Offsets([0, 2, 3]))]
            },
            one("segmentSum") { $0.segmentSum(offsets) }, one("segmentMean") { $0.segmentMean(offsets) },
            one("segmentMax") { $0.segmentMax(offsets) }, one("segmentFirst") { $0.segmentFirst(offsets) },
            one("segmentLast") { $0.segmentLast(offsets) }, one("segmentSoftmax") { $0.segmentSoftmax(offsets) },
            one("repeatingRows", [2, 4]) { $0.repeatingRows(offsets) },
            DTypeCase(name: "RowSparseTensor", operands: [.index([3]), .number(m)]) {
                [RowSparseTensor(indices: $0[0], values: $0[1], rowCount: 2).dense]
            },
        ]

        private static let similarities = [
            two("cosineSimilarity") { cosineSimilarity($0, $1) }, two("pairwiseCosineSimilarity") { pairwiseCosineSimilarity($0, $1) },
            two("dotProduct") { dotProduct($0, $1) }, two("pairwiseDotProduct") { pairwiseDotProduct($0, $1) },
            two("euclideanDistance") { euclideanDistance($0, $1) }, two("manhattanDistance") { manhattanDistance($0, $1) },
            two("pairwiseEuclideanDistance") { pairwiseEuclideanDistance($0, $1) },
            two("pairwiseManhattanDistance") { pairwiseManhattanDistance($0, $1) },
        ]

        private static let others = [
            two("matmul", m, [4, 2]) { $0.matmul($1) }, two("matmul", [2, 3, 4], [5, 4]) { $0.matmul($1, transposingB: true) },
            two("linear", m, [2, 4]) { $0.linear(weight: $1) },
            DTypeCase(name: "linear", operands: [.number(m), .number([2, 4]), .number([2])]) {
                [$0[0].linear(weight: $0[1], bias: $0[2])]
            },
            DTypeCase(name: "layerNorm", operands: [.number(m), .number([4]), .number([4])]) {
                [$0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5)]
            },
            DTypeCase(name: "crossEntropy", operands: [.number(m), .index([3])]) { [$0[0].crossEntropy(targets: $0[1])] },
            one("dropout") { $0.dropout(mask, at: rows) },
            DTypeCase(name: "raggedAttention", operands: [.number(m), .number(m), .number(m)]) {
                [.raggedAttention(queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 2)]
            },
            DTypeCase(name: "applyAdamW", operands: [.number(m), .number(m), .number(m), .number(m)]) {
                var (p, first, second, live) = ($0[0], $0[1], $0[2], [Bool]())
                p.applyAdamW(
                    gradient: .dense($0[3]), gradientScale: 1, firstMoment: &first, secondMoment: &second, liveRows: &live,
                    learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, step: 1)
                return [p, first, second]
            },
            one("valueAndGradients") { gradient(at: $0) { $0.sum() } },
            one("float16Bits") { Tensor(float16Bits: $0.float16Bits, shape: $0.shape) },
            one("bfloat16Bits") { Tensor(bfloat16Bits: $0.bfloat16Bits, shape: $0.shape) },
        ]
    }
#endif
