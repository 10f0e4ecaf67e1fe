"""Writes Sources/Tokenizers/Unicode/UnicodeData.swift and the extensions of it beside it.

The Python package `tokenizers` mixes three versions of Unicode: its categories (punctuation, marks,
control) are those of one Rust crate, its decompositions those of another, its lower case and white space
those of the Rust standard library it was compiled with. No Unicode database gives the same answers, so
every property is asked of the package itself, for every code point; only grapheme clusters come from the
package `regex`. Takes a minute.

    python Tests/Reference/tokenizer_unicode_tables.py            # tokenizers 0.23.3, regex 2026.11.19
"""
import functools
import pathlib
import textwrap

import regex
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "Tokenizers" / "Unicode"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
ALL = "".join(map(chr, CODE_POINTS))
CATEGORIES = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc",
              "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co"]
SCRIPTS = """Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo
    Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic
    Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic
    Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul
    Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian
    Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin
    Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi
    Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar
    Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian
    Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya
    Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian
    Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le
    Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Toto Tulu_Tigalari Ugaritic
    Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square""".split()
HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic


def ranges(codes):
    """[1, 2, 3, 7] -> [(1, 3), (7, 7)]"""
    out = []
    for code in codes:
        if out and out[-1][1] == code - 1:
            out[-1][1] = code
        else:
            out.append([code, code])
    return out


def ranges_text(codes):
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in ranges(codes))


def word_characters():
    """What keeps an added token with `single_word` from being found beside it: `\\w` of the Rust regex crate."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "QZ": 1}, unk_token="[UNK]"))
    tokenizer.add_tokens([AddedToken("QZ", single_word=True, normalized=False)])
    found = []
    for start in range(0, len(CODE_POINTS), 20000):
        part = CODE_POINTS[start : start + 20000]
        for code, encoding in zip(part, tokenizer.encode_batch([chr(c) + "QZ" for c in part])):
            if 1 not in encoding.ids:
                found.append(code)
    return found


def category(pattern, codes=None):
    """The characters of a class of regular expressions, among some or all, as the pre-tokenizers' engine has it."""
    split = pre_tokenizers.Split(Regex(f"(?:{pattern})+"), "removed", invert=True)
    text = ALL if codes is None else "".join(map(chr, codes))
    return [ord(c) for piece, _ in split.pre_tokenize_str(text) for c in piece]


def categories(names):
    """Classes of the pre-tokenizers' engine. It is slow, so each is asked for what a later Unicode has in it first, and then for
    what was found in none."""
    found = {}
    for name in names:
        try:
            codes = [ord(c) for c in regex.findall(f"\\p{{{name}}}", ALL)]
            found[name] = set(category(f"\\p{{{name}}}", codes))
        except Exception:  # a script of a later version of Unicode
            print("no", name)
    all_found = set().union(*found.values())
    rest = [c for c in CODE_POINTS if c not in all_found and not regex.match(r"\p{Cn}", chr(c))]
    for name in found:
        found[name] |= set(category(f"\\p{{{name}}}", rest))
    return [(name, sorted(codes)) for name, codes in found.items()]


def scripts_of_words():
    """The scripts that UnicodeScripts tells apart, each a list of characters; what has none is in none of them."""
    split = pre_tokenizers.UnicodeScripts()
    coded = [c for c in CODE_POINTS if split.pre_tokenize_str(chr(c))]
    runs = []
    for code in coded:
        if runs and len(split.pre_tokenize_str(chr(runs[-1][0]) + chr(code))) == 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    groups = []
    for run in runs:
        same = next((g for g in groups if len(split.pre_tokenize_str(chr(g[0]) + chr(run[0]))) == 1), None)
        if same is None:
            groups.append(run)
        else:
            same += run
    return groups


def named(classes):
    """Classes of characters as one text, `Name: ranges` each."""
    return " ".join(f"{name}: {ranges_text(codes)}" for name, codes in classes)


def bracket_classes():
    return named((name, sorted(set(category(f"[[:{name}:]]")) ^ set(category(f"\\p{{{base}}}"))))
                 for name, base in [("alpha", "L"), ("lower", "Ll"), ("upper", "Lu")])


