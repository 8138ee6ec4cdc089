"""check --aliases: the questions about partners, as a file for a person to confirm."""

from pathlib import Path
from typing import NamedTuple

from connector.commands.outputs import refuse_own
from connector.commands.plans import planned
from connector.config.load import Config
from connector.config.pair import Pair
from connector.engine.persons import Question, questions
from connector.errors import Misconfigured
from connector.reports.alias_rows import alias_file
from connector.reports.documents import Document
from mappings.canonical import Partner
from mappings.fields import shown_person
from mappings.masking import masked


class Suggested(NamedTuple):
    """What became of the file, whether that is good, and the questions in it."""

    ok: bool
    said: str
    questions: tuple[Question, ...] = ()

    def documents(self) -> list[Document]:
        return [_document(question) for question in self.questions]


def refuse_file(config: Config, path: Path) -> None:
    """Refuse a file that is there, or that this program rests on."""
    refuse_own(config, path, "--aliases")
    if path.exists() or path.is_symlink():
        raise Misconfigured(
            f"--aliases {path} exists and was left as it is. Name another file"
        )


def suggest(pair: Pair, path: Path) -> Suggested:
    """Read both sides, and write whom a person may match, where there is anybody."""
    prepared = planned(pair)
    partners, plan = prepared.partners, prepared.plan
    if partners is None or not plan.complete or plan.failed:
        why = plan.failed or "a side could not be read completely"
        return Suggested(False, f"is not written: {why}")
    found = tuple(questions(partners, plan.changes))
    if not found:
        return Suggested(True, "is not written: no partner is in question")
    name, known = _named(pair, path), pair.alias_file or ""
    text = alias_file(pair.name, plan.created_at, name, found, known)
    _write(path, masked(text))
    noun = "question" if len(found) == 1 else "questions"
    codes = len({code for question in found for code in question.codes})
    said = f"{path} has {len(found)} {noun} about {codes} codes; nothing in it counts "
    return Suggested(True, f"{said}before you have taken it over", found)


def _named(pair: Pair, path: Path) -> str:
    """Return how the configuration would name a file: from its own folder."""
    folder, whole = pair.location.folder.resolve(), path.resolve()
    return str(whole.relative_to(folder) if whole.is_relative_to(folder) else whole)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(text + "\n")
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from None


def _document(question: Question) -> Document:
    return {
        "partnero": _person(question.partnero),
        "tolt": _person(question.tolt),
        "why": question.why,
        "codes": list(question.codes),
    }


def _person(partner: Partner | None) -> str | None:
    return shown_person(partner) if partner else None
