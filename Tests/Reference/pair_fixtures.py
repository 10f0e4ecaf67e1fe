"""Makes the family `pairs` of Tests/Fixtures/losses: losses of pairs, of classes, and of ranking with a guide or a margin.

loss_families.py says what the files hold. The guide's embeddings are the side input `guide`, `[C, B, Dg]`.
"""

import torch
from sentence_transformers.sentence_transformer.losses import (
    AnglELoss,
    BatchAllTripletLoss,
    BatchHardSoftMarginTripletLoss,
    BatchHardTripletLoss,
    BatchHardTripletLossDistanceFunction,
    BatchSemiHardTripletLoss,
    CachedGISTEmbedLoss,
    ContrastiveLoss,
    GISTEmbedLoss,
    MegaBatchMarginLoss,
    OnlineContrastiveLoss,
    SiameseDistanceMetric,
    SoftmaxLoss,
)
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from common import Draws
from loss_families import Family, GivenStates

ROWS, WIDTH, GUIDE_WIDTH, CLASSES = 6, 7, 5, 3


def labels_and_columns() -> tuple[dict, list, torch.Tensor]:
    """Rows of related columns, an odd width; the second half of the guide's rows holds equal texts."""
    draws = Draws(seed=47)
    base = draws.normal(ROWS, WIDTH)
    columns = [(0.8 * base + draws.normal(ROWS, WIDTH)) * draws.uniform(0.3, 1.2, ROWS, 1) for _ in range(4)]
    columns[1][3] = columns[0][3]                          # row 3's pair is the same vector twice
    columns[2][5] = columns[2][1]
    meaning = draws.normal(ROWS, GUIDE_WIDTH)
    guide = torch.stack([meaning + 0.7 * draws.normal(ROWS, GUIDE_WIDTH) for _ in range(4)])
    guide[1, 3] = guide[0, 3]                              # one to the guide: its own texts stay as candidates
    guide[1, 4] = guide[1, 1]                              # the same positive twice: as alike as the pair
    guide[3, 2] = -guide[0, 2]                             # a negative on the other side
    guide[1, 0] = -guide[0, 0] + 0.2 * guide[1, 0]         # a pair that the guide holds for opposites
    labels = {
        "scores": torch.tensor([0.125, 0.75, 1.0, 0.0, 0.75, 0.25]), "equal": torch.full((ROWS,), 0.5),
        "binary": torch.tensor([1, 0, 1, 0, 0, 1]), "similar": torch.ones(ROWS), "dissimilar": torch.zeros(ROWS),
        "weights": torch.tensor([0.125, 0.75, 1.0, 0.0, 0.5, 0.25]), "classes": torch.tensor([0, 1, 0, 2, 1, 2]),
        "groups": torch.tensor([4, 7, 4, 7, 4, 7]), "single": torch.tensor([0, 1, 0, 1, 2, 0]),
        "different": torch.arange(ROWS), "one": torch.full((ROWS,), 3),
    }
    labels = {name: values.double() for name, values in labels.items()}
    labels["probabilities"] = torch.softmax(draws.normal(ROWS, CLASSES), dim=1)
    return labels, columns, guide


class GivenGuide(torch.nn.Module):
    """A guide whose embeddings come with the features."""

    def __init__(self):
        super().__init__()
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))
        self.max_seq_length = 8

    def forward(self, features: dict) -> dict:
        return {"sentence_embedding": features["guide"]}


def add_pairs(family: Family) -> None:
    model = family.model
    for scale in [20.0, 2.0]:
        for target in ["scores", "equal"]:
            family.add(f"angle.scale{scale:g}.{target}", AnglELoss(model, scale=scale), 2, target, settings={"scale": scale})
    for columns, target in [(3, None), (3, "scores"), (4, None), (4, "binary")]:
        family.add(f"angle.columns{columns}.{target or 'none'}", AnglELoss(model, scale=5.0), columns, target,
                   settings={"scale": 5.0})
    family.add("angle.one_row", AnglELoss(model), 3, rows=1)

    for metric, margin in [("COSINE_DISTANCE", 0.5), ("EUCLIDEAN", 3.0), ("MANHATTAN", 6.0)]:
        options = {"distance_metric": metric, "margin": margin}
        chosen = options | {"distance_metric": getattr(SiameseDistanceMetric, metric)}
        for target in ["binary", "weights", "similar", "dissimilar"]:
            for average in [True, False]:
                loss = ContrastiveLoss(model, size_average=average, **chosen)
                family.add(f"contrastive.{metric.lower()}.{target}.{'mean' if average else 'sum'}", loss, 2, target,
                           settings=options | {"size_average": average})
            if target != "weights":
                loss = OnlineContrastiveLoss(model, **chosen)
                family.add(f"online.{metric.lower()}.{target}", loss, 2, target, settings=options)
    for target in ["similar", "dissimilar"]:
        family.add(f"online.one_row.{target}", OnlineContrastiveLoss(model), 2, target, rows=1)
    family.add("contrastive.one_row", ContrastiveLoss(model), 2, "similar", rows=1)


