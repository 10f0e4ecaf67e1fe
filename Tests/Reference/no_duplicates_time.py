"""Times the original's NO_DUPLICATES sampler: one epoch over a million triplets, batches of 64.

The rows are those of `swift run -c release Benchmarks no-duplicates`: a third of the anchors occur twice or more.
"""

import time

import torch
from datasets import Dataset
from sentence_transformers.base.sampler import NoDuplicatesBatchSampler

ROWS = 1_000_000


def main() -> None:
    rows = range(ROWS)
    dataset = Dataset.from_dict({
        "anchor": [f"a person walks along road number {row * 7919 % 600_011} in the rain" for row in rows],
        "positive": [f"somebody is out on road {row}, and it is wet" for row in rows],
        "negative": [f"nobody has seen house number {row * 104_729 % 800_011} since the summer" for row in rows],
    })
    for hashed in [False, True]:
        try:
            sampler = NoDuplicatesBatchSampler(
                dataset, batch_size=64, drop_last=False, generator=torch.Generator(), seed=42, precompute_hashes=hashed)
            start = time.perf_counter()
            count = sum(1 for _ in sampler)
            print(f"{'no_duplicates_hashed' if hashed else 'no_duplicates'}: {count} batches in {time.perf_counter() - start:.2f} s")
        except ImportError as error:
            print(error)


if __name__ == "__main__":
    main()
