import JSON

/// What a pickle may name and call: storages, tensors, ordered dictionaries.
extension Unpickler {
    func global(_ module: String, _ name: String) throws -> Value {
        switch (module, name) {
        case ("collections", "OrderedDict"): return .function(.orderedDictionary)
        case ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor"): return .function(.rebuildTensor)
        case ("torch._utils", "_rebuild_parameter"): return .function(.rebuildParameter)
        case ("torch", _), ("torch.cuda", _), ("torch.storage", _):
            if let type = Self.storageTypes[name] { return .storageType(type) }
        default: break
        }
        throw error(
            "it names \(quoted("\(module).\(name)")), which is no part of a dictionary of tensors; nothing was executed. "
                + "In Python, model.save_pretrained(folder) writes the weights as safetensors", kind: .unsupported)
    }

    private static let storageTypes: [String: SafetensorsType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
        "BoolStorage": .bool, "UntypedStorage": .uint8, "_UntypedStorage": .uint8,
    ]

    /// A storage by its persistent name: a tuple of "storage", type, key, device, size, and in older files a part.
    mutating func window(_ value: Value) throws -> Int {
        let parts = try elements(value, .tuple, expected: "a tuple that names a storage")
        guard parts.count >= 5, try text(parts[0], "\"storage\"") == "storage", case .storageType(let type) = parts[1] else {
            throw error("a storage's name is no tuple of \"storage\", type, key, device and size")
        }
        let key = try text(parts[2], "the key of a storage"), count = try integer(parts[4], "the size of a storage")
        guard count >= 0 else { throw error("storage \(quoted(key)) has \(count) elements") }
        if parts.count > 5, case .object = parts[5] {
            let part = try elements(parts[5], .tuple, .list, expected: "a part of a storage")
            guard part.count == 3 else { throw error("a part of a storage is no tuple of key, offset and size") }
            let first = try integer(part[1], "an offset"), length = try integer(part[2], "a size")
            guard first >= 0, length >= 0, first <= count, length <= count - first else {
                throw error("a part of \(length) elements from \(first) on does not lie in storage \(quoted(key)) of \(count)")
            }
            try spend(2)
            windows.append(Window(storage: windows[try wholeWindow(key, type, count)].storage, range: first..<first + length))
            return windows.count - 1
        }
        return try wholeWindow(key, type, count)
    }

    private mutating func wholeWindow(_ key: String, _ type: SafetensorsType, _ count: Int) throws -> Int {
        if let known = windowOfKey[key] {
            let storage = storages[windows[known].storage]
            guard storage.dtype == type, storage.count == count else {
                throw error("storage \(quoted(key)) has two sizes or types")
            }
            return known
        }
        try spend(10)
        storages.append(Storage(key: key, dtype: type, count: count))
        windows.append(Window(storage: storages.count - 1, range: 0..<count))
        windowOfKey[key] = windows.count - 1
        return windows.count - 1
    }

    mutating func call(_ function: Function, _ arguments: [Value]) throws {
        switch function {
        case .orderedDictionary:
            let pairs = try arguments.first.map { try elements($0, .list, .tuple, expected: "a list of keys and values") } ?? []
            var entries: [Value] = []
            for pair in pairs {
                let pair = try elements(pair, .list, .tuple, expected: "a pair of key and value")
                guard pair.count == 2 else { throw error("a pair of key and value has \(pair.count) elements") }
                entries += pair
                // The same pair may stand in the list many times.
                guard entries.count <= allowance else { break }
            }
            try push(.dictionary, entries)
        case .rebuildTensor:
            guard arguments.count >= 4, case .window(let window) = arguments[0] else {
                throw error("a tensor is not made of a storage, an offset, a shape and strides")
            }
            func sizes(_ value: Value, _ expected: String) throws -> [Int] {
                try elements(value, .tuple, .list, expected: expected).map { try integer($0, "a size") }
            }
            let shape = try sizes(arguments[2], "a shape"), strides = try sizes(arguments[3], "strides")
            guard shape.count == strides.count, (shape + strides).allSatisfy({ $0 >= 0 }) else {
                throw error("the shape \(shape) and the strides \(strides) do not fit")
            }
            let offset = try integer(arguments[1], "an offset")
            try spend(8 + 2 * shape.count)
            tensors.append(StridedTensor(window: window, offset: offset, shape: shape, strides: strides))
            try push(.tensor(tensors.count - 1))
        case .rebuildParameter:
            guard case .tensor? = arguments.first else { throw error("a parameter is not made of a tensor") }
            try push(arguments[0])
        }
    }
}
