import Tapestry
import Testing

/// Wrong losses and objectives, and the law that each of them breaks.
struct Mutant: Sendable, CustomTestStringConvertible {
    let name: String
    let law: Law
    /// The report on the faulty form, and on the right one where there is one.
    let report: @Sendable (_ isFaulty: Bool) -> LawReport?

    var testDescription: String { name }

    init(_ name: String, breaks law: Law, _ report: @escaping @Sendable (_ isFaulty: Bool) -> LawReport?) {
        self.name = name
        self.law = law
        self.report = report
    }

    static let all = losses + objectives + promises

    private static let losses = [
        Mutant("a relative margin that rises above negative similarities", breaks: .repeatedRows) {
            checkLaws(of: GuidedRanking(fault: $0 ? .relativeMargin : nil))
        },
        Mutant("a guide's threshold applied to the positive itself", breaks: .finite) {
            checkLaws(of: GuidedRanking(fault: $0 ? .thresholdOnThePositive : nil))
        },
        Mutant("a teacher that receives gradient", breaks: .constants) { checkLaws(of: TextTeacher(detaches: !$0)) },
        Mutant("a last layer that follows its pupils", breaks: .constants) { checkLaws(of: LayerTeacher(detaches: !$0)) },
        Mutant("labels that receive gradient", breaks: .constants) { checkLaws(of: FollowedLabels(detaches: !$0)) },
        Mutant("hard negatives gathered in the wrong order", breaks: .rowOrder) { checkLaws(of: HardNegative(mixesRows: $0)) },
        Mutant("a head that no optimizer sees", breaks: .ownParameters) { checkLaws(of: Classifier(declaresHead: !$0)) },
        Mutant("the logarithm of a sigmoid that is zero", breaks: .finite) { checkLaws(of: Logistic(isStable: !$0)) },
        Mutant("the cosine of a zero row", breaks: .finite) { checkLaws(of: PlainCosine(isGuarded: !$0)) },
        Mutant("means of blocks for their sums", breaks: .blocks) { checkLaws(of: BlockMeans(takesMeans: $0)) },
        Mutant("half of a gradient", breaks: .gradients) { checkLaws(of: OneLine(fault: $0 ? .wrongPullback : nil)) },
        Mutant("a pullback with a captured constant", breaks: .secondDerivatives) {
            checkLaws(of: OneLine(fault: $0 ? .constantPullback : nil))
        },
        Mutant("a forgotten column", breaks: .columns) { checkLaws(of: OneLine(fault: $0 ? .forgottenColumn : nil)) },
        Mutant("draws without a key", breaks: .repeatable) { checkLaws(of: OneLine(fault: $0 ? .unrepeatable : nil)) },
        Mutant("a value that counts threads", breaks: .threads) { checkLaws(of: OneLine(fault: $0 ? .threads : nil)) },
        Mutant("a loss that refuses what its inputs describe", breaks: .inputs) { $0 ? checkLaws(of: Refuser()) : nil },
    ]

    private static let objectives = [
        Mutant("a cache that keeps the gradients of its last mini-batch only", breaks: .miniBatches) {
            checkLaws(of: HandmadeCache(loss: MultipleNegativesRankingLoss(), fault: $0 ? .keepsTheLastMiniBatch : nil))
        },
        Mutant("a cache whose second pass draws other dropout", breaks: .dropoutReplay) {
            checkLaws(of: HandmadeCache(loss: CoSENTLoss(), fault: $0 ? .drawsOtherDropout : nil))
        },
        Mutant("a cache that cuts labels to the mini-batch", breaks: .miniBatches) {
            checkLaws(of: HandmadeCache(loss: CoSENTLoss(), fault: $0 ? .cutsLabels : nil))
        },
        Mutant("averages over mini-batches", breaks: .miniBatches) {
            $0 ? checkLaws(of: AveragedMiniBatches(loss: MultipleNegativesRankingLoss())) : nil
        },
        Mutant("texts that are sorted without their labels", breaks: .rowOrder) {
            checkLaws(of: Meddler(loss: CoSENTLoss(), fault: $0 ? .sortsTextsOnly : nil))
        },
        Mutant("a mean over padding", breaks: .packing) {
            checkLaws(of: Meddler(loss: TripletLoss(), fault: $0 ? .meanOverPadding : nil))
        },
        Mutant("a wrapper that forgets its loss's head", breaks: .ownParameters) {
            checkLaws(of: ForgetfulWrapper(loss: Classifier(declaresHead: true), forgets: $0))
        },
    ]

