"""Headers and frames of every odd kind, dripped or not: no request outlives its time.

A client of its own with a deadline of a fraction of a second: what it gets is an answer
or one of our errors, and it gets it soon. A write is never sent twice.
"""

import random
import time

import pytest

from connector.errors import SyncError
from connector.providers.http import Access, Patience
from connector.providers.writing import ReadWrite
from tests.fuzz.headers import misframe
from tests.fuzz.judge import leaks
from tests.fuzz.trial import KEYS, MAILBOX, PARTNERO_KEY, settled_world
from tests.fuzz.wire import Wire
from tests.harness.program import alarmed

QUICK = Patience(deadline=0.3, attempts=2, first_pause=0.001, longest_backoff=0.01)
SOON = 15.0
"""Much longer than two attempts may take, and much shorter than for ever."""


@pytest.fixture(scope="module")
def wire():
    with Wire(settled_world()) as served:
        yield served


def outcome(wire, seed):
    """Return what is wrong with how a client takes one spoilt answer."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    wire.spoil = None
    wire.forget()
    access = Access(
        "Partnero", f"{wire.url}/partnero/v1/", PARTNERO_KEY, patience=QUICK
    )
    client, scripts, wrong = ReadWrite(access), [], []
    new = {"coupon_uuid": "PCT10", "code": seed.replace(" ", "-").upper()}
    writes = dice.random() < 0.3

    def spoil(asked, answer):
        if not scripts:
            scripts.append(
                misframe(dice, asked, answer, mailbox=MAILBOX, keys=KEYS, slow=True)
            )
        return scripts[0]

    wire.spoil = spoil
    begun = time.monotonic()
    try:
        with alarmed(60):
            if writes:
                client.post("promotion-codes", new)
            else:
                client.get("partners", {"limit": 100, "page": 1})
    except SyncError as error:
        wrong += [f"the error shows {leak}" for leak in set(leaks(str(error)))]
    except BaseException as error:  # noqa: BLE001 (that is what is looked for)
        wrong.append(f"it raised {error!r:.300}")
    finally:
        client.close()
    if (took := time.monotonic() - begun) > SOON:
        wrong.append(f"it took {took:.0f} seconds")
    # What an earlier case gave up on may arrive late.
    sent = [row for row in wire.site.requests.writes if row.body == new]
    if writes and len(sent) > 1 and "429" not in scripts[0].told:
        wrong.append(f"it was sent {len(sent)} times: {sent}")
    told = (
        f"seed {seed!r}: {'POST' if writes else 'GET'}: {scripts and scripts[0].told}"
    )
    return [f"{told}: {one}" for one in wrong]


def check(wire, numbers):
    failed = [line for n in numbers for line in outcome(wire, f"header {n}")]
    assert not failed, "\n".join([f"{len(failed)} cases:", *failed])


def test_no_header_makes_a_request_outlive_its_time(wire):
    check(wire, range(12))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_no_header_of_500_makes_a_request_outlive_its_time(wire, block):
    check(wire, range(block * 100, (block + 1) * 100))
