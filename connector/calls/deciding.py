"""Decide: what waits for a person, and what the person wants with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from connector.calls.command import Command, Example, Group
from connector.calls.options import JOBS, By, Jobs, Named, Note, Yes
from connector.errors import Misconfigured

Codes = Annotated[list[str] | None, typer.Argument(help="Codes, or ids of changes.")]
OfReason = Annotated[
    str, typer.Option(help="All that waits for this reason, a word of the inbox.")
]
Sheet = Annotated[
    Path | None,
    typer.Option("--from", help="The sheet of inbox --format csv, filled in."),
]
Ask = Annotated[bool, typer.Option("--ask", help="One after the other, a key each.")]
TakeSide = Annotated[Named | None, typer.Option(help="This side is right.")]
Keep = Annotated[bool, typer.Option("--keep", help="Accept the difference.")]
Remove = Annotated[
    bool, typer.Option("--delete", help="Remove it wherever it is; asks twice.")
]
Proposed = Annotated[
    bool, typer.Option("--as-proposed", help="Do what is proposed, once.")
]
Withdraw = Annotated[bool, typer.Option("--withdraw", help="Take a decision back.")]


def _inbox(
    context: typer.Context,
    *,
    reason: Annotated[
        str, typer.Option(help="Only what waits for this reason, a word of the report.")
    ] = "",
    partner: Annotated[
        str, typer.Option(help="Only what is about this partner: an e-mail or an id.")
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read both sides now.")
    ] = False,
    kept: Annotated[
        bool, typer.Option("--kept", help="What was accepted, by whom and why.")
    ] = False,
    jobs: Jobs = JOBS,
) -> int:
    from connector.commands import inbox

    wanted = inbox.Shown(reason, partner, fresh, kept)
    return inbox.inbox(context.obj, wanted, jobs)


def _decide(
    context: typer.Context,
    codes: Codes = None,
    *,
    reason: OfReason = "",
    from_: Sheet = None,
    ask: Ask = False,
    take: TakeSide = None,
    keep: Keep = False,
    delete: Remove = False,
    as_proposed: Proposed = False,
    withdraw: Withdraw = False,
    note: Note = "",
    by: By = "",
    yes: Yes = False,
) -> int:
    from state.model import Take

    words: list[tuple[Take | None, bool]] = [
        (take, take is not None),
        ("keep", keep),
        ("delete", delete),
        ("proposed", as_proposed),
        (None, withdraw),
    ]
    given = [word for word, is_given in words if is_given]
    names = tuple(codes or ())
    _refuse_mixed(names, reason, from_, ask=ask, words=len(given))
    if from_ is not None:
        from connector.commands import sheets

        return sheets.decide_from(context.obj, from_, yes=yes, why=note, by=by)
    if ask:
        from connector.commands import asking

        asked = asking.Asked(names, reason, by, note)
        return asking.decide_asking(context.obj, asked)
    from connector.commands import decisions

    wish = decisions.Wish(names, given[0], yes, note, by, reason)
    return decisions.decide(context.obj, wish)


def _refuse_mixed(
    names: Sequence[str], reason: str, file: Path | None, *, ask: bool, words: int
) -> None:
    """Refuse what says two things about what is meant, or not how it is decided."""
    if len([True for meant in (names, reason, file) if meant]) > 1:
        raise Misconfigured("name codes, or --reason, or --from FILE: one of the three")
    if file and (ask or words):
        raise Misconfigured("with --from the sheet says what is decided, and no option")
    if file or (ask and not words):
        return
    if words != 1 or ask:
        raise Misconfigured(
            "say one of --take partnero, --take tolt, --keep, --delete, --as-proposed, "
            "--withdraw, --ask"
        )
    if not (names or reason):
        raise Misconfigured(
            "say what is decided: codes or ids, --reason WORD, or --from FILE"
        )


def _review(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Listen there; 0 takes a free one.")
    ] = 0,
    *,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Print the link, and open no browser.")
    ] = False,
) -> int:
    from connector.commands import review

    return review.review(context.obj, port, opens=not no_open)


# fmt: off
DECIDE = Group("Decide (what waits for a person)", (
    Command("inbox", _inbox,
        "Show what waits for a person, by the last complete look.",
        (Example("inbox", "each of them, with the commands that decide it"),
         Example("inbox --format csv > waiting.csv",
                 "a sheet, to fill in and read with decide --from"),
         Example("inbox --kept", "what was accepted, by whom, when and why")),
        (0, 1, 2, 5, 6),
        {1: "it could not be read anew: what waited before is shown"}),
    Command("decide", _decide,
        "Decide about what waits, for the values as they were seen.",
        (Example("decide SAM20 --take tolt", "Tolt is right: Partnero is changed"),
         Example("decide SAM20 --keep --note 'agreed with Sam'",
                 "leave the difference, and say why"),
         Example("decide --reason diverged --take partnero",
                 "all that waits for one reason"),
         Example("decide --from waiting.csv", "the sheet of the inbox, filled in"),
         Example("decide --ask", "one after the other, a key each"),
         Example("decide SAM20 --withdraw", "take the decision back")),
        (0, 1, 2, 4, 5),
        {1: "failed, or a person said no", 4: "some were refused, the others count"}),
    Command("review", _review,
        "Look and decide in a browser, by a link that is good once, until Ctrl-C.",
        (Example("review", "print the link, and open it where there is a browser"),
         Example("review --port 9464", "on a port that a tunnel leads to")),
        (1, 2, 130), {130: "ended by Ctrl-C (143: by SIGTERM)"}),
))
