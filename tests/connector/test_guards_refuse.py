"""Guards from outside: exit 5, nothing written, the numbers, and the way on."""

import pytest

from connector.sandbox import seed
from tests.harness.place import OF_EACH_RUN


@pytest.fixture
def settled(place):
    """Forty codes in step."""
    place.settle(40, partners=4, coupons=2)
    return place


def assert_refused(place, guard, *said, side=None):
    """Plan and sync both refuse with this guard, and nothing has changed anywhere."""
    before = place.tables(but=OF_EACH_RUN) if place.database.exists() else None
    place.sandbox.requests.clear()

    planned = place.json("plan")
    synced = place.json("sync")
    text = place.run("plan").out

    for one in (planned, synced):
        assert one.code == 5
        assert one.guard == guard
        assert one.document["refused"]["side"] == side
        for words in said:
            assert words in one.document["refused"]["message"]
        assert "othing was written" in one.document["refused"]["message"]
    assert synced.document["status"] == "refused"
    assert synced.document["outcomes"] == []
    assert guard in text.lower()
    assert place.writes == []
    if before is not None:
        assert place.tables(but=OF_EACH_RUN) == before


def remove(place, side, numbers):
    for number in numbers:
        place.edit(side, "delete_code", code=f"CODE{number:06d}")


@pytest.mark.parametrize("side", ["partnero", "tolt"])
def test_an_empty_side_is_no_reason_to_empty_the_other(settled, side):
    """A1: refuse before any write, name the side, exit 5."""
    remove(settled, side, range(40))

    assert_refused(settled, "empty_side", "lists no code at all", "40", side=side)


@pytest.mark.parametrize("side", ["partnero", "tolt"])
def test_a_much_shorter_listing_is_refused_with_its_numbers(settled, side):
    """A16: 35 % fewer than last verified."""
    remove(settled, side, range(14))

    assert_refused(
        settled,
        "short_listing",
        "26 codes",
        "last time 40",
        "14 fewer",
        "30%",
        side=side,
    )


def test_reaching_the_limit_is_allowed(settled):
    """30 % of 40 is 12: twelve fewer may be believed, thirteen may not."""
    remove(settled, "tolt", range(12))
    assert settled.json("plan").code == 0

    remove(settled, "tolt", [12])

    assert_refused(settled, "short_listing", "13 fewer", side="tolt")


def test_deletes_are_counted_also_where_there_are_few_codes(place):
    """A17: three of four really deleted, with a standing consent to deletes."""
    place.settle(4, partners=1, coupons=1)
    place.configure(limits="share = 0.5", more='[pairs.policy]\ndelete = "auto"')
    remove(place, "tolt", range(2))
    allowed = place.json("plan")

    place.configure(
        limits="share = 0.8\ndeletes = 1", more='[pairs.policy]\ndelete = "auto"'
    )

    assert allowed.code == 0
    assert allowed.document["summary"]["ready"] == 2
    assert_refused(
        place, "too_many_deletes", "delete 2 codes", "allowed are 1", "limits.deletes"
    )


@pytest.mark.parametrize(
    ("limits", "refused"),
    [("creates = 3", False), ("creates = 2", True), ("share = 0.07", True)],
    ids=["at the limit", "over the limit", "over the share"],
)
def test_too_many_creates_are_refused(settled, limits, refused):
    for number in range(3):
        settled.edit(
            "tolt",
            "create_code",
            code=f"NEW{number}",
            partner="partner00000@example.com",
        )
    more = "[pairs.coupons]\nduration = 'lifetime'"
    settled.configure(limits=limits, more=more)

    if refused:
        assert_refused(settled, "too_many_creates", "create 3 codes", "limits.creates")
    else:
        assert settled.json("sync").code == 0


@pytest.mark.parametrize("refused", [False, True])
def test_too_many_updates_are_refused(settled, refused):
    settled.edit("partnero", "set_discount", coupon="PCT5", amount=30)
    updates = 19 if refused else 20
    settled.configure(limits=f"updates = {updates}\nshare = 1.0")

    if refused:
        assert_refused(settled, "too_many_updates", "update 20 codes", "limits.updates")
    else:
        assert settled.json("sync").code == 0
        assert len(settled.writes) == 20


