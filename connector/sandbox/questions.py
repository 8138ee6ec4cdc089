"""A ready world in which a person has much to decide, and most of it is one question.

Thirty codes are on Partnero alone and have a limit there that Tolt does not know; the
seven others are each a question of its own.
"""

from datetime import date
from decimal import Decimal

from connector.sandbox.seed import PARTNERO_KEY, TOLT_KEY, Builder
from connector.sandbox.world import World

LIMITED = 30
"""Codes that are asked about for one and the same reason."""
OTHERS = 7
"""Codes that are asked about for other reasons."""
PEOPLE = ("Anna Berg", "Ben Ito", "Cleo Diaz", "Dora Lind", "Emil Novak", "Fay Osei")
SHOWS = ("PODCAST", "SUMMER", "CREATOR", "LAUNCH", "STUDIO")
YEAR = 2031


def undecided(equal: int = 60) -> World:
    """Return the world; ``equal`` codes need no word from anybody."""
    build = Builder(World(tag="d"))
    build.programme(PARTNERO_KEY, "Acme")
    build.organization(TOLT_KEY, "Acme")
    for name in PEOPLE:
        email = f"{name.lower().replace(' ', '.')}@example.com"
        build.partner(name, email, email)
    for number in range(equal):
        name = PEOPLE[number % len(PEOPLE)]
        build.both(f"{name.split()[0].upper()}{number:03d}", name, "10")
    _limited(build)
    _one_by_one(build)
    return build.world


def _limited(build: Builder) -> None:
    for number in range(LIMITED):
        name = PEOPLE[number % len(PEOPLE)]
        text = f"{SHOWS[number % len(SHOWS)]}{name.split()[0].upper()}{number + 1:02d}"
        code = build.left(text, name, str(10 + 5 * (number % 3)))
        if number % 3 == 0:
            code.expires = date(YEAR, 1 + number % 12, 28)
        elif number % 3 == 1:
            code.redemption_limit = 100 * (1 + number % 4)
        else:
            code.minimum_order = Decimal(20 + number)


def _one_by_one(build: Builder) -> None:
    for text, left, right in (("SPRING", "10", "15"), ("BACK2SCHOOL", "20", "25")):
        build.left(text, "Anna Berg", left)
        build.right(text, "Anna Berg", right)
    for text, left, right in (
        ("INTERVIEW", "Ben Ito", "Cleo Diaz"),
        ("WEBINAR", "Dora Lind", "Emil Novak"),
        ("MEETUP", "Fay Osei", "Anna Berg"),
    ):
        build.left(text, left, "10")
        build.right(text, right, "10")
    for text in ("SAMPLE", "BUNDLE"):
        build.both(text, "Cleo Diaz", "20")
        build.right(text, "Ben Ito", "20")
