"""The environment, read and checked once.

Every variable is optional in development. What a deployment must set is checked here, so that a
mistake is one sentence at start-up and not a failure at the first request.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devora_admin.config.email_url import MailServer, mail_server, mailbox

BASE_DIR = Path(__file__).resolve().parents[2]
KEY_BYTES = 32
_LOCAL_BYTES = {"SECRET_KEY": 48, "SECRETS_KEYS": KEY_BYTES}
READ_PREFERENCES = (
    "primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest",
)  # fmt: skip
EMBEDDING_PROVIDERS = ("minilm", "openai", "none")
MAX_DIMS = 4000  # of what pgvector indexes in half precision
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class BadEnvironment(Exception):
    """A variable cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    mongo_url: str | None
    """None: the embedded MongoDB is meant."""
    db_name: str
    memory_enabled: bool
    memory_database_url: str | None
    secret_key: str
    secrets_keys: tuple[bytes, ...]
    """32 bytes each: the first encrypts, all decrypt."""
    allowed_hosts: tuple[str, ...]
    local_only: bool
    """True while only this machine can be addressed: cookies may then travel over plain HTTP."""
    time_zone: str
    data_dir: Path
    debug: bool
    platform_url: str = ""
    """Where customers sign in, without a slash at the end; "" when it was not told."""
    public_url: str = ""
    """Where this dashboard is reached from outside, as `platform_url`: links in e-mails."""
    email_url: MailServer | None = field(default=None, repr=False)
    """None: e-mails are printed on this machine alone, and not sent from any other."""
    support_email: str = ""
    """From whom customers get e-mails, with or without a name."""
    support_reply_to: str = ""
    analytics_read_preference: str = "primary"
    """Of which members of the replica set charts are read, as MongoDB names it."""
    clickhouse_url: str = field(default="", repr=False)
    """Where events go as they come, with user, password and database; "" for nowhere."""
    metrics_token: str = ""
    """What a collector of metrics shows to be let in; "" lets in signed-in staff alone."""
    embedding_provider: str = "minilm"
    """What finds by meaning: minilm (here, from a package's weights), openai or none."""
    embedding_url: str = ""
    """Where the API in OpenAI's format begins, such as https://api.openai.com/v1."""
    embedding_model: str = ""
    """Its name there; a revision of our own may follow an @."""
    embedding_api_key: str = field(default="", repr=False)
    embedding_dims: int = 0


def _flag(values: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = values.get(name, "").strip().lower()
    if text in ("", "1", "true", "yes", "on"):
        return True if text else default
    if text in ("0", "false", "no", "off"):
        return False
    raise BadEnvironment(f"{name} must be 1 or 0, not {text!r}.")


def _words(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in values.get(name, "").split(",") if word.strip())


def _local_key(data_dir: Path, name: str, *, size: int) -> str:
    """A key of a development machine: made once, readable by its owner only."""
    path = data_dir / name
    if path.exists() and (key := path.read_text().strip()):
        return key
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Whole before it has its name: whoever is killed here must not leave an empty key behind.
    with NamedTemporaryFile("w", dir=data_dir, prefix=f".{name}-") as file:  # of mode 0600
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(size)).decode())
        file.flush()
        if path.exists() and not path.read_text():
            path.unlink()  # of a run that was killed as it wrote
        with suppress(FileExistsError):
            os.link(file.name, path)
    return path.read_text().strip()


def _required(values: Mapping[str, str], name: str, *, data_dir: Path, local_only: bool) -> str:
    """What a deployment must set and a development machine makes for itself."""
    if given := values.get(name, "").strip():
        return given
    if not local_only:
        raise BadEnvironment(f"Set {name}: ALLOWED_HOSTS opens this server to others.")
    try:
        return _local_key(data_dir, name.lower(), size=_LOCAL_BYTES[name])
    except OSError as error:
        raise BadEnvironment(
            f"The data folder {data_dir} is not writable ({error.strerror}): "
            "set DEVORA_DATA_DIR to one that is."
        ) from error


def _encryption_keys(text: str) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for number, word in enumerate(filter(None, map(str.strip, text.split(","))), 1):
        try:
            key = base64.b64decode(word.translate(str.maketrans("-_", "+/")), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise BadEnvironment(
                f"SECRETS_KEYS: key {number} is not {KEY_BYTES} bytes as base64. "
                "Make one with: openssl rand -base64 32"
            )
        if key in found:
            raise BadEnvironment(f"SECRETS_KEYS: key {number} is there twice.")
        found.append(key)
    if not found:
        raise BadEnvironment("SECRETS_KEYS holds no key. Make one with: openssl rand -base64 32")
    return tuple(found)


def _address(name: str, text: str, *, example: str) -> str:
    text = text.strip().rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query):
        shown = "" if "@" in text else f" {text!r}"  # it may hold a password
        raise BadEnvironment(f"{name}{shown} is no address such as {example}")
    return text


