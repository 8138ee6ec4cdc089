"""Plans to report on: an ordinary one, hostile ones, and a large one."""

from connector.engine.acts import (
    Want,
)
from connector.engine.causes.cause import Quoted
from connector.engine.causes.codes import Differs, Shown
from connector.engine.certificate import Certificate, ProvenException, SideProof
from connector.engine.change import (
    Change,
    FieldValue,
    Finding,
    Grant,
    Refusal,
    Seen,
    Status,
)
from connector.engine.planned import Plan, SideReport, Tally
from connector.engine.policy import Policy
from connector.reports.inbox import Inbox, entries_of
from connector.reports.waiting import waiting_rows
from mappings.canonical import Side, Values
from tests.acts import act_of, more_of
from tests.engine.conftest import Words

SAM = ("sam@desk", "2026-11-20T09:00:00Z", "agreed with Carol until summer")
"""Who accepted a difference, when, and why."""
HOSTILE = (
    "<script>alert('HOSTILE')</script>",
    "</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","HOSTILE")',
    "+1|2`3",
    "-rf \\|x; =cmd",
    "@maintainer http://evil.example www.evil.example",
    "\x1b[31mRED\x9b2J\x07",
    "a\tb\r\n\r\nc",
    "\u202eEVIL\u2066\u200f\u061c\u2028x\ufeff",
    "\U000e0041tag\ud800half",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) *b* <!--",
    "{{ 7 * 7 }}{% raw %}&lt;b&gt;",
)


def change(code: str, action: str = "create", target: str = "tolt", **more) -> Change:
    values = {
        "key": code.casefold(),
        "row": 1,
        "grant": Grant.CREATE,
        "reason": "only_on_partnero",
        "causes": (Quoted(f"{code} is only on Partnero."),),
        "fields": (FieldValue("discount", None, "20%", None, "20%"),),
        "seen": {Side.PARTNERO: Seen(code, Values(code, None, None)), Side.TOLT: None},
    }
    act = act_of(action, target, **more_of(more))
    return Change(act, code=code, **values | more).with_id()


def held(code: str, reason: str = "diverged", field: str = "discount") -> Change:
    shown = FieldValue(field, "5%", "10%", "15%", None)
    return change(
        code,
        "update",
        row=4,
        reason=reason,
        causes=(Differs(code, (Shown(field, "10%", "15%", None),)),),
        fields=(shown,),
        status=Status.HELD,
        grant=Grant.DECIDE,
    )


def wanted(one: Change) -> Change:
    return one.wanting(Want(Values(one.code, None, "part_1"))).with_id()


def plan(*changes: Change, findings=(), **more) -> Plan:
    values = {
        "created_at": "2026-11-22T20:16:24Z",
        "expires_at": "2026-11-23T20:16:24Z",
        "config": "abc",
        "state": None,
        "sides": {
            "partnero": SideReport(39, 16, complete=True, requests=3),
            "tolt": SideReport(50, 17, complete=True, requests=2),
        },
        "tally": Tally(29, 3, 12, 5, 2),
    }
    return Plan("acme", changes=changes, findings=tuple(findings), **values | more)


def ordinary() -> Plan:
    """One of everything, with different counts wherever counts can differ."""
    collision = "SAM20 is not one record. Nobody can tell whom it credits."
    return plan(
        *(change(f"NEW{i}") for i in range(7)),
        change("COUPON", "coupon", "partnero", reason="coupon_missing"),
        *(change(f"SAME{i}", "adopt", "state", reason="equal") for i in range(6)),
        held("DIFFERENT"),
        held("PAID", "payee_change", "partner"),
        change(
            "SAM20",
            "adopt",
            "state",
            row=0,
            reason="collision",
            causes=(Quoted(collision),),
            fields=(),
            status=Status.HELD,
        ),
        wanted(
            change(
                "LIMITED",
                reason="lossy",
                lost=("at most 10 redemptions",),
                raises_exposure=True,
                status=Status.HELD,
            )
        ),
        change(
            "GONE",
            "delete",
            row=12,
            reason="gone_on_partnero",
            lost=("its id",),
            status=Status.HELD,
            causes=(Quoted("GONE is gone on Partnero. Delete it on Tolt too?"),),
        ),
        change("OLD", "replace", reason="renamed", status=Status.HELD),
        *(
            change(f"NOBODY{i}", reason="partner_missing", status=Status.BLOCKED)
            for i in range(4)
        ),
        findings=(
            Finding("collision", (Quoted(collision),), None, ("SAM20", "sam20")),
            Finding(
                "limit_nearly_used",
                (Quoted("NEARLY is used 95 of 100 times."),),
                "NEARLY",
            ),
            Finding("spelling", (Quoted("Written A on Partnero and a on Tolt."),), "A"),
        ),
        accepted=(
            Finding("diverged", (Quoted("KEPT: discount is 1% and 2%."),), "KEPT"),
        ),
        redemptions={"in_sync": 90, "missing_on_tolt": 8, "twice": 1},
    )


