"""What was not looked at is said to be so, and never counted as 0 or as equal."""

import pytest

from connector.engine.certificate import certify
from connector.reports.certificates import certificate_document, certificate_text
from connector.reports.documents import plan_document
from connector.reports.text import plan_text


def counts(plan):
    return set(plan_document(plan)["summary"]["redemptions"].values())


def told(plan):
    return plan_document(plan)["redemptions_not_compared"]


def test_a_plan_does_not_claim_that_none_is_missing_where_sales_were_not_read(place):
    place.sell_right("ord-1")
    place.fault("status", path="/tolt/v2/transactions", status=400, count=None)

    plan = place.plan()

    assert counts(plan) == {None}
    assert "could not be read" in told(plan)
    assert "missing on Partnero" not in plan_text(plan)
    assert "Redemptions not compared: " in " ".join(plan_text(plan).split())


def test_neither_does_its_certificate(place):
    place.sell_right("ord-1")
    place.fault("status", path="/tolt/v2/transactions", status=400, count=None)
    seen = place.prepared()

    proof = certify(seen.plan, seen.sides)

    assert set(certificate_document(proof)["redemptions"].values()) == {None}
    assert (
        "could not be read" in certificate_document(proof)["redemptions_not_compared"]
    )
    assert "Redemptions not compared" in certificate_text(proof)


def test_where_they_are_compared_the_certificate_has_the_counts(place):
    place.configure(policy='redemptions = "report"')
    place.sell_right("ord-1")
    seen = place.prepared()

    proof = certificate_document(certify(seen.plan, seen.sides))

    assert proof["redemptions"]["missing_on_partnero"] == 1
    assert proof["redemptions_not_compared"] is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/tolt/v2/transactions", "could not be read completely"),
        ("/tolt/v2/promotion-codes", "Tolt was not read completely"),
        ("/partnero/v1/promotion-codes", "Partnero was not read completely"),
    ],
)
def test_what_could_not_be_read_is_not_counted(place, path, why):
    place.configure(policy='redemptions = "report"')
    place.sell_right("ord-1")
    place.fault("status", method="GET", path=path, status=400, count=None)

    plan = place.plan()

    assert counts(plan) == {None}
    assert why in told(plan)


def test_a_list_of_codes_without_their_log_is_nothing_to_compare_with(place):
    place.configure(policy='redemptions = "report"')
    place.sell_left("ord-1")
    place.switches.set("partnero_list_shape", "old")

    plan = place.plan()

    assert counts(plan) == {None}
    assert "without their redemptions" in told(plan)


def test_a_refused_plan_has_compared_none(place):
    place.configure(policy='redemptions = "report"')
    place.sync()
    for code in ("ANNA10", "BEN20"):
        place.edit("tolt", "delete_code", code=code)

    plan = place.plan()

    assert plan.refused
    assert counts(plan) == {None}
    assert "refused" in told(plan)


def test_what_is_older_than_the_start_is_said_to_be_left_out(place):
    place.configure(policy='redemptions = "report"\nredemptions_since = 2027-01-01')
    place.sell_right("ord-1")

    plan = place.plan()

    assert counts(plan) == {0}
    assert "before 2027-01-01" in told(plan)
