"""Makes Tests/Fixtures/unsupervised: the losses that are no functions of one model's embeddings, on models/mini-bert.

decoder/ and deep-decoder/ are decoders of one and two layers with cross-attention and a head, float32.
unsupervised.json lists the cases: the loss, its texts by column, labels or none, and settings: those of the loss, and
`model1_factor`, which the weights of the copy were multiplied with. unsupervised.safetensors holds for each case, in
float64 and inference mode, `<case>/value` and the gradients `<case>/model/<parameter>`, `<case>/model1/<parameter>`,
`<case>/decoder/<parameter>` and `<case>/logit_scale`: all parameters but the unused pooler.
Run model_fixtures.py first: it makes mini-bert.
"""

import json
import math
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer, util
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.losses import (
    ContrastiveTensionLoss,
    ContrastiveTensionLossInBatchNegatives,
    DenoisingAutoEncoderLoss,
)
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import BertConfig, BertLMHeadModel

from common import folder, gradients, save_json, save_tensors
from model_fixtures import randomize

MODEL = folder("models") / "mini-bert"
OUTPUT = folder("unsupervised")
TOKENIZER = ["tokenizer.json", "tokenizer_config.json"]
LONG = "the quiet dog sleeps in the yard and the tired horse waits near the mill"
SENTENCES = [
    "the old weaver works by the river", "a child sings", LONG, "red", "who waits under the bridge?",
    "the cat listens, and the child sings", "a small horse walks on the hill", "the young miller sleeps",
]
DAMAGED = ["old works the river", "child", "dog in the and near mill", "red", "waits bridge", "cat, sings",
           "small walks hill", "the sleeps"]


def make_decoder(name: str, seed: int, **sizes) -> Path:
    """A decoder whose every weight is random; it has the width and the tokenizer of mini-bert."""
    torch.manual_seed(seed)
    base = BertConfig.from_pretrained(MODEL)
    config = BertConfig(**{
        "vocab_size": base.vocab_size, "hidden_size": base.hidden_size, "num_attention_heads": base.num_attention_heads,
        "intermediate_size": base.intermediate_size, "num_hidden_layers": base.num_hidden_layers,
        "max_position_embeddings": base.max_position_embeddings, "initializer_range": 0.2, "is_decoder": True,
        "add_cross_attention": True, **sizes})
    decoder = BertLMHeadModel(config)
    randomize(decoder.bert)
    with torch.no_grad():
        for parameter in decoder.cls.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    path = OUTPUT / name
    shutil.rmtree(path, ignore_errors=True)
    decoder.save_pretrained(path)
    (path / "generation_config.json").unlink(missing_ok=True)
    return path


def with_tokenizer(decoder: Path, target: Path) -> None:
    """A copy of the decoder's folder that has the tokenizer, too: the library wants to read one."""
    shutil.copytree(decoder, target)
    for name in TOKENIZER:
        shutil.copy(MODEL / name, target / name)


def tied_checkpoint(decoder: Path, target: Path) -> None:
    """mini-bert's weights with the decoder's cross-attention and head: the library ties by loading such a file."""
    with_tokenizer(decoder, target)
    weights = load_file(decoder / "model.safetensors")
    encoder = load_file(MODEL / "model.safetensors")
    for name in weights:
        if name.startswith("bert.") and "crossattention" not in name:
            weights[name] = encoder[name.removeprefix("bert.")]
    save_file(weights, target / "model.safetensors", {"format": "pt"})
    config = json.loads((target / "config.json").read_text())
    config |= {"is_decoder": False, "add_cross_attention": False}
    (target / "config.json").write_text(json.dumps(config))


def fresh_model() -> SentenceTransformer:
    return SentenceTransformer(str(MODEL), device="cpu").double().eval()


def denoiser(settings: dict, temporary: Path) -> tuple[SentenceTransformer, torch.nn.Module]:
    decoder = OUTPUT / settings["decoder_name_or_path"]
    if settings["tie_encoder_decoder"]:
        tied_checkpoint(decoder, temporary / "tied")
        transformer = Transformer(str(temporary / "tied"), max_seq_length=24)
        model = SentenceTransformer(modules=[transformer, Pooling(12, "mean")], device="cpu").double().eval()
        loss = DenoisingAutoEncoderLoss(model)
    else:
        with_tokenizer(decoder, temporary / "decoder")
        model = fresh_model()
        loss = DenoisingAutoEncoderLoss(model, str(temporary / "decoder"), tie_encoder_decoder=False)
    return model, loss.double().eval()


