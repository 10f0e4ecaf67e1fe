import Foundation
import JSON

/// Reads the pickles that PyTorch writes: plain values, ordered dictionaries, storages and tensors.
///
/// Nothing is ever executed. A global of another name is refused by its name, an opcode that could make an object of any
/// other class by its byte.
struct Unpickler {
    /// Objects are places in `objects`, so a pickle that refers to itself costs no more than any other.
    enum Value {
        case none, bool(Bool), integer(Int), number
        /// A range of the bytes.
        case text(start: UInt32, count: UInt32)
        case function(Function)
        case storageType(SafetensorsType)
        case object(Int), window(Int), tensor(Int)
    }

    struct Object {
        enum Kind: String { case tuple, list, dictionary }
        let kind: Kind
        /// Of a dictionary: keys and values in turn.
        var elements: [Value] = []
    }

    /// What may be called.
    enum Function { case rebuildTensor, rebuildParameter, orderedDictionary }

    /// Memory of numbers, which its key leads to.
    struct Storage {
        let key: String
        let dtype: SafetensorsType
        let count: Int
    }

    /// A part of a storage; nearly always all of it.
    struct Window {
        let storage: Int
        let range: Range<Int>
    }

    struct StridedTensor {
        let window: Int
        let offset: Int
        let shape: [Int]
        let strides: [Int]
    }

    private(set) var objects: [Object] = []
    var storages: [Storage] = []
    var windows: [Window] = []
    var tensors: [StridedTensor] = []
    /// Where the next byte is.
    private(set) var position: Int

    private let bytes: UnsafeRawBufferPointer
    /// Keeps the bytes.
    private let owner: AnyObject
    private let file: String
    private let what: String
    private var stack: [Value] = []
    private var marks: [Int] = []
    private var memo: [Value?] = []
    var windowOfKey: [String: Int] = [:]
    /// Values that may still be kept, of 16 bytes each.
    private(set) var allowance: Int

    /// What a dictionary of tensors never comes near: it is written a thousand entries at a time.
    private static let maximumDepth = 100_000
    private static let longestName = 1000

