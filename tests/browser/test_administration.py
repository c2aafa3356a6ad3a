"""The administrator's page: what it says is so, what it offers works, and it is nobody else's."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from bookreader.database.base import first_uuid7, uuid7
from bookreader.database.embedded import running_url
from bookreader.settings import Settings
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person
from tests.browser.test_access import each_size, findings
from tests.integration.database.rows import connect, insert
from tests.integration.illustrations.fakes import openai_images, pollinations
from tests.integration.illustrations.fakes.server import FakeServer
from tests.integration.serving.processes import serving

expect.set_options(timeout=PATIENCE)

SECTIONS = ("", "/readers", "/services", "/settings")
HEADINGS = (re.compile("^Working"), "Readers", "Picture services", "Settings")


@dataclass
class House:
    """An installation of its own with an administrator, a reader, and two picture services on loopback."""

    visit: Newcomer
    administrator: str
    reader: str
    openai: FakeServer
    sql: Any

    async def enter(self, **options: Any) -> Person:
        """The administrator in a new browser."""
        return await Person.begin(await self.visit._context(options), self.administrator)


@pytest.fixture(scope="module")
async def house(browser: Browser) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        openai = await stack.enter_async_context(FakeServer(openai_images.openai_images))
        gateway = await stack.enter_async_context(FakeServer(pollinations.pollinations))
        environment = {
            "BOOKREADER_PLATES_PER_BOOK": "2",
            "BOOKREADER_PRIVATE_HOSTS": f"{openai.host},{gateway.host}",
            "BOOKREADER_OPENAI_URL": f"{openai.url}/v1",
            "BOOKREADER_OPENAI_KEY": openai_images.KEY,
            "BOOKREADER_POLLINATIONS_URL": gateway.url,
            "BOOKREADER_POLLINATIONS_KEY": pollinations.KEY,
        }
        running, data_dir = stack.enter_context(serving(environment))
        visit = Newcomer(browser, running.address())
        stack.push_async_callback(visit.leave)
        administrator, reader = await visit(), await visit()
        url = await stack.enter_async_context(running_url(Settings(data_dir=data_dir)))
        sql = await stack.enter_async_context(connect(url))
        yield House(visit, administrator.email, reader.email, openai, sql)


async def _job(sql: Any, minutes_ago: float, **values: Any) -> UUID:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    job = UUID(int=first_uuid7(at).int + uuid7().int % 2**60)
    row = await insert(sql, "processing_jobs", **{"kind": "describe", "created_at": at} | values)
    await sql.execute("UPDATE processing_jobs SET id = $1 WHERE id = $2", job, row)
    return job


@pytest.fixture(scope="module")
async def lived_in(house: House) -> House:
    """A month has gone by: jobs, pictures, failures, money, a reader with a book."""
    now, sql = datetime.now(UTC), house.sql
    reader = await sql.fetchval("SELECT id FROM users WHERE email = $1", house.reader)
    await sql.execute("UPDATE users SET full_name = 'Nina Orlova' WHERE email = $1", house.administrator)
    await sql.execute("UPDATE users SET full_name = 'Pavel' WHERE id = $1", reader)
    book = await insert(
        sql, "books", user_id=reader, title="Great Expectations", content_hash="a" * 64, file_size=2_400_000
    )
    await insert(sql, "subscriptions", user_id=reader, plan="PREMIUM", status="PENDING")
    chapter = await insert(sql, "chapters", book_id=book, chapter_number=1)
    description = await insert(sql, "descriptions", chapter_id=chapter)
    for hour in range(1, 24):
        begun = now - timedelta(hours=hour)
        await _job(
            sql, 60 * hour + (hour % 5) * 2, state="done", kind="parse", user_id=reader, book_id=book,
            started_at=begun, finished_at=begun + timedelta(seconds=40), progress=100,
        )  # fmt: skip
    await _job(
        sql, 12, state="running", user_id=reader, book_id=book, progress=37, started_at=now - timedelta(minutes=11),
        lease_until=now + timedelta(days=1), attempts=1,
    )  # fmt: skip
    error = json.dumps({"code": "internal_error", "message": "It broke."})
    await _job(
        sql, 80, state="failed", kind="sweep", started_at=now - timedelta(minutes=79), finished_at=now, attempts=3,
        error=error,
    )  # fmt: skip
    refusal = {"who": "openai_dalle", "stage": "input", "code": "moderation_blocked", "reason": "OpenAI refused."}
    common = {"description_id": description, "user_id": reader, "prompt_used": "A private passage"}
    for number, (service, status, outcome) in enumerate(
        [
            ("pollinations", "completed", ""),
            ("openai_dalle", "failed", "timeout"),
            ("openai_dalle", "moderated", "moderated"),
        ]
    ):
        await insert(
            sql, "generated_images", **common, service_used=service, status=status, generation_time_seconds=8.0,
            generation_parameters=json.dumps({"outcome": outcome} if outcome else {}),
            moderation_result=json.dumps(refusal), created_at=now - timedelta(hours=30 + number),
        )  # fmt: skip
    for ago in range(0, 30, 2):
        day = now - timedelta(days=ago)
        for service, price in (("pollinations", "0.02"), ("openai_dalle", "0.21")):
            await sql.execute(
                "INSERT INTO ledger (id, user_id, subject_id, service, price, state, day, created_at) "
                "VALUES ($1, $2, $3, $4, $5::text::numeric * $6, 'settled', $7, $8)",
                uuid7(), reader, uuid7(), service, price, 1 + ago % 7, day.date(), day,
            )  # fmt: skip
    return house


async def _open(person: Person, section: str) -> Page:
    page = person.page
    await page.goto(f"/administration{section}")
    heading = HEADINGS[SECTIONS.index(section)]
    await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    await page.wait_for_load_state("networkidle")
    return page


# --- nobody else's ----------------------------------------------------------------------------------------------------


async def test_whoever_administers_nothing_finds_nothing(house: House) -> None:
    eve = await Person.begin(await house.visit._context({}), house.reader)
    await eve.page.goto("/")
    await expect(eve.page.get_by_role("link", name="Statistics").first).to_be_visible()
    await expect(eve.page.get_by_role("link", name="Administration")).to_have_count(0)
    for section in SECTIONS:
        await eve.page.goto(f"/administration{section}")
        await expect(eve.page.get_by_role("heading", level=1, name="This page is not on the map")).to_be_visible()
    for address in ("health", "jobs", "readers", "services", "settings", "moderated"):
        assert (await eve.context.request.get(f"/api/v1/admin/{address}")).status == 403
    assert eve.errors == []


async def test_an_administrator_finds_the_way_there(house: House) -> None:
    ada = await house.enter()
    page = ada.page
    await page.goto("/")
    await page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Administration").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Working")
    sections = page.get_by_role("navigation", name="Administration")
    for name, heading in zip(
        ("Readers 2", "Picture services", "Settings", "Health"), (*HEADINGS[1:], HEADINGS[0]), strict=True
    ):
        await sections.get_by_role("link", name=name).click()
        await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        await expect(sections.get_by_role("link", name=name)).to_have_attribute("aria-current", "true")
    assert ada.errors == []


# --- health -----------------------------------------------------------------------------------------------------------


async def test_health_says_what_is_so(lived_in: House) -> None:
    ada = await lived_in.enter()
    page = await _open(ada, "")
    vitals = page.locator(".vitals > li")
    await expect(vitals.filter(has_text="Database")).to_contain_text(re.compile(r"PostgreSQL \d+"))
    await expect(vitals.filter(has_text="Migrations")).to_contain_text("At the newest of")
    await expect(vitals.filter(has_text="Files")).to_contain_text("free of")
    await expect(page.get_by_role("listitem").filter(has_text="has run longer than 10 minutes")).to_contain_text(
        "jobs_slow"
    )
    chart = page.get_by_role("img", name=re.compile("Longest wait in each of the last 24 hours"))
    await expect(chart).to_be_visible()
    assert await chart.locator("rect").count() > 10


async def test_a_finding_goes_when_its_cause_has_gone(house: House) -> None:
    ada = await house.enter()
    await house.sql.execute("CREATE INDEX twice ON books (user_id)")
    try:
        page = await _open(ada, "")
        finding = page.get_by_role("listitem").filter(has_text="index_redundant")
        await expect(finding).to_contain_text("DROP INDEX CONCURRENTLY twice;")
    finally:
        await house.sql.execute("DROP INDEX twice")
    await page.get_by_role("button", name="Look again").click()
    await expect(finding).to_have_count(0)
    await expect(page.get_by_text("Looked at and found in order:")).to_contain_text("indexes")


async def test_jobs_are_tried_again_and_cancelled(lived_in: House) -> None:
    ada = await lived_in.enter()
    page = await _open(ada, "")
    table = page.get_by_role("region", name="Table of jobs")
    await expect(table.get_by_role("row").filter(has_text="Great Expectations")).to_contain_text("37 %")
    await page.get_by_role("button", name="Failed in 7 days").click()
    await table.get_by_role("button", name="Try again: Sweep the files, no book").click()
    await expect(page.get_by_text("No job failed in the last seven days.")).to_be_visible()
    await page.get_by_role("button", name="Done today").click()
    await expect(page.get_by_role("button", name="Done today")).to_have_attribute("aria-pressed", "true")

    job = await _job(lived_in.sql, 1, kind="drill", lease_until=None)
    await page.get_by_role("button", name=re.compile("^Now")).click()
    await table.get_by_role("button", name="Cancel: Try out a backup, no book").click()
    await expect(table.get_by_role("row").filter(has_text="Try out a backup")).to_have_count(0)
    assert await lived_in.sql.fetchval("SELECT state FROM processing_jobs WHERE id = $1", job) == "cancelled"


async def test_a_backup_at_once(house: House) -> None:
    ada = await house.enter()
    page = await _open(ada, "")
    backups = page.get_by_role("region", name="Backups")
    before = await backups.get_by_role("listitem").count()
    await backups.get_by_role("button", name="Back up now").click()
    await expect(backups.get_by_role("listitem")).to_have_count(before + 1)
    await expect(backups.get_by_role("listitem").first).to_contain_text(re.compile("[Tt]oday at .*(KB|MB)"))
    await expect(backups.get_by_role("button", name="Back up now")).to_be_enabled()


# --- readers ----------------------------------------------------------------------------------------------------------


async def test_a_reader_gets_another_plan(lived_in: House) -> None:
    ada = await lived_in.enter()
    page = await _open(ada, "/readers")
    row = page.get_by_role("row").filter(has_text=lived_in.reader)
    await expect(row).to_contain_text("2.4 MB")
    await expect(row).to_contain_text("asks for Premium")
    await row.get_by_label("Plan of Pavel").select_option(label="Free")
    await expect(page.get_by_text("Pavel has the plan Free now.")).to_be_visible()
    await expect(row).to_contain_text("1 of 5")
    await expect(row).not_to_contain_text("asks for")
    eve = await Person.begin(await lived_in.visit._context({}), lived_in.reader)
    assert (await eve.get("me"))["plan"] == "FREE"
    await expect(page.locator("main")).not_to_contain_text("Great Expectations")


# --- picture services -------------------------------------------------------------------------------------------------


async def test_a_service_is_tested_after_its_cost_was_said(house: House) -> None:
    ada = await house.enter()
    page = await _open(ada, "/services")
    asked = len(house.openai.asked)
    await page.get_by_role("button", name="Test OpenAI").click()
    service = page.get_by_role("listitem").filter(has_text="OpenAI").first
    await expect(service).to_contain_text(re.compile(r"costs about (US)?\$0\.\d+"))
    assert len(house.openai.asked) == asked
    await service.get_by_role("button", name="Ask for it").click()
    await expect(service).to_contain_text("OpenAI: works. A picture of")
    assert len(house.openai.asked) == asked + 1
    await service.get_by_role("button", name="Close").click()

    house.openai.troubles.append(openai_images.error(401, "invalid_api_key", "no"))
    await page.get_by_role("button", name="Test OpenAI").click()
    await service.get_by_role("button", name="Ask for it").click()
    await expect(service).to_contain_text("OpenAI: does not accept the key.")
    await expect(service).to_contain_text("Does not work right now")
    await expect(page.get_by_role("button", name="Test Midjourney")).to_have_count(0)
    await house.sql.execute("DELETE FROM service_turns")


async def test_rules_are_kept(house: House) -> None:
    ada = await house.enter()
    page = await _open(ada, "/services")
    await page.get_by_role("button", name="Move OpenAI up").click()
    await expect(page.get_by_role("listitem").filter(has_text="OpenAI").first).to_be_visible()
    await expect(page.get_by_text("Saved. It holds from the next picture on.")).to_be_visible()
    await page.get_by_role("button", name="Switch off OpenAI").click()
    await expect(page.get_by_role("button", name="Switch on OpenAI")).to_be_visible()
    await page.get_by_role("button", name="Change the price of Pollinations").click()
    await page.get_by_label("Price of a picture by Pollinations, in dollars").fill("much")
    await page.get_by_role("listitem").get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Not an amount of dollars, such as 0.07.")).to_be_visible()
    await page.get_by_label("Price of a picture by Pollinations, in dollars").fill("0.03")
    await page.get_by_role("listitem").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("listitem").filter(has_text="Pollinations").first).to_contain_text("$0.03")
    await page.get_by_label("One book").fill("2.5")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text("Saved. It holds from the next picture on.")).to_be_visible()
    await page.get_by_label("When a service fails").check()
    rules = await ada.until("picture-rules", lambda found: found["fall_back"])
    assert rules["order"].index("openai_dalle") < rules["order"].index("pollinations")
    assert rules["disabled"] == ["openai_dalle"]
    assert (rules["prices"], rules["budgets"]["book"], rules["budgets"]["site_day"]) == (
        {"pollinations": "0.03"},
        "2.5",
        "5",
    )
    await ada.context.request.put("/api/v1/picture-rules", data={})


async def test_failures_spending_and_refused_passages(lived_in: House) -> None:
    ada = await lived_in.enter()
    page = await _open(ada, "/services")
    await expect(page.get_by_role("region", name="Pictures that failed")).to_contain_text("took too long")
    refused = page.get_by_role("region", name="Refused passages")
    await expect(refused).to_contain_text("OpenAI refused.")
    await expect(page.locator("main")).not_to_contain_text("private passage")
    spending = page.get_by_role("region", name="Spending")
    await expect(spending.get_by_role("img")).to_be_visible()
    await spending.get_by_role("button", name="Pollinations").click()
    await expect(spending.get_by_role("button", name="Pollinations")).to_have_attribute("aria-pressed", "true")
    assert await spending.get_by_role("img").locator("rect").count() == 15


async def test_the_services_by_keyboard_alone(house: House) -> None:
    ada = await house.enter()
    page = await _open(ada, "/services")
    await page.get_by_role("button", name="Test Offline plates").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Ask for it")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Offline plates: works. A picture of")).to_be_visible()
    await expect(page.get_by_role("button", name="Close")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Test Offline plates")).to_be_focused()
    await page.get_by_role("button", name="Move Midjourney up").focus()
    for _ in range(2):
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Saved. It holds from the next picture on.")).to_be_visible()
        await expect(page.get_by_role("button", name="Move Midjourney up")).to_be_focused()
    await page.get_by_role("button", name="Change the price of OpenAI").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Price of a picture by OpenAI, in dollars")).to_be_focused()
    await ada.context.request.put("/api/v1/picture-rules", data={})


# --- settings ---------------------------------------------------------------------------------------------------------


async def test_settings_show_where_they_come_from_and_no_secret(house: House) -> None:
    ada = await house.enter()
    page = await _open(ada, "/settings")
    given = page.get_by_role("region", name="Set in the environment")
    await expect(given.locator("div").filter(has_text="BOOKREADER_PLATES_PER_BOOK").first).to_contain_text("2")
    await expect(given.locator("dl > div").filter(has_text="BOOKREADER_OPENAI_KEY")).to_contain_text("set, not shown")
    await expect(page.get_by_role("region", name="As they come")).to_contain_text("BOOKREADER_IDLE_MINUTES")
    assert openai_images.KEY not in await page.content()


# --- everyone can use it ----------------------------------------------------------------------------------------------


@each_size
async def test_axe_finds_nothing(lived_in: House, size: ViewportSize) -> None:
    ada = await lived_in.enter(viewport=size, reduced_motion="reduce")
    for section in SECTIONS:
        page = await _open(ada, section)
        assert await findings(page) == [], section
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), section


async def test_everything_is_said_in_russian(lived_in: House) -> None:
    ada = await lived_in.enter()
    await ada.context.request.patch("/api/v1/me", data={"locale": "ru"})
    try:
        for section in SECTIONS:
            await ada.page.goto(f"/administration{section}")
            await expect(ada.page.get_by_role("heading", level=1)).to_have_text(re.compile("[а-яё]"))
            await ada.page.wait_for_load_state("networkidle")
            for text in await ada.page.locator("main :is(h1, h2, button, th, label)").all_inner_texts():
                words = re.sub(r"Pollinations|OpenAI|Stable Diffusion|Midjourney|\$|USD", "", text)
                assert not re.search("[A-Za-z]{3,}", words), text
    finally:
        await ada.context.request.patch("/api/v1/me", data={"locale": "en"})
