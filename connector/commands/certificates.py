"""verify and migrate: proof of a state, and the one-off that ends in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connector.commands.applying import agreed
from connector.commands.context import (
    DONE,
    FAILED,
    FOUND,
    LOCKED,
    PARTIAL,
    REFUSED,
    Context,
    dumped,
    needs_terminal,
    note,
    remembered,
    result,
    worst,
)
from connector.commands.outputs import refuse_own, write_file
from connector.commands.plans import befallen, nothing_known, planned
from connector.commands.runs import each
from connector.commands.together import Setback, each_pair
from connector.config.codes import read_codes
from connector.config.pair import Pair
from connector.engine.certificate import Certificate, certify
from connector.engine.endings import of_plan
from connector.engine.outcome import Run
from connector.engine.planned import Plan
from connector.engine.waves import Asked
from connector.errors import Misconfigured
from connector.reports import typed
from connector.reports.certificates import (
    certificate_document,
    certificate_html,
    certificate_text,
)
from connector.reports.documents import Document
from connector.reports.messages.say import reader_of, why
from connector.reports.preflight import preflight_text
from connector.run.identify import UNKNOWN
from connector.run.session import (
    Session,
)
from connector.run.waves import found, part_of, parts
from connector.terminal.progress import Progress, progress
from mappings.canonical import Side
from mappings.masking import masked
from state.database import StateBusy, StateProblem
from state.model import Wave


@dataclass(frozen=True, slots=True)
class Certified:
    """The certificate of one pair, why there is none, and the code it ends with.

    ``error`` is that cause, or why it is not about everything; None where it is.
    """

    certificate: Certificate
    failed: str
    code: int
    error: str | None


def verify(context: Context, out: Path | None, jobs: int = 1) -> int:
    context.wants("text", "json", "html")
    if context.format == "html" or out is not None:
        context.refuse_several("one page or file certifies one pair")
    refuse_own(context.config(), out)
    codes: list[int] = []
    with progress() as shown:
        for done in _certify_each(context, shown, jobs):
            if codes and context.format == "text":
                with shown.aside():
                    result("")
            with shown.aside():
                _show(context, done, out)
            codes.append(done.code)
    return worst(codes)


def _certify_each(context: Context, shown: Progress, jobs: int) -> Iterator[Certified]:
    def work(pair: Pair) -> Certified:
        return _certified(pair, shown=shown)

    def failed(setback: Setback) -> Certified:
        none = befallen(setback)
        told = setback.why
        return Certified(certify(none.plan, {}), told, setback.code, told)

    return each_pair(context, work, failed, jobs)


def _show(context: Context, done: Certified, out: Path | None) -> None:
    certificate = done.certificate
    document = certificate_document(certificate, done.error)
    if done.failed:
        several = certificate.several
        note(f"{certificate.pair}: {done.failed}" if several else done.failed)
    _save(certificate, document, out)
    if context.format == "html":
        result(certificate_html(certificate))
    else:
        context.show(document, certificate_text(certificate))


def _save(certificate: Certificate, document: Document, out: Path | None) -> None:
    if out is not None:
        page = out.suffix == ".html"
        html = masked(certificate_html(certificate)) if page else ""
        write_file(out, html or dumped(document))


def _certified(
    pair: Pair, wave: Asked | None = None, shown: Progress | None = None
) -> Certified:
    """Read both sides, and certify what they show.

    That of one wave is about its codes alone; the whole one counts its waves.
    """
    broken = FAILED
    try:
        prepared = planned(pair, afresh=True, shown=shown)
        waves = _waves(pair) if prepared.sides and wave is None else []
    except StateBusy as error:
        prepared, broken, waves = nothing_known(pair, error), LOCKED, []
    if wave is not None:
        part = part_of(pair, prepared, found(wave, prepared))
        certificate = certify(part, prepared.sides)
    else:
        counted = parts(pair, prepared, waves)
        certificate = certify(prepared.plan, prepared.sides, counted)
    failed = prepared.plan.failed
    named = _of_programmes(pair, certificate)
    told = why(of_plan(prepared.plan), reader_of(prepared.plan))
    code = broken if failed else _code(certificate)
    return Certified(named, failed, code, told)


def _of_programmes(pair: Pair, certificate: Certificate) -> Certificate:
    """Name the programmes; Partnero's as a run was told it once."""
    try:
        store = remembered(pair.location, pair.name)
        known = store.facts.pair() if store else None
    except StateProblem:  # which the certificate tells already
        known = None
    told = {side: known.programme(side).id if known else "" for side in Side}
    told[Side.TOLT] = pair.program_id or told[Side.TOLT]
    named = {s.value: "" if id_ == UNKNOWN else id_ for s, id_ in told.items()}
    return replace(certificate, programmes=named, currency=pair.currency)


