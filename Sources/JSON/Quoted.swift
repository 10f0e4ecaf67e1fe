/// A name from a file, quoted for a message: control characters are escaped and long names cut, since a
/// broken file may hold anything.
public func quoted(_ text: String) -> String {
    text.count <= 80 ? text.debugDescription : String(text.prefix(77)).debugDescription + "…"
}
