"""`route FILE`: files of leads, read as they come, shown first and then routed."""

import io
import json
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from leads.body import MAX_LEAD_BYTES
from leads.models import (
    Assignment,
    Contact,
    Lead,
    OutboxEvent,
    Outcome,
    PoolState,
    RefusedSubmission,
    Submission,
)
from leads.tests.company import company, configure

pytestmark = pytest.mark.django_db
AT = "2026-06-10T12:00:00Z"


@pytest.fixture
def route(tmp_path, capsys):
    """Runs the command on a file of a given content; what it printed, by line and by stream."""

    def run(content, *options, name="leads.csv", map_text=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if map_text is not None:
            (tmp_path / "map.yaml").write_text(map_text)
            options = (*options, "--map", str(tmp_path / "map.yaml"))
        code = 0
        try:
            call_command("route", str(path), "--at", AT, *options)
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, lines=out.splitlines(), err=err)

    return run


def owners(result):
    return [line.split("owner=")[1].split()[0] for line in result.lines if "owner=" in line]


def rows(count, country="DE"):
    lines = [f"p{n}@firm{n}.example,Firm {n},{country}" for n in range(count)]
    return "Email,Company,Country\n" + "\n".join(lines) + "\n"


def test_each_lead_has_a_line_that_says_who_gets_it_and_why(route):
    configure()
    result = route("Email,Country\nx@acme.example,DE\ny@other.example,Germany\n")
    assert result.lines == [
        "line 2: assigned  owner=ana  rule=named  model=account_owner  fallback=-  warnings=-",
        "line 3: assigned  owner=ana  rule=places  model=territory  fallback=-  warnings=-",
    ]
    assert result.code == 0


def test_a_dry_run_writes_nothing_and_says_so(route):
    configure()
    result = route(rows(3))
    assert "nothing was written" in result.err
    written = (Lead, Submission, Assignment, OutboxEvent, PoolState, RefusedSubmission)
    assert not any(model.objects.exists() for model in written)


def test_a_dry_run_shows_what_a_commit_then_does(route):
    configure()
    again = "p1@firm1.example,Firm 1,DE\nP3@Firm3.example,,GB\n"
    content = rows(7) + again + rows(5, "GB").partition("\n")[2]
    shown = route(content, "--batch", "2")
    done = route(content, "--commit", "--batch", "3")
    assert shown.lines == done.lines
    assert owners(shown)[:4] == ["ana", "ben", "ana", "ben"]


def test_a_dry_run_knows_the_leads_that_came_before_in_the_file(route):
    configure()
    result = route(rows(1) + "p0@firm0.example,Firm 0,DE\n", "--batch", "1")
    assert [line.endswith("known") for line in result.lines] == [False, True]
    assert owners(result) == ["ana", "ana"]


def test_a_nurtured_lead_that_qualifies_later_in_the_file_is_routed_in_the_dry_run_too(route):
    configure()
    content = (
        "Email,Lead Type,Score,Country\na@b.example,content,10,DE\na@b.example,content,80,DE\n"
    )
    shown = route(content, "--batch", "1")
    assert [line.split()[2] for line in shown.lines] == ["nurture", "assigned"]
    assert shown.lines == route(content, "--commit", "--batch", "1").lines


def test_running_a_file_again_makes_no_second_lead(route):
    configure()
    content = rows(4) + ",,DE\n"
    route(content, "--commit")
    before = sorted(Assignment.objects.values_list("id", flat=True))
    again = route(content, "--commit")
    assert Lead.objects.count() == 4
    assert sorted(Assignment.objects.values_list("id", flat=True)) == before
    assert RefusedSubmission.objects.count() == 1
    assert "known already: 4" in again.err


