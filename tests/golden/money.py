"""From a market to what is said of its sales: two products in memory, and a ledger.

What engine.py is for codes: it alone knows how redemptions are read and compared.
"""

from connector.engine.causes.cause import Quoted
from connector.engine.causes.sales import RefusedBefore
from connector.engine.keys import Keys
from connector.engine.sales.standings import judge
from connector.engine.sales.totals import added, weight
from connector.errors import SyncError, Unclear
from connector.reports.messages.say import message, parts
from connector.run.ledger_draft import LedgerDraft
from connector.run.read_sales import Sources
from connector.run.sales import Comparison, compared
from mappings.redemptions import Charge, Customer, Entry, Log, Money, Sale, folded_key
from tests.golden.engine import Seen, tell
from tests.golden.record import answer_record, filled
from tests.golden.said import Said


def money(stated):
    return Money(*stated) if stated else None


def customer(one):
    return Customer(*one)


def sale(one):
    return Sale(
        **one._asdict() | {"money": money(one.money), "gross": money(one.gross)}
    )


def charge(one):
    others = tuple(money(other) for other in one.others)
    return Charge(**one._asdict() | {"money": money(one.money), "others": others})


def entry(known):
    sums = {name: money(known[name]) for name in ("sold", "charged") if name in known}
    ids = {n: tuple(known[n]) for n in ("charges", "refunds") if n in known}
    return Entry(**known | sums | ids)


class Book:
    """A product's buyers; about some of them nothing can be told."""

    def __init__(self, people, unclear):
        self.people, self.unclear = [customer(one) for one in people], unclear
        self.unread = []

    def clear(self, name):
        if name in self.unclear:
            raise Unclear(f"{name} cannot be told")
        return name

    def with_id(self, id_):
        self.clear(id_)
        return next((one for one in self.people if one.id == id_), None)

    def emailed(self, email):
        return [one for one in self.people if one.has_email(email)]


class OnPartnero(Book):
    def __init__(self, market):
        super().__init__(market.buyers, market.unclear)
        self._sales = [sale(one) for one in market.sales]
        self._lost = market.lost
        self.currency = market.world.currency

    def numbered(self, key):
        return self.with_id(key)

    def sales(self, keys):
        return {key: self.sales_of(key) for key in sorted(keys) if key != "in_3"}

    def sales_of(self, key):
        return [one for one in self._sales if one.key == key]

    def sales_by(self, buyer):
        self.clear(buyer)
        return [one for one in self._sales if one.customer == buyer]

    def is_gone(self, key):
        return key not in self._lost

    @staticmethod
    def payee(name, people, likely):
        known = {one.id for one in people if name in (one.id, one.key)}
        return name if name in known or name == likely else None


class OnTolt(Book):
    def __init__(self, market):
        super().__init__(market.customers, market.unclear)
        self.version = market.world.version
        self._market = market
        self._charges = [charge(one) for one in market.charges]

    def window(self, since):
        fresh = [one for one in self._charges if one.id in self._market.fresh]
        return fresh, max([since, *(one.at for one in fresh)])

    def customers(self, ids):
        return {one.id: one for one in self.people if one.id in ids}

    def customer(self, id_):
        return self.with_id(id_)

    def numbered(self, number):
        self.clear(number)
        there = (one for one in self.people if one.has_number(number))
        return next(there, None)

    def charge(self, id_):
        return next((one for one in self._charges if one.id == id_), None)

    def charges_of(self, key, buyer):
        mine = self.version == "v2" or buyer
        every = [one for one in self._charges if one.charge_id == key and mine]
        return [o for o in every if self.version == "v2" or o.customer == buyer]

    def charges_by(self, buyer):
        return [one for one in self._charges if one.customer == buyer]

    def tells_codes(self):
        return self._market.tells_codes

    @staticmethod
    def inactive(owner):
        return "suspended" if owner == "part_dora" else ""


