import JSON
import Options

/// When something is done during training.
public enum IntervalStrategy: String, CaseIterable, OptionChoice {
    /// Never, every so many steps, or after each epoch.
    case no, steps, epoch
    /// Of saving alone: whenever an evaluation was the best so far.
    case best
}

/// Where `resume_from_checkpoint` goes on.
public enum ResumePoint: OptionValue, Equatable {
    /// The newest checkpoint that is whole.
    case newest
    /// A checkpoint's folder.
    case path(String)

    public static var kind: String { "a path, or true" }

    public init?(json: JSONValue) {
        switch json {
        case .bool(true): self = .newest
        case .string(let text): self.init(text: text)
        default: return nil
        }
    }

    public init?(text: String) {
        guard !text.isEmpty, text != "false" else { return nil }
        self = text == "true" ? .newest : .path(text)
    }

    public var json: JSONValue { if case .path(let path) = self { .string(path) } else { .bool(true) } }
}

/// A text that is used, but never shown or written: its JSON is null.
public struct Secret: OptionValue, Equatable, CustomStringConvertible, CustomReflectable {
    /// The text itself.
    public let value: String

    /// A secret of a text.
    public init(_ value: String) { self.value = value }
    public static var kind: String { "a text" }
    public init?(json: JSONValue) {
        guard let text = String(json: json) else { return nil }
        self.init(text)
    }
    public init?(text: String) { self.init(text) }
    public var json: JSONValue { .null }
    public var text: String { "none" }
    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What `report_to` may name: the integrations of the field. `all` and `none` stand for every one and for none.
public struct Integrations: OptionValue, Equatable, ExpressibleByArrayLiteral {
    /// Those that the field knows.
    public static let known = [
        "azure_ml", "clearml", "codecarbon", "comet_ml", "dagshub", "dvclive", "flyte", "kubeflow", "mlflow", "neptune", "swanlab",
        "tensorboard", "trackio", "wandb",
    ]

    /// In the order in which they were named; `all` where all are asked for.
    public let names: [String]

    /// Whether an integration was asked for by its name, or with all others.
    public func contains(_ name: String) -> Bool { names.contains(name) || names == ["all"] }

    public init(arrayLiteral elements: String...) { names = elements }
    public static var kind: String { "all, none, or some of \(known.joined(separator: ", "))" }

    public init?(json: JSONValue) {
        switch json {
        case .null: self.init([])
        case .string(let text): self.init(text: text)
        case .array(let values):
            let names = values.compactMap { String(json: $0) }
            guard names.count == values.count else { return nil }
            self.init(names)
        default: return nil
        }
    }

    public init?(text: String) {
        if text.first == "[" {
            guard let json = try? JSONValue.parse(Array(text.utf8)) else { return nil }
            self.init(json: json)
        } else {
            self.init(text.split(separator: ",").map { String($0.filter { $0 != " " }) })
        }
    }

    private init?(_ names: [String]) {
        let names = names == ["none"] ? [] : names
        guard names == ["all"] || names.allSatisfy(Self.known.contains) else { return nil }
        self.names = names
    }

    public var json: JSONValue { names.isEmpty ? .string("none") : names == ["all"] ? .string("all") : names.json }
    public var text: String { names.isEmpty ? "none" : names.joined(separator: ",") }
}

/// When `push_to_hub` sends what.
public enum HubStrategy: String, CaseIterable, OptionChoice {
    /// Only the model at the end.
    case end
    /// The model at each save.
    case everySave = "every_save"
    /// The same, and the newest checkpoint as `last-checkpoint`.
    case checkpoint
    /// All checkpoints.
    case allCheckpoints = "all_checkpoints"
}

/// How much is said on standard error.
public enum LogLevel: String, CaseIterable, OptionChoice {
    /// From much to little; `passive`: as it is.
    case debug, info, warning, error, critical, passive
}
