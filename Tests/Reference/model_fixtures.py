"""Makes Tests/Fixtures/models: three random BERT models as sentence-transformers saves them, and their outputs.

tiny-bert: two layers, mean pooling, normalized. tiny-dense: one layer, three pooling modes side by side, dense.
mini-bert: smaller still, for gradients (loss_fixtures.py). sentences.json: the texts and each model's input ids.
expected.safetensors: `<model>/embeddings` of all texts; `pooling/<mode>`, tiny-bert's token embeddings of all
texts pooled in each way; `tiny-bert/hidden/<layer>` for text 0, where hidden/0 is what the embedding layer gives
and the last one is the token embeddings. All in float32, and in float64 under the same name and `.f64` (same weights).
"""

import shutil
import tempfile
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import BertConfig, BertModel, BertTokenizerFast

from common import folder, save_json, save_tensors
from vocabulary import SENTENCES, pieces

MODES = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]


def randomize(model: torch.nn.Module) -> None:
    """Biases and normalization weights start as zeros and ones, which would hide mistakes.

    Words are made to weigh more than positions and types, so that sentences come out different.
    """
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.mul_(4)
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
                parameter.copy_(centre + 0.1 * torch.randn_like(parameter))


def make(name: str, seed: int, words: int, length: int, sizes: dict, rest: list) -> None:
    torch.manual_seed(seed)
    vocabulary = pieces(words)
    target = folder("models") / name
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
        BertTokenizerFast(f"{temporary}/vocab.txt", model_max_length=length).save_pretrained(temporary)
        config = BertConfig(vocab_size=words, initializer_range=0.2, **sizes)
        encoder = BertModel(config)
        randomize(encoder)
        encoder.save_pretrained(temporary)
        model = SentenceTransformer(modules=[Transformer(temporary), *rest], device="cpu")
        shutil.rmtree(target, ignore_errors=True)
        model.save(str(target), create_model_card=False)


def make_all() -> None:
    make("tiny-bert", 41, 120, 64, {
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
        "max_position_embeddings": 64,
    }, [Pooling(32, "mean"), Normalize()])
    torch.manual_seed(42)
    make("tiny-dense", 43, 90, 24, {
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
        "max_position_embeddings": 32,
    }, [Pooling(16, ["cls", "mean", "max"]), Dense(48, 12)])
    make("mini-bert", 44, 60, 24, {
        "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24,
        "max_position_embeddings": 24,
    }, [Pooling(12, "mean")])


def outputs(name: str, model: SentenceTransformer) -> dict[str, torch.Tensor]:
    """Embeddings of all sentences; of tiny-bert also its layers for sentence 0, and every way to pool."""
    found = {f"{name}/embeddings": model.encode(SENTENCES, convert_to_tensor=True)}
    if name == "tiny-bert":
        features = model.preprocess(SENTENCES[:1])
        layers = model[0].model(input_ids=features["input_ids"], output_hidden_states=True).hidden_states
        if not torch.equal(layers[-1], model[0](features)["token_embeddings"]):
            raise ValueError("the token embeddings are not what the last layer gives")
        found |= {f"{name}/hidden/{index}": layer[0] for index, layer in enumerate(layers)}
        for mode in MODES:
            features = model[0](model.preprocess(SENTENCES))
            found[f"pooling/{mode}"] = Pooling(32, mode)(features)["sentence_embedding"]
    return found


def write_expected() -> None:
    names = ["tiny-bert", "tiny-dense"]
    entries = [{"text": text} for text in SENTENCES]
    tensors = {}
    for name in names:
        model = SentenceTransformer(str(folder("models") / name), device="cpu").eval()
        for entry in entries:
            entry[name] = model.preprocess([entry["text"]])["input_ids"][0].tolist()
        with torch.no_grad():
            tensors |= outputs(name, model)
            tensors |= {f"{key}.f64": tensor for key, tensor in outputs(name, model.double()).items()}
    for key, tensor in tensors.items():
        if tensor.dtype != (torch.float64 if key.endswith(".f64") else torch.float32):
            raise TypeError(f"{key} is {tensor.dtype}")
    save_tensors(folder("models") / "expected.safetensors", tensors)
    save_json(folder("models") / "sentences.json", entries)


if __name__ == "__main__":
    make_all()
    write_expected()
