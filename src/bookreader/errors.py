"""The error tree. It knows nothing of HTTP: `api` maps it to statuses, `cli` to exit codes.

BookReaderError
├── InvalidInput         the caller can change what was sent
│   └── BookRefused      a file that cannot become a book
├── NotFound             it is not there, or not yours
├── Conflict             it is there already, or changed meanwhile
├── Forbidden            signed in, but not allowed
│   └── QuotaExceeded
├── NotSignedIn
├── TooManyRequests
└── Unavailable          a part that we need does not answer; a retry makes sense
"""

from typing import Any, ClassVar


class BookReaderError(Exception):
    """Something that a person or a program should be told about.

    `code` is stable and listed in docs/errors.md; `message` says what happened and what to do; `details`
    holds further members of the answer, such as the id of the book that is already there.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.stable_code = code or self.code
        self.details = details


class InvalidInput(BookReaderError):
    code = "invalid_input"


class BookRefused(InvalidInput):
    """A file that cannot become a book. Codes: unsupported_format, broken_archive, invalid_publication,
    protected, too_large, empty."""

    code = "invalid_publication"


class NotFound(BookReaderError):
    code = "not_found"


class Conflict(BookReaderError):
    code = "conflict"


class Forbidden(BookReaderError):
    code = "forbidden"


class QuotaExceeded(Forbidden):
    code = "quota_exceeded"


class NotSignedIn(BookReaderError):
    code = "not_signed_in"


class TooManyRequests(BookReaderError):
    code = "too_many_requests"
    retryable = True


class Unavailable(BookReaderError):
    code = "unavailable"
    retryable = True
