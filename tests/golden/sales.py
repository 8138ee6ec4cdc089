"""Small worlds with sales in them: what both sides show, and what the ledger knows.

Money is (minor, currency) or None where it is not exact. Buyers are known by a number
of the merchant's; a sale may be shown by either side, or known from before, or both.
"""

import json
from typing import NamedTuple

from tests.golden.people import policy
from tests.golden.records import changed, crowd, in_step, unlinked
from tests.golden.town import Town
from tests.golden.world import NOTHING, Code, Dice, World, mark_of

DAYS = ("2026-02-01", "2026-02-03", "2026-02-10", "2026-02-11", "2026-02-25")
READ_UNTIL = "2026-02-20T00:00:00Z"
ODD_KEYS = (" in_9", "in\u200b_8", "in  _7", "e\u0301_6", "k" * 300, "", "a@b.example")


class Buyer(NamedTuple):
    id: str
    email: str
    name: str = ""
    external: str = ""
    partner: str | None = None
    code: str | None = ""


class Sale(NamedTuple):
    """A transaction on Partnero."""

    key: str
    money: tuple | None
    customer: str
    at: str
    archived: bool | None = False
    partner: str | None = None
    action: str = ""
    gross: tuple | None = None


class Charge(NamedTuple):
    """A transaction on Tolt."""

    id: str
    charge_id: str
    money: tuple | None
    customer: str
    code: str
    at: str
    refunded: bool | None = False
    partner: str | None = None
    source: str = ""
    others: tuple = ()


class Market(NamedTuple):
    """The sales of a world.

    ``logs`` are a code's entries and its counter, by its id on Partnero; ``fresh`` the
    charges that Tolt's next window shows, ``unclear`` the names about which nothing can
    be told, ``ledger`` what is known of each redemption, ``joined`` customers that are
    one person, ``lost`` keys of sales that the list lacks and nobody says are gone.
    """

    world: World
    buyers: tuple = ()
    customers: tuple = ()
    sales: tuple = ()
    charges: tuple = ()
    logs: dict = NOTHING
    fresh: tuple = ()
    unclear: tuple = ()
    lost: tuple = ()
    ledger: tuple = ()
    marks: dict = NOTHING
    joined: tuple = ()
    tells_codes: bool = True


class Deal(NamedTuple):
    """One sale as it happened: by whom, with which code, and how it is to be shown."""

    kind: str
    code: Code
    key: str
    money: tuple | None
    buyer: int
    at: str


