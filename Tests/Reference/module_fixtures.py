"""Makes Tests/Fixtures/modules: the original's modules with random weights, and what models of them make of tokens.

`<name>/` is the module's folder, as sentence-transformers saves it. `<name>.safetensors` holds what goes in and what comes out, in
float64: `tokens` `[T, 8]`, sequences end to end, or `sentences` `[B, 8]`; `output`; `loss`, the sum of the squares of the output; and
`gradient/<parameter>` of it. `lengths.json` has the lengths of the sequences and their ids.
"""

import shutil

import torch
from sentence_transformers.base.modules import Dense
from sentence_transformers.sentence_transformer.modules import CNN, LSTM, Dropout, LayerNorm, Pooling, WeightedLayerPooling, WordWeights

from common import Draws, folder, gradients, save_json, save_tensors

LENGTHS = [3, 1, 6, 2]
IDS = [[4, 1, 2], [0], [3, 3, 1, 4, 2, 0], [2, 4]]
WIDTH = 8
ACTIVATIONS = ["Tanh", "ReLU", "GELU", "Sigmoid", "SiLU", "Identity", "LeakyReLU", "ELU", "SELU", "CELU", "Softplus", "Softsign", "Mish",
               "ReLU6", "Hardtanh", "Hardsigmoid", "Hardswish", "LogSigmoid", "Tanhshrink"]

MODULES = {
    "layer-norm": lambda: LayerNorm(WIDTH),
    "dropout": lambda: Dropout(0.3),
    "cnn": lambda: CNN(WIDTH, out_channels=3, kernel_sizes=[1, 3, 5]),
    "lstm": lambda: LSTM(WIDTH, 3),
    "lstm-layers": lambda: LSTM(WIDTH, 3, num_layers=2, dropout=0.2, bidirectional=True),
    "lstm-forward": lambda: LSTM(WIDTH, 3, num_layers=2, bidirectional=False),
    "word-weights": lambda: WordWeights(["the", "A", "cat", "dog", "rain"], {"the": 0.2, "a": 0.4, "cat": 2.0, "rain": 3.0}, 1.5),
    "weighted-layers": lambda: WeightedLayerPooling(WIDTH, num_hidden_layers=3, layer_start=1),
    "dense-residual": lambda: Dense(WIDTH, 5, use_residual=True),
    "dense-residual-square": lambda: Dense(WIDTH, WIDTH, bias=False, activation_function=torch.nn.ReLU(), use_residual=True),
    "dense-tokens": lambda: Dense(WIDTH, 5, module_input_name="token_embeddings"),
    **{f"dense-{name.lower()}": (lambda kind: lambda: Dense(WIDTH, 4, activation_function=kind()))(getattr(torch.nn, name))
       for name in ACTIVATIONS},
}


def run(module: torch.nn.Module, tokens: torch.Tensor, sentences: torch.Tensor, layers: torch.Tensor) -> torch.Tensor:
    """Every sequence alone, without padding."""
    if not hasattr(module, "encoder") and not isinstance(module, (CNN, WordWeights, WeightedLayerPooling)):
        if getattr(module, "module_input_name", "") == "token_embeddings":
            return module({"token_embeddings": tokens})["token_embeddings"]
        return module({"sentence_embedding": sentences})["sentence_embedding"]
    outputs = []
    for part, states, ids in zip(tokens.split(LENGTHS), layers.split(LENGTHS, dim=1), IDS):
        features = {"token_embeddings": part[None], "input_ids": torch.tensor([ids]), "sentence_lengths": torch.tensor([len(ids)]),
                    "attention_mask": torch.ones(1, len(ids)), "all_layer_embeddings": [state[None] for state in states]}
        features = module(features)
        # With the mean behind it, so that what it says of weights is seen.
        if isinstance(module, WordWeights):
            features["token_weights_sum"] = features["token_weights_sum"].double()
            outputs.append(Pooling(WIDTH, ["mean", "mean_sqrt_len_tokens", "weightedmean"])(features)["sentence_embedding"])
        else:
            outputs.append(features["token_embeddings"][0])
    return torch.cat(outputs)


if __name__ == "__main__":
    place = folder("modules")
    save_json(place / "lengths.json", {"lengths": LENGTHS, "ids": IDS})
    draws = Draws(5)
    tokens, sentences = draws.normal(sum(LENGTHS), WIDTH), draws.normal(len(LENGTHS), WIDTH) * 2
    layers = torch.stack([draws.normal(sum(LENGTHS), WIDTH) for _ in range(4)])
    save_tensors(place / "inputs.safetensors", {"tokens": tokens, "sentences": sentences, "layers": layers})
    for seed, (name, make) in enumerate(MODULES.items()):
        torch.manual_seed(seed)
        module = make().eval()
        with torch.no_grad():
            for parameter in module.parameters():
                if name != "word-weights":
                    parameter.add_(0.2 * torch.randn_like(parameter))
        shutil.rmtree(place / name, ignore_errors=True)
        (place / name).mkdir()
        module.save(str(place / name))
        module = module.double()
        output = run(module, tokens, sentences, layers)
        loss = output.square().sum()
        parameters = dict(module.named_parameters())
        found = gradients(loss, list(parameters.values())) if parameters else []
        save_tensors(place / f"{name}.safetensors",
                     {"output": output, "loss": loss, **{f"gradient/{key}": value for key, value in zip(parameters, found)}})
        print(name, f"{float(loss):.6f}")
