"""Our nine genres, found in whatever a book says of its subjects: FB2 genre codes, BISAC headings, library subjects
and free words, English and Russian.

FB2 codes: the genre list of the FictionBook 2.1 schema, the older list of 2.0 (romance_*, literature_*), and the codes
that Russian libraries added since.
"""

import re
from collections import Counter
from collections.abc import Iterable

GENRES = ("fantasy", "detective", "science_fiction", "historical", "romance", "thriller", "horror", "classic", "other")

# The first pattern that matches a code decides, so that the special stands before the general.
_CODES = tuple(
    (re.compile(pattern), genre)
    for pattern, genre in (
        (r"^(sf_horror|sf_mystic|horror|thriller_horror|gothic)|_horror$", "horror"),
        (r"^(litrpg|magic|dragon|wuxia|child_tale|fairy)|fantasy", "fantasy"),
        (r"^(love|romance)(_|$)", "romance"),
        (r"^(thriller|det_(action|espionage|political|maniac|spy)$|action)", "thriller"),
        (r"^(det|detective|child_det|mystery|foreign_detective)(_|$)", "detective"),
        (r"^(sf|popadan|child_sf|science_fiction|cyberpunk|steampunk|boyar|foreign_sf)", "science_fiction"),
        (r"^(prose_(su_)?history|(adv|literature)_history|history_russia|histor\w*_prose)", "historical"),
        (r"class|^antique|^foreign_antique|^literature_(18|19|20)|^epic_poetry$|^(myth|epic)\.", "classic"),
    )
)

# Within one heading the earlier pattern decides; a bare "classic" or "historical" only colours another genre.
_WORDS = tuple(
    (re.compile(pattern), genre)
    for pattern, genre in (
        (r"\bhorror|\bgothic|\bghosts?\b|\bvampires?\b|ужас|хоррор|готическ|мистик|мистическ", "horror"),
        (r"\bthrillers?\b|\bespionage\b|\bspy (stories|fiction|novels?)\b|триллер|боевик|шпион", "thriller"),
        (r"\bdetectives?\b|\bmyster(y|ies)\b|\bcrimes?\b|\bprivate investigators?\b|\bwhodunit|\bmurder"
         r"|детектив|криминальн", "detective"),
        (r"\bfantasy\b|\bfantasies\b|\bfairy ?tales?\b|\bwizards?\b|\bwitches\b|\blitrpg\b|фэнтези|фентези|литрпг"
         r"|волшебн|\bсказк", "fantasy"),
        (r"\bscience[- ]fiction\b|\bsci-?fi\b|^sf$|\bcyberpunk\b|\bsteampunk\b|\bdystopia|\bspace opera\b"
         r"|\btime travel\b|\binterplanetary\b|фантастик|фантастическ|киберпанк|антиутоп|попаданц", "science_fiction"),
        (r"\bromance\b|\bromances\b|\blove stor(y|ies)\b|\bromantic (fiction|novels?)\b|\bcourtship\b"
         r"|любовн|романтическ", "romance"),
        (r"\bhistorical\b|\bhistory\b.*\bfiction\b|\bwars\b.*\bfiction\b|\bfiction\b.*\bhistory\b"
         r"|историческ\w* (роман|проз|повест|приключ|литератур|худож)", "historical"),
        (r"\bclassics?\b|\bclassical (literature|fiction)\b|\bantiquit|классик|классическ|античн", "classic"),
    )
)  # fmt: skip

_CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*\.?")


def genre_of(subjects: Iterable[str]) -> str:
    """The one of `GENRES` that most subjects point to; of equals the one named first; "other" when none does."""
    votes = Counter(genre for subject in subjects if (genre := _genre_of_one(subject)) is not None)
    return votes.most_common(1)[0][0] if votes else "other"


def _genre_of_one(subject: str) -> str | None:
    words = " ".join(subject.lower().replace("ё", "е").split())
    if _CODE.fullmatch(words) and (genre := _first(_CODES, words)):
        return genre
    kind, *rest = re.split(r"\s*/\s*", words)
    # BISAC goes from the general to the particular: FICTION / Romance / Historical is a romance.
    for heading in [*rest, words] if "fiction" in kind else [words]:
        if genre := _first(_WORDS, heading):
            return genre
    return None


def _first(patterns: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    return next((genre for pattern, genre in patterns if pattern.search(text)), None)
