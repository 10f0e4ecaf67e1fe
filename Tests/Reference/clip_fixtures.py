"""Makes Tests/Fixtures/clip: a small random CLIP as sentence-transformers saves it, images in many forms, and figures of both.

`model` is the folder. `older` holds the same model's files as folders of old have them, but for the weights; its configuration reads
texts off at the largest id, and its images are 14 points wide, of which the patches cover 12.

`images` are PNG and JPEG files. In `figures.safetensors`, by name: `pixels/<image>` `[H, W, 3]`, what the library makes of each,
turned upright; `resized/<filter>/<width>x<height>` of the first, for every filter; `input/<image>` `[3, S, S]` and `older/input/<image>` of
some, what goes into the model; `texts`, `images`, `older/texts` and `older/images`, the embeddings in float32; `texts.f64` and `images.f64`;
`loss`, and `gradient/<parameter>` of it, in float64: the contrastive loss of the first texts and as many images.
`texts.json` has the texts and their ids.

With `--check FOLDER` it makes nothing: it opens a folder that Tapestry has saved, and compares.
"""

import io
import json
import shutil
import struct
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPConfig, CLIPModel, CLIPProcessor, CLIPTextConfig, CLIPTokenizer, CLIPVisionConfig
from transformers.image_transforms import convert_to_rgb
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from common import folder, gradients, save_json, save_tensors
from vocabulary import SENTENCES

PLACE = folder("clip")
START, END = "<|startoftext|>", "<|endoftext|>"
TEXTS = SENTENCES + ["  A photo\tof a\nDOG'S house… 42 km, naïve ÉTÉ 🙂 don't ", START + " a cat " + END + " and more"]
PREPARED = ["alpha.png", "plain.jpg", "progressive.jpg", "rgb.png", "turned-6.jpg", "wide.png"]
FILTERS = {"lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
SIZES = [(12, 17), (7, 5), (30, 40), (23, 31), (64, 3)]


def picture(seed: int, width: int, height: int) -> Image.Image:
    """Colors that change smoothly, with a few sharp edges."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    waves = [127 + 90 * np.sin(x * draw.uniform(0.1, 0.6) + y * draw.uniform(0.1, 0.6) + draw.uniform(0, 6)) for _ in range(3)]
    values = np.stack(waves, -1) + 30 * ((x + 2 * y) % 11 < 5)[..., None]
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def images() -> dict[str, bytes]:
    base = picture(1, 23, 31)
    found = {}

    def add(name: str, image: Image.Image, **options) -> None:
        target = io.BytesIO()
        image.save(target, {"png": "PNG", "jpg": "JPEG"}[name.split(".")[1]], **options)
        found[name] = target.getvalue()

    add("rgb.png", base)
    add("interlaced.png", picture(2, 19, 13))
    add("gray.png", picture(3, 17, 9).convert("L"))
    add("black-white.png", picture(4, 21, 11).convert("1"))
    add("palette.png", picture(5, 16, 16).quantize(13))
    add("transparent-palette.png", picture(5, 16, 16).quantize(13), transparency=3)
    alpha = picture(6, 12, 20).convert("RGBA")
    alpha.putalpha(picture(7, 12, 20).convert("L"))
    add("alpha.png", alpha)
    add("gray-alpha.png", alpha.convert("LA"))
    wide = (np.arange(15 * 10).reshape(10, 15) * 7).astype(np.uint16)
    add("wide-gray.png", Image.fromarray(wide))
    add("turned.png", base, exif=exif(8))
    add("plain.jpg", picture(8, 37, 29), quality=90)
    add("fine.jpg", picture(9, 33, 18), quality=95, subsampling=0)
    add("half.jpg", picture(10, 26, 35), quality=80, subsampling=1)
    add("progressive.jpg", picture(11, 40, 24), progressive=True)
    add("gray.jpg", picture(12, 18, 25).convert("L"))
    add("inks.jpg", picture(13, 22, 14).convert("CMYK"))
    add("restarts.jpg", picture(14, 48, 16), restart_marker_blocks=2)
    for number in range(1, 9):
        add(f"turned-{number}.jpg", picture(15, 14, 9), exif=exif(number))
    found["interlaced.png"] = interlaced(picture(2, 19, 13))
    found["wide.png"] = wide_png(picture(16, 11, 6))
    return found


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, color: int, is_interlaced: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, is_interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def interlaced(image: Image.Image) -> bytes:
    """Adam7, which Pillow reads and does not write."""
    values, rows = np.array(image), b""
    for y, x, down, across in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
        part = values[y::down, x::across]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return png(image.width, image.height, 8, 2, 1, rows)


def wide_png(image: Image.Image) -> bytes:
    """Sixteen bits a color."""
    values = np.array(image).astype(">u2") * 256 + 99
    return png(image.width, image.height, 16, 2, 0, b"".join(b"\0" + row.astype(">u2").tobytes() for row in values))


def tokenizer() -> CLIPTokenizer:
    trained = Tokenizer(BPE(unk_token=END, end_of_word_suffix="</w>"))
    trained.normalizer = normalizers.Lowercase()
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trained.train_from_iterator(SENTENCES, BpeTrainer(vocab_size=420, min_frequency=2, initial_alphabet=alphabet,
                                                      end_of_word_suffix="</w>", show_progress=False))
    model = json.loads(trained.to_str())["model"]
    # As CLIP's: the letters, the letters that end a word, the merges, and the two tokens last.
    tokens = alphabet + [letter + "</w>" for letter in alphabet] + ["".join(pair) for pair in model["merges"]]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens + [START, END]))}
    return CLIPTokenizer(vocab=vocabulary, merges=[tuple(pair) for pair in model["merges"]], model_max_length=24)


def configuration(vocabulary_size: int, **sizes) -> CLIPConfig:
    common = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20, initializer_range=0.3)
    return CLIPConfig(
        text_config=CLIPTextConfig(vocab_size=vocabulary_size, max_position_embeddings=24, pad_token_id=1,
                                   bos_token_id=vocabulary_size - 2, eos_token_id=vocabulary_size - 1, **common).to_dict(),
        vision_config=CLIPVisionConfig(**dict(common, hidden_size=16, image_size=12, patch_size=4)).to_dict(), projection_dim=10)


def randomize(model: torch.nn.Module) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
            elif parameter.dim() > 1:
                parameter.copy_(0.4 * torch.randn_like(parameter))


def embeddings(model: CLIPModel, ids: list[list[int]], pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Each text alone, without padding."""
    texts = [model.get_text_features(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long))
             for row in ids]
    return torch.cat([text.pooler_output for text in texts]), model.get_image_features(pixel_values=pixels).pooler_output


