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
