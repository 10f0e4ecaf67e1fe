import Tapestry

// Losses that are wrong in ways in which losses have been wrong, each beside its right form.

/// InfoNCE with a guide: candidates that the guide finds nearer than the positive are left out.
struct GuidedRanking: Loss {
    enum Fault { case relativeMargin, thresholdOnThePositive }

    let inputs = LossInputs(columns: ["anchor", "positive"])
    let fault: Fault?
    var laws: [LossLaw] { [.repeatedRowsTeachNothing] }

    /// A guide that knows texts by their bytes: any vector, the same one for the same text.
    func sideInputs(for texts: [[String]]) -> SideInputs {
        SideInputs(
            texts.map { column in
                .concatenating(
                    column.map { text in
                        .normal([1, 6], key: RandomKey(text.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
                    })
            })
    }

    func callAsFunction(_ batch: LossBatch) -> LossValue {
        let guide = cosineSimilarity(batch.sides.tensors[0], batch.sides.tensors[1]).detached()  // [B, B]
        let own = guide.diagonal().reshaped([-1, 1])  // [B, 1]
        let itself = Tensor.identityMask(batch.rowCount)
        let isRemoved =
            switch fault {
            case .relativeMargin: (guide .> own * 0.9) & !itself  // rises above a negative similarity
            case .thresholdOnThePositive: guide .>= own - own.abs() * 0.1
            case nil: (guide .> own - own.abs() * 0.1) & !itself
            }
        let logits = (cosineSimilarity(batch.embeddings[0], batch.embeddings[1]) * 5).filled(with: -.infinity, where: isRemoved)
        return LossValue((logits.logSumExp() - logits.diagonal()).mean())
    }
}

/// A student's distribution over rows is drawn to that of a teacher that looks at the texts.
struct TextTeacher: Loss {
    let inputs = LossInputs(columns: ["query", "answer"])
    let detaches: Bool

    func sideInputs(for texts: [[String]]) -> SideInputs {
        let scores = texts[0].flatMap { query in texts[1].map { Double(query.count * 7 % 11) - Double($0.count % 5) } }
        return SideInputs([Tensor(scores, shape: [texts[0].count, texts[0].count])])
    }

    func callAsFunction(_ batch: LossBatch) -> LossValue {
        let teacher = detaches ? batch.sides.tensors[0].detached() : batch.sides.tensors[0]
        let logP = teacher.logSoftmax(), logQ = cosineSimilarity(batch.embeddings[0], batch.embeddings[1]).logSoftmax()
        return LossValue((logP.exp() * (logP - logQ)).sum() / Double(batch.rowCount))
    }
}

/// Each layer follows the last one.
struct LayerTeacher: Loss {
    let inputs = LossInputs(columns: ["text"])
    let detaches: Bool
    var needsEveryLayer: Bool { true }
    var lawExceptions: [LawException] { [.lastLayerIsTeacher] }

    func callAsFunction(_ batch: LossBatch) -> LossValue {
        let last = batch.layers.last![0]
        let logP = (detaches ? last.detached() : last).logSoftmax()
        let terms = batch.layers.dropLast().map { layer in
            (logP.exp() * (logP - layer[0].logSoftmax())).sum() / Double(batch.rowCount)
        }
        return LossValue(terms.reduce(last.square().mean(), +))
    }
}

/// A positive against the row's own hard negative.
struct HardNegative: EmbeddingLoss {
    let inputs = LossInputs(columns: ["anchor", "positive", "negative"])
    let mixesRows: Bool

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let (rows, width) = (embeddings[0].shape[0], embeddings[0].shape[1])
        var documents = Tensor.concatenating(Array(embeddings.dropFirst()), alongAxis: 1)  // [B, 2 D]
        // Columns end to end, read as if the documents of a row stood together.
        if mixesRows { documents = Tensor.concatenating(Array(embeddings.dropFirst())).reshaped([rows, 2 * width]) }
        let scores = documents.split(lengths: [width, width], alongAxis: 1).map { pairwiseCosineSimilarity(embeddings[0], $0) }
        return (scores[1] - scores[0]).softplus().mean()
    }
}

/// A classifier over u, v and |u − v|.
struct Classifier: EmbeddingLoss {
    let inputs = LossInputs(columns: ["premise", "hypothesis"], labels: .classes)
    let head = Linear(inputWidth: 24, outputWidth: 3, standardDeviation: 0.3, key: RandomKey(5))
    let declaresHead: Bool
    var parameters: [NamedParameter] { declaresHead ? head.namedParameters : [] }
    var acceptsTruncatedEmbeddings: Bool { false }

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let difference = (embeddings[0] - embeddings[1]).abs()
        return head(.concatenating(embeddings + [difference], alongAxis: 1))
            .crossEntropy(targets: Tensor(indices: labels!.values.map { Int($0) }))
    }
}