class Stall:
    """A market while it is built."""

    def __init__(self, dice, town):
        self.dice, self.town = dice, town
        self.buyers, self.customers = [], []
        self.sales, self.charges, self.logs = [], [], {}
        self.fresh, self.ledger, self.joined, self.lost = [], [], [], []
        self.number = 0
        self.codes = [*town.codes["partnero"].values()]
        self.rights = {one.written: one for one in town.codes["tolt"].values()}

    def people(self):
        """Let some buyers be there, on one side or both, alike or not quite."""
        dice = self.dice
        for n in range(1, 5):
            number, email = f"n{n}", f"buyer{n}@example.com"
            code = dice.one(*self.codes)
            there = self.rights.get(code.written)
            left = Buyer(number, email, f"Buyer {n}", dice.one("", number))
            right = Buyer(f"tc_{n}", email, f"Buyer {n}", dice.one("", number))
            if there and dice.chance(0.5):
                right = right._replace(code=there.id, partner=there.partner)
            if dice.chance(0.25):
                left = left._replace(partner=dice.one(code.partner, "", "prt_carl"))
            if dice.chance(0.15):
                right = right._replace(code=dice.one("promo_other", None))
            if dice.chance(0.1):
                right = right._replace(email=f"other{n}@example.com", external=number)
            self.buyers += [left] if dice.chance(0.9) else []
            self.customers += [right] if dice.chance(0.75) else []
            if dice.chance(0.1):
                self.customers.append(right._replace(id=f"tc_{n}b", external=""))
            if dice.chance(0.1):
                self.buyers.append(left._replace(id=f"m{n}", external=""))
            self.joined += [(number, f"tc_{n}")] if dice.chance(0.15) else []

    def sell(self, kind=""):
        """Let one sale happen, to be shown as its kind says."""
        dice = self.dice
        self.number += 1
        key = f"in_{self.number}"
        if dice.chance(0.05):
            key = dice.one(*ODD_KEYS)
        money = dice.one((4900, "USD"), (4900, "USD"), (100, "USD"), (4900, "USD"))
        if dice.chance(0.12):
            money = dice.one((4900, "EUR"), None, (700, "JPY"), (0, "USD"))
        at = f"{dice.one(*DAYS)}T1{dice.below(9)}:00:00Z"
        kind, code = kind or dice.one(*KINDS), dice.one(*self.codes)
        deal = Deal(kind, code, key, money, 1 + dice.below(4), at)
        if kind != "right":
            self.left(deal)
        if kind not in ("left", "unkeyed") and code.written in self.rights:
            self.right(deal)
        if kind in ("left", "right", "pushed", "refunded", "natural", "twice"):
            self.remember(deal)

    def left(self, deal):
        """Put a sale on Partnero, and an entry into the log of its code."""
        dice, kind = self.dice, deal.kind
        entry = {"transaction_key": deal.key, "redeemed_at": deal.at}
        if kind == "unkeyed":
            del entry["transaction_key"]
        rows = self.logs.setdefault(deal.code.id, [])
        rows.append(entry)
        if kind == "twice" and dice.chance(0.5):
            rows.append(entry)
        if dice.chance(0.03):
            rows.append({"transaction_key": ["no text"]})
        if kind == "unkeyed" or dice.chance(0.04):
            self.lost += [deal.key] if dice.chance(0.5) else []
            return
        owner = deal.code.partner
        sale = Sale(
            *(deal.key, deal.money, f"n{deal.buyer}", deal.at),
            archived=kind == "refunded" and dice.chance(0.5),
            partner=dice.one(None, owner, owner, None),
            action="partnero-tolt" if kind == "pushed" else dice.one("", "sale"),
            gross=dice.one(None, None, (5831, "USD")),
        )
        if dice.chance(0.08):
            sale = sale._replace(partner=dice.one("", "prt_bob", "no one"))
        if dice.chance(0.04):
            sale = sale._replace(archived=None)
        self.sales.append(sale)
        if kind == "twice" and dice.chance(0.4):
            self.sales.append(sale._replace(at=deal.at.replace("T1", "T2", 1)))

    def right(self, deal):
        """Put a charge on Tolt, mostly under the key that the sale has."""
        dice, there = self.dice, self.rights[deal.code.written]
        id_, buyer = f"txn_{self.number}", f"tc_{deal.buyer}"
        charge = Charge(id_, deal.key, deal.money, buyer, there.id, deal.at)
        charge = self._as_its_kind(deal, charge)
        if dice.chance(0.1):
            charge = charge._replace(charge_id="")
        if dice.chance(0.2):
            charge = charge._replace(code="")
        if dice.chance(0.1):
            charge = charge._replace(partner=dice.one(there.partner, "part_dora", ""))
        self.charges.append(charge)
        if deal.kind == "twice" and dice.chance(0.5):
            self.charges.append(charge._replace(id=f"{charge.id}b"))
        if dice.chance(0.6):
            self.fresh.append(charge.id)

    def _as_its_kind(self, deal, charge):
        dice = self.dice
        match deal.kind:
            case "differs":
                sums = ((4901, "USD"), (4900, "EUR"), None)
                charge = charge._replace(money=dice.one(*sums))
            case "alike":
                names = (deal.key.upper(), f"{deal.key} ", f"ch_{self.number}")
                day = dice.one(deal.at, "2026-02-04T09:00:00Z", "")
                charge = charge._replace(charge_id=dice.one(*names), at=day)
                charge = charge._replace(others=dice.one((), ((5831, "USD"),)))
            case "refunded":
                charge = charge._replace(refunded=dice.one(True, True, None))
            case "pushed":
                source = dice.one("partnero-tolt", "partnero")
                charge = charge._replace(source=source)
        return charge

    def remember(self, deal):
        """Let the ledger know a sale from an earlier run, mostly."""
        dice, kind, at = self.dice, deal.kind, deal.at
        if not dice.chance(0.65) or not deal.key:
            return
        known = {"code": deal.code.written.lower(), "key": deal.key}
        if kind != "right":
            known |= {"logged": 1, "logged_at": at, "sales": dice.one(1, 1, None, 0)}
            known |= {"sold": deal.money, "buyer": f"n{deal.buyer}", "sold_at": at}
        if kind != "left":
            version = self.town.version
            if dice.chance(0.1):
                version = "v1" if version == "v2" else "v2"
            ids = (f"{version}:txn_{self.number}",)
            back = kind == "refunded" and dice.chance(0.5)
            known |= {"refunds" if back else "charges": ids, "charged": deal.money}
            known |= {"customer": f"tc_{deal.buyer}", "charged_at": at}
        if kind == "pushed":
            known["pushed"] = dice.one("partnero", "tolt")
        if kind in ("left", "right") and dice.chance(0.3):
            doubts = ("open:tolt", "parked:tolt", "parked:partnero", "open:partnero")
            known["doubt"] = dice.one(*doubts, "unmatched")
        if dice.chance(0.12):
            known["evidence"] = dice.one("partnero", "tolt")
        if dice.chance(0.06):
            known["linked"] = dice.one("txn_1", "in_1", f"in_2@{at}")
        known["checked"] = dice.one("", "2026-02-27T00:00:00Z")
        self.ledger.append(known)

    def market(self, **more):
        """Return the market as it is built by now."""
        dice, version = self.dice, self.town.version
        marks = {f"tolt:{version}": READ_UNTIL} if dice.chance(0.8) else {}
        if dice.chance(0.15):
            marks[f"tolt:{'v1' if version == 'v2' else 'v2'}"] = READ_UNTIL
        logs = {}
        for id_, rows in self.logs.items():
            counter = dice.one(len(rows), len(rows) + 1, None)
            logs[id_] = {"rows": rows, "counter": counter}
            read = dice.below(len(rows) + 2)
            if dice.chance(0.5) and read:
                marks[f"log:{id_.lower()}"] = _log_mark(rows, read)
        names = [*(f"n{n}" for n in range(1, 5)), *(f"tc_{n}" for n in range(1, 5))]
        return Market(
            world=self.town.world(**more),
            buyers=tuple(self.buyers),
            customers=tuple(self.customers),
            sales=tuple(self.sales),
            charges=tuple(self.charges),
            logs=logs,
            fresh=tuple(self.fresh),
            unclear=tuple(dice.some(names, 0.03)),
            lost=tuple(self.lost),
            ledger=tuple(
                {(one["code"], one["key"]): one for one in self.ledger}.values()
            ),
            marks=marks,
            joined=tuple(self.joined),
            tells_codes=dice.chance(0.85),
        )


