"""The configuration: one TOML file, checked once, with errors that can be acted on.

Keys to the two products never stand in the file: it names the environment variable
or the file that holds them. Relative paths are relative to the file itself.
"""

import csv
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from connector.engine.change import digest
from connector.engine.policy import Limits, Policy, Verdict
from connector.errors import Misconfigured
from connector.providers.http import check_base_url, is_loopback
from mappings.canonical import Discount, exponent, fixed_major, percentage
from mappings.wire import Malformed, number

TOLT_URLS = {"v1": "https://api.tolt.com/v1", "v2": "https://platform.tolt.com/v2"}
TOLT_RATE = 25
"""Requests a second that Tolt documents for one key."""
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _base_url(url: str) -> str:
    if wrong := check_base_url(url):
        raise ValueError(wrong)
    return url.rstrip("/") + "/"


def _schedule(text: str) -> str:
    try:
        CronSim(SCHEDULES.get(text, text), _ANY_TIME)
    except CronSimError as error:
        raise ValueError(
            f"{text!r} is no cron expression ({error}); allowed are five cron fields "
            f"or {', '.join(SCHEDULES)}"
        ) from None
    return text


def _ping_url(url: str) -> str:
    """Check a URL that is called as it stands, query and all."""
    if wrong := check_base_url(url):
        raise ValueError(wrong)
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone; allowed are names like Europe/Berlin, and UTC"
        ) from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]


def _kind_and_amount(name: str) -> tuple[str, Decimal]:
    """Split "percentage:20"; ValueError where it is no discount."""
    kind, _, amount = name.partition(":")
    try:
        parsed = number(amount)
    except Malformed:
        parsed = None
    if parsed is None or kind not in ("percentage", "fixed"):
        raise ValueError(
            f'{name!r} is no discount; allowed are "percentage:20" and "fixed:25.00" '
            "(major units of the currency)"
        )
    return kind, parsed


def _mapped(name: str) -> str:
    _kind_and_amount(name)
    return name


class Secret(_Section):
    """Where a key is: in an environment variable or in a file."""

    env: str | None = None
    file: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        if isinstance(value, str):
            raise ValueError(  # noqa: TRY004 (pydantic wants ValueError)
                'a key in the file itself is refused; allowed are { env = "NAME" } and '
                '{ file = "PATH" }'
            )
        return value

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError('give either { env = "NAME" } or { file = "PATH" }')
        return self

    def read(self, folder: Path, where: str) -> str:
        """Return the key; Misconfigured where there is none."""
        if self.env is not None:
            found = os.environ.get(self.env, "").strip()
            if not found:
                raise Misconfigured(
                    f"{where}: the environment variable {self.env} is not set. "
                    f"Type: export {self.env}=..."
                )
            return _one_line(found, f"{where}: the environment variable {self.env}")
        path = folder / (self.file or "")
        try:
            found = path.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            told = getattr(error, "strerror", None) or "it is no text"
            raise Misconfigured(f"{where}: {path} cannot be read: {told}") from None
        return _one_line(found, f"{where}: {path}")


def _one_line(key: str, where: str) -> str:
    """Return a key that can be sent; Misconfigured where it cannot be one."""
    if not re.fullmatch(r"[!-~]+", key):
        raise Misconfigured(
            f"{where} holds no key; allowed is one line of ASCII without blanks"
        )
    return key


class PartneroSection(_Section):
    """The section [pairs.partnero]."""

    api_key: Secret
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.partnero.com/v1/"
    requests_per_second: float = Field(default=5, gt=0, le=10_000)


