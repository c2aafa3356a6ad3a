"""No secret leaves the server with the settings that an administrator sees."""

import pytest
from pydantic import SecretStr

from bookreader.admin.show_settings import bare_address, show_settings
from bookreader.settings import Settings


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("postgresql+asyncpg://ada:hush@db.example:5433/books?ssl=1", "postgresql+asyncpg://ada@db.example:5433/books"),
        ("postgresql+asyncpg://ada:h@sh@db.example/books", "postgresql+asyncpg://ada@db.example/books"),
        ("https://token@gateway.example/v1?key=hush#x", "https://gateway.example/v1"),
        ("s3://shelf/books", "s3://shelf/books"),
        ("127.0.0.1:7860", "127.0.0.1:7860"),
    ],
)
def test_an_address_loses_what_may_be_secret(address: str, bare: str) -> None:
    assert bare_address(address) == bare


def test_every_setting_is_shown_and_no_secret() -> None:
    settings = Settings(
        openai_key=SecretStr("hush"), midjourney_key=SecretStr("hush"), database_url="postgresql://ada:hush@db/books"
    )
    shown = show_settings(settings)
    assert [each.name for each in shown] == [f"BOOKREADER_{name.upper()}" for name in Settings.model_fields]
    assert all("hush" not in each.model_dump_json() for each in shown)
    assert {each.name for each in shown if each.hidden} == {"BOOKREADER_OPENAI_KEY", "BOOKREADER_MIDJOURNEY_KEY"}
