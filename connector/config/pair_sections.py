"""The sections of one pair, as pydantic checks them.

Keys to the two products never stand in the file: it names the environment variable
or the file that holds them.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from connector.config.allowed import BaseUrl, Day, DiscountName, Rate, Whole, no_truth
from connector.config.secret import Secret
from connector.config.section import Section
from connector.engine.policy import Permission
from mappings.discreet import shown

TOLT_URLS = {"v1": "https://api.tolt.com/v1", "v2": "https://platform.tolt.com/v2"}
Share = Annotated[
    Decimal, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
Winner = Literal["hold", "partnero", "tolt"]


class PartneroSection(Section):
    """[pairs.partnero]: how Partnero is asked."""

    api_key: Secret = Field(
        description="Where the key lies: the name of an environment variable, or a "
        "file. A key in this file itself is refused."
    )
    base_url: BaseUrl = Field(
        default="https://api.partnero.com/v1/",
        description="The address of Partnero's API.",
    )
    requests_per_second: Rate = Field(
        default=5,
        description="Requests a second for this key, shared by all processes.",
    )


class ToltSection(Section):
    """[pairs.tolt]: how Tolt is asked, and for which programme."""

    api_key: Secret = Field(
        description="Where the key lies: the name of an environment variable, or a "
        "file. A key in this file itself is refused."
    )
    api_version: Literal["v1", "v2"] = Field(
        default="v2", description="The version of Tolt's API."
    )
    base_url: BaseUrl = Field(
        default="",
        description="The address of Tolt's API; that of the version if nothing is "
        "said.",
    )
    program_id: str = Field(
        min_length=1,
        description="The programme's id, prg_...: Tolt shows it in its settings.",
    )
    requests_per_second: Rate = Field(
        default=20,
        description="Requests a second for this key, shared by all processes. Tolt "
        "documents 25.",
    )

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


class PolicySection(Section):
    """[pairs.policy]: what is done by itself, what waits for a person, what never."""

    create: Permission = Field(
        default="auto", description="A code that is missing on one side is made there."
    )
    update: Permission = Field(
        default="auto", description="A value that one side changed goes to the other."
    )
    lossy: Permission = Field(
        default="hold",
        description="A code is made where a limit or an expiry of it is lost.",
    )
    payee: Permission = Field(
        default="hold", description="A change of the partner who is paid for a code."
    )
    replace: Literal["hold", "never"] = Field(
        default="hold",
        description="A code is deleted and made anew, where it cannot be changed.",
    )
    dead: Permission = Field(
        default="never",
        description="Codes that are expired, used up or switched off are carried over.",
    )
    delete: Permission = Field(
        default="hold",
        description="A code that is gone on one side is deleted on the other. auto is "
        "a standing consent to permanent deletions.",
    )
    conflict: Winner = Field(
        default="hold",
        description="Both sides changed one field: the side that is right, or hold.",
    )
    conflicts: dict[Literal["code", "discount", "partner"], Winner] = Field(
        default_factory=dict,
        description="The same for one field, like { discount = "
        '"tolt" }; it goes before conflict.',
    )
    redemptions: Literal["report", "to-partnero", "to-tolt", "both"] = Field(
        default="report",
        description="Where missing redemptions are pushed to. This moves money.",
    )
    redemptions_since: Day | None = Field(
        default=None,
        description="Older sales are neither counted, nor pushed, nor evidence.",
    )
    commissions: bool = Field(
        default=False, description="Whether pushed transactions may pay commissions."
    )
    create_partners: bool = Field(
        default=False,
        description="Whether missing partners are made; a product may send them an "
        "e-mail.",
    )
    create_customers: bool = Field(
        default=True,
        description="Whether missing customers are made, where redemptions are pushed.",
    )


class LimitsSection(Section):
    """[pairs.limits]: a run that would do more is refused as a whole."""

    creates: Whole = Field(default=100, ge=0, description="Codes made in one run.")
    updates: Whole = Field(default=100, ge=0, description="Codes changed in one run.")
    deletes: Whole = Field(default=5, ge=0, description="Codes deleted in one run.")
    share: Share = Field(
        default=Decimal("0.3"),
        ge=0,
        le=1,
        json_schema_extra={"default": 0.3},
        description="The part of all known codes that one run may change, and by "
        "which a listing may have become shorter.",
    )
    sentinel: str | None = Field(
        default=None,
        description="A code that must be seen on both sides, and that carries the "
        "mark of this state.",
    )
    attempts: Whole = Field(
        default=3,
        ge=1,
        description="Failed runs after which a change is set aside and told once.",
    )
    settle_seconds: Annotated[float, BeforeValidator(no_truth)] = Field(
        default=30,
        ge=0,
        le=600,
        description="Seconds that a write whose answer was lost is looked for.",
    )

    @field_validator("share", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:  # noqa: ANN401 (raw TOML)
        return str(value) if isinstance(value, float) else no_truth(value)


class Months(Section):
    """A duration that is counted: { months = 12 }."""

    model_config = ConfigDict(
        json_schema_extra={"minProperties": 1, "maxProperties": 1}
    )

    hours: Whole | None = Field(default=None, ge=1)
    days: Whole | None = Field(default=None, ge=1)
    months: Whole | None = Field(default=None, ge=1)
    years: Whole | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_unit(self) -> "Months":
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("give one of hours, days, months or years")
        return self


class CouponsSection(Section):
    """[pairs.coupons]: the coupons of codes that are made on Partnero."""

    duration: Literal["once", "lifetime"] | Months = Field(
        default="lifetime",
        description='How long a new coupon counts: "once", "lifetime", or '
        "{ months = 12 } (hours, days, months or years).",
    )
    map: dict[DiscountName, str] = Field(
        default_factory=dict,
        description="The uuid_code of the coupon to take for a discount, like "
        '{ "percentage:20" = "SUMMER20" }.',
        json_schema_extra={"propertyNames": {"pattern": "^(percentage|fixed):[0-9]"}},
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


class PartnersSection(Section):
    """[pairs.partners]: who is who."""

    aliases: str | None = Field(
        default=None,
        description="A CSV file of partners who have another e-mail on each side, "
        "partnero_email,tolt_email a line. Relative to the file that names it.",
    )


class WebhooksSection(Section):
    """[pairs.webhooks]: the signing secrets of what may wake the pair."""

    partnero: Secret | None = Field(
        default=None, description="Where the secret of Partnero's webhook lies."
    )
    tolt: Secret | None = Field(
        default=None, description="Where the secret of Tolt's webhook lies."
    )
