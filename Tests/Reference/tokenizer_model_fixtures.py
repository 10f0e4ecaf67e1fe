"""Writes Tests/Fixtures/sentencepiece: small models of SentencePiece, what the Python libraries make of texts with each class
of tokenizer that reads them, regular expressions and their matches, and single components.

    python Tests/Reference/tokenizer_model_fixtures.py            # writes the fixtures
    python Tests/Reference/tokenizer_model_fixtures.py --compare CHECK [--count 100000] [--data FOLDER] [--names bpe …]

The second form compares CHECK on many generated texts and on all texts of the files in a folder. `CHECK encodings FOLDER TEXTS.json` prints for each
text of the list what its tokenizer gives, as `line` below writes it, and then for every twentieth text and the one behind it.
Made with transformers 5.24.0, tokenizers 0.23.3, sentencepiece 0.2.3.
"""
import argparse
import csv
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unicodedata

import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

from tokenizer_component_fixtures import PAIRS, TEXTS
from tokenizer_fixtures import NASTY, SENTENCES

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "sentencepiece"
# Folders: the model, its name there, and tokenizer_config.json.
CLASSES = {
    "xlm-roberta": ("unigram", "sentencepiece.bpe.model", {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512}),
    "camembert": ("unigram", "sentencepiece.bpe.model", {"tokenizer_class": "CamembertTokenizer"}),
    "t5": ("t5", "spiece.model", {"tokenizer_class": "T5Tokenizer", "extra_ids": 7}),
    "albert": ("albert", "spiece.model", {"tokenizer_class": "AlbertTokenizer"}),
    "albert-cased": ("albert", "spiece.model", {"tokenizer_class": "AlbertTokenizer", "do_lower_case": False, "keep_accents": True}),
    "deberta": ("deberta", "spm.model", {"tokenizer_class": "DebertaV2Tokenizer"}),
    "deberta-split": ("deberta", "spm.model", {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": True, "split_by_punct": True}),
    "llama": ("bpe", "tokenizer.model", {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}),
    "llama-legacy": ("bpe", "tokenizer.model", {"tokenizer_class": "LlamaTokenizer", "legacy": True, "add_eos_token": True}),
}


def rules():
    """A few hundred compatibility characters, some of several characters, instead of all."""
    found = {}
    for code in [*range(0xA0, 0x17F), *range(0x2000, 0x2070), *range(0x2100, 0x2190), *range(0x2460, 0x2474), *range(0x3000, 0x3002),
                 *range(0xFB00, 0xFB07), *range(0xFF01, 0xFF5F)]:
        text = unicodedata.normalize("NFKC", chr(code))
        if text != chr(code):
            found[chr(code)] = text
        whole = unicodedata.normalize("NFD", chr(code))
        if len(whole) > 1 and unicodedata.normalize("NFC", whole) == chr(code):
            found[whole] = chr(code)
    for c in "\t\n\r\u2028\u0085\u3000\u00a0":
        found[c] = " "
    found["\u200b"] = ""
    found["\u0e33"] = "\u0e4d\u0e32"
    return "".join(
        " ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value) + "\n" for key, value in sorted(found.items()))


def train(folder):
    texts = folder / "texts.txt"
    texts.write_text("\n".join(SENTENCES * 3 + [t.replace("\n", " ") for t in TEXTS if len(t) < 60] * 2), encoding="utf-8")
    (folder / "rules.tsv").write_text(rules(), encoding="utf-8")

    def one(name, **more):
        options = dict(
            input=str(texts), model_prefix=str(folder / name), vocab_size=420, character_coverage=0.98, hard_vocab_limit=False,
            normalization_rule_tsv=str(folder / "rules.tsv"), minloglevel=2, num_threads=1)
        sentencepiece.SentencePieceTrainer.train(**{**options, **more})
        return folder / f"{name}.model"

    return {
        "unigram": one("unigram"),
        "t5": one("t5", pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
        "albert": one("albert", pad_id=0, unk_id=1, bos_id=2, eos_id=3, bos_piece="[CLS]", eos_piece="[SEP]", user_defined_symbols=["(", ")"]),
        "deberta": one("deberta", pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]",
                       unk_piece="[UNK]", normalization_rule_tsv="", normalization_rule_name="identity"),
        "bpe": one("bpe", model_type="bpe", byte_fallback=True, vocab_size=900, normalization_rule_tsv="",
                   normalization_rule_name="identity"),
    }


def lay_out(folder, name, trained):
    model, file, configuration = CLASSES[name]
    folder = folder / name
    folder.mkdir(parents=True)
    shutil.copy(trained[model], folder / file)
    (folder / "tokenizer_config.json").write_text(json.dumps(configuration))
    return folder


def cases(tokenizer):
    singles = [{"text": text, "ids": tokenizer.encode(text)} for text in TEXTS + SENTENCES[::4] + [t for t in NASTY[::3] if len(t) < 200]]
    pairs = []
    for first, second in PAIRS[:5]:
        # Of the backend: the library around it takes an empty second text for none.
        encoding = tokenizer.backend_tokenizer.encode(first, second)
        pairs.append({"first": first, "second": second, "ids": encoding.ids, "typeIDs": encoding.type_ids})
    return {"singles": singles, "pairs": pairs}


GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
EXPRESSIONS = [
    GPT4, GPT4.replace("{1,3}", ""), O200K, r"\s{2,}|[\n\r\t]", r"\A +| +\z", " {2,}", r"\s+", r"\w+|[^\w\s]+", r"\d{3}(?=\d)", r"(?<=[a-z])(?=[A-Z])",
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", r"\p{Han}|\p{Hiragana}+|\p{Katakana}+",
    r"[[:alpha:]]+|[[:^alpha:]]", r"[a-c&&[^b]]+", r"[^\P{Lu}]", r"(?i)the|WEAVER", r"(?i:stra[ßx]e|ÄPFEL)", r"x*", r"a|ab|abc", r"(?:a|ab)(?:c|bcd)?",
    r"a*?b", r"(?>a*)b", r"a*+b|a++", r"(a*)*b", r"(?:a|b|ab)*?c", r"^.", r".$", r"\bt\w*", r"\Bt", r"(?m:.+)", r".+", r"(?<!\S)\S", r"(?<=ab|a|x)b",
    r"\R", r"\h+", r"\N+", r"[\x61-\x{66}\u00e9]+", r"(?x) a b # c", r"a{2}", r"a{,2}b", r"a{2,}?", r"(?:ab){2,3}", r"[]a]+", r"[a\-z]+", r"[+-]",
    r"\p{^L}+", r"\P{^Nd}", r"(?<name>a)b", r"a(?i)b|c", r"\Aa|z\z|z\Z", r"(?!a)\p{L}", r"\p{L}\p{M}*", r"[\p{P}$+<=>^~|`]", r"(?:\s(?=\s))+", r"\S+\s*$",
    r"(?=(?=a)ab)a", r"(?:(?:a+)+)+$", r"(?:aa|a)+?b?", r"[\s\S]{1,4}", r"a{3}?", r"a{1,2}+", r"\t| \n", r"[^\n]", r"\p{Greek}+|\p{Cyrillic}+", r"[\w&&\D]+",
]
SHORT = ["a", "b", "ab", "abc", "aab b", "aaab", "abcbcd", "aaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaac", "xaxab xb", "The THE the weaver", "Straße STRASE straxe",
         "äpfel ÄPFEL", "camelCaseWord", "a\nb\r\nc", "z", "]a", "a-z+", "'S 'LL I'Ve don'ſ", "<|startoftext|>x", "12345 678", "éabcf", "don't\n\n  x"]


def components():
    texts = [t for t in TEXTS if len(t) < 80][::2] + SHORT
    out = {"texts": texts, "expressions": [], "normalizers": [], "preTokenizers": []}
    for expression in EXPRESSIONS:
        split = pre_tokenizers.Split(Regex(expression), "isolated")
        replace = normalizers.Replace(Regex(expression), "<>")
        out["expressions"].append({
            "expression": expression, "pieces": [[w for w, _ in split.pre_tokenize_str(t)] for t in texts],
            "replaced": [replace.normalize_str(t) for t in texts]})
    for component in [normalizers.Nmt(), normalizers.ByteLevel(), normalizers.Replace(Regex("[aeiou]+"), "*")]:
        out["normalizers"].append({"json": json.loads(component.__getstate__()), "results": [component.normalize_str(t) for t in texts]})
    for component in [pre_tokenizers.UnicodeScripts(), pre_tokenizers.FixedLength(3), *[
            pre_tokenizers.Split(Regex(r"\s*"), b) for b in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]]]:
        out["preTokenizers"].append({
            "json": json.loads(component.__getstate__()), "results": [[w for w, _ in component.pre_tokenize_str(t)] for t in texts]})
    return out


def unigram(byte_fallback):
    pieces = [("<unk>", 0.0), ("▁", -2.0), ("▁the", -2.5), ("e", -3.0), ("t", -3.1), ("th", -3.0), ("h", -3.5), ("he", -3.2), ("a", -3.0),
              ("aa", -5.9), ("▁a", -3.3), ("weaver", -6.0), ("w", -4.0), ("r", -4.0), ("v", -4.0), ("the", -4.0), ("the", -3.9), ("é", -6.0)]
    if byte_fallback:
        pieces += [(f"<0x{byte:02X}>", -9.0) for byte in range(256)]
    tokenizer = Tokenizer(models.Unigram(pieces, 0, byte_fallback))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def words():
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "The": 1, "weaver": 2, ".": 3, "a": 4}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def write_fixtures():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    FIXTURES.mkdir(parents=True)
    out = {}
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        trained = train(temporary)
        for name, path in trained.items():
            shutil.copy(path, FIXTURES / path.name)
        for name, (model, file, configuration) in CLASSES.items():
            folder = lay_out(temporary, name, trained)
            tokenizer = AutoTokenizer.from_pretrained(folder)
            out[name] = {"model": model + ".model", "file": file, "configuration": json.dumps(configuration), **cases(tokenizer)}
    for name, tokenizer in [("pieces", unigram(False)), ("pieces-bytes", unigram(True)), ("words", words())]:
        folder = FIXTURES / name
        folder.mkdir()
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        out[name] = {"singles": [{"text": t, "ids": tokenizer.encode(t).ids} for t in TEXTS + SENTENCES[::6]], "pairs": []}
    (FIXTURES / "cases.json").write_text(json.dumps(out, separators=(",", ":")) + "\n", encoding="utf-8")
    (FIXTURES / "components.json").write_text(json.dumps(components(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(sum(f.stat().st_size for f in FIXTURES.rglob("*") if f.is_file()) // 1024, "kB")


def nasty(count, seed):
    """Texts of parts of others, of characters of all kinds, and of what is hard to cut."""
    generator = random.Random(seed)
    parts = TEXTS + NASTY + SENTENCES
    ranges = [(0, 0x80)] * 4 + [(0x80, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0xE80), (0x1100, 0x1200), (0x2000, 0x2070),
                                (0x2100, 0x2190), (0x3000, 0x3100), (0x4E00, 0x5000), (0xAC00, 0xAD00), (0xFB00, 0xFB50), (0xFF00, 0xFFEF),
                                (0x1F300, 0x1F700), (0x1D400, 0x1D500), (0, 0x110000)]
    for _ in range(count):
        text = ""
        for _ in range(generator.randint(0, 6)):
            kind = generator.randrange(4)
            if kind == 0:
                part = generator.choice(parts)
                at = generator.randrange(len(part) + 1)
                text += part[at:at + generator.randint(0, 30)]
            elif kind == 1:
                low, high = generator.choice(ranges)
                text += "".join(chr(c) for c in (generator.randrange(low, high) for _ in range(generator.randint(1, 8)))
                                if not 0xD800 <= c <= 0xDFFF)
            elif kind == 2:
                text += generator.choice([" ", "  ", "\n", "\t", "\r\n", "▁", "<s>", "</s>", "<mask>", "[SEP]", "'s", "\u0301", "\u200d", "``", "''"])
            else:
                text += generator.choice(["a", "the ", "ab", "!", "1", "é", "中", "😀"]) * generator.randint(1, 9)
        yield text


def file_texts(folder):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix in (".csv", ".tsv"):
            with open(path, encoding="utf-8", newline="") as file:
                for row in csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ","):
                    yield from row
        elif path.suffix in (".jsonl", ".txt"):
            yield from path.read_text(encoding="utf-8").splitlines()


def line(encoding):
    """Ids, offsets, types, and which tokens are special."""
    return "|".join([
        " ".join(map(str, encoding.ids)), " ".join(f"{start}-{end}" for start, end in encoding.offsets),
        " ".join(map(str, encoding.type_ids)), " ".join(map(str, encoding.special_tokens_mask))])


def compare(program, count, data, names):
    texts = list(nasty(count, 1)) + (list(file_texts(data)) if data else [])
    inputs = texts + [tuple(texts[i:i + 2]) for i in range(0, len(texts) - 1, 20)]
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        (temporary / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        trained = {path.stem: path for path in FIXTURES.glob("*.model")}
        folders = {name: lay_out(temporary, name, trained) for name in CLASSES}
        folders |= {path.parent.name: path.parent for path in FIXTURES.parent.glob("*/*/tokenizer.json")
                    if path.parent.parent.name in ("components", "tokenizers", "sentencepiece")}
        for name, folder in folders.items():
            if names and name not in names:
                continue
            if name in CLASSES:
                tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
            else:
                tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.no_truncation()
            tokenizer.no_padding()
            lines = subprocess.Popen([program, "encodings", folder, temporary / "texts.json"], stdout=subprocess.PIPE, text=True).stdout
            wrong = 0
            for start in range(0, len(inputs), 1000):
                for text, encoding in zip(inputs[start:], tokenizer.encode_batch(inputs[start:start + 1000])):
                    found, expected = lines.readline().rstrip("\n"), line(encoding)
                    if found != expected:
                        wrong += 1
                        if wrong <= 3:
                            print(f"  {text!r}\n    {found}\n    {expected}")
            print(f"{name}: {len(texts)} texts and {len(inputs) - len(texts)} pairs, {wrong} differ", flush=True)
            failures += wrong
    sys.exit(1 if failures else 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compare")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--data")
    parser.add_argument("--names", nargs="*", help="tokenizers, all when left out")
    arguments = parser.parse_args()
    compare(arguments.compare, arguments.count, arguments.data, arguments.names) if arguments.compare else write_fixtures()


if __name__ == "__main__":
    main()
