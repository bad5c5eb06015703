"""`import_accounts`: a preview by row, then one revision or nothing."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import tablib
from django.core.management import call_command
from django.core.management.base import CommandError

from territories.account_import import preview_accounts
from territories.document import export_document, parse_document
from territories.models import Account, Revision
from territories.revisions import current_revision
from territories.tests.documents import RICH, applied

pytestmark = pytest.mark.django_db

HEADER = "key,name,domains,aliases,country,owner,employees\n"


@pytest.fixture(autouse=True)
def _configured() -> None:
    applied(parse_document(RICH))


def account(key: str) -> dict[str, Any]:
    accounts = export_document(["accounts"])["accounts"]
    return next(made for made in accounts if made["key"] == key)


def run(path: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_accounts", str(path), *options, stdout=out, stderr=err)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def sheet(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "accounts.csv"
    path.write_text(text, "utf-8")
    return path


def test_preview_shows_creates_and_changes_field_by_field_and_writes_nothing(
    tmp_path: Path,
) -> None:
    path = sheet(
        tmp_path,
        HEADER + "beta,Beta Ltd,beta.com; Beta.co.uk,B;Bee,UK,pool:dach-sdr,12\n"
        "acme,Acme GmbH,acme.de;acme.com,Acme,Germany,ana,5000\n",
    )

    code, out, err = run(path)

    assert (code, err) == (2, "")
    assert out == (
        "row 2: create beta\n"
        '    name: null → "Beta Ltd"\n'
        '    aliases: null → ["B", "Bee"]\n'
        '    domains: null → ["beta.co.uk", "beta.com"]\n'
        '    country: null → "GB"\n'
        '    owner: null → {"pool": "dach-sdr"}\n'
        "    employees: null → 12\n"
        "row 3: update acme\n"
        '    country: "NO" → "DE"\n'
        "2 rows: 1 new, 1 changed, 0 as they are; 0 owner conflicts."
        " Nothing was written; --commit --reason WHY imports.\n"
    )
    assert current_revision() == 1


def test_commit_stores_all_rows_as_one_revision(tmp_path: Path) -> None:
    path = sheet(tmp_path, HEADER + "beta,Beta,beta.com,,,ben,\nacme,Acme,,,,ana,\n")

    code, out, _ = run(path, "--commit", "--reason", "Q1 list")

    assert code == 0
    assert out.endswith("2 rows: 1 new, 1 changed, 0 as they are; 0 owner conflicts. Revision 2.\n")
    assert Revision.objects.get(number=2).reason == "Q1 list"
    assert account("beta")["owner"] == "ben"
    assert run(path, "--commit", "--reason", "again")[0] == 0
    assert run(path)[0] == 0
    assert current_revision() == 2


def test_a_column_that_the_file_lacks_is_left_as_it_is(tmp_path: Path) -> None:
    before = account("acme")
    path = sheet(tmp_path, "key,name,tier\nacme,Acme GmbH,\ngroup,Group,key\n")

    assert run(path, "--commit", "--reason", "x")[0] == 0

    assert account("acme") == {**before, "tier": None}
    assert account("group")["tier"] == "key"
    assert account("group")["active"] is True  # listing it again reactivates it
    assert Account.objects.count() == 2


def test_faults_are_listed_by_row_and_nothing_is_written(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        HEADER + "a,A,no domain,,Atlantis,anna,many\n\nok,Ok,,,,,\nok,Again,,,,,\n,Nobody,,,,,\n",
    )

    code, out, err = run(path, "--commit", "--reason", "x")

    assert (code, out) == (1, "")
    assert [line.split(":")[:2] for line in err.splitlines()] == [
        ["row 2", " owner"],
        ["row 2", " employees"],
        ["row 2", " country"],
        ["row 2", " domains"],
        ["row 5", " key"],
        ["row 6", " key"],
        ["6 faults; nothing was written."],
    ]
    assert 'no rep "anna"; did you mean "ana"?' in err
    assert "listed already, at row 4" in err
    assert Account.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the file is empty"),
        ("key,nmae\n", 'unknown column "nmae"; did you mean "name"?'),
        ("key,name,name\n", "name: the column stands twice"),
        ("name\nX\n", "key: the column is missing"),
        ("key,name\na,b,c\n", "row 2: has more cells than the 2 columns"),
        ('key,name\na,"b\n', "not CSV: "),
    ],
)
def test_a_file_of_the_wrong_form_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    code, _, err = run(sheet(tmp_path, text))

    assert code == 1
    assert err.startswith(fault)


@pytest.mark.parametrize("name", ["accounts.csv", "accounts.xlsx"])
@pytest.mark.parametrize("content", [b"\xff\xfe\x00key", b"PK\x03\x04 broken", b"\x00" * 100])
def test_bytes_that_are_no_spreadsheet_are_a_fault(name: str, content: bytes) -> None:
    assert preview_accounts(content, name).faults


def test_owner_conflicts_name_the_other_account_and_the_changed_owner(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        HEADER + "acme,Acme GmbH,acme.de,,,ben,\nacme-2,ACME Inc.,x.com,,,ana,\n"
        "y,Y,acme.de,,,pool:dach-sdr,\nz,Z,ACME.de,,,rep: ben,\n",
    )

    code, out, _ = run(path)

    assert code == 2
    assert [line for line in out.splitlines() if "conflict" in line][:-1] == [
        "row 2: owner conflict acme: owner ana → ben",
        "row 2: owner conflict acme: domain acme.de is on account y too, which pool dach-sdr owns",
        "row 2: owner conflict acme: name acme is on account acme-2 too, which ana owns",
        "row 3: owner conflict acme-2: name acme is on account acme too, which ben owns",
        "row 4: owner conflict y: domain acme.de is on account acme too, which ben owns",
        "row 4: owner conflict y: domain acme.de is on account z too, which ben owns",
        "row 5: owner conflict z: domain acme.de is on account y too, which pool dach-sdr owns",
    ]


def test_xlsx_cells_are_read_as_they_look(tmp_path: Path) -> None:
    table = tablib.Dataset(headers=["key", "name", "employees", "reviewed_on", "roles", "tier"])
    table.append([123, "'=cmd()", 12.0, datetime(2026, 10, 1), "sdr=pool:dach-sdr; ae=ben", 1.0])  # noqa: DTZ001
    path = tmp_path / "accounts.xlsx"
    path.write_bytes(table.export("xlsx"))

    assert run(path, "--commit", "--reason", "x")[0] == 0

    made = account("123")
    assert made["name"] == "=cmd()"
    assert (made["employees"], made["reviewed_on"], made["tier"]) == (12, "2026-10-01", "1")
    assert made["roles"] == {"ae": {"rep": "ben"}, "sdr": {"pool": "dach-sdr"}}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_and_quoted_cells_keep_theirs(
    tmp_path: Path, separator: str
) -> None:
    rows = [["key", "name", "domains"], ["b", "B, C; D", "b.com;b.de"]]
    text = "\ufeff" + "".join(separator.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)

    assert run(sheet(tmp_path, text), "--commit", "--reason", "x")[0] == 0

    assert account("b")["domains"] == ["b.com", "b.de"]
    assert account("b")["name"] == "B, C; D"


def test_commit_needs_a_reason_and_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="reason"):
        call_command("import_accounts", str(sheet(tmp_path, HEADER)), "--commit")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_accounts", str(tmp_path / "none.csv"))
