"""Makes Tests/Fixtures/weights: files of torch.save in all their forms, and the same tensors as safetensors.

`tensors.bin` (the zip archive), `older.bin` (the form before PyTorch 1.6), `deflated.bin`, `zip64.bin` and `parts.bin` (older, with
parts of storages) hold what `tensors.safetensors` and `parts.safetensors` hold; `refused-*.bin` have to be refused, each for another reason.
`sharded` has an index. `masked-lm.bin` is models/mini-bert as an old checkpoint of a masked language model has it: a prefix, a head,
buffers, gamma and beta.

Run from the repository's root:

    python Tests/Reference/weight_fixtures.py
"""

import io
import os
import pickle
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM

from common import FIXTURES, folder

OUTPUT = folder("weights")


def tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    numbers = (torch.arange(6) / 2 - 1).reshape(2, 3)
    found = {
        f"float.{name}": numbers.to(kind)
        for name, kind in {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}.items()
    }
    for name, kind in {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8}.items():
        found[f"integer.{name}"] = torch.arange(-3, 3).to(kind) if name != "U8" else torch.arange(6, dtype=kind)
    base = torch.randn(4, 6)
    found |= {
        "flags": torch.tensor([True, False, True]), "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4),
        "parameter": torch.nn.Parameter(torch.randn(3, 2)),
        "shared.whole": base, "shared.transposed": base.t(), "shared.columns": base[:, 1:5:2], "shared.row": base[2],
        "shared.half": base.half()[1:, 2:].permute(1, 0), "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 3),
        "cube": torch.arange(24.0, dtype=torch.float64).reshape(2, 3, 4).permute(2, 0, 1),
        "größe / \"q\"": torch.tensor([1.0]),
    }
    return found


def save(name: str, value, older: bool = False) -> None:
    torch.save(value, OUTPUT / f"{name}.bin", _use_new_zipfile_serialization=not older)


def expect(name: str, found: dict[str, torch.Tensor]) -> None:
    save_file({key: value.detach().clone(memory_format=torch.contiguous_format) for key, value in found.items()},
              OUTPUT / f"{name}.safetensors")


def members(name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(OUTPUT / f"{name}.bin") as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def archive(name: str, content: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(OUTPUT / f"{name}.bin", "w", method) as target:
        for path, data in content.items():
            target.writestr(zipfile.ZipInfo(path), data, method)


def zip64(name: str, content: dict[str, bytes]) -> None:
    """As archives of more than 4 GB are: all sizes stand in the fields of 64 bits."""
    body, directory = b"", b""
    for path, data in content.items():
        encoded, full = path.encode(), 0xFFFFFFFF
        sizes = struct.pack("<HHQQ", 1, 16, len(data), len(data))
        places = struct.pack("<HHQQQ", 1, 24, len(data), len(data), len(body))
        common = struct.pack("<HHHHHIII", 45, 0, 0, 0, 33, zlib.crc32(data), full, full)
        directory += b"PK\x01\x02" + struct.pack("<H", 45) + common + struct.pack(
            "<HHHHHII", len(encoded), len(places) + 8, 0, 0, 0, 0, full) + encoded + struct.pack("<HHI", 0xCAFE, 4, 7) + places
        body += b"PK\x03\x04" + common + struct.pack("<HH", len(encoded), len(sizes)) + encoded + sizes + data
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, len(content), len(content), len(directory), len(body))
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(body) + len(directory), 1)
    last = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (OUTPUT / f"{name}.bin").write_bytes(body + directory + end + locator + last)


def parts(name: str) -> None:
    """Before PyTorch 0.4, a part of a storage was a storage of its own in the pickle."""
    class Part:
        def __init__(self, first: int, count: int):
            self.place = ("base", torch.FloatStorage, "0", "cpu", 8, (f"part {first}", first, count))

        def __reduce__(self):
            raise ValueError("a part has only a persistent name")

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return ("storage",) + value.place[1:] if isinstance(value, Part) else None

    class Rebuilt:
        def __init__(self, part: Part, offset: int, shape: tuple, strides: tuple):
            self.arguments = (part, offset, shape, strides)

        def __reduce__(self):
            return torch._utils._rebuild_tensor, self.arguments

    value = {"left": Rebuilt(Part(0, 4), 1, (3,), (1,)), "right": Rebuilt(Part(4, 4), 0, (2, 2), (1, 2))}
    buffer = io.BytesIO()
    for part in [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}]:
        pickle.dump(part, buffer, protocol=2)
    Pickler(buffer, protocol=2).dump(value)
    pickle.dump(["0"], buffer, protocol=2)
    buffer.write(struct.pack("<q8f", 8, *range(8)))
    (OUTPUT / f"{name}.bin").write_bytes(buffer.getvalue())
    expect(name, torch.load(OUTPUT / f"{name}.bin", weights_only=True))


