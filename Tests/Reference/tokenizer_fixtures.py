"""Writes Tests/Fixtures/tokenizers: small tokenizers and the ids that the Python libraries give with them.

    python Tests/Reference/tokenizer_fixtures.py

The trainer of the Python library breaks ties by chance, so each run makes other vocabularies, and all ids anew.

Or compares a Swift program with the reference on a real model, over every code point, the texts below and the
text columns of CSV files (nothing is written):

    python Tests/Reference/tokenizer_fixtures.py --compare PROGRAM --model FOLDER [FILE.csv ...]

PROGRAM FOLDER [MAXIMUM] reads texts from standard input, each as a little-endian 32-bit byte count and that many
bytes of UTF-8, and writes for each a 32-bit number of ids and the ids. Made with transformers 5.23.0,
tokenizers 0.23.3.
"""
import argparse
import csv
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "tokenizers"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Our own sentences: what the small vocabulary is made from.
SENTENCES = """
The weaver pulled the blue thread through the loom and tied it off.
A thread that snaps early is better than one that frays for years.
Every pattern begins with a single crossing of warp and weft.
She counted forty-two knots, undid three, and counted again.
Could you hand me the shuttle? It's lying under the window.
Rain drummed on the tin roof; nobody in the workshop looked up.
The old map showed a bridge which the new map did not.
"Turn left at the mill," he said, "and don't stop before the church."
Prices rose by 3.5% in May, fell by 1.25% in June and stayed at $19.99.
An email to info@example.org costs nothing, a letter costs €1.20.
We measured the width, the height and the depth: 12 x 30 x 7 cm.
Seven small boats left the harbour; six came back before noon.
Nobody understood the unwritten rules better than the newcomer.
The cat's bowl was empty, the dog's bowl was full, and both complained.
Is the meaning of a sentence more than the meanings of its words?
Similar sentences should lie close together, unrelated ones far apart.
He rewrote the paragraph, rereading and rewording it until evening.
Unbelievably, the misplaced key had been in the keyhole all along.
They're playing chess in the park, where the pigeons watch them.
Snow covered the railway tracks between the two villages.
Die Weberin zog den blauen Faden durch den Webstuhl und verknotete ihn.
Über Nacht fiel Schnee; die Straße war am Morgen weiß und glatt.
Größere Brötchen gibt es nur sonntags beim Bäcker am Flußufer.
Könnten Sie mir bitte sagen, wo die nächste Haltestelle ist?
Fünf Äpfel, drei Möhren und ein Stück Käse lagen im Körbchen.
La tisserande a coupé le fil bleu près de la fenêtre ouverte.
Où êtes-vous allés hier ? À l'école, puis à l'hôtel, bien sûr.
L'été dernier, nous avons mangé des crêpes et bu du café très noir.
Ça ne fait rien, répondit-il, le garçon reviendra dès demain.
La niña compró un año de pan, ¿verdad? ¡Qué sueño tan extraño!
O coração da cidade não dorme; a manhã traz pão e avelãs.
Tkaczka przecięła żółtą nić i odłożyła nożyczki na półkę.
Příliš mnoho vody zaplavilo louku za mlýnem u řeky.
Ipek dokuyan kadın ışığı söndürdü, İzmir'e giden yola çıktı.
Ткачиха обрезала синюю нить и закрыла окно, потому что шёл дождь.
Ёжик нашёл яблоко; мой друг его сфотографировал.
Η υφάντρα έκοψε το γαλάζιο νήμα δίπλα στο παράθυρο.
ΟΔΟΣ ΟΔΥΣΣΕΑΣ ΣΟΦΟΣ, και πάλι σοφός.
האורגת חתכה את החוט הכחול ליד החלון.
قطعت النساجة الخيط الأزرق قرب النافذة المفتوحة.
زن بافنده نخ آبی را کنار پنجره برید و می‌خندد.
बुनकर ने नीला धागा खिड़की के पास काट दिया।
ช่างทอผ้าตัดด้ายสีฟ้าใกล้หน้าต่าง
織り手は窓のそばで青い糸を切りました。カタカナとひらがな。
織工在窗邊剪斷了藍色的線。两个人一起喝茶,很高兴!
직조공이 창가에서 파란 실을 잘랐습니다. 한국어 문장입니다.
Người thợ dệt cắt sợi chỉ xanh bên cửa sổ, rồi uống cà phê.
ქსოვამ მოჭრა ლურჯი ძაფი ფანჯარასთან.
Ջուլհակը կտրեց կապույտ թելը պատուհանի մոտ։
ᎣᏏᏲ ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ
""".strip().splitlines()