    /// Promises that are not kept.
    private static let promises =
        ([
            (.scaleInvariant, .scale), (.columnScaleInvariant(1), .scale), (.signInvariant, .sign), (.rotationInvariant, .rotation),
            (.translationInvariant, .translation), (.labelShiftInvariant, .labelShift), (.labelScaleInvariant, .labelScale),
            (.symmetric([0, 1]), .symmetry), (.meanOfRows, .meanOfRows), (.repeatedRowsTeachNothing, .repeatedRows),
        ] as [(LossLaw, Law)]).map { promise, law in
            Mutant("an empty promise: \(promise)", breaks: law) { $0 ? checkLaws(of: Boaster(laws: [promise])) : nil }
        }
}

/// One at a time: one of the mutants looks at the number of threads, which the kit changes.
@Suite(.serialized) enum LawTests {}

extension LawTests {
    struct MutantTests {
        @Test(arguments: Mutant.all) func isCaughtByTheRightLaw(_ mutant: Mutant) throws {
            let report = try #require(mutant.report(true))
            #expect(!report.passed)
            #expect(report.violations.first?.law == mutant.law, "\(report)")
            #expect("\(report)".contains(mutant.law.description))
        }

        /// It is the fault that is found, not the kind of loss.
        @Test(arguments: Mutant.all) func isCaughtForItsFaultAlone(_ mutant: Mutant) {
            guard let report = mutant.report(false) else { return }
            #expect(report.passed, "\(report)")
        }

        @Test(arguments: zip(FaultyModule.Fault.allCases, [Law.rowOrder, .miniBatches, .gradients, .gradients]))
        func aModuleOfOnesOwnIsHeldToThem(_ fault: FaultyModule.Fault, law: Law) {
            let model = FaultyModule.model(fault)
            let before = model.parameters.map(\.value)
            let report = checkLaws(of: MultipleNegativesRankingLoss(), model: model)
            #expect(report.violations.first?.law == law, "\(report)")
            #expect(zip(model.parameters, before).allSatisfy { $0.value.dtype == $1.dtype && $0.value.values == $1.values })
        }

        @Test func aRightModuleKeepsThem() {
            let report = checkLaws(of: MultipleNegativesRankingLoss(), model: FaultyModule.model(nil))
            #expect(report.passed && (report.comparisons[.dropoutReplay] ?? 0) > 0, "\(report)")
            let objective = checkLaws(of: Cached(CoSENTLoss(), miniBatchSize: 3), model: FaultyModule.model(nil))
            #expect(objective.passed && objective.comparisons[.gradients] != nil, "\(objective)")
        }

        @Test func aLossThatPromisesNothingIsHeldToNothing() {
            let report = checkLaws(of: Boaster(laws: []))
            #expect(report.passed && report.comparisons[.scale] == nil, "\(report)")
        }

        @Test func everyLawHasAMutant() {
            #expect(Set(Mutant.all.map(\.law)) == Set(Law.allCases))
        }

        @Test func aReportNamesLawPlaceRowAndFigures() throws {
            let report = checkLaws(of: HardNegative(mixesRows: true))
            let violation = try #require(report.violations.first { $0.law == .rowOrder })
            #expect(violation.expected != violation.found && violation.expected.isFinite && violation.found.isFinite)
            let text = "\(violation)"
            #expect(text.hasPrefix("row order: ") && text.contains("the rows in the order") && text.contains("\(violation.found)"))
            if violation.place != "the value" { #expect(violation.row != nil) }
        }
    }
}
