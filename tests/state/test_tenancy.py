"""A pair reads and writes its own rows alone, whatever is asked of its store.

Two pairs have rows with the same keys in one state. Each public method is called for
one of them, and what it sends, what it returns and what it leaves of the other pair's
rows is looked at.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.canonical import Both, Percentage, Side, Values
from mappings.redemptions import Entry, Total
from state.counts import PlanCounts
from state.database import open_to_write
from state.facts import Facts
from state.journal import Journal
from state.leases import Leases
from state.ledger import Ledger
from state.model import (
    Decision,
    Digested,
    Failure,
    Intent,
    LastReading,
    LedgerChange,
    Link,
    Look,
    PairFacts,
    PartnerLink,
    Programme,
    RunSummary,
    Same,
    Settlement,
    Tombstone,
    Unfinished,
    Waiting,
    Wave,
    Window,
)
from state.problems import StateProblem
from state.store import Store
from tests.harness.tenancy import rows_of, tables_of, watched

AT, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
V2 = "v2"


class Of:
    """Values of one pair: the keys are another's as well, what they hold is its own."""

    def __init__(self, pair):
        self.pair = pair
        self.run_id = f"r_{pair}"
        counts = PlanCounts(ready=1, held=1)
        done = RunSummary(
            self.run_id, pair, "sync", "complete", AT, AT, counts, 1, error=f"of {pair}"
        )
        self.run = done
        quiet = replace(done, command="run", counts=None, passes=1, since=AT)
        self.quiet = [replace(quiet, id=f"r_{number}_{pair}") for number in range(33)]

    def link(self, key="sam"):
        values = Values(key, Percentage(Decimal(10)), f"of {self.pair}")
        return Link(Both(key, f"pc_{self.pair}"), Both(values, values), key, V2)

    def stone(self, key="gone"):
        return Tombstone(key, key, f"on {self.pair}", AT, "{}")

    def decision(self, id_="c_1", key="sam"):
        return Decision(id_, key, key, "keep", "seen", f"who of {self.pair}", AT)

    def intent(self, number=1, state="planned"):
        return Intent(
            f"i_{number}_{self.pair}",
            self.run_id,
            f"c_{number}",
            "sam",
            f"code of {self.pair}",
            *("create", "tolt", state, "{}"),
            at=AT,
            version=V2,
        )

    def entry(self):
        return Entry(
            "SAM", "k1", buyer=f"of {self.pair}", evidence="tolt", linked="tx_1",
            charged_at=AT, checked=AT, pushed="tolt", alike=(("tx_1", "k2"),),
        )  # fmt: skip

    def ledger(self, number=1):
        total = Total("SAM", "missing_on_tolt", "USD", number, 1, 1)
        return LedgerChange(((self.entry(), "missing_on_tolt"),), (total,))

    def waiting(self, id_="c_1"):
        return Waiting(id_, "sam", "SAM", self.run_id, AT, f'{{"of": "{self.pair}"}}')

    def facts(self):
        programme = Programme(f"prg {self.pair}", f"key {self.pair}", "USD", "live")
        return PairFacts(dict.fromkeys(Side, programme), V2, dict.fromkeys(Side, 7))

    def settlement(self, number=1):
        return Settlement(
            self.intent(number, "confirmed"),
            link=self.link(),
            replaces="old",
            stone=self.stone("lost"),
            used=("c_used",),
            accepts=(self.decision("c_accepted"),),
            partner=Same(V2, "p_1", f"tp_{self.pair}"),
            customer=Same(V2, "b_1", f"tb_{self.pair}"),
            unfinished=Unfinished("u", "U", "tolt", "{}", "{}", self.pair, AT),
            finished="f",
            sales=self.ledger(),
            coupons={"SAM": f"uuid {self.pair}"},
            seen_at=LATER,
            failed=Failure("SAM", self.pair),
        )


