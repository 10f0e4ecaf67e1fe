"""Makes Tests/Fixtures/losses: values and gradients of the losses, on fixed embeddings and through a model.

losses.safetensors holds the embeddings `columns/0` … `columns/3` and the labels `labels/<name>`, once each, and
for each case of losses.json `<case>/value` and `<case>/grad0` …, one per column. All float64.
model_gradients.safetensors holds `<loss>/value` and `<loss>/<parameter>` for every parameter of models/mini-bert
but its unused pooler: gradients on the texts of model_texts.json, whose "columns" says how many each loss takes.
Run model_fixtures.py first: it makes mini-bert.
"""

import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer, util
from sentence_transformers.sentence_transformer.losses import (
    CoSENTLoss,
    CosineSimilarityLoss,
    MultipleNegativesRankingLoss,
    TripletDistanceMetric,
    TripletLoss,
)

from common import Draws, folder, gradients, save_json, save_tensors
from vocabulary import scored_pairs

ROWS, WIDTH = 6, 8


class Inert(torch.nn.Module):
    """Stands where a loss wants a model: embeddings are handed to the losses directly."""


def fixed_columns(draws: Draws) -> list[torch.Tensor]:
    """Four columns of related rows with norms around 0.5 to 3, some of them equal within and across columns."""
    base = draws.normal(ROWS, WIDTH)
    columns = [base * draws.uniform(0.3, 1.2, ROWS, 1)]
    columns += [(0.6 * base + draws.normal(ROWS, WIDTH)) * draws.uniform(0.2, 1, ROWS, 1) for _ in range(3)]
    columns[0][4] = columns[0][1]
    columns[1][4] = columns[1][1]                          # rows 1 and 4 are the same pair
    columns[1][2] = columns[0][2]                          # row 2's pair is the same vector twice
    columns[2][3] = columns[1][3]                          # row 3's negative is its positive
    return columns


def embedding_cases(labels: dict[str, torch.Tensor]) -> dict[str, dict]:
    """Each case: the loss object, how many columns, which labels, and its settings for the JSON."""
    cases = {}

    def add(name: str, loss: torch.nn.Module, columns: int, labels: str | None = None, **settings) -> None:
        entry = {"loss": type(loss).__name__, "columns": columns, "labels": labels, "settings": settings}
        cases[name] = {"object": loss, "entry": entry}

    model = Inert()
    for scale in [20.0, 5.0]:
        for kind in ["distinct", "ties", "equal"]:
            add(f"cosent.scale{scale:g}.{kind}", CoSENTLoss(model, scale=scale), 2, kind, scale=scale)
    similarities = {"pairwise_dot_score": 1.0, "pairwise_euclidean_sim": 2.0, "pairwise_manhattan_sim": 1.0}
    for name, scale in similarities.items():
        loss = CoSENTLoss(model, scale=scale, similarity_fct=getattr(util, name))
        add(f"cosent.{name}", loss, 2, "ties", scale=scale, similarity_fct=name)
    for kind in ["distinct", "signed"]:
        add(f"cosine.{kind}", CosineSimilarityLoss(model), 2, kind)

    for metric, margin in [("EUCLIDEAN", 5.0), ("EUCLIDEAN", 0.5), ("COSINE", 0.3), ("MANHATTAN", 2.0)]:
        loss = TripletLoss(model, distance_metric=getattr(TripletDistanceMetric, metric), triplet_margin=margin)
        add(f"triplet.{metric.lower()}.margin{margin:g}", loss, 3, distance_metric=metric, triplet_margin=margin)

    functions = {"cos_sim": util.cos_sim, "dot_score": util.dot_score}

    def ranking(name: str, columns: int, scale=20.0, similarity_fct="cos_sim", **settings) -> None:
        loss = MultipleNegativesRankingLoss(model, scale, functions[similarity_fct], **settings)
        add(f"mnrl.{name}", loss, columns, scale=scale, similarity_fct=similarity_fct, **settings)

    for columns in [2, 3, 4]:
        ranking(f"columns{columns}", columns)
        ranking(f"columns{columns}.dot", columns, 1.0, "dot_score")
    others = ["query_to_query", "doc_to_query", "doc_to_doc"]
    for bits in range(1, 8):
        directions = ["query_to_doc"] + [name for index, name in enumerate(others) if bits >> index & 1]
        initials = "+".join("".join(word[0] for word in name.split("_to_")) for name in directions)
        for columns in [2, 4] if bits in [2, 7] else [3]:
            ranking(f"directions.{initials}.columns{columns}", columns, directions=directions)
    for columns in [2, 3, 4]:
        both = ["query_to_doc", "doc_to_query"]
        ranking(f"perDirection.columns{columns}", columns, directions=both, partition_mode="per_direction")
    ranking("perDirection.alone", 3, directions=["query_to_doc"], partition_mode="per_direction")
    for mode in ["in_batch_negatives", "hard_negatives", "all_negatives"]:
        for columns in [2, 4]:
            ranking(f"hardness.{mode}.columns{columns}", columns, hardness_mode=mode, hardness_strength=9.0)
    ranking("hardness.dot", 3, 1.0, "dot_score", hardness_mode="all_negatives", hardness_strength=0.25)
    ranking("hardness.everything", 3, directions=["query_to_doc", *others], hardness_mode="all_negatives",
            hardness_strength=9.0)
    return cases


