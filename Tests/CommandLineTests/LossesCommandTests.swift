import Foundation
import Tapestry
import Testing

/// `tapestry losses` lists losses by their inputs, tells of one, and finds those that fit.
struct LossesCommandTests {
    let tool: CommandLineTool

    init() throws { tool = try CommandLineTool() }

    @Test func allAreListedByTheirInputs() throws {
        let result = try tool.run("losses")
        #expect(result.code == 0)
        for name in ObjectiveCatalog.builtIn.map(\.name) { #expect(result.output.contains(name)) }
        #expect(result.output.contains("anchor, positive, negative") && result.output.contains("score"))
        #expect(result.output.contains("as the loss inside"))
    }

    @Test func everyLossSaysWhatItTakes() {
        for entry in ObjectiveCatalog.builtIn {
            #expect(entry.inputs != nil || entry.isModifier, "\(entry.name)")
            #expect(!entry.summary.isEmpty && !entry.formula.isEmpty, "\(entry.name)")
        }
    }

    @Test func oneIsToldOf() throws {
        let result = try tool.run("losses", "cachedmultiplenegativesrankingloss")
        #expect(result.code == 0)
        for part in [
            "CachedMultipleNegativesRankingLoss", "anchor, positive, …", "scale", "20", "mini_batch_size", "32", "ln Σ_j", "@misc",
        ] {
            #expect(result.output.contains(part), "\(part)")
        }
        let unknown = try tool.run("losses", "TripleLoss")
        #expect(unknown.code == 2 && unknown.errors.contains("did you mean TripletLoss"))
    }

    private func fitting(_ arguments: String...) throws -> [String] {
        let result = try tool.run(["losses", "--json", "--columns"] + arguments)
        try #require(result.code == 0, "\(result.errors)")
        guard case .array(let entries) = try JSONValue.parse(Array(result.output.utf8)) else { fatalError("no list") }
        return entries.map { entry in
            guard case .object(let object) = entry, case .string(let name)? = object["name"] else { fatalError("no entry") }
            return name
        }
    }

    @Test func columnsAreMatched() throws {
        let triplets = try fitting("anchor,positive,negative")
        #expect(triplets.contains("TripletLoss") && triplets.contains("MultipleNegativesRankingLoss"))
        #expect(!triplets.contains("CoSENTLoss"))
        let scored = try fitting("sentence1, sentence2, score")
        #expect(scored.first == "CoSENTLoss" && scored.contains("CosineSimilarityLoss") && !scored.contains("TripletLoss"))
        // A column named score may hold classes as well, unless one says what it holds.
        let narrower = try fitting("a,b", "--label", "score")
        #expect(narrower.first == "CoSENTLoss" && Set(narrower).isStrictSubset(of: scored) && !narrower.contains("SoftmaxLoss"))
        // A loss that ignores labels fits too, but comes after those that use them.
        #expect(
            try #require(scored.firstIndex(of: "MultipleNegativesRankingLoss")) > #require(scored.firstIndex(of: "CosineSimilarityLoss")))
        #expect(try !fitting("a,b").contains("CoSENTLoss"))
        let classes = try fitting("sentence,label", "--label", "class")
        #expect(classes.starts(with: ["BatchAllTripletLoss"]) && !classes.contains("SoftmaxLoss"))
        #expect(try fitting("a,b,c", "--label", "vector").contains("MarginMSELoss"))
        #expect(try !fitting("a,b", "--label", "vector").contains("CoSENTLoss"))
        #expect(try fitting("sentence").contains("ContrastiveTensionLossInBatchNegatives"))
    }

    @Test func whatFitsIsShown() throws {
        let result = try tool.run("losses", "--columns", "a,b,label")
        #expect(result.code == 0 && result.output.contains("CoSENTLoss") && result.output.contains("ignored"))
        #expect(try tool.run("losses", "--columns", "a,b,c,d,score", "--label", "vector").code == 0)
    }

    @Test(arguments: [
        ["--columns", "a,,b"], ["--columns", "score"], ["--columns", "a,score", "--label", "none"], ["--label", "score"],
        ["--columns", "a", "--label", "number"], ["CoSENTLoss", "--columns", "a"],
    ])
    func wrongUsage(_ arguments: [String]) throws {
        #expect(try tool.run(["losses"] + arguments).code == 2)
    }
}
