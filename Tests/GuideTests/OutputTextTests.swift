import Testing
@testable import Notebooks

/// When a cell's output counts as what the page says.
@Suite struct OutputTextTests {
    @Test(arguments: [
        ("loss 0.1234", "loss 0.12341", 1e-4, true),
        ("loss 0.1234", "loss 0.1244", 1e-4, false),
        ("loss 1000.0", "loss 1000.05", 1e-4, true),
        ("loss 0.5", "lost 0.5", 1e-4, false),
        ("[1, 2, 3]", "[1, 2]", 10, false),
        ("[-1, 2]", "[1, 2]", 1e-4, false),
        ("1e-3", "0.001", 1e-4, true),
        ("0 nan", "0 nan", 1e-4, true),
        ("0 nan", "0 1", 1e-4, false),
        ("1", "inf", 1e-4, false),
    ])
    func numbersMayDifferWithinTheTolerance(_ expected: String, _ found: String, _ tolerance: Double, _ matches: Bool) {
        #expect(OutputText(expected).matches(found, tolerance: tolerance) == matches)
    }

    @Test func withoutToleranceNothingMayDiffer() {
        #expect(OutputText("1.0").matches("1.0", tolerance: nil))
        #expect(!OutputText("1.0").matches("1.00", tolerance: nil))
    }
}