def properties(header):
    graphemes = [
        ("joining", r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]"), ("control", r"[\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]"),
        ("prepended", r"\p{GCB=Prepend}"), ("pictograph", r"\p{Extended_Pictographic}")]
    text = header + "extension UnicodeData {\n" + "\n".join([
        constant("generalCategories", "`Name: ranges` of the general categories, as regular expressions know them; what has none is `Cn`.",
                 named(categories(CATEGORIES))),
        constant("scripts", "The scripts that regular expressions know, in the same form.", named(categories(SCRIPTS))),
        constant("bracketClasses", "`[[:name:]]`, in the same form: what changes from `L`, `Ll` and `Lu`.", bracket_classes()),
        constant("scriptsOfWords", "Scripts that UnicodeScripts tells apart, numbered.",
                 named((f"{i:X}", group) for i, group in enumerate(scripts_of_words(), start=1))),
        constant("graphemeClasses", "What joins characters to one grapheme cluster, or keeps them apart.",
                 named((name, [c for c in CODE_POINTS if regex.fullmatch(pattern, chr(c))]) for name, pattern in graphemes)),
    ]) + "}\n"
    (SOURCES / "UnicodeData+Properties.swift").write_text(text, encoding="utf-8")


def combining_classes(nfd):
    """Canonical combining classes, told from the order into which two characters are brought."""
    def swaps(first, second):
        return nfd.normalize_str(chr(first) + chr(second)) == chr(second) + chr(first)

    low, high = 0x0334, 0x0345  # classes 1 and 240, the smallest and the largest
    # A character has a class if it moves before the largest or after the smallest.
    marks = [c for c in CODE_POINTS if c not in HANGUL and (c in (low, high) or swaps(high, c) or swaps(c, low))]
    marks = [c for c in marks if nfd.normalize_str(chr(c)) == chr(c)]
    groups = []  # ascending; all members of a group leave each other's order alone
    for code in marks:
        for at, group in enumerate(groups):
            if swaps(group[0], code):  # code is smaller
                groups.insert(at, [code])
                break
            if not swaps(code, group[0]):  # equal
                group.append(code)
                break
        else:
            groups.append([code])
    return groups


def changes_text(codes, *others):
    """The code points that are in `codes` and in an even number of the `others`, or the other way around."""
    return ranges_text(sorted(functools.reduce(set.symmetric_difference, map(set, others), set(codes))))


def mapping_text(mapping):
    """Runs of one offset as `first-last/step+offset`, others as runs of neighbours: `first:a.b c.d e` says
    first -> a b, first + 1 -> c d, first + 2 -> e."""
    codes, out, at, neighbour = list(mapping), [], 0, None

    def offset(code):
        return ord(mapping[code]) - code if len(mapping[code]) == 1 else None

    def run(step):
        end = at + 1
        while end < len(codes) and codes[end] == codes[end - 1] + step and offset(codes[end]) == offset(codes[at]) is not None:
            end += 1
        return codes[at:end]

    while at < len(codes):
        step, part = max(((step, run(step)) for step in (1, 2)), key=lambda found: len(found[1]))
        if len(part) > 2:
            out.append(f"{part[0]:X}-{part[-1]:X}/{step}{offset(part[0]):+X}")
        else:
            part = codes[at : at + 1]
            out.append(("" if part[0] == neighbour else f"{part[0]:X}:") + ".".join(f"{ord(c):X}" for c in mapping[part[0]]))
        at, neighbour = at + len(part), part[-1] + 1
    return " ".join(out)


def constant(name, comment, text):
    lines = textwrap.wrap(text, 102, break_long_words=False, break_on_hyphens=False)
    body = "\n".join("        " + line + (" \\" if i + 1 < len(lines) else "") for i, line in enumerate(lines))
    return f'    /// {comment}\n    static let {name} = """\n{body}\n        """\n'


