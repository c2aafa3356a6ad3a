"""Gathers what was wrong with a book that could be opened all the same: one warning of a kind, however many files."""

from bookreader.publications.model import Warning as Flaw

_SHOWN = 3
_LONGEST_NAME = 80

# For one file and for many. The codes are listed in docs/errors.md.
_SENTENCES = {
    "repaired": (
        "{names} is not well-formed and was repaired.",
        "{count} documents are not well-formed and were repaired: {names}.",
    ),
    "missing_resource": (
        "{names} is listed in the book but not in it.",
        "{count} files are listed in the book but not in it: {names}.",
    ),
    "damaged_resource": (
        "{names} is damaged; what could be read of it is shown.",
        "{count} files are damaged; what could be read of them is shown: {names}.",
    ),
    "unreadable_resource": (
        "{names} is nothing that can be shown and was left out.",
        "{count} files are nothing that can be shown and were left out: {names}.",
    ),
    "remote_resource": (
        "{names} lies outside the book and is not fetched.",
        "{count} files lie outside the book and are not fetched: {names}.",
    ),
    "repeated_item": (
        "{names} stands more than once in the reading order; the first counts.",
        "{count} files stand more than once in the reading order; the first counts: {names}.",
    ),
    "repeated_file": (
        "{names} is in the archive more than once; the first counts.",
        "{count} files are in the archive more than once; the first counts: {names}.",
    ),
    "unsafe_file": (
        "{names} has a name that leads out of the book, or is a link, and was left out.",
        "{count} files have names that lead out of the book, or are links, and were left out: {names}.",
    ),
    "unusable_cover": (
        "The cover {names} is no picture that can be shown.",
        "{count} covers are no pictures that can be shown: {names}.",
    ),
    "wrong_encoding": (
        "The book gives a wrong encoding ({names}); it was read in the one that fits.",
        "The book gives wrong encodings ({names}); it was read in those that fit.",
    ),
    "no_container": (
        "The container does not name the package document; {names} was found in the archive.",
        "The container does not name the package document; {names} were found in the archive.",
    ),
    "no_contents": (
        "The book has no contents; they were made from its headings.",
        "The book has no contents; they were made from its headings.",
    ),
}


CODES = frozenset(_SENTENCES)


class Flaws:
    """Collects the names of files by what is wrong with them."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, code: str, name: str = "") -> None:
        self._names.setdefault(code, []).append(name)

    def __contains__(self, code: str) -> bool:
        return code in self._names

    def warnings(self) -> tuple[Flaw, ...]:
        return tuple(Flaw(code, _sentence(code, list(dict.fromkeys(names)))) for code, names in self._names.items())


def _sentence(code: str, names: list[str]) -> str:
    one, many = _SENTENCES[code]
    shown = ", ".join(_shown(name) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (one if len(names) == 1 else many).format(count=len(names), names=shown + more)


def _shown(name: str) -> str:
    """A file's name on one line, without characters that would act on their surroundings."""
    plain = "".join(character if character.isprintable() else "?" for character in name)
    return f"“{plain if len(plain) <= _LONGEST_NAME else plain[:_LONGEST_NAME] + '…'}”"
