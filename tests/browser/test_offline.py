"""Books kept for reading without the server: a real worker in a real browser, and a line that is cut."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.books.build import Book, build_epub
from tests.books.build import Page as Chapter
from tests.books.novel import novel
from tests.browser.conftest import Beacon, Newcomer
from tests.browser.install import find_browser
from tests.browser.line import Line, line_to
from tests.browser.steps import API, PASSWORD, PATIENCE, Person
from tests.browser.test_access import each_size, findings
from tests.browser.test_isolation import RAW, Watch
from tests.browser.test_marks import select
from tests.browser.test_places import at_words, kept, starts

expect.set_options(timeout=PATIENCE)

# What was read without the server waits in the browser; nobody waits that long in a test.
TEN_MINUTES_LONGER = """() => {
  const waiting = JSON.parse(localStorage.getItem('bookreader.sessions'));
  for (const one of waiting) one.started_at = new Date(Date.parse(one.started_at) - 600_000).toISOString();
  localStorage.setItem('bookreader.sessions', JSON.stringify(waiting));
}"""
CACHES = "async () => (await caches.keys()).sort()"
TEN_MINUTES_EARLIER = """book => {
  const key = 'bookreader.unsent.' + book;
  const waiting = JSON.parse(localStorage.getItem(key));
  for (const one of waiting) one.client_time = new Date(Date.parse(one.client_time) - 600_000).toISOString();
  localStorage.setItem(key, JSON.stringify(waiting));
}"""
UPDATE = "async () => { await (await navigator.serviceWorker.getRegistration()).update() }"
WAITING = """([book, chapter]) =>
  JSON.parse(localStorage.getItem('bookreader.unsent.' + book) ?? '[]').some((place) => place.chapter === chapter)"""
SEND = """([address, fields]) => fetch(address, {
  method: 'POST', body: JSON.stringify(fields), headers: { 'Content-Type': 'application/json' },
}).then((answer) => answer.status)"""
BOOKS = "async () => (await caches.keys()).filter((name) => name.startsWith('bookreader-book:')).length"


@pytest.fixture
async def line(site: str) -> AsyncIterator[Line]:
    async with line_to(site) as found:
        yield found


@pytest.fixture
async def travellers(browser: Browser, line: Line) -> AsyncIterator[Newcomer]:
    """People whose browser reaches the server by the line."""
    found = Newcomer(browser, line.address)
    yield found
    await found.leave()


async def keep(person: Person, book: str) -> None:
    await person.page.goto(f"/books/{book}")
    await person.page.get_by_role("button", name="Keep offline").click()
    await expect(person.page.get_by_text("Kept on this device,")).to_be_visible()


async def test_a_kept_book_is_read_without_the_server_and_nothing_is_lost(travellers: Newcomer, line: Line) -> None:
    ada = await travellers(viewport={"width": 1000, "height": 800})
    page = ada.page
    book = await ada.add(novel(5, 700))
    await ada.open(book)
    await ada.press("ArrowRight")
    await ada.until(f"books/{book}/progress", lambda progress: progress["current"])
    await keep(ada, book)

    await line.cut()
    await page.goto("/")
    await expect(page.get_by_role("status").filter(has_text="cannot be reached")).to_be_visible()
    await page.get_by_role("link", name="Continue").click()
    await ada.opened()
    await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_visible()
    await page.reload()
    await ada.opened()
    while (await kept(ada, book))["chapter"] < 3:
        await ada.press("ArrowRight")
    words = " ".join((await ada.still()).split()[3:8])
    await select(ada, words)
    await page.get_by_role("toolbar").get_by_role("button", name="Note").click()
    editor = page.get_by_role("dialog", name="Highlight and note")
    await editor.get_by_label("Your note").fill("Written on a train.")
    await editor.get_by_role("button", name="Keep").click()
    await expect(editor).to_be_hidden()
    there = await ada.press("ArrowRight")
    place = await kept(ada, book)
    await page.reload()
    await ada.opened()
    await ada.shows(starts(place))
    await page.keyboard.press("c")
    await page.get_by_role("dialog", name="Contents").get_by_role("button", name="Marks (1)").click()
    await expect(page.get_by_role("dialog", name="Contents")).to_contain_text("Written on a train.")
    await page.keyboard.press("Escape")
    await page.evaluate(TEN_MINUTES_LONGER)

    await line.mend()
    await ada.until(f"books/{book}/progress", lambda progress: at_words(progress, there))
    marks = await ada.until(f"books/{book}/annotations", lambda found: found["items"])
    assert [(mark["note"], mark["chapter"]) for mark in marks["items"]] == [("Written on a train.", 3)]
    await ada.until("statistics", lambda numbers: numbers["minutes"] >= 9)
    await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_hidden()
    assert ada.errors == []


async def test_another_device_read_on_meanwhile_and_is_offered(
    travellers: Newcomer, newcomer: Newcomer, line: Line
) -> None:
    ada = await travellers(viewport={"width": 1000, "height": 800})
    phone = await newcomer.again(ada)
    book = await ada.add(novel(6, 700))
    await ada.open(book)
    await ada.press("ArrowRight")
    await keep(ada, book)
    await ada.open(book)

    await line.cut()
    while (await kept(ada, book))["chapter"] < 2:
        await ada.press("ArrowRight")
    here = await ada.press("ArrowRight")
    await ada.page.goto("/")
    await ada.page.evaluate(TEN_MINUTES_EARLIER, book)
    await ada.open(book)
    await phone.open(book, "?chapter=5")
    there = await phone.press("ArrowRight")
    await phone.until(f"books/{book}/progress", lambda progress: at_words(progress, there))

    await line.mend()
    offer = ada.page.locator(".offer")
    await expect(offer).to_contain_text("You read further on")
    assert await ada.text() == here
    # What was read earlier is in the history, and took nothing from the other device.
    history = await ada.until(
        f"books/{book}/places?limit=200",
        lambda places: any(at_words({"current": one}, here) for one in places["items"]),
    )
    assert any(one["chapter"] == 5 for one in history["items"])
    assert at_words(await ada.get(f"books/{book}/progress"), there)
    await offer.get_by_role("button", name="Stay here").click()
    await ada.until(f"books/{book}/progress", lambda progress: at_words(progress, here))


async def test_marks_are_changed_without_the_server_and_no_words_are_lost(
    travellers: Newcomer, newcomer: Newcomer, line: Line
) -> None:
    ada = await travellers()
    page = ada.page
    book = await ada.add(build_epub(Book(pages=[Chapter("One", "<p>First words.</p><p>Second words.</p>")])))
    marks = []
    for words, note in (("first", "one"), ("second", "two")):
        cfi = (await ada.get(f"books/{book}/search?reveal=true&q={words}"))["items"][0]["cfi"]
        data = {"kind": "highlight", "chapter": 1, "cfi": cfi, "colour": "moss", "note": note}
        answer = await ada.context.request.post(f"{API}/books/{book}/annotations", data=data)
        assert answer.ok, await answer.text()
        marks.append((await answer.json())["id"])
    await keep(ada, book)
    await ada.open(book)

    await line.cut()
    drawer = page.get_by_role("dialog", name="Contents")
    editor = page.get_by_role("dialog", name="Highlight and note")

    async def edit(which: int) -> None:
        await page.keyboard.press("c")
        await drawer.get_by_role("button", name="Marks (2)").click()
        await drawer.get_by_role("button", name="Edit the mark").nth(which).click()

    await edit(0)
    await editor.get_by_label("Your note").fill("one, on a train")
    await editor.get_by_role("button", name="Keep").click()
    await expect(editor).to_be_hidden()
    await edit(1)
    await editor.get_by_role("button", name="Remove").click()
    await editor.get_by_role("button", name="Remove both").click()
    await expect(editor).to_be_hidden()
    elsewhere = await newcomer.again(ada)
    change = {"note": "one, at home", "colour": "rust"}
    assert (await elsewhere.context.request.patch(f"{API}/annotations/{marks[0]}", data=change)).ok

    # The page is left, and the server is back when another page of the app is opened.
    await page.reload()
    await ada.opened()
    await page.goto("/statistics")
    await line.mend()
    found = await ada.until(f"books/{book}/annotations", lambda found: len(found["items"]) == 1)
    found = await ada.until(f"books/{book}/annotations", lambda found: "train" in found["items"][0]["note"])
    assert found["items"][0]["note"] == "one, at home\n\none, on a train"
    assert ada.errors == []


async def test_pictures_come_along_and_the_account_lists_what_is_kept(travellers: Newcomer, line: Line) -> None:
    ada = await travellers(viewport={"width": 1440, "height": 900})
    page = ada.page
    book = await ada.add_sample()
    await keep(ada, book)
    await line.cut()
    await ada.open(book)
    await ada.meet_a_picture()
    shown = "async image => { await image.decode(); return image.naturalWidth > 0 }"
    assert await page.locator("aside button img").first.evaluate(shown)
    await page.goto(f"/books/{book}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Good Measure")
    assert await page.locator(".cover img").first.evaluate(shown)
    await expect(page.locator(".notice.bad")).to_have_count(0)
    await line.mend()

    await page.goto("/account")
    row = page.get_by_role("listitem").filter(has_text="Good Measure")
    await expect(row).to_contain_text("KB, kept")
    await row.get_by_role("button", name="Remove Good Measure from this device").click()
    await expect(page.get_by_text("No book is kept on this device.")).to_be_visible()
    assert await page.evaluate(BOOKS) == 0
    await page.goto(f"/books/{book}")
    await expect(page.get_by_role("button", name="Keep offline")).to_be_visible()
    assert ada.errors == []


async def test_a_new_picture_makes_the_kept_book_old_until_it_is_kept_anew(travellers: Newcomer) -> None:
    ada = await travellers()
    page = ada.page
    book = await ada.add_sample()
    await keep(ada, book)
    pictured = {one["description_id"] for one in (await ada.get(f"books/{book}/illustrations?limit=200"))["items"]}
    found = (await ada.get(f"books/{book}/descriptions?limit=200"))["items"]
    bare = next(one["id"] for one in found if one["id"] not in pictured)
    assert (await ada.context.request.post(f"{API}/descriptions/{bare}/illustrations")).ok
    await ada.until(
        f"books/{book}/illustrations?limit=200",
        lambda shown: any(one["description_id"] == bare and one["image"] for one in shown["items"]),
    )
    await page.goto("/")
    await expect(page.get_by_text("Kept here, a newer version is there")).to_be_visible()
    await page.goto(f"/books/{book}")
    await page.get_by_role("button", name="Keep the newer one").click()
    await expect(page.get_by_text("Kept on this device,")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Kept on this device,")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await expect(page.get_by_text("older version")).to_be_hidden()


async def test_nothing_is_kept_that_was_not_asked_for(travellers: Newcomer) -> None:
    ada = await travellers()
    page = ada.page
    book, other = await ada.add(novel(2, 300)), await ada.add(novel(2, 300, seed=2))
    for address in ("/", f"/books/{book}", f"/read/{book}", "/statistics", "/account"):
        await page.goto(address, wait_until="networkidle" if "read" not in address else "load")
    assert await page.evaluate(CACHES) == []
    assert await page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0

    await keep(ada, book)
    for address in ("/", f"/books/{other}", f"/read/{other}", "/statistics", "/account"):
        await page.goto(address, wait_until="networkidle" if "read" not in address else "load")
    await page.wait_for_function("async () => (await (await caches.open('bookreader-person')).keys()).length > 1")
    addresses = await page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys())
              found.push(name.split(':')[0] + ' ' + new URL(request.url).pathname);
          return found;
        }"""
    )
    answers = [line for line in addresses if "/api/" in line]
    own = f"bookreader-book /api/v1/books/{book}"
    assert {line for line in answers if not line.startswith(own)} == {
        "bookreader-person /api/v1/me",
        "bookreader-person /api/v1/site",
    }
    assert not [line for line in addresses if other in line]