/// Logistic regression on scalar products.
struct Logistic: EmbeddingLoss {
    let inputs = LossInputs(columns: ["a", "b"], labels: .scoresWithin(0...1))
    let isStable: Bool

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let signs = labels!.detached().cast(to: embeddings[0].dtype) * 2 - 1
        let logits = pairwiseDotProduct(embeddings[0], embeddings[1]) * signs
        return (isStable ? (-logits).softplus() : -logits.sigmoid().log()).mean()
    }
}

/// Cosines divided by lengths that may be zero.
struct PlainCosine: EmbeddingLoss {
    let inputs = LossInputs(columns: ["a", "b"])
    let isGuarded: Bool

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let (a, b) = (embeddings[0], embeddings[1])
        if isGuarded { return (1 - pairwiseCosineSimilarity(a, b)).mean() }
        return (1 - pairwiseDotProduct(a, b) / (a.square().sum(alongAxis: 1).sqrt() * b.square().sum(alongAxis: 1).sqrt())).mean()
    }
}

/// Labels that are differentiated along with the embeddings.
struct FollowedLabels: EmbeddingLoss {
    let inputs = LossInputs(columns: ["a", "b"], labels: .scores)
    let detaches: Bool

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let y = (detaches ? labels!.detached() : labels!).cast(to: embeddings[0].dtype)
        return (pairwiseCosineSimilarity(embeddings[0], embeddings[1]) - y).square().mean()
    }
}

/// A sum over blocks that takes each block's mean for its sum.
struct BlockMeans: BlockwiseLoss {
    let inputs = LossInputs(columns: ["a", "b"])
    let takesMeans: Bool
    var elementsPerBlock = 1 << 20

    init(takesMeans: Bool) { self.takesMeans = takesMeans }

    func callAsFunction(_ batch: LossBatch) -> LossValue {
        let rows = batch.rowCount
        let blockSize = BlockSize.rows(width: rows, elementsPerBlock)
        let sum = blockwiseSum([batch.embeddings[0]], with: [batch.embeddings[1]], blockSize: blockSize) {
            let terms = dotProduct($1[0], $2[0]).logSumExp()
            return takesMeans ? terms.mean() * Double(rows) : terms.sum()
        }
        return LossValue(sum / Double(rows))
    }
}

/// Small faults, each in one line.
struct OneLine: EmbeddingLoss {
    enum Fault {
        case wrongPullback, constantPullback, forgottenColumn, unrepeatable, threads
    }

    let inputs = LossInputs(columns: ["a", "b"])
    let fault: Fault?

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let (a, b) = (embeddings[0] * 0.5, embeddings[1] * 0.5)
        let value = (a.tanh() * b.tanh()).sum(alongAxis: 1).sigmoid().mean()
        switch fault {
        case .wrongPullback: return Tape.record("halved", value: value.detached(), from: value) { dy in dy * 0.5 }
        case .constantPullback:
            let square = value.detached().square(), slope = value.detached() * 2
            return Tape.record("square", value: square, from: value) { dy in dy * slope }
        case .forgottenColumn: return a.tanh().sum(alongAxis: 1).sigmoid().mean()
        case .unrepeatable: return value * Double.random(in: 1...2)
        case .threads: return value * Double(Parallel.threadCount)
        case nil: return value
        }
    }
}

/// A loss that keeps no promise: asymmetric, bound to its numbers, its origin and its labels, and a sum.
struct Boaster: EmbeddingLoss {
    let inputs = LossInputs(columns: ["a", "b"], labels: .scores)
    let laws: [LossLaw]

    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let y = labels!.detached().cast(to: embeddings[0].dtype)
        let score = (embeddings[0].tanh() * (embeddings[1] * 0.3 + 1)).sum(alongAxis: 1)
        return (score - y).square().sum()
    }
}

/// A loss that takes nothing.
struct Refuser: EmbeddingLoss {
    let inputs = LossInputs(columns: ["a", "b"])
    func check(_ setting: LossSetting) throws { throw LossInputError("Refuser takes nothing") }
    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor { embeddings[0].mean() }
}
