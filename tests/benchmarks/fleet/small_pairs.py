"""A thousand small pairs: their programmes, their keys, and what is configured.

Each is its own programme on either side, behind keys of its own, and small: what is
measured is the engine around the passes, not the passes. Each first pass has something
to do: two codes that one side lacks and, in every tenth pair, a sale to push.
"""

from pathlib import Path

from connector.sandbox import seed
from connector.sandbox.world import World

PAYS = 10
"""Every so many pairs one pushes its sale: each effect of it may be there once."""
IN_STEP = 4
ONLY_PARTNERO, ONLY_TOLT, SALE = "ONLYPARTNERO", "ONLYTOLT", "order-1"
NEVER = "0 0 1 1 *"
"""Once a year: a round begins where the harness says that all pairs are due."""


def name_of(number: int) -> str:
    return f"pair-{number:05d}"


def keys_of(number: int) -> tuple[str, str]:
    return f"pk_bench_{number:05d}", f"tlt_bench_{number:05d}"


def pays(number: int) -> bool:
    return number % PAYS == 0


def world_of(numbers: range, codes: int = IN_STEP) -> World:
    """Return one world in which each of these pairs has its two programmes."""
    whole = World(tag="z")
    for number in numbers:
        own = _pair(number, codes)
        whole.programmes |= own.programmes
        whole.organizations |= own.organizations
    return whole


def _pair(number: int, codes: int = IN_STEP) -> World:
    partnero_key, tolt_key = keys_of(number)
    build = seed.Builder(World(tag=f"n{number}x"))
    build.programme(partnero_key, name_of(number))
    build.organization(tolt_key, name_of(number))
    for person in ("Anna", "Ben"):
        email = f"{person.lower()}@{name_of(number)}.example"
        build.partner(person, email, email)
    for place in range(codes):
        sold, _ = build.both(f"CODE{place}", "Anna" if place % 2 else "Ben", "10")
    build.left(ONLY_PARTNERO, "Anna", "20")
    build.right(ONLY_TOLT, "Ben", "10")
    if pays(number):
        build.sale_left(sold, SALE, "49.99")
    return build.world


def add_a_code(world: World, key: str, text: str) -> None:
    """Let a partner of a programme have one more code on Partnero."""
    build = seed.Builder(world, minutes=world.counter)
    programme = world.programmes[key]
    owner = next(iter(programme.partners))
    coupon = next(iter(programme.coupons))
    row = seed.partnero.PromotionCode(*build._stamp(), text, coupon)
    row.partners = [(owner.uid, owner.full_name)]
    with world.lock:
        programme.add_code(row)


HEAD = """\
[state]
url = "{state}"

[defaults]
currency = "USD"
schedule = "{schedule}"
jitter = 0

[defaults.policy]
commissions = true
"""
PAIR = """
[[pairs]]
name = "{name}"
{policy}
[pairs.partnero]
api_key = {{ file = "keys/{name}.partnero" }}
base_url = "{url}/partnero/v1"
requests_per_second = 100

[pairs.tolt]
api_key = {{ file = "keys/{name}.tolt" }}
base_url = "{url}/tolt/v2"
program_id = "prg_{program}"
requests_per_second = 100
"""
PUSHES = '[pairs.policy]\nredemptions = "to-tolt"\n'


def configure(
    folder: Path, state: str, shares: dict[str, range], schedule: str = NEVER
) -> None:
    """Write ``connector.toml`` for workers, ``pairs.toml`` with the pairs, all keys.

    ``shares`` are the pairs that are served at each address.
    """
    head = HEAD.format(state=state, schedule=schedule)
    (folder / "connector.toml").write_text(head, encoding="utf-8")
    (folder / "keys").mkdir(exist_ok=True)
    pairs = [
        _section(folder, number, url)
        for url, numbers in shares.items()
        for number in numbers
    ]
    (folder / "pairs.toml").write_text(head + "".join(pairs), encoding="utf-8")


def _section(folder: Path, number: int, url: str) -> str:
    name = name_of(number)
    for side, key in zip(("partnero", "tolt"), keys_of(number), strict=True):
        (folder / "keys" / f"{name}.{side}").write_text(key, encoding="utf-8")
    policy = PUSHES if pays(number) else ""
    program = program_of(number)
    return PAIR.format(name=name, url=url, program=program, policy=policy)


def program_of(number: int) -> str:
    """Return the id of the Tolt programme of a pair: ids count up in its own world."""
    return _pair(number, 1).tolt.program.uid
