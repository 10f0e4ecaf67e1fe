"""Makes Tests/Fixtures/inputs: models that begin with something else than a transformer, as sentence-transformers saves them.

`<name>/` is the model's folder. `<name>.safetensors` holds what the original makes of the texts of `texts.json`: `plain`, `query` and
`document` embeddings in float64; `gradient/<parameter>` of the sum of the cubes of the queries' and documents' embeddings; and for
models with parameters `trained` queries' embeddings in float32 after some steps of training with MultipleNegativesRankingLoss on pairs of
the texts, all of them in each batch.
"""

import json
import os
import shutil
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from datasets import Dataset
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.modules import Dense, Normalize, Router, Transformer
from sentence_transformers.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import BoW, Pooling, StaticEmbedding, WordEmbeddings
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from common import FIXTURES, folder, gradients, save_json, save_tensors

TEXTS = ["A cat sits on the mat.", "the Dog, runs!", "", "unknownwords zzz", "Rain   falls\tand falls and falls", "(cat) cat CAT",
         "a dog and a cat", "the mat"]
PAIRS = [(TEXTS[0], TEXTS[5]), (TEXTS[1], TEXTS[6]), (TEXTS[4], TEXTS[7])]
WORDS = ["PADDING_TOKEN", "cat", "dog", "the", "mat", "falls", "Rain", "rain", "a", "runs", "sits", "on"]
PLACE = folder("inputs")
BERT = FIXTURES / "models" / "tiny-bert"


def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(BERT / "tokenizer.json"))


def static(width: int) -> StaticEmbedding:
    return StaticEmbedding(tokenizer(), embedding_dim=width)


