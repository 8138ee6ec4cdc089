"""The sections of the configuration, as pydantic checks them.

Keys to the two products never stand in the file: it names the environment variable
or the file that holds them.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from connector.config.allowed import (
    UNITS,
    BaseUrl,
    Currency,
    Day,
    DiscountName,
    Rate,
    Schedule,
    Span,
    StateUrl,
    Url,
    Whole,
    Zone,
    no_truth,
)
from connector.config.secret import Secret
from connector.engine.policy import Permission
from connector.providers.http import is_loopback
from mappings.discreet import shown

TOLT_URLS = {"v1": "https://api.tolt.com/v1", "v2": "https://platform.tolt.com/v2"}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartneroSection(_Section):
    api_key: Secret
    base_url: BaseUrl = "https://api.partnero.com/v1/"
    requests_per_second: Rate = 5


class ToltSection(_Section):
    api_key: Secret
    api_version: Literal["v1", "v2"] = "v2"
    base_url: BaseUrl = ""
    program_id: str = Field(min_length=1)
    requests_per_second: Rate = 20

    @model_validator(mode="before")
    @classmethod
    def _default_url(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        if isinstance(value, dict) and "base_url" not in value:
            first = value.get("api_version") == "v1"
            return {**value, "base_url": TOLT_URLS["v1" if first else "v2"]}
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
    create: Permission = "auto"
    update: Permission = "auto"
    lossy: Permission = "hold"
    payee: Permission = "hold"
    replace: Literal["hold", "never"] = "hold"
    dead: Permission = "never"
    delete: Permission = "hold"
    conflict: Literal["hold", "partnero", "tolt"] = "hold"
    conflicts: dict[
        Literal["code", "discount", "partner"], Literal["hold", "partnero", "tolt"]
    ] = Field(default_factory=dict)
    redemptions: Literal["report", "to-partnero", "to-tolt", "both"] = "report"
    redemptions_since: Day | None = None
    commissions: bool = False
    create_partners: bool = False
    create_customers: bool = True


class LimitsSection(_Section):
    creates: Whole = Field(default=100, ge=0)
    updates: Whole = Field(default=100, ge=0)
    deletes: Whole = Field(default=5, ge=0)
    share: Decimal = Field(default=Decimal("0.3"), ge=0, le=1)
    sentinel: str | None = None
    attempts: Whole = Field(default=3, ge=1)
    settle_seconds: Annotated[float, BeforeValidator(no_truth)] = Field(
        default=30, ge=0, le=600
    )

    @field_validator("share", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        return str(value) if isinstance(value, float) else no_truth(value)


class Months(_Section):
    """A duration that is counted: { months = 12 }."""

    hours: Whole | None = Field(default=None, ge=1)
    days: Whole | None = Field(default=None, ge=1)
    months: Whole | None = Field(default=None, ge=1)
    years: Whole | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_unit(self) -> "Months":
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("give one of hours, days, months or years")
        return self


class CouponsSection(_Section):
    duration: Literal["once", "lifetime"] | Months = "lifetime"
    map: dict[DiscountName, str] = Field(default_factory=dict)

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
                f'{shown(value)} is no duration; allowed are "once", "lifetime" and '
                "one of { hours = 1 }, { days = 1 }, { months = 1 }, { years = 1 }, "
                "each a whole number from 1 up"
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
    currency: Currency | None = None
    direction: Literal["both", "to-partnero", "to-tolt"] = "both"
    schedule: Schedule = "*/15 * * * *"
    timezone: Zone | None = None
    jitter: Whole = Field(default=5, ge=0, le=3600)
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


class StateSection(_Section):
    url: StateUrl = "sqlite:///connector.db"
    keep_runs: Span = "90d"

    @property
    def keep_seconds(self) -> int:
        """The seconds for which runs are kept."""
        return int(self.keep_runs[:-1]) * UNITS[self.keep_runs[-1]]


class NotifySection(_Section):
    heartbeat_url: Url | None = None
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
        if not host or not port or set(self.listen) & set("/?#@ "):
            raise ValueError('listen is HOST:PORT, for example "127.0.0.1:9464"')
        if not is_loopback(host) and self.token is None:
            raise ValueError(
                f"listening on {shown(host)} needs token = {{ env = ... }}: beyond "
                "this machine nobody may look without one"
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
