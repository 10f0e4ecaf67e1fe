"""Makes the family `distillation` of Tests/Fixtures/losses: losses that learn from a teacher, and the regularization.

loss_families.py says what the files hold.
"""

import torch
from sentence_transformers import util
from sentence_transformers.sentence_transformer.losses import (
    DistillKLDivLoss,
    EmbedDistillLoss,
    GlobalOrthogonalRegularizationLoss,
    MarginMSELoss,
    MSELoss,
)

from common import Draws
from loss_families import Family

ROWS, WIDTH, TEACHER_WIDTH = 6, 8, 5


def labels_and_columns() -> tuple[dict, list]:
    draws = Draws(seed=41)
    base = draws.normal(ROWS, WIDTH)
    columns = [(0.7 * base + draws.normal(ROWS, WIDTH)) * draws.uniform(0.3, 1.2, ROWS, 1) for _ in range(4)]
    columns[1][3] = columns[0][3]                          # row 3's positive is its query
    columns[2][5] = columns[2][1]                          # two rows of one column are equal
    teacher = draws.normal(ROWS, WIDTH)
    teacher[2] = columns[0][2]                             # learned already
    teacher[4] = 0
    scores = 3 * draws.normal(ROWS, 3)
    excluded = scores.clone()
    excluded[0, 1] = excluded[3, 0] = excluded[3, 2] = -torch.inf
    sharp = scores.clone()
    sharp[:, 2] -= 2000                                    # its probability underflows to 0
    labels = {
        "vector": teacher, "vectors2": draws.normal(ROWS, 2, WIDTH), "vectors3": draws.normal(ROWS, 3, WIDTH),
        "narrow": draws.normal(ROWS, TEACHER_WIDTH), "narrow2": draws.normal(ROWS, 2, TEACHER_WIDTH),
        "margin": draws.normal(ROWS), "margin1": draws.normal(ROWS, 1), "scores2": draws.normal(ROWS, 2),
        "scores3": scores, "excluded3": excluded, "sharp3": sharp, "equal3": torch.full((ROWS, 3), 0.5).double(),
    }
    return labels, columns


def main() -> None:
    labels, columns = labels_and_columns()
    family = Family("distillation", columns, labels)
    model = family.model

    for metric in ["cosine", "l2", "mse"]:
        def embed(name: str, columns: int, target: str, rows: int | None = None, projection: int | None = None) -> None:
            torch.manual_seed(len(name))
            settings = {} if projection is None else {"projection_dim": projection}
            if metric == "mse":
                loss = MSELoss(model, projection_dim=projection)
            else:
                loss = EmbedDistillLoss(model, distance_metric=metric, projection_dim=projection)
                settings |= {"distance_metric": metric}
            family.add(f"embed.{metric}.{name}", loss, columns, target, rows, settings=settings)

        embed("one_column", 1, "vector")
        embed("shared", 3, "vector")
        embed("each2", 2, "vectors2")
        embed("each3", 3, "vectors3")
        embed("one_row", 2, "vectors2", rows=1)
        embed("projection", 2, "narrow", projection=TEACHER_WIDTH)
        embed("projection.each", 2, "narrow2", projection=TEACHER_WIDTH)
    similarities = ["pairwise_dot_score", "pairwise_cos_sim", "pairwise_euclidean_sim", "pairwise_manhattan_sim"]
    for similarity in similarities:
        loss = MarginMSELoss(model, similarity_fct=getattr(util, similarity))
        for name, count, target in [("margin", 3, "margin"), ("margin1", 3, "margin1"), ("scores2", 3, "scores2"),
                                    ("margins2", 4, "scores2"), ("scores3", 4, "scores3")]:
            family.add(f"margin.{similarity}.{name}", loss, count, target, settings={"similarity_fct": similarity})
    family.add("margin.one_row", MarginMSELoss(model), 4, "scores3", rows=1)

    def divergence(name: str, columns: int, target: str, rows: int | None = None, **settings) -> None:
        functions = {"similarity_fct": getattr(util, settings["similarity_fct"])} if "similarity_fct" in settings else {}
        loss = DistillKLDivLoss(model, **(settings | functions))
        family.add(f"kl.{name}", loss, columns, target, rows, settings=settings)

    for target in ["scores3", "excluded3", "sharp3", "equal3"]:
        divergence(target, 4, target)
    divergence("scores2", 3, "scores2")
    divergence("warm", 4, "scores3", temperature=2.0)
    divergence("two_temperatures", 4, "scores3", student_temperature=0.5, teacher_temperature=2.0)
    divergence("excluded_cold", 4, "excluded3", temperature=0.25)
    divergence("cosine", 4, "scores3", similarity_fct="pairwise_cos_sim", student_temperature=0.05)
    divergence("one_row", 4, "scores3", rows=1)

    def orthogonal(name: str, columns: int, rows: int | None = None, similarity="cos_sim", **settings) -> None:
        loss = GlobalOrthogonalRegularizationLoss(model, similarity_fct=getattr(util, similarity), **settings)
        family.add(f"gor.{name}", loss, columns, None, rows, settings=settings | {"similarity_fct": similarity})

    orthogonal("one_column", 1)
    orthogonal("columns3", 3)
    orthogonal("sum", 3, aggregation="sum")
    orthogonal("mean_only", 2, mean_weight=0.5, second_moment_weight=0.0)
    orthogonal("second_moment_only", 2, mean_weight=0.0, second_moment_weight=2.0)
    orthogonal("dot", 2, similarity="dot_score")
    orthogonal("euclidean", 2, similarity="euclidean_sim")
    orthogonal("two_rows", 2, rows=2)
    orthogonal("one_row", 2, rows=1)
    family.save()


if __name__ == "__main__":
    main()
