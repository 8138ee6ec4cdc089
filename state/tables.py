"""The tables: private to state/. Text, integers, and nothing that rounds.

Times are ISO 8601 in UTC, amounts and discounts the exact texts of model.py.
"""

from sqlalchemy import BigInteger, Index, Table
from sqlmodel import Field, SQLModel

from state.columns import EMPTY, NO, ZERO
from state.summed_tables import ProgrammeRow, StandingRow


class MetaRow(SQLModel, table=True):
    """One fact about the state file itself: its identity, when it was made."""

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class PairRow(SQLModel, table=True):
    """What is known of a pair as a whole, as JSON by name."""

    __tablename__ = "pair_state"
    pair: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str


class LinkRow(SQLModel, table=True):
    """A linked record, both halves of its base; ``key`` is Partnero's folded text."""

    __tablename__ = "link"
    pair: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    written: str
    partnero_id: str
    partnero_discount: str
    partnero_partner: str | None
    tolt_id: str
    tolt_code: str
    tolt_discount: str
    tolt_partner: str | None
    version: str
    unset: str


class PartnerLinkRow(SQLModel, table=True):
    """Two partners that are the same person; the ids belong to an API version."""

    __tablename__ = "partner_link"
    pair: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    partnero_id: str = Field(primary_key=True)
    tolt_id: str
    how: str = Field(default="", sa_column_kwargs=EMPTY)


class CouponRow(SQLModel, table=True):
    """The coupon of a Partnero code that its coupon's listing does not embed."""

    __tablename__ = "coupon"
    pair: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    uuid: str
    checked: str = Field(default="", sa_column_kwargs=EMPTY)


class TombstoneRow(SQLModel, table=True):
    """A record that is gone."""

    __tablename__ = "tombstone"
    pair: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    written: str
    where: str
    at: str
    last: str


class DecisionRow(SQLModel, table=True):
    """A person's consent to one change; ``id`` is "record:KEY" in the older form."""

    __tablename__ = "decision"
    pair: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    key: str
    code: str
    take: str
    seen: str
    who: str
    at: str
    action: str
    target: str
    fields: str
    lost: str
    note: str
    version: str = Field(default="", sa_column_kwargs=EMPTY)


class WaitingRow(SQLModel, table=True):
    """What waits for a person by the last complete look, as JSON."""

    __tablename__ = "waiting"
    pair: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    key: str
    code: str
    run: str
    at: str
    document: str
    people: str = Field(default="", sa_column_kwargs=EMPTY)
    part: str = Field(default="", sa_column_kwargs=EMPTY)
    reason: str = Field(default="", sa_column_kwargs=EMPTY)


class LookRow(SQLModel, table=True):
    """When both sides were last seen completely, and by which run."""

    __tablename__ = "look"
    pair: str = Field(primary_key=True)
    as_of: str
    run: str
    config: str


class UnfinishedRow(SQLModel, table=True):
    """A code that a replace took away and could not make anew."""

    __tablename__ = "unfinished"
    pair: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    code: str
    target: str
    change: str
    copied: str
    detail: str
    at: str


class CustomerLinkRow(SQLModel, table=True):
    """Two customers that are the same person; Tolt's id belongs to an API version."""

    __tablename__ = "customer_link"
    pair: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    partnero_id: str = Field(primary_key=True)
    tolt_id: str


class IntentRow(SQLModel, table=True):
    """One remote write; open ones are settled before anything else is done."""

    __tablename__ = "intent"
    id: str = Field(primary_key=True)
    pair: str = Field(index=True)
    run: str = Field(index=True)
    change_id: str
    key: str
    code: str
    action: str
    target: str
    state: str = Field(index=True)
    change: str
    copied: str
    detail: str
    at: str
    version: str = Field(default="", sa_column_kwargs=EMPTY)
    looks: int = Field(default=0, sa_column_kwargs=ZERO)


class FailureRow(SQLModel, table=True):
    """In how many runs one change has failed in a row.

    ``parked`` once nobody can explain it: then it is not tried again by itself.
    """

    __tablename__ = "failure"
    pair: str = Field(primary_key=True)
    change_id: str = Field(primary_key=True)
    code: str
    runs: int
    detail: str
    parked: bool = Field(default=False, sa_column_kwargs=NO)