def _read_preference(values: Mapping[str, str]) -> str:
    told = values.get("ANALYTICS_READ_PREFERENCE", "").strip() or READ_PREFERENCES[0]
    if told not in READ_PREFERENCES:
        known = ", ".join(READ_PREFERENCES)
        raise BadEnvironment(f"ANALYTICS_READ_PREFERENCE must be one of {known}, not {told!r}.")
    return told


def _embedding(values: Mapping[str, str]) -> dict[str, Any]:
    provider = values.get("EMBEDDING_PROVIDER", "").strip().lower() or "minilm"
    if provider not in EMBEDDING_PROVIDERS:
        known = ", ".join(EMBEDDING_PROVIDERS)
        raise BadEnvironment(f"EMBEDDING_PROVIDER must be one of {known}, not {provider!r}.")
    dims = values.get("EMBEDDING_DIMS", "").strip()
    if dims and not (dims.isascii() and dims.isdigit() and 0 < int(dims) <= MAX_DIMS):
        raise BadEnvironment(f"EMBEDDING_DIMS must be a number from 1 to {MAX_DIMS}, not {dims!r}.")
    found = {
        "embedding_url": _address(
            "EMBEDDING_URL", values.get("EMBEDDING_URL", ""), example="https://api.openai.com/v1"
        ),
        "embedding_model": values.get("EMBEDDING_MODEL", "").strip(),
        "embedding_dims": int(dims or 0),
    }
    missing = [name.upper() for name, value in found.items() if not value]
    if missing and (provider == "openai" or len(missing) < len(found)):
        raise BadEnvironment(
            f"Set {' and '.join(missing)} too: an endpoint in OpenAI's format needs an address,"
            " a model and the number of dimensions its vectors have."
        )
    key = values.get("EMBEDDING_API_KEY", "").strip()
    return {"embedding_provider": provider, "embedding_api_key": key, **found}


def _mail(values: Mapping[str, str]) -> dict[str, Any]:
    try:
        server = mail_server(values.get("EMAIL_URL", "").strip())
        found = {
            "support_email": mailbox("SUPPORT_EMAIL", values.get("SUPPORT_EMAIL", "")),
            "support_reply_to": mailbox("SUPPORT_REPLY_TO", values.get("SUPPORT_REPLY_TO", "")),
        }
    except ValueError as error:
        raise BadEnvironment(str(error)) from error
    if server and not found["support_email"]:
        raise BadEnvironment("Set SUPPORT_EMAIL too: the address that customers get e-mails from.")
    public_url = _address(
        "PUBLIC_URL", values.get("PUBLIC_URL", ""), example="https://admin.example.com"
    )
    return {"email_url": server, "public_url": public_url, **found}


def read(values: Mapping[str, str]) -> Environment:
    """Raises BadEnvironment with one sentence when a value cannot be used."""
    data_dir = Path(values.get("DEVORA_DATA_DIR") or BASE_DIR / "var").resolve()
    hosts = _words(values, "ALLOWED_HOSTS")
    local_only = not hosts or set(hosts) <= set(LOOPBACK_HOSTS)
    secret_key, keys = (
        _required(values, name, data_dir=data_dir, local_only=local_only)
        for name in ("SECRET_KEY", "SECRETS_KEYS")
    )
    time_zone = values.get("TIME_ZONE") or "UTC"
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadEnvironment(f"TIME_ZONE {time_zone!r} is not a known time zone.") from error
    return Environment(
        mongo_url=values.get("MONGO_URL") or None,
        db_name=values.get("DB_NAME") or "devora",
        memory_enabled=_flag(values, "MEMORY_ENABLED", default=True),
        memory_database_url=values.get("MEMORY_DATABASE_URL") or None,
        secret_key=secret_key,
        secrets_keys=_encryption_keys(keys),
        allowed_hosts=hosts or LOOPBACK_HOSTS,
        local_only=local_only,
        time_zone=time_zone,
        data_dir=data_dir,
        debug=_flag(values, "DEBUG", default=False),
        platform_url=_address(
            "PLATFORM_URL", values.get("PLATFORM_URL", ""), example="https://app.example.com"
        ),
        analytics_read_preference=_read_preference(values),
        clickhouse_url=_address(
            "CLICKHOUSE_URL",
            values.get("CLICKHOUSE_URL", ""),
            example="https://user:password@clickhouse.example.com:8443/devora",
        ),
        metrics_token=values.get("METRICS_TOKEN", "").strip(),
        **_mail(values),
        **_embedding(values),
    )


@cache
def environment() -> Environment:
    return read(os.environ)
