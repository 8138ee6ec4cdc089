"""The stable words of a plan as people say them, and what they can type.

The order of ``REASONS`` is the order of every report: first who is paid, then what
cannot be taken back, then which value is right, then the rest.
"""

from collections.abc import Iterator

from connector.engine.change import Change, Finding, Plan, Status
from connector.engine.consent import PUSHED
from connector.engine.table import FIELD_ROWS, RECORD_ROWS
from connector.reports import typed
from connector.reports.safe import cell
from mappings.canonical import Side

REASONS = {
    "payee_change": "Who is paid differs",
    "dead_here_live_there": "Dead on one side, live on the other",
    "switched_off": "Switched off on one side",
    "wrong_unit": "Perhaps the wrong unit",
    "missing_after_replace": "Missing since a replace was refused",
    "other_state": "Another state has taken this programme",
    "collision": "Several records claim one code",
    "common_root": "Both sides get their sales from one billing system",
    "lookalike": "Perhaps the same sale",
    "redemption_twice": "Redeemed twice under one key",
    "amount_differs": "The amounts differ",
    "refunded": "Refunded after it was counted",
    "deleted_and_edited": "Deleted on one side, edited on the other",
    "gone_on_partnero": "Gone on Partnero",
    "gone_on_tolt": "Gone on Tolt",
    "reappeared": "Was deleted and is back",
    "both_changed": "Both sides changed it",
    "diverged": "The sides differ",
    "replace_needed": "Needs a new code in place of the old one",
    "lossy": "A restriction would be lost",
    "looser_on_tolt": "Not enforced on Tolt",
    "dead": "Expired, used up or switched off",
    "limit_nearly_used": "Nearly used up",
    "renamed": "Renamed",
    "quarantined": "Failed in several runs",
    "partner_missing": "Partner not found on the other side",
    "partner_ambiguous": "Partner not certain",
    "partner_inactive": "Partner not active",
    "rematched": "Matched anew by the alias file",
    "alias_conflict": "The alias file contradicts itself",
    "customer_differs": "Two customers under one number",
    "customer_ambiguous": "Several customers with one e-mail",
    "customer_missing": "The customer is not there",
    "customer_on_other_code": "The customer came by another code",
    "push_blocked": "Sales of these codes are not pushed",
    "currency_differs": "Another currency",
    "alias_unknown": "The alias file names nobody",
    "currency_unknown": "Currency not known",
    "not_expressible": "The other side cannot hold it",
    "changed_on_partnero": "Changed on Partnero",
    "changed_on_tolt": "Changed on Tolt",
    "only_on_partnero": "Only on Partnero",
    "only_on_tolt": "Only on Tolt",
    "coupon_missing": "Needs a coupon first",
    "decided": "Decided by a person",
    "decision_waits": "Decided, and not possible now",
    "sentinel": "The sentinel stays",
    "version_switched": "Another version of Tolt's API",
    "no_sentinel": "Nothing prevents a second machine",
    "redemption_without_key": "Redeemed without a key",
    "unproven": "Not proven",
    "stale": "Changed since the plan was made",
    "spelling": "Written in two ways",
    "unknown_field": "The API says more than is known here",
    "missing_field": "The API says less than it did",
    "api_retired": "This version of the API ends",
    "limit_changed": "The provider allows fewer requests",
    "gone_on_both": "Gone on both sides",
    "equal": "Equal on both sides",
}
CARRIED = ("coupon", "partner", "customer", "transaction", "redeem")
"""Actions that are no decision about a code: only the change itself can be accepted."""
_RANKS = {reason: rank for rank, reason in enumerate(REASONS)}
_ROWS = {row.number: row.words for row in RECORD_ROWS}
_ROWS |= {row.number: row.words for row in FIELD_ROWS}


def reason_text(reason: str) -> str:
    """Return a reason as a heading; one that is new here is at least readable."""
    return REASONS.get(reason) or reason.replace("_", " ").capitalize()


def rank(item: Change | Finding) -> tuple[int, str, str]:
    """Order what stands in one section: by weight of the reason, then by code."""
    if isinstance(item, Finding):
        codes = item.code or "".join(item.codes)
        return (_RANKS.get(item.kind, len(_RANKS)), item.kind, codes)
    weight = _RANKS.get(item.reason, len(_RANKS))
    return (weight, item.reason, f"{item.key} {item.action} {item.target} {item.id}")


def action_text(change: Change) -> str:
    """Return "create on Tolt"; what concerns the state alone has no side."""
    if change.target == "state":
        return change.action
    return f"{change.action} on {Side(change.target).label}"


def row_words(number: int) -> str:
    """Say in words what a row of the decision table is about."""
    return _ROWS.get(number, "a key that is not unique")


def told(change: Change) -> str:
    """Return the message without its code in front and the commands in it.

    The commands are said apart, quoted for a shell: a code may hold a semicolon.
    """
    text = change.message.partition("partnero-tolt decide ")[0]
    kept = text.removeprefix(f"{change.code}: ")
    for question in ("Which is right? ", "Keep it? ", "Try again: ", "Make it again: "):
        kept = kept.removesuffix(question)
    used = change.values.get("redeemed")
    return cell(kept if used is None else f"{kept.strip()} Used {used} times so far.")


def commands(plan: Plan, change: Change) -> Iterator[tuple[str, str]]:
    """Yield what a person can type about a held change, and what it would say.

    A code that cannot be typed as it is shown has to be decided by its change.
    """
    if change.status is not Status.HELD:
        return
    if plan.undoes:
        yield f"partnero-tolt apply FILE --accept {change.id}", "take it back"
        return
    if change.executable:
        yield typed.apply_only(change.id), "do just this"
    if change.action in PUSHED:
        yield typed.decide(change.id, "--keep"), "it is the same sale"
        yield typed.decide(change.id, "--as-proposed"), "push it with the next run"
        return
    if change.action in CARRIED:
        return
    name = change.code if cell(change.code) == change.code else change.id
    for side in _takes(change):
        anew = ": make it anew" if change.action == "delete" else ""
        yield typed.decide(name, f"--take {side}"), f"{side.label} is right{anew}"
    if change.reason == "missing_after_replace":
        yield typed.decide(name, "--as-proposed"), "make it again with the next run"
    yield typed.decide(name, "--keep"), "accept it as it is"


def _takes(change: Change) -> list[Side]:
    """Return the sides that a person can call right about a held change."""
    if change.reason in ("collision", "missing_after_replace"):
        return []
    if change.action == "delete":
        return [change.side]
    return [] if change.action == "create" else list(Side)


def news(change: Change) -> str:
    """Return what would be written, in a line; the code itself is told already."""
    if change.status is Status.BLOCKED:
        return ""
    said = (
        f"{one.field} {one.base} -> {one.new}"
        if one.base not in (None, one.new)
        else f"{one.field} {one.new}"
        for one in change.fields
        if one.new is not None and one.new != change.code
    )
    return cell(", ".join(said))
