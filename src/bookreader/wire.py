"""What the domains share with the web without knowing it: the shapes on the wire and the signed-in person.

Workers load this and not the web's libraries.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""The database holds every character but one."""


class Wire(BaseModel):
    """Base of every shape on the wire: unknown members of a request are an error."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


@dataclass(frozen=True)
class Person:
    """Who is signed in, as accounts' middleware found it."""

    id: UUID
    email: str
    is_admin: bool
    locale: str
    time_zone: str
    sign_in: UUID | None
    """The browser's sign-in; null when a program uses a personal access token."""
