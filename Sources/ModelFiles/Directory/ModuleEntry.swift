import JSON

/// One entry of `modules.json`: a module and the folder that it lives in.
public struct ModuleEntry: Sendable, Equatable {
    /// The position in the pipeline.
    public var index: Int
    /// The module's name, usually its number.
    public var name: String
    /// Relative to the model directory; empty for the directory itself.
    public var path: String
    /// The dotted name of the module's class.
    public var type: String
    /// The names of extra arguments of `encode` that are handed to this module.
    public var argumentNames: [String]?
    /// Keys of the entry that this library does not use; they are written back.
    public var unknownKeys = JSONObject()

    /// Nil for a class that is not known here.
    public var kind: ModuleKind? { ModuleKind(type: type) }

    /// An entry; its name is its number where it is left out.
    public init(
        index: Int, name: String? = nil, path: String, type: String, argumentNames: [String]? = nil
    ) {
        self.index = index
        self.name = name ?? String(index)
        self.path = path
        self.type = type
        self.argumentNames = argumentNames
    }

    /// An entry in the usual folder: most first modules in the directory itself, others in `1_Pooling` etc.
    public init(index: Int, type: String) {
        let rooted: [ModuleKind] = [.transformer, .clipModel, .staticEmbedding, .wordEmbeddings, .router]
        let livesInRoot = index == 0 && ModuleKind(type: type).map(rooted.contains) == true
        self.init(index: index, path: livesInRoot ? "" : "\(index)_\(Self.className(ofType: type))", type: type)
    }

    /// An entry of one of the original's modules.
    public init(index: Int, kind: ModuleKind, style: ModelFileStyle = .version6) {
        self.init(index: index, type: kind.typeName(style))
    }

    /// The last component of a dotted name.
    public static func className(ofType type: String) -> String {
        type.split(separator: ".").last.map(String.init) ?? type
    }

    init(from fields: inout JSONFields) throws {
        index = try fields.requiredInteger("idx", in: 0...Int(Int32.max))
        name = try fields.requiredString("name")
        path = try fields.requiredString("path")
        type = try fields.requiredString("type")
        argumentNames = try fields.strings("kwargs")
        unknownKeys = fields.rest
        if let problem = Self.problem(ofPath: path) { throw fields.error("path", "\(quoted(path)) \(problem)") }
    }

    /// Why no path may be like this; nil if it may.
    static func problem(ofPath path: String) -> String? {
        if path.hasPrefix("/") { return "is absolute; a path relative to the model directory was expected" }
        if path.utf8.contains(0) { return "holds a NUL character" }
        if path.split(separator: "/").contains("..") { return "leads upward by \"..\", which is not allowed" }
        return nil
    }

    var json: JSONObject {
        var object: JSONObject = [
            "idx": .integer(index), "name": .string(name), "path": .string(path), "type": .string(type),
        ]
        if let argumentNames { object["kwargs"] = .array(argumentNames.map { .string($0) }) }
        object.fill(from: unknownKeys)
        return object
    }
}
