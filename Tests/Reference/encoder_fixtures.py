"""Makes Tests/Fixtures/encoders: random DistilBERT and RoBERTa models as sentence-transformers saves them, and their outputs.

For each of `tiny-distilbert` and `tiny-roberta` the model's folder, `<model>.json` with the input ids of all sentences (RoBERTa's
end with one that has the padding token inside), and `<model>.safetensors`:
`embeddings` of all, mean pooled; `hidden/<layer>` of the tokens of the first two and the last text end to end, where hidden/0
is what the embedding layer gives: both in float32, and in float64 under the same name and `.f64`.
`loss`, and `gradient/<parameter>` of it, in float64: the sum over the first six texts of the squared cosine similarity to the text
six later.

With `--check MODEL FOLDER` it makes nothing: it opens a folder that Tapestry has saved, and compares.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import ByteLevelBPETokenizer
from tokenizers.processors import RobertaProcessing
from transformers import (
    AutoModel, BertTokenizerFast, CamembertConfig, CamembertModel, DistilBertConfig, DistilBertModel, PreTrainedTokenizerFast,
    RobertaConfig, RobertaModel, XLMRobertaConfig, XLMRobertaModel,
)

from common import folder, gradients, save_json, save_tensors
from vocabulary import SENTENCES, pieces

NAMES = ["tiny-distilbert", "tiny-roberta"]


def randomize(model: torch.nn.Module) -> None:
    """Biases and normalization weights start as zeros and ones, which would hide mistakes; words shall weigh most."""
    with torch.no_grad():
        model.embeddings.word_embeddings.weight.mul_(4)
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                is_scale = name.lower().replace("_", "").endswith("layernorm.weight")
                parameter.copy_(float(is_scale) + 0.1 * torch.randn_like(parameter))


def distilbert(place: str) -> torch.nn.Module:
    (Path(place) / "vocab.txt").write_text("\n".join(pieces(60)) + "\n")
    BertTokenizerFast(f"{place}/vocab.txt", model_max_length=24).save_pretrained(place)
    return DistilBertModel(DistilBertConfig(
        vocab_size=60, dim=12, n_layers=2, n_heads=2, hidden_dim=20, max_position_embeddings=24, initializer_range=0.2))


def roberta(place: str) -> torch.nn.Module:
    tokenizer = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(SENTENCES, vocab_size=290, min_frequency=2, special_tokens=special, show_progress=False)
    tokenizer._tokenizer.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer._tokenizer, model_max_length=24, bos_token="<s>", eos_token="</s>", cls_token="<s>",
        sep_token="</s>", pad_token="<pad>", unk_token="<unk>", mask_token="<mask>").save_pretrained(place)
    # Two rows of the position table stand before the first token's.
    return RobertaModel(RobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20,
        max_position_embeddings=26, type_vocab_size=1, layer_norm_eps=1e-5, initializer_range=0.2))


def make(name: str, seed: int, build) -> None:
    torch.manual_seed(seed)
    with tempfile.TemporaryDirectory() as temporary:
        encoder = build(temporary)
        randomize(encoder)
        encoder.save_pretrained(temporary)
        model = SentenceTransformer(modules=[Transformer(temporary), Pooling(12, "mean")], device="cpu")
        shutil.rmtree(folder("encoders") / name, ignore_errors=True)
        model.save(str(folder("encoders") / name), create_model_card=False)


def hidden(encoder: torch.nn.Module, ids: list[list[int]]) -> list[torch.Tensor]:
    """[T, H] for each layer, one text after another without any padding."""
    outputs = [encoder(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long),
                       output_hidden_states=True).hidden_states for row in ids]
    return [torch.cat([states[layer][0] for states in outputs]) for layer in range(len(outputs[0]))]


def pooled(tokens: torch.Tensor, ids: list[list[int]]) -> torch.Tensor:
    return torch.stack([part.mean(0) for part in tokens.split([len(row) for row in ids])])


def figures(name: str) -> None:
    model = SentenceTransformer(str(folder("encoders") / name), device="cpu").eval()
    encoder = AutoModel.from_pretrained(folder("encoders") / name).eval()
    ids = [model.preprocess([text])["input_ids"][0].tolist() for text in SENTENCES]
    with torch.no_grad():
        ours = pooled(hidden(encoder, ids)[-1], ids)
        if not torch.allclose(ours, model.encode(SENTENCES, convert_to_tensor=True), atol=1e-6):
            raise ValueError(f"{name}: its embeddings are not what it was taken apart into")
    if name == "tiny-roberta":
        ids.append([0, 40, 1, 50, 60, 2])
        for kind, settings in [(XLMRobertaModel, XLMRobertaConfig), (CamembertModel, CamembertConfig)]:
            other = kind(settings(**{k: v for k, v in encoder.config.to_dict().items() if k != "model_type"})).eval()
            other.load_state_dict(encoder.state_dict())
            if not torch.equal(hidden(other, ids)[-1], hidden(encoder, ids)[-1]):
                raise ValueError(f"{kind} computes something else")
    tensors = {}
    for suffix, encoder in [("", encoder), (".f64", encoder.double())]:
        tensors[f"embeddings{suffix}"] = pooled(hidden(encoder, ids)[-1], ids)
        for layer, state in enumerate(hidden(encoder, [ids[0], ids[1], ids[-1]])):
            tensors[f"hidden/{layer}{suffix}"] = state
    embeddings = tensors["embeddings.f64"]
    loss = torch.cosine_similarity(embeddings[:6], embeddings[6:12]).square().sum()
    parameters = {key: value for key, value in encoder.named_parameters() if not key.startswith("pooler.")}
    tensors["loss"] = loss
    for key, gradient in zip(parameters, gradients(loss, list(parameters.values()))):
        tensors[f"gradient/{key}"] = gradient
    save_tensors(folder("encoders") / f"{name}.safetensors", tensors)
    save_json(folder("encoders") / f"{name}.json", ids)


def check(name: str, saved: str) -> None:
    original = SentenceTransformer(str(folder("encoders") / name), device="cpu")
    opened = SentenceTransformer(saved, device="cpu")
    if type(opened[0].model) is not type(original[0].model):
        raise ValueError(f"{saved} opens as {type(opened[0].model)}")
    for key, tensor in original[0].model.state_dict().items():
        if not torch.equal(opened[0].model.state_dict()[key], tensor):
            raise ValueError(f"{saved}: {key} differs")
    difference = abs(opened.encode(SENTENCES) - original.encode(SENTENCES)).max()
    if difference != 0:
        raise ValueError(f"{saved}: embeddings differ by {difference}")
    print(f"{saved} opens as {type(opened[0].model).__name__}, with the same weights and embeddings")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(*sys.argv[2:])
    else:
        make("tiny-distilbert", 71, distilbert)
        make("tiny-roberta", 72, roberta)
        for name in NAMES:
            figures(name)
