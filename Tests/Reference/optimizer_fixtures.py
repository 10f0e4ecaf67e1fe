"""Makes Tests/Fixtures/optimizers: steps of reference optimizers on fixed gradients, and schedules.

Beside torch and transformers: pytorch_optimizer (AdEMAMix), lion-pytorch, grokadamw, torch-optimi (StableAdamW), schedulefree.

optimizers.safetensors (float64) holds `start/<p>` and `gradients/<p>` ([30, …]) for the parameters p = matrix
and vector, and for each case of optimizers.json `<case>/<p>`, the parameters after each step ([30, …]).
rules.safetensors and rules.json hold the same for 50 steps of all other rules; `evaluated/<case>/<p>` are the weights that
schedule-free ones evaluate after the last step. schedules.json holds the factors on the learning rate for steps 0 … T + 2 of
schedules of transformers, and metric_schedules.json the rates of two groups after each figure.
"""

import math

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


def write_rules() -> None:
    """50 steps with a learning rate that changes; settings by the names of optim_args."""
    import schedulefree
    from grokadamw import GrokAdamW
    from lion_pytorch import Lion
    from optimi import StableAdamW
    from pytorch_optimizer import AdEMAMix
    from transformers.optimization import Adafactor

    steps = 50
    draws = Draws(seed=32)
    start = {name: draws.normal(*shape) for name, shape in SHAPES.items()}
    given = {name: draws.normal(steps, *shape) for name, shape in SHAPES.items()}
    given["vector"][30:] *= 100                            # a jump in scale
    rates = [0.02 * (1 - step / 100) for step in range(steps)]
    tensors = {f"start/{name}": values for name, values in start.items()}
    tensors |= {f"gradients/{name}": values for name, values in given.items()}
    fixed = {"scale_parameter": False, "relative_step": False}
    betas = (0.9, 0.999)

    def mix(parameters, **options):
        return AdEMAMix(parameters, betas=(0.9, 0.999, 0.9999), weight_decouple=True, foreach=False, **options)

    cases = {
        # name: (optim, optim_args, weight decay, warm-up steps, how to make it)
        "adafactor": ("adafactor", "", 0, 0, lambda p, w: Adafactor(p, lr=1, weight_decay=w, **fixed)),
        "adafactor.momentum": ("adafactor", "beta1=0.8,eps=1e-20,clip_threshold=0.5,decay_rate=-0.6", 0.01, 0, lambda p, w: Adafactor(
            p, lr=1, weight_decay=w, beta1=0.8, eps=(1e-20, 1e-3), clip_threshold=0.5, decay_rate=-0.6, **fixed)),
        "adagrad": ("adagrad", "", 0, 0, lambda p, w: torch.optim.Adagrad(p, weight_decay=w)),
        "adagrad.all": ("adagrad", "lr_decay=0.1,initial_accumulator_value=0.5,eps=1e-6", 0.01, 0, lambda p, w: torch.optim.Adagrad(
            p, weight_decay=w, lr_decay=0.1, initial_accumulator_value=0.5, eps=1e-6)),
        "rmsprop": ("rmsprop", "", 0, 0, lambda p, w: torch.optim.RMSprop(p, weight_decay=w)),
        "rmsprop.all": ("rmsprop", "alpha=0.9,momentum=0.5,eps=1e-4,centered=true", 0.01, 0, lambda p, w: torch.optim.RMSprop(
            p, weight_decay=w, alpha=0.9, momentum=0.5, eps=1e-4, centered=True)),
        "sgd.dampening": ("sgd", "momentum=0.9,dampening=0.3", 0.01, 0, lambda p, w: torch.optim.SGD(
            p, weight_decay=w, momentum=0.9, dampening=0.3)),
        "lion": ("lion_32bit", "", 0.1, 0, lambda p, w: Lion(p, betas=betas, weight_decay=w)),
        "ademamix": ("ademamix", "", 0.1, 0, lambda p, w: mix(p, weight_decay=w)),
        "ademamix.warmup": ("ademamix", "t_alpha=30,t_beta3=30,alpha=3", 0, 0, lambda p, w: mix(
            p, weight_decay=w, alpha=3, t_alpha_beta3=30)),
        "grokadamw": ("grokadamw", "", 0.1, 0, lambda p, w: GrokAdamW(p, betas=betas, weight_decay=w)),
        "grokadamw.all": ("grokadamw", "alpha_init=0.9,lamb=1.5,gamma=0.3,gradient_clipping=0.5", 0, 0, lambda p, w: GrokAdamW(
            p, betas=betas, weight_decay=w, alpha_init=0.9, lamb=1.5, gamma=0.3, gradient_clipping=0.5)),
        "stable_adamw": ("stable_adamw", "", 0.1, 0, lambda p, w: StableAdamW(
            p, lr=1, betas=betas, eps=1e-8, weight_decay=w, foreach=False, triton=False)),
        "stable_adamw.decoupled": ("stable_adamw", "decouple_lr=true,max_lr=0.02", 0.001, 0, lambda p, w: StableAdamW(
            p, lr=1, betas=betas, eps=1e-8, weight_decay=w, decouple_lr=True, max_lr=0.02, foreach=False, triton=False)),
        "schedule_free_adamw": ("schedule_free_adamw", "", 0.1, 5, lambda p, w: schedulefree.AdamWScheduleFree(
            p, betas=betas, weight_decay=w, warmup_steps=5, foreach=False)),
        "schedule_free_adamw.r": ("schedule_free_adamw", "r=1,weight_lr_power=1.5", 0, 0, lambda p, w: schedulefree.AdamWScheduleFree(
            p, betas=betas, weight_decay=w, r=1, weight_lr_power=1.5, foreach=False)),
        "schedule_free_radam": ("schedule_free_radam", "", 0.1, 0, lambda p, w: schedulefree.RAdamScheduleFree(
            p, betas=betas, weight_decay=w, foreach=False)),
        "schedule_free_sgd": ("schedule_free_sgd", "", 0.1, 5, lambda p, w: schedulefree.SGDScheduleFree(
            p, weight_decay=w, warmup_steps=5, foreach=False)),
    }
    listing = []
    for name, (optim, arguments, decay, warmup, make) in cases.items():
        parameters = {p: values.clone().requires_grad_() for p, values in start.items()}
        optimizer = make(list(parameters.values()), decay)
        after = {p: [] for p in parameters}
        for step in range(steps):
            if hasattr(optimizer, "train"):
                optimizer.train()
            for group in optimizer.param_groups:
                group["lr"] = rates[step]
            for p, parameter in parameters.items():
                parameter.grad = given[p][step].clone()
            optimizer.step()
            for p, parameter in parameters.items():
                after[p].append(parameter.detach().clone())
        tensors |= {f"{name}/{p}": torch.stack(values) for p, values in after.items()}
        if hasattr(optimizer, "eval"):
            optimizer.eval()
            tensors |= {f"evaluated/{name}/{p}": parameter for p, parameter in parameters.items()}
        listing.append({"name": name, "optim": optim, "arguments": arguments, "weight_decay": decay, "warmup": warmup})
    output = folder("optimizers")
    save_tensors(output / "rules.safetensors", tensors)
    save_json(output / "rules.json", {"rates": rates, "cases": listing})


