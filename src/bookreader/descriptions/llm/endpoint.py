"""Any OpenAI-compatible chat endpoint: POST {url}/chat/completions.

Endpoints differ in what they take. What one refuses by name (a schema, a temperature, the older name of the limit) is
left away and asked for again; whatever the answer's form is promised to be, it is read as if it were not.
"""

import json
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from bookreader.descriptions.llm.contract import SCHEMA
from bookreader.errors import BookReaderError
from bookreader.outside import (
    AddressRefused,
    Call,
    Outside,
    OutsideBroken,
    OutsideTimeout,
    OutsideTooLarge,
    OutsideUnreachable,
    Reply,
)
from bookreader.replies import Outcome, full_stop, json_of, member, outcome_of, short, wait_of, words
from bookreader.settings import Settings

LARGEST = 2_000_000
"""Bytes of an answer."""
SMALLEST_PRICE = Decimal("0.0001")
UNSEEN = 200
"""Tokens that an endpoint may add around messages."""
NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
REFUSALS = ("content_filter", "content_policy_violation", "moderation_blocked")
TYPICAL = 4
"""Bytes of a token, about: letters that are no English ones take two bytes and are more to a token."""
MOST_TOKENS = 10**7
"""Of one call; a number beyond is none that can be believed."""

Form = Literal["json_schema", "json_object", "text"]


@dataclass(frozen=True)
class Prices:
    """US dollars for a million tokens."""

    read: Decimal
    written: Decimal

    def of(self, read: int, written: int) -> Decimal:
        """Rounded up to what the ledger holds."""
        exact = (self.read * read + self.written * written) / 1_000_000
        return exact.quantize(SMALLEST_PRICE, ROUND_UP)


@dataclass(frozen=True)
class Said:
    """What came of one call. `price`: US dollars that it cost, or may have cost where nothing tells.

    `sentence` tells a person what happened and what to do; `retry_after` in seconds.
    """

    outcome: Outcome
    price: Decimal
    content: str = ""
    sentence: str = ""
    retry_after: float = 0


