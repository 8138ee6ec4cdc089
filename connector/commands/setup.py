"""init and sandbox: what is needed before the first report."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from connector.commands.context import DONE, Context, result
from connector.errors import Misconfigured
from connector.terminal.streams import aside

TEMPLATE = Path(__file__).parent / "connector.toml"


def init(context: Context) -> int:
    aside()
    path = context.config_path
    try:
        with path.open("x", encoding="utf-8") as opened:
            opened.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise Misconfigured(
            f"{path} exists and was left as it is. Name another file with --config"
        ) from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror}") from None
    result(
        f"Wrote {path}. Fill in program_id, export both keys, and type: "
        "partnero-tolt check"
    )
    return DONE


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
