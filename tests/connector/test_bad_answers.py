"""Trouble on the wire: what a run makes of it, what it leaves, and how it goes on.

Each story starts from a settled pair of 240 codes with one new code to be carried
over, lets something go wrong, and ends with a run in good weather that needs no
repair.
"""

import pytest

from connector.sandbox import seed
from tests.harness.place import OF_EACH_RUN
from tests.sampling import in_turn

NEW = "BRANDNEW10"
CODES = {
    "partnero": r"^/partnero/v1/promotion-codes\?",
    "tolt": r"^/tolt/v2/promotion-codes\?",
}
WEATHER = {
    "web page": ("html", {}),
    "truncated": ("truncated", {}),
    "cut connection": ("cut", {}),
    "no answer": ("lost_before", {}),
    "server error": ("status", {"status": 503}),
    "too many requests": ("status", {"status": 429}),
    "redirect": ("redirect", {}),
    "empty page": ("empty_page", {}),
}

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def settled(place):
    """A pair in step, and one new code on Partnero."""
    place.settle(240, partners=4, coupons=2)
    place.edit(
        "partnero",
        "create_code",
        code=NEW,
        coupon="PCT5",
        partner="partner00000@example.com",
    )
    place.sandbox.requests.clear()
    return place


def remembered(place):
    return place.tables(but=OF_EACH_RUN)


def assert_goes_on(place):
    """In good weather the next run does what was to be done, without any repair."""
    place.sandbox.faults.clear()
    place.sandbox.requests.clear()
    synced = place.json("sync")
    assert synced.code == 0
    assert synced.outcomes == {NEW: "confirmed"}
    assert synced.document["plan"]["delete"] == 0
    assert len(place.writes) == 1
    assert place.run("state", "check").code == 0


# --- listings ---------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "side"), in_turn(WEATHER))
def test_a_side_that_cannot_be_read_completely_is_unknown_not_empty(
    settled, side, kind
):
    """A7, A8, A9, E16: the second page is bad for good. No absence, no create."""
    fault, options = WEATHER[kind]
    settled.fault(fault, path=CODES[side], nth=2, count=None, **options)
    before = remembered(settled)

    planned = settled.json("plan")
    synced = settled.json("sync")

    assert planned.code == synced.code == 4
    seen = planned.document["sides"][side]
    assert not seen["complete"]
    assert seen["missed"].startswith(side.capitalize())
    assert "unproven" in {one["kind"] for one in planned.document["findings"]}
    assert planned.document["summary"]["ready"] == 0
    assert planned.document["summary"]["delete"] == 0
    assert synced.document["status"] == "partial"
    assert settled.writes == []
    assert remembered(settled) == before
    settled.sandbox.faults.clear()
    assert_goes_on(settled)


@pytest.mark.parametrize(
    ("kind", "side"),
    in_turn(["web page", "truncated", "cut connection", "no answer", "server error"]),
)
def test_one_bad_answer_is_asked_for_again(settled, side, kind):
    """A9: a maintenance page is retried, and nobody has to know."""
    fault, options = WEATHER[kind]
    struck = settled.fault(fault, path=CODES[side], nth=2, count=2, **options)

    synced = settled.json("sync")

    assert struck.hits == 2
    assert synced.code == 0
    assert synced.outcomes == {NEW: "confirmed"}


def test_bad_weather_is_not_asked_for_ever(settled):
    """E7: a storm of 429 ends after a bounded number of attempts, exit 4."""
    settled.fault("status", status=429, count=None)

    synced = settled.json("sync")

    assert synced.code == 4
    assert synced.document["status"] == "partial"
    assert len(settled.sandbox.requests) <= 2 * 5
    assert_goes_on(settled)


def test_a_longer_pause_than_a_run_may_take_ends_it(settled):
    settled.fault("status", status=429, count=None, retry_after="3600")

    planned = settled.json("plan")

    assert planned.code == 4
    assert len(settled.sandbox.requests) == 2
    assert "the next run goes on" in planned.document["sides"]["tolt"]["missed"]


def test_a_redirect_is_not_followed(settled):
    """E16: the key does not travel to where an answer points."""
    away = f"http://localhost:{settled.sandbox.port}/tolt/v2/elsewhere"
    settled.fault("redirect", path=CODES["tolt"], count=None, location=away)

    planned = settled.json("plan")

    assert planned.code == 4
    assert "301" in planned.document["sides"]["tolt"]["missed"]
    assert not any("elsewhere" in row.path for row in settled.sandbox.requests)


