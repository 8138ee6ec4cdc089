"""The stable words of a plan as people say them, and what they can type.

The words stand in ``connector/reports/words``, each with its cause and the way out; the
order of the reasons there is the order of every report.
"""

from collections.abc import Callable, Iterator

from connector.engine.acts import Create, Delete, NeedCoupon, NeedPartner, PushSale
from connector.engine.change import Change, Finding, Status
from connector.engine.consent import ACCEPTABLE
from connector.engine.decide import FIELD_ROWS, ROWS
from connector.engine.options import goes_with_another
from connector.engine.outcome import Outcome
from connector.engine.planned import Plan
from connector.engine.sales.hindrances import KEPT_AS_IT_IS
from connector.reports import typed
from connector.reports.messages.say import Reader, said
from connector.reports.safe import cell
from connector.reports.words.guards import GUARDS as GUARD_WORDS
from connector.reports.words.reasons import REASONS as REASON_WORDS
from mappings.canonical import Side

REASONS = {word: entry.said for word, entry in REASON_WORDS.items()}
GUARDS = {word: entry.said for word, entry in GUARD_WORDS.items()}
"""Why a run was refused, as people say it."""
ACTIONS_SAID = {
    "adopt": "remember",
    "coupon": "make a coupon",
    "partner": "make a partner",
    "customer": "make a customer",
    "transaction": "add a sale",
    "redeem": "record a use",
}
"""Actions whose own word is none that people would say; the others are their own."""
AS_IT_IS = "accept it as it is"
AT_ONCE = 5
"""So many codes are named in one command."""
_RANKS = {reason: rank for rank, reason in enumerate(REASONS)}
_ROWS = {row.number: row.words for row in ROWS}
_ROWS |= {row.number: row.words for row in FIELD_ROWS}


def reason_text(reason: str) -> str:
    """Return a reason as a heading; one that is new here is at least readable."""
    return REASONS.get(reason) or reason.replace("_", " ").capitalize()


def guard_text(guard: str) -> str:
    """Return why a run was refused, in a few words and by its stable one."""
    return f"{GUARDS.get(guard) or guard.replace('_', ' ')} [{guard}]"


def verb(action: str) -> str:
    """Return an action as people say it."""
    return ACTIONS_SAID.get(action, action)


def weight(reason: str) -> int:
    """Return where a reason stands in every report."""
    return _RANKS.get(reason, len(_RANKS))


def rank(item: Change | Finding) -> tuple[int, str, str]:
    """Order what stands in one section: by weight of the reason, then by code."""
    if isinstance(item, Finding):
        codes = item.code or "".join(item.codes)
        return (_RANKS.get(item.kind, len(_RANKS)), item.kind, codes)
    weight = _RANKS.get(item.reason, len(_RANKS))
    return (weight, item.reason, f"{item.key} {item.action} {item.target} {item.id}")


def action_text(change: Change | Outcome) -> str:
    """Return "create on Tolt"; what concerns the state alone has no side."""
    word = verb(change.action)
    if change.target == "state":
        waits = isinstance(change, Change) and change.status is Status.HELD
        return "to decide" if waits else word
    return f"{word} on {Side(change.target).label}"


def row_words(number: int) -> str:
    """Say in words what a row of the decision table is about."""
    return _ROWS.get(number, "a key that is not unique")


def message_of(change: Change, reader: Reader) -> str:
    """Return what is said beside the code, which is not said once more."""
    text = said(change, reader.reading_beside(change.code))
    match change.act:
        case Delete(redeemed=int() as used):
            return cell(f"{text} Used {used} times so far.")
        case _:
            return cell(text)


