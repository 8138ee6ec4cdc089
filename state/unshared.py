"""Why nothing is shared, and for how long what is shared is kept unused."""


class Unshared(Exception):
    """What is shared cannot be used just now; the text says why."""


class NotYet(Unshared):
    """There is no state yet beside which anything could be shared."""


KEPT = {"key_window": 3600, "hint": 90 * 86400}
"""Seconds after which a row that nobody used is forgotten, by table."""
