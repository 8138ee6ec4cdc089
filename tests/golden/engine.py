"""From a world to what the engine says of it: the one place that knows the engine.

Whoever changes the engine's types edits this file and record.py, and no other one
here. What comes out is plain: a record of everything that must stay, and apart from it
the sentences.
"""

import json
from dataclasses import replace
from decimal import Decimal

from connector.engine.certificate import certify
from connector.engine.change import Status
from connector.engine.consent import is_about_absence
from connector.engine.counts import plan_counts
from connector.engine.facts import Facts
from connector.engine.findings import of_partners, of_sides, of_versions
from connector.engine.guards import Before, Evidence, Stage, refuse
from connector.engine.match import rematch
from connector.engine.partners import Alias, match_partners
from connector.engine.planned import Plan, SideReport
from connector.engine.policy import Limits, Policy
from connector.engine.sentinel import (
    of_marks,
    of_no_sentinel,
    sentinel_among,
    spared,
)
from connector.engine.snapshot import Snapshot
from connector.engine.versions import Names, apart, decided_across, former_codes
from connector.reports.documents import plan_document
from connector.reports.messages.say import message
from connector.run.sales import NOTHING
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
from mappings.discounts import discount_text
from mappings.rows import Unread
from state.model import (
    Link,
    PairFacts,
    PartnerLink,
    Programme,
    Tombstone,
    Unfinished,
)
from tests.golden.record import (
    answer_record,
    plan_record,
    plan_sentences,
)
from tests.golden.said import Said
from tests.golden.world import AT, MINE, NOW, TODAY, UNTIL
from tests.golden.world import NOTHING as NO_LIMITS
from tests.harness.singly import singly

WITH_DOCUMENT = ("0", "3", "7")
"""How the names end of worlds of which the JSON document is kept as well."""

# -- a world as the engine takes it -----------------------------


def discount(text):
    if text is None:
        return None
    if text.startswith("?"):
        kind = "currency" if "currency" in text else "value"
        return Unreadable(text[1:], "25", kind)
    if text.endswith("%"):
        return percentage(Decimal(text[:-1]))
    return fixed_major(Decimal(text[:-3]), text[-3:])


def values(half):
    written, stated, partner = half
    return Values(fold(written), discount(stated), partner)


def code(one):
    return PromoCode(one.id, one.written, values(one.values), Carried(**one.carried))


def person(one):
    return Partner(one.id, one.email, one.name, one.inactive)


def snapshot(side, shown):
    codes = [code(one) for one in shown.codes]
    return Snapshot(
        side,
        codes={one.id: one for one in codes},
        partners={one.id: person(one) for one in shown.people},
        coupons={
            c.uuid: Coupon(
                c.uuid, discount(c.discount), c.duration, Carried(**c.restrictions)
            )
            for c in shown.coupons
        },
        missed=shown.missed,
        unreachable=shown.unreachable,
        doubled=frozenset(shown.doubled),
        gone=frozenset(shown.gone),
        drift=shown.drift,
        absent=shown.absent,
        limit=shown.limit,
        retired=shown.retired,
        requests=7,
        identity=shown.identity,
        marks=shown.marks,
        unread=tuple(Unread(*one) for one in shown.unread),
        hidden=frozenset(shown.hidden),
        hidden_texts=frozenset(map(fold, shown.hidden_texts)),
    )


def link(one):
    halves = Both(values(one.left), values(one.right))
    unset = frozenset(one.unset)
    return Link(Both(*one.ids), halves, one.written, one.version, unset)


def policy_of(stated, limits=NO_LIMITS):
    stated, limits = dict(stated), dict(limits)
    if "share" in limits:
        limits["share"] = Decimal(limits["share"])
    stated["coupons"] = {discount(d): uuid for d, uuid in stated.get("coupons", ())}
    return Policy(**stated, limits=Limits(**limits))