async def test_what_is_kept_goes_with_the_person(travellers: Newcomer, line: Line) -> None:
    ada = await travellers()
    page = ada.page
    book = await ada.add(novel(2, 300))
    await keep(ada, book)
    await page.goto("/account")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await page.wait_for_function("async () => (await caches.keys()).every((name) => name.includes('shell'))")
    await line.cut()
    await page.goto(f"/read/{book}")
    await expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    assert not await page.evaluate("address => fetch(address).then((answer) => answer.ok, () => false)", f"{API}/me")


async def test_what_is_kept_opens_to_its_person_alone(travellers: Newcomer, line: Line) -> None:
    ada = await travellers()
    page = ada.page
    book = await ada.add(novel(2, 300))
    await keep(ada, book)
    manifest = await ada.get(f"books/{book}/manifest")
    first = manifest["base"] + manifest["sections"][0]["href"]
    answers = "address => fetch(address).then((answer) => answer.ok, () => false)"

    # Signed out from elsewhere: what is kept stays closed, also when the server is gone afterwards.
    cookies = await ada.context.cookies()
    await ada.context.clear_cookies()
    await page.goto("/")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await line.cut()
    await page.wait_for_function(f"async (address) => !await ({answers})(address)", arg=first)
    assert not await page.evaluate(answers, f"{API}/me")
    await line.mend()

    # It opens again to the same person, and goes when another one comes.
    await ada.context.add_cookies([{**cookie} for cookie in cookies])  # type: ignore[typeddict-item]
    await page.goto(f"/books/{book}")
    await expect(page.get_by_text("Kept on this device,")).to_be_visible()
    await line.cut()
    await page.wait_for_function(f"async (address) => await ({answers})(address)", arg=first)
    await line.mend()
    bob = {"email": f"bob-{ada.email}", "password": PASSWORD}
    assert (await ada.context.request.post(f"{API}/auth/register", data=bob)).ok
    await page.goto("/", wait_until="networkidle")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.wait_for_function(f"async () => await ({BOOKS})() === 0")
    await line.cut()
    assert not await page.evaluate(answers, first)


