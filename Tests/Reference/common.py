"""What the fixture scripts share: where files go, random numbers, gradients, and compact JSON."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "Fixtures"


def folder(name: str) -> Path:
    """Tests/Fixtures/<name>, made if it is not there."""
    path = FIXTURES / name
    path.mkdir(parents=True, exist_ok=True)
    return path


class Draws:
    """Normal and uniform float64 numbers that float32 can hold, so that a float32 test starts from them too."""

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64).float().double()

    def uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        unit = torch.rand(shape, generator=self.generator, dtype=torch.float64)
        return (low + (high - low) * unit).float().double()


def gradients(scalar: torch.Tensor, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    """d scalar / d each input; zeros for an input that the scalar does not depend on."""
    found = torch.autograd.grad(scalar, inputs, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, found)]


def save_tensors(path: Path, tensors: dict[str, torch.Tensor], infinite: set[str] = frozenset()) -> None:
    """Writes a safetensors file; every floating-point number must be finite, but for those of `infinite`."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and name not in infinite and not torch.isfinite(tensor).all():
            raise ValueError(f"{path.name}: {name} holds a number that is not finite")
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, path)


def save_json(path: Path, value: dict | list) -> None:
    """Writes JSON with one line per entry of the outermost object or list."""
    def text(entry):
        return json.dumps(entry, ensure_ascii=False)

    if isinstance(value, dict):
        lines = [f"  {text(key)}: {text(entry)}" for key, entry in value.items()]
        opening, closing = "{", "}"
    else:
        lines = [f"  {text(entry)}" for entry in value]
        opening, closing = "[", "]"
    path.write_text(f"{opening}\n" + ",\n".join(lines) + f"\n{closing}\n", encoding="utf-8")
