"""What the fixture scripts of the losses share: models that hand out given embeddings, and files of cases.

A family is `<family>.json`, which lists cases, and `<family>.safetensors` with their tensors, all float64: `columns/<n>`,
`labels/<name>`, `layers/<layer>/<n>` and `sides/<name>` once each; for each case `<case>/value`, `<case>/component/<name>` where the loss
names its components, `<case>/grad<n>` for each column, `<case>/layer<l>/grad<n>` where it sees layers below the last, and
`<case>/parameter/<name>` and `<case>/gradient/<name>` for parameters of its own. A case is
{"loss": name, "columns": how many, "rows": how many, "labels": name or null, "settings": options, "layers": how many below
the last, "chosen": what the loss drew or null, "chosen_inside": what the loss inside drew, call by call, or null,
"sides": names of side inputs, `[C, B, …]`, which the library's losses find in the features of each column}.
"""

import random
from types import SimpleNamespace

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer

from common import folder, gradients, save_json, save_tensors


class GivenStates(Transformer):
    """Stands where a model has its encoder: the hidden states come with the features."""

    auto_model = SimpleNamespace(config=SimpleNamespace(output_hidden_states=False))

    def __init__(self):
        torch.nn.Module.__init__(self)

    def forward(self, features: dict) -> dict:
        features["token_embeddings"] = features["states"][-1]
        if self.auto_model.config.output_hidden_states:
            features["all_layer_embeddings"] = features["states"]
        return features


class GivenEmbeddings(SentenceTransformer):
    """A model whose embeddings of each layer are those of the features."""

    device = torch.device("cpu")

    def __init__(self, width: int):
        torch.nn.Sequential.__init__(self, GivenStates())
        self.width = width

    def forward(self, features: dict) -> dict:
        output = self[0](features)
        output["sentence_embedding"] = output["token_embeddings"]
        return output

    def get_embedding_dimension(self) -> int:
        return self.width


class Draw:
    """Notes what `random.sample` gives while it is entered."""

    def __enter__(self) -> list:
        self.original, noted = random.sample, []

        def sample(population, k):
            found = self.original(list(population), k)
            noted.append(found)
            return found

        random.sample = sample
        return noted

    def __exit__(self, *_) -> None:
        random.sample = self.original


class Family:
    """The cases of one family of losses, all on the same columns, labels and layers."""

    def __init__(self, name: str, columns: list, labels: dict, layers: list = (), sides: dict | None = None):
        self.name, self.columns, self.labels, self.layers = name, columns, labels, list(layers)
        self.model = GivenEmbeddings(columns[0].shape[1])
        self.tensors = {f"columns/{n}": column for n, column in enumerate(columns)}
        self.tensors |= {f"labels/{key}": value for key, value in labels.items()}
        for layer, states in enumerate(self.layers):
            self.tensors |= {f"layers/{layer}/{n}": state for n, state in enumerate(states)}
        self.sides = sides or {}
        self.tensors |= {f"sides/{key}": value for key, value in self.sides.items()}
        self.listing = {}

    def add(self, name: str, loss: torch.nn.Module, columns: int, labels: str | None = None, rows: int | None = None,
            layers: bool = False, draws_inside: bool = False, settings: dict | None = None, sides: list = (),
            labels_dtype: torch.dtype | None = None, evaluate=None, loss_name: str | None = None) -> None:
        """Runs a loss in float64 and keeps its figures; `settings` are its options, beside which a name goes.

        `evaluate(features, labels)` takes the place of a call of the loss.
        """
        rows = rows or self.columns[0].shape[0]
        states = (self.layers if layers else []) + [self.columns]
        states = [[state[:rows].clone().requires_grad_() for state in level[:columns]] for level in states]
        loss = loss.double()
        features = [{"states": tuple(level[n] for level in states)} for n in range(columns)]
        for n, feature in enumerate(features):
            feature |= {key: self.sides[key][n, :rows] for key in sides}
        target = None if labels is None else self.labels[labels][:rows].to(labels_dtype or torch.float64)
        with Draw() as drawn:
            value = (evaluate or loss)(features, target)
        components = value if isinstance(value, dict) else {}
        total = sum(components.values()) if components else value
        own = dict(loss.named_parameters())
        inputs = [state for level in states for state in level]
        found = gradients(total, inputs + list(own.values()))

        prefix = f"{name}/"
        self.tensors[prefix + "value"] = total.reshape([])
        self.tensors |= {f"{prefix}component/{key}": part.reshape([]) for key, part in components.items()}
        places = [f"layer{level}/grad{n}" for level in range(len(states) - 1) for n in range(columns)]
        places += [f"grad{n}" for n in range(columns)]
        self.tensors |= {prefix + place: gradient for place, gradient in zip(places, found)}
        self.tensors |= {f"{prefix}parameter/{key}": parameter for key, parameter in own.items()}
        self.tensors |= {f"{prefix}gradient/{key}": gradient for key, gradient in zip(own, found[len(inputs):])}
        outer, inside = drawn[:1], []
        if draws_inside:
            # The loss inside draws for the last layer, then the layers are drawn, then it draws for each of them.
            outer, inside = drawn[1:2], drawn[:1] + drawn[2:]
        self.listing[name] = {
            "loss": loss_name or type(loss).__name__, "columns": columns, "rows": rows, "labels": labels, "settings": settings or {},
            "layers": len(states) - 1, "chosen": outer[0] if outer else None, "chosen_inside": inside or None,
        } | ({"sides": list(sides)} if sides else {})

    def save(self) -> None:
        output = folder("losses")
        infinite = {f"labels/{key}" for key, value in self.labels.items() if not torch.isfinite(value).all()}
        save_tensors(output / f"{self.name}.safetensors", self.tensors, infinite)
        save_json(output / f"{self.name}.json", self.listing)
        print(f"{self.name}: {len(self.listing)} cases")