class RunRow(SQLModel, table=True):
    """One run, with its document as it was printed; ``seq`` is its number.

    ``passes`` counts the passes that did nothing and stand in this one row, since when.
    ``error`` says why it was not complete, ``reason`` the same in one of few words.
    What its plan has counted is there if it had a plan, and ``outcomes`` how many
    changes it tried: the document is for people, and nothing reads it back.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_newest", "pair", "seq"),
        Index("ix_run_ended", "pair", "finished_at"),
    )
    id: str = Field(primary_key=True)
    pair: str
    command: str
    status: str
    started_at: str
    finished_at: str
    document: str
    seq: int = Field(default=0, sa_column_kwargs=ZERO)
    passes: int = Field(default=0, sa_column_kwargs=ZERO)
    since: str = Field(default="", sa_column_kwargs=EMPTY)
    error: str = Field(default="", sa_column_kwargs=EMPTY)
    reason: str = Field(default="", sa_column_kwargs=EMPTY)
    outcomes: int = Field(default=0, sa_column_kwargs=ZERO)
    in_sync: int | None = None
    only_on_partnero: int | None = None
    only_on_tolt: int | None = None
    differ: int | None = None
    collisions: int | None = None
    unproven: int | None = None
    adopt: int | None = None
    create: int | None = None
    update: int | None = None
    replace: int | None = None
    delete: int | None = None
    ready: int | None = None
    held: int | None = None
    blocked: int | None = None
    findings: int | None = None
    accepted: int | None = None
    redemptions_in_sync: int | None = None
    redemptions_missing_on_partnero: int | None = None
    redemptions_missing_on_tolt: int | None = None
    redemptions_without_key: int | None = None
    redemptions_twice: int | None = None
    redemptions_differs: int | None = None
    redemptions_refunded: int | None = None
    redemptions_lookalike: int | None = None
    redemptions_quarantined: int | None = None
    redemptions_unproven: int | None = None


class LeaseRow(SQLModel, table=True):
    """Who runs a pair; ``token`` grows with each take-over and fences old holders."""

    __tablename__ = "lease"
    pair: str = Field(primary_key=True)
    owner: str
    token: int
    expires: int


class RedemptionRow(SQLModel, table=True):
    """One redemption as both sides ever showed it; amounts are "4999 USD"."""

    __tablename__ = "redemption"
    __table_args__ = (
        Index("ix_redemption_standing", "pair", "standing", "at"),
        Index("ix_redemption_key", "pair", "key"),
        Index("ix_redemption_folded", "pair", "folded"),
        Index("ix_redemption_evidence", "pair", "evidence"),
        Index("ix_redemption_linked", "pair", "linked"),
        Index("ix_redemption_checked", "pair", "standing", "checked"),
    )
    pair: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    standing: str
    at: str
    logged: int
    logged_at: str
    sales: int | None
    sold: str
    buyer: str
    sold_at: str
    charges: str
    charged: str
    customer: str
    charged_at: str
    refunded: bool
    pushed: str
    folded: str = Field(default="", sa_column_kwargs=EMPTY)
    refunds: str = Field(default="", sa_column_kwargs=EMPTY)
    evidence: str = Field(default="", sa_column_kwargs=EMPTY)
    alike: str = Field(default="", sa_column_kwargs=EMPTY)
    linked: str = Field(default="", sa_column_kwargs=EMPTY)
    doubt: str = Field(default="", sa_column_kwargs=EMPTY)
    checked: str = Field(default="", sa_column_kwargs=EMPTY)


class RedemptionTotalRow(SQLModel, table=True):
    """Count and minor units by code and standing, kept in step with the rows."""

    __tablename__ = "redemption_total"
    pair: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    standing: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    number: int
    partnero: int = Field(sa_type=BigInteger)
    tolt: int = Field(sa_type=BigInteger)


class RedemptionMarkRow(SQLModel, table=True):
    """How far a log or a window of transactions was read, by name."""

    __tablename__ = "redemption_mark"
    pair: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str


def _table(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


META = _table(MetaRow)
PAIR = _table(PairRow)
LINK = _table(LinkRow)
PARTNER_LINK = _table(PartnerLinkRow)
COUPON = _table(CouponRow)
TOMBSTONE = _table(TombstoneRow)
DECISION = _table(DecisionRow)
WAITING = _table(WaitingRow)
LOOK = _table(LookRow)
UNFINISHED = _table(UnfinishedRow)
CUSTOMER_LINK = _table(CustomerLinkRow)
INTENT = _table(IntentRow)
FAILURE = _table(FailureRow)
RUN = _table(RunRow)
STANDING = _table(StandingRow)
PROGRAMME = _table(ProgrammeRow)
LEASE = _table(LeaseRow)
REDEMPTION = _table(RedemptionRow)
REDEMPTION_TOTAL = _table(RedemptionTotalRow)
REDEMPTION_MARK = _table(RedemptionMarkRow)
OF_A_RUN = (
    *(META, PAIR, LINK, PARTNER_LINK, COUPON, TOMBSTONE, DECISION, WAITING, LOOK),
    *(UNFINISHED, CUSTOMER_LINK, INTENT, FAILURE, RUN, STANDING, PROGRAMME, LEASE),
    *(REDEMPTION, REDEMPTION_TOTAL, REDEMPTION_MARK),
)
"""All but what is shared and the fleet's: those are loaded by whoever asks for them."""
