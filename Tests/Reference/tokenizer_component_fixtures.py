"""Writes Tests/Fixtures/components: small tokenizers of every kind of component beside BERT's, what the Python
libraries make of texts, and of pairs of texts, with them, and what single components make.

    python Tests/Reference/tokenizer_component_fixtures.py            # after tokenizer_fixtures.py

The trainer of the Python library breaks ties by chance, so each run may make other vocabularies. Made with
transformers 5.24.0, tokenizers 0.23.3.
"""
import json
import pathlib
import shutil

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

from tokenizer_fixtures import CODE_POINTS, NASTY, SENTENCES, fnv, write_json

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "components"
BERT = FIXTURES.parent / "tokenizers" / "uncased"

TEXTS = [
    "", " ", "  ", "\n", "\t\n \r\n", "a", ".", "The weaver pulled the thread.", " leading", "trailing ", "  two  spaces  ",
    "line\nbreak\n\nand  more \n x", "tab\there\t\tthere", "It's, they're, I'll I'm we've he'd don't 'tis DON'T it's'S 's", "'",
    "'' 'l 're", "a's'a", "in 1999, 3.14 or 12,345½ x²³ Ⅷ ①②٣٤ १२", "foo123bar 123foo_bar", "snake_case kebab-case CamelCase",
    "$5 #tag @name a+b=c <b>&amp;</b> C++ e.g. ... ?!", "Größere Straße, Äpfel über Flüsse", "L'été, où êtes-vous ? Ça va",
    "cafe\u0301 caf\u00e9 A\u030a \u212b q\u0307\u0323 \ufb01 \u2460 \uff21\uff42", "\u0301start e\u0301\u0302\u0303", "x \u0308 y",
    "織工在窗邊剪斷了藍色的線。两个人", "青い糸を切りました。カタカナ ｶﾀｶﾅ が か\u3099", "직조공이 창가에서 \u1112\u1161\u11ab", "Ткачиха обрезала",
    "קטעה الخيط नीला धागा ช่างทอผ้า", "😀 smile 👍🏽👨‍👩‍👧 🇩🇪 ❤️", "😀😀😀a😀", "zero\u200bwidth\u00a0no\u2003break\u3000wide\u0085next",
    "nul\x00l \x01\x7f\ufffd\ufeff", "\u180e\u00ad \U000e0020 \U0010ffff", "<s>Hello</s> <mask>  and <mask>. <unk><pad>",
    "[CLS] not here [SEP]", "<mask>", " <mask> ", "a<mask>b <mask>c", "extra extra", "▁sign ▁▁ a▁b", "unbelievably " * 3,
    "weaver" * 30, "a" * 300, "ab" * 100 + " " + "x" * 70, "!" * 40, " " * 30 + "x", "the\u2028weaver\u2029", "İstanbul ΟΔΟΣ ẞ ǅ",
]
MORE = SENTENCES[::3] + [text for text in NASTY[::4] if len(text) < 200]
PAIRS = [("The weaver pulled the thread.", "She counted forty-two knots, undid three."), ("", ""), ("a", ""), ("", "b"),
         ("the " * 30, "snow"), ("snow", "the " * 30), ("the " * 20, "thread " * 21), (" x", " y"), ("<mask> a", "b <mask>")]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def train(tokenizer, size, special, **more):
    texts = SENTENCES * 2 + [t for t in TEXTS if len(t) < 60]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, show_progress=False, min_frequency=2, **more))
    return tokenizer


