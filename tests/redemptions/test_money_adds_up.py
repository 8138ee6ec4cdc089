"""Laws of finance: for any world the sums are the lines, and both sides balance."""

from collections import Counter, defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine.match import Pairing
from connector.engine.partners import PartnerMap
from connector.engine.sales.lines import LISTED, Note, counts_of, standing_of
from connector.engine.sales.money import COLUMNS, Found, money_report
from connector.engine.sales.owners import Owners
from connector.engine.sales.standings import MISSING, Standing, judge
from connector.engine.sales.totals import ON_BOTH_SIDES, added, counts, weight
from connector.reports.messages.say import ANYBODY
from connector.reports.money_documents import money_documents
from mappings.canonical import Carried, Partner, PromoCode, Side, Values, exponent
from mappings.redemptions import Entry, Money

CODES = ("anna10", "ben20", "gone")
CURRENCIES = ("USD", "JPY", "KWD")
money = st.builds(Money, st.integers(-5, 99_999), st.sampled_from(CURRENCIES))
maybe = st.none() | money


@st.composite
def entries(draw):
    """Return one redemption as the ledger may have it, whatever it went through."""
    charges = tuple(draw(st.sets(st.sampled_from(["v2:a", "v2:b"]))))
    refunds = tuple(draw(st.sets(st.sampled_from(["v2:r"]))))
    return Entry(
        code=draw(st.sampled_from(CODES)),
        key=draw(st.sampled_from(["", "k1", "k2", "k3", "k4", "k5"])),
        logged=draw(st.integers(0, 2)),
        logged_at=draw(st.sampled_from(["", "2026-03-01T00:00:00Z"])),
        sales=draw(st.none() | st.integers(0, 2)),
        sold=draw(maybe),
        charges=charges,
        charged=draw(maybe) if charges or refunds else None,
        charged_at="2026-02-01T00:00:00Z",
        refunds=refunds,
        pushed=draw(st.sampled_from(["", "tolt"])),
        doubt=draw(st.sampled_from(["", "", "open:tolt", "parked:partnero"])),
        linked=draw(st.sampled_from(["", "", "txn_1"])),
    )


def code(id_, owner):
    return PromoCode(id_, id_.upper(), Values(id_, None, owner), Carried())


@st.composite
def owners(draw):
    """Return who is credited: the same on both sides, another, or nobody."""
    left, right = draw(st.sampled_from([("p1", "t1"), ("p1", "t2"), (None, "t1")]))
    pairs = {
        "anna10": Pairing("anna10", None, code("anna10", left), code("anna10", right)),
        "ben20": Pairing("ben20", None, code("ben20", "p2"), None),
    }
    people = {
        Side.PARTNERO: {n: Partner(n, f"{n}@example.com", n) for n in ("p1", "p2")},
        Side.TOLT: {n: Partner(n, f"{n}@example.com", n) for n in ("t1", "t2")},
    }
    known = PartnerMap(*people.values(), {"p1": "t1"}, {"t1": "p1"})
    return Owners(pairs, {}, {}, known)


@st.composite
def worlds(draw):
    """Return all that a comparison may have found."""
    drawn = draw(st.lists(entries(), max_size=9))
    ledger = {(e.code, e.key): (e, judge(e, "")) for e in drawn}
    notes = {
        id_: Note(
            draw(st.sampled_from(["lookalike", "quarantined", "payee_change"])), ()
        )
        for id_, (_, how) in ledger.items()
        if how in MISSING.values() and draw(st.booleans())
    }
    shown = [one for one in ledger.values() if one[1] not in HIDDEN]
    missing = [one for one in shown if is_missing(one, notes)]
    return Found(
        totals=added((), (weight(*one) for one in ledger.values())),
        open=[one for one in shown if one not in missing],
        missing=missing,
        owners=draw(owners()),
        currency=draw(st.sampled_from(["USD", ""])),
        notes=notes,
    )


