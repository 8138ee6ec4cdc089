"""What a reader keeps beside the records."""

import json

from connector.providers.reading import Reading
from mappings.partnero_rows import CodeRow

KNOWN = frozenset({"code", "metadata"})


def page(*rows):
    return bytearray(json.dumps({"data": rows}).encode())


def test_fields_that_the_documentation_does_not_name_are_remembered():
    """C17."""
    reading = Reading()
    paged = reading.noticing("promotion code", CodeRow, KNOWN)

    paged.listed(paged.read(page({"code": 1})))
    assert reading.drift == set()

    paged.listed(paged.read(page({"code": 1, "zeta": 2}, {"alpha": 3, "zeta": 4})))
    assert reading.drift == {"promotion code.alpha", "promotion code.zeta"}


def test_a_needed_field_is_absent_only_where_no_row_has_it():
    reading = Reading()
    needed = frozenset({"metadata"})
    paged = reading.noticing("promotion code", CodeRow, KNOWN, needed)
    assert reading.absent == set()

    paged.listed(paged.read(page({"code": 1})))
    assert reading.absent == {"promotion code.metadata"}

    paged.listed(paged.read(page({"code": 1, "metadata": None})))
    assert reading.absent == set()
