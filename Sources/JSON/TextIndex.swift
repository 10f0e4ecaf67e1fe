/// Numbers texts from 0 in the order of their first appearance; texts with the same bytes share a number.
package struct TextIndex {
    private var numbers: [ExactKey: Int32] = [:]

    package init() {}

    package var count: Int { numbers.count }

    package mutating func number(of text: String) -> Int32 {
        let key = ExactKey(text)
        if let number = numbers[key] { return number }
        let number = Int32(numbers.count)
        numbers[key] = number
        return number
    }
}
