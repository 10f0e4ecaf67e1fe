import Foundation
import Optimizers
import Testing

struct ScheduleTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let schedule: String
        let steps, warmup: Int
        let factors: [Double]
        var testDescription: String { "\(schedule), \(steps) steps, warm-up \(warmup)" }
    }

    static let cases = try! JSONDecoder().decode(
        [Case].self, from: Data(contentsOf: OptimizerTests.folder.appendingPathComponent("schedules.json")))

    @Test(arguments: cases) func factorsEqualTheReference(_ c: Case) throws {
        let type = try #require(SchedulerType(rawValue: c.schedule))
        let schedule = type.schedule(warmupSteps: c.warmup, totalSteps: c.steps)
        for (step, factor) in c.factors.enumerated() { #expect(abs(schedule.factor(step) - factor) < 1e-14, "step \(step)") }
    }

    @Test func everyScheduleHasACase() {
        #expect(Set(Self.cases.map(\.schedule)) == Set(SchedulerType.allCases.map(\.rawValue)))
    }
}
