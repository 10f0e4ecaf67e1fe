import JSON

/// A loss as files and commands write it: a name, and options by the reference's names.
public struct LossSpecification: Sendable, Equatable {
    /// The loss's name.
    public var name: String
    /// Its options by their keys.
    public var options: JSONObject

    /// Without those of the reference that change nothing here: training runs in one process, with one progress bar.
    package var effectiveOptions: JSONObject {
        var options = options
        for key in ["gather_across_devices", "show_progress_bar"] { options[key] = nil }
        return options
    }

    /// A loss by name and options.
    public init(_ name: String, options: JSONObject = JSONObject()) {
        self.name = name
        self.options = options
    }

    /// From `"NAME"`, or from `{"name": "NAME", …}` with its options.
    ///
    /// - Throws: ``LossInputError`` for anything else.
    public init(_ value: JSONValue) throws {
        switch value {
        case .string(let name):
            self.init(name)
        case .object(var object):
            guard case .string(let name)? = object["name"] else {
                throw LossInputError(
                    "a loss with options is written {\"name\": \"CoSENTLoss\", \"scale\": 20}; "
                        + "there is no name in \(value.serialized(.compact))")
            }
            object["name"] = nil
            self.init(name, options: object)
        default:
            throw LossInputError(
                "a loss is written as its name, or as an object with a name and options, "
                    + "not as \(value.serialized(.compact))")
        }
    }
}
