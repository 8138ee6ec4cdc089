"""How a call of the program ends: each error is a sentence, an exit code, a document.

What nobody expected is one sentence as well. It says what failed and where in the
program, and repeats nothing of what the program was working on: that could be a key or
an address. The way there is shown at ``--log-level debug`` alone.
"""

import io
import json
import re
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

import typer

from connector.errors import Interrupted, Misconfigured, Problem
from connector.terminal.options import level_typed, option
from mappings.discreet import HIDDEN, looks_like_key, without_keys
from mappings.masking import masked

PROGRAM = Path(__file__).parent.parent.parent
"""Where the code of the program itself lies."""
STOPPED = "interrupted: a signal asked it to stop before it was done"
DATABASES = ("sqlalchemy", "sqlite3", "psycopg")


def ended(call: Callable[[], Any], arguments: Sequence[str]) -> NoReturn:
    """Call the command line, and end the process as its errors say."""
    before, threading.excepthook = threading.excepthook, partial(_in_thread, arguments)
    try:
        code = call()
    except typer.TyperException as error:
        _usage(error, arguments)
    except (Interrupted, KeyboardInterrupt):
        _document(STOPPED, arguments)
        code = 130
    except Exception as error:  # noqa: BLE001 (the last net: nothing else catches all)
        code = _failed(error, arguments)
    finally:
        threading.excepthook = before
    raise SystemExit(code if isinstance(code, int) else 0)


def error_document(error: str) -> str:
    text = masked(error)
    document = {"format": "partnero-tolt/error", "version": 1, "error": text}
    return json.dumps(document) + "\n"


def _failed(error: Exception, arguments: Sequence[str]) -> int:
    """Tell what went wrong, and print the document that a program reads."""
    if not isinstance(error, Problem):
        _document(_tell(error, arguments), arguments)
        return 1
    text = _without_typed_keys(str(error), arguments)
    _say(text)
    if not isinstance(error, Misconfigured):
        _document(text, arguments)
    return error.exit_code


def _document(error: str, arguments: Sequence[str]) -> None:
    if option(arguments, "--format") == "json":
        sys.stdout.write(error_document(error))


def _in_thread(arguments: Sequence[str], failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        _tell(failed.exc_value, arguments)


def _tell(error: BaseException, arguments: Sequence[str]) -> str:
    """Say that there is a bug, and at --log-level debug how it came to it."""
    sentence = bug(error)
    _say(sentence)
    if level_typed(arguments) == "debug":
        sys.stderr.write(_way(error))
    return sentence


def bug(error: BaseException) -> str:
    """Return one sentence about an error that nobody expected, without its text."""
    if isinstance(error, typer.Abort):
        return "there was nothing more to read: the input has ended. Say --yes"
    if isinstance(error, MemoryError):
        return (
            "there was not enough memory to go on. What was begun is settled by the "
            "next run; give the program more memory"
        )
    if type(error).__module__.partition(".")[0] in DATABASES:
        return (
            f"the state's database failed ({type(error).__name__} in "
            f"{_place(error.__traceback__)}). What was begun is settled by the next "
            "run. Look with: partnero-tolt state check"
        )
    return (
        f"a bug: {type(error).__name__} in {_place(error.__traceback__)}. What was "
        "begun is settled by the next run. Please report this line; --log-level debug "
        "shows more"
    )


def _place(way: TracebackType | None) -> str:
    """Return the last line of our own that an error came through."""
    frames = traceback.extract_tb(way)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PROGRAM)]
    ours = [frame for frame in ours if "site-packages" not in frame.filename] or ours
    if not ours:
        return "the program"
    name = Path(ours[-1].filename).relative_to(PROGRAM)
    return f"{name}, line {ours[-1].lineno}"


def _way(error: BaseException) -> str:
    """Return the lines that led to an error; of the errors only the kinds."""
    lines: list[str] = []
    at: BaseException | None = error
    while at is not None and len(lines) < 300:
        lines += traceback.format_tb(at.__traceback__, limit=-30)
        lines.append(f"{type(at).__name__}: {HIDDEN}\n")
        at = at.__cause__ or at.__context__
    return "".join(lines)


def _usage(error: typer.TyperException, arguments: Sequence[str]) -> NoReturn:
    """Print what is wrong with the command line as typer would, without a key in it."""
    shown: Any = error
    output = io.StringIO()
    shown.show(output)
    message = without_keys(_without_typed_keys(output.getvalue(), arguments))
    sys.stderr.write(masked(message))
    raise SystemExit(error.exit_code)


def _without_typed_keys(text: str, arguments: Sequence[str]) -> str:
    """Return a message without what looks like a key on the command line."""
    for argument in arguments:
        for part in (argument, *re.split("[=,:]", argument)):
            if "/" not in part and looks_like_key(part):
                text = text.replace(part, HIDDEN)
    return text


def _say(text: str) -> None:
    sys.stderr.write(f"partnero-tolt: {masked(text)}\n")
