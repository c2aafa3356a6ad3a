"""The word groups that a plate can draw, from lexicon.txt, and the turns of phrase that take a word back."""

from importlib.resources import files


def _load() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    words: list[str] = []
    for line in files("bookreader.illustrations.plates").joinpath("lexicon.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            words = groups.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            words.extend(line.split())
    return {name: tuple(listed) for name, listed in groups.items()}


WORDS = _load()

# What follows such a word is a comparison, not the scene.
SIMILE = (
    r"\b(?:like|as (?!well|soon|long|far)\w+(?: \w+)? as|as if|"
    r"as though|resembling|reminded me of|словно|будто|точно|подобно|похож\w* на|напоминал\w*)\b"
    r"[^,.;:!?—]*"
)
NEGATION = (
    r"(?:\b(?:no|not an?|without(?: so much as)?(?: an?)?|never a|neither|nor|save at|except at|"
    r"нет|без|ни|не было|никак\w*|(?:на|в)место|кроме)\b"
    r"\s+(?:\w+\s+){0,2})$"
)
TITLE_BEFORE = r"(?:\b(?:Mrs?|Miss|Dr|Sir|Lady|Lord|Captain|Colonel|Major|Aunt|Uncle|Master|Professor|St)\.?\s+)$"