def test_columns_named_like_fields_are_taken_and_the_others_named(route):
    configure()
    result = route("E-Mail,First Name,Custom.Size,Shoe size\na@b.example,Ana,7,38\n", "--commit")
    assert result.err.startswith("unmapped columns: E-Mail, Shoe size\n")
    assert "refused" in result.lines[0]
    result = route("Email,First Name,Custom.Size\na@b.example,Ana,7\n", "--commit")
    lead = Lead.objects.get()
    assert (lead.first_name, lead.custom) == ("Ana", {"Size": "7"})


def test_a_file_without_any_field_is_an_error():
    with pytest.raises(CommandError, match="give a --map"):
        call_command_on("Shoe size\n38\n")


def call_command_on(content, *options):
    stdin = SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(content.encode())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", stdin)
        call_command("route", "-", *options)


def test_standard_input_is_read_and_its_kind_found_out(capsys):
    call_command_on('{"email": "a@b.example"}\n')
    assert capsys.readouterr().out.startswith("line 1: held")
    call_command_on("email;country\na@b.example;DE\n")
    assert capsys.readouterr().out.startswith("line 2: held")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(route, sign):
    content = f'Email{sign}Company\na@b.example{sign}"Smith{sign} Sons"\n'
    route(content, "--commit")
    assert Lead.objects.get().company == " ".join(f"Smith{sign} Sons".split())


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(route, ending):
    route(ending.join(["Email,City", "a@b.example,Rome", "c@d.example,Bari", ""]), "--commit")
    assert sorted(Lead.objects.values_list("city", flat=True)) == ["Bari", "Rome"]


def test_a_byte_order_mark_and_cells_of_several_lines_are_read(route):
    content = '\ufeffEmail,City\na@b.example,"New\nYork"\nc@d.example,Bari\n'
    result = route(content, "--commit")
    assert [line.partition(":")[0] for line in result.lines] == ["line 2", "line 4"]
    assert Lead.objects.get(email="a@b.example").city == "New York"


def test_lines_that_are_no_utf8_are_read_as_windows_1252_and_counted(route):
    content = b"Email,City\na@b.example,K\xf6ln\nc@d.example,K\xc3\xb6ln\n"
    result = route(content, "--commit")
    assert set(Lead.objects.values_list("city", flat=True)) == {"Köln"}
    assert "1 lines were no UTF-8 and were read as Windows-1252: 2" in result.err


def test_an_open_quote_costs_its_own_line_alone(route):
    content = 'Email,City\na@b.example,"Rome\nc@d.example,Bari\ne@f.example,Pisa\n'
    result = route(content, "--commit")
    assert [line.partition("  ")[0] for line in result.lines] == [
        "line 2: refused",
        "line 3: held",
        "line 4: held",
    ]
    assert bytes(RefusedSubmission.objects.get().body) == b'a@b.example,"Rome'


def test_a_row_with_too_many_cells_is_refused_and_kept_as_it_stands(route):
    result = route("Email,City\na@b.example,Rome,Lazio\n", "--commit")
    assert "3 cells, but the header names 2 columns" in result.lines[0]
    assert result.code == 0
    assert bytes(RefusedSubmission.objects.get().body) == b"a@b.example,Rome,Lazio"


def test_refused_rows_are_kept_with_their_line_as_bodies_to_mend(route):
    configure()
    result = route("Email,First Name,Country\na@b.example,Ana,DE\n,Ben,DE\n", "--commit")
    assert result.code == 0
    kept = RefusedSubmission.objects.get()
    assert kept.path == "route leads.csv, line 3"
    assert json.loads(bytes(kept.body)) == {"first_name": "Ben", "country": "DE"}
    assert kept.faults[0]["code"] == "names_nobody"
    assert "2 leads: 1 assigned, 1 refused" in result.err


def test_a_row_too_large_to_be_kept_is_told_by_the_exit_code(route):
    cells = ",".join(["x" * 9_000] * 8)
    names = ",".join(f"custom.c{n}" for n in range(8))
    assert len(cells) > MAX_LEAD_BYTES
    result = route(f"Email,{names}\na@b.example,{cells}\nb@c.example\n", "--commit")
    assert result.code == 1
    assert "too large to be kept: line 2" in result.err
    assert Lead.objects.get().email == "b@c.example"