HIDDEN = (*ON_BOTH_SIDES, Standing.VOID, Standing.BEFORE_START)


def is_missing(one, notes):
    entry, standing = one
    note = notes.get((entry.code, entry.key))
    return standing in MISSING.values() and standing_of(standing, note) == standing


def minor(text, currency):
    return int(Decimal(text).scaleb(exponent(currency))) if currency else 0


@settings(max_examples=40)
@given(worlds())
def test_sums_add_up_to_the_lines_in_every_currency_on_its_own(found):
    document = money_documents(money_report(found), ANYBODY)

    lines = defaultdict(lambda: [0, 0])
    for one in document["redemptions"]:
        so_far = lines[one["partner"], one["code"], one["currency"], one["standing"]]
        so_far[0] += 1
        so_far[1] += minor(one["amount"] or "0", one["currency"])
    sums = {
        (one["partner"], one["code"], one["currency"], one["standing"]): [
            one["count"],
            minor(one["amount"], one["currency"]),
        ]
        for one in document["redemption_sums"]
    }
    assert sums == lines


@settings(max_examples=40)
@given(worlds())
def test_lines_add_up_to_the_counts_of_the_summary(found):
    report = money_report(found)

    told = {"in_sync": counts(found.totals)["in_sync"], **counts_of(report.sums)}

    lines = Counter(line.standing for line in report.lines)
    assert {name: told[name] for name in LISTED} == {n: lines[n] for n in LISTED}
    for table in (report.codes, report.partners):
        by_line = Counter()
        for line in table:
            by_line.update(line.counts)
        assert {name: by_line[name] for name in told} == told
        assert set(by_line) <= set(COLUMNS)


@settings(max_examples=40)
@given(worlds())
def test_what_one_side_counts_less_what_is_named_is_what_the_other_counts(found):
    report = money_report(found)

    named, apart = Counter(), Counter()
    for line in report.lines:
        for money, sign in ((line.partnero, 1), (line.tolt, -1)):
            if money is not None:
                named[money.currency] += sign * money.minor
    for line in report.codes:
        apart[line.currency] += minor(line.partnero, line.currency)
        apart[line.currency] -= minor(line.tolt, line.currency)
    # A link of a person's may join two amounts: that is what they said.
    for one in found.totals:
        if one.standing == Standing.LINKED:
            apart[one.currency or found.currency] -= one.partnero - one.tolt
    assert +Counter(apart) == +named
    assert -Counter(apart) == -named


@settings(max_examples=40)
@given(worlds())
def test_partners_and_codes_come_to_the_same_money(found):
    report = money_report(found)

    def money_of(table):
        sums = defaultdict(lambda: [0, 0])
        for line in table:
            sums[line.currency][0] += minor(line.partnero, line.currency)
            sums[line.currency][1] += minor(line.tolt, line.currency)
        return {currency: both for currency, both in sums.items() if any(both)}

    assert money_of(report.codes) == money_of(report.partners)


@settings(max_examples=40)
@given(worlds(), st.integers(0, 3))
def test_a_run_that_names_the_first_alone_sums_up_all_the_same(found, most):
    whole = money_report(found)

    short = money_report(
        Found(
            found.totals,
            found.open,
            found.missing[:most],
            found.owners,
            found.currency,
            found.notes,
            whole=False,
        )
    )

    assert short.sums == whole.sums
    assert (short.codes, short.partners) == (whole.codes, whole.partners)
    assert set(short.lines) <= set(whole.lines)


@settings(max_examples=40)
@given(worlds())
def test_the_parts_of_some_codes_come_to_the_whole(found):
    """A wave of a migration has the money of its own codes, and of no other."""
    parts = [money_report(found.within({code})) for code in CODES]

    whole = money_report(found)

    assert sorted(one for part in parts for one in part.sums) == sorted(whole.sums)
    assert sorted(map(str, (line for part in parts for line in part.lines))) == sorted(
        map(str, whole.lines)
    )
