"""What goes into the store comes out equal, and a lost lease stops every write."""

import itertools
import multiprocessing
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.canonical import Both, Fixed, Percentage, Side, Values, fold
from mappings.discounts import discount_text, parse_discount
from state import tables
from state.bulk import in_parts
from state.counts import PlanCounts, RedemptionCounts
from state.model import (
    Decision,
    Failure,
    FindingLine,
    Intent,
    LastReading,
    Link,
    Look,
    PairFacts,
    PartnerLink,
    Programme,
    RunSummary,
    Settlement,
    Tombstone,
    Waiting,
    Window,
)
from state.transactions import LeaseLost, upsert
from tests.harness.takers import take_turns

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1)
DISCOUNTS = st.one_of(
    st.none(),
    st.decimals(0, 100, places=3).map(lambda d: Percentage(d.normalize())),
    st.integers(0, 10**15).map(lambda minor: Fixed(minor, "USD")),
)
LINKS = st.builds(
    lambda left, right, ours, theirs, owners, unset: Link(
        ids=Both(left, right),
        base=Both(
            Values(fold(left), ours, owners[0]), Values(fold(left), theirs, owners[1])
        ),
        written=left,
        version="v2",
        unset=frozenset(unset),
    ),
    TEXTS,
    TEXTS,
    DISCOUNTS,
    DISCOUNTS,
    st.tuples(st.none() | TEXTS, st.none() | TEXTS),
    st.sets(st.sampled_from(["discount", "partner"])),
)


@pytest.fixture
def store(opened):
    return opened()


def _intent(**more):
    plain = Intent(
        id="i_1",
        run="r_1",
        change_id="c_1",
        key="sam",
        code="SAM",
        action="create",
        target="tolt",
        state="planned",
        change="{}",
        at="2026-01-01T00:00:00.000000Z",
    )
    return replace(plain, **more)


