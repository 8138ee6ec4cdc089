"""What is said about permission, decisions, and what one side alone enforces."""

from connector.engine.causes import consents as why
from connector.reports.messages.phrases import dead
from connector.reports.messages.reader import Reader, says, sentence
from mappings.fields import NOBODY, shown_person

KINDS = {
    "expires": "an expiry date",
    "redemption_limit": "a limit of uses",
    "first_order": "first orders only",
    "minimum_order": "a minimum order",
    "customer": "one customer only",
}


# -- what may be done, and what a person said ---------------------------------------


@says
def _sentinel_stays(cause: why.SentinelStays) -> str:
    del cause
    return (
        "It is the code that limits.sentinel names, which is never replaced or deleted "
        "from here: name another code there first."
    )


@says
def _never_done(cause: why.NeverDone) -> str:
    if not cause.decided:
        return "The policy says that this is never done."
    start = f"The decision of {cause.decided} waits: the policy says that this is "
    return f"{start}never done."


@says
def _failed_often(cause: why.FailedOften) -> str:
    return f"It failed in several runs ({cause.why}); nothing more is tried."


@sentence.register
def _memory_unreadable(cause: why.MemoryUnreadable, reader: Reader) -> str:
    return (
        f"What is remembered of it cannot be read ({cause.why}): nothing is done about "
        f"it. Look with: {reader.command('state', 'check')}"
    )


@says
def _decision_fits_nothing(cause: why.DecisionFitsNothing) -> str:
    start = f"A decision about {cause.code} ({cause.take}, by {cause.who}) waits: "
    return f"{start}nothing fits it now."


@says
def _decision_of_other_version(cause: why.DecisionOfOtherVersion) -> str:
    return (
        f"A decision about {cause.code} ({cause.take}, by {cause.who}) waits: it was "
        f"made under {cause.version} of Tolt's API, and what it is about cannot be "
        f"told by the ids of {cause.now}. Decide anew, or take it back with "
        "--withdraw."
    )


@says
def _not_one_record(cause: why.NotOneRecord) -> str:
    claims = "; ".join(
        f"{written} of {shown_person(owner) if owner else NOBODY} on {side.label}"
        for side, written, owner in cause.claimants
    )
    return (
        f"{cause.code} is not one record: {claims}. Nobody can tell whom it credits. "
        "Rename or delete all but one; until then nothing is done about any of them."
    )


@says
def _in_step(cause: why.InStep) -> str:
    return f"{cause.code} is in step and waits for nobody."


# -- what one side alone enforces ---------------------------------------------------


@says
def _dead_here_live_there(cause: why.DeadHereLiveThere) -> str:
    return (
        f"{cause.code} is {dead(cause.death)} on {cause.side.label} and works on "
        f"{cause.side.other.label}: customers can still use it there. Neither API can "
        "switch a code off."
    )


@sentence.register
def _not_enforced(cause: why.NotEnforced, reader: Reader) -> str:
    return f"{reader.about(cause.code)}Tolt does not enforce {', '.join(cause.limits)}."


@says
def _kind_not_enforced(cause: why.KindNotEnforced) -> str:
    have = "code has" if cause.count == 1 else "codes have"
    start = (
        f"{cause.count} {have} {KINDS[cause.kind]} on Partnero, which Tolt does not "
    )
    return f"{start}enforce."


@says
def _dead_not_carried(cause: why.DeadNotCarried) -> str:
    return (
        f"{cause.count} codes are expired, used up or switched off on "
        f"{cause.side.label} and are not made on {cause.side.other.label}, as "
        'dead = "never" in [pairs.policy] says.'
    )


# -- why a decision is refused ------------------------------------------------------

_NOT_DECIDED: dict[why.Refused, str] = {
    "only keep": "it can only be accepted as it is: --keep",
    "never": "the policy or the direction of this pair says that this is never done. "
    "Change the configuration, or accept it as it is with --keep",
    "collision": "nobody can choose for several records at once: rename or delete all "
    "but one on the platform itself, or accept it with --keep",
    "blocked": "it cannot be done as things are:",
    "nothing proposed": "nothing is proposed: say --take partnero, --take tolt or "
    "--keep",
    "same or push": "a sale is either the same one (--keep) or is pushed "
    "(--as-proposed)",
}


@says
def _not_decided(cause: why.NotDecided) -> str:
    return _NOT_DECIDED[cause.why]


@says
def _absence_not_taken(cause: why.AbsenceNotTaken) -> str:
    return (
        f"{cause.code} is not on {cause.side.label}: to take that over would delete it "
        f"on {cause.side.other.label}, and nothing shows that the two sides ever "
        "agreed on it. Say --delete for that, or --keep"
    )
