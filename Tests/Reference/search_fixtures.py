"""Tests/Fixtures/search: what the library finds, mines and clusters in random embeddings.

embeddings.safetensors holds `queries` [9, 12], `corpus` [90, 12] (rows around fifteen centers), `sources` and `targets` [30, 12] (one the
other with noise), float32; corpus.npy the corpus once more. expected.json holds results: search, communities, hard negatives, k-means
and agglomerative clustering of scikit-learn, translations by margins and LexRank by their formulas in NumPy.
"""

import json

import numpy as np
import torch
from common import folder, save_json
from datasets import Dataset
from safetensors.torch import save_file
from sentence_transformers import util
from sklearn.cluster import AgglomerativeClustering, KMeans

path = folder("search")
draw = np.random.default_rng(14)
centers = draw.normal(size=(15, 12))
corpus = (centers[draw.integers(0, 15, 90)] + 0.35 * draw.normal(size=(90, 12))).astype(np.float32)
queries = (centers[:9] + 0.5 * draw.normal(size=(9, 12))).astype(np.float32)
sources = draw.normal(size=(30, 12)).astype(np.float32)
targets = (sources + 0.7 * draw.normal(size=(30, 12))).astype(np.float32)[draw.permutation(30)]
np.save(path / "corpus.npy", corpus)
tensors = {"queries": queries, "corpus": corpus, "sources": sources, "targets": targets}
save_file({name: torch.from_numpy(np.ascontiguousarray(rows)) for name, rows in tensors.items()}, path / "embeddings.safetensors")
out = {}

functions = {"cosine": util.cos_sim, "dot": util.dot_score, "euclidean": util.euclidean_sim, "manhattan": util.manhattan_sim}
for name, function in functions.items():
    found = util.semantic_search(torch.from_numpy(queries), torch.from_numpy(corpus), top_k=6, corpus_chunk_size=25, score_function=function)
    out[f"search {name}"] = [[[hit["corpus_id"], hit["score"]] for hit in hits] for hits in found]
for threshold, size in [(0.75, 4), (0.9, 2), (0.6, 6)]:
    out[f"communities {threshold} {size}"] = util.community_detection(corpus, threshold=threshold, min_community_size=size, batch_size=32)


class Model:
    """Texts are names of rows: q3, d17."""

    device = "cpu"

    def embed(self, texts, **_):
        rows = np.stack([(queries if text[0] == "q" else corpus)[int(text[1:])] for text in texts])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    encode_query = encode_document = embed
    similarity = staticmethod(util.cos_sim)
    similarity_pairwise = staticmethod(util.pairwise_cos_sim)


class Scorer:
    """A score of the numbers in the names alone."""

    def predict(self, pairs, **_):
        return torch.tensor([((int(a[1:]) * 31 + int(b[1:]) * 17) % 101) / 100 for a, b in pairs])


pairs = {"question": [], "answer": []}
for query in range(9):
    for rank in range(1 + query % 3):
        order = np.argsort(-(corpus @ queries[query]))
        pairs["question"].append(f"q{query}")
        pairs["answer"].append(f"d{order[rank * 2]}")
pairs["question"].append("q0")
pairs["answer"].append(pairs["answer"][0])
out["pairs"] = pairs
texts = [f"d{row}" for row in range(90)]
cases = {
    "plain": {},
    "own corpus": {"corpus": None, "num_negatives": 2},
    "range": {"range_min": 2, "range_max": 9, "num_negatives": 4},
    "absolute": {"absolute_margin": 0.1},
    "relative": {"relative_margin": 0.2, "num_negatives": 5, "range_max": 12},
    "scores bounded": {"max_score": 0.8, "min_score": 0.3, "range_max": 20},
    "n-tuple": {"output_format": "n-tuple", "relative_margin": 0.3, "range_max": 12},
    "n-tuple scores": {"output_format": "n-tuple", "output_scores": True},
    "triplet scores": {"output_scores": True, "max_score": 0.7},
    "labeled-pair": {"output_format": "labeled-pair", "max_score": 0.75, "range_max": 12},
    "labeled-pair scores": {"output_format": "labeled-pair", "output_scores": True},
    "labeled-list": {"output_format": "labeled-list", "absolute_margin": 0.35, "range_max": 12},
    "labeled-list scores": {"output_format": "labeled-list", "output_scores": True},
    "positives": {"include_positives": True, "num_negatives": 6, "output_scores": True},
    "scorer": {"cross_encoder": Scorer(), "absolute_margin": 0.05, "output_scores": True},
    "scorer least": {"cross_encoder": Scorer(), "min_score": 0.4, "num_negatives": 2},
}
for name, options in cases.items():
    options = {"corpus": texts, **options}
    found = util.mine_hard_negatives(Dataset.from_dict(pairs), Model(), verbose=False, **options)
    out[f"mined {name}"] = found.to_dict()

unit = corpus / np.linalg.norm(corpus, axis=1, keepdims=True)
kmeans = KMeans(n_clusters=8, init=corpus[:8], n_init=1).fit(corpus)
out["k-means"] = {"labels": kmeans.labels_.tolist(), "inertia": float(kmeans.inertia_), "iterations": int(kmeans.n_iter_)}
for linkage, threshold in [("ward", 1.5), ("average", 0.7)]:
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=threshold, linkage=linkage).fit(unit.astype(np.float64))
    out[f"{linkage} threshold"] = [threshold, model.labels_.tolist()]
    out[f"{linkage} count"] = [7, AgglomerativeClustering(n_clusters=7, linkage=linkage).fit(unit.astype(np.float64)).labels_.tolist()]

x, y = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (sources.astype(np.float64), targets.astype(np.float64)))
cosines, k = x @ y.T, 4
forward, backward = -np.sort(-cosines, axis=1)[:, :k].mean(1), -np.sort(-cosines.T, axis=1)[:, :k].mean(1)
margins = cosines / ((forward[:, None] + backward[None, :]) / 2)
candidates = []
for i in range(30):
    near = np.argsort(-cosines[i])[:k]
    candidates.append((margins[i, near].max(), i, near[margins[i, near].argmax()]))
    near = np.argsort(-cosines[:, i])[:k]
    candidates.append((margins[near, i].max(), near[margins[near, i].argmax()], i))
translations, used = [], (set(), set())
for score, i, j in sorted(candidates, key=lambda c: -c[0]):
    if score >= 1 and i not in used[0] and j not in used[1]:
        translations.append([float(score), int(i), int(j)])
        used[0].add(i)
        used[1].add(j)
out["translations"] = translations

similarities = unit[:40].astype(np.float64) @ unit[:40].T.astype(np.float64)
for name, weights in [("softmax", similarities), ("positive", np.exp(similarities)), ("threshold", (similarities >= 0.5) * 1.0)]:
    rows = np.exp(weights) if weights.min() <= 0 else weights
    values, vectors = np.linalg.eig((rows / rows.sum(1, keepdims=True)).T)
    ranks = np.abs(np.real(vectors[:, np.argmax(np.real(values))]))
    out[f"ranks {name}"] = (ranks / ranks.sum() * 40).tolist()
save_json(path / "expected.json", json.loads(json.dumps(out)))