def write_embedding_level() -> None:
    draws = Draws(seed=23)
    columns = fixed_columns(draws)
    # Eighths: the library rounds labels to float32, which must not change them.
    labels = {
        "distinct": torch.tensor([0.125, 0.75, 1.0, 0.0, 0.5, 0.25]),
        "ties": torch.tensor([0.5, 1.0, 0.5, 0.0, 1.0, 0.5]),
        "equal": torch.full((ROWS,), 0.5),
        "signed": torch.tensor([-1.0, -0.25, 1.0, 0.5, 0.0, -0.625]),
    }
    labels = {name: values.double() for name, values in labels.items()}
    tensors = {f"columns/{index}": column for index, column in enumerate(columns)}
    tensors |= {f"labels/{name}": values for name, values in labels.items()}
    listing = {}
    for name, case in embedding_cases(labels).items():
        entry = case["entry"]
        inputs = [column.clone().requires_grad_() for column in columns[: entry["columns"]]]
        value = case["object"].compute_loss_from_embeddings(inputs, labels.get(entry["labels"]))
        tensors[f"{name}/value"] = value.reshape([])
        tensors |= {f"{name}/grad{index}": gradient for index, gradient in enumerate(gradients(value, inputs))}
        listing[name] = entry
    output = folder("losses")
    save_tensors(output / "losses.safetensors", tensors)
    save_json(output / "losses.json", listing)
    print(f"{len(listing)} cases on fixed embeddings")


def write_model_gradients() -> None:
    """The four losses with their defaults, through mini-bert in inference mode (no dropout), float64."""
    texts = scored_pairs(5, seed=29)
    columns = {
        "sentence1": [first for first, _, _ in texts],
        "sentence2": [second for _, second, _ in texts],
        "sentence3": [first for first, _, _ in scored_pairs(5, seed=30)],
    }
    scores = [score for _, _, score in texts]
    model = SentenceTransformer(str(folder("models") / "mini-bert"), device="cpu").double().eval()
    used = {"CoSENTLoss": 2, "CosineSimilarityLoss": 2, "TripletLoss": 3, "MultipleNegativesRankingLoss": 3}
    parameters = {name: p for name, p in model[0].model.named_parameters() if not name.startswith("pooler.")}
    on_disk = load_file(folder("models") / "mini-bert" / "model.safetensors")
    if not set(parameters) <= set(on_disk):
        raise ValueError(f"not in the file: {set(parameters) - set(on_disk)}")
    tensors = {}
    for loss in [CoSENTLoss(model), CosineSimilarityLoss(model), TripletLoss(model),
                 MultipleNegativesRankingLoss(model)]:
        name = type(loss).__name__
        features = [model.preprocess(column) for column in list(columns.values())[: used[name]]]
        value = loss(features, torch.tensor(scores, dtype=torch.float64))
        tensors[f"{name}/value"] = value.reshape([])
        found = gradients(value, list(parameters.values()))
        tensors |= {f"{name}/{parameter}": gradient for parameter, gradient in zip(parameters, found)}
    output = folder("losses")
    save_tensors(output / "model_gradients.safetensors", tensors)
    save_json(output / "model_texts.json", columns | {"score": scores, "columns": used})


if __name__ == "__main__":
    write_embedding_level()
    write_model_gradients()
