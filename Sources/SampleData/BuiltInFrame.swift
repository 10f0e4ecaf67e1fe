/// The meaning of a sentence: a topic and one of its concepts per slot. How it is worded is not part of it.
struct BuiltInFrame: Hashable, Sendable {
    var topic: Int
    /// Indexed by `BuiltInSlot.rawValue`.
    var concepts: [Int]

    subscript(slot: BuiltInSlot) -> Int {
        get { concepts[slot.rawValue] }
        set { concepts[slot.rawValue] = newValue }
    }

    /// Which split the combination of agent, action and object belongs to: about a quarter is held out.
    ///
    /// It depends on nothing else, not even on the seed: training data of any seed never touch the test
    /// frames.
    var split: BuiltInData.Split {
        let key = UInt64(((topic * 16 + self[.agent]) * 16 + self[.action]) * 16 + self[.object])
        return BuiltInRandom.scatter(key) % 4 == 0 ? .test : .train
    }

    /// The share of topic, agent, action, object and place that agrees: 0, 0.2, 0.4, 0.6, 0.8 or 1. Concepts
    /// of two topics never agree.
    func agreement(with other: BuiltInFrame) -> Double {
        guard topic == other.topic else { return 0 }
        return Double(1 + zip(concepts, other.concepts).count(where: ==)) / 5
    }

    static func random(
        _ split: BuiltInData.Split, topic: Int, using random: inout BuiltInRandom
    ) -> BuiltInFrame {
        while true {
            let frame = BuiltInFrame(
                topic: topic,
                concepts: BuiltInSlot.allCases.map {
                    random.index(below: BuiltInTopic.all[topic].conceptCount($0))
                })
            if frame.split == split { return frame }
        }
    }

    /// A pair of frames of one topic and split, drawn evenly, that differs in exactly `count` slots.
    static func pair(
        _ split: BuiltInData.Split, differingIn count: Int, using random: inout BuiltInRandom
    ) -> (BuiltInFrame, BuiltInFrame) {
        var slots = BuiltInSlot.allCases
        random.shuffle(&slots)
        while true {
            let topic = random.index(below: BuiltInTopic.all.count)
            let first = BuiltInFrame.random(split, topic: topic, using: &random)
            var second = first
            for slot in slots.prefix(count) {
                let bound = BuiltInTopic.all[topic].conceptCount(slot)
                second[slot] = random.index(below: bound, otherThan: first[slot])
            }
            if second.split == split { return (first, second) }
        }
    }
}