def test_everything_changed_at_once_is_refused_with_a_sample(settled):
    """A23: it looks like another programme or another unit."""
    for coupon in ("PCT5", "PCT6"):
        settled.edit("partnero", "set_discount", coupon=coupon, amount=40)
    settled.configure(limits="updates = 100\nshare = 1.0")

    assert_refused(
        settled, "everything_changed", "All 40", "CODE000000", side="partnero"
    )


def test_a_sentinel_that_is_missing_is_refused_also_in_a_plan(place):
    """A22: refuse, exit 5; the dry run says so as well."""
    place.configure(limits='sentinel = "CANARY"')
    assert place.json("plan").code == 0

    place.edit("tolt", "delete_code", code="CANARY")

    assert_refused(place, "sentinel_missing", "CANARY", "Tolt", side="tolt")


def test_two_pairs_that_share_a_programme_are_refused(place):
    """I4: each would undo what the other does."""
    place.add_pair()
    ours = place.sandbox.world.tolt.program.uid
    theirs = place.sandbox.world.organizations["tlt_beta"].program.uid
    text = place.config.read_text().replace("TOLT_API_KEY_2", "TOLT_API_KEY")
    place.config.write_text(text.replace(theirs, ours))

    planned = place.json("plan")
    synced = place.json("sync")
    verified = place.json("verify")
    explained = place.json("explain", "ANNA10")
    checked = place.json("check")

    assert planned.code == synced.code == verified.code == explained.code == 5
    for told in explained.documents:
        assert "share one tolt" in told["error"]
    for one in (*planned.documents, *synced.documents):
        assert one["refused"]["guard"] == "same_program"
        assert one["refused"]["side"] == "tolt"
        assert "acme" in one["refused"]["message"]
        assert "beta" in one["refused"]["message"]
    assert [one["pair"] for one in synced.documents] == ["acme", "beta"]
    assert len(place.sandbox.requests) == 0
    assert checked.code == 1
    said = [
        one["said"]
        for document in checked.documents
        for one in document["checks"]
        if not one["ok"]
    ]
    assert all("share one tolt programme" in one for one in said)
    assert len(said) == 2


def test_one_programme_under_both_versions_of_the_api_is_shared_as_well(place):
    place.add_pair()
    ours = place.sandbox.world.tolt.program.uid
    theirs = place.sandbox.world.organizations["tlt_beta"].program.uid
    text = place.config.read_text().replace("TOLT_API_KEY_2", "TOLT_API_KEY")
    first, second = text.replace(theirs, ours).split('name = "beta"')
    second = second.replace('"v2"', '"v1"').replace("/tolt/v2", "/tolt/v1")
    place.config.write_text(f'{first}name = "beta"{second}')

    planned = place.json("plan")

    assert {one["refused"]["guard"] for one in planned.documents} == {"same_program"}
    assert {one["refused"]["side"] for one in planned.documents} == {"tolt"}


def test_one_partnero_key_under_two_names_is_one_programme(place):
    place.add_pair()
    place.setenv("PARTNERO_API_KEY_2", place.sandbox.environment["PARTNERO_API_KEY"])

    planned = place.json("plan")

    assert {one["refused"]["guard"] for one in planned.documents} == {"same_program"}
    assert {one["refused"]["side"] for one in planned.documents} == {"partnero"}


def test_one_key_under_two_names_is_found_by_the_marks_of_the_passes(
    place, monkeypatch
):
    """No pass reads the key of another pair; what they have said is in the state."""
    place.add_pair()
    key = place.sandbox.environment["PARTNERO_API_KEY"]
    place.setenv("PARTNERO_API_KEY_2", key)
    first = place.json("sync", "--pair", "acme")
    monkeypatch.delenv("PARTNERO_API_KEY")

    second = place.json("sync", "--pair", "beta")
    place.setenv("PARTNERO_API_KEY", key)
    again = place.json("sync", "--pair", "acme")

    assert first.code == 0
    for one in (second, again):
        assert (one.code, one.document["refused"]["guard"]) == (5, "same_program")
        assert one.document["refused"]["side"] == "partnero"
    assert "acme" in second.document["refused"]["message"]
    assert "beta" in again.document["refused"]["message"]