@dataclass
class Endpoint:
    """A model at an address. `seconds` of a call, `tokens` of an answer; the rest is what it was found to take."""

    outside: Outside
    url: str
    key: SecretStr | None
    model: str
    prices: Prices
    seconds: float
    tokens: int
    form: Form = field(default="json_schema", init=False)
    limit: str = field(default="max_tokens", init=False)
    cool: bool = field(default=True, init=False)

    @classmethod
    def from_settings(cls, settings: Settings, outside: Outside | None = None) -> Self | None:
        """None where it is not set up: address, model and both prices are needed."""
        read, written = settings.llm_input_price, settings.llm_output_price
        if not settings.llm_url or not settings.llm_model or read is None or written is None:
            return None
        outside = outside or Outside.from_settings(settings)
        prices, seconds = Prices(read, written), float(settings.llm_seconds)
        return cls(
            outside, settings.llm_url, settings.llm_key, settings.llm_model, prices, seconds, settings.llm_tokens
        )

    @property
    def engine(self) -> str:
        """What descriptions that it finds are marked with."""
        return f"llm:{self.model}"[:50]

    @property
    def host(self) -> str:
        """Whom the text is sent to."""
        return urlsplit(self.url).hostname or self.url

    def most(self, messages: list[dict[str, str]]) -> Decimal:
        """The most that a call may cost, in US dollars: no token is shorter than a byte, and answers are limited."""
        return self.prices.of(self._bytes(messages) + UNSEEN, self.tokens)

    def about(self, messages: list[dict[str, str]]) -> Decimal:
        """What a call usually costs: a guess, for showing."""
        return self.prices.of(self._bytes(messages) // TYPICAL, self.tokens // 4)

    async def ask(self, messages: list[dict[str, str]]) -> Said:
        """One answer. Raises nothing that an endpoint can cause."""
        while True:
            taken, most = self._taken, self.most(messages)
            reply = await self._send(messages, most)
            if isinstance(reply, Said):
                return reply
            if reply.status == 200:
                return self._heard(reply, most)
            if self._taken == taken and not self._gives_way(reply):
                return self._refused(reply)

    @property
    def _taken(self) -> tuple[Form, str, bool]:
        """What it is known to take; another call may have found out more meanwhile."""
        return self.form, self.limit, self.cool

    def _bytes(self, messages: list[dict[str, str]]) -> int:
        return len(json.dumps(self._body(messages), ensure_ascii=False).encode())

    def _body(self, messages: list[dict[str, str]]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.model, "messages": messages, self.limit: self.tokens}
        if self.cool:
            body["temperature"] = 0
        if self.form == "json_schema":
            schema = {"name": "passages", "strict": True, "schema": SCHEMA}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self.form == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    async def _send(self, messages: list[dict[str, str]], most: Decimal) -> Reply | Said:
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {}
        url = f"{self.url.rstrip('/')}/chat/completions"
        call = Call("POST", url, headers, json=self._body(messages), seconds=self.seconds, largest=LARGEST)
        try:
            return await self.outside.send(call)
        except OutsideTimeout as error:
            return self._absent(Outcome.TIMEOUT, most, error)
        except (OutsideBroken, OutsideTooLarge) as error:
            return self._absent(Outcome.UNAVAILABLE, most, error)
        except OutsideUnreachable as error:
            return self._absent(Outcome.UNAVAILABLE, Decimal(0), error)
        except AddressRefused as error:
            return self._absent(Outcome.BAD_REQUEST, Decimal(0), error)

    def _absent(self, outcome: Outcome, price: Decimal, error: BookReaderError) -> Said:
        return Said(outcome, price, sentence=self._sentence(outcome, error.message))

    def _gives_way(self, reply: Reply) -> bool:
        """Whether something was refused that can be done without, so that asking once more makes sense."""
        if reply.status not in (400, 404, 415, 422):
            return False
        said = json_of(reply)
        named = f"{words(member(said, 'error', 'param'))} {_reason(said)}"
        if "max_completion_tokens" in named and self.limit == "max_tokens":
            self.limit = "max_completion_tokens"
        elif "temperature" in named and self.cool:
            self.cool = False
        elif self.form != "text" and any(word in named for word in ("response_format", "json_schema", "json_object")):
            self.form = "json_object" if self.form == "json_schema" else "text"
        else:
            return False
        return True

    def _refused(self, reply: Reply) -> Said:
        said = json_of(reply)
        code = words(member(said, "error", "code"))
        outcome = outcome_of(reply.status)
        if code in NO_CREDIT:
            outcome = Outcome.QUOTA
        elif code in REFUSALS:
            outcome = Outcome.MODERATED
        elif reply.status == 403:
            outcome = Outcome.AUTH
        reason = _reason(said) or f"it answered with the status {reply.status}"
        wait = wait_of(reply) if outcome is Outcome.RATE_LIMITED else 0
        return Said(outcome, Decimal(0), sentence=self._sentence(outcome, reason), retry_after=wait)

    def _heard(self, reply: Reply, most: Decimal) -> Said:
        said = json_of(reply)
        if member(said, "error"):
            reason = self._sentence(Outcome.UNAVAILABLE, _reason(said) or "it answered with an error")
            price = self._price(said, most) if member(said, "usage") else Decimal(0)
            return Said(Outcome.UNAVAILABLE, price, sentence=reason)
        listed = member(said, "choices")
        choice = listed[0] if isinstance(listed, list) and listed else None
        refused = member(choice, "finish_reason") == "content_filter" or words(member(choice, "message", "refusal"))
        outcome = Outcome.MODERATED if refused else Outcome.OK
        return Said(outcome, self._price(said, most), words(member(choice, "message", "content")))

    def _price(self, said: Any, most: Decimal) -> Decimal:
        """By the tokens that are told, also where an endpoint keeps to no limit; the most where none are told."""
        counts = [member(said, "usage", name) for name in ("prompt_tokens", "completion_tokens")]
        if not all(type(count) is int and 0 <= count < MOST_TOKENS for count in counts):
            return most
        return self.prices.of(*counts)

    def _sentence(self, outcome: Outcome, reason: str) -> str:
        name = f"The language model {self.model}"
        match outcome:
            case Outcome.AUTH:
                return f"{name} does not accept our key. An administrator has to set a valid one."
            case Outcome.QUOTA:
                return f"The credit for the language model {self.model} is used up. An administrator has to top it up."
            case Outcome.RATE_LIMITED:
                return f"{name} asks us to wait. It goes on by itself."
            case Outcome.TIMEOUT:
                return f"{name} took too long. What was found so far stays: try again later."
            case Outcome.UNAVAILABLE:
                return f"{name} does not work right now: {full_stop(short(reason))} Try again later."
        return f"{name} could not be used: {full_stop(short(reason))} An administrator checks its address and name."


def _reason(said: Any) -> str:
    error = member(said, "error")
    return words(error) or words(member(error, "message")) or words(member(said, "message"))
