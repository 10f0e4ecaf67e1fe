"""Writes Tests/Fixtures/tokenizers/offsets.json: which characters of texts the tokens stand for, by each tokenizer among the fixtures.

    python Tests/Reference/tokenizer_offset_fixtures.py

It reads what tokenizer_fixtures.py, tokenizer_component_fixtures.py and tokenizer_model_fixtures.py wrote. Each encoding is a list of
ids, offsets (start and end of each token, one after another), types, and which tokens are special.
Made with transformers 5.24.0, tokenizers 0.23.3.
"""
import json
import pathlib
import tempfile

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from tokenizer_component_fixtures import PAIRS, TEXTS
from tokenizer_fixtures import NASTY
from tokenizer_model_fixtures import CLASSES, lay_out

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "Fixtures"
# Marks that change places, that join, that are dropped, and what is made of several characters, or of none.
OWN = [
    "", " ", "  a  cat ", "e\u0301a\u0327\u0301", "\u0301a", "\u00e9\u0327\u0316x", "a\u0301\U0001d165\u0327 b", "\u1e69 s\u0323\u0307 s\u0307\u0323",
    "\u0344\u0f73\u0f71", "\u1100\u1161\u11a8 \uac01\u11a8", "\u01d5\u0304", "\u0130I\u0307 \u1e9e", "\ufb03 \u2167 \u3392 \u00bd", "x\u00ad\u200b\u0000y\u0007z",
    "\u6771\u4eac tower", "a\u0316\u0301b", "\u200b\u200bword", "\u2122\u200bg", "``quoted'' text", "don't  stop\r\n\r\nnow \t!", "<s>a</s> <mask> b",
    "[MASK] word[SEP] [CLS]", "\U0001f469\u200d\U0001f680 \U0001f1e9\U0001f1ea", "12345 678,9", "The weaver\u2581weaves", "thethethe aaaa", "\u0915\u094d\u0937\u0bcb",
]


def rows(encoding):
    return [encoding.ids, [n for span in encoding.offsets for n in span], encoding.type_ids, encoding.special_tokens_mask]


def main():
    texts = OWN + [text for text in TEXTS + NASTY if len(text) < 60][::4]
    out = {"texts": texts, "pairs": PAIRS[:4], "maximumLength": 6, "tokenizers": {}}
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        trained = {path.stem: path for path in (FIXTURES / "sentencepiece").glob("*.model")}
        paths = [path for kind in ("tokenizers", "components", "sentencepiece") for path in sorted((FIXTURES / kind).glob("*/tokenizer.json"))]
        tokenizers = {str(path.parent.relative_to(FIXTURES)): Tokenizer.from_file(str(path)) for path in paths}
        for name in CLASSES:
            tokenizers[name] = AutoTokenizer.from_pretrained(lay_out(temporary, name, trained)).backend_tokenizer
        for name, tokenizer in tokenizers.items():
            tokenizer.no_padding()
            tokenizer.no_truncation()
            case = {"singles": [rows(tokenizer.encode(text)) for text in texts], "pairs": [rows(tokenizer.encode(*pair)) for pair in PAIRS[:4]]}
            tokenizer.enable_truncation(6)
            case["cut"] = [rows(tokenizer.encode(text)) for text in texts[::5]]
            out["tokenizers"][name] = case
    (FIXTURES / "tokenizers" / "offsets.json").write_text(json.dumps(out, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