async def test_a_new_version_of_the_app_breaks_no_open_page(travellers: Newcomer, line: Line) -> None:
    ada = await travellers()
    page = ada.page
    book = await ada.add(novel(3, 700))
    await keep(ada, book)
    await ada.open(book)
    before = [name for name in await page.evaluate(CACHES) if "shell" in name]
    version = before[0].partition(":")[2]

    # The server moves on: another worker, whose app has other parts, and parts of the old app are gone.
    parts = await page.evaluate(f"async () => (await (await caches.open('{before[0]}')).keys()).map((one) => one.url)")
    gone = [part.removeprefix(line.address) for part in parts if re.search(r"/assets/(base|Statistics)-.*\.js$", part)]
    line.changed = dict.fromkeys(gone, lambda _: None)
    line.changed["/sw.js"] = lambda body: newer(body, version, "next", gone)
    await page.evaluate(UPDATE)
    await page.wait_for_function("async () => (await navigator.serviceWorker.getRegistration()).waiting !== null")
    await ada.press("ArrowRight")
    await page.get_by_role("link", name="Back to the library").click()
    await page.get_by_role("link", name="Statistics").first.click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert before[0] in await page.evaluate(CACHES)

    # The next page that consists of the new version's files takes over.
    line.changed = {"/sw.js": lambda body: newer(body, version, "last", [])}
    await page.goto(f"/books/{book}")
    await page.evaluate(UPDATE)
    await page.wait_for_function(
        "async () => (await caches.keys()).filter((name) => name.includes('shell')).join() === 'bookreader-shell:last'"
    )
    await line.cut()
    await ada.open(book)
    await ada.press("ArrowRight")
    assert ada.errors == []


