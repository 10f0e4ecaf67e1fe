"""Writes Tests/Fixtures/samplers/*.json: batches that sentence-transformers deals from synthetic columns.

Needs sentence-transformers 6.2.0 (with datasets and accelerate). Run: python Tests/Reference/sampler_fixtures.py
"""

import json
from pathlib import Path

import torch
from accelerate.data_loader import SeedableRandomSampler
from datasets import Dataset
from sentence_transformers.base.sampler import (
    DefaultBatchSampler, GroupByLabelBatchSampler, NoDuplicatesBatchSampler, ProportionalBatchSampler, RoundRobinBatchSampler)
from torch.utils.data import ConcatDataset, RandomSampler

FOLDER = Path(__file__).parent.parent / "Fixtures" / "samplers"
LABEL_COLUMNS = ["label", "labels", "score", "scores"]
EPOCHS = 2


def texts(count, pool, step, prefix="t"):
    """`count` texts out of `pool` different ones, in an irregular but fixed order."""
    return [f"{prefix}{(i * step + i * i // 7) % pool}" for i in range(count)]


# name: (columns, batch size, seed)
CASES = {
    "all-different": ({"a": texts(97, 10**6, 11), "b": texts(97, 10**6, 11, "u")}, 16, 42),
    "some-duplicates": (
        {"anchor": texts(150, 60, 7), "positive": texts(150, 90, 5), "negative": texts(150, 40, 3, "u")}, 16, 12),
    "many-duplicates": ({"a": texts(60, 9, 5), "b": texts(60, 31, 3, "u")}, 8, 3),
    "too-few-texts": ({"a": texts(40, 5, 3)}, 8, 0),
    "almost-too-few-texts": ({"a": texts(41, 9, 2)}, 8, 1),
    "short-in-spite-of-resampling": ({"a": ["same"] * 20 + ["x", "y", "z"]}, 4, 5),
    "across-columns": ({"a": texts(64, 48, 1), "b": texts(64, 48, 13)}, 6, 2026),
    "other-columns-ignored": (
        {"a": texts(30, 25, 3), "dataset_name": ["same"] * 30, "score": ["0.5"] * 30, "b": texts(30, 22, 7)}, 5, 9),
    "equal-only-when-normalized": (
        {"a": ["\u00e9", "e\u0301", "x", "y"] * 6, "b": texts(24, 24, 5)}, 4, 77),
    "wide-seed": ({"a": texts(33, 29, 4)}, 4, 2**32 + 5),
    "one-row": ({"a": ["only"]}, 4, 8),
}


