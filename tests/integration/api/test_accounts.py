"""Registration, sign-in, tokens, and who may do what."""

from collections.abc import Callable

from bookreader.accounts.sign_in import COOKIE
from tests.integration.api.conftest import Api
from tests.integration.gates import gate, one_after_the_other

GOOD = {"email": "ada@example.org", "password": "correct horse"}


async def test_the_first_account_administers_and_the_second_does_not(visit: Callable[[], Api]) -> None:
    first, second = visit(), visit()
    assert (await first.get("site"))["registration"] == "first"
    assert (await first.post("auth/register", GOOD, 201))["is_admin"] is True
    assert (await first.get("site"))["registration"] == "open"
    answer = await second.post("auth/register", GOOD | {"email": "bob@example.org"}, 201)
    assert (answer["is_admin"], answer["plan"]) == (False, "ULTIMATE")


async def test_registration_signs_in_and_login_answers_as_me(visit: Callable[[], Api]) -> None:
    await (browser := visit()).post("auth/register", GOOD, 201)
    me = await browser.get("me")
    other = visit()
    assert await other.post("auth/login", GOOD) == me
    assert await other.get("me") == me


async def test_the_cookie_is_http_only_same_site_and_opaque(visit: Callable[[], Api]) -> None:
    browser = visit()
    answer = await browser.client.post("/api/v1/auth/register", json=GOOD)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "ada" not in cookie


async def test_an_old_cookie_is_worth_nothing_after_signing_out(reader: Api, visit: Callable[[], Api]) -> None:
    secret = reader.client.cookies[COOKIE]
    await reader.post("auth/logout", status=204)
    thief = visit()
    thief.client.cookies.set(COOKIE, secret)
    assert (await thief.get("me", 401))["code"] == "not_signed_in"


async def test_a_wrong_password_and_an_unknown_address_say_the_same(reader: Api, visit: Callable[[], Api]) -> None:
    wrong = await visit().post("auth/login", GOOD | {"password": "wrong horse"}, 401)
    unknown = await visit().post("auth/login", GOOD | {"email": "nobody@example.org"}, 401)
    assert wrong == unknown
    assert wrong["code"] == "wrong_credentials"


async def test_an_address_has_one_account_whatever_its_letters(reader: Api, visit: Callable[[], Api]) -> None:
    answer = await visit().post("auth/register", GOOD | {"email": "ADA@Example.org"}, 409)
    assert answer["code"] == "email_taken"


async def test_bad_registrations_are_refused_with_the_field(visit: Callable[[], Api]) -> None:
    answer = await visit().post("auth/register", {"email": "no address", "password": "short"}, 422)
    assert {item["field"] for item in answer["errors"]} == {"email", "password"}


async def test_a_token_speaks_for_its_person_until_it_is_removed(reader: Api, visit: Callable[[], Api]) -> None:
    token = await reader.post("tokens", {"name": "e-reader"}, 201)
    program = visit()
    program.client.headers["Authorization"] = f"Bearer {token['secret']}"
    assert (await program.get("me"))["email"] == reader.email
    assert token["secret"] not in str(await reader.get("tokens"))
    await reader.delete(f"tokens/{token['id']}")
    assert (await program.get("me", 401))["code"] == "bad_token"


async def test_another_site_cannot_act_with_the_cookie(reader: Api) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = await reader.client.post("/api/v1/tokens", json={"name": "x"}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "bad_origin"
    own = await reader.client.post("/api/v1/tokens", json={"name": "x"}, headers={"Origin": "http://reader.test"})
    assert own.status_code == 201


async def test_a_new_password_ends_the_other_sign_ins(reader: Api, visit: Callable[[], Api]) -> None:
    other = visit()
    await other.post("auth/login", GOOD)
    wrong = await reader.patch("me", {"password": "battery staple", "current_password": "no"}, 422)
    assert wrong["code"] == "wrong_password"
    await reader.patch("me", {"password": "battery staple", "current_password": GOOD["password"]})
    await reader.get("me")
    await other.get("me", 401)
    await other.post("auth/login", GOOD | {"password": "battery staple"})


async def test_time_zone_and_locale_are_checked(reader: Api) -> None:
    changed = await reader.patch("me", {"time_zone": "Europe/Moscow", "locale": "ru"})
    assert (changed["time_zone"], changed["locale"]) == ("Europe/Moscow", "ru")
    await reader.patch("me", {"time_zone": "Mars/Olympus"}, 422)


PERSON = "SELECT FROM users FOR NO KEY UPDATE"
NEW = {"password": "battery staple", "current_password": GOOD["password"]}


async def test_an_old_password_signs_nobody_in_while_it_is_changed(
    reader: Api, visit: Callable[[], Api], database_url: str
) -> None:
    thief = visit()
    async with gate(database_url, PERSON) as held:
        login = thief.post("auth/login", GOOD, 401)
        _, refused = await one_after_the_other(held, reader.patch("me", NEW), login)
    assert refused["code"] == "wrong_credentials"
    await thief.get("me", 401)


async def test_a_sign_in_that_comes_before_a_new_password_ends_with_it(
    reader: Api, visit: Callable[[], Api], database_url: str
) -> None:
    other = visit()
    async with gate(database_url, PERSON) as held:
        await one_after_the_other(held, other.post("auth/login", GOOD), reader.patch("me", NEW))
    await other.get("me", 401)
    await reader.get("me")


async def test_of_two_who_change_a_password_at_once_the_second_does_not_know_it_any_more(
    reader: Api, visit: Callable[[], Api], database_url: str
) -> None:
    thief = visit()
    await thief.post("auth/login", GOOD)
    async with gate(database_url, PERSON) as held:
        theirs = thief.patch("me", NEW | {"password": "stolen horse"}, 422)
        _, refused = await one_after_the_other(held, reader.patch("me", NEW), theirs)
    assert refused["code"] == "wrong_password"
    await visit().post("auth/login", GOOD | {"password": NEW["password"]})
