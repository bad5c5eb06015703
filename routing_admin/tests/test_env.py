from pathlib import Path

import pytest

from routing_admin.env import Env, SettingError, is_loopback


def fault(reader: str, value: str, *args: object, **kwargs: object) -> str:
    """The text of the error that the reader raises for NAME=value."""
    with pytest.raises(SettingError) as caught:
        getattr(Env({"NAME": value}), reader)("NAME", *args, **kwargs)
    assert caught.value.name == "NAME"
    return str(caught.value)


def test_an_empty_value_counts_as_unset() -> None:
    env = Env({"NAME": "  "})

    assert env.text("NAME", "default") == "default"
    assert env.integer("NAME", 7, low=1, high=9) == 7
    assert env.boolean("NAME", True) is True
    assert env.words("NAME", ["a"]) == ["a"]


@pytest.mark.parametrize(
    ("value", "read"), [("1", True), ("TRUE", True), ("on", True), ("no", False), ("0", False)]
)
def test_a_boolean_is_read_in_its_usual_spellings(value: str, read: bool) -> None:
    assert Env({"NAME": value}).boolean("NAME", not read) is read


def test_a_wrong_value_is_named_with_its_variable() -> None:
    assert fault("boolean", "maybe", False) == "NAME: 'maybe' is neither true nor false"
    assert fault("integer", "x", 1, low=1, high=9) == "NAME: 'x' is no whole number"
    assert fault("integer", "10", 1, low=1, high=9) == "NAME: 10 is not between 1 and 9"
    assert fault("choice", "c", "a", ("a", "b")) == "NAME: 'c' is none of a, b"
    assert fault("networks", "10.0.0.300") == "NAME: '10.0.0.300' is no IP address or network"
    assert "'ftp' is none of http" in fault("url", "ftp://host", "", schemes=("http",))


def test_a_faulty_url_is_not_shown_since_it_may_hold_a_password() -> None:
    text = fault("url", "http://user:hidden@host:notaport", "", schemes=("http",))

    assert "hidden" not in text


def test_words_lose_white_space_and_empty_parts() -> None:
    assert Env({"NAME": " a, ,b,"}).words("NAME") == ["a", "b"]


def test_a_network_may_be_one_address() -> None:
    networks = Env({"NAME": "127.0.0.1,10.0.0.0/8,::1"}).networks("NAME")

    assert [str(network) for network in networks] == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# comment\nA=file\nB='quoted $A'\nC=\n")

    env = Env.load(file, {"A": "process"})

    assert (env.text("A"), env.text("B"), env.text("C", "unset")) == (
        "process",
        "quoted $A",
        "unset",
    )


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    assert Env.load(tmp_path / ".env", {"A": "x"}).text("A") == "x"


def test_a_file_that_is_no_text_is_a_fault_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"A=\xff\xfe")

    with pytest.raises(SettingError, match=r"\.env: cannot be read"):
        Env.load(file, {})


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("10.0.0.1", False), ("a.b", False)],
)
def test_loopback_is_this_machine_only(host: str, local: bool) -> None:
    assert is_loopback(host) is local
