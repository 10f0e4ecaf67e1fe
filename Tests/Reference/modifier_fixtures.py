"""Makes the family `modifiers` of Tests/Fixtures/losses: Matryoshka, AdaptiveLayer and both, around several losses.

loss_families.py says what the files hold. What a loss draws is noted beside its figures.
"""

import random

import torch
from sentence_transformers.sentence_transformer.losses import (
    AdaptiveLayerLoss,
    CoSENTLoss,
    CosineSimilarityLoss,
    DistillKLDivLoss,
    EmbedDistillLoss,
    MarginMSELoss,
    Matryoshka2dLoss,
    MatryoshkaLoss,
    MSELoss,
    MultipleNegativesRankingLoss,
    TripletLoss,
)

from common import Draws
from loss_families import Family

ROWS, WIDTH, LAYERS = 5, 8, 3


def main() -> None:
    draws = Draws(seed=43)
    base = draws.normal(ROWS, WIDTH)

    def columns() -> list:
        return [(base + draws.normal(ROWS, WIDTH)) * draws.uniform(0.3, 1.2, ROWS, 1) for _ in range(3)]

    labels = {
        "scores": torch.tensor([0.125, 0.75, 1.0, 0.75, 0.5]).double(), "vector": draws.normal(ROWS, WIDTH),
        "vectors2": draws.normal(ROWS, 2, WIDTH), "scores2": draws.normal(ROWS, 2), "narrow": draws.normal(ROWS, 5),
    }
    family = Family("modifiers", columns(), labels, [columns() for _ in range(LAYERS)])
    model = family.model
    inner = {
        "mnrl": (MultipleNegativesRankingLoss, 3, None, {"scale": 10.0}),
        "cosent": (CoSENTLoss, 2, "scores", {"scale": 10.0}),
        "cosine": (CosineSimilarityLoss, 2, "scores", {}),
        "triplet": (TripletLoss, 3, None, {"triplet_margin": 1.5}),
        "mse": (MSELoss, 2, "vectors2", {}),
        "embed_distill": (EmbedDistillLoss, 2, "vector", {"distance_metric": "cosine"}),
        "margin_mse": (MarginMSELoss, 3, "scores2", {}),
        "kl": (DistillKLDivLoss, 3, "scores2", {}),
    }

    def add(kind, name: str, inside: str, draws_inside: bool = False, **settings) -> None:
        make, count, target, options = inner[inside]
        loss = kind(model, make(model, **options), **settings)
        settings |= {"loss": {"name": make.__name__} | options}
        has_layers = kind is not MatryoshkaLoss
        random.seed(len(family.listing))
        family.add(name, loss, count, target, layers=has_layers, draws_inside=draws_inside, settings=settings)

    for inside in inner:
        add(MatryoshkaLoss, f"matryoshka.{inside}", inside, matryoshka_dims=[8, 5, 2])
        add(AdaptiveLayerLoss, f"adaptive.{inside}", inside, n_layers_per_step=-1)
        add(Matryoshka2dLoss, f"both.{inside}", inside, matryoshka_dims=[8, 3], n_layers_per_step=-1, n_dims_per_step=-1)
    add(MatryoshkaLoss, "matryoshka.unsorted", "mnrl", matryoshka_dims=[2, 8, 5], matryoshka_weights=[0.25, 1.0, 0.5])
    add(MatryoshkaLoss, "matryoshka.full", "cosent", matryoshka_dims=[8])
    add(MatryoshkaLoss, "matryoshka.no_full", "triplet", matryoshka_dims=[4, 1])
    for count in [1, 2]:
        for inside in ["mnrl", "cosent", "mse"]:
            add(MatryoshkaLoss, f"matryoshka.{inside}.draws{count}", inside, matryoshka_dims=[8, 6, 4, 2],
                matryoshka_weights=[1.0, 0.75, 0.5, 0.25], n_dims_per_step=count)
    for weighting in ["uniform", "log", "linear"]:
        add(AdaptiveLayerLoss, f"adaptive.{weighting}", "mnrl", n_layers_per_step=-1, layer_weighting=weighting,
            last_layer_weight=0.5, prior_layers_weight=2.0, kl_div_weight=0.25)
        add(AdaptiveLayerLoss, f"adaptive.{weighting}.draws2", "cosent", n_layers_per_step=2, layer_weighting=weighting)
    add(AdaptiveLayerLoss, "adaptive.draws1", "triplet")
    add(AdaptiveLayerLoss, "adaptive.no_kl", "mnrl", n_layers_per_step=-1, kl_temperature=0)
    add(AdaptiveLayerLoss, "adaptive.warm", "cosent", n_layers_per_step=-1, kl_temperature=2.0)
    add(Matryoshka2dLoss, "both.draws", "mnrl", draws_inside=True, matryoshka_dims=[8, 5, 2],
        matryoshka_weights=[1.0, 0.5, 0.25])
    add(Matryoshka2dLoss, "both.draws2", "cosent", draws_inside=True, matryoshka_dims=[8, 5, 2], n_layers_per_step=2,
        n_dims_per_step=2, kl_temperature=1.0)
    projecting = AdaptiveLayerLoss(model, EmbedDistillLoss(model, projection_dim=5), n_layers_per_step=-1)
    settings = {"n_layers_per_step": -1, "loss": {"name": "EmbedDistillLoss", "projection_dim": 5}}
    family.add("adaptive.projection", projecting, 2, "narrow", layers=True, settings=settings)
    family.save()


if __name__ == "__main__":
    torch.manual_seed(7)
    main()