# name: (labels, batch size, seed)
LABEL_CASES = {
    "worked-example": ([0, 1, 2, 0, 1, 2, 0, 1, 0, 1, 0, 2, 3, 0], 4, 0),
    "many-labels": ([(i * 7 + i * i // 5) % 23 for i in range(300)], 16, 42),
    "one-label-is-most": ([0 if i % 5 else 1 + i % 3 for i in range(90)], 8, 7),
    "two-labels": ([i % 2 for i in range(41)], 6, 3),
    "too-few-rows-for-a-batch": ([0, 0, 1, 1], 8, 1),
    "labels-with-one-row": ([0, 1, 2, 3, 4, 2, 5, 6, 0, 7], 4, 9),
    "wide-seed": ([i % 4 for i in range(40)], 12, 2**32 + 5),
}


def epochs_of(sampler, clock):
    batches = []
    for epoch in range(EPOCHS):
        clock.set_epoch(epoch)
        batches.append([[int(row) for row in batch] for batch in sampler])
    return batches


def deal(columns, batch_size, drop_last, seed):
    dataset = Dataset.from_dict(columns)
    rows = SeedableRandomSampler(dataset, generator=torch.Generator(), data_seed=seed)
    shuffled = DefaultBatchSampler(rows, batch_size, drop_last, LABEL_COLUMNS, torch.Generator(), seed)
    distinct = NoDuplicatesBatchSampler(dataset, batch_size, drop_last, LABEL_COLUMNS, torch.Generator(), seed)
    return {
        "dropLast": drop_last,
        "batchCount": len(distinct),
        "batchSampler": epochs_of(shuffled, rows),
        "noDuplicates": epochs_of(distinct, distinct),
    }


def deal_by_label(labels, batch_size, drop_last, seed):
    dataset = Dataset.from_dict({"text": texts(len(labels), 10**6, 11), "label": labels})
    sampler = GroupByLabelBatchSampler(dataset, batch_size, drop_last, LABEL_COLUMNS, torch.Generator(), seed)
    return {"dropLast": drop_last, "batchCount": len(sampler), "batches": epochs_of(sampler, sampler)}


# name: (kind and rows of each dataset, batch size, seed)
MULTI_CASES = {
    "two-shuffled": ([("batch_sampler", 23), ("batch_sampler", 40)], 4, 42),
    "one-without-duplicates": ([("batch_sampler", 30), ("no_duplicates", 25), ("batch_sampler", 9)], 4, 7),
}


def deal_many(kinds, batch_size, drop_last, seed, outer):
    """Batches as [dataset, rows] of all datasets, which share one generator, as the trainer sets them up."""
    generator = torch.Generator()
    parts, samplers, starts = [], [], [0]
    for kind, count in kinds:
        labels = [(i * 7 + i * i // 5) % 5 for i in range(count)]
        part = Dataset.from_dict({"text": texts(count, 20, 7), "label": labels})
        if kind == "batch_sampler":
            sampler = DefaultBatchSampler(RandomSampler(range(count), generator=generator), batch_size, drop_last)
        else:
            sampler = NoDuplicatesBatchSampler(part, batch_size, drop_last, LABEL_COLUMNS, generator, seed)
        parts.append(part)
        samplers.append(sampler)
        starts.append(starts[-1] + count)
    sampler = outer(ConcatDataset(parts), samplers, generator, seed)

    def split(rows):
        index = max(i for i, start in enumerate(starts) if start <= rows[0])
        return {"dataset": index, "rows": [row - starts[index] for row in rows]}

    epochs = [[split(batch) for batch in epoch] for epoch in epochs_of(sampler, sampler)]
    return {"batchCount": len(sampler), "epochs": epochs}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (columns, batch_size, seed) in CASES.items():
        case = {
            "columns": [{"name": key, "texts": values} for key, values in columns.items()],
            "batchSize": batch_size,
            "seed": seed,
            "runs": [deal(columns, batch_size, drop_last, seed) for drop_last in (False, True)],
        }
        (FOLDER / f"{name}.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    groups = [
        {"name": name, "labels": labels, "batchSize": batch_size, "seed": seed,
         "runs": [deal_by_label(labels, batch_size, drop_last, seed) for drop_last in (False, True)]}
        for name, (labels, batch_size, seed) in LABEL_CASES.items()
    ]
    (FOLDER / "by-label.json").write_text(json.dumps(groups, separators=(",", ":")) + "\n")
    many = []
    for name, (kinds, batch_size, seed) in MULTI_CASES.items():
        for drop_last in (False, True):
            many.append({
                "name": name, "datasets": [{"kind": kind, "rowCount": count} for kind, count in kinds],
                "batchSize": batch_size, "seed": seed, "dropLast": drop_last,
                "proportional": deal_many(kinds, batch_size, drop_last, seed, ProportionalBatchSampler),
                "roundRobin": deal_many(kinds, batch_size, drop_last, seed, RoundRobinBatchSampler),
            })
    (FOLDER / "multi-dataset.json").write_text(json.dumps(many, separators=(",", ":")) + "\n")
    permutations = []
    for seed, count in ((42, 10), (43, 10), (12, 5), (7, 1), (12345, 700)):
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
        permutations.append({"seed": seed, "order": order})
    (FOLDER / "permutations.json").write_text(json.dumps(permutations, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
