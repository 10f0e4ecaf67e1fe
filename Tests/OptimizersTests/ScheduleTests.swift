import Foundation
import JSON
import Options
import Optimizers
import Testing

struct ScheduleTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let schedule: String
        let steps, warmup: Int
        let factors: [Double]
        var testDescription: String { "\(schedule), \(steps) steps, warm-up \(warmup)" }
    }

    static func data(_ name: String) throws -> Data { try Data(contentsOf: OptimizerTests.folder.appendingPathComponent(name)) }
    static let cases = try! JSONDecoder().decode([Case].self, from: data("schedules.json"))

    @Test(arguments: cases) func factorsEqualTheReference(_ c: Case) throws {
        let type = try #require(SchedulerType(rawValue: c.schedule))
        let schedule = try type.schedule(warmupSteps: c.warmup, totalSteps: c.steps)
        for (step, factor) in c.factors.enumerated() { #expect(abs(schedule.factor(step) - factor) < 1e-14, "step \(step)") }
    }

    private static func objects(_ name: String) throws -> [JSONObject] {
        guard case .array(let values) = try JSONValue.parse(Array(data(name))) else { return [] }
        return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    private static func options(_ c: JSONObject) -> JSONObject { if case .object(let options)? = c["options"] { options } else { [:] } }

    /// Base rate 0.5: options that are rates become factors.
    @Test func optionsAreTheReferences() throws {
        let cases = try Self.objects("schedule_options.json")
        #expect(cases.count == 42)
        for c in cases {
            let type = try #require(SchedulerType(text: String(json: c["schedule"]!)!))
            let schedule = try type.schedule(
                warmupSteps: Int(json: c["warmup"]!)!, totalSteps: Int(json: c["steps"]!)!, learningRate: 0.5, options: Self.options(c))
            for (step, factor) in [Double](json: c["factors"]!)!.enumerated() {
                #expect(abs(schedule.factor(step) - factor) < 1e-14, "\(type) \(Self.options(c)) step \(step)")
            }
        }
        let all = Self.cases.map(\.schedule) + cases.compactMap { String(json: $0["schedule"]!) } + ["reduce_lr_on_plateau", "greedy"]
        #expect(Set(all) == Set(SchedulerType.allCases.map(\.rawValue)))
    }

    /// The figures of the specification: ten updates, two of them warm-up, base rate 1.
    @Test(arguments: [
        ("cosine_with_restarts", "{\"num_cycles\": 2}", [0, 0.5, 1, 0.85355, 0.5, 0.14645, 1, 0.85355, 0.5, 0.14645]),
        ("inverse_sqrt", "{}", [0, 0.5, 1, 0.8165, 0.70711, 0.63246, 0.57735, 0.53452, 0.5, 0.4714]),
        ("cosine_warmup_with_min_lr", "{\"min_lr_rate\": 0.1}", [0.5, 1, 0.96575, 0.8682, 0.72221, 0.55, 0.37779, 0.2318, 0.13425, 0.1]),
        ("warmup_stable_decay", "{\"num_decay_steps\": 4, \"min_lr_ratio\": 0.1}", [0.1, 0.55, 1, 1, 1, 1, 1, 0.8682, 0.55, 0.2318]),
    ]) func goldenFigures(_ name: String, _ options: String, _ expected: [Double]) throws {
        guard case .object(let options) = try JSONValue.parse(Array(options.utf8)) else { return }
        let schedule = try #require(SchedulerType(rawValue: name)).schedule(warmupSteps: 2, totalSteps: 10, options: options)
        for (step, factor) in expected.enumerated() { #expect(abs(schedule.factor(step) - factor) < 6e-6, "step \(step)") }
    }

    /// Also by one that is saved and taken up again after every figure.
    @Test func evaluationsMoveRatesAsTheReferenceDoes() throws {
        let cases = try Self.objects("metric_schedules.json")
        #expect(cases.count == 6)
        for c in cases {
            let type = try #require(SchedulerType(text: String(json: c["schedule"]!)!))
            let fresh = try #require(try type.metricSchedule(options: Self.options(c)))
            var schedule = fresh
            schedule.start([Double](json: c["start"]!)!)
            let rates = [[Double]](json: c["rates"]!)!
            for (step, figure) in [Double](json: c["figures"]!)!.enumerated() {
                schedule.step(figure)
                for (found, expected) in zip(schedule.rates, rates[step]) {
                    #expect((found - expected).magnitude < 1e-15, "\(type) step \(step)")
                }
                let state = try JSONValue.parse(Array(JSONValue.object(schedule.state).serialized(.compact).utf8))
                guard case .object(let object) = state else { continue }
                schedule = fresh
                schedule.start([1, 2])
                let isRestored = schedule.restore(object)
                #expect(isRestored)
            }
            var other = fresh
            other.start([1])
            let areRefused = !other.restore(schedule.state) && !other.restore([:])
            #expect(areRefused)
        }
    }

    static let refusals: [(SchedulerType, JSONObject, String)] = [
        (.linear, JSONObject(members: [("power", 2)]), "lr_scheduler_kwargs of linear has no option power; it has none"),
        (.polynomial, ["lr_end": 0.5], "lr_end must be smaller than the learning rate 0.5, not 0.5"),
        (.polynomial, ["powr": 2], "did you mean power?"),
        (.cosineWithMinLR, [:], "exactly one of min_lr and min_lr_rate has to be given"),
        (.cosineWithMinLR, ["min_lr": 0.1, "min_lr_rate": 0.1], "exactly one of min_lr and min_lr_rate has to be given"),
        (.cosineWithRestarts, ["num_cycles": 1.5], "num_cycles must be a whole number, 1 or more, not 1.5"),
        (.warmupStableDecay, [:], "num_decay_steps has to be given"),
        (
            .warmupStableDecay, ["num_decay_steps": 1, "decay_type": "steep"],
            "decay_type must be one of linear, cosine, 1-sqrt, not \"steep\""
        ),
        (.reduceOnPlateau, ["factor": 1], "factor must be more than 0 and below 1, not 1"),
        (.greedy, ["mode": "least"], "mode must be one of min, max, not \"least\""),
    ]

    @Test(arguments: refusals.indices) func whatCannotBeIsNamed(_ number: Int) {
        let (type, options, words) = Self.refusals[number]
        let error = #expect(throws: OptionError.self) {
            _ = try type.schedule(warmupSteps: 1, totalSteps: 9, learningRate: 0.5, options: options)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
