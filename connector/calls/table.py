"""All commands there are, in the order of the help."""

from connector.calls.command import Example, Group
from connector.calls.deciding import DECIDE
from connector.calls.fleet import FLEET, FLEET_PAIRS
from connector.calls.keeping import KEEP, STATE
from connector.calls.looking import LOOK
from connector.calls.serving import SERVE
from connector.calls.writing import WRITE

GROUPS: tuple[Group, ...] = (LOOK, DECIDE, WRITE, SERVE, KEEP)
"""What is called by one word."""
INNER: tuple[tuple[str, Group], ...] = (
    ("state", STATE),
    ("fleet", FLEET),
    ("fleet pairs", FLEET_PAIRS),
)
"""What is called by more: words, then one of these; they stand in the last group."""
NEW_HERE = (
    Example("demo", "the whole story on stand-ins, in a minute; needs no account"),
    Example("init", "write a configuration to fill in"),
    Example("check", "say what is missing or wrong in it"),
    Example("plan", "show what differs; nothing is written"),
    Example("inbox", "show what waits for you, with the commands that decide it"),
)