def make_loss(name: str, settings: dict, temporary: Path) -> tuple[SentenceTransformer, torch.nn.Module]:
    if name == "DenoisingAutoEncoderLoss":
        return denoiser(settings, temporary)
    model = fresh_model()
    if name == "ContrastiveTensionLoss":
        loss = ContrastiveTensionLoss(model)
    else:
        similarity = getattr(util, settings["similarity_fct"])
        loss = ContrastiveTensionLossInBatchNegatives(model, settings["scale"], similarity)
    with torch.no_grad():
        for parameter in loss.model1.parameters():
            parameter.mul_(settings["model1_factor"])
        loss.double()
        if hasattr(loss, "logit_scale"):
            loss.logit_scale.fill_(math.log(settings["scale"]))            # the library rounds it to float32
    return model, loss.eval()


def named_parameters(model: SentenceTransformer, loss: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The model's under `model/`, then the loss's own: each parameter once."""
    found = {f"model/{name}": p for name, p in model[0].model.named_parameters()}
    if hasattr(loss, "model1"):
        found |= {f"model1/{name}": p for name, p in loss.model1[0].model.named_parameters()}
    if hasattr(loss, "logit_scale"):
        found["logit_scale"] = loss.logit_scale
    if hasattr(loss, "decoder"):
        known = {id(p) for p in found.values()}
        found |= {f"decoder/{name}": p for name, p in loss.decoder.named_parameters() if id(p) not in known}
    return {name: p for name, p in found.items() if "pooler." not in name}


def cases() -> dict[str, dict]:
    found = {}

    def add(name: str, loss: str, columns: list[list[str]], labels=None, **settings) -> None:
        found[name] = {"loss": loss, "columns": columns, "labels": labels, "settings": settings}

    mixed = [SENTENCES[0], SENTENCES[3], SENTENCES[2], "RED", SENTENCES[5]]
    pairs = [SENTENCES[:5], mixed]                                # rows 0 and 2 are equal, and row 3 but for its case
    add("ct.unlabelled", "ContrastiveTensionLoss", pairs, model1_factor=1.0)
    add("ct.labelled", "ContrastiveTensionLoss", pairs, [1, 0, 0.25, 0, 1], model1_factor=0.9)
    add("ct.onePair", "ContrastiveTensionLoss", [[LONG], [SENTENCES[1]]], model1_factor=0.9)

    for name, count, scale, similarity, factor in [
        ("cosine", 6, 20.0, "cos_sim", 1.0), ("apart", 4, 5.0, "cos_sim", 0.9), ("dot", 8, 0.5, "dot_score", 0.9)
    ]:
        add(f"inBatch.{name}", "ContrastiveTensionLossInBatchNegatives", [SENTENCES[:count]], scale=scale,
            similarity_fct=similarity, model1_factor=factor)

    for name, rows, decoder, tied in [
        ("tied", slice(0, 4), "decoder", True), ("tied.long", slice(1, 8), "decoder", True),
        ("untied", slice(2, 5), "decoder", False), ("untied.deep", slice(0, 3), "deep-decoder", False),
        ("untied.oneRow", slice(2, 3), "decoder", False),
    ]:
        add(f"tsdae.{name}", "DenoisingAutoEncoderLoss", [DAMAGED[rows], SENTENCES[rows]],
            decoder_name_or_path=decoder, tie_encoder_decoder=tied)
    return found


def write() -> None:
    make_decoder("decoder", 61)
    make_decoder("deep-decoder", 62, num_hidden_layers=2, num_attention_heads=3, intermediate_size=16)
    tensors = {}
    listing = cases()
    for name, case in listing.items():
        with tempfile.TemporaryDirectory() as temporary:
            model, loss = make_loss(case["loss"], case["settings"], Path(temporary))
            features = [model.preprocess(column) for column in case["columns"]]
            labels = None if case["labels"] is None else torch.tensor(case["labels"], dtype=torch.float64)
            value = loss(features, labels)
            parameters = named_parameters(model, loss)
            tensors[f"{name}/value"] = value.reshape([])
            found = gradients(value, list(parameters.values()))
            tensors |= {f"{name}/{parameter}": gradient for parameter, gradient in zip(parameters, found)}
    save_tensors(OUTPUT / "unsupervised.safetensors", tensors)
    save_json(OUTPUT / "unsupervised.json", listing)
    print(f"{len(listing)} cases, {sum(t.numel() for t in tensors.values())} numbers")


if __name__ == "__main__":
    write()
