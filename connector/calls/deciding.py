"""Decide: what waits for a person, and what the person wants with it."""

from typing import Annotated

import typer

from connector.calls.command import Command, Example, Group, plain
from connector.calls.options import By, Named, Note, Yes
from connector.errors import Misconfigured


def _decide(
    context: typer.Context,
    codes: Annotated[list[str], typer.Argument(help="Codes, or ids of changes.")],
    *,
    take: Annotated[Named | None, typer.Option(help="This side is right.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Accept the difference.")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove it wherever it is; asks twice.")
    ] = False,
    as_proposed: Annotated[
        bool, typer.Option("--as-proposed", help="Do what is proposed, once.")
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take a decision back.")
    ] = False,
    note: Note = "",
    by: By = "",
    yes: Yes = False,
) -> int:
    from connector.commands import decisions
    from state.model import Take

    options: list[tuple[Take | None, bool]] = [
        (take, take is not None),
        ("keep", keep),
        ("delete", delete),
        ("proposed", as_proposed),
        (None, withdraw),
    ]
    words = [word for word, is_given in options if is_given]
    if len(words) != 1:
        raise Misconfigured(
            "say one of --take partnero, --take tolt, --keep, --delete, --as-proposed, "
            "--withdraw"
        )
    wish = decisions.Wish(codes, words[0], yes=yes, note=note, by=by)
    return decisions.decide(context.obj, wish)


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
    Command("inbox", plain("inbox", "inbox"),
        "Show what waits for a person.",
        (Example("inbox", "each of them, with the commands that decide it"),),
        (0, 1, 2, 5)),
    Command("decide", _decide,
        "Decide about what waits, for the values as they were seen.",
        (Example("decide SAM20 --take tolt", "Tolt is right: Partnero is changed"),
         Example("decide SAM20 --keep --note 'agreed with Sam'",
                 "leave the difference, and say why"),
         Example("decide SAM20 --withdraw", "take the decision back")),
        (0, 1, 2, 4, 5),
        {1: "failed, or a person said no", 4: "some were refused, the others count"}),
    Command("review", _review,
        "Look and decide in a browser, by a link that is good once, until Ctrl-C.",
        (Example("review", "print the link, and open it where there is a browser"),
         Example("review --port 9464", "on a port that a tunnel leads to")),
        (1, 2, 130), {130: "ended by Ctrl-C (143: by SIGTERM)"}),
))
