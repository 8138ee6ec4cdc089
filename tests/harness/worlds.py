"""Two partners on both sides, and codes of theirs."""

from connector.sandbox import seed
from connector.sandbox.world import World

QUIET = {"tolt_rate_limit": 0, "tolt_v1_whole_rows": True}
"""Switches of stand-ins in which sales are read: what v1 leaves out by default, and a
limit that is met, have stories of their own."""


def two_partners(tag: str, currency: str = "USD") -> seed.Builder:
    """Return Anna and Ben on both sides, without a code."""
    build = seed.Builder(World(tag=tag))
    build.programme(seed.PARTNERO_KEY, "Acme", currency)
    build.organization(seed.TOLT_KEY, "Acme", currency)
    for name in ("Anna", "Ben"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    return build


def plain(*codes: tuple[str, str, str]) -> World:
    """Return two partners on both sides, and codes: text, sides ("both"), percent."""
    build = two_partners("f")
    for text, where, amount in codes:
        make = {"both": build.both, "left": build.left, "right": build.right}[where]
        make(text, "Anna", amount)
    return build.world


def shop(codes=("ANNA10", "BEN20"), currency="USD") -> seed.Builder:
    """Return two partners with a code each on both sides, and nothing sold yet."""
    build = two_partners("r", currency)
    for text in codes:
        build.both(text, "Ben" if text.startswith("BEN") else "Anna", "10")
    return build