def _log_mark(rows, read):
    """Return how far a log was read, as it is stored; it may have been longer."""

    def sign(row):
        return f"{row.get('transaction_key')}@{row.get('redeemed_at')}"

    last = rows[min(read, len(rows)) - 1]
    return json.dumps([read, sign(rows[0]), sign(last), read, False])


KINDS = (
    *("left", "left", "right", "right", "natural", "pushed", "differs", "refunded"),
    *("twice", "unkeyed", "alike", "alike", "alike"),
)


def _settings(dice):
    """Return a policy under which something may be pushed, mostly."""
    stated = policy(dice, 0.04)
    stated["redemptions"] = dice.one("both", "both", "to-tolt", "to-partnero", "report")
    stated["commissions"] = dice.chance(0.9)
    if dice.chance(0.2):
        stated["create_customers"] = False
    if dice.chance(0.15):
        stated["redemptions_since"] = "2026-02-05"
    return stated


def markets(dice, theme):
    """Return a market of a theme."""
    town = Town(dice, odd=0.1)
    for _ in range(1 + dice.below(3)):
        in_step(town, odd=0.03)
    if dice.chance(0.3):
        dice.one(unlinked, changed, crowd)(town)
    if not town.codes["partnero"]:
        in_step(town, odd=0)
    if dice.chance(0.1):
        town.more["tolt"]["missed"] = "page 2 could not be read"
    stall = Stall(dice, town)
    stall.people()
    kinds = {"shops": "", "roots": "natural", "pushes": "left", "returns": "right"}
    for _ in range(2 + dice.below(5)):
        stall.sell(kinds[theme] if dice.chance(0.7) else "")
    if theme == "roots":
        for _ in range(4):
            stall.sell("natural")
    limits = {"creates": dice.one(100, 100, 1, 2)}
    currency = dice.one("USD", "USD", "USD", None)
    return stall.market(policy=_settings(dice), limits=limits, currency=currency)


THEMES = {"shops": 100, "pushes": 90, "returns": 90, "roots": 30}
SAID = ("keep", "proposed", "keep", "proposed", "accept", "fail", "tolt", "all keep")


class SaleStory(NamedTuple):
    """A market, and what a person says of what waits there."""

    name: str
    market: Market
    words: tuple = ()

    @property
    def mark(self):
        return mark_of(self)


def sale_stories():
    """Yield every story about sales, each out of its own name alone."""
    for theme, number in THEMES.items():
        for place in range(number):
            dice = Dice(name := f"{theme}-{place:03}")
            market = markets(dice, theme)
            words = [(dice.below(8), dice.one(*SAID)) for _ in range(dice.below(4))]
            yield SaleStory(name, market, tuple(words))
