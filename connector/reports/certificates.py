"""A certificate as a JSON document, as text, and as a page to hand over."""

from dataclasses import asdict

from connector.engine.certificate import Certificate, ProvenException
from connector.engine.change import digest
from connector.reports.documents import Document, redemption_counts, titled
from connector.reports.meaning import reason_text
from connector.reports.messages.say import Reader, left_out, message, reader_of
from connector.reports.safe import cell
from connector.reports.sections import REDEEMED
from mappings.masking import masked_values

MOST = 50


def certificate_document(certificate: Certificate) -> Document:
    """Return the certificate; its own digest covers everything in it."""
    document = titled(
        "certificate",
        pair=certificate.pair,
        at=certificate.at,
        complete=certificate.complete,
        equal=certificate.equal,
        open=certificate.open,
        exceptions=[
            _exception(one, reader_of(certificate)) for one in certificate.exceptions
        ],
        dead=list(certificate.dead),
        sides={name: asdict(side) for name, side in certificate.sides.items()},
        redemptions=redemption_counts(certificate.redemptions),
        redemptions_not_compared=left_out(certificate) or None,
        **({"refused": _refused(certificate)} if certificate.refused else {}),
    )
    shown: Document = masked_values(document)  # the digest is of what can be read
    return shown | {"digest": "sha256:" + digest(shown)}


def _exception(one: ProvenException, reader: Reader) -> Document:
    return {
        "code": one.code,
        "reason": one.reason,
        "message": message(one.causes, reader),
        "accepted": one.accepted,
        "by": one.by,
        "at": one.at,
        "note": one.note,
    }


def _refused(certificate: Certificate) -> str:
    return message(certificate.refused, reader_of(certificate))


def certificate_text(certificate: Certificate) -> str:
    lines = [_headline(certificate)]
    if certificate.refused:
        lines += ["", f"REFUSED: {cell(_refused(certificate))}"]
    if certificate.exceptions:
        lines += ["", f"Exceptions ({len(certificate.exceptions)})"]
    for one in certificate.exceptions[:MOST]:
        mark = "accepted" if one.accepted else "open"
        lines.append(f"  {mark:<9} {cell(one.code)}  [{one.reason}]")
        lines.append(f"            {cell(message(one.causes, reader_of(certificate)))}")
        if one.by:
            why = f": {one.note}" if one.note else ""
            lines.append(f"            accepted by {cell(one.by)}, {one.at}{cell(why)}")
    if len(certificate.exceptions) > MOST:
        lines.append(f"  ... and {len(certificate.exceptions) - MOST} more")
    if certificate.dead:
        count = len(certificate.dead)
        lines += [
            "",
            f"Dead and not carried ({count}): expired, used up or switched off.",
        ]
    lines += ["", *_redemptions(certificate)]
    for name, side in certificate.sides.items():
        whole = "read completely" if side.complete else "NOT read completely"
        mark = side.digest[7:19]
        lines.append(f"{name.capitalize()}: {side.codes} codes, {whole}, mark {mark}")
    return "\n".join(lines)


def _redemptions(certificate: Certificate) -> list[str]:
    """Say how redemptions stand, and what of them was not compared."""
    counted = certificate.redemptions
    said = [f"{counted.get(name, 0)} {words}" for name, words in REDEEMED.items()]
    lines = [f"Redemptions: {', '.join(said)}."] if counted else []
    why = left_out(certificate)
    return lines + ([f"Redemptions not compared: {cell(why)}."] if why else [])


def certificate_html(certificate: Certificate) -> str:
    """Return the certificate as one page that needs nothing else."""
    from connector.reports.html import pages

    document = certificate_document(certificate)
    for one in document["exceptions"]:
        shown = ("code", "message", "by", "note")
        one.update({name: cell(one[name]) for name in shown})
    return (
        pages()
        .get_template("certificate.html.j2")
        .render(
            headline=_headline(certificate),
            certificate=document,
            words=reason_text,
            redemptions=_redemptions(certificate),
        )
    )


def _headline(certificate: Certificate) -> str:
    accepted = len(certificate.exceptions) - certificate.open
    said = f"{certificate.pair}: {certificate.equal} codes are equal on both sides"
    if not certificate.complete:
        return f"{said}; nothing is certified, because a side was not read completely."
    if not certificate.exceptions:
        return f"{said}, without exception ({certificate.at})."
    return (
        f"{said}, {certificate.open} exceptions are open and {accepted} accepted "
        f"({certificate.at})."
    )
