"""Compares the figures of `tapestry evaluate` with the reference's, on real data and a real model.

    python compare_evaluators.py TAPESTRY MODEL DATA

TAPESTRY is the command, MODEL a folder such as models/minilm, DATA the folder of the data sets. Both sides compute their embeddings
themselves, so figures differ by what rounding does to ties and near ties.
"""

import csv
import json
import pathlib
import subprocess
import sys

from sentence_transformers import SentenceTransformer
from sentence_transformers.evaluation import (
    BinaryClassificationEvaluator,
    EmbeddingSimilarityEvaluator,
    InformationRetrievalEvaluator,
    MSEEvaluator,
    RerankingEvaluator,
    TranslationEvaluator,
    TripletEvaluator,
)

tapestry, folder, data = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
model = SentenceTransformer(folder, device="cpu")


def columns(path):
    with open(data / path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [[row[name] for row in rows] for name in rows[0]]


def lines(path):
    with open(data / path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def retrieval(path):
    corpus = {d["_id"]: " ".join(t for t in (d.get("title"), d["text"]) if t) for d in lines(f"{path}/corpus.jsonl")}
    queries = {q["_id"]: q["text"] for q in lines(f"{path}/queries.jsonl")}
    relevant = {}
    with open(data / path / "qrels.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant.setdefault(row["query-id"], set()).add(row["corpus-id"])
    return InformationRetrievalEvaluator(queries, corpus, relevant)


def similarity(path):
    a, b, scores = columns(path)
    return EmbeddingSimilarityEvaluator(a, b, [float(s) for s in scores])


def binary(path):
    a, b, labels = columns(path)
    return BinaryClassificationEvaluator(a, b, [int(label) for label in labels])


cases = [
    ("--sts", "stsb/stsb-en-test.csv", similarity),
    ("--sts", "sick/sick-dev-relatedness.csv", similarity),
    ("--binary", "para/parade-dev.csv", binary),
    ("--binary", "para/mqp-test.csv", binary),
    ("--triplets", "nli/triplets-dev.csv", lambda path: TripletEvaluator(*columns(path))),
    ("--translation", "tatoeba/eng-deu.csv", lambda path: TranslationEvaluator(*columns(path))),
    ("--reranking", "rerank/semeval2016-cqa-dev.jsonl", lambda path: RerankingEvaluator(lines(path))),
    ("--reranking", "rerank/trecqa-dev.jsonl", lambda path: RerankingEvaluator(lines(path))),
    ("--information-retrieval", "ir/cranfield", retrieval),
    ("--mse", "tatoeba/eng-deu.csv", lambda path: MSEEvaluator(*columns(path), teacher_model=model)),
]
worst = 0.0
for option, path, make in cases:
    expected = make(path)(model)
    teacher = ["--teacher", folder] if option == "--mse" else []
    command = [tapestry, "evaluate", "--model", folder, option, str(data / path), "--json", *teacher]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert set(found) == set(expected), (path, set(found) ^ set(expected))
    differences = {key: abs(found[key] - float(expected[key])) / max(1, abs(float(expected[key]))) for key in found}
    key = max(differences, key=differences.get)
    worst = max(worst, differences[key])
    print(f"{option:24} {path:36} {len(found):3} figures, largest difference {differences[key]:.1e} ({key})", flush=True)
print(f"largest difference {worst:.1e}")
