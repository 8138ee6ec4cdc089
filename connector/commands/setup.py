"""init, schema and sandbox: what is needed before the first report."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from connector.commands.context import DONE, Context, asked, note, result
from connector.config import asking
from connector.config.json_schema import NAME, json_schema
from connector.errors import Misconfigured
from connector.providers.tolt import Program
from connector.reports import typed
from connector.reports.safe import cell
from connector.terminal.streams import aside, is_terminal
from mappings.canonical import Both

TEMPLATE = Path(__file__).parent / "connector.toml"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def schema(context: Context) -> int:
    """Print the JSON Schema of the configuration, whatever the format."""
    context.wants("text", "json")
    sys.stdout.write(_schema_text())
    return DONE


def _schema_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def init(context: Context, addresses: Both[str] = asking.ADDRESSES) -> int:
    """Write a configuration with its schema; on a terminal, with what can be asked."""
    aside()
    path = context.config_path
    if path.exists() or path.is_symlink():
        raise _exists(path)
    filled = _asked(addresses) if is_terminal(sys.stdin) else Filled()
    text = TEMPLATE.read_text(encoding="utf-8")
    try:
        _write_new(path, filled.into(text))
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from None
    result(f"Wrote {path}{_beside(path)}. {filled.told()}")
    place = [] if path == Path("connector.toml") else ["--config", str(path)]
    todo = "export both keys" if filled.program else "fill in program_id, export both"
    todo += "" if filled.program else " keys"
    result(f"Now {todo}, and type: {typed.command(*place, 'check')}")
    return DONE


def _exists(path: Path) -> Misconfigured:
    return Misconfigured(
        f"{path} exists and was left as it is. Name another file with --config"
    )


def _write_new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as opened:
        opened.write(text)


def _beside(path: Path) -> str:
    """Write the schema beside a new configuration; say what became of it."""
    file = path.parent / NAME
    try:
        _write_new(file, _schema_text())
    except FileExistsError:
        return f" (beside it, {file} was there and was left as it is)"
    except OSError as error:
        return f" ({file}, for editors, cannot be written: {error.strerror})"
    return f" and, for editors, {file}"


# -- what both products say ------------------------------------------------------------


class Filled(NamedTuple):
    """What is known of the programmes; "" is a place for a person to fill."""

    program: str = ""
    name: str = ""
    currency: str = ""

    def into(self, text: str) -> str:
        """Return the template with what is known, its comments in their column."""
        for key, value in (("program_id", self.program), ("currency", self.currency)):
            if value:
                old, new = f'(?m)^{key} = "[^"]*" *(?=#)', f'{key} = "{value}"'
                text = re.sub(old, f"{new:<37} ", text)
        return text

    def told(self) -> str:
        if not self.program and not self.currency:
            return "Nothing was filled in."
        named = f" ({cell(self.name)})" if self.name else ""
        known = [
            f"programme {self.program}{named}" if self.program else "",
            f"currency {self.currency}" if self.currency else "",
        ]
        return f"Filled in: {', '.join(filter(None, known))}."


def _asked(addresses: Both[str]) -> Filled:
    """Return what both products say; each question that failed is told."""
    note("Partnero and Tolt are asked which programmes these are; nothing is written.")
    heard = asking.hear(addresses)
    for sentence in heard.failed:
        note(sentence)
    chosen = _chosen([one for one in heard.programs if _ID.fullmatch(one.id)])
    if chosen is None:
        return Filled(currency=heard.currency)
    theirs = asking.usable(chosen.currency)
    if heard.currency and theirs and heard.currency != theirs:
        note(
            f"Partnero's programme is in {heard.currency}, Tolt's {chosen.id} in "
            f"{theirs}: a pair has one currency, so none was filled in."
        )
        return Filled(chosen.id, chosen.name)
    if not theirs and not heard.currency:
        note("Neither product tells a currency: it stays for you to fill in.")
    return Filled(chosen.id, chosen.name, theirs or heard.currency)


def _chosen(programs: Sequence[Program]) -> Program | None:
    """Return the only programme, or the one that a person names by its number."""
    if len(programs) < 2:
        return programs[0] if programs else None
    for number, one in enumerate(programs, start=1):
        note(f"{number:>3}  {one.id}  {cell(one.name)}  {cell(one.currency)}")
    said = asked(f"Which of Tolt's programmes? [1-{len(programs)}, none] ")
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(programs):
        return programs[int(said) - 1]
    note("No programme was chosen: program_id stays for you to fill in.")
    return None


# -- sandbox ---------------------------------------------------------------------------


def sandbox(port: int, codes: int | None, switches: Mapping[str, str]) -> int:
    from connector.sandbox import seed
    from connector.sandbox.server import Sandbox

    switched = _switched(switches)
    world = seed.small() if codes is None else seed.big(codes)
    try:
        served = Sandbox(port, world, switched)
    except OSError as error:
        raise Misconfigured(f"--port {port}: {error.strerror}") from None
    result(served.config_text())
    for name, value in served.environment.items():
        result(f"export {name}={value}")
    served.run()
    return DONE


def _switched(switches: Mapping[str, str]) -> dict[str, object]:
    """Return all switches, with these as they were asked for."""
    from connector.sandbox.switches import Switches

    switched = Switches()
    for name, text in switches.items():
        try:
            _switch(switched.set, name, text)
        except (KeyError, ValueError) as error:
            raise Misconfigured(f"--switch {error}") from None
    return switched.as_dict()


def _switch(set_: Callable[[str, object], None], name: str, text: str) -> None:
    """Set the text itself where the switch can have it, else what it says as JSON."""
    try:
        set_(name, text)
    except ValueError as error:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise error from None
        set_(name, value)
