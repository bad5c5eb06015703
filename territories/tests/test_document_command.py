"""`config export | plan | apply`: exit codes, standard output and standard error."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from territories.document import SECTIONS, export_document, parse_document
from territories.models import Revision
from territories.revisions import current_revision
from territories.tests.documents import RICH, applied

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `config`."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("config", *words, stdout=out, stderr=err)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def rich(tmp_path: Path) -> str:
    path = tmp_path / "routing.yaml"
    path.write_text(RICH, "utf-8")
    return str(path)


def test_plan_exits_2_for_changes_and_writes_nothing(rich: str) -> None:
    code, out, err = run("plan", rich)

    assert (code, err) == (2, "")
    assert 'create skills/german\n    name: null → "German"\n    kind: null' in out
    assert current_revision() == 0


def test_apply_is_one_revision_with_its_reason_and_plan_then_exits_0(rich: str) -> None:
    code, out, _ = run("apply", rich, "--reason", "Q1 territories")

    assert (code, out.splitlines()[-1]) == (0, "Revision 1.")
    made = Revision.objects.get()
    assert (made.reason, made.actor_kind, made.source) == (
        *("Q1 territories", "command", "config apply"),
    )
    assert run("plan", rich) == (0, "No changes.\n", "")
    assert run("apply", rich, "--reason", "again") == (0, "No changes.\n", "")
    assert current_revision() == 1


def test_faults_go_to_standard_error_one_a_line_with_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("rules: [{key: a, name: A}]\nreps: 5\n", "utf-8")

    for words in (("plan", str(path)), ("apply", str(path), "--reason", "x")):
        assert run(*words) == (
            1,
            "",
            (
                "reps: must be a list; [] is the empty one\n"
                "rules[0].priority: required\n"
                "rules[0].route_to: required\n"
                "rules[0].fallback: required\n"
            ),
        )


def test_text_that_is_no_yaml_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("rules: [", "utf-8")

    code, out, err = run("plan", str(path))

    assert (code, out) == (1, "")
    assert err.startswith("not YAML: line 2, column 1: ")


def test_export_gives_yaml_or_json_of_the_named_sections(rich: str) -> None:
    run("apply", rich, "--reason", "x")

    code, text, _ = run("export")
    assert (code, parse_document(text)) == (0, export_document())
    assert yaml.safe_load(text) == export_document()
    _, text, _ = run("export", "--sections", "rules, accounts", "--format", "json")
    assert json.loads(text) == export_document(["accounts", "rules"])


def test_export_of_a_revision_is_what_stood_then(rich: str) -> None:
    fresh = run("export")
    run("apply", rich, "--reason", "x")
    first = run("export", "--sections", ",".join(SECTIONS))
    applied({"skills": [{"key": "german", "name": "Deutsch"}]})

    assert run("export", "--revision", "0") == fresh
    assert run("export", "--sections", ",".join(SECTIONS), "--revision", "1") == first
    for number in ("3", "-1"):
        with pytest.raises(CommandError, match="There is no revision"):
            call_command("config", "export", f"--revision={number}")


def test_prune_deactivates_what_is_not_listed(rich: str, tmp_path: Path) -> None:
    run("apply", rich, "--reason", "x")
    path = tmp_path / "skills.json"
    path.write_text('{"skills": []}', "utf-8")

    assert run("plan", str(path)) == (0, "No changes.\n", "")
    assert run("plan", str(path), "--prune")[0] == 2
    assert run("apply", str(path), "--prune", "--reason", "x")[1] == (
        "deactivate skills/german\n    active: true → false\nRevision 2.\n"
    )


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = SimpleNamespace(buffer=io.BytesIO(RICH.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)

    assert run("apply", "-", "--reason", "x")[0] == 0
    assert current_revision() == 1


def test_a_wrong_call_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match='no section ruels; did you mean "rules"'):
        call_command("config", "export", "--sections", "ruels")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("config", "plan", str(tmp_path / "none.yaml"))
    with pytest.raises(CommandError, match="--reason"):
        call_command("config", "apply", str(tmp_path / "none.yaml"))