def transformer(scratch) -> Transformer:
    source = scratch / "bert"
    if not source.exists():
        shutil.copytree(BERT, source, ignore=shutil.ignore_patterns("model.safetensors", "modules.json"))
        size = json.loads((BERT / "config.json").read_text())["vocab_size"]
        config = BertConfig(vocab_size=size, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                            max_position_embeddings=24, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        BertModel(config, add_pooling_layer=False).save_pretrained(source)
    return Transformer(str(source))


def models(scratch):
    yield "static", [static(6)]
    yield "static-normalized", [static(6), Normalize()]
    yield "bow", [BoW(WORDS, {"cat": 2.0, "the": 0.25, "RAIN": 3.0, "rain": 1.5}, 0.5)]
    yield "bow-once", [BoW(WORDS, cumulative_term_frequency=False), Dense(len(WORDS), 4)]
    words = WhitespaceTokenizer(WORDS, stop_words=["the", "on"], do_lower_case=False)
    yield "words", [WordEmbeddings(words, torch.randn(len(WORDS), 6)), Pooling(6, "mean")]
    lower = WhitespaceTokenizer(WORDS, stop_words=[], do_lower_case=True)
    yield "words-trained", [WordEmbeddings(lower, torch.randn(len(WORDS), 6), update_embeddings=True, max_seq_length=4),
                            Pooling(6, ["mean", "weightedmean"])]
    yield "router", [Router.for_query_document([static(8)], [transformer(scratch), Pooling(8)]), Normalize()]
    shared = transformer(scratch)
    yield "router-shared", [Router({"query": [shared, Pooling(8), Dense(8, 5)], "document": [shared, Pooling(8, "cls"), Dense(8, 5)]})]
    yield "router-behind", [transformer(scratch), Pooling(8),
                            Router({"question": [Dense(8, 5)], "answer": [Dense(8, 5), Normalize()]}, default_route="answer",
                                   route_mappings={("query", None): "question", ("document", "text"): "answer",
                                                   (None, ("image", "text")): "question"})]


def embeddings(model, texts, task, double=True):
    features = model.preprocess(texts, task=task) if task else model.preprocess(texts)
    features = {key: value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() and double else value
                for key, value in features.items()}
    return model(features, **({"task": task} if task else {}))["sentence_embedding"]


if __name__ == "__main__":
    import pathlib
    import tempfile
    scratch = pathlib.Path(tempfile.mkdtemp())
    only = sys.argv[1:]
    save_json(PLACE / "texts.json", {"texts": TEXTS, "pairs": PAIRS})
    for seed, (name, modules) in enumerate(models(scratch)):
        if only and name not in only:
            continue
        torch.manual_seed(seed)
        place = PLACE / name
        shutil.rmtree(place, ignore_errors=True)
        SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(place), create_model_card=False)
        model = SentenceTransformer(str(place), device="cpu").double().eval()
        has_tasks = name.startswith("router")
        tasks = {"plain": None, **({"query": "query", "document": "document"} if has_tasks else {})}
        # One text at a time: padding is not what is compared.
        found = {key: torch.cat([embeddings(model, [text], task) for text in TEXTS]) for key, task in tasks.items()}
        tensors = {key: value.detach() for key, value in found.items()}
        parameters = {key: value for key, value in model.named_parameters() if value.requires_grad}
        if parameters:
            loss = sum(value.pow(3).sum() for key, value in found.items() if not has_tasks or key != "plain")
            for key, value in zip(parameters, gradients(loss, list(parameters.values()))):
                tensors[f"gradient/{key}"] = value
            trained = SentenceTransformer(str(place), device="cpu")
            rows = Dataset.from_dict({"anchor": [a for a, _ in PAIRS], "positive": [b for _, b in PAIRS]})
            arguments = SentenceTransformerTrainingArguments(
                output_dir=str(scratch / "run"), num_train_epochs=4, per_device_train_batch_size=3, learning_rate=1e-2, use_cpu=True,
                report_to="none", save_strategy="no", disable_tqdm=True, weight_decay=0.1 if name == "static" else 0.0,
                router_mapping={"anchor": "query", "positive": "document"} if has_tasks else {})
            SentenceTransformerTrainer(model=trained, args=arguments, train_dataset=rows,
                                       loss=MultipleNegativesRankingLoss(trained)).train()
            trained.eval()
            tensors["trained"] = torch.cat(
                [embeddings(trained, [text], "query" if has_tasks else None, double=False) for text in TEXTS]).detach()
        save_tensors(PLACE / f"{name}.safetensors", tensors)
        print(name, {key: tuple(value.shape) for key, value in tensors.items() if not key.startswith("gradient")}, len(parameters))

    # The layout of model2vec, in half the numbers, and a router as versions before 5 wrote it.
    if not only or "model2vec" in only:
        torch.manual_seed(50)
        place = PLACE / "model2vec"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        size = tokenizer().get_vocab_size()
        save_file({"embeddings": torch.randn(40, 6).half(), "mapping": torch.randint(0, 40, (size,)), "weights": torch.rand(size).double()},
                  place / "model.safetensors")
        tokenizer().save(str(place / "tokenizer.json"))
        (place / "modules.json").write_text(json.dumps(
            [{"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"},
             {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"}], indent=2))
        model = SentenceTransformer(str(place), device="cpu")
        save_tensors(PLACE / "model2vec.safetensors", {"plain": model.encode(TEXTS, convert_to_tensor=True).double()})
    if not only or "asym" in only:
        place = PLACE / "asym"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(PLACE / "router-behind", place)
        old = place / "2_Asym"
        (place / "2_Router").rename(old)
        text = json.loads((old / "router_config.json").read_text())
        (old / "router_config.json").unlink()
        text["parameters"] = {"allow_empty_key": True}
        text["types"] = {key: "sentence_transformers.models." + value.split(".")[-1] for key, value in text["types"].items()}
        (old / "config.json").write_text(json.dumps(text, indent=4))
        modules = json.loads((place / "modules.json").read_text())
        modules[2].update(path="2_Asym", type="sentence_transformers.models.Asym")
        (place / "modules.json").write_text(json.dumps(modules, indent=2))
        model = SentenceTransformer(str(place), device="cpu").double().eval()
        save_tensors(PLACE / "asym.safetensors", {
            "plain": torch.cat([embeddings(model, [text], None) for text in TEXTS]).detach(),
            **{task: torch.cat([embeddings(model, [text], task) for text in TEXTS]).detach() for task in ("question", "answer")}})
