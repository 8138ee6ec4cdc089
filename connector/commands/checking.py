"""check: config, keys, programmes, currency and state, before anything is planned."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.commands.context import DONE, FAILED, Context
from connector.commands.file_checks import Check, of_file
from connector.commands.pair_checks import of_pair
from connector.commands.suggesting import refuse_file, suggest
from connector.commands.together import in_order
from connector.config.load import Config
from connector.config.resolve import meet
from connector.config.schema import PairSection
from connector.errors import Problem
from connector.reports.documents import Document, titled
from connector.reports.safe import cell
from connector.terminal.ending import bug


def check(context: Context, aliases: Path | None = None, jobs: int = 1) -> int:
    """Say a line each; ``aliases`` is where questions about partners are written."""
    context.wants("text", "json")
    config = context.config()
    if aliases is not None:
        context.refuse_several()
        refuse_file(config, aliases)
    checks = [(config.location.path.name, line) for line in of_file(config)]
    checks += _of_pairs(config, context.sections(config), jobs)
    more: Document = {}
    if aliases is not None and all(line.ok for _, line in checks):
        pair = context.one_pair()
        suggested = suggest(pair, aliases)
        checks.append((pair.name, Check("aliases", suggested.ok, suggested.said)))
        more = {"questions": suggested.documents()}
    good = all(line.ok for _, line in checks)
    shown = [
        f"{'ok  ' if line.ok else 'FAIL'}  {cell(f'{of}: {line.check} {line.said}')}"
        for of, line in checks
    ]
    lines = [{"pair": of, **line._asdict()} for of, line in checks]
    context.show(titled("check", ok=good, checks=lines, **more), "\n".join(shown))
    return DONE if good else FAILED


def _of_pairs(
    config: Config, sections: Sequence[PairSection], jobs: int
) -> Iterator[tuple[str, Check]]:
    """Yield what is said of each pair; a bug in one of several is told of it alone."""

    def look(section: PairSection) -> list[tuple[str, Check]]:
        return [(section.name, line) for line in of_pair(config, section)]

    def alone(section: PairSection) -> list[tuple[str, Check]]:
        try:
            return look(section)
        except Problem:
            raise  # of the state, which all of them share
        except Exception as error:  # noqa: BLE001 (no pair may end another one)
            return [(section.name, Check("check", False, bug(error)))]

    meet(config, sections)
    for lines in in_order(sections, alone if len(sections) > 1 else look, jobs):
        yield from lines
