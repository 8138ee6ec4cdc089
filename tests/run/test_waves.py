"""A migration in waves, between two products in memory: each wave is itself alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.commands.certificates import Way, one_way
from connector.engine.certificate import certify
from connector.engine.waves import Asked
from connector.errors import Misconfigured
from connector.providers.memory.programme import Kind
from connector.reports.runs import run_document
from connector.run.memory import recall
from connector.run.prepare import look
from connector.run.run import run
from connector.run.waves import found, part_of, parts
from tests.run.places import LEFT, RIGHT


@pytest.fixture
def runs(new_runs):
    """Anna has two codes on Partnero alone, Ben three; TWIN is linked."""
    made = new_runs()
    for number in (1, 2):
        made.place.code(LEFT, f"ANNA{number}", 10, "Anna")
    for number in (1, 2, 3):
        made.place.code(LEFT, f"BEN{number}", 20, "Ben")
    return made


def session_of(runs, *partners, codes=()):
    session = runs.begin()[2]
    wave = Asked(partners, tuple(codes)) if partners or codes else None
    return one_way(session, Way(LEFT, RIGHT, wave), yes=True)


def wave(runs, *partners, codes=()):
    return run(session_of(runs, *partners, codes=codes))


def error(done):
    return run_document(done)["error"]


def there(runs):
    return {text for text, *_ in runs.place.shape()["tolt"]["codes"]}


def looked(runs):
    session = runs.begin()[2]
    memory = recall(session.store, runs.pair.version)
    return look(runs.pair, session.writers, memory, datetime.now(UTC))


def certified(runs, *partners, codes=()):
    prepared = looked(runs)
    part = part_of(runs.pair, prepared, found(Asked(partners, tuple(codes)), prepared))
    return certify(part, prepared.sides)


def whole(runs):
    prepared = looked(runs)
    waves = runs.place.store().facts.waves()
    return certify(prepared.plan, prepared.sides, parts(runs.pair, prepared, waves))


def test_a_wave_carries_the_codes_of_its_partners_and_nothing_else(runs):
    done = wave(runs, "anna@example.com")

    assert done.status == "complete"
    assert there(runs) == {"TWIN", "ANNA1", "ANNA2"}
    linked = {link.written for link in runs.place.store().links()}
    assert linked == {"TWIN", "ANNA1", "ANNA2"}


@pytest.mark.parametrize("name", ["prt_1", "part_1", "ANNA@example.com "])
def test_a_partner_is_named_by_an_id_of_either_side_or_by_the_e_mail(runs, name):
    assert wave(runs, name.strip()).status == "complete"

    assert there(runs) == {"TWIN", "ANNA1", "ANNA2"}


def test_partners_and_codes_unite_whatever_their_spelling(runs):
    wave(runs, "anna@example.com", codes=["ben2"])

    assert there(runs) == {"TWIN", "ANNA1", "ANNA2", "BEN2"}


def test_what_is_outside_is_no_exception_of_the_wave_and_is_named(runs):
    runs.place.code(RIGHT, "ONLYTOLT", 10, "Ben")
    wave(runs, codes=["ANNA1"])

    proof = certified(runs, codes=["ANNA1"])

    assert (proof.equal, proof.exceptions) == (1, ())
    assert proof.wave.outside == ("ANNA2", "BEN1", "BEN2", "BEN3", "ONLYTOLT", "TWIN")


def test_the_same_wave_twice_writes_nothing_and_counts_once(runs):
    wave(runs, codes=["ANNA1", "BEN1"])
    sent = list(runs.place.writes)

    again = wave(runs, codes=["ben1", "ANNA1"])

    assert again.status == "complete"
    assert runs.place.writes == sent
    assert len(runs.place.store().facts.waves()) == 1


def test_a_wave_whose_file_is_corrected_stays_one_wave(runs):
    wave(runs, codes=["ANNA1", "BEN9"])
    wave(runs, codes=["ANNA1", "BEN1"])

    (one,) = runs.place.store().facts.waves()

    assert one.keys == ("anna1", "ben1")


def test_the_whole_counts_its_waves_and_what_is_in_none_and_they_add_up(runs):
    wave(runs, "ben@example.com")
    wave(runs, codes=["ANNA1", "BEN1"])
    wave(runs, codes=["BEN2"])
    run(session_of(runs))

    proof = whole(runs)

    rows = [(one.number, one.codes, one.equal, one.open) for one in proof.waves]
    assert rows == [(1, 3, 3, 0), (2, 1, 1, 0), (0, 2, 2, 0)]
    assert proof.equal == sum(one.equal for one in proof.waves) == 6


def test_a_partner_whom_nobody_knows_ends_the_run_before_it_writes(runs):
    with pytest.raises(Misconfigured, match=r"ben@elsewhere.*nobody has that"):
        wave(runs, "anna@example.com", "ben@elsewhere.example")

    assert runs.place.writes == []
    assert runs.place.store().facts.waves() == []


def test_a_code_that_is_nowhere_makes_the_wave_partial_and_the_rest_is_done(runs):
    done = wave(runs, codes=["ANNA1", "NOPE"])

    assert done.status == "partial"
    assert error(done) == "NOPE was named for this wave and is on neither side."
    assert there(runs) == {"TWIN", "ANNA1"}
    proof = certified(runs, codes=["ANNA1", "NOPE"])
    assert [(one.code, one.reason) for one in proof.exceptions] == [
        ("NOPE", "unknown_code")
    ]


def test_where_a_side_was_cut_nobody_says_that_a_partner_or_a_code_is_nowhere(runs):
    runs.place.of(RIGHT).cut = 0

    done = wave(runs, "nobody@example.com", codes=["NOPE"])

    assert done.status == "partial"
    assert "Tolt" in error(done)
    assert runs.place.writes == []


def test_both_twins_of_a_collision_are_in_the_wave_of_either(runs):
    runs.place.code(RIGHT, "BEN1", 20, "Ben")
    runs.place.code(RIGHT, "Ben1", 20, "Anna")

    done = wave(runs, "anna@example.com")

    (held,) = [c for c in done.plan.changes if c.reason == "collision"]
    assert len(held.members) == 3
    assert done.plan.wave.outside == ("BEN2", "BEN3")


def test_a_code_that_was_renamed_is_in_the_wave_by_its_old_and_its_new_name(runs):
    place = runs.place
    place.code(RIGHT, "OTHER", 20, "Ben")
    code = place.standing(RIGHT, "TWIN")
    renamed = replace_text(code, "NEWNAME")
    place.right.tables.codes[code.id] = renamed

    for name in ("TWIN", "NEWNAME"):
        part = certified(runs, codes=[name])
        assert [one.code for one in part.exceptions] == ["TWIN"]
        assert "OTHER" in part.wave.outside
        assert "NEWNAME" not in part.wave.outside


def replace_text(code, text):
    return code._replace(written=text, values=code.values._replace(code=text.lower()))


def test_a_coupon_is_made_only_where_a_code_of_the_wave_needs_it(runs):
    place = runs.place
    for text, number in (("NEW30", 30), ("NEW40", 40)):
        place.code(RIGHT, text, number, "Ben")
    session = runs.begin()[2]
    back = one_way(session, Way(RIGHT, LEFT, Asked((), ("NEW30",))), yes=True)

    assert run(back).status == "complete"

    coupons = place.shape()["partnero"]["coupons"]
    assert "sync-percent-30-lifetime" in coupons
    assert "sync-percent-40-lifetime" not in coupons


def test_a_code_whose_partner_is_missing_is_an_exception_of_its_wave(runs):
    place = runs.place
    place.person("Zoe", "prt_9")
    place.code(LEFT, "ZOE1", 10, "Zoe")

    done = wave(runs, "zoe@example.com")

    assert (done.status, there(runs)) == ("complete", {"TWIN"})
    proof = certified(runs, "prt_9")
    assert [one.reason for one in proof.exceptions] == ["partner_missing"]


def test_what_waits_outside_of_the_wave_still_waits_after_it(runs):
    place = runs.place
    place.code(RIGHT, "BEN1", 10, "Ben")  # it gives 20 there
    assert runs.sync().status == "complete"
    waiting = runs.place.store().waiting().keys()
    assert waiting

    wave(runs, "anna@example.com")

    assert runs.place.store().waiting().keys() == waiting


def test_a_refused_listing_refuses_a_wave_as_it_refuses_all(runs):
    assert runs.sync().status == "complete"
    for code in list(runs.place.of(RIGHT).tables.codes):
        del runs.place.of(RIGHT).tables.codes[code]

    done = wave(runs, codes=["ANNA1"])

    assert (done.status, done.refused.guard) == ("refused", "empty_side")


def test_a_small_wave_is_no_short_listing_for_the_run_after_it(runs):
    runs.pair = replace(
        runs.pair,
        policy=replace(
            runs.pair.policy, limits=replace(runs.pair.policy.limits, share=0)
        ),
    )

    assert wave(runs, codes=["ANNA1"]).status == "complete"
    assert wave(runs, codes=["ANNA2"]).status == "complete"


def begun_wave(begun):
    """The wave of a process that may be killed."""
    session = begun[2]
    return one_way(session, Way(LEFT, RIGHT, Asked(("prt_1",))), yes=True)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("what", ["request", "transaction"])
def test_a_wave_that_is_killed_anywhere_is_resumed_and_stays_one_wave(
    new_runs, what, moment
):
    step, killed = 2, True
    while killed:
        runs = new_runs()
        for text, name in (("ANNA1", "Anna"), ("ANNA2", "Anna"), ("BEN1", "Ben")):
            runs.place.code(LEFT, text, 10, name)

        killed = runs.killed(what, moment, step, begun_wave)

        assert wave(runs, "prt_1").status == "complete"
        assert there(runs) == {"TWIN", "ANNA1", "ANNA2"}
        assert runs.place.remembered()["open"] == []
        assert len(runs.place.store().facts.waves()) == 1
        step += 7
    assert step > 8


def test_a_lost_answer_in_a_wave_is_settled_and_sends_nothing_twice(runs):
    runs.place.fault(RIGHT, Kind.LOST_AFTER, "create")

    assert wave(runs, "anna@example.com").status == "complete"

    assert there(runs) == {"TWIN", "ANNA1", "ANNA2"}
