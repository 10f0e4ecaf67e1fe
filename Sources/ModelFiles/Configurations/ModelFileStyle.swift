/// Which names and keys a model directory is written with. Both are read.
public enum ModelFileStyle: Sendable, Equatable {
    /// The names of Sentence Transformers 6, which older versions do not know.
    case version6
    /// The names from before version 6, which version 6 opens as well.
    case legacy
}