def write_metric_schedules() -> None:
    from transformers import get_scheduler

    falling = [1 / (1 + step) for step in range(12)]
    figures = falling + [0.5 + 0.1 * math.sin(step) for step in range(40)] + falling + [0.01] * 30
    cases = []
    for name, options in [
        ("reduce_lr_on_plateau", {}),
        ("reduce_lr_on_plateau", {"patience": 2, "factor": 0.5, "cooldown": 3, "min_lr": 0.01}),
        ("reduce_lr_on_plateau", {"mode": "max", "patience": 1, "threshold": 0.01, "threshold_mode": "abs", "eps": 0.004}),
        ("greedy", {}),
        ("greedy", {"patience": 2, "factor": 0.5, "cooldown": 1, "warmup": 2, "min_lr": 0.02, "max_lr": 0.2, "reset_start": 3}),
        ("greedy", {"mode": "max", "patience": 1, "smooth": True, "window_size": 4, "threshold_mode": "rel", "threshold": 0.01}),
    ]:
        rates = [0.1, 0.05]
        groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in rates]
        optimizer = torch.optim.SGD(groups, lr=0.1)
        scheduler = get_scheduler(name, optimizer, scheduler_specific_kwargs=options)
        after = []
        for figure in figures:
            scheduler.step(figure)
            after.append([group["lr"] for group in optimizer.param_groups])
        cases.append({"schedule": name, "options": options, "figures": figures, "start": rates, "rates": after})
    save_json(folder("optimizers") / "metric_schedules.json", cases)


def write_schedules() -> None:
    plain = [(name, None) for name in ["linear", "cosine", "constant", "constant_with_warmup"]]
    save_json(folder("optimizers") / "schedules.json", factors(plain))
    save_json(folder("optimizers") / "schedule_options.json", factors([
        ("cosine", {"num_cycles": 1.25}), ("cosine_with_restarts", {}), ("cosine_with_restarts", {"num_cycles": 3}),
        ("polynomial", {}), ("polynomial", {"power": 2.0, "lr_end": 0.1}), ("inverse_sqrt", {}), ("inverse_sqrt", {"timescale": 50}),
        ("cosine_with_min_lr", {"min_lr_rate": 0.1}), ("cosine_with_min_lr", {"min_lr": 0.25, "num_cycles": 1}),
        ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1}), ("cosine_warmup_with_min_lr", {"min_lr": 0.3, "warmup_lr_rate": 0.2}),
        ("warmup_stable_decay", {"num_decay_steps": 4, "min_lr_ratio": 0.1}),
        ("warmup_stable_decay", {"num_decay_steps": 4, "warmup_type": "cosine", "decay_type": "1-sqrt"}),
        ("warmup_stable_decay", {"num_decay_steps": 3, "num_stable_steps": 2, "warmup_type": "1-sqrt", "decay_type": "linear"}),
    ]))


def factors(schedules: list[tuple[str, dict | None]]) -> list[dict]:
    """At a base rate of 1; where there are options, of 0.5."""
    found = []
    for name, options in schedules:
        base = 1.0 if options is None else 0.5
        for total, warmup in [(10, 2), (100, 10), (7, 0)]:
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
            scheduler = get_scheduler(
                name, optimizer, num_warmup_steps=warmup, num_training_steps=total, scheduler_specific_kwargs=options)
            factors = []
            for _ in range(total + 3):
                factors.append(scheduler.get_last_lr()[0] / base)
                optimizer.step()
                scheduler.step()
            case = {"schedule": name, "steps": total, "warmup": warmup, "factors": factors}
            found.append(case if options is None else case | {"options": options})
    return found


if __name__ == "__main__":
    write_optimizers()
    write_rules()
    write_schedules()
    write_metric_schedules()