@pytest.mark.parametrize("path", ["/tolt/v2/programs", "/partnero/v1/test"])
def test_a_first_run_that_cannot_ask_who_answers_is_partial(place, path):
    """E7: a pause longer than a run may take ends it, and the next one goes on."""
    place.fault("status", path=path, status=429, retry_after="900", count=None)

    ended = place.json("sync")
    place.sandbox.faults.clear()

    assert (ended.code, ended.document["status"]) == (4, "partial")
    assert "429" in ended.document["error"]
    assert place.writes == []
    assert place.json("sync").document["plan"]["create"]


def test_a_listing_that_says_it_failed_is_not_an_empty_one(place):
    """Nothing is created on the strength of it, not even on a first run."""
    body = {"success": False, "message": "try again", "data": [], "has_more": False}
    codes = "/v2/promotion-codes"
    place.fault("status", path=codes, status=200, answer=body, count=None)

    ended = place.json("sync")

    assert (ended.code, ended.document["status"]) == (4, "partial")
    assert place.writes == []


def test_v1_without_a_list_of_programmes_is_known_by_its_partners(place):
    """The list of programmes came to v1 later."""
    text = place.config.read_text().replace('"v2"', '"v1"')
    place.config.write_text(text.replace("/tolt/v2", "/tolt/v1"))
    place.fault("status", path="/tolt/v1/programs", status=404, answer={}, count=None)

    ended = place.json("sync")

    assert ended.document["status"] == "complete"
    assert place.run("check").code == 0


def test_a_page_that_leads_to_another_host_is_not_followed(settled):
    away = f"http://localhost:{settled.sandbox.port}"
    settled.fault(
        "foreign_next", path=CODES["partnero"], count=None, location=f"{away}/foreign"
    )

    planned = settled.json("plan")

    assert planned.code == 4
    assert "another host" in planned.document["sides"]["partnero"]["missed"]
    assert not any("foreign" in row.path for row in settled.sandbox.requests)
    assert_goes_on(settled)


@pytest.mark.parametrize(
    ("side", "said"),
    [("tolt", "the same cursor twice"), ("partnero", "repeats the one before")],
)
def test_a_listing_that_goes_round_in_circles_is_not_complete(settled, side, said):
    settled.fault("repeat_page", path=CODES[side], nth=2, count=None)
    before = remembered(settled)

    synced = settled.json("sync")
    planned = settled.json("plan")

    assert synced.code == planned.code == 4
    assert said in planned.document["sides"][side]["missed"]
    assert settled.writes == []
    assert remembered(settled) == before
    assert_goes_on(settled)


@pytest.mark.parametrize("side", ["partnero", "tolt"])
def test_a_server_that_ignores_the_limit_is_read_to_the_end(settled, side):
    """A12: the next page is what the server says, not what was asked for."""
    settled.fault("ignore_limit", path=CODES[side], count=None, size=15)

    planned = settled.json("plan")

    assert planned.code == 0
    assert planned.document["sides"][side]["complete"]
    assert planned.document["summary"]["in_sync"] == 240
    pages = [row for row in settled.sandbox.requests if "promotion" in row.path]
    assert len(pages) >= 240 // 15


def test_a_rejected_cursor_restarts_the_walk_once(settled):
    """A14: complete after one restart, unproven after two."""
    answer = {"success": False, "error": {"type": "invalid_cursor", "message": "old"}}
    options = {"path": CODES["tolt"], "status": 400, "answer": answer}
    once = settled.fault("status", nth=2, **options)

    restarted = settled.json("plan")
    settled.sandbox.faults.clear()
    settled.fault("status", nth=2, count=None, **options)
    given_up = settled.json("plan")

    assert once.hits == 1
    assert restarted.code == 0
    assert restarted.document["sides"]["tolt"]["complete"]
    assert given_up.code == 4
    assert not given_up.document["sides"]["tolt"]["complete"]
    assert_goes_on(settled)


def test_nobody_at_the_address_is_a_failure_and_still_a_document(settled):
    before = remembered(settled)
    settled.sandbox.stop()

    planned = settled.json("plan")
    synced = settled.json("sync")

    assert planned.code == synced.code == 1
    assert planned.document["sides"]["tolt"]["complete"] is False
    assert synced.document["status"] == "failed"
    assert "no connection" in synced.document["error"]
    assert remembered(settled) == before


def test_a_first_run_into_bad_weather_is_a_document_too(place):
    """Before the first read a run asks who is there; that may fail as well."""
    place.fault("html", count=None)

    synced = place.json("sync")

    assert synced.code in {1, 4}
    assert synced.document["status"] in {"failed", "partial"}
    assert place.writes == []
    (run,) = place.tables()["run"]
    assert "interrupted" not in run


# --- keys -------------------------------------------------------------------------


