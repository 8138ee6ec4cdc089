"""What a reader keeps beside the records."""

from connector.providers.reading import Reading


def test_fields_that_the_documentation_does_not_name_are_remembered():
    """C17."""
    reading = Reading()
    known = frozenset({"code"})

    reading.notice([{"code": 1}], known, "promotion code")
    assert reading.drift == set()

    reading.notice(
        [{"code": 1, "zeta": 2}, {"alpha": 3, "zeta": 4}], known, "promotion code"
    )
    assert reading.drift == {"promotion code.alpha", "promotion code.zeta"}


def test_a_needed_field_is_absent_only_where_no_row_has_it():
    reading = Reading()
    known = needed = frozenset({"code", "owner"})

    reading.notice([{"code": 1}], known, "promotion code", needed)
    assert reading.absent - reading.present == {"promotion code.owner"}

    reading.notice([{"code": 1, "owner": 2}], known, "promotion code", needed)
    assert reading.absent - reading.present == set()