def commands(plan: Plan, item: Change | Finding) -> Iterator[tuple[str, str]]:
    """Yield what a person can type about what waits, and what it would say.

    A code that cannot be typed as it is shown has to be decided by its id.
    """
    pair = plan.pair if plan.several else None
    if isinstance(item, Finding):
        yield from _acceptances(item, pair)
    elif plan.undoes:
        if item.status is Status.HELD:
            command = typed.command("apply", "FILE", "--accept", item.id, pair=pair)
            yield command, "take it back"
    elif item.status is Status.BLOCKED:
        yield from _ways_out(item, pair)
    elif item.status is Status.HELD and not goes_with_another(item):
        yield from _decisions(item, pair)
        if item.executable:
            command = typed.apply_only(item.id, pair=pair)
            yield command, f"{_verb(item)} just this, now"


def _ways_out(change: Change, pair: str | None) -> Iterator[tuple[str, str]]:
    """Yield how a person goes on where nothing can be done as things are."""
    if isinstance(change.act, PushSale):
        if change.reason in KEPT_AS_IT_IS:
            yield typed.decide(change.id, "--keep", pair=pair), AS_IT_IS
    elif not isinstance(change.act, NeedCoupon | NeedPartner):
        name = _name(change.code, change.id)
        yield typed.decide(name, "--keep", pair=pair), AS_IT_IS


def _verb(change: Change) -> str:
    return "push" if isinstance(change.act, PushSale) else "do"


def _acceptances(finding: Finding, pair: str | None) -> Iterator[tuple[str, str]]:
    """Yield how a finding is accepted; of many codes the first few are named."""
    if finding.kind not in ACCEPTABLE or finding.decision is not None:
        return
    if finding.code is not None:
        name = _name(finding.code, finding.id)
        yield typed.decide(name, "--keep", pair=pair), AS_IT_IS
        return
    named = [name for name in finding.codes if typed.speakable(name)][:AT_ONCE]
    if named:
        rest = "" if len(named) == len(finding.codes) else " for these"
        yield typed.decide_all(named, "--keep", pair=pair), AS_IT_IS + rest


def _decisions(change: Change, pair: str | None) -> Iterator[tuple[str, str]]:
    def decide(name: str, option: str) -> str:
        return typed.decide(name, option, pair=pair)

    match change.act:
        case PushSale():
            yield decide(change.id, "--keep"), "it is the same sale"
            yield decide(change.id, "--as-proposed"), "push it with the next run"
        case NeedCoupon() | NeedPartner():
            yield decide(change.id, "--as-proposed"), "try it once more"
        case _:
            yield from _decisions_of_code(change, decide)


def _decisions_of_code(
    change: Change, decide: Callable[[str, str], str]
) -> Iterator[tuple[str, str]]:
    name = _name(change.code, change.id)
    for side in _takes(change):
        yield decide(name, f"--take {side}"), _effect_of_taking(change, side)
    if change.reason == "quarantined":
        yield decide(change.id, "--as-proposed"), "try it once more"
    elif isinstance(change.act, Create):
        yield decide(name, "--as-proposed"), "make it with the next run"
    yield decide(name, "--keep"), AS_IT_IS


def _name(code: str, id_: str) -> str:
    return code if typed.speakable(code) else id_


def _effect_of_taking(change: Change, side: Side) -> str:
    if not isinstance(change.act, Delete):
        return f"{side.label} is right"
    if side is change.side:
        return f"{side.label} is right: make it anew"
    return f"{side.label} is right: delete it on {change.side.label} too"


def _takes(change: Change) -> list[Side]:
    """Return the sides that a person can call right about a held change."""
    without = change.reason in ("collision", "missing_after_replace")
    return [] if without or isinstance(change.act, Create) else list(Side)


def news(change: Change) -> str:
    """Return what would be written, in a line; the code itself is told already."""
    if change.status is Status.BLOCKED:
        return ""
    parts = (
        f"{row.field} {row.base} -> {row.new}"
        if row.base not in (None, row.new)
        else f"{row.field} {row.new}"
        for row in change.fields
        if row.new is not None and row.new != change.code
    )
    return cell(", ".join(parts))
