#if canImport(Runtime)
    import Runtime
#endif

/// The functions that are running, turned into names and lines only when somebody asks.
///
/// Needs the standard library's `Runtime` module (Swift 6.2); before that, anomalies are named without a line.
///
/// A class, so that a tape's entry carries no more than a reference.
final class CallStack: Sendable {
    #if canImport(Runtime)
        private let backtrace: Backtrace

        private init(_ backtrace: Backtrace) { self.backtrace = backtrace }

        static func capture() -> CallStack? {
            // No closure of another module around it: that would be the first caller.
            guard let images, let backtrace = try? Backtrace.capture(limit: 48, images: images) else { return nil }
            return CallStack(backtrace)
        }

        /// The program and its libraries, looked up once.
        #if os(Linux)
            private static let images = LoadedImages().map
        #else
            private static let images: ImageMap? = .capture()
        #endif

        /// Whether a frame is this module's or the standard library's, whose generic functions stand between it and its caller.
        static func isLibrary(symbol: String, path: String?) -> Bool {
            if symbol.hasPrefix("$s8Autodiff") || path?.contains("Sources/Autodiff/") == true { return true }
            if path?.contains("/stdlib/") == true { return true }
            // Names of the standard library and its types; an extension of these elsewhere has a file.
            let hasNoFile = path.map { $0.isEmpty || $0 == "<compiler-generated>" } ?? true
            return hasNoFile && (symbol.hasPrefix("$ss") || symbol.hasPrefix("$sS"))
        }

        /// The innermost function outside of this module, as `function (file:line)`.
        var firstCallerOutsideLibrary: String? {
            for frame in backtrace.symbolicated(with: Self.images)?.frames ?? [] {
                guard let symbol = frame.symbol, !Self.isLibrary(symbol: symbol.rawName, path: symbol.sourceLocation?.path) else {
                    continue
                }
                let name = symbol.name
                guard let source = symbol.sourceLocation, source.line > 0 else { return name }
                let file = source.path.split(separator: "/").last.map(String.init) ?? source.path
                return "\(name) (\(file):\(source.line))"
            }
            return nil
        }
    #else
        static func capture() -> CallStack? { nil }
        var firstCallerOutsideLibrary: String? { nil }
    #endif
}