def test_dirty_values_are_listed_with_how_often_they_came(route):
    configure()
    content = (
        "Email,Country,Employees\na@b.example,Nowhere,12\n"
        'c@d.example,Nowhere,some\ne@f.example,Erewhon,"1,200"\n'
    )
    result = route(content, "--commit")
    assert 'dirty: country unrecognised 3 × "Nowhere" (2), "Erewhon"' in result.err
    assert 'dirty: employees unparsable 1 × "some"' in result.err
    assert "warnings=employees:unparsable,country:unrecognised" in result.lines[1]
    assert Lead.objects.get(email="c@d.example").custom == {"employees": "some"}
    assert Lead.objects.get(email="e@f.example").employees == 1200


def test_ndjson_lines_are_bodies_and_bad_ones_harm_no_other(route):
    configure()
    content = (
        '{"email": "a@b.example", "country": "DE"}\n\n{"emial": "x"}\nnot json\n[1]\n'
        '{"company": "Acme", "employees": 5}\n'
    )
    result = route(content, "--commit", name="leads.ndjson")
    assert [line.partition("  ")[0] for line in result.lines] == [
        "line 1: assigned",
        "line 3: refused",
        "line 4: refused",
        "line 5: refused",
        "line 6: assigned",
    ]
    assert 'did you mean "email"?' in result.lines[1]
    assert {bytes(one.body) for one in RefusedSubmission.objects.all()} == {
        b'{"emial": "x"}',
        b"not json",
        b"[1]",
    }


def test_results_may_be_ndjson(route):
    configure()
    result = route("Email,Country\ny@other.example,Germany\n,\n", "--format", "ndjson")
    (line,) = [json.loads(one) for one in result.lines]
    assert line["owner"] == "ana"
    assert line["status"] == "assigned"
    assert line["rule"] == "places"
    assert line["model"] == "territory"
    assert line["is_fallback"] is False
    assert line["warnings"] == []


def test_the_source_is_given_to_leads_that_name_none(route):
    route("Email,Source\na@b.example,fair\nc@d.example,\n", "--commit", "--source", "file")
    assert dict(Lead.objects.values_list("email", "source")) == {
        "a@b.example": "fair",
        "c@d.example": "file",
    }


MAP = """
columns:
  Id: external_id
  Land: country
  Product: product_interest
  Visits: custom.visits
  News: custom.news
  Since: received_at
ignore: [Notes]
blank: [Select]
values: {country: {Unknown: null, Deutschl.: Germany}, product_interest: {GTXPro: GTX Pro}}
split: {product_interest: "+"}
types: {custom.visits: integer, custom.news: boolean}
constants: {source: crm, lead_type: import}
"""


def test_a_map_says_what_columns_and_values_mean(route):
    configure()
    content = (
        "Id,Land,Product,Visits,News,Since,Notes,More\n"
        'A1,Deutschl.,GTXPro + Select+MG,"1,234",no,2016-10-20,x,y\n'
    )
    result = route(content, "--commit", map_text=MAP)
    lead = Lead.objects.get()
    assert (lead.external_id, lead.source, lead.lead_type) == ("A1", "crm", "import")
    assert lead.country == "DE"
    assert lead.product_interest == ["GTX Pro", "MG"]
    assert lead.custom == {"visits": 1234, "news": False}
    assert lead.received_at.isoformat() == "2016-10-20T00:00:00+00:00"
    assert "unmapped columns: More\n" in result.err
    assert 'dirty, replaced by the map: product_interest 1 × "GTXPro"' in result.err