BLANKS = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2007\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
PUNCTUATION = (
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"  # ASCII, signs that Unicode calls symbols included
    "\u203f\u2040\ufe4d"  # connectors
    "\u2010\u2013\u2014\u301c\u05be"  # dashes
    "\u27e6\u27e7\u300c\u300d\u2329\u232a"  # brackets
    "\u00ab\u00bb\u2018\u2019\u201c\u201d\u2e02\u2e03"  # quotation marks
    "\u00a1\u00a7\u00b6\u00b7\u00bf\u061f\u0964\u3002\u1367\u2e3c\u2e43\u2e52\U00010100\U0001e95e"  # others, old and new
)

NASTY = [
    "", " ", "\t", "\n\r\n", "a", ".", "\u0301", "\u200b", "\ufeff", "\x00",
    # Emoji, joiners, flags, skin tones, keycaps, selectors
    "\U0001f600 smile \U0001f602\U0001f602", "family \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466!",
    "\U0001f44d\U0001f3fd thumb", "flag \U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "1\ufe0f\u20e3 \u2764\ufe0f \u2764",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    # Right to left
    "\u202bשלום\u202c world", "שָׁלוֹם עֲלֵיכֶם", "مَرْحَبًا بِكَ", "a\u200fb\u200ec", "می‌خندد", "ﷺ ﻻ",
    # Full width and half width
    "Ｆｕｌｌ　ｗｉｄｔｈ！ １２３", "ﾊﾝｶｸ ｶﾀｶﾅ", "（ｗｅａｖｅｒ）",
    # Combining marks: composed, decomposed, many, out of order, at the start, across removed characters
    "caf\u00e9 cafe\u0301", "A\u030a \u00c5 \u212b", "e\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308" * 3,
    "a" + "\u0300\u0316\u0334\u0345" * 40 + "b", "q\u0307\u0323 q\u0323\u0307", "\u0301start", "x \u0308 y",
    "a\u302e\u302fb \uac00\u302f\u302e", "\U0001d15e\U0001d165\U0001d16d\U0001d16e\U0001d1bc", "\U0001d165\U0001d16d\u302e",
    "\U0001d16d\u200b\U0001d165", "\U0001d16d\u034f\U0001d165", "\U0001d16d\u0301\U0001d165", "\U0001d16d\x00\U0001d165",
    "\U0001d16d \U0001d165", "\U0001d16da\U0001d165", "\U0001d16d\u4e00\U0001d165", "\U00011938 \u0344 \u0f73 \u0f81",
    "\u0f71\u0f72 \u0f72\u0f71", "नी नि क़ ऩ", "ช่าง กำ", "\u1100\u1161\u11a8 각 힣 가", "한국어 ㅎㅏㄴ ｗｅ",
    # Invisible and undefined
    "soft\u00adhyphen we\u00adaver", "zero\u200bwidth\u200cnon\u200djoiner\u2060word", "\ufeffthe weaver", "the\ufeffweaver",
    "nul\x00l and \x01\x02\x7f\x80\x9f controls", "bell\x07 back\x08 esc\x1b[0m", "replace\ufffdment \ufffc object",
    "private \ue000\uf8ff \U000f0000 \U0010fffd use", "unassigned \u0378\u05ff \U000e0fff \ufdd0\uffff \U0001fffe",
    "\u2061\u2064 \u2065 \u206a\u206f math", "\u180e mongolian \u180b", "\u061c\u0600 1\u06dd", "\ufff9base\ufffareading\ufffb",
    # Ideographs in and out of the blocks
    "\u4e00\u9fff\u3400\u4dbf", "\U00020000 \U0002a6df\U0002a700\U0002b740\U0002b820\U0002ceb0\U00030000", "\uf900 \ufa0e \U0002f800 \U0002fa1d",
    "织工weaver织工", "々〆〇 ㄅㄆ ㊀ ㍿ ⼀", "ひらがなカタカナ漢字ｗ", "が か\u3099 パ ハ\u309a ヴ",
    # Case
    "İSTANBUL ISPARTA ışık iğne I\u0307", "ΟΔΥΣΣΕΑΣ ΣΟΦΟΣ Σ", "STRASSE STRAẞE straße ẞ", "ǅ ǈ Ǆ ﬁ ﬂ ﬃ oﬀ",
    "ᲐᲑᲒ აბგ Ⴀⴀ", "ᎠᎡ ꭰꭱ ᏸ", "\U00010400\U00010428 \U00010c80 \U000118a0 \U00016e40 \U0001e900", "K\u212aÅ\u212b\u2126",
    "Ꙁꙁ Ⱥⱥ Ꟊꟊ Ꟁꟁ Ɤ Ꞷ \ua7dc \u1c89 \U00010d50 \U00010570", "ŉ ΐ ﬓ ᾈ ᾼ ῼ", "𝐖𝐞𝐚𝐯𝐞𝐫 𝒲 𝕎 𝟘𝟙 ℕ ⅷ Ⅷ ⓦⒶ", "ÀÉÎÕÜÇÑŠŽŁØÆŒÞÐ",
    # Digits of other scripts, fractions
    "١٢٣ ۴۵۶ १२३ ๑๒๓ １２３ 𝟏𝟐𝟑 ½ ² ₃ ①", "3.14159 1,000,000 1e-5 0x1F 12:30 24/7 #1 50%",
    # Special tokens in the text
    "[CLS] the weaver [SEP] [MASK]", "[cls] [sep] [Mask]", "[MASK]word", "word[MASK]", "the [MASK]ed [UNK] [PAD][PAD]",
    "[ CLS ] [CLS", "CLS] [[CLS]] [CLS[SEP]]", "[MASK]\u0301 [MA\u00adSK] [MASK\u200b] ［MASK］", "##ing # #ing ##", "[UNK][UNK]",
    # Lengths
    "w" * 99, "w" * 100, "w" * 101, "é" * 100 + " " + "é" * 101, "e\u0301" * 100, "字" * 101, "\U0001f600" * 100,
    "\U0001f600" * 101, "unbelievably" * 50, "a" * 600 + " the weaver", "the " * 400, "weaver" * 8 + " " + "weaver" * 20,
    # Blanks, punctuation
    "the" + "weaver".join(BLANKS) + "the", BLANKS, "a".join(PUNCTUATION), PUNCTUATION, "don't won't it's o'clock ’tis rock’n’roll",
    "e.g. i.e. U.S.A. Ph.D. ... … --- – — a-b a–b", "http://example.org/a_b?c=d&e=f#g user@example.org @name #tag C++ C#",
    "<b>bold</b> \\n {x} [y] |z| ~a~ ^b `c` $5 €5 £5 ¥5 ₿ ©®™ °C ± × ÷ √ ∑ → ⇒ ∀ ∞", "\u00b4a \u00a8b \u00b8c \u02c6d \u1fbde ˇ",
    "  leading and   trailing  ", "tab\tseparated\tvalues", "line\r\nbreak\n\nend\r",
]

