"""Makes Tests/Fixtures/optimizers: 30 steps of torch's AdamW and SGD on fixed gradients, and schedules.

optimizers.safetensors (float64) holds `start/<p>` and `gradients/<p>` ([30, …]) for the parameters p = matrix
and vector, and for each case of optimizers.json `<case>/<p>`, the parameters after each step ([30, …]).
schedules.json holds the factors on the learning rate for steps 0 … T + 2 of schedules of transformers.
"""

import torch
from transformers import get_scheduler

from common import Draws, folder, save_json, save_tensors

STEPS = 30
SHAPES = {"matrix": [3, 4], "vector": [4]}


def write_optimizers() -> None:
    draws = Draws(seed=31)
    start = {name: draws.normal(*shape) for name, shape in SHAPES.items()}
    given = {name: draws.normal(STEPS, *shape) for name, shape in SHAPES.items()}
    given["matrix"][:, 0, 0] = 0                           # an element that never gets a gradient
    given["vector"][10:] *= 100                            # a jump in scale
    tensors = {f"start/{name}": values for name, values in start.items()}
    tensors |= {f"gradients/{name}": values for name, values in given.items()}

    adam = {"lr": 1e-2, "betas": [0.9, 0.999], "eps": 1e-8}
    sgd = {"lr": 0.1, "momentum": 0.0, "nesterov": False, "weight_decay": 0.0}
    cases = {
        "adamw.plain": ("AdamW", adam | {"weight_decay": 0.0}),
        "adamw.decay": ("AdamW", adam | {"weight_decay": 0.01}),
        "adamw.otherBetas": ("AdamW", adam | {"betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.1}),
        "sgd.plain": ("SGD", sgd),
        "sgd.decay": ("SGD", sgd | {"weight_decay": 0.01}),
        "sgd.momentum": ("SGD", sgd | {"momentum": 0.9}),
        "sgd.momentumDecay": ("SGD", sgd | {"momentum": 0.9, "weight_decay": 0.01}),
        "sgd.nesterov": ("SGD", sgd | {"momentum": 0.9, "nesterov": True}),
        "sgd.nesterovDecay": ("SGD", sgd | {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    }
    for name, (kind, options) in cases.items():
        parameters = {p: values.clone().requires_grad_() for p, values in start.items()}
        optimizer = getattr(torch.optim, kind)(parameters.values(), **options)
        after = {p: [] for p in parameters}
        for step in range(STEPS):
            for p, parameter in parameters.items():
                parameter.grad = given[p][step].clone()
            optimizer.step()
            for p, parameter in parameters.items():
                after[p].append(parameter.detach().clone())
        tensors |= {f"{name}/{p}": torch.stack(values) for p, values in after.items()}
    output = folder("optimizers")
    save_tensors(output / "optimizers.safetensors", tensors)
    listing = {name: {"optimizer": kind} | options for name, (kind, options) in cases.items()}
    save_json(output / "optimizers.json", listing)


def write_schedules() -> None:
    schedules = []
    for name in ["linear", "cosine", "constant", "constant_with_warmup"]:
        for total, warmup in [(10, 2), (100, 10), (7, 0)]:
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
            scheduler = get_scheduler(name, optimizer, num_warmup_steps=warmup, num_training_steps=total)
            factors = []
            for _ in range(total + 3):
                factors.append(scheduler.get_last_lr()[0])
                optimizer.step()
                scheduler.step()
            schedules.append({"schedule": name, "steps": total, "warmup": warmup, "factors": factors})
    save_json(folder("optimizers") / "schedules.json", schedules)


if __name__ == "__main__":
    write_optimizers()
    write_schedules()
