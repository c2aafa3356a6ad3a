"""What it costs to open a book: processor time, because that hardly changes when others use the machine too.

Peers are measured in the same run where they are installed: EbookLib (`pip install EbookLib`) and calibre's
`calibredb` and `ebook-convert`. Where one is not, its row says so.
"""

import io
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from benchmarks.rows import Row
from bookreader.publications import open_publication
from bookreader.publications.positions import positions_of
from bookreader.publications.text import TextMap
from tests.books.novel import novel

AVERAGE = (84, 2_640)
"""Chapters and words in each: an average novel of a public library of e-books, 224,000 words."""
RUSSIAN_FB2 = (30, 6_150)
LARGE_WORDS = 568_000
TIMES = 5
AVERAGE_SECONDS, POSITIONS_SECONDS, OF_CONVERTING = 0.130, 0.100, 1 / 8


def run() -> list[Row]:
    epub = novel(*AVERAGE)
    fb2 = novel(*RUSSIAN_FB2, "ru", form="fb2")
    opened = _own_seconds(lambda: open_publication(epub))
    return [
        Row(
            "open an average EPUB",
            opened,
            "s CPU",
            "zipfile and lxml alone",
            _own_seconds(lambda: _floor(epub)),
            AVERAGE_SECONDS,
        ),
        _against_ebooklib(epub, opened),
        _against_calibredb(epub, opened),
        _fb2_like_epub(),
        _against_converting(fb2),
        _positions(epub),
    ]


def _against_ebooklib(epub: bytes, opened: float) -> Row:
    name = "the same"
    if find_spec("ebooklib") is None:
        return Row(name, opened, "s CPU", "EbookLib is not installed: pip install EbookLib")
    return Row(name, opened, "s CPU", "EbookLib and lxml", _own_seconds(lambda: _read_with_ebooklib(epub)))


def _against_calibredb(epub: bytes, opened: float) -> Row:
    program = shutil.which("calibredb")
    if program is None:
        return Row("the same", opened, "s CPU", "calibredb is not installed: apt-get install calibre")
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder, "novel.epub")
        book.write_bytes(epub)
        add = [program, "add", "--duplicates", "--with-library", str(Path(folder, "library")), str(book)]
        return Row("the same", opened, "s CPU", "calibredb add, which reads no text", _child_seconds(add, folder))


def _fb2_like_epub() -> Row:
    """The same text in both formats: the road of FB2 is the same one, after a conversion."""
    fb2, epub = (novel(*AVERAGE, form=form) for form in ("fb2", "epub"))
    as_epub = _own_seconds(lambda: open_publication(epub))
    return Row("open the same as FB2", _own_seconds(lambda: open_publication(fb2)), "s CPU", "as EPUB", as_epub)


def _against_converting(fb2: bytes) -> Row:
    name = f"open an FB2 of {RUSSIAN_FB2[0] * RUSSIAN_FB2[1]:,} words"
    opened = _own_seconds(lambda: open_publication(fb2))
    program = shutil.which("ebook-convert")
    if program is None:
        return Row(name, opened, "s CPU", "ebook-convert is not installed: apt-get install calibre")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "novel.fb2")
        source.write_bytes(fb2)
        seconds = _child_seconds([program, str(source), str(source.with_suffix(".epub"))], folder)
    return Row(name, opened, "s CPU", "ebook-convert to EPUB", seconds, OF_CONVERTING * seconds)


def _positions(epub: bytes) -> Row:
    """The text of every chapter and its positions, as an import takes them from the parsed documents."""
    publication = open_publication(epub)
    roots = [etree.fromstring(chapter.html.encode()) for chapter in publication.reading_order]
    share = LARGE_WORDS / sum(chapter.words for chapter in publication.reading_order)
    seconds = share * _own_seconds(lambda: sum(positions_of(len(TextMap.from_root(root).text)) for root in roots))
    return Row(f"number the positions of {LARGE_WORDS:,} words", seconds, "s CPU", goal=POSITIONS_SECONDS)


def _floor(epub: bytes) -> None:
    """What no reader of the text can leave out."""
    with zipfile.ZipFile(io.BytesIO(epub)) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".xhtml"):
                "".join(etree.fromstring(data).itertext()).split()


def _read_with_ebooklib(epub: bytes) -> None:
    ebooklib = import_module("ebooklib")
    book = import_module("ebooklib.epub").read_epub(io.BytesIO(epub))
    for item in book.get_items_of_type(ebooklib.ITEM_DOCUMENT):
        "".join(etree.fromstring(item.get_content()).itertext()).split()


def _own_seconds(work: Callable[[], object]) -> float:
    """The median processor time of `work` in this process."""
    taken = []
    for _ in range(TIMES):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def _child_seconds(command: list[str], folder: str) -> float:
    """The processor time of a program, the least of two runs: the first one fills its caches."""
    taken = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "CALIBRE_CONFIG_DIRECTORY": folder, "LANG": "C.UTF-8"}
        subprocess.run(command, check=True, capture_output=True, env=environment, timeout=300)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)