CONFIGURATIONS = [  # clean_text, handle_chinese_chars, strip_accents, lowercase
    (True, True, None, True), (True, True, None, False), (False, False, True, False), (False, True, False, True),
]


def fnv(data, value=0xCBF29CE484222325):
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def block_hashes(configuration):
    """For each block of 4096 code points: a hash over the words of a + character + b, of all its characters."""
    normalizer, splitter = normalizers.BertNormalizer(*configuration), pre_tokenizers.BertPreTokenizer()
    hashes = []
    for block in range(0, 0x110000, 4096):
        text = bytearray()
        for code in range(block, block + 4096):
            if 0xD800 <= code <= 0xDFFF:
                continue
            words = splitter.pre_tokenize_str(normalizer.normalize_str("a" + chr(code) + "b"))
            text += "\n".join(word for word, _ in words).encode() + b"\0"
        hashes.append(f"{fnv(text):016x}")
    return hashes


def train(lowercase, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # Not the lower half of the nasty texts: unknown characters must occur too.
    texts = SENTENCES * 3 + [t for t in NASTY[::2] if len(t) < 400]
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIAL, limit_alphabet=100000, min_frequency=2, show_progress=False))
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.get)


def wordpiece(tokens, **normalizer):
    tokenizer = Tokenizer(models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def write_uncased(folder):
    """As a model's folder of old: cut to 128 and padded, which callers override."""
    tokens = train(True, 2400)
    tokenizer = wordpiece(tokens)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(t, tokens.index(t)) for t in ("[CLS]", "[SEP]")])
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    names = dict(zip(["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"], SPECIAL))
    write_json(folder / "tokenizer_config.json", names | {
        "do_lower_case": True, "tokenize_chinese_chars": True, "strip_accents": None, "tokenizer_class": "BertTokenizer",
        "model_max_length": 256})
    write_json(folder / "special_tokens_map.json", names)
    return tokens


