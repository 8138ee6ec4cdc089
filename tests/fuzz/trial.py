"""One pair with something of every kind to do, put back as it was before each case.

The keys and the mailboxes are words that stand nowhere else, so that a leak is seen in
whatever form it comes.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.sandbox import seed
from connector.sandbox.world import World
from tests.fuzz.wire import Answer, Asked, Wire
from tests.harness.program import Said, alarmed, called, started
from tests.standins import edits

PARTNERO_KEY = "pk_qzxpartnerokey7f3a91c2"
TOLT_KEY = "tlt_qzxtoltkey5b08d4e6"
MAILBOX = "qzx"
"""Each mailbox of the world begins with it, and nothing else of the world does."""
POLICY = """
[pairs.policy]
delete = "auto"
redemptions = "both"
commissions = true
[pairs.limits]
settle_seconds = 0
share = 1
deletes = 50
sentinel = "CANARY"
"""


def mail(name: str) -> str:
    return f"{MAILBOX}{name.lower()}@people.example"


KEYS = (PARTNERO_KEY, TOLT_KEY)


def settled_world() -> World:
    build = seed.Builder(World(tag="z"))
    build.programme(PARTNERO_KEY, "Acme")
    build.organization(TOLT_KEY, "Acme")
    for name in ("Anna", "Ben", "Cleo"):
        build.partner(name, mail(name), mail(name))
    build.both("CANARY", "Anna", "10")
    build.both("STAY1", "Anna", "10")
    build.both("STAY2", "Ben", "20")
    build.both("FIXED25", "Ben", "25", "static")
    for text in ("GONEP", "GONET", "HIDP", "HIDT"):
        build.both(text, "Cleo", "10")
    build.both("CHANGED", "Ben", "15")
    return build.world


def unsettle(world: World, version: str) -> None:
    """Do on both sides what a run has to carry over."""
    build = seed.Builder(world, minutes=30)
    for name in ("Anna", "Ben", "Cleo"):
        one, other = world.partnero.partners, world.tolt.partners
        build.people[name] = one.named(mail(name))[0], other.named(mail(name))[0]
    edit = edits.DASHBOARDS
    left, right = edit["partnero"](world, None), edit["tolt"](world, None)
    left.delete_code("GONEP")
    right.delete_code("GONET")
    left.set_discount("PCT15", "30")
    build.left("NEWP", "Anna", "20")
    build.right("NEWT", "Anna", "20")
    stay1, stay2 = world.partnero.code("STAY1"), world.tolt.codes_named("STAY2")[0]
    build.sale_left(stay1, "ord-left", "49.99", customer="c-left", email=mail("buyer1"))
    build.sale_right(stay2, "ord-right", 4999, email=mail("buyer2"), customer_id="c-r")


LONGEST = 120.0
"""Seconds that one call may take: none of the trials asks for a wait."""


@dataclass
class Trial:
    """A folder, two stand-ins, and a past in which both sides were in step."""

    folder: Path
    aside: Path
    version: str
    setenv: Callable[[str, str], None]
    quiet: bool = False
    untouched: "Effects" = field(init=False)
    _usual: dict[tuple[str, ...], "Usual"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = seed.START + timedelta(days=1)
        world = settled_world()
        world.clock = lambda: self.now
        self.wire = Wire(world)
        self.setenv("FUZZ_PARTNERO", PARTNERO_KEY)
        self.setenv("FUZZ_TOLT", TOLT_KEY)

    @property
    def config(self) -> Path:
        return self.folder / "connector.toml"

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    @property
    def world(self) -> World:
        return self.wire.site.world

    def prepare(self) -> None:
        """Bring both sides in step, unsettle them, and see what a run makes of it."""
        program = self.world.tolt.program.uid
        self.config.write_text(
            f"""\
