import pytest

from alerting.addresses import AddressError, resolve
from alerting.configuration import load
from alerting.receivers import Receiver, Routing
from risk_rules.findings import Severity, Subject
from risk_rules.problems import DocumentError
from tests.unit.alerting.findings import STOCK


def problems(tmp_path, text: str) -> list[str]:
    path = tmp_path / "alerting.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load(path)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def test_receivers_are_read_with_what_they_want(tmp_path):
    path = tmp_path / "alerting.yaml"
    path.write_text(
        "receivers:\n"
        "  - name: planners\n"
        "    address: env:PLANNERS_CHAT\n"
        "  - name: quality\n"
        "    address: slack://secret/secret/secret\n"
        "    minimum_severity: critical\n"
        "    kinds: [deviation_overdue]\n"
        "    partners: [acme]\n"
        "    sites: [BSL, GVA]\n"
        "    per_second: 0.5\n",
        encoding="utf-8",
    )
    assert load(path).receivers == (
        Receiver(name="planners", address="env:PLANNERS_CHAT", minimum=Severity.WARNING),
        Receiver(
            name="quality",
            address="slack://secret/secret/secret",
            minimum=Severity.CRITICAL,
            kinds=frozenset({"deviation_overdue"}),
            partners=frozenset({"acme"}),
            sites=frozenset({"BSL", "GVA"}),
            per_second=0.5,
        ),
    )


def test_without_a_file_nobody_is_told():
    assert load(None).receivers == ()


def test_a_word_that_is_not_known_is_named_with_its_place(tmp_path):
    (problem,) = problems(tmp_path, "receivers:\n  - name: planners\n    adress: json://localhost\n")
    assert problem.startswith(":3:5: unknown field adress")
    assert "address" in problem


def test_a_severity_that_is_none_is_named_with_its_place(tmp_path):
    text = "receivers:\n  - name: a\n    address: env:A\n    minimum_severity: urgent\n"
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(":4:23: ")


def test_two_receivers_of_one_name_and_an_address_that_is_none_are_both_reported_without_the_address(tmp_path):
    text = "receivers:\n  - name: a\n    address: env:A\n  - name: a\n    address: tokenwithoutscheme\n"
    assert problems(tmp_path, text) == [
        ":4:11: a second receiver is named a (rename one)",
        ":5:14: is no address (write an Apprise URL, env:NAME or file:PATH)",
    ]


def test_an_address_is_found_in_the_environment_in_a_file_or_as_it_stands(tmp_path):
    kept = tmp_path / "chat"
    kept.write_text("json://localhost/kept\n", encoding="utf-8")
    environment = {"CHAT": "json://localhost/env"}
    assert resolve("a", "env:CHAT", environment) == "json://localhost/env"
    assert resolve("a", f"file:{kept}", environment) == "json://localhost/kept"
    assert resolve("a", "json://localhost/literal", environment) == "json://localhost/literal"


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("env:CHAT", "receiver a: the environment variable CHAT is not set"),
        ("file:/nowhere/chat", "receiver a: /nowhere/chat cannot be read (No such file or directory)"),
    ],
)
def test_an_address_that_is_not_there_is_named(address, fault):
    with pytest.raises(AddressError) as caught:
        resolve("a", address, {})
    assert str(caught.value) == fault


def test_a_receiver_shows_no_address():
    assert "secret" not in repr(Routing([Receiver(name="a", address="slack://secret")]).receivers)


OTHER = Subject(kind="line", key="GVA/L-4", partner="bio", site="GVA")


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({}, {"material", "line"}),
        ({"minimum": Severity.CRITICAL}, set()),
        ({"kinds": frozenset({"line_overload"})}, {"line"}),
        ({"partners": frozenset({"acme"})}, {"material"}),
        ({"sites": frozenset({"GVA"})}, {"line"}),
        ({"sites": frozenset({"GVA"}), "partners": frozenset({"acme"})}, set()),
    ],
)
def test_a_receiver_hears_what_it_wants(wish, told):
    routing = Routing([Receiver(name="a", address="json://localhost", **wish)])
    heard = {
        subject.kind
        for subject, kind in ((STOCK, "material_shortage"), (OTHER, "line_overload"))
        if routing.wanting(subject, kind, Severity.WARNING)
    }
    assert heard == told
