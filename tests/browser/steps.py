"""What people do in the app, and what they see."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import APIResponse, BrowserContext, Frame, Page
from playwright.async_api import Error as PlaywrightError

from tests.waiting import pauses

API = "/api/v1"
PASSWORD = "correct horse battery"
PATIENCE = 30_000
"""Milliseconds that a busy machine may take for one step."""

# The text that stands on the page now, in the frame's own words: what lies within the page's element.
VISIBLE_TEXT = """() => {
  if (!document.body || !window.frameElement) return '';
  const host = parent.document.querySelector('.host').getBoundingClientRect();
  const frame = window.frameElement.getBoundingClientRect();
  // Pages are cut to the size of the root element, in the middle of the page's element.
  const page = document.documentElement.style;
  const [width, height] = [parseFloat(page.width) || host.width, parseFloat(page.height) || host.height];
  const left = host.left + (host.width - width) / 2 - frame.left - 1;
  const top = host.top + (host.height - height) / 2 - frame.top - 1;
  // Letters reach over the edge where lines are set closer than the face is high.
  const within = (from, to, start, size) => (from + to) / 2 >= start && (from + to) / 2 <= start + size + 2;
  const inside = (box) => box.width > 0
    && within(box.left, box.right, left, width) && within(box.top, box.bottom, top, height);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let text = '';
  while (walker.nextNode() && text.length < 6000) {
    const node = walker.currentNode;
    if (!node.data.trim() || node.parentElement.closest('rt, rp')) continue;
    range.selectNodeContents(node);
    if (![...range.getClientRects()].some(inside)) continue;
    for (const word of node.data.matchAll(/\\S+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if ([...range.getClientRects()].some(inside)) text += word[0] + ' ';
    }
  }
  return text.trim();
}"""


@dataclass
class Person:
    """Someone signed in, with a browser. `errors` are what the pages complained of."""

    context: BrowserContext
    page: Page
    email: str
    errors: list[str] = field(default_factory=list)

    @classmethod
    async def begin(cls, context: BrowserContext, email: str = "") -> "Person":
        """Registers a new person; with `email`, signs in one that is there already."""
        fields = {"email": email or f"reader-{uuid4().hex[:12]}@example.org", "password": PASSWORD}
        answer = await context.request.post(f"{API}/auth/{'login' if email else 'register'}", data=fields)
        assert answer.ok, await answer.text()
        person = cls(context, await context.new_page(), fields["email"])
        person.page.set_default_timeout(PATIENCE)
        person.page.on("pageerror", lambda error: person.errors.append(str(error)))
        return person

    async def add(self, book: Path | bytes, name: str = "book.epub", *, described: bool = False) -> str:
        """Uploads a book and waits until it can be read. Returns its id.

        Who only reads it needs no descriptions and no pictures: unless they are wanted, the server is spared them.
        """
        data, name = (book.read_bytes(), book.name) if isinstance(book, Path) else (book, name)
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        found = await self._parsed(await self.context.request.post(f"{API}/books", multipart={"file": file}))
        if not described:
            await self._spare(found)
        return found

    async def _spare(self, book: str) -> None:
        for job in (await self.get(f"jobs?book={book}"))["items"]:
            if not job["finished_at"]:
                await self.context.request.post(f"{API}/jobs/{job['id']}/cancel")

    async def add_sample(self) -> str:
        """The sample, read and illustrated. Returns its id."""
        book = await self._parsed(await self.context.request.post(f"{API}/books/sample"))
        await self.drawn(book)
        return book

    async def drawn(self, book: str) -> None:
        """Waits until the server has nothing left to do for a book."""
        await self.until(
            "jobs?limit=200", lambda jobs: all(job["finished_at"] for job in jobs["items"] if job["book"] == book)
        )
        await self.until(f"books/{book}/illustrations", lambda found: found["items"])

    async def _parsed(self, answer: APIResponse) -> str:
        assert answer.status == 202, await answer.text()
        book: str = (await answer.json())["id"]
        await self.until(f"books/{book}", lambda shown: shown["is_parsed"] or shown["parsing_error"])
        return book

    async def get(self, path: str) -> Any:
        answer = await self.context.request.get(f"{API}/{path}")
        assert answer.ok, await answer.text()
        return await answer.json()

    async def until(self, path: str, true: Any, seconds: float = 60) -> Any:
        """Asks the API until the answer is as wanted. Returns it."""
        deadline, pause = time.monotonic() + seconds, pauses()
        while not true(answer := await self.get(path)):
            assert time.monotonic() < deadline, f"after {seconds} s, {path} still answers {answer}"
            await self.page.wait_for_timeout(1000 * next(pause))
        return answer

    async def open(self, book: str, query: str = "") -> Frame:
        """Opens a book in the reader and waits for its first page."""
        await self.page.goto(f"/read/{book}{query}")
        return await self.opened()

    async def opened(self) -> Frame:
        await self.page.wait_for_selector(".reader-foot .at")
        await self.still()
        return self.chapter

    async def still(self) -> str:
        """Waits until the fonts of the page are there and its words stand still. Returns them."""
        before = None
        while (now := await self._shown()) != before or not now[0] or not await self._has_fonts():
            before = now
            await self.page.wait_for_timeout(150)
        return now[1]

    async def _has_fonts(self) -> bool:
        return (await self._tells("document.fonts.status"))[1] == "loaded"

    @property
    def chapter(self) -> Frame:
        """The frame of the chapter on the page."""
        frames = self._frames()
        assert frames, "no chapter is shown"
        return frames[0]

    def _frames(self) -> list[Frame]:
        # A chapter that is only loaded ahead comes after the one on the page.
        return [frame for frame in self.page.frames if "/resources/" in frame.url and not frame.is_detached()]

    async def text(self) -> str:
        """The words on the page; empty while no chapter is there."""
        return (await self._shown())[1]

    async def _shown(self) -> tuple[str, str]:
        """The address of the chapter and the words on the page."""
        return await self._tells(VISIBLE_TEXT)

    async def _tells(self, script: str) -> tuple[str, str]:
        """The address of the chapter and what a script finds in it; both empty while there is none."""
        for frame in self._frames()[:1]:
            try:
                return frame.url, await frame.evaluate(script)
            except PlaywrightError as error:
                if "detached" not in str(error) and "context" not in str(error):
                    raise
        return "", ""

    async def comes(self, script: str, wanted: Callable[[Any], bool], seconds: float = 10) -> Any:
        """Waits until what a script finds in the chapter is as wanted: what was asked for reaches it a moment later."""
        deadline = time.monotonic() + seconds
        while not wanted(found := (await self._tells(script))[1]):
            assert time.monotonic() < deadline, f"{script} still gives {found}"
            await self.page.wait_for_timeout(30)
        return found

    async def shows(self, words: str, seconds: float = 10) -> None:
        """Waits until these words are on the page, white space aside: a page that is cut anew moves more than once."""
        deadline = time.monotonic() + seconds
        while not _stands_on("".join((text := await self.text()).split()), "".join(words.split())):
            assert time.monotonic() < deadline, f"the page shows {text[:200]} ... {text[-50:]}, not {words}"
            await self.page.wait_for_timeout(50)

    async def turned(self, act: Any) -> str:
        """Does something that turns the page, and waits until other words stand there. Returns them."""
        before = await self._shown()
        await act
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline:
            if await self._shown() not in (before, ("", "")):
                return await self.still()
            await self.page.wait_for_timeout(30)
        raise AssertionError(f"the page still shows {before}")

    async def meet_a_picture(self) -> None:
        """Turns pages until one of the pictures beside the text appears."""
        while not await self.page.locator("aside button").count():
            await self.press("ArrowRight")

    async def press(self, key: str) -> str:
        return await self.turned(self.page.keyboard.press(key))


def _stands_on(page: str, words: str) -> bool:
    """Whether words are on a page, or begin at its end and go on on the next."""
    return words in page or any(page.endswith(words[:length]) for length in range(2, len(words)))
