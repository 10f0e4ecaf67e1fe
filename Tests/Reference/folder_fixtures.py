"""Makes Tests/Fixtures/folders/folders.json: variants of models/mini-bert as other programs leave folders, and what is made of them.

Each case: `files`, texts by name that take the place of the model's (null: removed); `texts`, `ids` of each; `prompt`, which is put
before the texts for `embeddings` (null: none is asked for); `query` and `document`, the embeddings of the same texts as such.
"""

import json
import shutil
import tempfile
from pathlib import Path

from sentence_transformers import SentenceTransformer

from common import folder, save_json

MODEL = folder("models") / "mini-bert"
TOKENIZER, CONFIGURATION, SETTINGS = "tokenizer.json", "tokenizer_config.json", "sentence_bert_config.json"
WHOLE, POOLING = "config_sentence_transformers.json", "1_Pooling/config.json"
LOWERCASING_TEXTS = [
    "The dog sleeps.", "THE DOG", "a [MASK] dog", "one [SEP] two", "[UNK] and [PAD]", "[CLS]", "a [mask] dog",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3\u03a3", "\u0130 the", "STRA\u1e9eE dog", "\u01c5 \u01c4", "D\u00d3G \u00c0 la", "hotDOGs",
]


def read(name: str) -> dict:
    return json.loads((MODEL / name).read_text(encoding="utf-8"))


def lowercasing(tokenizer: bool, asked: bool, added: bool = False) -> dict:
    """A tokenizer that makes text small by itself or not, in a folder that asks for it or not."""
    content, configuration, settings = read(TOKENIZER), read(CONFIGURATION), read(SETTINGS)
    content["normalizer"]["lowercase"] = configuration["do_lower_case"] = tokenizer
    settings["do_lower_case"] = asked
    if added:
        content["added_tokens"].append({
            "id": content["model"]["vocab"]["dog"], "content": "dog", "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": True, "special": False})
    return {TOKENIZER: content, CONFIGURATION: configuration, SETTINGS: settings}


def closing(parts: list[str] | None) -> dict:
    """A tokenizer with other tokens around a text, and a pooling that leaves prompts out."""
    content, configuration, pooling = read(TOKENIZER), read(CONFIGURATION), read(POOLING)
    configuration["tokenizer_class"] = "PreTrainedTokenizerFast"
    pooling["include_prompt"] = False
    if parts is None:
        content["post_processor"] = None
    else:
        vocabulary = content["model"]["vocab"]
        content["post_processor"]["single"] = [
            {"Sequence": {"id": "A", "type_id": 0}} if part == "A" else {"SpecialToken": {"id": part, "type_id": 0}} for part in parts]
        content["post_processor"]["special_tokens"] = {
            part: {"id": part, "ids": [vocabulary[part]], "tokens": [part]} for part in ["[CLS]", "[SEP]", *parts] if part != "A"}
    return {TOKENIZER: content, CONFIGURATION: configuration, POOLING: pooling}


def prompts(values: dict, default: str | None) -> dict:
    return {WHOLE: read(WHOLE) | {"prompts": values, "default_prompt_name": default}}


def older(added: dict | None, special: list[str], keeps_tokenizer: bool) -> dict:
    """Tokens in the files of old, behind a vocabulary that leaves two rows of the model free."""
    content, configuration = read(TOKENIZER), read(CONFIGURATION)
    vocabulary = sorted(content["model"]["vocab"], key=content["model"]["vocab"].get)[:58]
    content["model"]["vocab"] = {token: index for index, token in enumerate(vocabulary)}
    named = {key: value for key, value in configuration.items() if key.endswith("_token")}
    files = {TOKENIZER: content if keeps_tokenizer else None, "special_tokens_map.json": named | {"additional_special_tokens": special}}
    if not keeps_tokenizer:
        files["vocab.txt"] = "\n".join(vocabulary) + "\n"
    if added is not None:
        files["added_tokens.json"] = added
    return files


OLDER_TEXTS = ["the <ent>dog Ent [ENT] ent", "a [MASK] dog"]
PROMPT_TEXTS = ["sleeps", "a cat and the dog", "dog"]
CASES = [
    ("lowercases twice", lowercasing(True, True), LOWERCASING_TEXTS, None),
    ("lowercases where asked", lowercasing(False, True), LOWERCASING_TEXTS, None),
    ("lowercases by itself", lowercasing(True, False), LOWERCASING_TEXTS, None),
    ("lowercases never", lowercasing(False, False), LOWERCASING_TEXTS, None),
    ("lowercases before added tokens", lowercasing(False, True, added=True), LOWERCASING_TEXTS, None),
    ("closes with SEP", closing(["[CLS]", "A", "[SEP]"]), PROMPT_TEXTS, "the dog "),
    ("closes with nothing", closing(["[CLS]", "A"]), PROMPT_TEXTS, "the dog "),
    ("closes and opens with nothing", closing(None), PROMPT_TEXTS, "the dog "),
    ("closes with two", closing(["[CLS]", "A", "[SEP]", "[SEP]"]), PROMPT_TEXTS, "the dog "),
    ("closes with a word", closing(["A", "dog"]), PROMPT_TEXTS, "the dog "),
    ("closes with nothing after a special token", closing(["[CLS]", "A"]), PROMPT_TEXTS, "the [MASK] "),
    ("default prompt", prompts({"x": "the dog "}, "x"), PROMPT_TEXTS, None),
    ("default prompt of queries", prompts({"query": "the cat ", "corpus": "the dog "}, "query"), PROMPT_TEXTS, None),
    ("prompt of passages", prompts({"passage": "the dog "}, None), PROMPT_TEXTS, None),
    ("added tokens behind vocab.txt", older({"<ent>": 58, "Ent": 59}, [], False), OLDER_TEXTS, None),
    ("added tokens that are special", older({"<ent>": 58, "Ent": 59}, ["Ent"], False), OLDER_TEXTS, None),
    ("special tokens behind vocab.txt", older(None, ["[ENT]"], False), OLDER_TEXTS, None),
    ("added tokens beside tokenizer.json", older({"Ent": 59, "<ent>": 58}, [], True), OLDER_TEXTS, None),
    ("special tokens beside tokenizer.json", older(None, ["[ENT]"], True), OLDER_TEXTS, None),
]


def rounded(embeddings) -> list[list[float]]:
    return [[round(number, 7) for number in row] for row in embeddings.tolist()]


def figures(files: dict, texts: list[str], prompt: str | None) -> dict:
    files = {name: content if content is None or isinstance(content, str) else json.dumps(content, ensure_ascii=False)
             for name, content in files.items()}
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / "model"
        shutil.copytree(MODEL, place)
        for name, content in files.items():
            (place / name).unlink() if content is None else (place / name).write_text(content, encoding="utf-8")
        model = SentenceTransformer(str(place), device="cpu")
        return {
            "files": files, "texts": texts, "prompt": prompt,
            "ids": [model.preprocess([text])["input_ids"][0].tolist() for text in texts],
            "embeddings": rounded(model.encode(texts, prompt=prompt)),
            "query": rounded(model.encode_query(texts)), "document": rounded(model.encode_document(texts)),
        }


save_json(folder("folders") / "folders.json", {name: figures(*case) for name, *case in CASES})
