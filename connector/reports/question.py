"""One thing that waits, for a person who answers with a key."""

from collections.abc import Iterator

from connector.reports.inbox import Entry, wrapped
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


def question_text(entry: Entry) -> str:
    """Return one thing that waits with what each key would do to it."""
    return "\n".join(_question(entry))


def _question(entry: Entry) -> Iterator[str]:
    document = entry.document
    yield f"{cell(entry.code)}  [{reason_text(entry.reason)}]"
    yield from wrapped(document["message"], "  ")
    labels = [(side.label, document["sights"][side.value]) for side in Side]
    labels.append(("Partner", document["partner"]))
    for label, text in labels:
        if text:
            yield f"  {label}: {text}"
    for word, said in document["options"].items():
        if "why" not in said:
            yield f"  {KEYS[word]}"
            for line in said["effects"]:
                yield from wrapped(line, "       ")
