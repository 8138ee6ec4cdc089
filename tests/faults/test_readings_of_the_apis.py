"""The main job under each reading of the APIs that the notes leave open.

Whatever the reading, a run either brings both sides into step, each effect once, and
the next run writes nothing; or it says what it cannot do. Never a wrong write.
"""

import random
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from connector.reports.runs import error_of
from connector.sandbox import seed
from connector.sandbox.switches import Switches

HINTS = get_type_hints(Switches)
NUMBERS = {
    "partnero_rate_limit": [40],
    "partnero_rate_window": [0.2],
    "partnero_log_limit": [2],
    "partnero_transactions_lag": [3600.0],
    "tolt_transactions_lag": [3600.0],
    "tolt_rate_limit": [40],
    "tolt_rate_window": [0.2],
    "tolt_duration": ["once"],
}
# Programmes of another type are refused, whatever else is read.
TAKEN = {"any_key", "partnero_program_type"}


def _values(name):
    default = getattr(Switches(), name)
    hint = HINTS[name]
    if hint is bool:
        return [not default]
    if get_origin(hint) is Literal:
        return [value for value in get_args(hint) if value != default]
    return NUMBERS[name]


READINGS = [
    (name, value) for name in HINTS if name not in TAKEN for value in _values(name)
]
KNOWN_LATER = {"ONLYTOLT20", "ONLYTOLT30", "ONLYPARTNERO20"}


def _values_of(world):
    left = {
        (c.code.casefold(), c.coupon.discount_amount, c.coupon.discount_type)
        for c in world.partnero.codes
    }
    right = {
        (
            (c.code or "").casefold(),
            c.value,
            c.type,
            c.partner.email if c.partner else "",
        )
        for c in world.tolt.codes
    }
    return left, right


def _story(open_place, version, readings):
    """Plan, sync, sync again on the small world; return the place and both runs."""
    place = open_place(world=seed.small(), version=version)
    before = _values_of(place.world)
    counts = (len(place.world.partnero.codes), len(place.world.tolt.codes))
    place.sandbox.switches.update(readings)
    first = place.sync()
    sent = len(place.writes)
    second = place.sync()
    _nothing_wrong(place, before, counts, first)
    return place, first, second, len(place.writes) - sent


def _nothing_wrong(place, before, counts, first):
    """What was there is there, unchanged, and only what was asked for came on top."""
    left, right = _values_of(place.world)
    assert before[0] <= left
    assert before[1] <= right
    made = {text for text, *_ in left - before[0]} | {
        text for text, *_ in right - before[1]
    }
    assert made <= {text.casefold() for text in KNOWN_LATER}
    assert {w.method for w in place.writes} <= {"POST"}
    grown = (
        len(place.world.partnero.codes) - counts[0],
        len(place.world.tolt.codes) - counts[1],
    )
    assert grown[0] <= 2
    assert grown[1] <= 1
    assert place.world.mails == []


OTHER_PARTS = (
    *("redeem", "transaction", "customer", "archived", "charges", "log_limit"),
    *("connected", "sale_partner", "partner_key", "new_partner", "whole_partners"),
)


def _case(name, value, version):
    """Each reading once; with Tolt's other API it is slow."""
    foreign = version == "v1" and not name.startswith("tolt_v1")
    slow = foreign or any(part in name for part in OTHER_PARTS)
    marks = [pytest.mark.slow] if slow else []
    return pytest.param(
        name, value, version, marks=marks, id=f"{name}={value}-{version}"
    )


@pytest.mark.parametrize(
    ("name", "value", "version"),
    [
        _case(name, value, version)
        for name, value in READINGS
        for version in ("v2", "v1")
        if not (name.startswith("tolt_v1") and version == "v2")
    ],
)
def test_the_main_job_is_right_or_says_what_it_cannot_do(
    open_place, name, value, version
):
    place, first, second, again = _story(open_place, version, {name: value})

    assert first.status in ("complete", "partial"), first.trouble
    if first.status == "complete":
        assert {text.casefold() for text in KNOWN_LATER} <= {
            text.casefold() for text in place.left()
        } & {(c.code or "").casefold() for c in place.world.tolt.codes}
        assert (second.status, again) == ("complete", 0)
    else:
        told = [o for o in first.outcomes if o.outcome not in ("confirmed", "adopted")]
        assert told
        assert [one for one in told if not one.detail] == []


@pytest.mark.parametrize("shape", ["program", "flat"])
@pytest.mark.parametrize("kind", ["refer-a-friend", "newsletter"])
def test_a_programme_of_another_type_is_not_written_to(open_place, kind, shape):
    place = open_place(world=seed.small())
    readings = {"partnero_program_type": kind, "partnero_test_shape": shape}
    place.sandbox.switches.update(readings)

    done = place.sync()

    assert (done.status, place.writes) == ("failed", [])
    assert kind in error_of(done)


def _mixture(seed_):
    chosen = random.Random(seed_)  # noqa: S311 (a test's dice)
    names = chosen.sample(sorted(HINTS.keys() - TAKEN), 8)
    return {name: chosen.choice(_values(name)) for name in names}


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=[] if n < 6 else pytest.mark.slow) for n in range(150)],
)
def test_no_mixture_of_readings_leads_to_a_wrong_write(open_place, number):
    version = ("v2", "v1")[number % 2]

    _, first, second, again = _story(open_place, version, _mixture(number))

    assert first.status in ("complete", "partial", "failed"), first.trouble
    if (first.status, second.status) == ("complete", "complete"):
        assert again == 0
