"""The settings that hold, as an administrator may see them: no secret, no password inside an address."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from bookreader.admin.schemas import SettingShown
from bookreader.settings import Settings

PREFIX = str(Settings.model_config.get("env_prefix", ""))


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def show_settings(settings: Settings) -> list[SettingShown]:
    """Every setting in the order of the documentation."""
    return [_show(settings, name) for name in Settings.model_fields]


def _show(settings: Settings, name: str) -> SettingShown:
    field, value = Settings.model_fields[name], getattr(settings, name)
    secret = isinstance(value, SecretStr) or "SecretStr" in str(field.annotation)
    default = field.get_default(call_default_factory=True)
    return SettingShown(
        name=variable(name),
        value=None if secret else _text(value),
        hidden=secret and bool(value and value.get_secret_value()),
        default=None if secret else _text(default),
        source="environment" if name in settings.model_fields_set else "default",
        description=field.description or "",
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return bare_address(str(value))


def bare_address(text: str) -> str:
    """An address without what may be secret in it: the password, and all after `?`. Anything else as it is."""
    if "://" not in text:
        return text
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username if "@" in parts.netloc and parts.password is not None else None
    return urlunsplit((parts.scheme, f"{user}@{host}" if user else host, parts.path, "", ""))