def upright(name: str) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(PLACE / "images" / name))


def make() -> None:
    torch.manual_seed(11)
    shutil.rmtree(PLACE)
    (folder("clip") / "images").mkdir()
    own = tokenizer()
    model = CLIPModel(configuration(len(own))).eval()
    randomize(model)
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        processor = CLIPImageProcessorPil(size={"shortest_edge": 12}, crop_size={"height": 12, "width": 12})
        CLIPProcessor(processor, own).save_pretrained(temporary)
        SentenceTransformer(modules=[Transformer(temporary)], device="cpu").save(str(PLACE / "model"), create_model_card=False)
    older(own)
    tensors, pixels, older_pixels, files = {}, [], [], dict(sorted(images().items()))
    older_processor = CLIPImageProcessorPil.from_pretrained(PLACE / "older" / "0_CLIPModel")
    for name, content in files.items():
        (PLACE / "images" / name).write_bytes(content)
        image = upright(name)
        tensors[f"pixels/{name}"] = torch.tensor(convert_to_rgb(image, return_numpy=True))
        for kind, target, found in [("", processor, pixels), ("older/", older_processor, older_pixels)]:
            found.append(torch.tensor(np.array(target(images=[image])["pixel_values"][0])))
            if name in PREPARED:
                tensors[f"{kind}input/{name}"] = found[-1]
    first = Image.open(PLACE / "images" / "rgb.png")
    for filter_name, number in FILTERS.items():
        for width, height in SIZES:
            tensors[f"resized/{filter_name}/{width}x{height}"] = torch.tensor(
                np.array(first.resize((width, height), number)), dtype=torch.uint8)
    ids = own(TEXTS, truncation=True)["input_ids"]
    save_json(PLACE / "texts.json", [{"text": text, "ids": row} for text, row in zip(TEXTS, ids)])
    with torch.no_grad():
        tensors["texts"], tensors["images"] = embeddings(model, ids, torch.stack(pixels))
        odd = CLIPModel(CLIPConfig.from_pretrained(PLACE / "older" / "0_CLIPModel")).eval()
        odd.load_state_dict(model.state_dict())
        tensors["older/texts"], tensors["older/images"] = embeddings(odd, ids, torch.stack(older_pixels))
    check_pipeline(SentenceTransformer(str(PLACE / "model"), device="cpu"), tensors, list(files))
    double = model.double()
    texts, pictures = embeddings(double, ids, torch.stack(pixels).double())
    tensors["texts.f64"], tensors["images.f64"] = texts, pictures
    count = len(TEXTS)
    logits = double.logit_scale.exp() * torch.cosine_similarity(texts[:, None], pictures[None, :count], dim=-1)
    target = torch.arange(count)
    loss = (torch.nn.functional.cross_entropy(logits, target) + torch.nn.functional.cross_entropy(logits.T, target)) / 2
    parameters = dict(double.named_parameters())
    tensors["loss"] = loss
    for name, gradient in zip(parameters, gradients(loss, list(parameters.values()))):
        tensors[f"gradient/{name}"] = gradient
    save_tensors(PLACE / "figures.safetensors", tensors)
    print(f"{float(loss):.6f}", len(own), sum(path.stat().st_size for path in PLACE.rglob("*") if path.is_file()) // 1024, "KiB")


def older(own: CLIPTokenizer) -> None:
    """The layout of the field's first CLIP models."""
    place = PLACE / "older" / "0_CLIPModel"
    place.mkdir(parents=True)
    (PLACE / "older" / "modules.json").write_text(json.dumps(
        [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}], indent=2) + "\n")
    config = json.loads((PLACE / "model" / "config.json").read_text())
    config["text_config"]["eos_token_id"] = 2
    config["vision_config"]["image_size"] = 14
    (place / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    (place / "preprocessor_config.json").write_text(json.dumps({
        "crop_size": 14, "do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 2, "size": 13,
    }, indent=2) + "\n")
    model = json.loads(own.backend_tokenizer.to_str())["model"]
    (place / "vocab.json").write_text(json.dumps(own.get_vocab(), ensure_ascii=False))
    pairs = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    (place / "merges.txt").write_text("#version: 0.2\n" + "\n".join(pairs) + "\n")
    tokens = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    (place / "special_tokens_map.json").write_text(json.dumps(tokens, indent=2) + "\n")
    (place / "tokenizer_config.json").write_text(json.dumps(
        dict(tokens, tokenizer_class="CLIPTokenizer", model_max_length=24, do_lower_case=True), indent=2) + "\n")


def check_pipeline(model: SentenceTransformer, expected: dict[str, torch.Tensor], names: list[str]) -> None:
    """The whole pipeline gives the same as the model alone."""
    found = {"texts": model.encode(TEXTS, convert_to_tensor=True),
             "images": model.encode([upright(name) for name in names], convert_to_tensor=True)}
    for key, value in found.items():
        difference = float((value - expected[key]).abs().max() / expected[key].abs().max())
        print(f"{key}: {tuple(value.shape)}, largest difference {difference:.1e}")
        if difference > 1e-5:
            raise ValueError(f"{key} differ")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        figures = load_file(PLACE / "figures.safetensors")
        prefix = sys.argv[3] if len(sys.argv) > 3 else ""
        check_pipeline(SentenceTransformer(sys.argv[2], device="cpu"), {key: figures[prefix + key] for key in ["texts", "images"]},
                       sorted(path.name for path in (PLACE / "images").iterdir()))
    else:
        make()
