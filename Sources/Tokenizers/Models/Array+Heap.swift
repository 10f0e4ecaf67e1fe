extension Array where Element: Comparable {
    /// Adds to a heap whose smallest element comes first.
    mutating func pushHeap(_ element: Element) {
        append(element)
        var child = count - 1
        while child > 0, self[child] < self[(child - 1) / 2] {
            swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the smallest element.
    mutating func popHeap() -> Element? {
        guard let top = first, let last = popLast() else { return nil }
        if isEmpty { return top }
        self[0] = last
        var parent = 0
        while 2 * parent + 1 < count {
            var child = 2 * parent + 1
            if child + 1 < count, self[child + 1] < self[child] { child += 1 }
            guard self[child] < self[parent] else { break }
            swapAt(child, parent)
            parent = child
        }
        return top
    }
}