def test_a_map_makes_blank_what_says_nothing(route):
    content = "Id,Land,Product,Visits,News,Since,Notes\nA1,unknown,Select,select,SELECT,,\n"
    result = route(content, "--commit", map_text=MAP)
    lead = Lead.objects.get()
    assert (lead.country, lead.product_interest, lead.custom) == ("", [], {})
    assert "warnings=-" in result.lines[0]


def test_ndjson_may_be_mapped_too(route):
    content = '{"Id": 7, "Land": "DE", "Product": ["A"], "Visits": 3, "Extra": 1}\n'
    result = route(content, "--commit", name="leads.jsonl", map_text=MAP)
    lead = Lead.objects.get()
    assert (lead.external_id, lead.product_interest, lead.custom) == ("7", ["A"], {"visits": 3})
    assert "unmapped columns: Extra" in result.err
    assert "columns of the map that no line has: News, Since" in result.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {Email: emial}", 'columns["Email"]: "emial" is no field of a lead; did you'),
        ("columns: {Emial: email}", 'no column "Emial"; did you mean "Email"?'),
        ("columns: {Email: email, City: email}", 'column "Email" is email already'),
        ("columns: {Email: email}\nvalue: {}", 'value: unknown key; did you mean "values"?'),
        ("columns: {Email: email}\ntypes: {custom.a: nubmer}", "types.custom.a"),
        ("columns: {Email: email}\nsplit: {city: ';'}", "split.city: only"),
        ("columns: {Email: email}\nvalues: [1]", "values: must be a mapping"),
        ("columns: {Email: email}\ncontacted: {channel: x}", "contacted.at: the column"),
        ("columns: {Email: email}\noutcome: {status: Won}", "outcome.status: must be"),
        ("columns: {Email: email}\noutcome: {status: {column: S, values: {W: won}}}", "none of"),
        ("columns: {}", "at least one column"),
        ("columns: {Email: email, Email: city}", "Email"),
        ("columns: [", "not YAML"),
    ],
)
def test_faults_of_a_map_are_told_with_their_place(route, text, told):
    with pytest.raises(CommandError) as error:
        route("Email,City,S\na@b.example,Rome,W\n", map_text=text)
    assert told in str(error.value)


OUTCOME_MAP = """
columns: {Id: external_id, Land: country}
constants: {source: crm}
outcome:
  status: {column: Stage, values: {Won: converted, Lost: lost}}
  at: Closed
  amount: Value
  reason: Why
  currency: eur
contacted: {at: Called, by: Agent, channel: phone}
"""
OUTCOMES = (
    "Id,Land,Stage,Closed,Value,Why,Called,Agent\n"
    "1,DE,Won,2017-03-01,\"1,054.50\",,2017-02-01 10:30,Moses\n"
    "2,DE,lost,2017-03-02,,price,,\n"
    "3,DE,Open,,,,,\n"
    "4,DE,Won,someday,much,,,\n"
)  # fmt: skip


def test_outcomes_and_contacts_of_a_file_are_recorded(route):
    configure()
    result = route(OUTCOMES, "--commit", map_text=OUTCOME_MAP)
    won, lost, still_open, odd = Lead.objects.order_by("external_id")
    assert (won.status, won.outcome, str(won.amount)) == ("closed", "converted", "1054.50")
    assert won.currency == "EUR"
    assert won.outcome_at.isoformat() == "2017-03-01T00:00:00+00:00"
    assert won.responded_at.isoformat() == "2017-02-01T10:30:00+00:00"
    assert Contact.objects.get().by == "Moses"
    assert (lost.outcome, Outcome.objects.get(lead=lost).reason) == ("lost", "price")
    assert still_open.status == "assigned"
    assert (odd.outcome, odd.amount) == ("converted", None)
    assert "outcome.at:unparsable,outcome.amount:unparsable" in result.lines[3]
    assert "outcomes: 3 " not in result.err
    assert "2 converted, 1 lost" in result.err


