"""The sections of the configuration, as pydantic checks them.

Keys to the two products never stand in the file: it names the environment variable
or the file that holds them.
"""

import os
import re
from datetime import UTC, date, datetime
from decimal import Decimal
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
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from connector.engine.policy import Verdict
from connector.errors import Misconfigured
from connector.providers.addresses import (
    check_base_url,
    check_heartbeat,
    is_loopback,
    normal,
)
from mappings.canonical import exponent
from mappings.masking import hide
from mappings.wire import Malformed, number

TOLT_URLS = {"v1": "https://api.tolt.com/v1", "v2": "https://platform.tolt.com/v2"}
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


def _heartbeat(url: str) -> str:
    if wrong := check_heartbeat(url):
        raise ValueError(wrong)
    return normal(url)


def _base_url(url: str) -> str:
    if wrong := check_base_url(url):
        raise ValueError(wrong)
    return normal(url).rstrip("/") + "/"


def _schedule(text: str) -> str:
    """Return the five fields of a cron expression, or of an alias for one."""
    fields = SCHEDULES.get(text, text)
    try:
        CronSim(fields, _ANY_TIME)
    except CronSimError as error:
        raise ValueError(
            f"{text!r} is no cron expression ({error}); allowed are five cron fields "
            f"or {', '.join(SCHEDULES)}"
        ) from None
    return fields


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone; allowed are names like Europe/Berlin, and UTC"
        ) from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]


def kind_and_amount(name: str) -> tuple[str, Decimal]:
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
    kind_and_amount(name)
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
            found = _one_line(found, f"{where}: the environment variable {self.env}")
            hide(found)
            return found
        path = folder / (self.file or "")
        try:
            found = path.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            told = getattr(error, "strerror", None) or "it is no text"
            raise Misconfigured(f"{where}: {path} cannot be read: {told}") from None
        found = _one_line(found, f"{where}: {path}")
        hide(found)
        return found


def _one_line(key: str, where: str) -> str:
    """Return a key that can be sent; Misconfigured where it cannot be one."""
    if not re.fullmatch(r"[!-~]+", key):
        raise Misconfigured(
            f"{where} holds no key; allowed is one line of ASCII without blanks"
        )
    return key


class PartneroSection(_Section):
    api_key: Secret
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.partnero.com/v1/"
    requests_per_second: float = Field(default=5, gt=0, le=10_000)


class ToltSection(_Section):
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

    @model_validator(mode="after")
    def _of_one_version(self) -> "ToltSection":
        """Refuse the address of one version for the other: their units differ."""
        last = urlsplit(self.base_url).path.rstrip("/").rpartition("/")[2].lower()
        if last in TOLT_URLS and last != self.api_version:
            raise ValueError(
                f'base_url is that of {last}, but api_version is "{self.api_version}": '
                "every fixed amount would be a hundred times too much or too little; "
                f'allowed are api_version = "{last}", or the base_url of '
                f"{self.api_version} ({TOLT_URLS[self.api_version]})"
            )
        return self


class PolicySection(_Section):
    create: Verdict = "auto"
    update: Verdict = "auto"
    lossy: Verdict = "hold"
    payee: Verdict = "hold"
    replace: Literal["hold", "never"] = "hold"
    dead: Verdict = "never"
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
    duration: Literal["once", "lifetime"] | Months = "lifetime"
    map: dict[Annotated[str, AfterValidator(_mapped)], str] = Field(
        default_factory=dict
    )

    @field_validator("duration", mode="wrap")
    @classmethod
    def _one_of_these(
        cls,
        value: Any,  # noqa: ANN401 (raw TOML)
        checked: ValidatorFunctionWrapHandler,
    ) -> Any:  # noqa: ANN401
        try:
            return checked(value)
        except ValidationError:
            raise ValueError(
                f'{value!r:.40} is no duration; allowed are "once", "lifetime" and one '
                "of { hours = 1 }, { days = 1 }, { months = 1 }, { years = 1 }, each a "
                "whole number from 1 up"
            ) from None

    @property
    def canonical_duration(self) -> str:
        if isinstance(self.duration, str):
            return self.duration
        (unit, count), *_ = self.duration.model_dump(exclude_none=True).items()
        return f"{unit}:{count}"


class PartnersSection(_Section):
    aliases: str | None = None


class WebhooksSection(_Section):
    """The signing secrets of what may wake the pair."""

    partnero: Secret | None = None
    tolt: Secret | None = None


class PairSection(_Section):
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
        if value is None:
            return None
        allowed = "allowed is a currency of ISO 4217, like USD"
        try:
            exponent(value.upper())
        except ValueError as error:
            raise ValueError(f"{error}; {allowed}") from None
        return value.upper()


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
    url: Annotated[str, AfterValidator(_state_url)] = "sqlite:///connector.db"


class NotifySection(_Section):
    heartbeat_url: Annotated[str, AfterValidator(_heartbeat)] | None = None
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
    timezone: Zone = "UTC"
    state: StateSection = Field(default_factory=StateSection)
    pairs: list[PairSection] = Field(min_length=1)
    notify: NotifySection = Field(default_factory=NotifySection)
    serve: ServeSection = Field(default_factory=ServeSection)

    @field_validator("pairs")
    @classmethod
    def _in_a_zone(
        cls, pairs: list[PairSection], info: ValidationInfo
    ) -> list[PairSection]:
        zone = {"timezone": info.data.get("timezone")}
        return [p if p.timezone else p.model_copy(update=zone) for p in pairs]

    @model_validator(mode="after")
    def _distinct(self) -> "File":
        names = [pair.name for pair in self.pairs]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two pairs are named {', '.join(sorted(twice))}")
        return self