def main():
    clean = normalizers.BertNormalizer(True, False, False, False)
    chinese = normalizers.BertNormalizer(False, True, False, False)
    strip = normalizers.BertNormalizer(False, False, True, False)
    split = pre_tokenizers.BertPreTokenizer()
    nfd, lower = normalizers.NFD(), normalizers.Lowercase()

    pieces = {c: len(split.pre_tokenize_str("a" + chr(c) + "b")) for c in CODE_POINTS}
    decomposed = {c: t for c in CODE_POINTS if c not in HANGUL and (t := nfd.normalize_str(chr(c))) != chr(c)}
    lowered = {c: t for c in CODE_POINTS if (t := lower.normalize_str(chr(c))) != chr(c)}

    letters, numbers = category(r"\p{L}"), category(r"\p{N}")  # what UnicodeCategories makes of the general categories
    strip_marks = normalizers.StripAccents()
    combining_marks = [c for c in CODE_POINTS if strip_marks.normalize_str(chr(c)) == ""]

    # What the arithmetic of the Swift side assumes is checked here.
    for code in HANGUL:
        index = code - 0xAC00
        parts = [0x1100 + index // 588, 0x1161 + index % 588 // 28] + ([0x11A7 + index % 28] if index % 28 else [])
        assert nfd.normalize_str(chr(code)) == "".join(map(chr, parts)), hex(code)

    classes, names = combining_classes(nfd), []
    for rank, group in enumerate(classes, start=1):
        names.append(f"{rank:X}: " + ranges_text(group))

    header = (
        f"// Written by Tests/Reference/tokenizer_unicode_tables.py from tokenizers {tokenizers.__version__}; do not edit.\n\n"
    )
    text = header + "/// Properties of characters as the reference library sees them: hexadecimal code points and ranges.\n"
    text += "enum UnicodeData {\n"
    text += "\n".join([
        constant("removed", "Dropped by `clean_text`: control, format and private-use characters, U+0000, U+FFFD.",
                 ranges_text([c for c in CODE_POINTS if clean.normalize_str(chr(c)) == ""])),
        constant("blanks", "White space.", ranges_text([c for c in CODE_POINTS if pieces[c] == 2])),
        constant("punctuation", "Stands alone in BertPreTokenizer.",
                 ranges_text([c for c in CODE_POINTS if pieces[c] == 3])),
        constant("ideographs", "Gets a space on either side from `handle_chinese_chars`.",
                 ranges_text([c for c in CODE_POINTS if chinese.normalize_str(chr(c)) != chr(c)])),
        constant("nonspacingMarkChanges", "Dropped by `strip_accents`: what changes from `combiningMarks`.",
                 changes_text([c for c in CODE_POINTS if strip.normalize_str(chr(c)) == ""], combining_marks)),
        constant("lowercase", "`first-last/step+offset`, and runs of neighbors: `first:a.b c` says first → a b,"
                 " first + 1 → c.", mapping_text(lowered)),
        constant("combiningClasses", "`rank: ranges`: the canonical combining classes, numbered in their order.",
                 " ".join(names)),
        constant("wordCharacterChanges", "Letters, digits, marks and connectors: an added token that must be a word of its"
                 " own\n    /// is not found beside one. What changes from `letters` and `combiningMarks`.",
                 changes_text(word_characters(), letters, combining_marks)),
    ]) + "}\n"
    (SOURCES / "UnicodeData.swift").write_text(text, encoding="utf-8")
    text = header + "extension UnicodeData {\n" + constant(
        "decompositions",
        "Full canonical decompositions without Hangul, in the form of `lowercase`.", mapping_text(decomposed)) + "}\n"
    (SOURCES / "UnicodeData+Decompositions.swift").write_text(text, encoding="utf-8")

    digits = pre_tokenizers.Digits(individual_digits=True)
    nfc, nfkd = normalizers.NFC(), normalizers.NFKD()
    excluded = [c for c in decomposed if nfc.normalize_str(chr(c)) != chr(c)]
    composed = {}
    for code, decomposition in decomposed.items():
        # What the Swift side assumes: a composite's decomposition without its last character composes to one.
        first = nfc.normalize_str(decomposition[:-1])
        assert code in excluded or len(first) == 1 and composed.setdefault(first + decomposition[-1], code) == code, hex(code)
    compatible = {c: t for c in CODE_POINTS if (t := nfkd.normalize_str(chr(c))) != nfd.normalize_str(chr(c))}
    # White space is the same for all of them.
    assert category(r"\s") == [c for c in CODE_POINTS if pieces[c] == 2]
    text = header + "extension UnicodeData {\n" + "\n".join([
        constant("digitChanges", "Set apart by the Digits pre-tokenizer: what changes from `numbers`.", changes_text(
            [c for c in CODE_POINTS if len(digits.pre_tokenize_str("a" + chr(c) + "b")) == 3], numbers)),
        constant("combiningMarks", "Dropped by the StripAccents normalizer.", ranges_text(combining_marks)),
    ]) + "}\n"
    (SOURCES / "UnicodeData+Categories.swift").write_text(text, encoding="utf-8")
    text = header + "extension UnicodeData {\n" + "\n".join([
        constant("compositionExclusions", "Decomposed by NFC.", ranges_text(excluded)),
        constant("compatibilityDecompositions", "Full decompositions of NFKD where they are not those of NFD, in the form of"
                 " `lowercase`.", mapping_text(compatible)),
    ]) + "}\n"
    (SOURCES / "UnicodeData+Compositions.swift").write_text(text, encoding="utf-8")
    properties(header)
    print(len(decomposed), "decompositions,", len(lowered), "lower-case pairs,", len(classes), "combining classes")


if __name__ == "__main__":
    main()