class ToltSection(_Section):
    """The section [pairs.tolt]."""

    api_key: Secret
    api_version: Literal["v1", "v2"] = "v2"
    base_url: Annotated[str, AfterValidator(_base_url)] = ""
    program_id: str = Field(min_length=1)
    requests_per_second: float = Field(default=20, gt=0, le=10_000)

    @model_validator(mode="before")
    @classmethod
    def _default_url(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        if isinstance(value, dict) and "base_url" not in value:
            version = value.get("api_version", "v2")
            url = TOLT_URLS.get(version, TOLT_URLS["v2"])
            return {**value, "base_url": url}
        return value


class PolicySection(_Section):
    """The section [pairs.policy]."""

    create: Verdict = "auto"
    update: Verdict = "auto"
    lossy: Verdict = "hold"
    payee: Verdict = "hold"
    replace: Literal["hold", "never"] = "hold"
    delete: Verdict = "hold"
    conflict: Literal["hold", "partnero", "tolt"] = "hold"
    conflicts: dict[
        Literal["code", "discount", "partner"], Literal["hold", "partnero", "tolt"]
    ] = Field(default_factory=dict)
    redemptions: Literal["report", "to-partnero", "to-tolt", "both"] = "report"
    redemptions_since: date | None = None
    commissions: bool = False
    create_partners: bool = False
    create_customers: bool = True


class LimitsSection(_Section):
    """The section [pairs.limits]."""

    creates: int = Field(default=100, ge=0)
    updates: int = Field(default=100, ge=0)
    deletes: int = Field(default=5, ge=0)
    share: Decimal = Field(default=Decimal("0.3"), ge=0, le=1)
    sentinel: str | None = None
    attempts: int = Field(default=3, ge=1)
    settle_seconds: float = Field(default=30, ge=0, le=600)

    @field_validator("share", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        return str(value) if isinstance(value, float) else value


class Months(_Section):
    """A duration that is counted: { months = 12 }."""

    hours: int | None = Field(default=None, ge=1)
    days: int | None = Field(default=None, ge=1)
    months: int | None = Field(default=None, ge=1)
    years: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_unit(self) -> "Months":
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("give one of hours, days, months or years")
        return self


class CouponsSection(_Section):
    """The section [pairs.coupons]."""

    duration: Literal["once", "lifetime"] | Months = "lifetime"
    map: dict[Annotated[str, AfterValidator(_mapped)], str] = Field(
        default_factory=dict
    )

    @property
    def canonical_duration(self) -> str:
        if isinstance(self.duration, str):
            return self.duration
        (unit, count), *_ = self.duration.model_dump(exclude_none=True).items()
        return f"{unit}:{count}"


class PartnersSection(_Section):
    """The section [pairs.partners]."""

    aliases: str | None = None


class WebhooksSection(_Section):
    """The section [pairs.webhooks]: the signing secrets of what may wake the pair."""

    partnero: Secret | None = None
    tolt: Secret | None = None


class PairSection(_Section):
    """The section [[pairs]]."""

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.-]+$")
    currency: str | None = None
    direction: Literal["both", "to-partnero", "to-tolt"] = "both"
    schedule: Annotated[str, AfterValidator(_schedule)] = "*/15 * * * *"
    timezone: Zone | None = None
    jitter: int = Field(default=5, ge=0, le=3600)
    full_read_every: str = Field(default="6h", pattern=r"^(0|[1-9]\d{0,5}[smhd])$")
    partnero: PartneroSection
    tolt: ToltSection
    policy: PolicySection = Field(default_factory=PolicySection)
    limits: LimitsSection = Field(default_factory=LimitsSection)
    coupons: CouponsSection = Field(default_factory=CouponsSection)
    partners: PartnersSection = Field(default_factory=PartnersSection)
    webhooks: WebhooksSection = Field(default_factory=WebhooksSection)

    @property
    def full_read_seconds(self) -> int:
        """The seconds between two full reads of ``run``; 0: every pass is one."""
        units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "0": 0}
        text = self.full_read_every
        return int(text[:-1] or 0) * units[text[-1]]

    @field_validator("currency")
    @classmethod
    def _has_exponent(cls, value: str | None) -> str | None:
        if value is not None:
            exponent(value.upper())
        return value.upper() if value else None


def _state_url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.strip("/") and ":memory:" not in rest:
        return url
    if scheme == "postgresql+psycopg" and rest:
        if find_spec("psycopg") is None:
            raise ValueError("it needs: pip install 'partnero-tolt[postgres]'")
        return url
    # The URL itself is not repeated: it may hold a password.
    raise ValueError(
        'allowed are "sqlite:///FILE" (relative to this file, or absolute with a '
        'fourth slash) and "postgresql+psycopg://USER@HOST/DATABASE"'
    )


class StateSection(_Section):
    """The section [state]."""

    url: Annotated[str, AfterValidator(_state_url)] = "sqlite:///connector.db"


class NotifySection(_Section):
    """The section [notify]."""

    heartbeat_url: Annotated[str, AfterValidator(_ping_url)] | None = None
    urls: list[str] = Field(default_factory=list)


class ServeSection(_Section):
    """The section [serve]: the web server of ``run``, off without an address."""

    listen: str | None = None
    token: Secret | None = None

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(f"//{self.listen}")
        return parts.hostname or "", parts.port or 0

    @model_validator(mode="after")
    def _guarded(self) -> "ServeSection":
        if self.listen is None:
            return self
        try:
            host, port = self.address
        except ValueError:
            host, port = "", 0
        if not host or not port:
            raise ValueError('listen is HOST:PORT, for example "127.0.0.1:9464"')
        if not is_loopback(host) and self.token is None:
            raise ValueError(
                f"listening on {host} needs token = {{ env = ... }}: beyond this "
                "machine nobody may look without one"
            )
        return self


class File(_Section):
    """The whole file."""

    timezone: Zone = "UTC"
    state: StateSection = Field(default_factory=StateSection)
    pairs: list[PairSection] = Field(min_length=1)
    notify: NotifySection = Field(default_factory=NotifySection)
    serve: ServeSection = Field(default_factory=ServeSection)

    @model_validator(mode="after")
    def _distinct(self) -> "File":
        names = [pair.name for pair in self.pairs]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two pairs are named {', '.join(sorted(twice))}")
        return self


