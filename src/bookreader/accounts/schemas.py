"""Accounts on the wire."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from bookreader.wire import Wire

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")


def _email(value: str) -> str:
    value = value.strip()
    if not ADDRESS.fullmatch(value):
        raise ValueError("this is not an e-mail address")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("this time zone is not known; names look like Europe/Berlin")
    return ZoneInfo(value).key


Email = Annotated[str, Field(max_length=255), AfterValidator(_email)]
Password = Annotated[str, Field(min_length=8, max_length=1024)]
Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
Locale = Literal["en", "ru"]


class Registration(Wire):
    email: Email
    password: Password
    full_name: Annotated[str | None, Field(max_length=255)] = None
    locale: Locale = "en"
    time_zone: Zone = "UTC"


class Credentials(Wire):
    email: Annotated[str, Field(max_length=255)]
    password: Annotated[str, Field(max_length=1024)]


class NewPassword(Wire):
    token: Annotated[str, Field(max_length=200)]
    password: Password


class Me(Wire):
    """The signed-in person."""

    id: UUID
    email: str
    full_name: str | None
    is_admin: bool
    plan: Literal["FREE", "PREMIUM", "ULTIMATE"]
    locale: str
    time_zone: str
    created_at: datetime


class MeChange(Wire):
    full_name: Annotated[str | None, Field(max_length=255)] = None
    locale: Locale | None = None
    time_zone: Zone | None = None
    password: Password | None = None
    current_password: Annotated[str | None, Field(max_length=1024)] = None


class Token(Wire):
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewToken(Wire):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int | None, Field(ge=1, le=3650)] = None


class CreatedToken(Token):
    secret: str
    """Shown this once."""


class Site(Wire):
    """What anyone may know about this installation."""

    version: str
    registration: Literal["first", "open", "closed"]
    upload_limit: int
