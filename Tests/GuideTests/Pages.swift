import Foundation
@testable import Notebooks

/// The package's pages, and one runner for all tests.
enum Pages {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let runner = Result { try PageRunner(root: root) }

    static var all: [String] {
        get throws {
            try ["README.md"] + PageFiles.markdown(in: "docs", of: root) + PageFiles.markdown(in: "Notebooks-md", of: root)
        }
    }
}