def test_a_wrong_key_is_said_and_costs_nothing(settled):
    """A25: 401 is fatal, nothing is absent because of it, no resync afterwards."""
    before = remembered(settled)
    settled.setenv("TOLT_API_KEY", "tlt_wrong")

    planned = settled.json("plan")
    synced = settled.json("sync")

    assert planned.code == synced.code == 1
    assert "401" in planned.err
    assert synced.document["status"] == "failed"
    assert "The key was refused" in synced.document["error"]
    assert "tlt_wrong" not in planned.out + planned.err + synced.out + synced.err
    assert settled.writes == []
    assert remembered(settled) == before
    settled.setenv("TOLT_API_KEY", settled.sandbox.environment["TOLT_API_KEY"])
    assert_goes_on(settled)


@pytest.mark.parametrize("side", ["partnero", "tolt"])
@pytest.mark.parametrize(
    ("status", "said"), [(401, "The key was refused"), (403, "its scope or plan")]
)
def test_a_key_that_is_revoked_on_page_two_ends_the_run(settled, side, status, said):
    """A25, A26: fatal; 403 says that the key is valid but may not do this."""
    settled.fault("status", status=status, path=CODES[side], nth=2, count=None)
    before = remembered(settled)

    synced = settled.json("sync")

    assert synced.code == 1
    assert said in synced.document["error"]
    assert side.capitalize() in synced.document["error"]
    assert settled.writes == []
    assert remembered(settled) == before
    assert_goes_on(settled)


@pytest.mark.parametrize("shape", ["object", "string", "message"])
def test_the_old_api_may_word_its_errors_in_any_shape(place, shape):
    """E22: the same classification."""
    url = f'"{place.sandbox.url}/tolt/v1"'
    place.configure(api_version='"v1"', base_url__1=url)
    place.sandbox.switches.set("tolt_v1_errors", shape)
    place.setenv("TOLT_API_KEY", "tlt_wrong")

    planned = place.json("plan")

    assert planned.code == 1
    assert "401" in planned.document["error"]


def test_a_programme_that_the_key_does_not_have_is_a_failure(place):
    place.configure(program_id='"prg_nowhere"')

    planned = place.json("plan")
    synced = place.json("sync")

    assert planned.code == synced.code == 1
    for error in (planned.document["error"], synced.document["error"]):
        assert "prg_nowhere is not among those of this key" in error
        assert "pairs.tolt.program_id" in error
    assert place.writes == []


# --- writes -----------------------------------------------------------------------


@pytest.mark.parametrize("target", ["partnero", "tolt"])
@pytest.mark.parametrize(
    ("kind", "options", "sent"),
    [
        ("lost_after", {}, 1),
        ("status_after", {"status": 500}, 1),
        ("status", {"status": 500}, 2),
        ("lost_before", {}, 2),
        ("status", {"status": 429}, 2),
    ],
    ids=["answer lost", "500 but done", "500 and not done", "request lost", "429"],
)
def test_a_create_with_a_lost_answer_has_its_effect_once(
    place, target, kind, options, sent
):
    """E1, E2, E4: looked for before it is ever sent again."""
    only = {"tolt": "only_partnero", "partnero": "only_tolt"}[target]
    place.inhabit(seed.big(1, partners=1, coupons=1, **{only: 1.0}))
    if target == "partnero":
        place.edit("partnero", "create_partner", email="x@example.com")
        place.configure(more="[pairs.coupons]\nduration = 'once'")
    path = f"^/{target}/.*promotion-codes"
    struck = place.fault(kind, method="POST", path=path, **options)

    synced = place.json("sync")

    posts = [row for row in place.writes if "promotion-codes" in row.path]
    assert struck.hits == 1
    assert synced.code == 0
    assert set(synced.outcomes.values()) <= {"confirmed", "adopted"}
    assert len(posts) == sent
    world = place.sandbox.world
    assert len(world.partnero.codes) == len(world.tolt.codes) == 1
    assert place.json("plan").document["summary"]["in_sync"] == 1


def test_one_item_that_fails_does_not_stop_the_others(place):
    """E13: 422 on one of many; E14: after three runs it is no longer tried."""
    place.inhabit(seed.big(30, partners=3, coupons=2, only_partnero=1.0))
    refusal = {"success": False, "message": "No.", "errors": []}
    options = {"status": 422, "answer": refusal, "count": None}
    place.fault("status", method="POST", body="CODE000007", **options)

    first = place.json("sync")
    again = [place.json("sync") for _ in range(2)]
    place.sandbox.requests.clear()
    given_up = place.json("sync")

    outcomes = first.outcomes
    assert first.code == 4
    assert first.document["status"] == "partial"
    assert outcomes.pop("CODE000007") == "failed"
    assert set(outcomes.values()) == {"confirmed"}
    assert len(outcomes) == 29
    assert [one.code for one in again] == [4, 4]
    assert place.writes == []
    assert given_up.code == 0
    (waiting,) = place.json("plan").document["changes"]
    assert (waiting["status"], waiting["reason"]) == ("held", "quarantined")
    assert "422" in waiting["message"]


