"""The questions about partners as an alias file: nothing in it counts by itself.

Every row is a comment that a person turns into a line. Comments hold no quotes: one
after a comma would begin a cell that swallows the lines below it.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from connector.engine.persons import Question
from connector.reports.safe import cell
from mappings.canonical import Partner
from mappings.fields import shown_person

HEADER = "partnero_id,tolt_id"
NAMED = 5
"""Codes that are named of those that ask one question."""
WORDS = {
    "same_codes": "{codes} ask it, some of them on both sides. One person?",
    "alike": "The addresses differ by a tag or dots alone ; {codes}. One person?",
    "missing": "{who} has no match on {there}, with {codes}. Who is it there?",
    "ambiguous": "{who} shares an address, with {codes}. Who is it on {there}?",
}
HEAD = """\
Who may be who in {pair}, as both sides were read at {at}.
Nothing in here counts before you have taken it over. Where both are one person, take
the number sign and the blank away in front of the two ids. Where an id is missing,
add it on its side of the comma first. What you leave as it is stays a comment.
{then}
"""


def alias_file(
    pair: str, at: str, file: str, questions: Sequence[Question], known: str = ""
) -> str:
    """Return the file; as it is it matches nobody.

    ``file`` is how the configuration would name it, ``known`` the one that it names.
    """
    then = f"Then name this file under [pairs.partners]: aliases = '{file}'"
    if known:
        then = f"Then copy what you have taken over into {known}, which counts already."
    head = HEAD.format(pair=pair, at=at, then=then).splitlines()
    lines = [*map(_comment, head), HEADER]
    for question in questions:
        lines += ["#", *_lines(question)]
    return "\n".join(lines)


def _lines(question: Question) -> Iterator[str]:
    left, right = question.partnero, question.tolt
    yield _comment(_words(question))
    if left and right:
        yield _comment(f"{shown_person(left)} | {shown_person(right)}")
    yield f"# {_row(left, right)}"


def _words(question: Question) -> str:
    known = question.partnero or question.tolt
    there = "Partnero" if question.partnero is None else "Tolt"
    who = shown_person(known) if known else ""
    text = WORDS[question.why]
    return text.format(codes=_codes(question.codes), who=who, there=there)


def _codes(codes: Sequence[str]) -> str:
    if not codes:
        return "no code that waits"
    more = ", ..." if len(codes) > NAMED else ""
    noun = "code" if len(codes) == 1 else "codes"
    return f"{len(codes)} {noun} ({', '.join(codes[:NAMED])}{more})"


def _comment(text: str) -> str:
    return "# " + cell(text).replace('"', "'")


def _row(left: Partner | None, right: Partner | None) -> str:
    written = io.StringIO()
    ids = [cell(one.id) if one else "" for one in (left, right)]
    csv.writer(written, lineterminator="").writerow(ids)
    return written.getvalue()
