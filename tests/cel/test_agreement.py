"""The language against Google's own implementation of CEL; the full count is `python -m tests.cel.agreement`."""

from tests.cel.agreement import compared


def test_random_expressions_come_to_what_google_s_implementation_makes_of_them() -> None:
    found, different = compared(3000, seed=7)
    assert not different, "\n".join(different)
    assert found["values that agree"] > 1500
    assert found["errors that agree"] > 500