def test_an_outcome_that_stands_is_not_told_again(route):
    configure()
    route(OUTCOMES, "--commit", map_text=OUTCOME_MAP)
    route(OUTCOMES, "--commit", map_text=OUTCOME_MAP)
    assert Outcome.objects.count() == 3
    assert Contact.objects.count() == 1
    assert Lead.objects.count() == 4


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("", "a.csv", "the file is empty"),
        ("\n \n", "a.csv", "the file is empty"),
        (b"\xff\xfeE\x00", "a.csv", "UTF-16"),
        (b"PK\x03\x04 ", "a.csv", "workbook"),
        ("Email,Email\n", "a.csv", 'line 1: more than one column is called "Email"'),
        ('[{"email": "a@b.example"}]', "a.json", "a JSON list"),
    ],
)
def test_files_that_are_none_are_refused_with_a_reason(route, content, name, told):
    with pytest.raises(CommandError) as error:
        route(content, name=name)
    assert told in str(error.value)
    assert name in str(error.value)


def test_a_line_without_end_is_never_held_whole(route):
    content = "Email,City\na@b.example,Rome\n" + "x" * 2_000_000
    with pytest.raises(CommandError, match="line 3: longer than"):
        route(content)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--at", "soon", "neither a day"), ("--batch", "0", "from 1 to"), ("--map", "/no", "/no")],
)
def test_options_that_make_no_sense_are_errors(tmp_path, option, value, told):
    path = tmp_path / "a.csv"
    path.write_text("Email\na@b.example\n")
    with pytest.raises(CommandError, match=told):
        call_command("route", str(path), option, value)


def test_a_missing_file_is_an_error():
    with pytest.raises(CommandError, match="No such file"):
        call_command("route", "/nowhere/leads.csv")


def test_the_instant_of_decision_may_be_given(route):
    configure()
    route(rows(1), "--commit")
    assert Assignment.objects.get().at.isoformat() == "2026-06-10T12:00:00+00:00"


def test_a_header_alone_is_no_lead_and_no_error(route):
    result = route("Email,City\n")
    assert (result.code, result.lines) == (0, [])
    assert "no leads" in result.err


def test_a_parked_lead_that_comes_again_and_stays_parked_gets_no_new_line(route):
    content = "Email,Lead Type,Score\na@b.example,content,10\n"
    route(content, "--commit")
    route(content, "--commit")
    assert [line.kind for line in Assignment.objects.all()] == ["held"]
    configure()
    route(content, "--commit")
    route(content, "--commit")
    assert [line.owner_id for line in Assignment.objects.order_by("id")] == [None, "maria"]
    assert PoolState.objects.get(pool_id="marketing").picks == 1


def test_a_dry_run_passes_by_leads_that_wait_for_the_same_pool(route):
    made = company()
    made["reps"][1] |= {"max_open": 1}
    made["reps"][2] |= {"max_open": 1}
    made["rules"][1]["fallback"] = [{"hold_minutes": 600}, {"manager": True}]
    configure(made)
    route(rows(3), "--commit")
    assert [lead.status for lead in Lead.objects.order_by("email")] == ["assigned"] * 2 + ["held"]
    shown = route("Email,Country\nx@y.example,DE\n")
    assert shown.lines[0].startswith("line 2: held")
    assert Lead.objects.filter(status="held").count() == 1


def test_a_dry_run_counts_what_the_file_closes_as_closed(route):
    made = company()
    for rep in made["reps"][1:3]:
        rep["max_open"] = 1
    configure(made)
    lines = "".join(f"{n},DE,Won\n" for n in range(6))
    content = f"Id,Land,Stage\n{lines}"
    text = """
columns: {Id: external_id, Land: country}
constants: {source: crm}
outcome: {status: {column: Stage, values: {Won: converted}}}
"""
    shown = route(content, "--batch", "2", map_text=text)
    assert sorted(owners(shown)) == ["ana"] * 3 + ["ben"] * 3
    assert shown.lines == route(content, "--batch", "2", "--commit", map_text=text).lines
