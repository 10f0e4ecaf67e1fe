"""The small language of the model fixtures: word pieces, sentences, and pairs with a score, all of our own."""

import random

SUBJECTS = ["weaver", "miller", "child", "dog", "cat", "horse"]
QUALITIES = ["old", "young", "small", "quiet", "tired", "red"]
VERBS = ["sleeps", "sings", "waits", "walks", "works", "listens"]
PLACES = ["by the river", "in the yard", "under the bridge", "near the mill", "on the hill", "at the market"]

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SUFFIXES = ["##s", "##ing", "##ed", "##er", "##ly", "##es", "##ness", "##ful", "##th", "##y"]
CORE = [
    "the", "a", "and", "by", "in", "under", "near", "on", "at", "river", "yard", "bridge", "mill", "hill", "market",
    "weave", "##r", "child", "dog", "cat", "horse", "old", "young", "small", "quiet", "tire", "##d", "red",
    "sleep", "sing", "wait", "walk", "work", "listen", ".", ",", "?", "!", "-", "'",
]
MORE = [
    "is", "are", "was", "no", "not", "who", "where", "why", "it", "its", "of", "to", "with", "from", "day", "night",
    "water", "wool", "thread", "loom", "blue", "green", "long", "short", "slow", "fast", "door", "house", "bird",
    "boat", "ship", "field", "rain", "sun", "wind", "bread", "table", "light", "dark", "hand", "song", "story",
    "street",
    "a", "b", "c", "d", "e", "i", "o", "t", "##a", "##b", "##c", "##e", "##i", "##n", "##o",
    "##t", "##u", "1", "2", "3", "##0", "ou", "an", "sh",
]


def pieces(count: int) -> list[str]:
    """The first `count` word pieces: special tokens, what the templates need, then others."""
    found = list(dict.fromkeys(SPECIAL + CORE + SUFFIXES + MORE))
    if len(found) < count:
        raise ValueError(f"there are {len(found)} word pieces, not {count}")
    return found[:count]


SENTENCES = [
    "The old weaver works by the river.",
    "A child sings.",
    "",
    "Who waits under the bridge, and why?",
    "the quiet dog sleeps in the yard while the tired horse walks home",
    "Slowly, the wind turns; the mill-wheel doesn't.",
    "Red thread, blue wool - and a long, dark night!",
    "red",
    "RED HOUSES, Green Doors",
    "the cat listens to the rain on the water near the mill, and the bird listens to the cat",
    "ein Webstuhl 纺 café 2000",
    "The boat " + ", and the boat ".join(
        f"{verb} {place}" for verb in VERBS for place in PLACES[:3]) + ".",
]


def sentence(parts: tuple[str, str, str, str]) -> str:
    quality, subject, verb, place = parts
    return f"the {quality} {subject} {verb} {place}"


def draw(random_source: random.Random) -> tuple[str, str, str, str]:
    return tuple(random_source.choice(words) for words in [QUALITIES, SUBJECTS, VERBS, PLACES])


def scored_pairs(count: int, seed: int) -> list[tuple[str, str, float]]:
    """Pairs of different sentences of four parts; the score is the share of parts in common."""
    source = random.Random(seed)
    pairs = {}
    while len(pairs) < count:
        first, other = draw(source), draw(source)
        kept = source.sample(range(4), source.choice([0, 1, 2, 3]))
        second = tuple(first[i] if i in kept else other[i] for i in range(4))
        if first != second:
            score = sum(x == y for x, y in zip(first, second)) / 4
            pairs[sentence(first), sentence(second)] = score
    return [(first, second, score) for (first, second), score in pairs.items()]


def anchor_pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """Different rows of a sentence and a shorter one; a third of the rows repeat an anchor, some a positive."""
    source = random.Random(seed)
    anchors = [draw(source) for _ in range(count * 2 // 3)]
    rows = {}
    while len(rows) < count:
        fresh = len(rows) < len(anchors)
        quality, subject, verb, place = anchors[len(rows)] if fresh else source.choice(anchors)
        shorter = [f"a {subject} {verb} {place}", f"{place} {verb} the {subject}", f"the {subject} {verb}"]
        rows[sentence((quality, subject, verb, place)), source.choice(shorter)] = None
    return list(rows)