@dataclass(frozen=True, slots=True)
class Config:
    """The checked file and where it lies."""

    path: Path
    file: File

    @property
    def folder(self) -> Path:
        return self.path.resolve().parent

    @property
    def state_url(self) -> str:
        """The state's URL, a relative file made absolute against this file."""
        url = self.file.state.url
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return f"{prefix}{self.folder / url.removeprefix(prefix)}"
        return url

    def pair(self, name: str) -> PairSection:
        """Return a pair by name; Misconfigured where there is none of it."""
        for pair in self.file.pairs:
            if pair.name == name:
                return pair
        names = [pair.name for pair in self.file.pairs]
        raise Misconfigured(
            f"{self.path}: there is no pair {name!r}{_nearest(name, names)}; "
            f"there are: {', '.join(names)}"
        )


def load(path: Path) -> Config:
    """Read and check the file; Misconfigured with every problem in it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured(
            f"{path} does not exist. Write one with: partnero-tolt --config {path} init"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from None
    try:
        return Config(path, File.model_validate(raw))
    except ValidationError as error:
        problems = "\n".join(f"  {line}" for line in _problems(error))
        raise Misconfigured(f"{path}:\n{problems}") from None


def policy_of(pair: PairSection) -> Policy:
    """Return the pair's permissions in the engine's words."""
    stated = pair.policy
    limits = pair.limits
    return Policy(
        direction=pair.direction,
        create=stated.create,
        update=stated.update,
        lossy=stated.lossy,
        payee=stated.payee,
        replace=stated.replace,
        delete=stated.delete,
        conflict=stated.conflict,
        conflicts={str(name): side for name, side in stated.conflicts.items()},
        create_partners=stated.create_partners,
        redemptions=stated.redemptions,
        redemptions_stated="redemptions" in stated.model_fields_set,
        redemptions_since=str(stated.redemptions_since or ""),
        commissions=stated.commissions,
        create_customers=stated.create_customers,
        duration=pair.coupons.canonical_duration,
        coupons=dict(_coupon_map(pair)),
        limits=Limits(
            creates=limits.creates,
            updates=limits.updates,
            deletes=limits.deletes,
            share=limits.share,
            sentinel=limits.sentinel,
        ),
    )


def config_digest(pair: PairSection, aliases: Iterable[tuple[str, str]]) -> str:
    """Return the mark of everything in the configuration that makes a plan."""
    content = pair.model_dump(mode="json")
    for when in ("schedule", "timezone", "jitter", "full_read_every", "webhooks"):
        del content[when]
    for side in ("partnero", "tolt"):
        del content[side]["api_key"], content[side]["requests_per_second"]
    return digest([content, sorted(aliases)])[:16]


def aliases_of(config: Config, pair: PairSection) -> list[tuple[str, str]]:
    """Return the alias file's rows: each side named by e-mail or by id."""
    if pair.partners.aliases is None:
        return []
    path = config.folder / pair.partners.aliases
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            found = [[cell.strip() for cell in row] for row in csv.reader(opened)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from None
    rows = [row for row in found if any(row) and not row[0].startswith("#")]
    rows = [row for row in rows if row[:2] != ["partnero_email", "tolt_email"]]
    for row in rows:
        if len(row) < 2 or not row[0] or not row[1]:
            raise Misconfigured(
                f"{path}: each line names two partners, partnero_email,tolt_email; "
                f"a line has {len([cell for cell in row if cell])}"
            )
    return [(row[0], row[1]) for row in rows]


def _coupon_map(pair: PairSection) -> Iterable[tuple[Discount, str]]:
    for name, uuid in pair.coupons.map.items():
        kind, amount = _kind_and_amount(name)
        if kind == "percentage":
            yield percentage(amount), uuid
        else:
            yield fixed_major(amount, pair.currency), uuid


def _problems(error: ValidationError) -> Iterable[str]:
    """Say each problem with its key path and what is allowed."""
    for found in error.errors():
        path = ".".join(str(part) for part in found["loc"]) or "the file"
        message = str(found["msg"]).removeprefix("Value error, ")
        if found["type"] == "extra_forbidden":
            known = _keys_beside(found["loc"])
            name = str(found["loc"][-1])
            message = f"unknown key{_nearest(name, known)}"
        elif found["type"] == "missing":
            message = "is missing"
        elif found["type"] != "value_error":
            message = f"{message}, got {found['input']!r:.40}"
        yield f"{path}: {message}"


def _keys_beside(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are known where an unknown one stands."""
    model: Any = File
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        inner = getattr(annotation, "__args__", (annotation,))
        sections = [one for one in inner if isinstance(one, type)]
        model = next((one for one in sections if issubclass(one, BaseModel)), model)
    return list(model.model_fields)


def _nearest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    allowed = "" if close else f"; allowed are: {', '.join(known)}"
    return f" (did you mean {close[0]!r}?)" if close else allowed
