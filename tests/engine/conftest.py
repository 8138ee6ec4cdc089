"""Little worlds in words: "SAM20 20% anna" is a code, its discount and its partner.

Partner ids are prt_<name> on Partnero and part_<name> on Tolt; a Tolt id is promo_
and the folded text unless "=id" says another one. "-" stands for nothing, "?" for a
discount that cannot be read.
"""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from connector.engine.decisions import Word, decide, removal
from connector.engine.facts import Facts
from connector.engine.partners import match_partners
from connector.engine.plan import (
    make_plan,
)
from connector.engine.planned import Plan, SideReport
from connector.engine.policy import Policy
from connector.engine.snapshot import Snapshot
from connector.reports.documents import plan_document
from mappings.canonical import (
    Both,
    Carried,
    Coupon,
    Partner,
    PromoCode,
    Side,
    Unreadable,
    Values,
    fixed_major,
    fold,
    percentage,
)
from mappings.capability import CAPABILITIES
from state.model import Link, Tombstone
from tests.harness.singly import singly

P, T = Side.PARTNERO, Side.TOLT
PREFIX = {P: "prt_", T: "part_"}
PEOPLE = ("anna", "bob")


class Words:
    """Turns words into the values that the engine works on."""

    everything_auto = Policy(lossy="auto", payee="auto", delete="auto")

    @staticmethod
    def discount(word):
        if word == "-":
            return None
        if word == "?":
            return Unreadable("no currency is configured", "25", "currency")
        if word.endswith("%"):
            return percentage(Decimal(word[:-1]))
        return fixed_major(Decimal(word[:-3]), word[-3:])

    def code(self, side, spec, **carried):
        if isinstance(spec, PromoCode):
            return spec
        text, discount, owner, *rest = spec.split()
        text = text.replace("~", " ")
        id_ = text if side is P else f"promo_{fold(text)}"
        if rest:
            id_ = rest[0].removeprefix("=")
        partner = None if owner == "-" else PREFIX[side] + owner
        values = Values(fold(text), self.discount(discount), partner)
        harmless = {"coupon", "duration", "redeemed", "reaches", "coupon_redeemed"}
        limited = any(carried[name] for name in carried.keys() - harmless)
        carried = {"limited": limited, **carried}
        return PromoCode(id_, text, values, Carried(**carried))

    @staticmethod
    def people(side, names=PEOPLE):
        return {
            PREFIX[side] + name: Partner(
                PREFIX[side] + name, f"{name}@example.com", name.capitalize()
            )
            for name in names
        }

    def side(
        self, side, specs=(), *, people=PEOPLE, coupons=("15%", "20%", "30%"), **more
    ):
        codes = [self.code(side, spec) for spec in specs]
        named = {
            f"C{word}": Coupon(f"C{word}", self.discount(word), "lifetime", Carried())
            for word in (coupons if side is P else ())
        }
        return Snapshot(
            side,
            codes={code.id: code for code in codes},
            partners=people if isinstance(people, dict) else self.people(side, people),
            coupons=named,
            **more,
        )

    def link(self, left, right=None, *, unset=(), version="v2"):
        one, two = self.code(P, left), self.code(T, right or left)
        return Link(
            ids=Both(one.id, two.id),
            base=Both(one.values, two.values),
            written=one.written,
            version=version,
            unset=frozenset(unset),
        )

    @staticmethod
    def tombstone(text, where="partnero"):
        key = fold(text)
        return {key: Tombstone(key, text, where, "2026-01-01T00:00:00Z", "20%")}

    def facts(self, partnero=(), tolt=(), links=(), *, version="v2", **more):
        """Return facts; absences of linked records are proven unless said."""
        links = [
            link if isinstance(link, Link) else self.link(link, version=version)
            for link in links
        ]
        sides = [
            given if isinstance(given, Snapshot) else self.side(side, given)
            for side, given in ((P, partnero), (T, tolt))
        ]
        if more.pop("proven", True):
            sides = [
                replace(
                    side,
                    gone=frozenset(
                        link.ids.of(side.side)
                        for link in links
                        if link.ids.of(side.side) not in side.codes
                    ),
                )
                for side in sides
            ]
        partners = more.pop("partners", None) or match_partners(
            sides[0].partners, sides[1].partners
        )
        return Facts(
            partnero=sides[0],
            tolt=sides[1],
            partners=partners,
            can=more.pop("can", None)
            or {P: CAPABILITIES["partnero"], T: CAPABILITIES[f"tolt-{version}"]},
            version=version,
            links=links,
            **more,
        )

    def plan(self, partnero=(), tolt=(), links=(), policy=None, **more):
        """Return a plan with a change for each record, in bulk or not."""
        facts = self.facts(partnero, tolt, links, **more)
        policy = policy or Policy()
        return singly(make_plan(facts, policy), facts, policy)

    def decisions(self, take, *args, policy=None, of=(), **more):
        """Return what a person stores who says this word about all that waits.

        ``of`` names the reasons of what is meant, where that is not all of it.
        """
        policy = policy or Policy()
        facts = self.facts(*args, **more)
        made = make_plan(facts, policy)
        waits = [c for c in made.changes if c.status != "ready" and self._own(c)]
        waits = [c for c in waits if not of or c.reason in of]
        if take == "delete" and not waits:
            waits = [removal("SAM20", facts)]
        word = Word(take, "sam@desk", "2026-01-01T00:00:00Z")
        answers = decide([one for one in waits if one], word, facts, policy)
        return {a.decision.id: a.decision for a in answers if not a.why}

    def accepted(self, finding):
        """Return what is stored of a finding that a person accepts."""
        word = Word("keep", "sam@desk", "2026-01-01T00:00:00Z")
        (answer,) = decide([finding], word, self.facts(), Policy())
        return {answer.decision.id: answer.decision}

    @staticmethod
    def _own(change):
        return change.action not in ("coupon", "partner")

    @staticmethod
    def lines(decided):
        """Return each change in five words, supporting changes included."""
        return [
            " ".join((c.action, c.target, c.status, c.reason, fields_of(c)))
            for c in decided.changes
        ]

    @staticmethod
    def kinds(decided):
        return [finding.kind for finding in decided.findings]

    @staticmethod
    def document(decided, **more):
        """Return the bytes of the plan's document."""
        plan = Plan(
            pair="acme",
            created_at="2026-01-01T00:00:00Z",
            expires_at="2026-01-02T00:00:00Z",
            config="c",
            state="s",
            sides={
                side.value: SideReport(0, 0, complete=True, requests=0) for side in Side
            },
            changes=decided.changes,
            findings=decided.findings,
            tally=decided.tally,
            accepted=decided.accepted,
            **more,
        )
        return json.dumps(plan_document(plan)).encode()


def fields_of(change):
    whole = change.action in ("create", "delete", "forget", "coupon", "partner")
    return "-" if whole else ",".join(f.field for f in change.fields) or "-"


@pytest.fixture(scope="session")
def words():
    return Words()
