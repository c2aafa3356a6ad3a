"""Which word lists a text is read with."""

import re
from enum import StrEnum

_SAMPLE = 4_000
"""Code points that are looked at to see in which letters a chapter is written."""
_MOSTLY = 4
"""How many times as many letters of the other script a text must have that its tag is not believed."""
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_NOT_RUSSIAN = re.compile("[іїєґўјљњћџђѓќѕ]", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(?:the|and|of|was|his|her)\b", re.IGNORECASE)
_UNKNOWN = ("", "und", "mul", "mis", "zxx")


class Language(StrEnum):
    ENGLISH = "en"
    RUSSIAN = "ru"
    OTHER = "other"
    """One without word lists."""


def language_of(tag: str, text: str) -> Language:
    """By the tag (BCP 47, such as en-GB), unless there is none or the text is in the letters of the other language."""
    code = re.split(r"[-_]", tag.strip().lower())[0]
    sample = text[:_SAMPLE]
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if code in ("en", "eng"):
        return _by_letters(sample) if cyrillic > _MOSTLY * latin else Language.ENGLISH
    if code in ("ru", "rus"):
        return _by_letters(sample) if latin > _MOSTLY * cyrillic else Language.RUSSIAN
    return _by_letters(sample) if code in _UNKNOWN else Language.OTHER


def _by_letters(sample: str) -> Language:
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if cyrillic > latin:
        return Language.OTHER if len(_NOT_RUSSIAN.findall(sample)) * 100 > cyrillic else Language.RUSSIAN
    english = len(_ENGLISH.findall(sample)) * 25 > len(sample.split())
    return Language.ENGLISH if english and latin else Language.OTHER