def newer(worker: bytes, version: str, name: str, without: list[str]) -> bytes:
    """The worker of another version, whose app has not got these files."""
    for file in without:
        assert file.encode() in worker
        worker = worker.replace(f"{file},".encode(), b"")
    return worker.replace(version.encode(), name.encode())


async def test_hostile_words_that_are_kept_run_and_fetch_nothing(
    travellers: Newcomer, line: Line, beacon: Beacon
) -> None:
    """The worker's answers carry the server's policy, whatever is in them."""
    ada = await travellers()
    watch = Watch(ada, beacon)
    book = await ada.add(build_epub(Book(pages=[Chapter("One", "<p>One.</p>"), Chapter("Two", "<p>Two.</p>")])))
    await keep(ada, book)
    manifest = await ada.get(f"books/{book}/manifest")
    address = manifest["base"] + manifest["sections"][0]["href"]
    served = (await ada.context.request.get(address)).headers
    await line.cut()
    headers = await ada.page.evaluate("async (at) => Object.fromEntries((await fetch(at)).headers)", address)
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "content-type"):
        assert headers[name] == served[name]
    await ada.page.evaluate(
        """async ([at, raw]) => {
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            const there = await cache.match(at);
            if (there) await cache.put(at, new Response(raw, { headers: there.headers }));
          }
        }""",
        [address, RAW],
    )
    frame = await ada.open(book)
    assert "The text is still here." in await frame.inner_text("body")
    await frame.locator("p").dispatch_event("click")
    await frame.locator("button").dispatch_event("click")
    await watch.nothing_happened()


async def test_keeping_that_broke_off_says_so_and_can_be_done_again(travellers: Newcomer, line: Line) -> None:
    ada = await travellers()
    book = await ada.add(novel(2, 300))
    await ada.page.goto(f"/books/{book}")
    await expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
    line.changed[f"{API}/books/{book}/resources"] = lambda _: None
    await ada.page.get_by_role("button", name="Keep offline").click()
    await expect(ada.page.get_by_text("It could not be kept.")).to_be_visible()
    line.changed.clear()
    await ada.page.get_by_role("button", name="Keep offline").click()
    await expect(ada.page.get_by_text("Kept on this device,")).to_be_visible()


