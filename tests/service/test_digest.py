"""What waits for a person is told once a period; who is paid is asked at once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connector.service.digest import is_due, next_due, of_what_waits
from mappings.moments import instant
from state.database import open_to_write
from state.model import Digested, Look, Waiting
from state.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated")
NOW = datetime(2026, 3, 2, 10, 0, 5, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    return Store(open_to_write(f"sqlite:///{tmp_path}/state.db"), "acme")


def held(id_: str, reason: str, status: str = "held") -> Waiting:
    document = {"code": id_.upper(), "status": status, "reason": reason}
    document["message"] = f"{id_} is a question."
    at = "2026-03-02T09:00:00Z"
    return Waiting(id_, id_, id_.upper(), "r_1", at, json.dumps(document))


def look(store: Store, *waiting: Waiting) -> None:
    store.save_look(Look("2026-03-02T10:00:00Z", "r_1"), waiting)


def told(store: Store, now: datetime = NOW, period: str = "daily"):
    """Tell what is due, and remember it, as a delivered notice is."""
    found = of_what_waits("acme", store, period, now)
    if found is None:
        return None
    store.facts.save_digest(found.after)
    return found.notice


def test_the_first_digest_goes_out_when_something_waits(store):
    assert told(store) is None  # nothing was looked at
    look(store)
    assert told(store) is None  # nothing waits
    look(store, held("a", "lossy"), held("b", "lossy"), held("c", "gone_on_tolt"))

    first = told(store)

    assert first.title == "acme: 3 wait for a decision"
    assert "as of 2026-03-02T10:00:00Z" in first.body
    assert ": 2\n" in first.body
    assert ": 1\n" in first.body
    assert "Type: partnero-tolt --pair acme inbox" in first.body


def test_what_is_blocked_or_only_acceptable_waits_for_nobody(store):
    look(store, held("a", "partner_missing", status="blocked"))

    assert told(store) is None


@pytest.mark.parametrize(("period", "days"), [("daily", 1), ("weekly", 7)])
def test_a_digest_goes_out_once_a_period(store, period, days):
    look(store, held("a", "lossy"))
    moments = [NOW + timedelta(hours=6 * number) for number in range(4 * days * 3)]

    sent = [at for at in moments if told(store, at, period)]

    assert sent == [NOW, NOW + days * DAY, NOW + 2 * days * DAY]


def test_never_is_never(store):
    look(store, held("a", "lossy"), held("p", "payee_change"))

    assert told(store, period="never") is None


def test_a_pass_that_is_a_little_early_counts_and_does_not_make_it_creep():
    due = next_due("", DAY, NOW)
    early = instant(due) - timedelta(minutes=20)

    assert is_due(due, DAY, early)
    assert next_due(due, DAY, early) == next_due(due, DAY, instant(due))
    assert not is_due(due, DAY, instant(due) - timedelta(hours=2))


def test_after_a_long_pause_the_next_one_is_a_whole_period_away():
    due = next_due("", DAY, NOW)
    later = NOW + timedelta(days=9, hours=5)

    assert is_due(due, DAY, later)
    assert instant(next_due(due, DAY, later)) == later.replace(microsecond=0) + DAY


def test_a_time_far_to_come_is_one_of_a_wrong_clock():
    assert is_due("2999-01-01T00:00:00Z", DAY, NOW)


def test_a_new_question_of_who_is_paid_is_told_at_once_and_once(store):
    look(store, held("a", "lossy"))
    told(store)
    look(store, held("a", "lossy"), held("p", "payee_change"))

    asked = told(store, NOW + timedelta(minutes=15))

    assert asked.title == "acme: a new question of who is paid"
    assert "P: p is a question." in asked.body
    assert "inbox --reason payee_change" in asked.body
    assert told(store, NOW + timedelta(minutes=30)) is None


def test_a_person_with_two_e_mails_is_one_new_question_with_all_their_codes(store):
    question = {"title": "12 codes of m***@home.example", "text": "Is it the same?"}
    codes = []
    for number in range(12):
        one = held(f"m{number}", "payee_change")
        document = json.loads(one.document) | {"question": question}
        codes.append(replace(one, document=json.dumps(document)))
    look(store, held("a", "lossy"))
    told(store)
    look(store, held("a", "lossy"), *codes)

    asked = told(store, NOW + timedelta(minutes=15))

    assert asked.title == "acme: a new question of who is paid"
    assert asked.body.count("12 codes of m***@home.example: Is it the same?") == 1
    assert told(store, NOW + timedelta(minutes=30)) is None


def test_one_that_came_with_the_digest_is_not_told_twice(store):
    look(store, held("p", "payee_change"))

    assert "P: p is a question." in told(store).body
    assert told(store, NOW + timedelta(minutes=15)) is None


def test_one_that_was_settled_and_comes_again_is_new(store):
    look(store, held("p", "payee_change"))
    told(store)
    look(store, held("a", "lossy"))
    assert told(store, NOW + DAY)
    look(store, held("p", "payee_change"))

    assert told(store, NOW + DAY + timedelta(minutes=15))


def test_what_was_told_is_kept_by_the_state(store):
    store.facts.save_digest(Digested("2026-03-03T10:00:00Z", ("c_1",)))

    assert store.facts.digested() == Digested("2026-03-03T10:00:00Z", ("c_1",))


# -- from sync, by real notices --------------------------------------------------------


def bodies(receiver) -> list[str]:
    return [json.loads(body)["message"] for m, _, body in receiver.calls if m == "POST"]


def test_sync_sends_a_digest_once_a_day_whatever_is_started_anew(town, receiver):
    town.settle("@hourly", more=receiver.notify, codes=6, only_partnero=0.5)
    town.config.write_text(town.config.read_text() + 'policy.create = "hold"\n')
    start = datetime.now(UTC)

    for hours in (0, 1, 2, 25):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            assert town.call("sync")[0] == 0

    waiting = town.runs()[-1].counts.held
    assert waiting > 0
    expected = f"p0: {waiting} {'waits' if waiting == 1 else 'wait'} for a decision"
    assert receiver.notices == [expected] * 2
    assert "Type: partnero-tolt --pair p0 inbox" in bodies(receiver)[0]


def test_a_pair_may_hear_of_nothing_while_another_one_does(town, receiver):
    town.settle(
        "@hourly",
        "@hourly",
        more=receiver.notify,
        codes=6,
        only_partnero=0.5,
        each='policy.create = "hold"',
    )
    text = town.config.read_text()
    first, second = text.rsplit("[[pairs]]", 1)
    town.config.write_text(f'{first}notify.digest = "never"\n[[pairs]]{second}')

    assert town.call("sync")[0] == 0

    assert [title.partition(":")[0] for title in receiver.notices] == ["p1"]
