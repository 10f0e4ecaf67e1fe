import Dispatch
import Foundation
import Synchronization
import Tapestry

/// Turns the first Ctrl-C into a stop after the current step, so that what is trained can be saved. The second ends
/// the program.
final class Interruption: TrainerCallback {
    private final class Flag: Sendable {
        let isRaised = Atomic(false)
    }

    private let flag = Flag()
    private var source: (any DispatchSourceSignal)?

    /// Whether somebody asked training to stop.
    var wasAsked: Bool { flag.isRaised.load(ordering: .relaxed) }

    func begin() {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: DispatchQueue(label: "Interruption"))
        source.setEventHandler { [flag] in
            if flag.isRaised.exchange(true, ordering: .relaxed) { Foundation.exit(130) }
            Console.writeToStandardError("\nStopping after this step; once more to stop at once.\n")
        }
        source.resume()
        self.source = source
    }

    func end() {
        source?.cancel()
        source = nil
        signal(SIGINT, SIG_DFL)
    }

    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        if wasAsked { control.shouldTrainingStop = true }
    }
}