def add_classes(family: Family) -> None:
    flags = ["concatenation_sent_rep", "concatenation_sent_difference", "concatenation_sent_multiplication"]
    for bits in range(1, 8):
        options = {flag: bool(bits >> place & 1) for place, flag in enumerate(flags)} | {"num_labels": CLASSES}
        for target in ["classes", "probabilities"]:
            torch.manual_seed(bits)
            loss = SoftmaxLoss(family.model, embedding_dimension=WIDTH, **options)
            # Class numbers are whole numbers to the library.
            family.add(f"softmax.{bits}.{target}", loss, 2, target, settings=options,
                       labels_dtype=torch.long if target == "classes" else None)
    torch.manual_seed(9)
    family.add("softmax.one_row", SoftmaxLoss(family.model, WIDTH, CLASSES), 2, "classes", rows=1,
               settings={"num_labels": CLASSES}, labels_dtype=torch.long)


def add_triplets(family: Family) -> None:
    kinds = {"all": BatchAllTripletLoss, "hard": BatchHardTripletLoss, "semi_hard": BatchSemiHardTripletLoss,
             "soft_margin": BatchHardSoftMarginTripletLoss}
    for short, kind in kinds.items():
        for metric, margins in [("euclidean_distance", [5.0, 0.4]), ("cosine_distance", [0.2, 1.0])]:
            for margin in margins if short != "soft_margin" else [None]:
                options = {} if margin is None else {"margin": margin}
                function = getattr(BatchHardTripletLossDistanceFunction, metric)
                for target in ["classes", "groups", "single", "different", "one"]:
                    loss = kind(family.model, distance_metric=function, **options)
                    name = f"batch_{short}.{metric}" + ("" if margin is None else f".margin{margin:g}")
                    family.add(f"{name}.{target}", loss, 1, target, settings=options | {"distance_metric": metric})
        family.add(f"batch_{short}.one_row", kind(family.model), 1, "classes", rows=1)


def add_ranking(family: Family, guide: torch.Tensor) -> None:
    model = family.model
    for positive, negative in [(0.8, 0.3), (0.2, -0.5), (2.0, 2.0)]:
        options = {"positive_margin": positive, "negative_margin": negative}
        loss = MegaBatchMarginLoss(model, use_mini_batched_version=False, **options)
        family.add(f"mega_batch.{positive:g}.{negative:g}", loss, 2, settings=options)
    family.add("mega_batch.one_row", MegaBatchMarginLoss(model, use_mini_batched_version=False), 2, rows=1)

    def gist(name: str, columns: int, rows: int | None = None, **options) -> None:
        kind = GISTEmbedLoss if columns < 4 else CachedGISTEmbedLoss
        loss = kind(model, GivenGuide(), **options)

        def evaluate(features: list, target) -> torch.Tensor:
            if columns < 4:
                return loss(features, target)
            states = [[feature["states"][-1]] for feature in features]
            return loss.calculate_loss(states, [[feature["guide"]] for feature in features])

        family.add(f"gist.{name}", loss, columns, rows=rows, settings=options, sides=["guide"], evaluate=evaluate,
                   loss_name="GISTEmbedLoss")

    for columns in [2, 3, 4]:
        for temperature in [0.01, 0.5]:
            gist(f"columns{columns}.temperature{temperature:g}", columns, temperature=temperature)
        for strategy, margin in [("absolute", 0.1), ("absolute", -0.5), ("relative", 0.1), ("relative", -0.3)]:
            gist(f"columns{columns}.{strategy}{margin:g}", columns, temperature=0.1, margin_strategy=strategy, margin=margin)
        for anchors, positives in [(False, True), (True, False), (False, False)]:
            name = f"columns{columns}.anchors_{anchors}.positives_{positives}".lower()
            gist(name, columns, temperature=0.1, contrast_anchors=anchors, contrast_positives=positives)
    gist("all_removed", 3, temperature=0.1, margin=5.0)
    gist("one_row", 3, rows=1)


def main() -> None:
    labels, columns, guide = labels_and_columns()
    family = Family("pairs", columns, labels, sides={"guide": guide})
    # What a guide is compared with.
    GivenStates.tokenizer, GivenStates.max_seq_length = GivenGuide().tokenizer, 8
    add_pairs(family)
    add_classes(family)
    add_triplets(family)
    add_ranking(family, guide)
    family.save()


if __name__ == "__main__":
    main()
