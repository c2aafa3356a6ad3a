"""Calls to other people's servers: which addresses, how much, how long, and what goes along."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from bookreader.outside import (
    AddressRefused,
    Call,
    Outside,
    OutsideTimeout,
    OutsideTooLarge,
    OutsideUnreachable,
    is_public,
)
from tests.integration.illustrations.fakes.server import HANG, Asked, FakeServer, Said, huge, redirect, truncated


def _contract(asked: Asked) -> Said:
    return Said(200, b"hello", {"Content-Type": "text/plain; charset=utf-8"})


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer(_contract) as started:
        yield started


class Names:
    """A resolver for names that do not exist; `asked` counts the look-ups."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): found for name, found in addresses.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.addresses.get(host, [host])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0",  # noqa: S104 - compared, not listened on
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.7", "198.18.0.1",
        "::", "::1", "fe80::1", "fc00::1", "fd12::3", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2002:a00:1::1", "2001:0:53aa:64c:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_private_addresses_in_every_disguise(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://0.0.0.0:{port}/", "http://[::1]:{port}/",
        "http://2130706433:{port}/", "http://0x7f.1:{port}/", "http://127.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    ],
)  # fmt: skip
async def test_loopback_is_not_called_however_it_is_written(url: str, server: FakeServer) -> None:
    port = server.host.partition(":")[2]
    names = Names(
        **{"2130706433": ["127.0.0.1"], "0x7f_1": ["127.0.0.1"], "127_1": ["127.0.0.1"], "localhost": ["::1"]}
    )
    with pytest.raises(AddressRefused):
        await Outside(resolve=names).send(Call("GET", url.format(port=port)))
    assert not server.asked


async def test_the_sentence_says_what_to_set(server: FakeServer) -> None:
    with pytest.raises(AddressRefused) as refused:
        await Outside().send(Call("GET", server.url))
    assert "BOOKREADER_PRIVATE_HOSTS" in refused.value.message
    assert server.host in refused.value.message


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/x", "file:///etc/passwd", "//example.org", "http://", "gopher://a", "http://a:b@example.org/"],
)
async def test_only_plain_web_addresses_are_called(url: str) -> None:
    with pytest.raises(AddressRefused):
        await Outside().send(Call("GET", url))


async def test_an_allowed_host_is_called(server: FakeServer) -> None:
    for allowed in (server.host, "127.0.0.1"):
        reply = await Outside(frozenset({allowed})).send(Call("GET", f"{server.url}/a?b=c"))
        assert (reply.status, reply.body, reply.media_type) == (200, b"hello", "text/plain")
    assert server.asked[0].path == "/a"
    assert server.asked[0].headers["host"] == server.host


async def test_another_port_of_an_allowed_host_is_not(server: FakeServer) -> None:
    with pytest.raises(AddressRefused):
        await Outside(frozenset({"127.0.0.1:1"})).send(Call("GET", server.url))


async def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_connected_to(server: FakeServer) -> None:
    port = server.host.partition(":")[2]
    names = Names(pictures_test=["127.0.0.1"])
    outside = Outside(frozenset({"pictures.test"}), resolve=names)
    await outside.send(Call("GET", f"http://pictures.test:{port}/"))
    assert names.asked == ["pictures.test"]
    assert server.asked[0].headers["host"] == f"pictures.test:{port}"


async def test_a_name_that_also_leads_inside_is_refused(server: FakeServer) -> None:
    names = Names(mixed_test=["1.1.1.1", "127.0.0.1"])
    with pytest.raises(AddressRefused):
        await Outside(resolve=names).send(Call("GET", "http://mixed.test/"))


async def test_every_hop_is_checked(server: FakeServer) -> None:
    async with FakeServer(_contract) as inner:
        server.troubles.append(redirect(f"{inner.url}/secret"))
        with pytest.raises(AddressRefused):
            await Outside(frozenset({server.host})).send(Call("GET", server.url, redirects=3))
        assert not inner.asked


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://[::1]/"])
async def test_a_redirect_into_a_private_network_is_not_followed(to: str, server: FakeServer) -> None:
    server.troubles.append(redirect(to))
    with pytest.raises(AddressRefused):
        await Outside(frozenset({server.host})).send(Call("GET", server.url, redirects=3))


async def test_a_redirect_to_another_host_carries_no_headers(server: FakeServer) -> None:
    async with FakeServer(_contract) as other:
        server.troubles.append(redirect(f"{other.url}/there"))
        outside = Outside(frozenset({server.host, other.host}))
        await outside.send(Call("GET", server.url, {"Authorization": "Bearer key"}, redirects=3))
        assert server.asked[0].headers["authorization"] == "Bearer key"
        assert "authorization" not in other.asked[0].headers


async def test_a_redirect_within_the_host_keeps_the_headers(server: FakeServer) -> None:
    server.troubles.append(redirect("/there"))
    outside = Outside(frozenset({server.host}))
    reply = await outside.send(Call("GET", f"{server.url}/here", {"Authorization": "Bearer key"}, redirects=3))
    assert server.asked[1].headers["authorization"] == "Bearer key"
    assert reply.url == f"{server.url}/there"


async def test_redirects_end(server: FakeServer) -> None:
    server.troubles.extend(redirect("/again") for _ in range(9))
    with pytest.raises(OutsideUnreachable):
        await Outside(frozenset({server.host})).send(Call("GET", server.url, redirects=3))
    assert len(server.asked) == 4


async def test_what_was_posted_is_not_sent_on(server: FakeServer) -> None:
    server.troubles.append(redirect("/there", 307))
    reply = await Outside(frozenset({server.host})).send(Call("POST", server.url, json={"a": 1}, redirects=3))
    assert reply.status == 307
    assert len(server.asked) == 1


async def test_a_hang_ends_at_the_time_limit(server: FakeServer) -> None:
    server.troubles.append(HANG)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(OutsideTimeout):
        await Outside(frozenset({server.host})).send(Call("GET", server.url, seconds=0.2))
    assert asyncio.get_running_loop().time() - begun < 5


@pytest.mark.parametrize("told", [True, False])
async def test_a_huge_answer_is_dropped_early(told: bool, server: FakeServer) -> None:
    server.troubles.append(huge("image/png", told=told))
    with pytest.raises(OutsideTooLarge):
        await Outside(frozenset({server.host})).send(Call("GET", server.url, largest=1_000_000))
    assert server.megabytes_sent < 20


async def test_an_answer_that_breaks_off_is_an_error(server: FakeServer) -> None:
    server.troubles.append(truncated(b"x" * 1000, "image/png"))
    with pytest.raises(OutsideUnreachable):
        await Outside(frozenset({server.host})).send(Call("GET", server.url))


async def test_packed_bodies_are_neither_asked_for_nor_unpacked(server: FakeServer) -> None:
    server.troubles.append(Said(200, b"\x1f\x8b-not-really", {"Content-Encoding": "gzip"}))
    reply = await Outside(frozenset({server.host})).send(Call("GET", server.url))
    assert server.asked[0].headers["accept-encoding"] == "identity"
    assert reply.body == b"\x1f\x8b-not-really"


async def test_nobody_listens() -> None:
    async with FakeServer(_contract) as gone:
        host = gone.host
    with pytest.raises(OutsideUnreachable):
        await Outside(frozenset({host})).send(Call("GET", f"http://{host}/"))


async def test_a_proxy_in_the_environment_is_not_used(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    reply = await Outside(frozenset({server.host})).send(Call("GET", server.url))
    assert reply.status == 200
