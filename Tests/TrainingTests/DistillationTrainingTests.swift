import Tapestry
import Testing

/// A teacher's vectors from a file, learned through a projection that the trainer trains, too.
struct DistillationTrainingTests {
    @Test(arguments: [false, true]) func aModelLearnsATeachersVectors(isCached: Bool) throws {
        let folder = try TemporaryFolder()
        let teacher = try model("mini-bert"), texts = try Array(pairs().columns[0].texts)
        let vectors = teacher.encode(texts)  // [40, 12]
        let labels = try Dataset.Column(name: "label", values: vectors.values, rowShape: [12])
        try Dataset(["text": texts], labels: labels).writeCSV(to: folder.file("teacher.csv"))
        let dataset = try Dataset(contentsOf: folder.file("teacher.csv"))
        #expect(dataset.labels?.rowShape == [12])

        let student = try model("tiny-bert")
        let loss = EmbedDistillLoss(distanceMetric: .mse, embeddingDimension: student.embeddingDimension, projectionDimension: 12)
        let before = loss.parameters.map(\.parameter.value)
        let objective: any SentenceObjective = isCached ? Cached(loss, miniBatchSize: 3) : LossObjective(loss)
        let recorder = StepRecorder()
        try Trainer(student, objective: objective, dataset: dataset, arguments: settings(folder, epochs: 16), callbacks: [recorder]).train()
        let first: Double = recorder.losses.prefix(5).reduce(0, +), last: Double = recorder.losses.suffix(5).reduce(0, +)
        #expect(last < 0.5 * first)
        for (named, value) in zip(loss.parameters, before) {
            #expect(named.parameter.value.maximumDifference(to: value) > 1e-4, "\(named.name)")
        }
    }

    @Test func aTeacherOfAnotherWidthIsRefused() throws {
        let folder = try TemporaryFolder()
        let dataset = try Dataset(["text": ["a", "b"]], labels: Dataset.Column(values: [1, 2, 3, 4], rowShape: [2]))
        expectError(LossInputError.self, ["MSELoss", "[12]", "column label holds lists of shape [2]", "projection_dim"]) {
            _ = try Trainer(model("mini-bert"), loss: MSELoss(), dataset: dataset, arguments: settings(folder))
        }
        expectError(DatasetError.self, ["as score", "lists of shape [2]"]) {
            _ = try EmbeddingSimilarityEvaluator(Dataset(["a": ["x"], "b": ["y"]], labels: Dataset.Column(values: [1, 2], rowShape: [2])))
        }
    }
}
