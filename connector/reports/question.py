"""One thing that waits, for a person who answers with a key."""

from collections.abc import Iterator

from connector.reports.inbox import Entry
from connector.reports.lines import WIDTH, Line, Prose, laid_out
from connector.reports.meaning import reason_text
from connector.reports.safe import cell
from mappings.canonical import Side

KEYS = {
    "partnero": "p  Partnero is right",
    "tolt": "t  Tolt is right",
    "keep": "k  keep it as it is",
    "delete": "d  delete it",
    "proposed": "a  as proposed",
}


def question_text(entry: Entry, width: int = WIDTH) -> str:
    """Return one thing that waits with what each key would do to it."""
    return laid_out(_question(entry), width)


def _question(entry: Entry) -> Iterator[Line]:
    document = entry.document
    yield f"{cell(entry.code)}  [{reason_text(entry.reason)}]"
    yield Prose(document["message"], "  ")
    labels = [(side.label, document["sights"][side.value]) for side in Side]
    labels.append(("Partner", document["partner"]))
    for label, text in labels:
        if text:
            yield f"  {label}: {text}"
    for word, said in document["options"].items():
        if "why" not in said:
            yield f"  {KEYS[word]}"
            for line in said["effects"]:
                yield Prose(line, "       ")
