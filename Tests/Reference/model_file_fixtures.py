"""Makes Tests/Fixtures/modelfiles: files as the Python libraries write them, for ModelFilesTests.

Run from the repository's root with sentence-transformers 6.2.0 and its dependencies installed:

    python Tests/Reference/model_file_fixtures.py

The tests do not run this; they read the committed files.
"""

import shutil
import tempfile
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import BertConfig, BertModel, BertTokenizerFast

OUTPUT = Path(__file__).resolve().parent.parent / "Fixtures" / "modelfiles"


def write_tensors() -> None:
    """One tensor per element type, holding 0, 1, 2 … (float types: halves from −1), an empty one and a scalar."""
    floats = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    integers = {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8}
    tensors = {f"float.{name}": (torch.arange(6) / 2 - 1).reshape(2, 3).to(kind) for name, kind in floats.items()}
    tensors |= {f"integer.{name}": torch.arange(6).reshape(3, 2).to(kind) for name, kind in integers.items()}
    tensors["flags"] = torch.tensor([True, False, True])
    tensors["empty"] = torch.zeros(0, 4)
    tensors["scalar"] = torch.tensor(2.5)
    save_file(tensors, OUTPUT / "every_type.safetensors", metadata={"format": "pt", "note": "grüße / \"q\""})


def write_arrays() -> None:
    """An array of each supported type, (2, 3) with 0 … 5, and one of each awkward shape."""
    for name in ["f4", "f8", "i4", "i8"]:
        numpy.save(OUTPUT / f"array_{name}.npy", numpy.arange(6, dtype="<" + name).reshape(2, 3))
    numpy.save(OUTPUT / "vector.npy", numpy.array([1.5, -2.0], dtype="<f4"))
    numpy.save(OUTPUT / "scalar.npy", numpy.array(7, dtype="<i8"))
    numpy.save(OUTPUT / "empty.npy", numpy.zeros((0, 3), dtype="<f4"))
    numpy.save(OUTPUT / "fortran.npy", numpy.asfortranarray(numpy.arange(6, dtype="<f4").reshape(2, 3)))


def write_model() -> None:
    """The JSON files of a tiny random model: Transformer, Pooling (two modes), Dense, Normalize."""
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
        (Path(folder) / "vocab.txt").write_text("\n".join(words) + "\n")
        BertTokenizerFast(f"{folder}/vocab.txt", model_max_length=32).save_pretrained(folder)
        sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
        BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=32, **sizes)).save_pretrained(folder)
        modules = [Transformer(folder), Pooling(8, pooling_mode=["mean", "cls"]), Dense(16, 4), Normalize()]
        model = SentenceTransformer(modules=modules, prompts={"query": "query: "})
        saved = Path(folder) / "saved"
        model.save(str(saved), create_model_card=False)
        target = OUTPUT / "tiny-bert"
        shutil.rmtree(target, ignore_errors=True)
        for file in saved.rglob("*.json"):
            if not file.name.startswith("tokenizer"):
                destination = target / file.relative_to(saved)
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, destination)


if __name__ == "__main__":
    OUTPUT.mkdir(parents=True, exist_ok=True)
    write_tensors()
    write_arrays()
    write_model()