def unfinished(missing):
    """Return what the state remembers of a replace that left a gap, as it is stored."""
    old, there = missing["old"], missing["there"]
    gone = missing["gone"]
    other = "tolt" if gone == "partnero" else "partnero"

    def seen(one):
        if one is None:
            return None
        _text, stated, partner = one.values
        text = discount_text(discount(stated))
        return [one.id, fold(one.written), text, partner, one.written, []]

    stored = {
        "id": "c_0123456789ab",
        "action": "replace",
        "target": gone,
        "row": 7,
        "key": fold(old.written),
        "code": old.written,
        "reason": "replace_needed",
        "seen": {gone: seen(old), other: seen(there)},
        "want": [
            missing["written"],
            discount_text(discount(missing["discount"])),
            missing["partner"],
            missing["fields"],
            missing["coupon"],
            "lifetime",
        ],
        "push": None,
        "consents": [],
        "accepts": [],
        "by": "",
    }
    return Unfinished(
        fold(old.written),
        old.written,
        gone,
        json.dumps(stored, sort_keys=True),
        missing["copied"],
        missing["detail"],
        AT,
    )


# -- the order of a look ----------------------------------------


class Seen:
    """One look at a world: the plan and everything that it was made of."""

    def __init__(self, world, decisions, accepted, failed):
        self.world, self.accepted, self.failed = world, accepted, failed
        self.decisions = decisions
        self.policy = policy_of(world.policy, world.limits)
        self.sides = {
            side: snapshot(side, shown)
            for side, shown in zip(Side, (world.left, world.right), strict=True)
        }
        left = replace(self.sides[Side.PARTNERO], logs=self.logs())
        self.sides[Side.PARTNERO] = left
        self.pair = (self.sides[Side.PARTNERO], self.sides[Side.TOLT])
        self.match()
        self.decide()
        self.evidence = Evidence(
            limits=self.policy.limits, sides=self.sides, before=self.before
        )
        self.early = refuse(Stage.READ, self.evidence)
        self.account = self.sold()
        self.plan = self.planned()
        self.prove_bulk()
        self.document = None
        self.proof = certify(self.plan, self.sides)
        self.spared = spared(self.plan.changes, self.policy.limits.sentinel)

    def match(self):
        world = self.world
        self.aliases = [Alias(*one) for one in world.aliases]
        self.partners = match_partners(
            *(self.sides[side].partners for side in Side),
            stored=[PartnerLink(*one) for one in world.stored],
            aliases=self.aliases,
            gone={tuple(one) for one in world.over},
        )
        self.bases = [link(one) for one in world.links]
        codes = self.sides[Side.TOLT].codes
        self.links = rematch(
            self.bases, codes, self.partners, world.version, world.former
        )
        about = {one.key for one in self.decisions.values() if is_about_absence(one)}
        texts = {one.base.left.code for one in self.links}
        marks = world.fingerprints.items()
        facts = PairFacts(
            programmes={Side(side): Programme(id_) for side, id_ in marks},
            counts={Side(side): number for side, number in world.counts.items()},
            rest=world.rest,
            aside={Side(side): keys for side, keys in world.aside.items()},
        )
        self.before = Before(self.links, frozenset(about & texts), facts)

    def decide(self):
        world = self.world
        own_, foreign = apart(self.decisions, world.version)
        self.names = Names(
            world.version,
            self.partners,
            world.former,
            former_codes(self.bases, self.links) if foreign else {},
        )
        tombstones = {
            fold(text): Tombstone(fold(text), text, where, AT, "20%")
            for text, where in world.tombstones
        }
        missing = [unfinished(one) for one in world.unfinished]
        self.facts, self.decided, self.carried = decided_across(
            Facts(
                partnero=self.pair[0],
                tolt=self.pair[1],
                partners=self.partners,
                can={
                    Side.PARTNERO: CAPABILITIES["partnero"],
                    Side.TOLT: CAPABILITIES[f"tolt-{world.version}"],
                },
                version=world.version,
                links=self.links,
                tombstones=tombstones,
                decisions=own_,
                foreign=foreign,
                accepted=self.accepted,
                unreadable={fold(text): why for text, why in world.parked.items()},
                quarantined=self.failed,
                unfinished={one.key: one for one in missing},
                today=TODAY,
                currency=world.currency,
            ),
            self.policy,
            self.names,
        )
        self.bulk = self.decided
        self.decided = singly(self.decided, self.facts, self.policy)

    def prove_bulk(self):
        """In bulk or one by one: the same ids, the same digest, the same counts."""
        sold = self.account.changes
        changes = (*self.bulk.changes, *sold)
        bulk = replace(self.plan, changes=changes, adopted=self.bulk.adopted)
        assert bulk.digest == self.plan.digest
        assert bulk.ids() == self.plan.ids()
        assert plan_counts(bulk) == plan_counts(self.plan)
        adopted = {one.id: one for one in self.plan.changes if one.action == "adopt"}
        pairs = zip(self.bulk.adopted.named(), self.bulk.adopted.links(), strict=True)
        for one, linked in pairs:
            change = adopted[one.id]
            assert (one.code, linked) == (change.code, change.link)
            assert change.status is Status.READY

    @staticmethod
    def logs():
        """Return the redemption logs that Partnero's codes show."""
        return {}

    @staticmethod
    def sold():
        """Return what is said of redemptions; here none are compared."""
        return NOTHING

    def refused(self, changes):
        evidence = replace(self.evidence, changes=changes)
        return self.early or refuse(Stage.PLANNED, evidence)

    def planned(self):
        limits, decided, account = self.policy.limits, self.decided, self.account
        changes = (*decided.changes, *account.changes)
        refused = self.refused(changes)
        sentinel = sentinel_among(self.pair[0].codes.values(), limits.sentinel or "")
        self.marks = self.pair[0].marks.get(sentinel or "") or {}
        relinked = sum(
            new is not old for new, old in zip(self.links, self.bases, strict=True)
        )
        return Plan(
            pair="acme",
            created_at=AT,
            expires_at=UNTIL,
            config="config",
            state=MINE,
            sides={
                side.value: SideReport(
                    codes=len(one.codes),
                    partners=len(one.partners),
                    complete=one.complete,
                    requests=one.requests,
                    missed=one.missed,
                )
                for side, one in self.sides.items()
            },
            changes=changes,
            findings=(
                *of_sides(self.pair, "acme", 10),
                *of_versions(
                    self.links, relinked, self.world.version, first=self.world.switched
                ),
                *of_partners("aliases.csv", self.aliases, self.pair, self.partners),
                *of_marks(self.marks, limits.sentinel, MINE, NOW, ""),
                *of_no_sentinel(
                    limits.sentinel,
                    pushes=self.policy.redemptions != "report",
                    pair="acme",
                ),
                *decided.findings,
                *account.findings,
            ),
            tally=decided.tally,
            refused=refused,
            accepted=(*decided.accepted, *account.accepted),
            acceptable=decided.acceptable,
            failed="; ".join(one.missed for one in self.pair if one.unreachable),
            redemptions=account.counts,
            redemption_report=account.report,
            uncompared=account.uncompared,
            pushes=tuple(side.value for side in Side if self.policy.pushes(side)),
        )


def play(story):
    """Return the record of a story and its sentences."""
    said, record, sentences = Said(), {}, {}
    try:
        _play(story, said, record, sentences)
    except ValueError as error:  # a plan that cannot be made is a fact as well
        record["fails"] = sentences["fails"] = str(error)
    return record, sentences


def _play(story, said, record, sentences):
    seen = Seen(story.first, {}, frozenset(), {})
    tell("plan", story, seen, record, sentences)
    if not story.words:
        return
    said.hear(story.words, seen)
    record["answers"] = [answer_record(one) for one in said.answers]
    sentences["answers"] = [message(one.why) for one in said.answers if one.why]
    record["named"] = said.named
    accepted = frozenset(said.accepted)
    later = Seen(story.then or story.first, said.decisions, accepted, said.failed)
    tell("then", story, later, record, sentences)


def tell(name, story, seen, record, sentences):
    """Keep what a look says; of some worlds the document too, which takes its time."""
    if story.name.endswith(WITH_DOCUMENT):
        seen.document = plan_document(seen.plan)
    record[name], sentences[name] = plan_record(seen), plan_sentences(seen)
