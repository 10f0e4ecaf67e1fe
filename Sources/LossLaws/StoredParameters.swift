import Autodiff
import Layers

/// All parameters that are stored somewhere in a value, declared or not, each once, by the path to them.
func storedParameters(of subject: Any) -> [NamedParameter] {
    var found: [NamedParameter] = []
    var seen = Set<ObjectIdentifier>()

    func search(_ value: Any, _ path: String, depth: Int) {
        if let parameter = value as? Parameter {
            if seen.insert(ObjectIdentifier(parameter)).inserted { found.append(NamedParameter(name: path, parameter: parameter)) }
            return
        }
        if let layer = value as? Linear { return search(layer.implementation, path, depth: depth - 1) }
        if depth == 0 || value is Tensor || value is String || value is any BinaryInteger || value is any BinaryFloatingPoint { return }
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .class, !seen.insert(ObjectIdentifier(value as AnyObject)).inserted { return }
        // Long lists hold data, such as a vocabulary, not layers.
        if mirror.children.count > 1000 { return }
        for (index, child) in mirror.children.enumerated() {
            let label = mirror.displayStyle == .optional ? nil : child.label ?? "\(index)"
            search(child.value, [path.isEmpty ? nil : path, label].compactMap { $0 }.joined(separator: "."), depth: depth - 1)
        }
    }

    search(subject, "", depth: 12)
    return found
}
