"""The two walked examples of CONTRIBUTING, walked: in a copy, place by place.

What is not said yet is named by a type or by a test; when all places are done, all of
them are content.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COPIED = ("connector", "mappings", "state", "tests", "docs", "pyproject.toml")
FIELD_TESTS = (
    "tests/mappings/test_fields.py",
    "tests/mappings/test_capability_table.py",
    "tests/state/test_link_columns.py",
    "tests/state/test_database.py::test_the_known_revisions_are_those_of_the_scripts",
)

DESCRIPTOR = '''

class Expiry(Field):
    """The last day on which a code can be used."""

    name = "expires"

    def shown(self, side: Side, values: Values, people: People) -> str:
        del side, people
        return values.expires or "no expiry"

    def text(self, values: Values) -> str | None:
        return values.expires

    def parse(self, text: str | None) -> str | None:
        return text

    def raises(self, before: Values, after: Values) -> bool:
        return (after.expires or "9999") > (before.expires or "9999")

    def why_inexpressible(self, values: Values, target: Capability) -> str:
        del values, target
        return ""


MERGED: tuple'''
ENCODER = """def _encode_end(values: Values, _version: Version) -> dict[str, Json]:
    return {"end": values.expires}


UPDATES: dict["""
WRITTEN = '"discount": _encode_value,\n    "expires": _encode_end,'
MIGRATION = '''"""An expiry is a merged field: each half of a base has it."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("link") as batch:
        for name in ("partnero_expires", "tolt_expires"):
            batch.add_column(sa.Column(name, sa.String(), nullable=True))
    # What a side has held all along is no edit of it.
    op.execute("UPDATE link SET unset = trim(unset || ' expires')")
'''


@pytest.fixture
def copy(tmp_path):
    """A copy of the project in which something may be changed."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / name, ignore=ignore)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def change(copy, path, *changes):
    text = (copy / path).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{path} has no {old!r}"
        text = text.replace(old, new, 1)
    (copy / path).write_text(text, encoding="utf-8")


def called(copy, *words):
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def named_by_types(copy):
    """Return the files that the type checker names."""
    told = called(copy, "mypy").stdout
    return sorted(set(re.findall(r"^(\S+\.py):\d+: error", told, flags=re.MULTILINE)))


def failing(copy):
    """Return the tests of fields that fail, by name."""
    ended = called(copy, "pytest", "-q", "-p", "no:cacheprovider", *FIELD_TESTS)
    failed = re.findall(r"^(?:FAILED|ERROR) \S+?::(\w+)", ended.stdout, re.MULTILINE)
    assert bool(failed) is (ended.returncode != 0), ended.stdout
    return set(failed)


def test_contributing_names_the_places_of_both_examples():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    field = page.partition("### A new merged field")[2].partition("###")[0]
    kind = page.partition("### A new kind of change")[2].partition("## ")[0]

    assert set(FIELD_PLACES) <= set(re.findall(r"`([\w/]+\.py)`", field))
    assert set(KIND_PLACES) <= set(re.findall(r"`([\w/]+\.py)`", kind))


OPEN = {
    "test_every_merged_field_of_both_sides_has_a_column",
    "test_every_merged_field_of_both_sides_comes_back_from_the_state",
}
"""What is asked for until the state has its columns."""
FIELD_PLACES = (
    "mappings/canonical.py",
    "mappings/fields.py",
    "mappings/capability.py",
    "mappings/partnero.py",
    "mappings/tolt.py",
    "connector/engine/unchanged.py",
    "connector/engine/adoptions.py",
    "state/tables.py",
    "state/rows.py",
    "state/database.py",
    "connector/engine/notes.py",
)


@pytest.mark.slow
def test_a_new_merged_field_is_asked_for_until_each_of_its_places_has_it(copy):
    values = "    partner: str | None\n\n\nNO_VALUES"
    change(
        copy,
        "mappings/canonical.py",
        (values, "    partner: str | None\n    expires: str | None\n\n\nNO_VALUES"),
        ('Values("", None, None)', 'Values("", None, None, None)'),
    )

    # The wire of each product, and the loops that take values apart.
    assert named_by_types(copy) == [
        "connector/engine/adoptions.py",
        "connector/engine/unchanged.py",
        "mappings/partnero.py",
        "mappings/tolt.py",
    ]
    change(
        copy,
        "mappings/partnero.py",
        ("coupon.discount, _partner(row))", "coupon.discount, _partner(row), None)"),
    )
    change(
        copy,
        "mappings/tolt.py",
        (
            "discount, _owner(row.partner_id))",
            "discount, _owner(row.partner_id), _owner(row.created_at))",
        ),
    )
    change(
        copy,
        "connector/engine/unchanged.py",
        ("key, discount, owner = left", "key, discount, owner, end = left"),
        ("owner_there = right_values", "owner_there, end_there = right_values"),
        (
            "discount == discount_there",
            "discount == discount_there and end == end_there",
        ),
        ("(_key, discount, owner)", "(_key, discount, owner, end)"),
        ("discount_there, owner_there), ", "discount_there, owner_there, ends), "),
        ("and not isinstance", "and end == ends\n            and not isinstance"),
    )
    change(
        copy,
        "connector/engine/adoptions.py",
        ("key, discount, owner = here", "key, discount, owner, end = here"),
        ("owner_there = there_values", "owner_there, end_there = there_values"),
        ("{_json(owner)}]", "{_json(owner)},{_json(end)}]"),
        ("{_json(owner_there)}]", "{_json(owner_there)},{_json(end_there)}]"),
    )
    assert named_by_types(copy) == []

    # From here on a default keeps the samples of the tests as they are.
    change(
        copy,
        "mappings/canonical.py",
        ("    expires: str | None\n", "    expires: str | None = None\n"),
    )
    assert {
        "test_every_merged_field_has_one_descriptor_in_the_order_of_the_values",
        "test_every_dialect_says_of_every_field_whether_it_can_be_changed",
        "test_every_merged_field_of_both_sides_has_a_column",
    } <= failing(copy)
    change(
        copy,
        "mappings/fields.py",
        ("\n\nMERGED: tuple", DESCRIPTOR),
        ("DiscountOfCode(), Owner())", "DiscountOfCode(), Owner(), Expiry())"),
    )
    assert {
        "test_every_dialect_says_of_every_field_whether_it_can_be_changed",
        "test_every_merged_field_of_both_sides_has_a_column",
        "test_every_merged_field_of_both_sides_comes_back_from_the_state",
    } <= failing(copy)
    change(
        copy,
        "mappings/capability.py",
        (
            'frozenset({"code", "discount"})',
            'frozenset({"code", "discount", "expires"})',
        ),
        (
            'fixed=frozenset({"code", "partner"})',
            'fixed=frozenset({"code", "partner", "expires"})',
        ),
        (
            'fixed=frozenset({"code", "discount"})',
            'fixed=frozenset({"code", "discount", "expires"})',
        ),
    )
    assert "test_what_can_be_changed_is_what_there_is_a_body_for" in failing(copy)
    change(
        copy,
        "mappings/tolt.py",
        (
            "UPDATES: dict[",
            ENCODER,
        ),
        ('"discount": _encode_value,', WRITTEN),
    )
    assert failing(copy) == {
        "test_another_value_is_noticed_in_every_field",
        "test_every_merged_field_of_both_sides_has_a_column",
        "test_every_merged_field_of_both_sides_comes_back_from_the_state",
    }
    change(  # the samples of the tests say something of it
        copy,
        "tests/mappings/test_fields.py",
        ('"part_1")\nRIGHT', '"part_1", "2026-12-31")\nRIGHT'),
    )
    remember(copy)

    assert failing(copy) == set()
    assert named_by_types(copy) == []


def remember(copy):
    """Give the state its columns: the table, the row, and a step of the schema."""
    versions = copy / "state" / "migrations" / "versions"
    head = max(path.name for path in versions.glob("0*.py"))[:4]
    (versions / "9999_expiry.py").write_text(MIGRATION.format(head=head))
    assert failing(copy) == {"test_the_known_revisions_are_those_of_the_scripts"} | OPEN
    change(
        copy,
        "state/database.py",
        (f'HEAD = "{head}"', 'HEAD = "9999"'),
        (f'"{head}")', f'"{head}", "9999")'),
    )
    for side, half in (("partnero", "left"), ("tolt", "right")):
        column = f"    {side}_partner: str | None"
        more = f"    {side}_expires: str | None"
        old = f"_discount({side}_discount), {half}_partner))"
        new = f"_discount({side}_discount), {half}_partner, {side}_expires))"
        entry = f'"{side}_partner": {half}.partner,\n'
        change(copy, "state/tables.py", (f"{column}\n", f"{column}\n{more} = None\n"))
        change(
            copy,
            "state/rows.py",
            (f"{column},\n", f"{column},\n{more},\n"),
            (old, new),
            (entry, f'{entry}        "{side}_expires": {half}.expires,\n'),
        )


PAUSE = '''class Pause(Struct, frozen=True):
    """Switch a code off for a while."""

    side: Side


Need = NeedCoupon | NeedPartner
'''
KIND_PLACES = (
    "connector/engine/acts.py",
    "connector/engine/change.py",
    "connector/engine/policy.py",
    "connector/run/kinds.py",
)


@pytest.mark.slow
def test_a_new_kind_of_change_is_asked_for_wherever_kinds_are_told_apart(copy):
    change(
        copy,
        "connector/engine/acts.py",
        (
            "Need = NeedCoupon | NeedPartner\n",
            PAUSE,
        ),
        ("Write = Create | Update", "Write = Pause | Create | Update"),
    )

    assert named_by_types(copy) == sorted(KIND_PLACES)
