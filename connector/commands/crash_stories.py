"""What is killed at each step: an apply over codes, and a sync that pushes sales."""

import json
import re
import shutil
from datetime import timedelta
from decimal import Decimal

from connector.commands.crashes import Scenario, Stage
from connector.sandbox import seed
from connector.sandbox.world import World

SETTLE = 0.4
"""Seconds that a resume waits for a lost write to show: the stand-ins never lag."""
PUSHING = """
[pairs.policy]
redemptions = "both"
commissions = true
"""


def _prepared(stage: Stage, build: seed.Builder, version: str) -> Stage:
    """Bring both sides in step, let somebody edit, and have a plan reviewed."""
    folder = stage.folder
    _in_step(stage, version)
    _edit(build)
    plan = folder / "plan.json"
    if code := stage.run("plan", "--out", str(plan)):
        raise RuntimeError(f"the plan ended with {code}")
    changes = json.loads(plan.read_text(encoding="utf-8"))["changes"]
    accepted = [c["id"] for c in changes if c["action"] in ("replace", "delete")]
    names = [word for id_ in accepted for word in ("--accept", id_)]
    shutil.copy(folder / "connector.db", folder / "before.db")
    stage.before = stage.sandbox.world
    stage.command = ("apply", str(plan), *names)
    return stage


def _edit(build: seed.Builder) -> None:
    """Do by hand what the run shall carry: each kind of change, in its direction."""
    left, right, now = build.world.partnero, build.world.tolt, build.world.now()
    coupon = left.coupons.named("PCT12")[0]
    coupon.discount_amount = Decimal(13)
    left.coupons.touch(coupon, now)
    replaced, deleted = (right.codes_named(text)[0] for text in ("REPLACED", "DELETED"))
    right.codes.change(replaced, updated_at=now, value=Decimal(25))
    right.codes.remove(deleted)
    build.left("FROMPARTNERO", "Anna", "20")
    build.right("FROMTOLT", "Ben", "30")


def _partners() -> seed.Builder:
    """Return two partners on both sides, without any code."""
    build = seed.Builder(World(tag="c"))
    build.programme(seed.PARTNERO_KEY, "Acme")
    build.organization(seed.TOLT_KEY, "Acme")
    for name in ("Anna", "Ben"):
        email = f"{name.lower()}@example.com"
        build.partner(name, email, email)
    return build


def _seeded() -> seed.Builder:
    """Return a few codes that agree."""
    build = _partners()
    for text, amount in (("SAME", "20"), ("UPDATED", "12"), ("REPLACED", "15")):
        build.both(text, "Anna", amount)
    build.both("DELETED", "Ben", "20")
    return build


def _in_step(stage: Stage, version: str, more: str = "") -> None:
    """Write the configuration, and bring both sides in step."""
    text = stage.sandbox.config_text(tolt_version=version)
    text = re.sub(r"requests_per_second = \d+", "requests_per_second = 2000", text)
    text += f"{more}\n[pairs.limits]\nsettle_seconds = {SETTLE}\n"
    (stage.folder / "connector.toml").write_text(text, encoding="utf-8")
    if code := stage.run("sync"):
        raise RuntimeError(f"the first sync ended with {code}")


# -- sales --------------------------------------------------------------------------


def _shop() -> seed.Builder:
    """Return two codes on both sides, with nothing sold yet."""
    build = _partners()
    build.both("ANNA10", "Anna", "10")
    build.both("BEN20", "Ben", "20")
    return build


def _opened(stage: Stage, build: seed.Builder, version: str) -> Stage:
    """Sell something by each code on each side, to people whom the other lacks."""
    world, (first, second) = build.world, (timedelta(days=1), timedelta(days=3))
    world.clock = lambda: seed.START + first
    _in_step(stage, version, PUSHING)
    build.minutes = 2 * 24 * 60
    world.clock = lambda: seed.START + second
    for number, text in enumerate(("ANNA10", "BEN20"), start=1):
        left, right = world.partnero.code(text), world.tolt.codes_named(text)[0]
        build.sale_left(left, f"left-{number}", f"{10 + number}", customer=f"c{number}")
        build.sale_right(right, f"right-{number}", 2000 + number, buyer=f"b{number}")
    shutil.copy(stage.folder / "connector.db", stage.folder / "before.db")
    stage.before = world
    stage.command = ("sync",)
    return stage


CODES = Scenario(_seeded, _prepared)
SALES = Scenario(_shop, _opened)
