"""Picks the book's own phrase for a plate of words: verbatim, whole clauses, as visual as the passage offers."""

import re
from dataclasses import dataclass, replace

LONGEST = 150
SHORTEST = 22
UNSEEN = "\u00ad\u200b\u2060\ufeff"
"""Marks within words that nobody sees, and that are no part of a phrase."""

# Words that an eye can follow, by stem; English and Russian.
_SEEN = re.compile(
    r"(?<!\w)(?:"
    r"black|white|grey|gray|red|crimson|scarlet|blue|green|yellow|gold|silver|brown|purple|pale|dark|bright|tall|short|thin|lean|stout|"
    r"heavy|broad|round|long|old|young|huge|great|little|small|bare|ragged|torn|worn|wooden|iron|stone|glass|leather|velvet|silk|"
    r"hair|beard|whisker|moustache|brow|eye|face|cheek|lip|mouth|nose|hand|finger|arm|shoulder|neck|head|scar|coat|hat|cap|cloak|gown|"
    r"dress|boot|shoe|belt|sword|knife|pistol|gun|lamp|candle|lantern|door|window|table|chair|chest|box|book|letter|map|key|ring|"
    r"machine|wheel|rope|stick|bar|anvil|hammer|blade|sail|moon|sun|fire|flame|smoke|shadow|light|blood|snow|rain|mud|dust|sea|water|"
    r"sprang|leap|leapt|ran|rush|seiz|struck|fell|flung|threw|drew|plung|climb|crouch|knelt|stood|stand|sat|lean|turn|look|gaz|stare|"
    r"held|grasp|whisk|flutter|swung|drag|bound|gallop|rode|ride|figure|horse|ice|sky|moor|road|hill|tree|forest|rock|street|church|stair|"
    r"ч[её]рн|бел|сер|красн|син|голуб|зел[её]н|ж[её]лт|золот|серебр|бледн|т[её]мн|светл|высок|низк|худ|толст|широк|кругл|длинн|коротк|"
    r"стар|молод|огромн|маленьк|рван|деревянн|желез|каменн|кожан|бархат|ш[её]лк|"
    r"волос|бород|усы|усов|бров|глаз|лиц|щек|щ[её]к|губ|рот|нос|рук|пал[её]?ц|плеч|ше[яюи]|голов|шрам|платье|шинел|шапк|шляп|тулуп|кафтан|"
    r"сапог|пояс|сабл|нож|ружь|пистолет|фонар|свеч|двер|окн|стол|сундук|книг|письм|ключ|кольц|гроб|огон|огн|дым|тен[ьи]|свет|кров|снег|"
    r"бежал|бросил|вскочил|упал|схват|удар|прыг|стоял|сидел|лежал|поднял|взмахн|держал|смотр|глядел|скач|летел|лошад|кон[ьяею]|сел|ехал|лес|степ|дорог|рек[аиуе]"
    r")\w*",
    re.IGNORECASE,
)
_ABBREVIATED = "".join(rf"(?<!\b{word}\.)" for word in ("Mr", "Mrs", "Dr", "St", "Capt", "Col", "Rev", "[A-ZА-ЯЁ]"))
_CLAUSE_END = re.compile(rf"(?<=[,;:.!?…—]){_ABBREVIATED}\s+|\s+(?=[—–]\s)")
_SENTENCE_END = re.compile(r"[.!?…]['’”»\")]*$")
_WEAK_START = re.compile(
    r"^(?:and|but|for|are|is|was|were|had|has|just|than|"
    r"so|that|which|who|whom|when|then|if|as|or|nor|yet|because|though|however|I say|"
    r"а|но|и|что|чтобы|который|которая|которое|которые|которого|которой|которых|когда|если|как|потому|же|то|или|ибо|хотя|где)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """`text` is a verbatim piece of the passage, white space collapsed; `shown` has the marks of omission it needs.

    `before`: what its own sentence says before it.
    """

    text: str
    shown: str
    before: str = ""


def choose_phrase(passage: str) -> Phrase:
    """The best run of whole clauses of at most LONGEST characters; in a passage without any, its first words."""
    clauses = [clause for clause in _CLAUSE_END.split(" ".join(passage.split())) if clause]
    seen = [visible_words(clause) for clause in clauses]
    runs = [run for start in range(len(clauses)) for run in _runs(clauses, seen, start)]
    if not runs:
        return _clip(passage)
    start, end, _ = max(runs, key=lambda run: (run[2], -run[0]))
    text = " ".join(clauses[start:end])
    first = next((at for at in range(start, 0, -1) if _begins(clauses, at)), 0)
    return replace(_frame(text, opens=first == start), before=" ".join(clauses[first:start]))


def _begins(clauses: list[str], place: int) -> bool:
    """Whether a sentence begins with a clause: what follows “Go!” in small letters goes on."""
    goes_on = " ".join(clauses[place : place + 2]).lstrip("—– ")[:1].islower()  # a dash may be a clause by itself
    return place == 0 or (not goes_on and bool(_SENTENCE_END.search(clauses[place - 1])))


def _runs(clauses: list[str], seen: list[int], start: int) -> list[tuple[int, int, float]]:
    """(first clause, clause after the last, score) for each run from `start` that has a fitting length."""
    out = []
    starts_sentence = _begins(clauses, start)
    for end in range(start + 1, len(clauses) + 1):
        text = " ".join(clauses[start:end])
        if len(text) > LONGEST:
            break
        if len(text) >= SHORTEST:
            score = _score(text, sum(seen[start:end]), starts_sentence=starts_sentence)
            out.append((start, end, score - 0.9 * (start > 0 and clauses[start - 1].endswith(","))))
    return out


def _score(text: str, seen: int, *, starts_sentence: bool) -> float:
    words = max(1, len(text.split()))
    score = seen + 3.0 * seen / words
    whole = bool(_SENTENCE_END.search(text))
    score += (
        1.2 * starts_sentence
        + 1.1 * whole
        + 0.8 * (starts_sentence and whole)
        - 1.5 * text.endswith(":")
        - 0.7 * text.endswith(",")
    )
    score -= 1.6 * bool(_WEAK_START.match(text)) + 2.0 * _unbalanced(text) + 1.2 * bool(re.search(r"[?!]", text))
    score -= 1.0 * bool(re.search(r"[.!?…]\s", text))
    return score - abs(len(text) - 80) / 60


def visible_words(text: str) -> int:
    """How many words of the text an eye can follow."""
    return len(_SEEN.findall(text))


def _unbalanced(text: str) -> bool:
    pairs = (("“", "”"), ("«", "»"), ("(", ")"), ("„", "“"))
    return any(text.count(left) != text.count(right) for left, right in pairs[:3]) or text.count('"') % 2 == 1


def _frame(text: str, opens: bool) -> Phrase:
    """Trims the loose comma or dash at the end and marks what was left out."""
    trimmed = re.sub(r"\s*[,;:—–-]+$", "", text).strip()
    trimmed = re.sub(r"^[—–-]\s*", "", trimmed)
    closes = bool(_SENTENCE_END.search(trimmed))
    return Phrase(trimmed, ("" if opens else "…") + trimmed + ("" if closes else "…"))


def _clip(passage: str) -> Phrase:
    text = ""
    for word in passage.split():
        if text and len(text) + 1 + len(word) > LONGEST:
            break
        text = f"{text} {word}".strip()
    return _frame(text[:LONGEST], opens=True)
