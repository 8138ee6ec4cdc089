"""verify and migrate: proof of a state, and the one-off that ends in one."""

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Literal

from connector.commands.context import (
    DONE,
    FAILED,
    FOUND,
    PARTIAL,
    REFUSED,
    Context,
    dumped,
    note,
    result,
    worst,
)
from connector.commands.plans import planned, write_file
from connector.commands.runs import CODES, one_run, stopping
from connector.config import Config, PairSection
from connector.connect import Keys
from connector.engine.certificate import Certificate, certify
from connector.engine.change import Plan, Status
from connector.engine.policy import Limits
from connector.errors import Misconfigured
from connector.reports.certificates import (
    certificate_document,
    certificate_html,
    certificate_text,
)
from connector.reports.runs import run_document, run_text
from connector.reports.safe import cell
from connector.sync import Session
from mappings.canonical import Side

PREFLIGHT_SAMPLE = 3


def verify(context: Context, out: Path | None) -> int:
    """Read both sides afresh and certify what is equal and what is not."""
    context.wants("text", "json", "html")
    config = context.config()
    codes = []
    for pair, keys in context.each(config):
        certificate, failed = _certified(config, pair, keys)
        document = certificate_document(certificate)
        if failed:
            document["error"] = failed
            note(failed)
        page = certificate_html(certificate)
        if out is not None:
            write_file(out, page if out.suffix == ".html" else dumped(document))
        if context.format == "html":
            result(page)
        else:
            context.show(document, certificate_text(certificate))
        codes.append(FAILED if failed else _code(certificate))
    return worst(codes)


def _certified(
    config: Config, pair: PairSection, keys: Keys
) -> tuple[Certificate, str]:
    sighting = planned(config, pair, keys, afresh=True)
    return certify(sighting.plan, sighting.sides), sighting.plan.failed


def _code(certificate: Certificate) -> int:
    if certificate.refused:
        return REFUSED
    if not certificate.complete:
        return PARTIAL
    return FOUND if certificate.open else DONE


def migrate(context: Context, source: Side, target: Side, *, yes: bool) -> int:
    """Carry everything one way, with a look before it and a certificate after it."""
    context.wants("text", "json")
    if source is target:
        raise Misconfigured(
            f"--from {source} --to {target}: a migration has two different sides"
        )
    if not yes and not sys.stdin.isatty():
        raise Misconfigured(
            "migrate asks before it writes, and there is no terminal: say --yes"
        )
    config = context.config()
    codes = []
    for pair, keys in context.each(config):
        with stopping() as stop:
            finished = one_run(
                config,
                pair,
                keys,
                command="migrate",
                stop=stop.event,
                prepare=lambda session: _one_way(session, target, yes=yes),
            )
        document = run_document(finished)
        text = run_text(finished)
        if finished.status in ("complete", "partial"):
            certificate, _ = _certified(config, pair, keys)
            document["certificate"] = certificate_document(certificate)
            text += "\n\n" + certificate_text(certificate)
        context.show(document, text)
        interrupted = finished.status == "interrupted"
        codes.append(stop.code if interrupted else CODES[finished.status])
    return worst(codes)


def _one_way(session: Session, target: Side, *, yes: bool) -> Session:
    """Limit the same engine to one direction, with limits for a whole programme."""
    direction: Literal["to-partnero", "to-tolt"] = "to-tolt"
    if target is Side.PARTNERO:
        direction = "to-partnero"
    whole = 10_000_000
    limits = Limits(
        creates=whole,
        updates=whole,
        deletes=0,
        share=session.job.policy.limits.share,
        sentinel=session.job.policy.limits.sentinel,
        whole=True,
    )
    policy = replace(
        session.job.policy, direction=direction, delete="hold", limits=limits
    )

    def choose(plan: Plan) -> frozenset[str] | None:
        ready = frozenset(change.id for change in plan.ready())
        for line in preflight(plan):
            note(line)
        if yes or not ready:
            return ready
        sys.stderr.write(f"\nMigrate {len(ready)} changes to {target.label}? [y/N] ")
        sys.stderr.flush()
        return ready if sys.stdin.readline().strip().lower() in ("y", "yes") else None

    return replace(
        session,
        job=replace(session.job, policy=policy),
        choose=choose,
    )


def preflight(plan: Plan) -> list[str]:
    """Group what would not be carried by its cause, with the alias rows to fill in."""
    causes: dict[str, list[str]] = defaultdict(list)
    aliases: dict[str, None] = {}
    for change in plan.changes:
        if change.status is Status.READY:
            continue
        causes[change.reason].append(cell(change.code))
        if change.reason in ("partner_missing", "partner_ambiguous", "payee_change"):
            for value in change.fields:
                owner = value.partnero or value.tolt
                if value.field == "partner" and owner and "(" in owner:
                    aliases[owner.rpartition("(")[2].rstrip(")")] = None
    lines = [f"{len(plan.ready())} changes are ready."]
    for reason, codes in sorted(causes.items()):
        shown = ", ".join(codes[:PREFLIGHT_SAMPLE])
        more = ", ..." if len(codes) > PREFLIGHT_SAMPLE else ""
        lines.append(f"{len(codes)} will not be carried, {reason}: {shown}{more}")
    if aliases:
        lines.append(
            "Rows for the alias file, to be completed with the other side's id:"
        )
        lines += [f"  {one}," for one in aliases]
    return lines
