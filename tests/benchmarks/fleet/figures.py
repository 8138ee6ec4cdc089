"""What a measurement has shown, in words and tables."""

from pathlib import Path

from tests.benchmarks.figures import conditions
from tests.benchmarks.fleet.speed import Speed
from tests.benchmarks.fleet.trouble import AWAY, Story

BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
TARGET = 0.85
MOST = 20
"""Lines of what is wrong; more of them tell nothing new."""


def told(story: Story, pairs: int) -> str:
    """Return what became of all pairs, as a table."""
    rows = [
        ("passes of one pair at the same time", "0", f"{len(story.overlaps)}"),
        ("effects that are there twice", "0", f"{len(story.doubled)}"),
        ("effects that are missing at the end", "0", f"{len(story.missing)}"),
        ("due pairs that never ran", "0", f"{len(story.never_ran)}"),
        (
            "pairs of the dead worker, run again",
            f"all {len(story.killed_with)}, within a minute",
            _again(story),
        ),
        (
            f"the first pass after {AWAY} s without the server",
            "by itself",
            f"after {story.after_restart:.1f} s",
        ),
    ]
    head = (
        f"{conditions()}\n\n{pairs:,} pairs, three waves, {story.passes:,} passes, "
        f"{story.requests:,} requests:\n\n"
        "| what | must be | was |\n|---|---|---|\n"
    )
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    wrong = "".join(f"\nWRONG: {line}" for line in story.wrong[:MOST])
    return head + lines + wrong


def _again(story: Story) -> str:
    if not story.again_after:
        return "none"
    return (
        f"{len(story.again_after)}, after {min(story.again_after):.0f} to "
        f"{max(story.again_after):.0f} s"
    )


def table(timed: list[Speed], sizes: dict[str, int], slots: int) -> str:
    """Return passes a second and what they cost, beside the floor."""
    floors = {one.processes: one for one in timed if one.kind == "floor"}
    head = (
        f"Passes a second of pairs in which nothing has changed, {slots} at a time in "
        "each process:\n\n"
        "| processes | floor | fleet | of the floor (target "
        f"{TARGET}) | CPU of a pass, floor | fleet | memory of a worker |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    lines = []
    for one in timed:
        if one.kind == "fleet":
            floor = floors[one.processes]
            share = one.rate / floor.rate
            lines.append(
                f"| {one.processes} | {floor.rate:.1f} | {one.rate:.1f} | {share:.2f}, "
                f"{'reached' if share >= TARGET else 'missed'} | "
                f"{floor.cpu_a_pass * 1000:.0f} ms | {one.cpu_a_pass * 1000:.0f} ms | "
                f"{one.peak:.0f} MB |\n"
            )
    told_sizes = ", ".join(
        f"{name} {size / 1e6:.1f} MB" for name, size in sizes.items()
    )
    return f"{head}{''.join(lines)}\nThe database at the end: {told_sizes}.\n"


def put_into(page: Path, figures: str) -> None:
    """Put the figures into a page; the words around them are kept."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", encoding="utf-8")