def test_the_mark_of_a_pair_that_has_another_key_by_now_refuses_nobody(place):
    place.add_pair()
    key = place.sandbox.environment["PARTNERO_API_KEY"]
    assert place.json("sync", "--pair", "acme").code == 0

    text = place.config.read_text().replace('"PARTNERO_API_KEY"', '"ANOTHER"', 1)
    place.config.write_text(text)
    place.setenv("PARTNERO_API_KEY_2", key)

    assert place.json("plan", "--pair", "beta").document.get("refused") is None


@pytest.mark.parametrize("side", ["partnero", "tolt"])
def test_another_account_behind_the_key_is_refused(settled, side):
    """G10: the state belongs to a programme."""
    settled.add_pair()
    other = settled.sandbox.world.organizations["tlt_beta"].program.uid
    changed = {} if side == "partnero" else {"program_id": f'"prg_{other}"'}
    settled.configure(**changed)
    name = f"{side.upper()}_API_KEY"
    settled.setenv(name, {"partnero": "pk_beta", "tolt": "tlt_beta"}[side])

    assert_refused(settled, "other_account", "belongs to", side=side)


def test_a_new_key_of_the_same_programme_is_no_other_account(settled):
    world = settled.sandbox.world
    world.programmes["pk_rotated"] = world.partnero
    world.organizations["tlt_rotated"] = world.tolt
    settled.setenv("PARTNERO_API_KEY", "pk_rotated")
    settled.setenv("TOLT_API_KEY", "tlt_rotated")

    assert settled.json("plan").code == 0
    assert settled.json("sync").code == 0


def test_a_refusal_of_one_pair_does_not_stop_the_other(settled):
    settled.add_pair()
    remove(settled, "tolt", range(40))

    synced = settled.json("sync")

    assert synced.code == 5
    found = {one["pair"]: one["status"] for one in synced.documents}
    assert found == {"acme": "refused", "beta": "complete"}


def test_one_item_that_is_refused_in_every_run_turns_no_guard_off(place):
    """Its coupon is refused from the very first run on, and what needs it waits."""
    place.inhabit(seed.big(40, partners=4, coupons=2))
    owner = "partner00000@example.com"
    place.edit("tolt", "create_code", code="ODD", partner=owner, value=77)
    place.fault("status", method="POST", path="/coupons", status=422, count=None)
    assert place.json("sync").outcomes["ODD"] == "skipped"
    assert place.json("sync").outcomes["ODD"] == "skipped"

    place.edit("partnero", "set_discount", coupon="PCT5", amount=30)

    assert_refused(place, "too_many_updates", "update 20 codes", "30% of 40")


def test_what_an_interrupted_run_has_left_is_done_and_nothing_else_beside_it(place):
    """A fill that was stopped goes on; later changes are measured as ever."""
    place.settle(5, partners=2, coupons=2)
    owner = "partner00000@example.com"
    for number in range(12):
        place.edit("tolt", "create_code", code=f"NEW{number}", partner=owner, value=5)
    stop = place.fault(
        "status", method="POST", path="/partnero", status=429, retry_after="999"
    )
    stop.nth, stop.count = 7, None
    first = place.json("sync").document
    place.sandbox.faults.clear()

    second = place.json("sync")

    assert first["status"] == "partial"
    assert second.code == 0
    made = list(second.outcomes.values())
    assert made.count("confirmed") > 5
    for number in range(8):
        place.edit("tolt", "create_code", code=f"MORE{number}", partner=owner, value=5)
    assert_refused(place, "too_many_creates", "create 8 codes", "30% of 17")


@pytest.mark.parametrize("side", ["partnero", "tolt"])
def test_the_listing_of_another_programme_is_refused_before_anything_is_proven(
    settled, side
):
    """As long as the right one, and not one of its codes in it."""
    owner = "partner00000@example.com"
    how = {"partner": owner, "coupon": "PCT5"} if side == "partnero" else {}
    remove(settled, side, range(40))
    for number in range(40):
        values = how or {"partner": owner}
        settled.edit(side, "create_code", code=f"OTHER{number}", **values)
    told = "40 of 40 known codes are not among the 40"

    assert_refused(settled, "strangers", told, "40 unknown ones", side=side)

    single = [r for r in settled.sandbox.requests if "promotion-codes/" in r.path]
    assert single == []
