"""Makes Tests/Fixtures/training: short trainings of models/tiny-bert without dropout, step by step, in float32.

curves.json: a plain loop over pairs.csv in order, with torch's AdamW, the linear schedule and clipping; per loss.
trainer_log.json: the log of SentenceTransformerTrainer over two epochs, and the row numbers of each batch it
trained on; figures that depend on the machine (times and speeds) are set to 0. Run model_fixtures.py first.
"""

import csv
import math
import tempfile
from pathlib import Path

import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator
from sentence_transformers.sentence_transformer.losses import (
    CoSENTLoss,
    CosineSimilarityLoss,
    MultipleNegativesRankingLoss,
)
from transformers import get_scheduler

from common import folder, save_json
from vocabulary import anchor_pairs, scored_pairs

STEPS, BATCH, WARMUP, RATE = 30, 8, 3, 2e-3
PAIRS = scored_pairs(40, seed=51)
ANCHORS = anchor_pairs(40, seed=52)
DEPENDS_ON_MACHINE = ["train_runtime", "train_samples_per_second", "train_steps_per_second"]


def write_csv(name: str, header: list[str], rows: list[tuple]) -> None:
    with open(folder("training") / name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def fresh_model() -> SentenceTransformer:
    model = SentenceTransformer(str(folder("models") / "tiny-bert"), device="cpu")
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
    return model


def curve(loss_type: type) -> list[dict[str, float]]:
    """Loss, gradient norm before clipping, and the learning rate of each step."""
    model = fresh_model().train()
    loss = loss_type(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    schedule = get_scheduler("linear", optimizer, num_warmup_steps=WARMUP, num_training_steps=STEPS)
    entries = []
    for step in range(STEPS):
        first = step * BATCH % len(PAIRS)
        rows = PAIRS[first : first + BATCH]
        features = [model.preprocess([row[column] for row in rows]) for column in [0, 1]]
        optimizer.zero_grad()
        value = loss(features, torch.tensor([row[2] for row in rows]))
        value.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        rate = schedule.get_last_lr()[0]
        entries.append({"loss": value.item(), "grad_norm": norm.item(), "learning_rate": rate})
        optimizer.step()
        schedule.step()
    return entries


class NumberingCollator(SentenceTransformerDataCollator):
    """Collates as the library does, and adds the numbers of the rows."""

    def __call__(self, features: list[dict]) -> dict:
        numbers = [self.rows.index(tuple(row.values())) for row in features]
        return super().__call__(features) | {"row_numbers": numbers}


class RecordingTrainer(SentenceTransformerTrainer):
    """Keeps the row numbers of the batches it trains on; the last that is drawn in an epoch may go unused."""

    def compute_loss(self, model, inputs, *rest, **options):
        self.batches.append(inputs.pop("row_numbers"))
        return super().compute_loss(model, inputs, *rest, **options)


def trained(loss_type: type, columns: list[str], rows: list[tuple], sampler: str) -> dict:
    """The trainer's log of two epochs and the batches it trained on."""
    model = fresh_model()
    if len(set(rows)) < len(rows):
        raise ValueError("a row that comes twice cannot be numbered")
    collator = NumberingCollator(preprocess_fn=model.preprocess)
    collator.rows = rows
    with tempfile.TemporaryDirectory() as temporary:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=temporary, num_train_epochs=2, per_device_train_batch_size=BATCH, seed=42,
            learning_rate=RATE, warmup_steps=0.1, logging_steps=1, batch_sampler=sampler, save_strategy="no",
            report_to="none", use_cpu=True, disable_tqdm=True,
        )
        dataset = Dataset.from_list([dict(zip(columns, row)) for row in rows])
        trainer = RecordingTrainer(
            model=model, args=arguments, train_dataset=dataset, loss=loss_type(model), data_collator=collator)
        trainer.batches = []
        trainer.train()
    log = [
        {key: 0.0 if key in DEPENDS_ON_MACHINE else value for key, value in entry.items()}
        for entry in trainer.state.log_history
    ]
    if not all(math.isfinite(value) for entry in log for value in entry.values()):
        raise ValueError(f"{loss_type.__name__}: the log holds a number that is not finite")
    return {"loss": loss_type.__name__, "batch_sampler": sampler, "batches": trainer.batches, "log_history": log}


if __name__ == "__main__":
    torch.manual_seed(0)
    write_csv("pairs.csv", ["sentence1", "sentence2", "score"], PAIRS)
    write_csv("anchors.csv", ["anchor", "positive"], ANCHORS)
    losses = [CosineSimilarityLoss, CoSENTLoss]
    save_json(folder("training") / "curves.json", {loss.__name__: curve(loss) for loss in losses})
    scored, paired = ["sentence1", "sentence2", "score"], ["anchor", "positive"]
    runs = {loss.__name__: trained(loss, scored, PAIRS, "batch_sampler") for loss in losses}
    ranking = MultipleNegativesRankingLoss
    runs[ranking.__name__] = trained(ranking, paired, ANCHORS, "no_duplicates")
    save_json(folder("training") / "trainer_log.json", runs)