def roberta(prefix):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    train(tokenizer, 600, SPECIAL + ["<mask>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.add_tokens([AddedToken("extra", single_word=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def gpt2():
    """A space before every text, word = token as it is, no special tokens around texts."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    train(tokenizer, 500, ["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def llama():
    """Spaces as signs by the normalizer, unknown characters in bytes."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    train(tokenizer, 700, SPECIAL + [f"<0x{byte:02X}>" for byte in range(256)], limit_alphabet=60, max_token_length=12)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return tokenizer


def suffix():
    """A sign at the end of words, as in the first models of the kind."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)])
    train(tokenizer, 500, SPECIAL, end_of_word_suffix="</w>", limit_alphabet=120)
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(), processors.TemplateProcessing(
            single="<s> $A </s>", pair="$B:2 </s>:1 $A", special_tokens=[("<s>", 0), ("</s>", 2)])])
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    return tokenizer


def prefix():
    """A sign before the pieces that continue words; unknown characters one by one."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Digits()])
    train(tokenizer, 500, SPECIAL, continuing_subword_prefix="##", limit_alphabet=80)
    tokenizer.post_processor = processors.BertProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    return tokenizer


def metaspace(scheme):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(right=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    train(tokenizer, 500, SPECIAL + ["<mask>"], limit_alphabet=100)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
    return tokenizer


def cases(tokenizer):
    singles = []
    for text in TEXTS + MORE:
        ids = tokenizer.encode(text).ids
        singles.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids),
                        "withSpecialTokens": tokenizer.decode(ids, skip_special_tokens=False)})
    return {"singles": singles, "pairs": pairs(tokenizer)}


def pairs(tokenizer):
    out = []
    added = tokenizer.num_special_tokens_to_add(True)
    for first, second in PAIRS:
        for maximum in [None] + [added + more for more in (1, 2, 3, 8, 11, 30)]:
            tokenizer.no_truncation()
            if maximum is not None:
                tokenizer.enable_truncation(maximum, strategy="longest_first")
            encoding = tokenizer.encode(first, second)
            out.append({"first": first, "second": second, "maximumLength": maximum,
                        "ids": encoding.ids, "typeIDs": encoding.type_ids})
    tokenizer.no_truncation()
    return out


def save(name, tokenizer, configuration=None, string_merges=False):
    folder = FIXTURES / name
    folder.mkdir(parents=True)
    value = json.loads(tokenizer.to_str())
    if string_merges:  # as older files have them
        value["model"]["merges"] = [" ".join(pair) for pair in value["model"]["merges"]]
    (folder / "tokenizer.json").write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    if configuration:
        write_json(folder / "tokenizer_config.json", configuration)


