extension [UInt8] {
    /// Appends the UTF-8 bytes of a Unicode scalar value.
    mutating func appendUTF8(of code: UInt32) {
        switch code {
        case 0..<0x80:
            append(UInt8(truncatingIfNeeded: code))
        case 0x80..<0x800:
            append(UInt8(truncatingIfNeeded: 0xC0 | code >> 6))
            append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
        case 0x800..<0x10000:
            append(UInt8(truncatingIfNeeded: 0xE0 | code >> 12))
            append(UInt8(truncatingIfNeeded: 0x80 | code >> 6 & 0x3F))
            append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
        default:
            append(UInt8(truncatingIfNeeded: 0xF0 | code >> 18))
            append(UInt8(truncatingIfNeeded: 0x80 | code >> 12 & 0x3F))
            append(UInt8(truncatingIfNeeded: 0x80 | code >> 6 & 0x3F))
            append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
        }
    }

    /// The scalar whose first byte stands at `position`, which moves behind it. The bytes must be valid UTF-8,
    /// as those of a `String` always are.
    @inline(__always)
    func scalar(at position: inout Int) -> UInt32 {
        let first = UInt32(self[position])
        if first < 0x80 {
            position += 1
            return first
        }
        if first < 0xE0 {
            let code = (first & 0x1F) << 6 | UInt32(self[position + 1]) & 0x3F
            position += 2
            return code
        }
        let second = UInt32(self[position + 1]) & 0x3F, third = UInt32(self[position + 2]) & 0x3F
        if first < 0xF0 {
            position += 3
            return (first & 0x0F) << 12 | second << 6 | third
        }
        let code = (first & 0x07) << 18 | second << 12 | third << 6 | UInt32(self[position + 3]) & 0x3F
        position += 4
        return code
    }

    /// Where the scalar that ends before `position` begins.
    func startOfScalar(before position: Int) -> Int {
        var start = position - 1
        while self[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }
}
