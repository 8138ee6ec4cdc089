"""The configuration as a whole: what a pair takes, and what the file has beside pairs.

The sections are in pair_sections.py and file_sections.py.
"""

from collections.abc import Iterable
from functools import partial
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from connector.config.allowed import Currency, Interval, PairName, Schedule, Whole, Zone
from connector.config.file_sections import (
    FleetSection,
    NotifySection,
    ReportSection,
    ServeSection,
    StateSection,
)
from connector.config.pair_sections import (
    CouponsSection,
    LimitsSection,
    PartneroSection,
    PartnersSection,
    PolicySection,
    ToltSection,
    WebhooksSection,
)
from connector.config.section import Section, unstated


class PairSection(Section):
    """[[pairs]]: one Partnero programme and one Tolt programme kept together."""

    name: PairName = Field(
        description="What the pair is called. Its memory belongs to this name.",
    )
    currency: Currency | None = Field(
        default=None,
        description="The currency of both programmes, ISO 4217. Without it codes with "
        "a fixed amount are left alone.",
    )
    direction: Literal["both", "to-partnero", "to-tolt"] = Field(
        default="both", description="Which side may be written to."
    )
    schedule: Schedule = Field(
        default="*/15 * * * *",
        description="When run reads the pair: five cron fields, or @hourly and the "
        "like.",
    )
    timezone: Zone | None = Field(
        default=None,
        description="The time zone of the schedule; that of the file if nothing is "
        "said.",
    )
    jitter: Whole = Field(
        default=5,
        ge=0,
        le=3600,
        description="Seconds by which a pass may begin later, so that not all pairs "
        "begin at once.",
    )
    full_read_every: Interval = Field(
        default="6h",
        description="How often run reads everything; in between it looks at changes "
        "only. 0: every time.",
    )
    partnero: PartneroSection
    tolt: ToltSection
    policy: PolicySection = Field(default_factory=partial(unstated, PolicySection))
    limits: LimitsSection = Field(default_factory=partial(unstated, LimitsSection))
    coupons: CouponsSection = Field(default_factory=partial(unstated, CouponsSection))
    partners: PartnersSection = Field(
        default_factory=partial(unstated, PartnersSection)
    )
    webhooks: WebhooksSection = Field(
        default_factory=partial(unstated, WebhooksSection)
    )
    # Once the file is read, it holds what [notify] says as well.
    notify: NotifySection = Field(default_factory=partial(unstated, NotifySection))

    @property
    def full_read_seconds(self) -> int:
        """The seconds between two full reads of ``run``; 0: every pass is one."""
        units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "0": 0}
        text = self.full_read_every
        return int(text[:-1] or 0) * units[text[-1]]


class File(Section):
    """connector.toml."""

    include: list[str] = Field(
        default_factory=list,
        description="More files that hold [[pairs]], by path or by a pattern like "
        '"pairs.d/*.toml", relative to the one that names them.',
    )
    timezone: Zone = Field(
        default="UTC", description="The time zone of all schedules that name none."
    )
    state: StateSection = Field(default_factory=StateSection)
    notify: NotifySection = Field(default_factory=partial(unstated, NotifySection))
    report: ReportSection = Field(default_factory=ReportSection)
    serve: ServeSection = Field(default_factory=ServeSection)
    fleet: FleetSection = Field(default_factory=FleetSection)
    pairs: list[PairSection] = Field(
        default_factory=list,
        description="The pairs. Where the state is on a server, they may be in its "
        "database instead: fleet pairs import.",
    )

    @field_validator("pairs")
    @classmethod
    def _of_the_file(
        cls, pairs: list[PairSection], info: ValidationInfo
    ) -> list[PairSection]:
        """Give each pair what the file says for all, where it says nothing itself."""
        told, zone = info.data.get("notify"), info.data.get("timezone")
        return of_the_file(pairs, told, zone)


def of_the_file(
    pairs: Iterable[PairSection], notify: NotifySection | None, zone: str | None
) -> list[PairSection]:
    """Return pairs with what the file says for all, where they say nothing."""
    return [
        pair.model_copy(
            update={
                "timezone": pair.timezone or zone,
                "notify": _over(notify, pair.notify) if notify else pair.notify,
            }
        )
        for pair in pairs
    ]


def _over(file: NotifySection, pair: NotifySection) -> NotifySection:
    """Return the notices of one pair: what it says itself goes before the file's."""
    stated = {name: getattr(pair, name) for name in pair.model_fields_set}
    return file.model_copy(update=stated)