async def test_a_browser_without_a_network_reads_on_and_two_of_its_pages_lose_nothing(travellers: Newcomer) -> None:
    ada = await travellers(viewport={"width": 1000, "height": 800})
    book = await ada.add(novel(5, 700))
    await keep(ada, book)
    await ada.open(book)
    await ada.context.set_offline(True)
    await ada.press("ArrowRight")
    first, second = ada.page, await ada.context.new_page()
    await expect(first.get_by_role("status").filter(has_text="Offline")).to_be_visible()
    ada.page = second
    await ada.open(book, "?chapter=4")
    fourth = await ada.press("ArrowRight")
    await second.wait_for_function(WAITING, arg=[book, 4])
    ada.page = first
    await first.bring_to_front()
    await ada.press("ArrowRight")  # Until then the other page's place is the one that is kept.
    while (await kept(ada, book))["chapter"] != 2:
        await ada.press("ArrowRight")
    await first.wait_for_function(WAITING, arg=[book, 2])
    await ada.context.set_offline(False)
    chapters = lambda places: {place["chapter"] for place in places["items"]}  # noqa: E731
    places = await ada.until(f"books/{book}/places?limit=200", lambda places: {2, 4} <= chapters(places))
    assert any(at_words({"current": place}, fourth) for place in places["items"])


async def test_no_room_is_said(travellers: Newcomer) -> None:
    ada = await travellers()
    little = "navigator.storage.estimate = async () => ({ quota: 6_000_000, usage: 5_900_000 })"
    await ada.context.add_init_script(little)
    book = await ada.add(novel(2, 300))
    await ada.page.goto(f"/books/{book}")
    await ada.page.get_by_role("button", name="Keep offline").click()
    await expect(ada.page.get_by_text("There is no room on this device")).to_contain_text("100 KB are free")
    await expect(ada.page.get_by_role("button", name="Keep offline")).to_be_enabled()
    assert await ada.page.evaluate(BOOKS) == 0
    await ada.page.goto("/account")
    await expect(ada.page.get_by_text("No book is kept on this device.")).to_be_visible()


async def test_an_address_that_is_not_safe_says_why(browser: Browser, site: str) -> None:
    elsewhere = await browser.browser_type.launch(
        executable_path=find_browser(),
        args=[f"--host-resolver-rules=MAP reader.test {site.removeprefix('http://')}", "--no-sandbox"],
    )
    try:
        context = await elsewhere.new_context(base_url="http://reader.test", locale="en-GB")
        page = await context.new_page()
        fields = {"email": f"{id(context)}@example.org", "password": PASSWORD}
        await page.goto("/")
        assert await page.evaluate(SEND, ["/api/v1/auth/register", fields]) == 201
        await page.goto("/account")
        await expect(page.get_by_text("Keeping books offline needs a safe address.")).to_be_visible()
    finally:
        await elsewhere.close()


async def test_the_app_can_be_installed(travellers: Newcomer) -> None:
    ada = await travellers()
    await ada.page.goto("/")
    session = await ada.context.new_cdp_session(ada.page)
    found = await session.send("Page.getAppManifest")
    assert found["errors"] == []
    wrong = (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    assert [one["errorId"] for one in wrong if one["errorId"] != "in-incognito"] == []


@each_size
async def test_axe_finds_nothing(travellers: Newcomer, line: Line, size: ViewportSize) -> None:
    ada = await travellers(viewport=size, reduced_motion="reduce")
    book = await ada.add(novel(2, 300))
    await ada.open(book)
    await ada.press("ArrowRight")
    await keep(ada, book)
    assert await findings(ada.page) == []
    await ada.page.goto("/account")
    await expect(ada.page.get_by_role("button", name="from this device")).to_be_visible()
    assert await findings(ada.page) == []
    await line.cut()
    await ada.page.goto("/")
    await expect(ada.page.get_by_text("These are the books kept on this device.")).to_be_visible()
    assert await findings(ada.page) == []
    await ada.open(book)
    assert await findings(ada.page) == []


async def test_it_speaks_russian(travellers: Newcomer, line: Line) -> None:
    ada = await travellers(locale="ru-RU")
    await ada.context.request.patch(f"{API}/me", data={"locale": "ru"})
    book = await ada.add(novel(2, 300))
    await ada.page.goto(f"/books/{book}")
    await ada.page.get_by_role("button", name="Читать без сети").click()
    await expect(ada.page.get_by_text("Сохранена на устройстве,")).to_be_visible()
    await line.cut()
    await ada.page.goto("/")
    await expect(ada.page.get_by_text("Вот книги, сохранённые на этом устройстве.")).to_be_visible()
    await ada.open(book)
    await expect(ada.page.locator(".reader-foot")).to_contain_text("Без сети")
