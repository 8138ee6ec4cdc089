"""init, check, sandbox: what is needed before the first report."""

from pathlib import Path

from connector.commands.context import DONE, FAILED, Context, note, result
from connector.config import Config, PairSection
from connector.connect import Keys, keys_of, open_readers, warnings
from connector.errors import Misconfigured, SyncError
from connector.look import job_of, key_mark, same_program
from connector.reports.safe import cell
from state.database import StateProblem, open_to_read
from state.store import Store

TEMPLATE = Path(__file__).parent / "connector.toml"


def init(context: Context) -> int:
    """Write a commented configuration; an existing file is never overwritten."""
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


def check(context: Context) -> int:
    """Look at configuration, keys, programmes, currency and state: a line each."""
    context.wants("text", "json")
    config = context.config()
    lines = [_line("config", config.path.name, ok=True, said="is well-formed")]
    for pair in context.pairs(config):
        lines += _check_pair(config, pair)
    good = all(line["ok"] for line in lines)
    document = {
        "format": "partnero-tolt/check",
        "version": 1,
        "ok": good,
        "checks": lines,
    }
    text = "\n".join(_shown(line) for line in lines)
    context.show(document, text)
    return DONE if good else FAILED


def _shown(line: dict[str, object]) -> str:
    good = "ok  " if line["ok"] else "FAIL"
    told = f"{line['pair']}: {line['check']} {line['said']}"
    return f"{good}  {cell(told)}"


def _check_pair(config: Config, pair: PairSection) -> list[dict[str, object]]:
    lines = []
    try:
        keys = keys_of(config, pair)
        lines.append(_line("keys", pair.name, ok=True, said="are set"))
    except Misconfigured as error:
        return [_line("keys", pair.name, ok=False, said=str(error))]
    lines += [_line("rate", pair.name, ok=True, said=told) for told in warnings(pair)]
    refusal = same_program(job_of(config, pair, keys))
    if refusal:
        lines.append(_line("pairs", pair.name, ok=False, said=refusal.message))
    store, line = _state(config, pair)
    lines.append(line)
    return lines + _programs(config, pair, keys, store)


def _programs(
    config: Config, pair: PairSection, keys: Keys, store: Store | None
) -> list[dict[str, object]]:
    lines = []
    readers = open_readers(pair, keys)
    prints = dict(store.pair_state().fingerprints) if store else {}
    job = job_of(config, pair, keys)
    for side, reader in readers.items():
        try:
            who = reader.identify()
        except SyncError as error:
            lines.append(_line(side.value, pair.name, ok=False, said=str(error)))
            continue
        finally:
            reader.close()
        was = prints.get(side.value, who.program)
        same = was in (who.program, "unknown")
        said = f"answers for programme {who.program or '(it does not say which)'}"
        said += "" if same else f", but the state belongs to {was}"
        lines.append(_line(side.value, pair.name, ok=same, said=said))
        if who.currency:
            agrees = pair.currency in (None, who.currency.upper())
            said = f"is {who.currency.upper()} there, {pair.currency or 'not set'} here"
            lines.append(
                _line(f"{side.value} currency", pair.name, ok=agrees, said=said)
            )
        new = store and prints.get(f"{side}.key") != key_mark(
            job, side, store.meta().get("salt", "")
        )
        if new and prints:
            note(f"{side.label}: the key is another one than at the last run")
    if pair.currency is None:
        said = "is not set: codes with a fixed amount are left alone"
        lines.append(_line("currency", pair.name, ok=True, said=said))
    return lines


def _state(config: Config, pair: PairSection) -> tuple[Store | None, dict[str, object]]:
    try:
        engine = open_to_read(config.state_url)
    except StateProblem as error:
        return None, _line("state", pair.name, ok=False, said=str(error))
    if engine is None:
        said = "does not exist yet; the first sync makes it"
        return None, _line("state", pair.name, ok=True, said=said)
    store = Store(engine, pair.name)
    said = f"remembers {len(store.links())} linked codes"
    return store, _line("state", pair.name, ok=True, said=said)


def _line(check_: str, pair: str, *, ok: bool, said: str) -> dict[str, object]:
    return {"pair": pair, "check": check_, "ok": ok, "said": said}


def sandbox(port: int, codes: int | None, switches: dict[str, str]) -> int:
    """Serve the local stand-ins until SIGTERM, after printing how to use them."""
    from connector.sandbox import seed
    from connector.sandbox.server import Sandbox

    world = seed.small() if codes is None else seed.big(codes)
    try:
        served = Sandbox(port, world, _switched(switches))
    except OSError as error:
        raise Misconfigured(f"--port {port}: {error.strerror}") from None
    result(served.config_text())
    for name, value in served.environment.items():
        result(f"export {name}={value}")
    served.run()
    return DONE


def _switched(stated: dict[str, str]) -> dict[str, object]:
    """Read each value in the one way that its switch takes."""
    from connector.sandbox.switches import Switches

    checked = Switches()
    for name, text in stated.items():
        told = ""
        for value in _readings(text):
            try:
                checked.set(name, value)
                break
            except (KeyError, ValueError) as error:
                told = told or f"--switch {error}"
        else:
            raise Misconfigured(told)
    return checked.as_dict()


def _readings(text: str) -> list[object]:
    """Return what a text can mean: itself, a yes or a no, a number."""
    readings: list[object] = [text]
    if text.lower() in ("true", "false"):
        readings.append(text.lower() == "true")
    for kind in (int, float):
        try:
            readings.append(kind(text))
        except ValueError:
            continue
    return readings
