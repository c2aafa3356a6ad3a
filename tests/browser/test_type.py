"""How the text is set: what the reader asks for reaches it, and what the book says where it matters stays."""

from typing import Any

from playwright.async_api import expect

from tests.books.build import Book, Page, build_epub
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person

expect.set_options(timeout=PATIENCE)

LONG = "A sentence of a chapter, and it goes on for a while, as those of novels do. " * 4
# As converters write books: no paragraph has its name.
IN_BLOCKS = f"""<div style="line-height: 1.2; text-align: justify">
<div id="title" style="text-align: center; font-size: 1.4em; line-height: 1.1">Chapter I, in which nothing happens</div>
<div id="long" style="line-height: 1.2">{LONG}</div>
<div id="said">“Short,” she said.</div>
<div id="nested" style="text-align: justify; line-height: 1.2"><span><a>{LONG}</a></span></div>
<div style="text-align: center"><div id="middle">{LONG}</div></div>
<div id="signed" style="text-align: right">Yours, as ever</div>
<div><div id="verse">April is the kindest month, breeding</div><div>Lilacs out of the dead land</div></div>
<div id="drawn" style="white-space: pre; line-height: 1">a | b</div>
<pre id="code" style="line-height: 1"><div id="incode">{LONG}</div></pre>
<table><tr><td><div id="cell" style="line-height: 1">{LONG}</div></td></tr></table>
<section id="section">{LONG}<h3 id="heading">A heading inside</h3></section>
</div>"""
LOOK = """() => Object.fromEntries([...document.querySelectorAll('[id]')].map((block) => {
  const { lineHeight, fontSize, textAlign, hyphens } = getComputedStyle(block);
  return [block.id, [Math.round(100 * parseFloat(lineHeight) / parseFloat(fontSize)) / 100, textAlign, hyphens]];
}))"""


async def set_type(person: Person, wanted: str) -> None:
    await person.page.goto("/")
    await person.page.evaluate(f"localStorage.setItem('bookreader.type', JSON.stringify({wanted}))")


async def look(person: Person, book: str, wanted: str) -> dict[str, Any]:
    """The line height in ems, the alignment and the hyphens of each block that has a name."""
    await set_type(person, wanted)
    frame = await person.open(book)
    found: dict[str, Any] = await frame.evaluate(LOOK)
    return found


async def test_blocks_that_are_no_paragraphs_by_name_follow_what_the_reader_asks_for(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(build_epub(Book(pages=[Page("", IN_BLOCKS)])))
    even = await look(ada, book, "{ leading: 1.8, justify: true, hyphenate: true }")
    ragged = await look(ada, book, "{ leading: 1.4, justify: false, hyphenate: false }")
    for name in ("long", "said", "nested", "section"):
        assert even[name] == [1.8, "justify", "auto"], name
        assert ragged[name] == [1.4, "start", "manual"], name
    for found, leading in ((even, 1.8), (ragged, 1.4)):
        assert found["title"][:2] == [1.1, "center"]
        assert found["middle"][:2] == [leading, "center"]
        assert found["signed"][:2] == [leading, "right"]
        assert found["verse"][0] == leading
        assert found["verse"][2] == "manual"
        assert found["drawn"][0] == found["code"][0] == found["cell"][0] == 1
        assert found["heading"][1:] == ["start", "manual"]
