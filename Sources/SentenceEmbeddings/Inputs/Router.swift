import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements
import Tokenizers

/// Several pipelines side by side, one of which each text takes, by what it is for: a small one for queries, say, and a large one for
/// documents.
///
/// ```swift
/// let model = SentenceTransformer(Router(query: [fast], document: [transformer, pooling]))
/// let queries = model.encodeQuery(["What is tea?"])            // by the route "query"
/// let documents = model.encodeDocument(["Tea is a drink."])    // by the route "document"
/// ```
///
/// In training `router_mapping` says what each column is for.
public struct Router: InputModule {
    /// A pipeline and its name.
    public struct Route: Sendable {
        /// The name by which it is chosen.
        public let name: String
        /// What a text passes through.
        public fileprivate(set) var modules: [any EmbeddingModule]
    }

    /// The routes, in their order.
    public private(set) var routes: [Route]
    /// Where a text goes of which nothing is said; nil: such a text is refused.
    public let defaultRoute: String?
    private let mappings: RouteMappings
    private let allowsEmptyKey: Bool

    public static var typeName: String { ModuleKind.router.typeName(.version6) }

    /// Routes by the names of tasks.
    ///
    /// - Parameters:
    ///   - routes: The modules of each. A module may stand in several of them.
    ///   - defaultRoute: Where a text goes of which nothing is said; nil: the first one.
    /// - Precondition: There is a route, and that of the default; the modules of each fit one another; all routes begin with an
    ///   ``InputModule`` if the router is a pipeline's first module.
    public init(_ routes: KeyValuePairs<String, [any EmbeddingModule]>, defaultRoute: String? = nil) {
        self.init(
            routes.map { Route(name: $0, modules: $1) }, defaultRoute: defaultRoute, allowsEmptyKey: true, mappings: RouteMappings())
        if let problem { refuse("Router: \(problem)") }
    }

    /// A route for queries and one for documents, where texts go of which nothing is said.
    public init(query: [any EmbeddingModule], document: [any EmbeddingModule]) {
        self.init(["query": query, "document": document], defaultRoute: "document")
    }

    private init(_ routes: [Route], defaultRoute: String?, allowsEmptyKey: Bool, mappings: RouteMappings) {
        self.routes = routes
        self.defaultRoute = defaultRoute ?? (allowsEmptyKey ? routes.first?.name : nil)
        self.allowsEmptyKey = allowsEmptyKey
        self.mappings = mappings
    }

    /// What is wrong with the routes' names; nil: nothing.
    private var problem: String? {
        let names = routes.map(\.name), known = names.joined(separator: ", ")
        if routes.contains(where: \.modules.isEmpty) || routes.isEmpty { return "every route needs a module" }
        if Set(names).count < names.count { return "two routes have the same name: \(known)" }
        if let defaultRoute, !names.contains(defaultRoute) {
            return "there is no route \(defaultRoute) to be the default; there are \(known)"
        }
        if let route = mappings.routes.first(where: { !names.contains($0) }) {
            return "there is no route \(route), to which texts are mapped; there are \(known)"
        }
        return nil
    }

    // MARK: Choosing

    /// The route that a text for a task takes; nil where there is none for it.
    public func route(for task: String?) -> Route? {
        func named(_ name: String?) -> Route? { name.flatMap { name in routes.first { $0.name == name } } }
        if let mapped = mappings.route(for: task) { return named(mapped) }
        return named(task) ?? named(RouteMappings.modality) ?? (task == nil ? named(defaultRoute) : nil)
    }

    private func requiredRoute(for task: String?) -> Route {
        guard let route = route(for: task) else {
            refuse("Router: there is no route for \(task.map { "the task \($0)" } ?? "texts without a task"); there are \(summary)")
        }
        return route
    }

    private func requiredInput(for task: String?) -> any InputModule {
        let route = requiredRoute(for: task)
        guard let input = route.modules[0] as? any InputModule else {
            refuse("Router: the route \(route.name) begins with \(route.modules[0].className), which reads no texts")
        }
        return input
    }