class Ledger:
    """What the state knows of redemptions, with the questions that are asked of it."""

    def __init__(self, market, since):
        entries = [entry(one) for one in market.ledger]
        self.known = {(o.code, o.key): (o, judge(o, since).value) for o in entries}
        self._market = market

    def _all(self):
        return [one for one, _ in self.known.values()]

    def entries(self, ids):
        return {id_: self.known[id_] for id_ in sorted(ids) if id_ in self.known}

    def everything(self):
        return dict(self.known)

    def marks(self):
        return dict(self._market.marks)

    def totals(self):
        return list(added((), (weight(*one) for one in self.known.values())))

    def waiting(self, standing, most, codes=None, without=""):
        there = [
            one
            for one, how in self.known.values()
            if how == standing
            and (codes is None or one.code in codes)
            and not (without and one.pushed == without)
        ]
        return sorted(there, key=lambda one: (one.at, one.code, one.key))[:most]

    def in_turn(self, first, others, most, now):
        del now
        return [o for o, how in self.known.values() if how in (first, *others)][:most]

    def sharing(self, keys):
        return [one for one in self._all() if one.key in keys]

    def alike(self, keys):
        folded = {folded_key(one) for one in keys} - {""}
        return [one for one in self._all() if one.folded in folded]

    def linked(self, references):
        return {one.linked for one in self._all()} & set(references) - {""}

    def pushed_to(self, side, standing):
        there = ((one, how) for one, how in self.known.values() if one.pushed == side)
        return [one for one, how in there if how == standing]

    def looked_alike(self):
        return [one for one in self._all() if one.evidence and one.alike]

    def evidence(self, side, without):
        return sum(
            one.evidence == side and how != without for one, how in self.known.values()
        )

    def sold_at(self, code, at):
        return [o for o in self._all() if o.code == code and o.charged_at == at]

    def counterpart(self, side, id_, version):
        del version
        place = 0 if side == "partnero" else 1
        joined = (one[1 - place] for one in self._market.joined if one[place] == id_)
        return next(joined, "")


class Sold(Seen):
    """A look at a world and at its sales."""

    def __init__(self, market, decisions, accepted, failed):
        self.market = market
        super().__init__(market.world, decisions, accepted, failed)

    def logs(self):
        """Return the logs as the rows of the codes show them."""
        shown = self.market.logs.items()
        return {id_: Log(one["rows"], one["counter"]) for id_, one in shown}

    def sold(self):
        """Compare the sales as a look does, without its two clients."""
        if self.early:
            return Comparison(uncompared=(RefusedBefore(),))
        if not all(one.complete for one in self.pair):
            return Comparison(uncompared=(Quoted("a side was not read completely"),))
        ledger = Ledger(self.market, self.policy.redemptions_since)
        draft = LedgerDraft(ledger, self.policy.redemptions_since)
        sides = OnPartnero(self.market), OnTolt(self.market)
        sources = Sources(*sides, Keys(self.decided.every, self.facts.links), draft)
        try:
            return compared(self.policy, self.facts, sources)
        except SyncError as error:
            return Comparison(missed=str(error), uncompared=(Quoted(str(error)),))


def account_record(seen):
    """Return everything of an account but its sentences."""
    account, stored = seen.account, seen.market.ledger
    checks = {one.get("checked", "") for one in stored} | {""}
    return filled(
        counts=account.counts,
        report=account.report
        and [[list(one) for one in part] for part in _lines(account.report)],
        entries=[_entry_record(one, how, checks) for one, how in account.entries],
        more=[list(one) for one in account.more],
        marks=account.marks,
        used=account.used,
        ended=account.ended,
        missed=bool(account.missed),
        uncompared=bool(account.uncompared),
    )


def _lines(report):
    return report.codes, report.partners


def _entry_record(one, how, checks):
    """Return an entry; when it was asked for is a clock's, and only whether counts."""
    held = {name: getattr(one, name) for name in Entry.__slots__}
    checked = one.checked if one.checked in checks else "now"
    return filled(**held | {"checked": checked}) | {"standing": str(how)}


def play(story):
    """Return the record of a story about sales, and its sentences."""
    said, record, sentences = Said(), {}, {}
    seen = Sold(story.market, {}, frozenset(), {})
    _tell("plan", story, seen, record, sentences)
    if story.words:
        said.hear(story.words, seen)
        record["answers"] = [answer_record(one) for one in said.answers]
        sentences["answers"] = [message(one.why) for one in said.answers if one.why]
        accepted = frozenset(said.accepted)
        later = Sold(story.market, said.decisions, accepted, said.failed)
        _tell("then", story, later, record, sentences)
    return record, sentences


def _tell(name, story, seen, record, sentences):
    tell(name, story, seen, record, sentences)
    record[f"{name} account"] = account_record(seen)
    sentences[f"{name} left out"] = parts(seen.account.uncompared)
