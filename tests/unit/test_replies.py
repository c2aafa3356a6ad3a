"""What other people's servers reply, at its worst."""

import pytest

from bookreader.outside import Reply
from bookreader.replies import DEFAULT_WAIT, LONGEST_WAIT, wait_of, words


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7),
        ("-3", 1),
        ("inf", LONGEST_WAIT),
        ("nan", DEFAULT_WAIT),
        ("soon", DEFAULT_WAIT),
        ("", DEFAULT_WAIT),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", DEFAULT_WAIT),
    ],
)
def test_a_time_to_wait_is_within_reason(given: str, seconds: float) -> None:
    assert wait_of(Reply(429, {"retry-after": given}, b"", "https://service.test")) == seconds


@pytest.mark.parametrize(
    ("given", "kept"), [("fine", "fine"), ("a\0b", "ab"), ("a\ud800b", "ab"), (7, ""), (None, ""), (["a"], "")]
)
def test_words_can_be_stored_and_sent(given: object, kept: str) -> None:
    assert words(given) == kept
