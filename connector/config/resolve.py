"""From the checked sections of the file to the value that a run is given.

Here the keys and the alias file are read, and what the file says in its own words
becomes the engine's.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from connector.config.aliases import read_aliases
from connector.config.allowed import kind_and_amount
from connector.config.around import setting_of
from connector.config.load import Config
from connector.config.pair import Api, Neighbours, Pair
from connector.config.pair_sections import PartneroSection, ToltSection
from connector.config.problem_lines import Told, listed
from connector.config.schema import PairSection
from connector.config.sharing import references_of, tolt_of
from connector.config.timetable import timetable
from connector.engine.change import digest
from connector.engine.guards import Programmes
from connector.engine.partners import Alias
from connector.engine.policy import Limits, Policy
from connector.errors import Misconfigured
from connector.reports.typed import command
from mappings.canonical import Both, Discount, Side, fixed_major, percentage

BESIDE = ("schedule", "timezone", "jitter", "full_read_every", "webhooks", "notify")
"""Settings that say when a pair is read, and who hears of it: they make no plan."""


_PLACEHOLDER = (
    "this is a placeholder; Tolt shows the programme's id in its settings, and with a "
    f"key this names all that it has: {command('check')}"
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Both keys of a pair, read from where the configuration says they are."""

    partnero: str = field(repr=False)
    tolt: str = field(repr=False)


def read_pair(config: Config, section: PairSection) -> Pair:
    """Read what a pair names, and gather what a run of it needs.

    Misconfigured with all that is wrong: keys, alias lines, what was never filled in.
    """
    wrong: list[str] = []
    keys = Keys("", "")
    try:
        keys = keys_of(config, section)
    except Misconfigured as error:
        wrong += str(error).splitlines()
    if is_placeholder(section.tolt.program_id):
        where = config.where(section.name, Side.TOLT, "program_id")
        wrong.append(f"{where}: {_PLACEHOLDER}")
    if not wrong:
        return pair_of(config, section, keys)
    try:
        aliases_of(config, section)
    except Misconfigured as error:
        wrong += str(error).splitlines()
    raise Misconfigured(listed([Told(wrong)]))


def keys_of(config: Config, section: PairSection) -> Keys:
    """Return both keys; Misconfigured with each that is missing."""
    found, wrong = {}, []
    for side in Side:
        try:
            found[side] = key_of(config, section, side)
        except Misconfigured as error:
            wrong.append(str(error))
    if wrong:
        raise Misconfigured(listed([Told(wrong)]))
    return Keys(found[Side.PARTNERO], found[Side.TOLT])


def key_of(config: Config, section: PairSection, side: Side) -> str:
    """Return one key; Misconfigured where it is missing."""
    place = section.partnero if side is Side.PARTNERO else section.tolt
    where = config.where(section.name, side, "api_key")
    return place.api_key.read(config.location.folder, where)


def is_placeholder(program_id: str) -> bool:
    """Say whether this is what stands in a new configuration, and no id."""
    return "..." in program_id


def pair_of(config: Config, section: PairSection, keys: Keys) -> Pair:
    """Gather what a run of this pair needs."""
    aliases = tuple(aliases_of(config, section))
    partnero, tolt = section.partnero, section.tolt
    return Pair(
        name=section.name,
        apis=Both(
            _api(partnero, keys.partnero),
            _api(tolt, keys.tolt),
        ),
        program_id=tolt.program_id,
        version=tolt.api_version,
        currency=section.currency,
        policy=_policy(section),
        aliases=aliases,
        alias_file=section.partners.aliases,
        attempts=section.limits.attempts,
        settle_seconds=section.limits.settle_seconds,
        full_read_seconds=section.full_read_seconds,
        keep_seconds=config.file.state.keep_seconds,
        times=timetable(section),
        digest=_mark(section, aliases),
        several=config.several,
        names=config.file.report.names,
        programmes=_programmes(config, section, keys),
        neighbours=Neighbours(references_of(section), config.sharing.reference),
        location=config.location,
        number=config.number(section.name),
        places=config.places,
    )


def _api(section: PartneroSection | ToltSection, key: str) -> Api:
    rate, place = section.requests_per_second, section.api_key.place
    return Api(section.base_url, key, rate, place)


def aliases_of(config: Config, section: PairSection) -> list[Alias]:
    """Return the lines of the pair's alias file, if it has one."""
    file = section.partners.aliases
    if file is None:
        return []
    setting = setting_of(config.places, config.number(section.name))
    return read_aliases(config.location.beside(file), setting)


def _policy(section: PairSection) -> Policy:
    stated = section.policy
    limits = section.limits.model_dump(exclude={"attempts", "settle_seconds"})
    return Policy(
        **stated.model_dump(exclude={"redemptions_since"}),
        direction=section.direction,
        redemptions_since=str(stated.redemptions_since or ""),
        duration=section.coupons.canonical_duration,
        coupons=dict(_coupons(section)),
        limits=Limits(**limits),
    )


def _coupons(section: PairSection) -> Iterator[tuple[Discount, str]]:
    for name, uuid in section.coupons.map.items():
        kind, amount = kind_and_amount(name)
        if kind == "percentage":
            yield percentage(amount), uuid
        else:
            yield fixed_major(amount, section.currency), uuid


def mark_of(config: Config, section: PairSection) -> str:
    """Return the mark of all settings that make a plan of a pair; no key is read."""
    return _mark(section, aliases_of(config, section))


def _mark(section: PairSection, aliases: Iterable[Alias]) -> str:
    without: dict[str, bool | set[str]] = dict.fromkeys(BESIDE, True)
    without |= {side.value: {"api_key", "requests_per_second"} for side in Side}
    content = section.model_dump(mode="json", exclude=without)
    return digest([content, sorted(alias[:2] for alias in aliases)])[:16]


def meet(config: Config, sections: Iterable[PairSection]) -> None:
    """Note who shares a Partnero key, for a command that reads these keys anyway.

    A key that is missing is told when it is that pair's turn.
    """
    for section in sections:
        with suppress(Misconfigured):
            key = section.partnero.api_key.read(config.location.folder, "")
            config.sharing.meet(_programme(section, key))


def _programmes(
    config: Config, section: PairSection, keys: Keys
) -> tuple[Programmes, ...]:
    """Return the programmes of this pair, and after it those that share one."""
    mine = _programme(section, keys.partnero)
    return (mine, *config.sharing.others(mine))


def _programme(section: PairSection, key: str) -> Programmes:
    """Return what names a pair's programmes; a key belongs to exactly one of them."""
    owner = hashlib.sha256(f"{section.partnero.base_url} {key}".encode()).hexdigest()
    return Programmes(section.name, owner if key else "", tolt_of(section))