[[pairs]]
name = "acme"
currency = "USD"
[pairs.partnero]
api_key = {{ env = "FUZZ_PARTNERO" }}
base_url = "{self.wire.url}/partnero/v1"
requests_per_second = 5000
[pairs.tolt]
api_key = {{ env = "FUZZ_TOLT" }}
api_version = "{self.version}"
base_url = "{self.wire.url}/tolt/{self.version}"
program_id = "prg_{program}"
requests_per_second = 5000
{POLICY}""",
            encoding="utf-8",
        )
        first = self.run("sync")
        assert first.code == 0, first
        if not self.quiet:
            unsettle(self.world, self.version)
            self.wire.hidden = frozenset({"HIDP", "HIDT"})
        self.now += timedelta(hours=1)
        self._files = {
            path.name: path.read_bytes()
            for path in self.folder.iterdir()
            if path.is_file()
        }
        self._kept = self.world.snapshot()
        self.given = self.world.counter
        self.reset()
        self.untouched = Effects.of(self)

    def usual(self, *arguments: str) -> "Usual":
        """Return what a call asks and does where nothing is spoilt."""
        if arguments not in self._usual:
            self.reset()
            ended = self.run(*arguments)
            asked, said = tuple(self.wire.asked), dict(self.wire.said)
            self._usual[arguments] = Usual(ended, asked, said, Effects.of(self))
        return self._usual[arguments]

    def reset(self) -> None:
        """Put both sides, the state and the folders back as they were."""
        again = self._kept.snapshot()
        world = self.world
        world.programmes, world.organizations = again.programmes, again.organizations
        world.counter, world.mails = self.given, []
        for folder in (self.folder, self.aside):
            for path in folder.rglob("*"):
                if path.is_file() and self._files.get(path.name) is None:
                    path.unlink()
        for name, content in self._files.items():
            (self.folder / name).write_bytes(content)
        self.wire.spoil = None
        self.wire.forget()

    def run(self, *arguments: object, config: Path | None = None) -> Said:
        """Call the program as its command line does, in this process."""
        with alarmed(LONGEST):
            return called("--config", config or self.config, *arguments)

    def process(self, *arguments: object) -> Said:
        """Call the program as a process of its own."""
        words = ("-m", "connector", "--config", self.config, *arguments)
        with started(self.folder, *words) as process:
            try:
                out, err = process.communicate(timeout=LONGEST)
            finally:
                process.kill()
        return Said(process.returncode, out, err)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield everything that was left in the folders but the state."""
        for folder in (self.folder, self.aside):
            for path in folder.rglob("*"):
                if path.is_file() and not path.name.startswith("connector."):
                    yield path.name, path.read_bytes()


@dataclass(frozen=True)
class Usual:
    """A call in good weather: its end, its requests and what it did."""

    ended: Said
    asked: tuple[Asked, ...]
    said: dict[Asked, Answer]
    effects: "Effects"


@dataclass(frozen=True)
class Effects:
    """What a run did to both sides: what was asked for, and what there is now."""

    writes: frozenset[str]
    codes: Counter[str]
    sales: Counter[str]
    people: Counter[str]

    @classmethod
    def of(cls, trial: Trial) -> "Effects":
        world, wire = trial.world, trial.wire
        one, other = world.partnero, world.tolt
        codes = [
            f"partnero {c.code} {c.coupon.discount_amount} {c.partners}"
            for c in one.codes
        ]
        codes += [f"tolt {c.code} {c.value} {c.partner.email}" for c in other.codes]
        sales = [
            f"partnero {t.key} {t.amount} {t.amount_units} {t.customer.key} {paid}"
            for t in one.transactions
            for paid in [bool(t.rewards)]
        ]
        sales += [
            f"partnero log {c.code} {entry}" for c in one.codes for entry in keys_of(c)
        ]
        sales += [f"tolt {t.charge_id} {t.amount}" for t in other.transactions]
        sales += [f"tolt commission {c.amount}" for c in other.commissions]
        people = [f"partnero {p.email}" for p in [*one.partners, *one.customers]]
        people += [f"tolt {p.email}" for p in [*other.partners, *other.customers]]
        people += [f"coupon {c.uuid_code}" for c in one.coupons]
        wrote = frozenset(shown(w, trial.given) for w in wire.site.requests.writes)
        return cls(wrote, Counter(codes), Counter(sales), Counter(people))


def keys_of(code: Any) -> list[str]:
    return [str(entry.transaction_key) for entry in code.redemptions]


ID = re.compile(r"\b([a-z]+_z)(\d{8})\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d{10}\b")
MARK = re.compile(r"partnero_tolt\.[0-9a-f]{16}")


TOLD = {
    ("POST", "/tolt/v2/transactions"): ("customer_id",),
    ("POST", "/tolt/v2/customers"): ("name",),
    ("POST", "/partnero/v2/customers"): ("name", "surname"),
    ("DELETE", "/partnero/v2/promotion-codes"): ("coupon",),
}
"""What a write carries as an answer told it; what is made of it is an effect."""


def shown(row: Any, given: int) -> str:
    """Return a write request without times, and without the ids given out since.

    Several writes go out at a time: which of them gets which id is chance.
    """

    def known(found: re.Match[str]) -> str:
        return found[0] if int(found[2]) <= given else f"{found[1]}<new>"

    body = dict(row.body) if isinstance(row.body, dict) else row.body
    if isinstance(body, dict):
        told = TOLD.get((row.method, row.path.replace("v1", "v2")), ())
        body = {name: value for name, value in body.items() if name not in told}
    text = f"{row.method} {row.path} {json.dumps(body, sort_keys=True)}"
    return MARK.sub("<mark>", TIME.sub("<time>", ID.sub(known, text)))


@contextmanager
def trial_of(
    folder: Path,
    version: str,
    setenv: Callable[[str, str], None],
    *,
    quiet: bool = False,
) -> Iterator[Trial]:
    """Open a trial; ``quiet``: both sides are in step, and nothing is to be done."""
    made = Trial(folder / "work", folder / "aside", version, setenv, quiet)
    with made.wire:
        made.prepare()
        yield made
