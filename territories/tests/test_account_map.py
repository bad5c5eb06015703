"""A sheet of accounts with another system's columns, brought to ours by a map."""

import pytest
from django.core.management import CommandError, call_command

from territories.account_map import slug
from territories.models import Account

pytestmark = pytest.mark.django_db

MAP = """
columns: {Firm: [key, name], Sector: industry, Group: parent}
keys: [key, parent]
values: {industry: {technolgy: technology}}
constants: {tier: growth}
ignore: [Revenue]
"""
SHEET = "Firm,Sector,Group,Revenue\nÉcole & Co,technolgy,,1\nWayne Ltd.,retail,École & Co,2\n"


def imported(tmp_path, *, sheet=SHEET, map_text=MAP):
    (tmp_path / "accounts.csv").write_text(sheet, encoding="utf-8")
    (tmp_path / "map.yaml").write_text(map_text, encoding="utf-8")
    paths = (str(tmp_path / "accounts.csv"), "--map", str(tmp_path / "map.yaml"))
    call_command("import_accounts", *paths, "--commit", "--reason", "test")


def test_columns_become_keys_of_accounts_and_names_become_keys(tmp_path):
    imported(tmp_path)
    parent, child = Account.objects.order_by("key")
    assert (parent.key, parent.name) == ("ecole-and-co", "École & Co")
    assert (parent.industry, parent.tier) == ("technology", "growth")
    assert (child.key, child.parent_id) == ("wayne-ltd", "ecole-and-co")


def test_importing_a_mapped_sheet_again_changes_nothing(tmp_path, capsys):
    imported(tmp_path)
    capsys.readouterr()
    imported(tmp_path)
    assert "2 rows: 0 new, 0 changed, 2 as they are" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ("Firn,Sector,Group\nA,b,\n", 'no column "Firm", which the map names; did you mean "Firn"'),
        ("Firm,Sector,Group,Size\nA,b,,1\n", 'column "Size" is not in the map'),
    ],
)
def test_a_sheet_that_the_map_does_not_fit_is_refused(tmp_path, capsys, sheet, told):
    with pytest.raises(SystemExit) as stop:
        imported(tmp_path, sheet=sheet)
    assert stop.value.code == 1
    assert told in capsys.readouterr().err
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "columns: {Firm: nmae}",
            'columns.Firm: "nmae" is no key of an account; did you',
        ),
        ("columns: {Firm: name}\nkeys: [name]", 'keys[0]: "name" is none of key, parent, owner'),
        ("columns: {Firm: name}\nkey: [name]", 'key: unknown key; did you mean "keys"?'),
        ("columns: [Firm]", "columns: must be a mapping"),
        ("columns: {Firm: name}\nvalues: {name: x}", "values.name: must map"),
        ("keys: [key]", "at least one column"),
    ],
)
def test_faults_of_a_map_are_told_with_their_place(tmp_path, text, told):
    with pytest.raises(CommandError) as error:
        imported(tmp_path, map_text=text)
    assert told in str(error.value)


def test_a_name_becomes_a_key_of_letters_digits_and_hyphens():
    assert slug("  Gekko & Co. (São Paulo) ") == "gekko-and-co-sao-paulo"