def _waves(pair: Pair) -> list[Wave]:
    store = remembered(pair.location, pair.name)
    return store.facts.waves() if store else []


def _code(certificate: Certificate) -> int:
    if certificate.refused:
        return REFUSED
    if not certificate.complete:
        return PARTIAL
    return FOUND if certificate.open else DONE


@dataclass(frozen=True, slots=True)
class Way:
    """Where a migration goes, and the wave of it that was asked for, if any."""

    source: Side
    target: Side
    wave: Asked | None = None
    codes: Path | None = None


def migrate(context: Context, way: Way, out: Path | None, *, yes: bool) -> int:
    """Carry codes one way, with a look before it and a certificate after it."""
    if way.source is way.target:
        raise Misconfigured(
            f"--from {way.source} --to {way.target}: a migration has two different "
            "sides"
        )
    if out is not None:
        context.refuse_several(f"--out {out} certifies one pair")
    refuse_own(context.config(), out)
    if way.wave is not None:
        context.refuse_several()  # its partners and codes are those of one pair
    needs_terminal("migrate asks before it writes", "say --yes", yes=yes)

    def proof(pair: Pair, finished: Run) -> tuple[Document, str]:
        if finished.status not in ("complete", "partial"):
            return {}, ""
        certificate = _certified(pair, way.wave).certificate
        document = certificate_document(certificate)
        _save(certificate, document, out)
        lines = ["", "", certificate_text(certificate), *_goes_on(pair, certificate)]
        return {"certificate": document}, "\n".join(lines)

    def _goes_on(pair: Pair, certificate: Certificate) -> list[str]:
        if certificate.wave is None:
            return []
        words = certificate.wave.named, way.codes
        again = typed.migration(way.source, way.target, *words, pair=pair.named)
        rest = typed.migration(way.source, way.target, pair=pair.named)
        lines = ["", "What goes on from here:"]
        lines += [f"  {again}  # this wave once more"] if certificate.open else []
        return [*lines, f"  {rest}  # all that is left, at the end"]

    return each(context, "migrate", lambda s: one_way(s, way, yes=yes), proof=proof)


def wave(partners: Sequence[str], file: Path | None) -> Asked | None:
    """Return what names a wave; None where all is to be carried."""
    if file is None and not partners:
        return None
    codes = read_codes(file) if file else ()
    return Asked(tuple(dict.fromkeys(name.strip() for name in partners)), codes)


def one_way(session: Session, way: Way, *, yes: bool) -> Session:
    """Limit the same engine to one direction, with limits for a whole programme."""
    whole = 10_000_000
    limits = replace(
        session.pair.policy.limits, creates=whole, updates=whole, deletes=0, whole=True
    )
    policy = replace(session.pair.policy.one_way(way.target), limits=limits)

    def choose(plan: Plan) -> frozenset[str] | None:
        note(preflight_text(plan) + "\n")
        return agreed(plan, f"Migrate {{}} to {way.target.label}?", yes=yes)

    pair = replace(session.pair, policy=policy)
    return replace(session, pair=pair, choose=choose, wave=way.wave)