    /// - Parameters:
    ///   - bytes: Hold the pickle.
    ///   - position: Where it begins.
    ///   - file: Its path, for errors.
    ///   - what: What the pickle is called in errors.
    ///   - fileSize: Bounds the memory that is taken.
    ///   - owner: Keeps the bytes.
    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0, file: String, what: String, fileSize: Int, owner: AnyObject) {
        (self.bytes, self.position, self.file, self.what, self.owner) = (bytes, position, file, what, owner)
        // All values together stay below ten times the file's size.
        allowance = 4096 + fileSize / 8 * 5
    }

    func error(_ problem: String, kind: ModelFileError.Kind = .malformed) -> ModelFileError {
        ModelFileError(kind, file: file, place: "\(what), byte \(position)", problem: problem)
    }

    // MARK: Values

    /// - Throws: ``ModelFileError`` where the value is no text in UTF-8.
    func text(_ value: Value, _ expected: String) throws -> String {
        guard case .text(let start, let count) = value else { throw error("\(expected) was expected, but it is \(name(of: value))") }
        // One text may be asked for at every other byte.
        guard count <= Self.longestName else { throw error("\(expected) was expected, but it is a text of \(count) bytes") }
        return try text(bytes[Int(start)..<Int(start) + Int(count)], expected)
    }

    private func text(_ slice: Slice<UnsafeRawBufferPointer>, _ expected: String) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw error("\(expected) is not UTF-8") }
        return text
    }

    func elements(_ value: Value, _ kinds: Object.Kind..., expected: String) throws -> [Value] {
        guard case .object(let place) = value, kinds.contains(objects[place].kind) else {
            throw error("\(expected) was expected, but it is \(name(of: value))")
        }
        return objects[place].elements
    }

    func integer(_ value: Value, _ expected: String) throws -> Int {
        guard case .integer(let integer) = value else { throw error("\(expected) was expected, but it is \(name(of: value))") }
        return integer
    }

    func name(of value: Value) -> String {
        switch value {
        case .none: "None"
        case .bool: "a truth value"
        case .integer(let integer): "the integer \(integer)"
        case .number: "a number"
        case .text: "a text"
        case .function, .storageType: "a function or class"
        case .object(let place): "a \(objects[place].kind)"
        case .window: "a storage"
        case .tensor: "a tensor"
        }
    }

    // MARK: Bytes

    private mutating func take(_ count: Int) throws -> Slice<UnsafeRawBufferPointer> {
        guard count >= 0, count <= bytes.count - position else { throw error("the pickle ends in the middle") }
        position += count
        return bytes[position - count..<position]
    }

    private mutating func unsigned(_ size: Int) throws -> Int {
        let value = try take(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let integer = Int(exactly: value) else { throw error("a length of \(value) bytes is impossible") }
        return integer
    }

    /// A whole number of up to eight bytes; a longer one is but a number.
    private mutating func signed(_ size: Int) throws -> Value {
        let digits = try take(size)
        guard size <= 8 else { return .number }
        let isNegative = (digits.last ?? 0) >= 0x80
        return .integer(digits.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
    }

    private mutating func line() throws -> Slice<UnsafeRawBufferPointer> {
        let rest = bytes[position...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw error("the pickle ends in the middle") }
        position = end + 1
        return rest[..<end]
    }

    private mutating func lineText(_ expected: String) throws -> String {
        let line = try line()
        return try text(line, expected)
    }

    private mutating func textValue(_ size: Int) throws -> Value {
        let slice = try take(size)
        guard let start = UInt32(exactly: slice.startIndex), let count = UInt32(exactly: size) else {
            throw error("a text lies beyond 4 GB of the pickle")
        }
        return .text(start: start, count: count)
    }

    // MARK: Stack

    mutating func push(_ value: Value) throws {
        guard stack.count < Self.maximumDepth else { throw error("more than \(Self.maximumDepth) values are nested or in a row") }
        stack.append(value)
    }

    private mutating func pop() throws -> Value {
        guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw error("a value is missing on the stack") }
        return value
    }

    private mutating func popToMark() throws -> [Value] {
        guard let mark = marks.popLast() else { throw error("a mark is missing on the stack") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    mutating func spend(_ count: Int) throws {
        allowance -= count
        guard allowance >= 0 else { throw error("the pickle holds more values than a dictionary of tensors in a file of this size") }
    }

    mutating func push(_ kind: Object.Kind, _ elements: [Value] = []) throws {
        try spend(4 + elements.count)
        objects.append(Object(kind: kind, elements: elements))
        try push(.object(objects.count - 1))
    }

    /// Puts elements into the list or dictionary on top of the stack.
    private mutating func extend(_ kind: Object.Kind, by elements: [Value]) throws {
        guard case .object(let place)? = stack.last, objects[place].kind == kind, stack.count > marks.last ?? 0 else {
            throw error("elements are given to what is no \(kind)")
        }
        guard kind == .list || elements.count.isMultiple(of: 2) else { throw error("a key of a dictionary has no value") }
        try spend(elements.count)
        objects[place].elements += elements
    }

    private mutating func remember(at index: Int) throws {
        guard let value = stack.last else { throw error("a value is missing on the stack") }
        if index >= memo.count {
            try spend(index + 1 - memo.count)
            memo += [Value?](repeating: nil, count: index + 1 - memo.count)
        }
        memo[index] = value
    }

    private mutating func recall(_ index: Int) throws {
        guard memo.indices.contains(index), let value = memo[index] else { throw error("value \(index) is used before it is there") }
        try push(value)
    }

    // MARK: Opcodes

    /// Reads one pickle; `position` is behind it then.
    ///
    /// - Throws: ``ModelFileError`` with the place in the pickle.
    mutating func load() throws -> Value {
        (stack, marks, memo) = ([], [], [])
        while true {
            let opcode = try take(1).first!
            switch opcode {
            case 0x80:  // PROTO
                let version = try unsigned(1)
                guard version <= 5 else { throw error("protocol \(version) of pickles is not known", kind: .unsupported) }
            case 0x95: _ = try take(8)  // FRAME
            case UInt8(ascii: "."):
                let value = try pop()
                guard stack.isEmpty, marks.isEmpty else { throw error("\(stack.count) values are left over at the end") }
                return value
            case UInt8(ascii: "("): marks.append(stack.count)
            case UInt8(ascii: "0"): _ = try pop()
            case UInt8(ascii: "1"): _ = try popToMark()
            case UInt8(ascii: "2"):
                let value = try pop()
                try push(value)
                try push(value)
            default:
                let isKnown = try loadPlain(opcode) || loadObject(opcode) || loadCall(opcode)
                guard isKnown else {
                    throw error("opcode 0x\(String(opcode, radix: 16)) does not occur in dictionaries of tensors", kind: .unsupported)
                }
            }
            guard marks.count < Self.maximumDepth else { throw error("more than \(Self.maximumDepth) values are nested or in a row") }
        }
    }

    /// Numbers, texts and what stands for nothing.
    private mutating func loadPlain(_ opcode: UInt8) throws -> Bool {
        switch opcode {
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "K"): try push(.integer(unsigned(1)))
        case UInt8(ascii: "M"): try push(.integer(unsigned(2)))
        case UInt8(ascii: "J"): try push(signed(4))
        case 0x8A: try push(signed(unsigned(1)))
        case 0x8B: try push(signed(unsigned(4)))
        case UInt8(ascii: "G"):
            _ = try take(8)
            try push(.number)
        case UInt8(ascii: "F"):
            _ = try line()
            try push(.number)
        case UInt8(ascii: "I"), UInt8(ascii: "L"):
            let digits = try lineText("a number")
            switch digits {
            case "00", "01": try push(.bool(digits == "01"))
            default: try push(Int(digits.hasSuffix("L") ? String(digits.dropLast()) : digits).map { .integer($0) } ?? .number)
            }
        case UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "B"): try push(textValue(unsigned(4)))
        case 0x8C, UInt8(ascii: "U"), UInt8(ascii: "C"): try push(textValue(unsigned(1)))
        case 0x8D, 0x8E: try push(textValue(unsigned(8)))
        case UInt8(ascii: "V"):
            let line = try line()
            position = line.startIndex
            try push(textValue(line.count))
            position += 1
        default: return false
        }
        return true
    }

    /// Tuples, lists, dictionaries, and the memo.
    private mutating func loadObject(_ opcode: UInt8) throws -> Bool {
        switch opcode {
        case UInt8(ascii: ")"): try push(.tuple)
        case UInt8(ascii: "t"): try push(.tuple, popToMark())
        case 0x85, 0x86, 0x87:
            let elements = try (0x85...opcode).map { _ in try pop() }
            try push(.tuple, elements.reversed())
        case UInt8(ascii: "]"): try push(.list)
        case UInt8(ascii: "l"): try push(.list, popToMark())
        case UInt8(ascii: "a"): try extend(.list, by: [pop()])
        case UInt8(ascii: "e"): try extend(.list, by: popToMark())
        case UInt8(ascii: "}"): try push(.dictionary)
        case UInt8(ascii: "d"):
            let elements = try popToMark()
            try push(.dictionary)
            try extend(.dictionary, by: elements)
        case UInt8(ascii: "s"):
            let value = try pop(), key = try pop()
            try extend(.dictionary, by: [key, value])
        case UInt8(ascii: "u"): try extend(.dictionary, by: popToMark())
        case UInt8(ascii: "q"): try remember(at: unsigned(1))
        case UInt8(ascii: "r"): try remember(at: unsigned(4))
        case 0x94: try remember(at: memo.count)
        case UInt8(ascii: "h"): try recall(unsigned(1))
        case UInt8(ascii: "j"): try recall(unsigned(4))
        case UInt8(ascii: "p"), UInt8(ascii: "g"):
            guard let index = Int(try lineText("a place in the memo")), index >= 0 else {
                throw error("a place in the memo is no number")
            }
            try opcode == UInt8(ascii: "p") ? remember(at: index) : recall(index)
        default: return false
        }
        return true
    }

    /// What names a function or class, or calls one.
    private mutating func loadCall(_ opcode: UInt8) throws -> Bool {
        switch opcode {
        case UInt8(ascii: "c"):
            let module = try lineText("the name of a module"), name = try lineText("the name of a global")
            try push(global(module, name))
        case 0x93:
            let (name, module) = (try pop(), try pop())
            try push(global(text(module, "the name of a module"), text(name, "the name of a global")))
        case UInt8(ascii: "Q"): try push(.window(window(pop())))
        case UInt8(ascii: "R"):
            let (arguments, called) = (try pop(), try pop())
            guard case .function(let function) = called else { throw error("what is no function is called") }
            try call(function, elements(arguments, .tuple, expected: "a tuple of arguments"))
        case UInt8(ascii: "b"):
            // A dictionary's attributes, such as the versions of modules, are of no use.
            _ = try pop()
            guard case .object(let place)? = stack.last, objects[place].kind == .dictionary else {
                throw error("attributes are given to what is no dictionary")
            }
        default: return false
        }
        return true
    }
}
