"""Settings: the environment's `FARSOW_*`, read once, at the top.

Each is described here, and docs/settings.md lists the same words: a test compares them.
An empty variable counts as not given; an unknown one is refused, because a mistyped
setting that is silently ignored is found on the day it was needed.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from service.kernel.errors import Invalid
from service.kernel.sealing import BadFieldKeys, FieldKey, read_field_keys

PREFIX = "FARSOW_"
NOT_OURS = ("FARSOW_TEST_",)  # read by the tests
SHORTEST_KEY_BYTES = 32
FEWEST_DIFFERENT_CHARACTERS = 10
DATABASES = ("sqlite", "postgresql", "postgres")
MAIL_SCHEMES = ("mailbox", "smtp", "smtps")
KEY_FILE = "suppression.key"  # in the data folder
SECRET = frozenset(
    {"database_url", "mail_url", "intake_url", "secret_key", "suppression_key", "field_keys", "statistics_keys"}
)


class BadSetting(Invalid):
    """A setting that cannot be used: one sentence each, naming the variable."""

    code = "bad-setting"


class Settings(BaseModel):
    """One installation's settings. Printing them shows no secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    demo: bool = Field(False, description="The sample project on this machine. `farsow demo` sets it; never set it.")
    database_url: str = Field(
        description="`sqlite:///folder/farsow.db`, or `postgresql://user:password@host/name` for several machines. "
        "When not given: a SQLite file in the data folder."
    )
    data_dir: Path = Field(
        description="The folder for files that the database does not hold. When not given: the SQLite file's folder, "
        "else `var`."
    )
    public_url: str = Field(
        description="The address guests use, such as `https://events.example.org`: links in letters begin with it, "
        "and requests for another host are refused. Required."
    )
    secret_key: str = Field(
        description="At least 32 random bytes; links and sessions are signed with it. A new one ends every link that "
        "was sent. Required, except by `farsow demo`, which makes its own."
    )
    suppression_key: str | None = Field(
        None,
        description="At least 32 random bytes; addresses not to be written to are remembered under it. Never change "
        "it: everyone who said stop would be forgotten. When not given: made once and kept in the data folder.",
    )
    field_keys: str | None = Field(
        None,
        description="The keys under which notes, phone numbers, needs and files of evidence are sealed, as "
        "`id:base64,id:base64`: 32 bytes each, the current one first. `farsow keys make` prints one. When not "
        "given: the key follows from `FARSOW_SECRET_KEY`.",
    )
    mail_url: str = Field(
        "mailbox:",
        description="Where letters are handed over: `smtp://user:password@host:587`, `smtps://user:password@host`, or "
        "`mailbox:`, which keeps them here to be looked at. STARTTLS is required unless `?starttls=never` is added; "
        "`?per_minute=300` limits the letters a minute. Several with spaces between: the next one is used while "
        "those before it are away or have had their number.",
    )
    mail_from: str = Field(
        description="The sender of letters, such as `Halden Trust <events@example.org>`. Required with a relay."
    )
    postal_address: str = Field(
        "", description="Your postal address, at the foot of each letter: some countries ask for it.", max_length=300
    )
    mail_connections: int = Field(8, ge=1, le=64, description="How many connections to the relay are used at once.")
    mail_domain_rates: str = Field(
        "",
        description="How many letters a minute go to a recipient's domain, such as `gmail.com=300 *=60`; `*` is every "
        "domain not named. It holds over all workers and relays. When not given: no limit.",
    )
    dkim_keys: str = Field(
        "",
        description="Keys that sign letters (DKIM), as `selector:file selector:file`; `farsow keys dkim` makes one. "
        "When not given: letters leave unsigned, for the relay to sign.",
    )
    dkim_domain: str = Field(
        "", description="The domain that signs letters. When not given: the one of `FARSOW_MAIL_FROM`."
    )
    intake_address: str = Field(
        description="The mailbox that takes in mailed answers and returned letters; it must accept plus-addresses, "
        "such as `rsvp+abc@example.org`. Required with a relay."
    )
    intake_url: str = Field(
        "",
        description="The mailbox of the intake address, read by the worker: `imaps://user:password@host`, a folder as "
        "its path, or `imap://…`, where STARTTLS is required unless `?starttls=never` is added. With `?then=delete` "
        "messages are deleted there once they are taken in. When not given: mail comes in by `farsow intake` or HTTP.",
    )
    statistics_hosts: str = Field(
        "",
        description="Hosts of your own that count views and downloads and may be asked for them, with spaces between, "
        "such as `stats.example.org zenodo.org`. DataCite, OpenAlex, Crossref and plausible.io need not be named.",
    )
    statistics_keys: str = Field(
        "",
        description="Keys for hosts that count and want one, as `host=key host=key`: Matomo's token, Plausible's API "
        "key.",
    )
    import_megabytes: int = Field(200, ge=1, le=200, description="The largest file of people that is taken, in MB.")
    import_rows: int = Field(
        1_000_000, ge=1_000, le=1_000_000, description="The most rows that a file of people may have."
    )
    evidence_megabytes: int = Field(
        20, ge=1, le=100, description="The largest file of evidence that is kept beside a record, in MB."
    )
    undo_seconds: int = Field(
        60, ge=0, le=3600, description="How long an approved letter can be taken back before it leaves; 0 is at once."
    )
    four_eyes: bool = Field(
        False,
        description="Whether a letter must be sent by someone else than whoever wrote it; `false` lets its writer send "
        "it. Letters that follow from a change or an answer are not held up.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is worth a log line.")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError("must be sqlite:///folder/farsow.db or postgresql://user:password@host/name") from None
        if url.get_backend_name() not in DATABASES:
            raise ValueError("must name a SQLite or a PostgreSQL database")
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            raise ValueError("must name a file: the worker is a process of its own and reads it too")
        return value

    @field_validator("public_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as https://events.example.org")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("must end after the host and the port")
        return value.rstrip("/")

    @field_validator("secret_key", "suppression_key")
    @classmethod
    def _hard_to_guess(cls, value: str | None) -> str | None:
        if value is not None and len(value.encode()) < SHORTEST_KEY_BYTES:
            raise ValueError(f"must have at least {SHORTEST_KEY_BYTES} bytes")
        if value is not None and len(set(value)) < FEWEST_DIFFERENT_CHARACTERS:
            raise ValueError("must be random")
        return value

    @field_validator("field_keys")
    @classmethod
    def _readable_keys(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                read_field_keys(value)
            except BadFieldKeys as error:
                raise ValueError(error.sentence) from None
        return value

    @field_validator("mail_url")
    @classmethod
    def _known_relay(cls, value: str) -> str:
        schemes = [urlsplit(url).scheme for url in value.split()]
        if not schemes or not set(schemes) <= set(MAIL_SCHEMES) or ("mailbox" in schemes and len(schemes) > 1):
            raise ValueError("must be mailbox:, smtp://host or smtps://host")
        return value

    @field_validator("mail_domain_rates")
    @classmethod
    def _readable_rates(cls, value: str) -> str:
        _read_rates(value)
        return value

    @field_validator("statistics_keys")
    @classmethod
    def _keys_of_hosts(cls, value: str) -> str:
        _read_keys(value)
        return value

    @field_validator("mail_from", "intake_address")
    @classmethod
    def _one_address(cls, value: str) -> str:
        local, at, domain = parseaddr(value)[1].rpartition("@")
        if not (local and at and domain) or "\n" in value or "\r" in value:
            raise ValueError("must be an e-mail address")
        return value

    def secret_key_bytes(self) -> bytes:
        """Return the key that signs links and sessions."""
        return self.secret_key.encode()

    def suppression_key_bytes(self) -> bytes:
        """Return the key of the suppression list; made once, in the data folder, when none was given."""
        if self.suppression_key is not None:
            return self.suppression_key.encode()
        return _kept_key(self.data_folder() / KEY_FILE)

    def own_field_keys(self) -> tuple[FieldKey, ...]:
        """Return the keys of sealed cells that were given, the current one first."""
        return read_field_keys(self.field_keys) if self.field_keys else ()

    def dkim_files(self) -> dict[str, Path]:
        """Return the files of the keys that sign letters, by selector."""
        pairs = [part.partition(":") for part in self.dkim_keys.split()]
        return {selector: Path(file) for selector, _, file in pairs}

    def domain_rates(self) -> dict[str, int]:
        """Return how many letters a minute go to which domain."""
        return _read_rates(self.mail_domain_rates)

    def keys_of_statistics(self) -> dict[str, str]:
        """Return the keys of hosts that count, by host."""
        return _read_keys(self.statistics_keys)

    def data_folder(self) -> Path:
        """Return the data folder, made when missing."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return self.data_dir

    def environment(self) -> dict[str, str]:
        """Return these settings as variables for a child process, secrets in the clear."""
        given = self.model_dump(mode="json", exclude_none=True)
        return {PREFIX + name.upper(): str(value) for name, value in given.items()}

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, "…" if name in SECRET and value else value


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment.

    Raises:
        BadSetting: what is missing, unknown or unusable, a sentence each.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in environment.items()
        if name.startswith(PREFIX) and not name.startswith(NOT_OURS) and value.strip()
    }
    try:
        return Settings(**_with_defaults(given))
    except ValidationError as error:
        sentences = [_sentence(str(one["loc"][0]), one["type"], one["msg"]) for one in error.errors()]
        raise BadSetting("\n".join(sentences)) from None


def _with_defaults(given: dict[str, str]) -> dict[str, Any]:
    """Fill in what follows from another setting; what does not stays missing."""
    filled: dict[str, Any] = {"data_dir": _data_dir(given), **given}
    filled.setdefault("database_url", f"sqlite:///{filled['data_dir']}/farsow.db")
    if filled.get("mail_url", "mailbox:") == "mailbox:":
        # Letters stay here, so the sender may be an invented one.
        filled.setdefault("mail_from", "events@farsow.example.org")
        filled.setdefault("intake_address", "rsvp@farsow.example.org")
    return filled


def _data_dir(given: dict[str, str]) -> str:
    url = given.get("database_url", "")
    file = url.partition("?")[0].removeprefix("sqlite:///")
    return str(Path(file).parent) if url.startswith("sqlite:///") and file else "var"


def _read_rates(value: str) -> dict[str, int]:
    pairs = [part.rpartition("=") for part in value.split()]
    if not all(domain and rate.isascii() and rate.isdigit() and int(rate) for domain, _, rate in pairs):
        raise ValueError("must be such as gmail.com=300 *=60")
    return {domain.lower(): int(rate) for domain, _, rate in pairs}


def _read_keys(value: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in value.split()]
    if not all(host and key for host, _, key in pairs):
        raise ValueError("must be such as stats.example.org=key")
    return {host.lower(): key for host, _, key in pairs}


def _kept_key(path: Path) -> bytes:
    """Return the key in a file that only we may read, made when missing; of two makers one wins."""
    if not path.exists():
        handle, fresh = tempfile.mkstemp(dir=path.parent)  # which nobody else may read
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(SHORTEST_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        Path(fresh).unlink()
    return path.read_text().strip().encode()


def _sentence(field: str, kind: str, message: str) -> str:
    name = PREFIX + field.upper()
    if kind == "missing":
        hint = " Only `farsow demo` starts without it." if field == "secret_key" else ""
        return f"{name} is not set.{hint}"
    if kind == "extra_forbidden":
        near = get_close_matches(field, Settings.model_fields, n=1)
        return f"There is no setting {name}" + (f": is {PREFIX}{near[0].upper()} meant?" if near else ".")
    words = message.removeprefix("Value error, ").replace("Input should", "must").partition(", unable to parse")[0]
    return f"{name} {words}."