STORE = {
    "identity": lambda s, o: s.identity(AT),
    "known_identity": lambda s, o: s.known_identity(),
    "meta": lambda s, o: s.meta(),
    "save_links": lambda s, o: s.save_links(
        [o.link(), o.link("bob")], ["old"], ["c_0"]
    ),
    "bury": lambda s, o: s.bury([o.stone(), o.stone("bob")], ["c_0"]),
    "save_partner_links": lambda s, o: s.save_partner_links(
        V2, [PartnerLink("p_2", f"tp2 {o.pair}")], [PartnerLink("p_3", "t")]
    ),
    "save_coupons": lambda s, o: s.save_coupons({"SAM": f"c {o.pair}", "X": "y"}, AT),
    "decide": lambda s, o: s.decide(
        [o.decision(), o.decision("c_2"), o.decision("c_3")]
    ),
    "carry": lambda s, o: s.carry({"c_2": o.decision("c_4")}),
    "save_look": lambda s, o: s.save_look(
        Look(AT, o.run_id), [o.waiting(), o.waiting("c_9")], ["c_3"]
    ),
    "look_again": lambda s, o: s.look_again(LATER),
    "links": lambda s, o: s.links(),
    "links_and_unreadable": lambda s, o: s.links_and_unreadable(),
    "link": lambda s, o: s.link("sam"),
    "tombstones": lambda s, o: s.tombstones(),
    "unfinished": lambda s, o: s.unfinished(),
    "partner_links": lambda s, o: s.partner_links(V2),
    "coupons": lambda s, o: s.coupons(LATER),
    "decisions": lambda s, o: s.decisions(),
    "decided_of": lambda s, o: s.decided_of(["c_1", "c_4"]),
    "waiting": lambda s, o: s.waiting(),
    "looked": lambda s, o: s.looked(),
    "tolt_versions": lambda s, o: s.tolt_versions(),
    "sizes": lambda s, o: s.sizes(),
    "tables": lambda s, o: s.tables(),
    "unreadable": lambda s, o: s.unreadable(),
    "withdraw": lambda s, o: s.withdraw(["c_1"]),
    "finish": lambda s, o: s.finish(["u"]),
    "forget_coupons": lambda s, o: s.forget_coupons(["X"]),
}
JOURNAL = {
    "begin": lambda s, o: s.journal.begin(o.intent()),
    "leave": lambda s, o: s.journal.leave(o.intent().id, "{}", ["c_3"]),
    "settle": lambda s, o: s.journal.settle(o.settlement()),
    "count_failures": lambda s, o: s.journal.count_failures(
        {"c_7": Failure("SAM", o.pair)}, ["c_8"]
    ),
    "save_run": lambda s, o: [
        s.journal.save_run(run, f'{{"of": "{o.pair}"}}') for run in (o.run, *o.quiet)
    ],
    "open_intents": lambda s, o: s.journal.open_intents(),
    "intents": lambda s, o: s.journal.intents(o.run_id),
    "has_done": lambda s, o: s.journal.has_done("c_1"),
    "failures": lambda s, o: s.journal.failures(),
    "runs": lambda s, o: s.journal.runs(5, status="complete", until=LATER),
    "run": lambda s, o: s.journal.run(o.run_id),
    "document": lambda s, o: [s.journal.document(), s.journal.document(o.run_id)],
    "prune": lambda s, o: s.journal.prune(LATER),
}
LEDGER = {
    "save": lambda s, o: s.ledger.save(o.ledger(), {"m": f"of {o.pair}"}, used=["c_0"]),
    "entries": lambda s, o: s.ledger.entries([("SAM", "k1")]),
    "waiting": lambda s, o: [
        s.ledger.waiting("missing_on_tolt", 5),
        s.ledger.waiting("missing_on_tolt", 5, ["SAM"]),
    ],
    "sharing": lambda s, o: s.ledger.sharing(["k1"]),
    "everything": lambda s, o: s.ledger.everything(),
    "totals": lambda s, o: s.ledger.totals(),
    "marks": lambda s, o: s.ledger.marks(),
    "sums": lambda s, o: s.ledger.sums(),
    "alike": lambda s, o: s.ledger.alike(["K1"]),
    "linked": lambda s, o: s.ledger.linked(["tx_1"]),
    "looked_alike": lambda s, o: s.ledger.looked_alike(),
    "pushed_to": lambda s, o: s.ledger.pushed_to("tolt", "missing_on_tolt"),
    "evidence": lambda s, o: s.ledger.evidence("tolt", "in_sync"),
    "in_turn": lambda s, o: s.ledger.in_turn("missing_on_tolt", ["twice"], 9, LATER),
    "sold_at": lambda s, o: s.ledger.sold_at("SAM", AT),
    "counterpart": lambda s, o: s.ledger.counterpart(Side.PARTNERO, "b_1", V2),
}
WINDOW = Window(AT, "a", "b", AT, "r")
FACTS = {
    "save_pair": lambda s, o: s.facts.save_pair(o.facts()),
    "save_window": lambda s, o: s.facts.save_window(replace(WINDOW, run=o.run_id)),
    "save_probed": lambda s, o: s.facts.save_probed({"point": o.pair}),
    "save_mark": lambda s, o: s.facts.save_mark(f"of {o.pair}"),
    "save_alarm": lambda s, o: s.facts.save_alarm([f"of {o.pair}"], AT),
    "save_digest": lambda s, o: s.facts.save_digest(Digested(AT, (o.pair,))),
    "save_last_reading": lambda s, o: s.facts.save_last_reading(
        LastReading(money={"of": o.pair})
    ),
    "save_waves": lambda s, o: s.facts.save_waves([Wave("w", o.run_id, AT, 1, ("a",))]),
    "pair": lambda s, o: s.facts.pair(),
    "window": lambda s, o: s.facts.window(),
    "probed": lambda s, o: s.facts.probed(),
    "mark": lambda s, o: s.facts.mark(),
    "alarm": lambda s, o: s.facts.alarm(),
    "alarm_since": lambda s, o: s.facts.alarm_since(),
    "digested": lambda s, o: s.facts.digested(),
    "last_reading": lambda s, o: s.facts.last_reading(),
    "waves": lambda s, o: s.facts.waves(),
}
LEASES = {
    "take": lambda s, o: s.leases.take(f"owner {o.pair}", 60),
    "holder": lambda s, o: s.leases.holder(),
    "renew": lambda s, o: s.leases.renew(60),
    "fence": lambda s, o: s.leases.fence(),
    "prolong": lambda s, o: _prolonged(s),
    "release": lambda s, o: s.leases.release(),
}
PARTS = {Store: STORE, Journal: JOURNAL, Ledger: LEDGER, Facts: FACTS, Leases: LEASES}
NOT_ASKED = {"close"}
CALLS = {
    f"{kind.__name__}.{name}": call
    for kind, calls in PARTS.items()
    for name, call in calls.items()
}
ELSEWHERE = {"programme", "counter", "webhook_seen"}
"""Tables that no store writes: the whole state's, asked about all pairs at once."""
OF_A_HOLD = ("Leases.renew", "Leases.prolong")
ENDS = ("Store.withdraw", "Store.finish", "Store.forget_coupons", "Journal.prune")


