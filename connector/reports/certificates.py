"""A certificate as a JSON document, as text, and as a page to hand over."""

from collections.abc import Iterator
from dataclasses import asdict

from connector.engine.certificate import Certificate, ProvenException
from connector.engine.change import digest
from connector.reports.documents import Document, redemption_counts, titled
from connector.reports.meaning import reason_text
from connector.reports.messages.say import Reader, left_out, message, reader_of
from connector.reports.money import money_tables
from connector.reports.money_documents import money_documents
from connector.reports.money_text import money_lines
from connector.reports.safe import cell
from connector.reports.sections import REDEEMED
from connector.reports.waves import waves_document, waves_lines
from mappings.canonical import Side
from mappings.masking import masked_values

MOST = 50


def certificate_document(
    certificate: Certificate, error: str | None = None
) -> Document:
    """Return the certificate; its own digest covers everything in it.

    ``error`` is why it is not about everything.
    """
    document = titled(
        "certificate",
        pair=certificate.pair,
        at=certificate.at,
        complete=certificate.complete,
        equal=certificate.equal,
        open=certificate.open,
        exceptions=[
            _exception(exception, reader_of(certificate))
            for exception in certificate.exceptions
        ],
        dead=list(certificate.dead),
        **waves_document(certificate),
        programmes=dict(certificate.programmes),
        currency=certificate.currency,
        sides={name: asdict(side) for name, side in certificate.sides.items()},
        redemptions=redemption_counts(certificate.redemptions),
        redemptions_not_compared=left_out(certificate) or None,
        **_money(certificate),
        **({"refused": _refused(certificate)} if certificate.refused else {}),
        error=error,
    )
    shown: Document = masked_values(document)  # the digest is of what can be read
    return shown | {"digest": "sha256:" + digest(shown)}


def _money(certificate: Certificate) -> Document:
    """Return the lines and sums; ``redemptions`` has been the counts for long here."""
    members = money_documents(certificate.money, reader_of(certificate))
    members["redemption_lines"] = members.pop("redemptions")
    return members


def _exception(exception: ProvenException, reader: Reader) -> Document:
    return {
        "code": exception.code,
        "reason": exception.reason,
        "message": message(exception.causes, reader),
        "accepted": exception.accepted,
        "by": exception.by,
        "at": exception.at,
        "note": exception.note,
    }


def _refused(certificate: Certificate) -> str:
    return message(certificate.refused, reader_of(certificate))


def certificate_text(certificate: Certificate) -> str:
    lines = [_headline(certificate), *waves_lines(certificate)]
    if certificate.refused:
        lines += ["", f"REFUSED: {cell(_refused(certificate))}"]
    if certificate.exceptions:
        lines += ["", f"Exceptions ({len(certificate.exceptions)})"]
    for exception in certificate.exceptions[:MOST]:
        lines += _exception_lines(exception, reader_of(certificate))
    if len(certificate.exceptions) > MOST:
        lines.append(f"  ... and {len(certificate.exceptions) - MOST} more")
    if certificate.dead:
        count = len(certificate.dead)
        why = "expired, used up or switched off"
        lines += ["", f"Not carried over, as nobody can use them ({count}): {why}."]
    lines += ["", *_redemptions(certificate), _about(certificate)]
    tables = money_tables(certificate.money, reader_of(certificate))
    lines += [f"{indent}{line}" for indent, line in money_lines(tables)]
    for name, side in certificate.sides.items():
        whole = "read completely" if side.complete else "NOT read completely"
        mark = side.digest[7:19]
        lines.append(f"{name.capitalize()}: {side.codes} codes, {whole}, mark {mark}")
    return "\n".join(lines)


def _about(certificate: Certificate) -> str:
    """Name what was certified: the programmes, and the currency of their amounts."""
    named = [
        f"{Side(side).label} {cell(programme) or 'not named so far'}"
        for side, programme in certificate.programmes.items()
    ]
    currency = certificate.currency or "not set"
    return f"Programmes: {', '.join(named)}. Currency: {currency}."


def _exception_lines(exception: ProvenException, reader: Reader) -> Iterator[str]:
    mark = "accepted" if exception.accepted else "open"
    yield f"  {mark:<9} {cell(exception.code)}  [{exception.reason}]"
    yield f"            {cell(message(exception.causes, reader))}"
    if exception.by:
        why = f": {exception.note}" if exception.note else ""
        whose = f"{cell(exception.by)}, {exception.at}{cell(why)}"
        yield f"            accepted by {whose}"


def _redemptions(certificate: Certificate) -> list[str]:
    """Say how redemptions stand, and what of them was not compared."""
    counted = certificate.redemptions
    parts = [f"{counted.get(name, 0)} {words}" for name, words in REDEEMED.items()]
    lines = [f"Redemptions: {', '.join(parts)}."] if counted else []
    why = left_out(certificate)
    return lines + ([f"Redemptions not compared: {cell(why)}."] if why else [])


def certificate_html(certificate: Certificate) -> str:
    """Return the certificate as one page that needs nothing else."""
    from connector.reports.html import SALES
    from connector.reports.page import own_parts, pages

    environment = pages()
    document = certificate_document(certificate)
    for exception in document["exceptions"]:
        shown = ("code", "message", "by", "note")
        exception.update({name: cell(exception[name]) for name in shown})
    return environment.get_template("certificate.html.j2").render(
        headline=_proven(certificate),
        made=f"{certificate.at[:10]}, {certificate.at[11:16]} UTC",
        **own_parts(environment, "certificate"),
        lists=_lists(document["exceptions"]),
        certificate=document | {"dead": list(map(cell, certificate.dead))},
        words=reason_text,
        redemptions=_redemptions(certificate),
        waves=waves_lines(certificate)[1:],
        money=money_tables(certificate.money, reader_of(certificate)),
        most=SALES,
    )


def _lists(exceptions: list[Document]) -> list[tuple[str, str, list[Document]]]:
    """Return what is open, and what a person has accepted: each code in one of them."""
    parts: dict[bool, list[Document]] = {False: [], True: []}
    for exception in exceptions:
        parts[exception["accepted"]].append(exception)
    return [
        ("open", "Open exceptions", parts[False]),
        ("accepted", "Accepted as they are", parts[True]),
    ]


def _headline(certificate: Certificate) -> str:
    wave = ", this wave" if certificate.wave else ""
    at = f" ({certificate.at})" if certificate.complete else ""
    return f"{certificate.pair}{wave}: {_proven(certificate)[:-1]}{at}."


def _proven(certificate: Certificate) -> str:
    """Say in one sentence what is certified."""
    accepted = len(certificate.exceptions) - certificate.open
    start = f"{certificate.equal} codes are equal on both sides"
    if not certificate.complete:
        return f"{start}; nothing is certified, because a side was not read completely."
    if not certificate.exceptions:
        return f"{start}, without exception."
    return f"{start}, {certificate.open} exceptions are open and {accepted} accepted."
