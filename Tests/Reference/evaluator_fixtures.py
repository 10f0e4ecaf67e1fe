"""Figures of the reference's evaluators: Tests/Fixtures/evaluators/builtin.json.

Run from the root: python Tests/Reference/evaluator_fixtures.py
The model is the built-in one, the sentences are those of sentences.json beside it.
"""
import json
from pathlib import Path
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers import evaluation as E

root = Path(__file__).resolve().parents[2]
model = SentenceTransformer(str(root / "Sources/Tapestry/BuiltInModel"), device="cpu", model_kwargs={"dtype": torch.float32})

grammar = json.loads((root / "Tests/Fixtures/evaluators/sentences.json").read_text())
a, b, c, labels = grammar["a"], grammar["b"], grammar["c"], grammar["labels"]
functions = ["cosine", "dot", "euclidean", "manhattan"]
out = {}
out["binary"] = E.BinaryClassificationEvaluator(a, b, labels, similarity_fn_names=functions)(model)
out["similarity"] = E.EmbeddingSimilarityEvaluator(a, b, grammar["scores"], similarity_fn_names=functions)(model)
for precision in ["float32", "int8", "uint8", "binary", "ubinary"]:
    out[precision if precision != "binary" else "binary precision"] = E.EmbeddingSimilarityEvaluator(a, b, grammar["scores"], similarity_fn_names=functions, precision=precision)(model)
out["triplets"] = E.TripletEvaluator(a, b, c, similarity_fn_names=functions)(model)
out["translation"] = E.TranslationEvaluator(a, b)(model)
out["mse"] = E.MSEEvaluator(a, b, teacher_model=model)(model)
corpus = {f"d{i}": text for i, text in enumerate(dict.fromkeys(b + c))}
ids = {text: i for i, text in corpus.items()}
queries = {f"q{i}": text for i, text in enumerate(a)}
relevant = {f"q{i}": {ids[b[i]], ids[b[(i + 1) % len(b)]]} for i in range(len(a))}
out["retrieval"] = E.InformationRetrievalEvaluator(queries, corpus, relevant)(model)
samples = [{"query": a[i], "positive": [b[i], b[(i + 1) % len(b)]], "negative": [c[i], b[(i + 2) % len(b)], c[(i + 3) % len(c)]]}
           for i in range(len(a))]
out["reranking"] = E.RerankingEvaluator(samples, at_k=3)(model)
texts = {str(i): text for i, text in enumerate(a + b)}
out["mining"] = E.ParaphraseMiningEvaluator(texts, [(str(i), str(len(a) + i)) for i in range(len(a))])(model)
path = root / "Tests/Fixtures/evaluators/builtin.json"
path.write_text(json.dumps({k: {n: float(v) for n, v in m.items()} for k, m in out.items()}, indent=1) + "\n")