def hostile() -> Plan:
    """Every text that can come from outside is hostile."""
    changes = []
    for number, text in enumerate(HOSTILE):
        one = held(text) if number % 2 else change(text)
        fields = (FieldValue(text, text, text, f"{text}!", text),)
        action = "replace" if number % 2 else "create"
        act = act_of(action, one.target, lost=(text,))
        changes.append(one._replace(fields=fields, act=act))
    return plan(
        *changes,
        findings=[
            Finding("spelling", (Quoted(text),), text, (text,)) for text in HOSTILE
        ],
        accepted=tuple(
            Finding("diverged", (Quoted(text),), None, (text,)) for text in HOSTILE
        ),
        refused=Refusal("short_listing", "tolt", (Quoted(" ".join(HOSTILE)),)),
        failed=" ".join(HOSTILE),
        sides={
            side: SideReport(1, 1, complete=False, requests=1, missed=HOSTILE[0])
            for side in ("partnero", "tolt")
        },
    )


def unread() -> Plan:
    """Tolt was cut short, and a guard refused."""
    return plan(
        sides={
            "partnero": SideReport(39, 16, complete=True, requests=3),
            "tolt": SideReport(12, 4, complete=False, requests=2, missed="page 3: 502"),
        },
        findings=(
            Finding("unproven", (Quoted("Tolt could not be read completely."),)),
        ),
        refused=Refusal(
            "short_listing", "tolt", (Quoted("Tolt lists 12 codes, last time 40."),)
        ),
    )


def large(count: int = 10_000) -> Plan:
    """A first run of a large programme."""
    states = (Status.READY, Status.READY, Status.HELD, Status.BLOCKED)
    values = (
        FieldValue("code", None, "CODE", None, "CODE"),
        FieldValue("discount", None, "20%", None, "20%"),
        FieldValue("partner", None, "a***@example.com (prt_1)", None, "part_00000001"),
    )
    changes = (
        change(f"CODE{i:05}", status=states[i % 4], fields=values) for i in range(count)
    )
    return plan(*changes, tally=Tally(0, count, 0, 0, 0))


def certificate(**more) -> Certificate:
    """Two open exceptions, one that is accepted, and codes that nobody uses."""
    read = SideProof(39, 16, complete=True, requests=3, digest="sha256:" + "0f" * 32)
    missing = "PARTNERMISSING-PARTNERO is only on Tolt. Its partner is not on Partnero."
    differs = "SUMMER-CAMPAIGN: discount is 10% on Partnero and 15% on Tolt."
    values = {
        "exceptions": (
            ProvenException("KEPT", "diverged", (Quoted(differs),), True, *SAM),
            ProvenException("PAID", "payee_change", (Quoted("a or b"),), False),
            ProvenException(
                "PARTNERMISSING-PARTNERO", "partner_missing", (Quoted(missing),), False
            ),
        ),
        "dead": ("OLD-WINTER", "X" * 100),
        "sides": {"partnero": read, "tolt": read},
        "redemptions": {"in_sync": 90, "missing_on_tolt": 8, "twice": 1},
        "programmes": {"partnero": "prog_1", "tolt": "prg_1"},
        "currency": "USD",
    }
    return Certificate("acme", "2026-11-22T20:16:24Z", 372, **values | more)


def inbox_of(plan: Plan) -> Inbox:
    """Return what waits in a plan, as a run leaves it."""
    rows = waiting_rows(plan, Words().facts(), Policy())
    return Inbox(plan.pair, plan.several, plan.created_at, 0, entries_of(rows))
