"""Reads the card of a trained model with the hub's own library, as the hub does. Not a fixture: ends with an error where
the card is none.

    tapestry quickstart --output results/quickstart
    python Tests/Reference/model_card_check.py results/quickstart/README.md
"""

import re
import sys
import warnings

import yaml
from huggingface_hub import EvalResult, ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results

KNOWN = ["language", "license", "library_name", "tags", "datasets", "metrics", "pipeline_tag", "widget", "model-index",
         "co2_eq_emissions", "base_model"]


def check(path: str) -> None:
    warnings.simplefilter("error")
    card = ModelCard.load(path, ignore_metadata_errors=False)
    raw = yaml.safe_load(re.match(r"---\n(.*?)\n---\n", card.content, re.S)[1])
    assert [key for key in KNOWN if key in raw] == list(raw), list(raw)
    data = card.data
    assert data.library_name == "sentence-transformers" and data.pipeline_tag == "sentence-similarity"
    assert data.tags[:2] == ["sentence-transformers", "sentence-similarity"], data.tags
    assert all(isinstance(tag, str) for tag in data.tags)
    if "model-index" in raw:
        name, results = model_index_to_eval_results(raw["model-index"])
        assert name == data.model_name and len(results) > 0
        for result in results:
            assert isinstance(result, EvalResult) and isinstance(result.metric_value, float), result
        assert {result.metric_type for result in data.eval_results} == set(raw["metrics"])
        print(f"{len(results)} results of {name}")
    for example in raw.get("widget", []):
        assert isinstance(example["source_sentence"], str) and len(example["sentences"]) > 0
        assert all(isinstance(text, str) for text in example["sentences"])
    # Written again by the library and read again, nothing is lost.
    again = ModelCard(str(card))
    assert again.data.to_dict() == data.to_dict()
    print(path, "is a card:", ", ".join(raw))


if __name__ == "__main__":
    for path in sys.argv[1:]:
        check(path)