    public func tokenizer(for task: String?) -> any Tokenizer { requiredInput(for: task).tokenizer(for: task) }
    public func tokenize(_ text: String, for task: String?) -> [Int32] { requiredInput(for: task).tokenize(text, for: task) }

    /// The longest input of any route; setting it sets that of every route.
    public var maximumSequenceLength: Int {
        get { routes.compactMap { ($0.modules[0] as? any InputModule)?.maximumSequenceLength }.max() ?? .max }
        set {
            for index in routes.indices {
                guard var input = routes[index].modules[0] as? any InputModule else { continue }
                input.maximumSequenceLength = newValue
                routes[index].modules[0] = input
            }
        }
    }

    public func training(_ settings: EncoderTraining) -> Router? {
        var router = self
        for index in routes.indices {
            guard let input = routes[index].modules[0] as? any InputModule else { continue }
            guard let trained = input.training(settings) else { return nil }
            router.routes[index].modules[0] = trained
        }
        return router
    }

    // MARK: Computing

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        let names = (0..<features.batch.count).map { requiredRoute(for: features.batch.tasks?[$0]).name }
        let taken = zip(routes, context.branches(routes.count)).compactMap { route, context in
            let numbers = names.indices.filter { names[$0] == route.name }
            return numbers.isEmpty ? nil : (route: route, context: context, numbers: numbers)
        }
        func passed(_ features: Features, by route: Route, in context: Context) -> Features {
            var features = features
            features.keepsHiddenStates = features.keepsHiddenStates || route.modules.contains(where: \.needsHiddenStates)
            return features.passed(through: route.modules, in: context)
        }
        if taken.count == 1 { return passed(features, by: taken[0].route, in: taken[0].context) }
        return Features(
            joining: taken.map { ($0.numbers, passed(features.sequences($0.numbers), by: $0.route, in: $0.context)) }, of: features.batch)
    }

    public func outputDimension(of inputDimension: Int?) -> Int? { common { $0.widths(after: (nil, inputDimension)).widths.sentence } }
    public func tokenDimension(of inputDimension: Int?) -> Int? { common { $0.widths(after: (inputDimension, nil)).widths.token } }

    /// What is the same for all routes; nil where they differ.
    private func common(_ width: ([any EmbeddingModule]) -> Int?) -> Int? {
        let widths = routes.map { width($0.modules) }
        return widths.allSatisfy { $0 == widths[0] } ? widths[0] : nil
    }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? {
        var made: [(name: String, token: Int?, sentence: Int?)] = []
        for route in routes {
            let (widths, mismatch) = route.modules.widths(after: (tokenWidth, sentenceWidth))
            if let (position, problem) = mismatch { return "route \(route.name), module \(position): \(problem)" }
            made.append((route.name, widths.token, widths.sentence))
        }
        guard made.allSatisfy({ $0.sentence == made[0].sentence && ($0.sentence != nil || $0.token == made[0].token) }) else {
            return "its routes make embeddings of different widths: "
                + made.map { "\($0.name) \(($0.sentence ?? $0.token).map(String.init) ?? "none")" }.joined(separator: ", ")
        }
        return nil
    }

    public var needsHiddenStates: Bool { routes.contains { $0.modules.contains(where: \.needsHiddenStates) } }

    public var summary: String {
        routes.map { "\($0.name): \($0.modules.map(\.className).joined(separator: ", "))" }.joined(separator: "; ")
    }

    // MARK: Modules as a whole

    public var parts: [NamedPart] {
        routes.flatMap { route in
            route.modules.enumerated().flatMap { $1.parts.named(under: "sub_modules.\(route.name).\($0)") }
        }
    }

    public var moduleTypes: [any EmbeddingModule.Type] { [Router.self] + routes.flatMap { $0.modules.flatMap(\.moduleTypes) } }

    /// Every module once, under the name of its folder, and each route's list of these names. Modules of the same parameters are one.
    private func structure() -> (modules: [(id: String, module: any EmbeddingModule)], routes: [(name: String, ids: [String])]) {
        var (modules, names) = ([(id: String, module: any EmbeddingModule)](), [[ObjectIdentifier]: String]())
        let lists = routes.map { route in
            let ids = route.modules.enumerated().map { position, module in
                let parameters = module.parameters.map { ObjectIdentifier($0) }
                if let known = names[parameters] { return known }
                let id = "\(route.name)_\(position)_\(module.className)"
                if !parameters.isEmpty { names[parameters] = id }
                modules.append((id, module))
                return id
            }
            return (route.name, ids)
        }
        return (modules, lists)
    }

    /// The router of modules in place of those of ``structure()``.
    private func with(_ modules: [String: any EmbeddingModule], _ lists: [(name: String, ids: [String])]) -> Router {
        Router(
            lists.map { list in Route(name: list.name, modules: list.ids.map { modules[$0]! }) }, defaultRoute: defaultRoute,
            allowsEmptyKey: allowsEmptyKey, mappings: mappings)
    }

    public func copied() -> Router {
        let (modules, lists) = structure()
        return with(Dictionary(uniqueKeysWithValues: modules.map { ($0.id, $0.module.copied()) }), lists)
    }

    // MARK: Files

    private static let (fileName, oldFileName) = ("router_config.json", "config.json")

    /// - Throws: `ModelFileError` or `TokenizerError` with file and place.
    public init(folder: URL) throws { try self.init(folder: folder, among: ModuleCatalog.modules) }

    public init(folder: URL, among types: [any EmbeddingModule.Type]) throws {
        let hasNewFile = FileManager.default.fileExists(atPath: folder.appendingPathComponent(Self.fileName).path)
        var fields = try JSONFields(configurationIn: folder, named: hasNewFile ? Self.fileName : Self.oldFileName)
        let classes = try fields.required("types", try fields.stringMap("types"), "an object of modules and their classes")
        var modules: [String: any EmbeddingModule] = [:]
        for (id, name) in classes.sorted(by: { $0.key < $1.key }) {
            if let problem = ModelDirectory.problem(ofPath: id, in: folder) { throw fields.error("types", "\(quoted(id)) \(problem)") }
            let place = folder.appendingPathComponent(id, isDirectory: true)
            guard let module = try ModuleCatalog.open(name, in: place, among: types) else {
                throw fields.error("types.\(id)", ModuleCatalog.unknown(name, among: types), kind: .unsupported)
            }
            modules[id] = module
        }
        let lists = try fields.required("structure", try fields.object("structure"), "an object of routes and their modules")
        let routes = try lists.members.map { name, list in
            guard case .array(let ids) = list else { throw fields.error("structure.\(name)", "is \(list.kindName), not a list of modules") }
            return Route(
                name: name,
                modules: try ids.map { id in
                    guard let module = String(json: id).flatMap({ modules[$0] }) else {
                        throw fields.error("structure.\(name)", "\(id.serialized(.compact)) is none of the modules of types")
                    }
                    return module
                })
        }
        var parameters = JSONFields(try fields.object("parameters") ?? JSONObject(), file: fields.file, place: "parameters")
        self.init(
            routes, defaultRoute: try parameters.string("default_route"), allowsEmptyKey: try parameters.bool("allow_empty_key") ?? true,
            mappings: try RouteMappings(try parameters.stringMap("route_mappings") ?? [:]) { parameters.error("route_mappings", $0) })
        if let problem { throw fields.error("structure", problem) }
    }

    public func save(to folder: URL) throws {
        let (modules, lists) = structure()
        for (id, module) in modules {
            let place = folder.appendingPathComponent(id, isDirectory: true)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try module.save(to: place)
        }
        let object: JSONObject = [
            "types": .object(JSONObject(members: modules.map { ($0.id, .string(type(of: $0.module).typeName)) })),
            "structure": .object(JSONObject(members: lists.map { ($0.name, .array($0.ids.map { .string($0) })) })),
            "parameters": [
                "default_route": defaultRoute.map { .string($0) } ?? .null, "allow_empty_key": .bool(allowsEmptyKey),
                "route_mappings": .object(mappings.json),
            ],
        ]
        try object.writeConfiguration(in: folder, named: Self.fileName)
    }
}
