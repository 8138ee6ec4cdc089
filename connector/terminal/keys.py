"""One key at a time from a terminal, without waiting for a line."""

import io
import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from connector.errors import Interrupted
from connector.terminal.signals import raising

ENDED = ("", "\x04", "\x1b")
"""End of input, or a key that says so."""


def key(question: str) -> str:
    """Ask on standard error and return the key that is pressed; "" is the end.

    Blanks and line ends are no answer: whoever presses Enter as well is understood.
    """
    sys.stderr.write(question)
    sys.stderr.flush()
    pressed = " "
    with raising(), _at_once():
        while pressed and not pressed.strip():
            pressed = _read()
    sys.stderr.write(f"{pressed if pressed.isprintable() else ''}\n")
    sys.stderr.flush()
    return "" if pressed in ENDED else pressed.lower()


def _read() -> str:
    try:
        data = os.read(sys.stdin.fileno(), 1)
    except io.UnsupportedOperation:  # no terminal, but a text in its place
        return sys.stdin.read(1)
    except OSError:
        return ""
    if data == b"\x03":  # where the terminal does not make a signal of it
        raise Interrupted
    return data.decode("utf-8", "replace")


@contextmanager
def _at_once() -> Iterator[None]:
    """Let the terminal hand over each key; what was typed ahead is not lost."""
    try:
        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
    except (io.UnsupportedOperation, termios.error, OSError):
        yield
        return
    try:
        tty.setcbreak(number, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
