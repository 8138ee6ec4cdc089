"""A write whose answer never came is settled by looking (E1, E2, E4, E19, D3, D4)."""

import pytest

TROUBLE = {
    "lost before the effect": {"kind": "lost_before"},
    "lost after the effect": {"kind": "lost_after"},
    "reset after the effect": {"kind": "lost_after", "reset": True},
    "500 before the effect": {"kind": "status", "status": 500},
    "500 after the effect": {"kind": "status_after", "status": 500},
    "503 after the effect": {"kind": "status_after", "status": 503},
    "408 after the effect": {"kind": "status_after", "status": 408},
    "an answer that is cut off": {"kind": "cut"},
    "half an answer": {"kind": "truncated"},
    "a web page with status 200": {"kind": "html"},
    "a redirect to a login": {"kind": "redirect"},
    "a slow drip": {"kind": "slow", "seconds": 0.8},
}
AFTER = {
    name
    for name, how in TROUBLE.items()
    if how["kind"] not in ("lost_before", "status", "html", "redirect")
}


def _create(place, side):
    other = "partnero" if side == "tolt" else "tolt"
    more = {"coupon": "PCT20"} if other == "partnero" else {"value": 20}
    place.edit(other, "create_code", code="NEW", partner="ben@example.com", **more)


def _update_discount(place, side):
    place.edit("partnero", "set_discount", coupon="PCT20", amount=25)


def _update_partner(place, side):
    place.edit("tolt", "move_partner", code="SAME", partner="ben@example.com")
    place.configure('[pairs.policy]\npayee = "auto"')


def _delete(place, side):
    other = "partnero" if side == "tolt" else "tolt"
    place.edit(other, "delete_code", code="SAME")
    place.configure(policy='delete = "auto"', limits="share = 1")


WRITES = {
    "create on tolt v2": (_create, "tolt", "POST", "promotion-codes", "v2"),
    "create on tolt v1": (_create, "tolt", "POST", "promotion-codes", "v1"),
    "create on partnero": (_create, "partnero", "POST", "promotion-codes", "v2"),
    "update on tolt v2": (_update_discount, "tolt", "PUT", "promotion-codes", "v2"),
    "update on tolt v1": (_update_discount, "tolt", "PUT", "promotion-codes", "v1"),
    "payee on partnero": (_update_partner, "partnero", "PUT", "promotion-codes", "v2"),
    "delete on tolt v2": (_delete, "tolt", "DELETE", "promotion-codes", "v2"),
    "delete on tolt v1": (_delete, "tolt", "DELETE", "promotion-codes", "v1"),
    "delete on partnero": (_delete, "partnero", "DELETE", "promotion-codes", "v2"),
}


def _some(write, trouble):
    """Every trouble of a socket once; what follows for every write is in tests/run."""
    quick = write == "create on tolt v2"
    return pytest.param(write, trouble, marks=[] if quick else pytest.mark.slow)


@pytest.mark.parametrize(
    ("write", "trouble"), [_some(w, t) for w in WRITES for t in TROUBLE]
)
def test_a_write_without_an_answer_is_done_once_in_the_same_run(
    open_place, write, trouble
):
    """E1, E2, E4: settled, sent again only where it had no effect; never twice."""
    prepare, side, method, path, version = WRITES[write]
    place = open_place(("SAME", "both", "10"), ("TWIN", "both", "20"), version=version)
    assert place.sync().status == "complete"
    prepare(place, side)
    fault = place.fault(method=method, path=path, **TROUBLE[trouble])
    before = len(place.writes)

    done = place.sync()

    assert fault.hits == 1
    assert done.status == "complete", (done.trouble, done.outcomes)
    assert place.only(done).outcome == "confirmed"
    assert len(place.writes) - before == (1 if trouble in AFTER else 2)
    assert place.agrees()
    place.quiet()
