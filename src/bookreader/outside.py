"""Calls to other people's servers: to checked addresses only, within limits of size and time, without secrets leaking.

A name is resolved once per hop, every address it has is checked, and the connection goes to the address that was
checked: what the name means a moment later does not matter (DNS rebinding). Redirects are followed by hand, so that
each hop is checked alike, and a hop to another host carries none of the caller's headers.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Literal, Self
from urllib.parse import urljoin

import httpx

from bookreader.errors import InvalidInput, Unavailable
from bookreader.settings import Settings

CONNECT_SECONDS = 10.0
REDIRECTS = (301, 302, 303, 307, 308)
EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""NAT64 (RFC 6052, RFC 8215): the last 32 bits are an IPv4 address."""

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]


class AddressRefused(InvalidInput):
    """The address is no http(s) address, or leads into a private network that the settings do not allow."""

    code = "address_refused"


class OutsideTimeout(Unavailable):
    code = "outside_timeout"


class OutsideUnreachable(Unavailable):
    code = "outside_unreachable"


class OutsideBroken(OutsideUnreachable):
    """It was reached, and may have done what it was asked."""

    code = "outside_broken"


class OutsideTooLarge(Unavailable):
    code = "outside_too_large"
    retryable = False


@dataclass(frozen=True)
class Reply:
    """What a server answered. Names of headers in lower case; `url` is the last hop's."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Call:
    """A request. `redirects`: how many hops a GET follows. `seconds` for all of it; `largest`: bytes of the answer."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    seconds: float = 60
    largest: int = 1_000_000
    redirects: int = 0


class Outside:
    """The only way out. `private_hosts` are the `host` or `host:port` of private networks that may be called."""

    def __init__(self, private_hosts: frozenset[str] = frozenset(), *, resolve: Resolve | None = None) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve or _resolve

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        listed = (settings.private_hosts or "").lower().split(",")
        return cls(frozenset(host.strip() for host in listed if host.strip()))

    async def send(self, call: Call) -> Reply:
        """The answer, whatever its status.

        Raises AddressRefused, OutsideTimeout, OutsideUnreachable, OutsideBroken, OutsideTooLarge.
        """
        try:
            async with asyncio.timeout(call.seconds):
                return await self._follow(call)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise OutsideTimeout(f"{_host(call.url)} did not answer in {call.seconds:.0f} seconds.") from error
        except httpx.ConnectError as error:
            raise OutsideUnreachable(f"{_host(call.url)} cannot be reached.") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise OutsideBroken(f"{_host(call.url)} broke off its answer.") from error

    async def _follow(self, call: Call) -> Reply:
        url, headers = _parsed(call.url), dict(call.headers)
        for _ in range(call.redirects + 1):
            reply = await self._hop(url, headers, call)
            location = reply.headers.get("location")
            if reply.status not in REDIRECTS or not location or not call.redirects or call.method != "GET":
                return reply
            following = _parsed(urljoin(str(url), location))
            if _origin(following) != _origin(url):
                headers = {}
            url = following
        raise OutsideUnreachable(f"{_host(call.url)} sends us from address to address without end.")

    async def _hop(self, url: httpx.URL, headers: Mapping[str, str], call: Call) -> Reply:
        address = await self._checked(url)
        async with httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=_timeouts(call.seconds)) as client:
            request = client.build_request(
                call.method,
                url.copy_with(host=str(address)),
                headers={"Accept-Encoding": "identity"} | dict(headers) | {"Host": _host_header(url)},
                json=call.json,
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            )
            answer = await client.send(request, stream=True)
            try:
                body = await _body(answer, call.largest)
            finally:
                await answer.aclose()
        return Reply(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, body, str(url)
        )

    async def _checked(self, url: httpx.URL) -> Address:
        """The address to connect to. Every address of the name must be allowed, so that none is left to chance."""
        host, port = url.raw_host.decode("ascii").lower(), url.port or (443 if url.scheme == "https" else 80)
        try:
            found = [ip_address(text) for text in await self._resolve(host, port)]
        except OSError as error:
            raise OutsideUnreachable(f"There is no server by the name {host}.") from error
        if not found:
            raise OutsideUnreachable(f"There is no server by the name {host}.")
        if not self._private_hosts & {host, f"{host}:{port}"}:
            for address in found:
                _refuse_private(address, host, port)
        return found[0]


def _refuse_private(address: Address, host: str, port: int) -> None:
    if not is_public(address):
        raise AddressRefused(
            f"{host} leads into a private network and is not called. "
            f"If it is meant, an administrator adds {host}:{port} to BOOKREADER_PRIVATE_HOSTS."
        )


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also by the IPv4 address that it may carry inside."""
    if isinstance(address, IPv6Address):
        inside = _inside(address)
        if inside is not None:
            return is_public(inside)
        if address.teredo is not None or address.scope_id is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in EMBEDDING) or int(address) >> 32 == 0:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


async def _resolve(host: str, port: int) -> list[str]:
    with suppress(ValueError):
        return [str(ip_address(host))]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AddressRefused("This is not a web address.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressRefused("Only http and https addresses are called.")
    if parsed.userinfo:
        raise AddressRefused("A web address with a user name or password in it is not called.")
    return parsed


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _host(url: str) -> str:
    return httpx.URL(url).host


def _host_header(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")


def _timeouts(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def _body(answer: httpx.Response, largest: int) -> bytes:
    """The raw bytes, at most `largest`. Packed bodies are not asked for and not unpacked: they could be bombs."""
    if int(answer.headers.get("content-length") or 0) > largest:
        raise _too_large(largest)
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > largest:
            raise _too_large(largest)
    return bytes(body)


def _too_large(largest: int) -> OutsideTooLarge:
    return OutsideTooLarge(f"The answer is larger than the {largest / 1_000_000:.0f} MB that are accepted.")
