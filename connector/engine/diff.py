"""Two values of one record, told apart for people: the only use of deepdiff.

It explains and never decides: what is equal is said by ``==`` on canonical values.
"""

from collections.abc import Mapping


def differences(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[str, ...]:
    """Return ``field: before -> after`` for each field that differs, sorted."""
    if before == after:
        return ()
    from deepdiff import DeepDiff  # a third of a second, for the few that differ

    tree = DeepDiff(dict(before), dict(after), view="tree", verbose_level=2)
    lines = {
        f"{'.'.join(str(part) for part in item.path(output_format='list'))}: "
        f"{_shown(item.t1)} -> {_shown(item.t2)}"
        for group in tree.values()
        for item in group
    }
    return tuple(sorted(lines))


def _shown(value: object) -> str:
    text = str(value)
    return "nothing" if text in ("None", "not present") else text
