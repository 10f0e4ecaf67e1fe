import CKernels
import Requirements

/// How work is spread over the processor's cores.
public enum Parallel {
    /// Threads that kernels are split over, 1 or more. Results do not depend on it, bit for bit.
    /// Not to be changed while a computation runs.
    public static var threadCount: Int {
        get { Int(tap_thread_count()) }
        set {
            require(newValue >= 1, "Parallel.threadCount: \(newValue) threads cannot work")
            tap_set_thread_count(Int64(newValue))
        }
    }

    /// Runs `body` on the calling thread alone: its parallel loops do not spread, and leave the other threads to whoever
    /// computes beside it. For work in the background, such as preparing the next batch.
    public static func inline<R>(_ body: () throws -> R) rethrows -> R {
        let thread = tap_current_thread()!
        thread.pointee.serial_depth += 1
        defer { thread.pointee.serial_depth -= 1 }
        return try body()
    }

    /// Calls `body` with ranges that make up `0..<count`, at the same time where that pays.
    ///
    /// - Parameter grain: The least worth a thread's while; ranges are multiples of 64 long but for the last.
    static func forRanges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        guard count > grain else {
            if count > 0 { body(0..<count) }
            return
        }
        let chunks = min(threadCount, (count + grain - 1) / grain)
        guard chunks > 1 else { return body(0..<count) }
        let unit = 64
        let length = ((count + chunks - 1) / chunks + unit - 1) / unit * unit
        forEach((count + length - 1) / length) { chunk in
            body(chunk * length..<min(count, (chunk + 1) * length))
        }
    }

    /// Calls `body` for each index in `0..<count`, spread over the threads.
    static func forEach(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var job = Job(body: body)
            withUnsafeMutablePointer(to: &job) { job in
                tap_parallel_for(
                    Int64(count),
                    { context, index in
                        context!.assumingMemoryBound(to: Job.self).pointee.body(Int(index))
                    }, job)
            }
        }
    }

    /// The results of `transform` for every element, in order; computed at the same time where there are many.
    public static func map<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ transform: @Sendable (Element) -> Result
    ) -> [Result] {
        let chunk = 16
        guard elements.count > chunk else { return elements.map(transform) }
        let pieces = Locked([[Result]](repeating: [], count: (elements.count + chunk - 1) / chunk))
        forEach((elements.count + chunk - 1) / chunk) { piece in
            let part = elements[piece * chunk..<min(elements.count, (piece + 1) * chunk)].map(transform)
            pieces.withLock { $0[piece] = part }
        }
        return pieces.withLock { $0.flatMap { $0 } }
    }

    private struct Job { let body: (Int) -> Void }
}
