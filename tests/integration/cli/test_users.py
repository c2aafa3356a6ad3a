"""`bookreader user`: accounts, one-time links and tokens."""

import pytest

from tests.integration.cli.conftest import Command

pytestmark = pytest.mark.processes


def test_an_account_is_made_once(command: Command, person: str) -> None:
    again = command("user", "add", person, "--password", "another horse")
    assert again.code == 2
    assert "There is an account" in again.err


def test_a_password_that_is_too_short_is_refused_in_one_sentence(command: Command) -> None:
    done = command("user", "add", "bob@example.org", "--password", "short")
    assert done.code == 2
    assert done.err.startswith("bookreader: password: ")


def test_the_password_can_be_typed(command: Command) -> None:
    done = command("user", "add", "bob@example.org", stdin="correct horse\ncorrect horse\n")
    assert done.code == 0, done.err


def test_a_reset_link_and_a_token_are_printed(command: Command, person: str) -> None:
    link, token = command("user", "reset", person).out, command("user", "token", person, "--name", "backup").out
    assert link.startswith("http://127.0.0.1:8000/reset#")
    assert len(token.strip()) >= 32
    unknown = command("user", "reset", "nobody@example.org")
    assert (unknown.code, unknown.out) == (2, "")
