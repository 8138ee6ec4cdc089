"""A stored time in the future is unknown: nothing waits for it, nothing rests on it."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.reports.messages.say import said
from connector.run.plan_file import SavedPlan
from connector.run.saved_plan import why_refused
from mappings.redemptions import Entry
from state.database import open_to_write
from state.model import LedgerChange
from state.store import Store

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def store(tmp_path):
    return Store(open_to_write(f"sqlite:///{tmp_path / 'state.db'}"), "acme")


def plan(made):
    return SavedPlan(
        format="partnero-tolt/plan",
        version=1,
        pair="acme",
        changes=[],
        config="config",
        state=None,
        created_at=iso(made),
        expires_at=iso(made + timedelta(days=1)),
        sealed=True,
    )


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=4000)])
def test_a_plan_that_was_made_in_the_future_is_not_good_until_then(ahead):
    refused = why_refused(plan(NOW + ahead), "config", None, NOW)

    assert refused is not None
    assert refused.guard == "plan_expired"
    assert "in the future" in said(refused)


def test_a_plan_of_a_clock_that_is_a_little_ahead_is_a_plan(store):
    assert why_refused(plan(NOW + timedelta(minutes=1)), "config", None, NOW) is None


def test_a_coupon_that_was_asked_for_in_the_future_is_asked_for_first(store):
    for code, at in (("old", -9), ("ahead", 9000), ("new", -1)):
        store.save_coupons({code: "uuid"}, iso(NOW + timedelta(days=at)))

    assert [*store.coupons(iso(NOW))] == ["ahead", "old", "new"]


def test_a_sale_that_was_asked_for_in_the_future_is_asked_for_first(store):
    ledger = store.ledger
    for key, at in (("old", -9), ("ahead", 9000), ("new", -1)):
        entry = Entry("sam", key, checked=iso(NOW + timedelta(days=at)))
        ledger.save(LedgerChange(((entry, "in_sync"),)), {})

    found = ledger.in_turn("twice", ["in_sync"], 2, iso(NOW))

    assert [one.key for one in found] == ["ahead", "old"]
