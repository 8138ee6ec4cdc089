"""state check: what the state file is worth; nothing in it is changed."""

from connector.commands.context import DONE, FAILED, Context
from connector.reports.safe import cell
from state.database import StateProblem, file_of, integrity, open_to_read
from state.store import Store


def check(context: Context) -> int:
    """Say whether the state can be trusted, and what it holds."""
    context.wants("text", "json")
    config = context.config()
    path = file_of(config.state_url)
    problems: list[str] = []
    pairs: dict[str, dict[str, int]] = {}
    if path is not None and path.exists() and path.stat().st_size:
        problems += integrity(path)
    engine = None
    if not problems:
        try:
            engine = open_to_read(config.state_url)
        except StateProblem as error:
            problems.append(str(error))
    for pair in context.pairs(config) if engine else ():
        store = Store(engine, pair.name) if engine else None
        if store is not None:
            problems += store.unreadable()
            pairs[pair.name] = store.sizes()
    document = {
        "format": "partnero-tolt/state",
        "version": 1,
        "state": str(path.name if path else "server"),
        "exists": engine is not None,
        "ok": not problems,
        "problems": problems,
        "pairs": pairs,
    }
    context.show(document, _text(document))
    return FAILED if problems else DONE


def _text(document: dict[str, object]) -> str:
    problems, pairs = document["problems"], document["pairs"]
    lines = []
    if isinstance(problems, list):
        lines += [f"FAIL  {cell(str(problem))}" for problem in problems]
    if not document["exists"] and not lines:
        lines.append("ok    There is no state yet; the first sync makes it.")
    if isinstance(pairs, dict):
        for name, sizes in pairs.items():
            held = ", ".join(f"{count} {what}" for what, count in sizes.items())
            lines.append(f"ok    {name}: {held}")
    return "\n".join(lines)