def test_a_code_that_the_other_side_refuses_is_not_even_tried(place):
    """C8: blanks, umlauts, emoji, a slash, 101 characters; nothing is rewritten."""
    planned = place.json("plan").document
    place.run("sync")

    texts = [
        change["code"]
        for change in planned["changes"]
        if change["reason"] == "not_expressible"
    ]
    assert set(seed.NOT_FOR_PARTNERO) <= set(texts)
    assert all(
        "A-Z a-z 0-9 - _" in c["message"]
        for c in planned["changes"]
        if c["code"] in texts
    )
    posted = {row.body.get("code") for row in place.writes}
    assert posted.isdisjoint(texts)


@pytest.mark.parametrize("path", ["plural", "singular"])
def test_codes_are_created_where_partnero_takes_them(place, path):
    """E21: one fall-back, remembered for the rest of the run."""
    place.sandbox.switches.set("partnero_create_path", path)
    place.inhabit(seed.big(6, partners=2, coupons=1, only_tolt=1.0))

    synced = place.json("sync")

    creates = [row for row in place.writes if "promotion-code" in row.path]
    assert synced.code == 0
    assert len(creates) == 6 + (path == "singular")
    assert len(place.sandbox.world.partnero.codes) == 6


def test_a_proxy_that_eats_the_body_of_a_deletion_is_not_believed(settled):
    """E17: nothing is gone, nothing is retried blindly, and it is said."""
    settled.edit("tolt", "delete_code", code="CODE000003")
    planned = settled.json("plan").document
    (gone,) = [one for one in planned["changes"] if one["action"] == "delete"]
    settled.sandbox.switches.set("partnero_drop_delete_body", True)

    applied = settled.json("apply", "--yes", "--accept", gone["id"])

    deletes = [row for row in settled.writes if row.method == "DELETE"]
    assert gone["status"] == "held"
    assert applied.code == 4
    assert applied.outcomes["CODE000003"] in {"failed", "uncertain"}
    assert len(deletes) == 1
    assert settled.sandbox.world.partnero.code("CODE000003")


@pytest.mark.parametrize(
    ("value", "outcome", "code"),
    [(5, "adopted", 0), (50, "quarantined", 4)],
    ids=["the same", "another"],
)
def test_a_code_that_somebody_makes_meanwhile_is_compared(
    settled, value, outcome, code
):
    """E10: 409 is no failure where the very same code is there already."""
    meanwhile = {
        "side": "tolt",
        "action": "create_code",
        "code": NEW,
        "partner": "partner00000@example.com",
        "value": value,
    }
    settled.fault("edit", path=f"search={NEW}", edit=meanwhile)

    synced = settled.json("sync")

    assert [row.status for row in settled.writes] == [409]
    assert synced.outcomes == {NEW: outcome}
    assert synced.code == code
    assert len(settled.sandbox.world.tolt.codes_named(NEW)) == 1


def test_a_code_that_vanishes_before_its_update_is_not_made_anew(settled):
    """E12: stale now, *gone* in the next plan, held."""
    settled.configure(limits="share = 1.0\nupdates = 200")
    settled.edit("partnero", "delete_code", code=NEW)
    settled.edit("partnero", "set_discount", coupon="PCT5", amount=9)
    meanwhile = {"side": "tolt", "action": "delete_code", "code": "CODE000002"}
    settled.fault("edit", path=CODES["tolt"], nth=3, edit=meanwhile)

    synced = settled.json("sync")

    (gone,) = settled.json("plan").document["changes"]
    assert synced.code == 4
    assert synced.outcomes["CODE000002"] == "stale"
    assert synced.outcomes["CODE000004"] == "confirmed"
    assert {row.method for row in settled.writes} == {"PUT"}
    assert (gone["action"], gone["status"]) == ("delete", "held")
    assert gone["code"] == "CODE000002"


def test_a_limit_below_the_configured_pace_is_a_finding(settled):
    """Drift: Tolt states its limit with every answer."""

    def kinds():
        return {one["kind"] for one in settled.json("plan").document["findings"]}

    assert "limit_changed" not in kinds()

    settled.sandbox.switches.tolt_rate_limit = 10

    assert "limit_changed" in kinds()


@pytest.mark.parametrize("kind", ["int", "text"])
def test_a_restriction_is_understood_without_a_cast(place, kind):
    """What Tolt cannot hold is held back, and who is paid is known, all the same."""
    before = place.json("plan").document["changes"]

    place.sandbox.switches.set("partnero_flags", kind)
    after = place.json("plan").document["changes"]

    reasons = {one["code"]: one["reason"] for one in after}
    assert reasons["ONLYPARTNERO-LIMITED"] == "lossy"
    assert after == before