class Harmful:
    def __reduce__(self):
        return os.system, ("touch /tmp/executed",)


def refused() -> None:
    small = {"weight": torch.arange(4.0)}
    save("refused-global", small | {"harm": Harmful()})
    save("refused-global-older", small | {"harm": Harmful()}, older=True)
    save("refused-sparse", {"weight": torch.eye(3).to_sparse()})
    save("refused-complex", {"weight": torch.zeros(2, dtype=torch.complex64)})
    save("refused-checkpoint", {"epoch": 3, "model": small, "optimizer": {"state": {}}})
    save("refused-tensor", small["weight"])
    save("small", small)
    content = members("small")
    archive("refused-order", {path: b"big" if path.endswith("byteorder") else data for path, data in content.items()})
    archive("refused-short", {path: data[:12] if path.endswith("data/0") else data for path, data in content.items()})
    archive("refused-absent", {path: data for path, data in content.items() if not path.endswith("data/0")})
    archive("refused-bomb", {path: bytes(4_000_000) if path.endswith("data/0") else data for path, data in content.items()},
            zipfile.ZIP_DEFLATED)
    script = OUTPUT / "refused-script.bin"
    torch.jit.script(torch.nn.Linear(1, 1)).save(str(script))
    older = {"protocol_version": 1001, "little_endian": False, "type_sizes": {}}
    (OUTPUT / "refused-order-older.bin").write_bytes(
        b"".join(pickle.dumps(part, protocol=2) for part in [0x1950A86A20F9469CFC6C, 1001, older, {}, []]))
    # A dictionary inside of itself is a value like any other.
    recursive = dict(small)
    recursive["self"] = recursive
    save("recursive", recursive)


def sharded() -> None:
    """Two shards and their index, as transformers wrote them."""
    place = OUTPUT / "sharded"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    found = {key: value for key, value in tensors().items() if key.startswith("shared") or key == "parameter"}
    names, index = list(found), {}
    for number, part in enumerate([names[:2], names[2:]], 1):
        file = f"pytorch_model-0000{number}-of-00002.bin"
        torch.save({key: found[key] for key in part}, place / file)
        index |= dict.fromkeys(part, file)
    lines = ",\n".join(f'    "{key}": "{file}"' for key, file in index.items())
    (place / "pytorch_model.bin.index.json").write_text(
        '{\n  "metadata": {"total_size": 300},\n  "weight_map": {\n' + lines + "\n  }\n}\n")


def masked_lm() -> None:
    model = BertForMaskedLM(BertConfig.from_pretrained(FIXTURES / "models" / "mini-bert"))
    weights = load_file(FIXTURES / "models" / "mini-bert" / "model.safetensors")
    state = {f"bert.{key}": value for key, value in weights.items() if not key.startswith("pooler.")}
    state["bert.embeddings.position_ids"] = torch.arange(state["bert.embeddings.position_embeddings.weight"].shape[0]).expand(1, -1)
    state |= {key: value for key, value in model.state_dict().items() if key.startswith("cls.") and "decoder.weight" not in key}
    state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
    renamed = {key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
               for key, value in state.items()}
    save("masked-lm", renamed, older=True)


if __name__ == "__main__":
    found = tensors()
    save("tensors", found)
    save("older", found, older=True)
    expect("tensors", found)
    archive("deflated", members("tensors"), zipfile.ZIP_DEFLATED)
    zip64("zip64", members("tensors"))
    for name in ["tensors", "older", "deflated", "zip64"]:
        read = torch.load(OUTPUT / f"{name}.bin", weights_only=True)
        if not all(torch.equal(read[key], value) for key, value in found.items()):
            raise ValueError(f"{name}.bin is not what was saved")
    parts("parts")
    refused()
    sharded()
    masked_lm()