LINK = Link(
    Both("SAM", "promo_1"),
    Both(
        Values("sam", Percentage(Decimal("12.5")), "prt_1"),
        Values("sam", Percentage(Decimal("12.5")), "part_1"),
    ),
    "SAM",
    "v2",
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(link=LINKS)
def test_a_link_comes_back_as_it_was_stored(store, link):
    store.save_links([link])

    found = [one for one in store.links() if one.written == link.written]

    assert link in found
    assert store.link(fold(link.ids.left)) == link


@given(discount=DISCOUNTS)
def test_a_discount_comes_back_from_its_stored_text(discount):
    assert parse_discount(discount_text(discount)) == discount


def test_everything_else_comes_back_as_it_was_stored(store):
    stone = Tombstone("gone", "GONE", "tolt", "2026-01-01T00:00:00Z", "20%, part_1")
    decision = Decision(
        "c_1",
        "sam",
        "SAM",
        "keep",
        "abc",
        "me",
        "2026-01-01T00:00:00Z",
        lost=("a b", "c"),
    )
    counts = PlanCounts(in_sync=3, held=1, redemptions=RedemptionCounts(twice=2))
    run = RunSummary("r_1", "acme", "sync", "complete", "1", "2", counts, outcomes=1)

    store.bury([stone])
    store.decide([decision])
    store.journal.save_run(run, "{}")
    store.save_partner_links("v2", [PartnerLink("prt_1", "part_1", "email")])
    store.save_coupons({"SAM": "SUMMER"}, "t")

    assert store.tombstones() == {"gone": stone}
    assert store.decisions() == {"c_1": decision}
    assert store.journal.runs() == [run]
    assert store.journal.run("r_1") == run
    assert store.journal.document("r_1") == "{}"
    assert [one[:2] for one in store.partner_links("v2")] == [("prt_1", "part_1")]
    assert store.partner_links("v1") == []
    assert store.coupons() == {"SAM": "SUMMER"}


def test_two_pairs_in_one_file_do_not_see_each_other(opened):
    one, other = opened(), opened("other")

    one.save_links([LINK])
    one.journal.begin(_intent())

    assert other.links() == []
    assert other.journal.open_intents() == []


FACTS = {
    "pair": PairFacts(
        {
            Side.PARTNERO: Programme("prog_1", "key", "", "affiliate"),
            Side.TOLT: Programme("prg_1", "mark", "USD"),
        },
        "v2",
        {Side.TOLT: 4},
        rest={"create": 3},
        aside={Side.PARTNERO: ["sam"]},
    ),
    "window": Window("since", "inputs", "partnero", "full_at", "r_1"),
    "probed": {"tolt.11": "no"},
    "mark": "2026-01-01T00:00:00Z",
    "alarm": frozenset({"failed", "silent"}),
    "last_reading": LastReading(
        (FindingLine("dead", "SAM is dead"),), {"totals": [{"name": "", "parts": []}]}
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_of_the_pair_comes_back_as_it_was_stored(store, name):
    getattr(store.facts, f"save_{name}")(FACTS[name])

    assert getattr(store.facts, name)() == FACTS[name]


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_was_never_stored_is_the_empty_value(store, name):
    empty = getattr(store.facts, name)()

    assert empty in (PairFacts(dict.fromkeys(Side, Programme())), LastReading()) or (
        not empty
    )


CONSENT = Decision("c_1", "sam", "SAM", "tolt", "seen", "me@here", "t")


def test_a_word_that_stands_is_not_replaced_by_a_later_one(store):
    store.decide([CONSENT])
    other = replace(CONSENT, take="keep", who="somebody else")
    more = replace(CONSENT, id="c_2")

    assert store.decide([other, more]) == [CONSENT]
    assert store.decisions() == {"c_1": CONSENT, "c_2": more}
    assert store.decide([more]) == []


def test_a_look_keeps_since_when_something_waits(store):
    first = Waiting("c_1", "sam", "SAM", "r_1", "t1", "{}", "anna")
    gone = replace(first, id="c_2")
    store.save_look(Look("t1", "r_1", "c"), [first, gone], [])
    store.save_look(Look("t2", "r_2", "c"), [replace(first, run="r_2", at="t2")], [])

    assert store.waiting() == {"c_1": first}
    assert store.looked() == Look("t2", "r_2", "c")

    moved = replace(first, run="r_3", at="t3", document="[]")
    store.save_look(Look("t3", "r_3", "c"), [moved], [])
    assert store.waiting() == {"c_1": replace(first, document="[]")}


def test_a_look_that_saw_nothing_new_moves_the_time_and_no_more(store):
    store.look_again("t0")
    assert store.looked() is None

    store.save_look(Look("t1", "r_1", "c"), [])
    store.look_again("t2")
    assert store.looked() == Look("t2", "r_1", "c")
    store.look_again("t1")
    assert store.looked() == Look("t2", "r_1", "c")


@pytest.mark.parametrize(
    "close",
    [
        lambda store: store.save_links([LINK], used=["c_1"]),
        lambda store: store.bury(
            [Tombstone("sam", "SAM", "tolt", "t", "")], used=["c_1"]
        ),
    ],
)
def test_a_consent_to_what_needs_no_request_is_used_up_with_it(store, close):
    store.decide([CONSENT])

    close(store)

    assert store.decisions() == {}


def test_a_request_that_leaves_is_noted_with_what_it_may_destroy(store):
    store.journal.begin(_intent())

    store.journal.leave("i_1", '{"code": "SAM"}')

    (noted,) = store.journal.open_intents()
    assert (noted.state, noted.copy) == ("sending", '{"code": "SAM"}')


def test_a_consent_may_be_used_up_by_the_request_that_leaves(store):
    store.decide([CONSENT])
    store.journal.begin(_intent())

    store.journal.leave("i_1", "", ["c_1"])

    assert store.decisions() == {}


def test_coupons_come_back_with_the_oldest_first_and_are_forgotten_by_code(store):
    store.save_coupons({"B": "X", "C": "X"}, "2026-01-02")
    store.save_coupons({"A": "X"}, "2026-01-03")
    store.save_coupons({"D": "X"}, "2026-01-01")
    store.forget_coupons(["C"])

    assert list(store.coupons()) == ["D", "B", "A"]


def test_burying_closes_the_base_and_a_new_link_takes_the_stone_away(store):
    store.save_links([LINK])
    store.bury([Tombstone("sam", "SAM", "tolt", "t", "20%")])
    assert store.links() == []

    store.save_links([LINK])

    assert store.tombstones() == {}


@pytest.mark.parametrize("state", ["planned", "sending", "uncertain"])
def test_only_what_is_not_settled_is_open(store, state):
    store.journal.begin(_intent(state=state))
    for number, closed in enumerate(
        ("confirmed", "adopted", "failed", "stale", "quarantined")
    ):
        store.journal.begin(_intent(id=f"i_closed{number}", state=closed))

    assert [one.id for one in store.journal.open_intents()] == ["i_1"]


NEWS = itertools.count()
FENCED = {
    "begin": lambda s: s.journal.begin(_intent()),
    "leave": lambda s: s.journal.leave("i_1", "{}"),
    "forget_coupons": lambda s: s.forget_coupons(["A"]),
    "settle": lambda s: s.journal.settle(
        Settlement(_intent(state="confirmed"), link=LINK)
    ),
    "save_links": lambda s: s.save_links([LINK]),
    "bury": lambda s: s.bury([Tombstone("sam", "SAM", "tolt", "t", "")]),
    "save_pair_state": lambda s: s.facts.save_pair(PairFacts(rest={"t": next(NEWS)})),
    "save_partner_links": lambda s: s.save_partner_links("v2", [PartnerLink("a", "b")]),
    "save_coupons": lambda s: s.save_coupons({"A": "B"}, "t"),
    "count_failures": lambda s: s.journal.count_failures(
        {"c": Failure("A", "why")}, ()
    ),
    "renew_lease": lambda s: s.leases.renew(60, now=0),
    "fence": lambda s: s.leases.fence(),
}


@pytest.mark.parametrize("verb", FENCED)
def test_a_holder_that_was_taken_over_cannot_do_it(opened, verb):
    sleeper, successor = opened(), opened()
    assert sleeper.leases.take("a", 60, now=1000) is None
    FENCED[verb](sleeper)
    assert successor.leases.take("b", 60, now=1061) is None
    before = sleeper.tables()

    with pytest.raises(LeaseLost):
        FENCED[verb](sleeper)

    assert sleeper.tables() == before
    FENCED[verb](successor)


def test_a_lease_is_refused_while_it_lasts_and_given_when_it_is_over(opened):
    one, other = opened(), opened()

    assert one.leases.take("a", 60, now=1000) is None
    assert other.leases.take("b", 60, now=1059) == "a"
    assert other.leases.take("b", 60, now=1059, dead=["a"]) is None
    assert one.leases.take("a", 60, now=1118) == "b"
    assert one.leases.take("a", 60, now=1119) is None


def test_a_lease_that_was_lost_is_not_given_back(opened):
    sleeper, successor = opened(), opened()
    sleeper.leases.take("a", 60, now=1000)
    successor.leases.take("b", 60, now=1061)

    sleeper.leases.release()

    assert successor.leases.holder() == "b"


def test_failed_runs_are_counted_and_forgotten(store):
    first = {"c_1": Failure("SAM", "one"), "c_2": Failure("TOM", "x")}
    store.journal.count_failures(first, ())
    store.journal.count_failures({"c_1": Failure("SAM", "two")}, ["c_2", "c_9"])

    assert store.journal.failures() == {"c_1": Failure("SAM", "two", runs=2)}


def test_a_row_that_cannot_be_read_is_named(store):
    store.save_links([LINK])
    with store.transactions.writing() as connection:
        connection.exec_driver_sql("UPDATE link SET tolt_discount = 'rubbish:1'")

    assert "rubbish" in store.unreadable()[0]


def _of_all_kinds(number, percent):
    """Return a link; the members that may be missing are in turn."""
    text, owner = f"Ünï{number}", f"o{number}" if number % 2 else None
    discount = Percentage(Decimal(percent)) if number % 3 else None
    values = Values(fold(text), discount, owner)
    unset = frozenset({"partner"} if number % 5 == 0 else ())
    return Link(Both(text, f"p{number}"), Both(values, values), text, "v2", unset)


@pytest.mark.parametrize("number", [99, 100])
def test_what_many_rows_leave_out_is_as_it_is_in_few(store, number):
    rows = [{"pair": "acme", "code": f"C{n}", "uuid": "u"} for n in range(number)]

    with store.transactions.writing(fenced=False) as connection:
        upsert(connection, tables.COUPON, rows)

    kept = store.transactions.rows(tables.COUPON)
    assert len(kept) == number
    assert {row["checked"] for row in kept} == {""}


@pytest.mark.parametrize("number", [99, 100, 1001])
def test_many_links_come_back_as_they_were_written_new_or_over_others(store, number):
    for percent in (10, 20):
        links = [_of_all_kinds(n, percent) for n in range(number)]

        store.save_links(links)

        found = sorted(store.links(), key=lambda link: int(link.ids.right[1:]))
        assert found == links


@pytest.mark.parametrize("takes", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_of_four_processes_only_one_holds_the_pair_at_a_time(opened, state_url, takes):
    """G1: as many takes as asked for, no overlap, no "database is locked"."""
    opened()
    spawn = multiprocessing.get_context("spawn")
    report = spawn.Queue()
    workers = [
        spawn.Process(target=take_turns, args=(state_url, takes, _intent(), report))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    held = sorted(report.get(timeout=60) for _ in range(4 * takes))
    for worker in workers:
        worker.join(timeout=30)

    assert [worker.exitcode for worker in workers] == [0] * 4
    overlaps = [(one, two) for one, two in itertools.pairwise(held) if two[0] < one[1]]
    assert overlaps == []
    assert {name for _, _, name in held} == {worker.name for worker in workers}


def test_links_are_written_as_they_come_and_few_are_held_at_a_time(store):
    made = []

    def coming():
        for number in range(2500):
            made.append(number)
            text = f"CODE{number}"
            values = Values(text.lower(), None, None)
            yield Link(Both(text, f"promo_{number}"), Both(values, values), text, "v2")

    first = next(in_parts(coming()))
    store.save_links(coming())

    assert len(first) == 1000
    assert len(made) == 1000 + 2500
    assert len(store.links()) == 2500