def write_cased(folder):
    """Without tokenizer.json."""
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("".join(t + "\n" for t in train(False, 1600)), encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {
        "do_lower_case": False, "tokenize_chinese_chars": False, "strip_accents": True, "tokenizer_class": "BertTokenizer",
        "model_max_length": 1000000000000000019884624838656,
        "mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": True, "rstrip": False, "single_word": False,
                       "normalized": False}})


def write_added(folder):
    """Added tokens of every kind, BertProcessing, case kept but accents dropped, short words."""
    tokens = sorted(set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    tokens = ["[UNK]", "[CLS]", "[SEP]"] + tokens + ["##" + t for t in tokens] + ["the", "The", "##ing", "<", ">", "_", "eclair"]
    tokenizer = Tokenizer(models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token="[UNK]", max_input_chars_per_word=12))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    tokenizer.add_special_tokens(["[CLS]", "[SEP]", AddedToken("<left>", lstrip=True), AddedToken("<right>", rstrip=True)])
    tokenizer.add_tokens([
        AddedToken("word", single_word=True, normalized=False), AddedToken("words", normalized=False),
        AddedToken("Éclair", normalized=True), AddedToken("the end", normalized=True, lstrip=True),
        AddedToken("both", lstrip=True, rstrip=True, normalized=False)])
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=True)
    return tokenizer


ADDED_TEXTS = [
    "a <left> b", "a \u3000\t<left>b<left> <left>", "<right>  a <right>\u00a0<right>b", "a <left> <right> b", "<left>", " <left> ",
    "word words wordy sword word-word", "wordword", "a_word word_ 1word word\u0301 \u0301word", "word\u200dword \u4e00word\u4e00",
    "Éclair eclair E\u0301clair Eclair \u00e9clair", "The the end of the  end", "\u200bthe\u00ad end", "a both b", "both both",
    "abboth", "[CLS] [SEP] [cls]", "wordboth<left>", "singing songs", "abcdefghijklm abcdefghijkl", "", "  ",
]


def cases(encode, texts, **more):
    return [{"text": text, "ids": encode(text, **more)} for text in texts]


