/// What a sentence's meaning consists of, beside its topic.
enum BuiltInSlot: Int, CaseIterable, Sendable {
    case agent, action, object, place
}
