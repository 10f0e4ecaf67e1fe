"""Makes Tests/Fixtures/encoders/trained.safetensors: for every architecture the embeddings of all sequences of `architectures.json` after
six steps of AdamW in float32 from the model of the fixture, dropout off: `<name>` `[13, 16]`.

The loss is that of `architecture_fixtures.py`: the sum over the first six sequences of the squared cosine similarity to the sequence six
later. Learning rate 1e-3, weight decay 0.01 of all parameters.
"""

import json

import torch
import transformers as tf
from safetensors.torch import load_file

from architecture_fixtures import MODELS, hidden, pooled
from common import folder, save_tensors


def opened(name: str) -> torch.nn.Module:
    kind, settings, sizes = MODELS[name]
    model = kind.from_pretrained(folder("encoders") / name, attn_implementation="eager", dtype=torch.float32)
    return model.eval()


if __name__ == "__main__":
    rows = json.loads((folder("encoders") / "architectures.json").read_text())
    trained = {}
    for name in MODELS:
        model = opened(name)
        before = load_file(folder("encoders") / f"{name}.safetensors")["embeddings"]
        start = pooled(hidden(model, rows)[-1], rows).detach()
        if float((start - before).abs().max()) > 1e-5 * float(before.abs().max()):
            raise ValueError(f"{name}: opened, it gives other numbers")
        parameters = [value for key, value in model.named_parameters() if "pooler" not in key and value.requires_grad]
        optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
        for _ in range(6):
            embeddings = pooled(hidden(model, rows)[-1], rows)
            loss = torch.cosine_similarity(embeddings[:6], embeddings[6:12]).square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        trained[name] = pooled(hidden(model, rows)[-1], rows).detach()
        print(name, f"{float(loss):.5f}", f"{float((trained[name] - start).abs().max()):.3f}", flush=True)
    save_tensors(folder("encoders") / "trained.safetensors", trained)