def write_fixtures():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    tokens = write_uncased(FIXTURES / "uncased")
    write_cased(FIXTURES / "cased")
    added = write_added(FIXTURES / "added")
    uncased, cased = (AutoTokenizer.from_pretrained(FIXTURES / name) for name in ("uncased", "cased"))
    assert uncased.is_fast and cased.is_fast and uncased.convert_ids_to_tokens(7) == tokens[7]
    texts = NASTY + SENTENCES
    samples = [uncased(text)["input_ids"][:60] for text in SENTENCES[:12] + ["[MASK] the weaver", "weaver . , ! ? x ' y", "unx"]]
    out = {
        "uncased": cases(lambda t: uncased(t, truncation=True, max_length=256)["input_ids"], texts),
        "cased": cases(lambda t: cased(t)["input_ids"], texts),
        "added": cases(lambda t: added.encode(t).ids, ADDED_TEXTS + SENTENCES[:20]),
        "truncated": [
            {"text": text, "maximumLength": n, "ids": uncased(text, truncation=True, max_length=n)["input_ids"]}
            for text in ["the " * 400, SENTENCES[0], "[MASK][MASK] unbelievably", "", "\U0001f600 " + SENTENCES[23]]
            for n in (2, 3, 4, 5, 7, 16, 64, 256, 300)],
        "truncatedLeft": [
            {"text": text, "maximumLength": n,
             "ids": AutoTokenizer.from_pretrained(FIXTURES / "uncased", truncation_side="left")(
                 text, truncation=True, max_length=n)["input_ids"]}
            for text in ["the weaver " * 100, SENTENCES[3]] for n in (3, 8, 64)],
        "decoded": [
            {"ids": ids, "text": uncased.decode(ids, skip_special_tokens=True), "withSpecialTokens": uncased.decode(ids),
             "tokens": uncased.convert_ids_to_tokens(ids)}
            for ids in samples],
        "vocabularySizes": {"uncased": len(uncased), "cased": len(cased), "added": added.get_vocab_size()},
        "normalization": [
            {"cleansText": c[0], "isolatesIdeographs": c[1], "stripsAccents": c[2], "lowercases": c[3], "hashes": block_hashes(c)}
            for c in CONFIGURATIONS],
    }
    write_json(FIXTURES / "cases.json", out)
    unknown = sum(1 in c["ids"] for c in out["uncased"])
    print(tokenizers.__version__, {k: len(v) for k, v in out.items()}, "texts with [UNK]:", unknown)
    print(sum(f.stat().st_size for f in FIXTURES.rglob("*") if f.is_file()) // 1024, "kB")


def run(program, folder, texts, maximum=None):
    data = b"".join(struct.pack("<I", len(b)) + b for b in (t.encode() for t in texts))
    command = [program, str(folder)] + ([str(maximum)] if maximum is not None else [])
    out = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
    values = struct.unpack(f"<{len(out) // 4}i", out)
    ids, at = [], 0
    while at < len(values):
        ids.append(list(values[at + 1 : at + 1 + values[at]]))
        at += 1 + values[at]
    assert len(ids) == len(texts), (len(ids), len(texts))
    return ids


def compare(program, model, files):
    reference = AutoTokenizer.from_pretrained(model)
    sets = {
        "a + code point + b": ["a" + chr(c) + "b" for c in CODE_POINTS],
        "pairs of marks": [chr(a) + chr(b) for a in (0x334, 0x302E, 0x1D165, 0x1D16D, 0x345, 0x94D) for b in CODE_POINTS[:0x20000]],
        "nasty texts": NASTY + SENTENCES + ADDED_TEXTS,
    }
    for file in files:
        with open(file, newline="", encoding="utf-8") as stream:
            sets[file] = [v for row in csv.reader(stream) for v in row if not v.replace(".", "").isdigit()]
    failures = total = 0
    with tempfile.TemporaryDirectory() as folder:
        # The same tokenizer without its tokenizer.json.
        for name in ("vocab.txt", "tokenizer_config.json"):
            shutil.copy(pathlib.Path(model) / name, folder)
        for name, texts in sets.items():
            ids = []
            for at in range(0, len(texts), 20000):
                ids += reference(texts[at : at + 20000], truncation=True, max_length=256)["input_ids"]
            short = [reference(t, truncation=True, max_length=12)["input_ids"] for t in texts[:3000]]
            results = [("tokenizer.json", ids, run(program, model, texts, 256)), ("vocab.txt", ids, run(program, folder, texts, 256)),
                       ("cut to 12", short, run(program, model, texts[:3000], 12))]
            for kind, expected, found in results:
                wrong = [i for i in range(len(expected)) if expected[i] != found[i]]
                failures += len(wrong)
                print(f"{name}, {kind}: {len(expected)} texts, {len(wrong)} mismatches", flush=True)
                for i in wrong[:5]:
                    print("  ", ascii(texts[i]), expected[i], found[i])
            total += len(texts)
    print(f"{total} texts in all, {failures} mismatches")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compare", metavar="PROGRAM")
    parser.add_argument("--model", metavar="FOLDER")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    if arguments.compare:
        sys.exit(compare(arguments.compare, arguments.model, arguments.files) != 0)
    write_fixtures()


if __name__ == "__main__":
    main()