def save_old_files(name, tokenizer):
    """RoBERTa before tokenizer.json."""
    folder = FIXTURES / name
    folder.mkdir(parents=True)
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in model["merges"]]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "RobertaTokenizer", "model_max_length": 512, "add_prefix_space": False,
        "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False, "single_word": False,
                       "normalized": False}})
    return AutoTokenizer.from_pretrained(folder).backend_tokenizer


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
NORMALIZERS = [
    normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD(), normalizers.Lowercase(),
    normalizers.StripAccents(), normalizers.Strip(), normalizers.Strip(left=False), normalizers.Strip(right=False),
    normalizers.Replace("a", ""), normalizers.Replace("  ", " "), normalizers.Prepend("▁"),
    normalizers.Sequence([]), normalizers.Sequence([normalizers.NFD()]),
    normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Replace("e", "ee")]),
]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
PRE_TOKENIZERS = [
    pre_tokenizers.ByteLevel(), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.ByteLevel(use_regex=False),
    pre_tokenizers.Whitespace(), pre_tokenizers.WhitespaceSplit(), pre_tokenizers.CharDelimiterSplit("e"),
    pre_tokenizers.Digits(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Split(" ", "removed", invert=True),
    *[pre_tokenizers.Punctuation(behavior) for behavior in BEHAVIORS], *[pre_tokenizers.Split(" ", b) for b in BEHAVIORS],
    pre_tokenizers.Split("ea", "merged_with_next", invert=True), pre_tokenizers.Split(Regex(GPT2), "isolated"),
    pre_tokenizers.Split(Regex(GPT2), "removed", invert=True),
    *[pre_tokenizers.Metaspace(prepend_scheme=scheme) for scheme in ("always", "first", "never")],
    pre_tokenizers.Metaspace("_", split=False), pre_tokenizers.Sequence([]),
    pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first")]),
    pre_tokenizers.Sequence([pre_tokenizers.Punctuation(), pre_tokenizers.ByteLevel(add_prefix_space=True)]),
    pre_tokenizers.Sequence([pre_tokenizers.Metaspace(split=False), pre_tokenizers.Digits(), pre_tokenizers.ByteLevel(False)]),
]
TOKENS = [
    [], ["a"], ["▁the", "▁", "weaver", "▁▁x"], ["the", "##re", "##", "."], ["<0xE2>", "<0x82>", "<0xAC>", "x", "<0xFF>", "<0x41>"],
    ["<0xe2>", "<0x4>", "<0xC3>", "<0xA9>"], ["th", "e</w>", "end</w>"], ["Ġthe", "ĠÃ©", "Ã", "é😀", "Ċ"], ["aab", "aaa", "ba", "a"],
    ["Ã", "<s>", "©"], ["ðŁĺ", "Ģ"], ["ðŁ", "x", "âĤ", "Ģ", "¬"],
]
DECODERS = [
    decoders.ByteLevel(), decoders.Metaspace(), decoders.Metaspace(prepend_scheme="never"), decoders.BPEDecoder(),
    decoders.ByteFallback(), decoders.Fuse(), decoders.Strip("a", 1, 0), decoders.Strip("a", 0, 1), decoders.Replace("▁", " "),
    decoders.WordPiece(), decoders.WordPiece(cleanup=False), decoders.Sequence([]),
    decoders.Sequence([decoders.ByteFallback(), decoders.Fuse(), decoders.Strip("x", 1, 0)]),
]


def component_json(component):
    return json.loads(component.__getstate__())


def code_point_hashes(function):
    """For each 65536 code points: a hash over what becomes of a text with each of them."""
    hashes = []
    for plane in range(0, 0x110000, 0x10000):
        value = 0xCBF29CE484222325
        for code in range(plane, plane + 0x10000):
            if not 0xD800 <= code <= 0xDFFF:
                c = chr(code)
                value = fnv(function("a" + c + " 1" + c + c + "\u0301\u0323" + c + " .").encode() + b"\0", value)
        hashes.append(f"{value:016x}")
    return hashes


def components():
    def words(component):
        return lambda text: "\n".join(word for word, _ in component.pre_tokenize_str(text))

    every = [n for n in NORMALIZERS[:6]], [PRE_TOKENIZERS[i] for i in (1, 3, 4, 6, 9)]
    return {
        "texts": TEXTS,
        "normalizers": [{"json": component_json(n), "results": [n.normalize_str(t) for t in TEXTS]} for n in NORMALIZERS],
        "preTokenizers": [{"json": component_json(p), "results": [[w for w, _ in p.pre_tokenize_str(t)] for t in TEXTS]}
                          for p in PRE_TOKENIZERS],
        "tokens": TOKENS,
        "decoders": [{"json": component_json(d), "results": [d.decode(t) for t in TOKENS]} for d in DECODERS],
        "everyCodePoint": [
            {"json": component_json(n), "isNormalizer": True, "hashes": code_point_hashes(n.normalize_str)} for n in every[0]
        ] + [
            {"json": component_json(p), "isNormalizer": False, "hashes": code_point_hashes(words(p))} for p in every[1]],
    }


def write(name, value):
    (FIXTURES / name).write_text(json.dumps(value, separators=(",", ":")) + "\n", encoding="utf-8")


def main():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    first = roberta(False)
    tokenizers = {
        "roberta": first, "gpt2": gpt2(), "llama": llama(), "suffix": suffix(), "prefix": prefix(), "metaspace": metaspace("first"),
        "metaspace-always": metaspace("always"),
    }
    for name, tokenizer in tokenizers.items():
        save(name, tokenizer, {"tokenizer_class": "RobertaTokenizer", "model_max_length": 512} if name == "roberta" else None,
             string_merges=name in ("gpt2", "llama"))
    tokenizers["roberta-files"] = save_old_files("roberta-files", first)
    tokenizers["uncased"] = Tokenizer.from_file(str(BERT / "tokenizer.json"))
    tokenizers["uncased"].no_padding()
    out = {name: cases(tokenizer) for name, tokenizer in tokenizers.items() if name != "uncased"}
    out["uncased"] = {"singles": [], "pairs": pairs(tokenizers["uncased"])}
    write("cases.json", out)
    write("components.json", components())
    print(sum(f.stat().st_size for f in FIXTURES.rglob("*") if f.is_file()) // 1024, "kB",
          {name: tokenizer.get_vocab_size() for name, tokenizer in tokenizers.items()})


if __name__ == "__main__":
    main()
