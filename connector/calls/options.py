"""Arguments and options that several commands have, said in the same words."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["text", "json", "markdown", "html", "csv"]
Level = Literal["debug", "info", "warning", "error"]
Named = Literal["partnero", "tolt"]
Code = Annotated[str, typer.Argument(help="A code.")]
Run = Annotated[str, typer.Argument(help="A run, as history names it.")]
Certificate = Annotated[
    Path | None, typer.Option("--out", help="Save it: JSON, or HTML for NAME.html.")
]
Of = Annotated[
    Literal["changes", "redemptions", "partners"],
    typer.Option(
        help="What the CSV lists: changes, sales that are not in step, or partners."
    ),
]
First = Annotated[
    bool,
    typer.Option("--first", help="Begin another state where the one before is gone."),
]
Note = Annotated[str, typer.Option(help="Why, kept with the decision.")]
By = Annotated[str, typer.Option(help="Who decides; user@host is the default.")]
JOBS = 4
Jobs = Annotated[
    int, typer.Option(min=1, help="So many pairs at a time, where there are several.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
