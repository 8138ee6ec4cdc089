"""The waves of a migration in a certificate: what is in one, and what all come to."""

from dataclasses import asdict

from connector.engine.certificate import Certificate, WaveProof
from connector.engine.planned import WavePart
from connector.reports.documents import Document
from connector.reports.safe import cell

NAMED = 10
"""Codes that are named before the rest is counted."""


def waves_document(certificate: Certificate) -> Document:
    """Return what a certificate has of waves; of the whole, each with its counts."""
    wave = certificate.wave
    return {
        "not_in_this_wave": len(wave.outside) if wave else 0,
        "wave": asdict(wave) if wave else None,
        "waves": [asdict(one) for one in certificate.waves],
    }


def waves_lines(certificate: Certificate) -> list[str]:
    """Say in lines what is not in this wave, or what the waves come to."""
    lines = _of_wave(certificate.wave) if certificate.wave else []
    lines += _of_waves(certificate.waves)
    return ["", *lines] if lines else []


def _of_wave(wave: WavePart) -> list[str]:
    if not wave.outside:
        return ["Not in this wave: nothing; it is the last one."]
    named = ", ".join(map(cell, wave.outside[:NAMED]))
    more = f" and {len(wave.outside) - NAMED} more" if len(wave.outside) > NAMED else ""
    return [f"Not in this wave, and as they were: {len(wave.outside)} ({named}{more})."]


def _of_waves(waves: tuple[WaveProof, ...]) -> list[str]:
    if not waves:
        return []
    count = sum(one.number > 0 for one in waves)
    noun = "wave" if count == 1 else "waves"
    return [f"Migrated in {count} {noun}:", *map(_line, waves)]


def _line(one: WaveProof) -> str:
    noun = "partner" if one.partners == 1 else "partners"
    whose = f" ({one.partners} {noun})" if one.partners else ""
    name = f"wave {one.number}, {one.at[:10]}{whose}" if one.number else "in no wave"
    parts = [f"{one.equal} equal", f"{one.open} exceptions open"]
    parts += [f"{one.accepted} accepted"] if one.accepted else []
    parts += [f"{one.dead} dead and not carried"] if one.dead else []
    codes = "code" if one.codes == 1 else "codes"
    return f"  {name}: {one.codes} {codes}, {', '.join(parts)}"
