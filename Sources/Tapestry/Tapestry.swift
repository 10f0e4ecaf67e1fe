// The umbrella: `import Tapestry` is all that a program needs.
@_exported import Autodiff
@_exported import Encoders
@_exported import Evaluation
@_exported import JSON
@_exported import Layers
@_exported import LossLaws
@_exported import Losses
@_exported import ModelFiles
@_exported import SentenceTraining
@_exported import Optimizers
@_exported import Reporting
@_exported import SampleData
@_exported import Sampling
@_exported import SentenceEmbeddings
@_exported import Tables
@_exported import Tokenizers
@_exported import Training