def _prolonged(store):
    store.transactions.hold.since -= 59
    with store.transactions.writing() as connection:
        store.leases.prolong(connection)


@pytest.fixture
def two(state_url):
    """Two pairs in one state, each with something of everything."""
    engine = open_to_write(state_url)
    stores = {name: Store(engine, name) for name in ("acme", "beta")}
    for name, store in stores.items():
        for call, do in CALLS.items():
            if not call.startswith("Leases.") and call not in ENDS:
                do(store, Of(name))
    return stores["acme"], stores["beta"]


def test_every_public_method_is_called_here():
    for kind, calls in PARTS.items():
        public = {name for name in vars(kind) if not name.startswith("_")}
        methods = {name for name in public if callable(getattr(kind, name))}
        assert methods - NOT_ASKED == calls.keys()


def test_no_method_touches_or_tells_anything_of_another_pair(two):
    acme, beta = two
    engine = acme.transactions.engine
    for store in two:
        assert store.leases.take(f"owner {store.pair}", 60) is None
        empty = [name for name, rows in rows_of(engine, store.pair).items() if not rows]
        assert set(empty) <= ELSEWHERE
    acme.leases.release()
    before = rows_of(engine, "beta")
    calls = sorted(CALLS, key=lambda name: name in ENDS)

    for name in [*calls, "Leases.take", *calls]:
        if acme.transactions.hold is None and name in OF_A_HOLD:
            continue
        with watched(engine, "acme", "beta") as watch:
            told = CALLS[name](acme, Of("acme"))
        assert watch.wrong == [], name
        assert "beta" not in repr(told), name
        if watch.writes:
            assert rows_of(engine, "beta") == before, name
    assert beta.leases.holder() == "owner beta"


def test_an_id_of_another_pairs_row_is_refused_and_that_row_stays(two):
    acme, beta = two
    engine, ours, theirs = acme.transactions.engine, Of("acme"), Of("beta")
    beta.journal.begin(theirs.intent(5))
    before = rows_of(engine, "beta")
    run, intent = replace(ours.run, id=theirs.run_id), theirs.intent(5)

    with pytest.raises(StateProblem, match="another pair"):
        acme.journal.save_run(run)
    with pytest.raises(StateProblem, match="another pair"):
        acme.journal.begin(intent)
    acme.journal.leave(intent.id, "{}")
    acme.journal.settle(Settlement(replace(intent, state="confirmed")))

    assert rows_of(engine, "beta") == before
    assert acme.journal.run(theirs.run_id) is None


def test_a_statement_without_its_pair_is_seen(opened):
    engine = opened().transactions.engine

    with watched(engine, "acme", "beta") as watch, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE intent SET detail = '' WHERE id = 'i_1'")
        connection.exec_driver_sql("SELECT * FROM meta")

    assert watch.wrong == ["UPDATE intent SET detail = '' WHERE id = 'i_1'"]
    assert {"link", "intent", "run", "lease", "redemption"} <= tables_of(engine)
