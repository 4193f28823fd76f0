"""The report of a run: what its page says of a record, and the command that writes it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from tests.validation.processes import qbval_here
from tests.validation.records import CASES, OPTIONS, record_of, records, row
from validation.cases import DEFAULT_SEED
from validation.checks import CHECKS, MODEL, Verdict
from validation.errors import PrecisionNotReachedError
from validation.limit_orders import TOLERANCE
from validation.paper.claims import claims
from validation.paper.errata import errata
from validation.paper.figures import panels
from validation.record import write_record
from validation.report import ReportError, check_directory, content, count_pieces, write_report
from validation.report.digits import CLASSES, heat_map, symbol
from validation.report.limits import families
from validation.report.page import page
from validation.report.pieces import STAGES, ClaimView, ErratumView, Piece, Refusal, pieces
from validation.report.routes import ROUTES, invariants

HOSTILE = '</td><script>alert("1")</script><img src=x onerror=alert(2)> & "quoted"'

VOID = {"meta", "img", "input", "link", "br", "hr"}


class Elements(HTMLParser):
    """Every element of a page with its attributes; fails on tags that do not nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.found, self.text = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.found if name == tag]

    @property
    def words(self):
        return " ".join("".join(self.text).split())


def shown(record, tmp_path, **made):
    """Return the page of a record as elements; ``made`` are views by stage."""
    nothing = {stage: [] for stage in STAGES}
    return Elements(page(record, nothing | made, tmp_path / "out", paper=bool(made)))


def limit(error, order, verdict=Verdict.AGREED):
    """Return a row of the check of the limits."""
    case = f"weak_coupling:{order}"
    return replace(row(error, verdict), check="limits", case=case, group=MODEL, tolerance=TOLERANCE)


def agreed_rows():
    """Return the rows of a run without a fault."""
    return [
        *(row(4e-15, case=case) for case in CASES),
        *(row(3e-16, observable="entropy", case=case) for case in CASES),
        replace(row(0.0), check="bounds", tolerance=0.0),
        replace(row(0.0, Verdict.REFUSED, value="NotDerivedError: no sum"), check="matsubara"),
        limit(0.003, 1),
        limit(0.004, 2),
    ]


def disagreed_rows():
    """Return the rows of a run with everything that can go wrong."""
    return [
        *agreed_rows(),
        row(2e-9, Verdict.DISAGREED, observable="energy", value=HOSTILE, expected=HOSTILE),
        replace(row(float("nan"), Verdict.DISAGREED), check="moments"),
        replace(row(float("inf"), Verdict.DISAGREED), check="sum-rule"),
        replace(row(0.0, Verdict.CRASHED, value=f"ZeroDivisionError: {HOSTILE}"), check="onsager"),
        limit(0.9, 3, Verdict.DISAGREED),
    ]


# --- The verdict ---------------------------------------------------------------------------------


def test_the_verdict_has_the_figures_that_matter_and_the_command_that_repeats_the_run(tmp_path):
    record = record_of(agreed_rows())
    words = shown(record, tmp_path).words
    assert f"✓ Agreed. Every one of {record['comparisons']} comparisons" in words
    # -log10 of 4e-15, and the median of as many 3e-16.
    assert "14.4 correct digits at worst and 15.0 typically; 1 question was refused" in words
    assert "qbval run --quick --seed 3 --random 4 --case 'cold-*' --report out" in words
    assert "DISAGREED" not in words


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ({}, "qbval run"),
        ({"quick": True, "digits": 50}, "qbval run --quick --digits 50"),
        ({"only": ["limits"], "case": ["a b*"]}, "qbval run --only limits --case 'a b*'"),
    ],
)
def test_the_command_names_the_options_that_are_not_the_defaults(options, command):
    defaults = {"quick": False, "seed": DEFAULT_SEED, "random": 100, "digits": 30}
    assert content.command_of(defaults | {"only": [], "case": []} | options) == command


def test_the_command_of_one_check_has_the_options_that_matter_to_it():
    at = content.command_of(OPTIONS, "limits")
    assert at == "qbval run --only limits"
    at = content.command_of(OPTIONS, "bounds", "cold-1e-5")
    assert at == "qbval run --seed 3 --random 4 --only bounds --case cold-1e-5"


def test_the_command_of_one_comparison_is_understood_by_the_command_line():
    ((_, (line, *_)),) = content.worst_cases(record_of(agreed_rows()))
    for _, command in line.commands:
        assert qbval_here(*command.split()[1:], "--help").returncode == 0


def test_a_disagreement_is_the_title_and_comes_before_everything_else(tmp_path):
    text = shown(record_of(disagreed_rows()), tmp_path).words
    assert text.startswith("DISAGREED: cross-validation")
    assert "DISAGREED. Failed: limits, observables, sum-rule, moments, onsager, with" in text
    assert text.index("What failed") < text.index("What was verified")
    assert "Error infinite" in text
    assert "Error not a number" in text
    assert "CRASHED: ZeroDivisionError" in text
    assert "NOT CONFIRMED" in text


def test_text_of_a_record_is_shown_and_never_markup(tmp_path):
    text = page(
        record_of(disagreed_rows()),
        {stage: [] for stage in STAGES} | {"errata": [Refusal(HOSTILE, HOSTILE)]},
        tmp_path,
        paper=True,
    )
    elements = Elements(text)
    assert HOSTILE in elements.words
    assert len(elements.of("script")) == 1
    assert not elements.of("img")


@settings(max_examples=10)
@given(record=records())
def test_any_record_has_a_page_that_nests(record, tmp_path_factory):
    elements = shown(record, tmp_path_factory.getbasetemp())
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    links = [a["href"] for a in elements.of("a") if a["href"].startswith("#")]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)
    assert ("DISAGREED" in elements.words) == (record["verdict"] == "disagreed")


def test_nothing_is_fetched_and_only_the_pages_own_script_may_run(tmp_path):
    elements = shown(record_of(agreed_rows()), tmp_path)
    policy = next(m["content"] for m in elements.of("meta") if "http-equiv" in m)
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/]{43}='", policy)
    assert not elements.of("link")
    assert all("src" not in a for a in elements.of("script"))


def test_every_table_has_headers_with_a_scope(tmp_path):
    elements = shown(record_of(disagreed_rows()), tmp_path)
    assert elements.of("th")
    assert {a.get("scope") for a in elements.of("th")} <= {"row", "col", "rowgroup"}


# --- The heat map --------------------------------------------------------------------------------


def test_the_heat_map_has_the_fewest_digits_of_each_observable_in_each_regime():
    found = heat_map(record_of([row(1e-13), row(3e-15), row(1e-16, observable="energy")]))
    regime = CASES[1].regime
    assert [name for name, _ in found.observables] == ["exergy", "energy"]
    ((name, _, (exergy, energy)),) = found.rows
    assert name == regime
    assert exergy.worst == pytest.approx(13.0)
    assert energy.worst == pytest.approx(16.0)
    assert "corner: worst 13.0" in exergy.detail
    assert exergy.shade == CLASSES.index(13.0)
    assert not found.short


def test_what_falls_short_of_the_goal_of_its_group_is_marked_and_not_by_colour_alone(tmp_path):
    paper, corner = CASES[0], CASES[1]
    rows = [row(1e-11, Verdict.DISAGREED, case=paper), row(1e-11, case=corner)]
    cells = {name: cell for name, _, (cell,) in heat_map(record_of(rows)).rows}
    assert cells[paper.regime].short
    assert not cells[corner.regime].short
    assert "▼11.0" in shown(record_of(rows), tmp_path).words


def test_symbols_are_those_of_the_paper():
    assert symbol("heat_current_left") == "J_H^L"
    assert symbol("exergy_gap") == "X − X_2"
    assert symbol("no_such_observable") == "no_such_observable"


# --- Parts that may be missing -------------------------------------------------------------------


def test_a_run_of_one_check_has_the_parts_that_it_can_have(tmp_path):
    elements = shown(record_of([replace(row(0.0), check="bounds")]), tmp_path)
    ids = {attributes["id"] for _, attributes in elements.found if "id" in attributes}
    assert {"verdict", "verified", "checks", "certified", "provenance"} <= ids
    assert not ids & {"digits", "limits", "errata", "claims", "figures", "failures", "refusals"}
    assert "correct digits" not in elements.words


def test_invariants_are_the_checks_that_need_no_reference_value_and_are_marked(tmp_path):
    assert {"sum-rule", "exchange", "bounds"} <= invariants() < set(CHECKS)
    assert "observables" not in invariants()
    assert "bounds invariant" in shown(record_of(agreed_rows()), tmp_path).words


def test_every_check_belongs_to_one_route():
    listed = [name for route in ROUTES for name in route.checks]
    assert sorted(listed) == sorted(CHECKS)


def test_worst_cases_are_the_worst_of_each_observable_and_of_each_other_check():
    rows = [
        row(1e-12),
        row(5e-11, observable="energy"),
        row(2e-11, case=CASES[2]),
        row(1e-11, case=CASES[3]),
        replace(row(0.9, case=CASES[3]), check="honesty", tolerance=1.0),
    ]
    (_, fast), (_, others) = content.worst_cases(record_of(rows))
    assert [(line.case, line.observable) for line in fast] == [
        (CASES[1].slug, "energy"),
        (CASES[2].slug, "exergy"),
    ]
    assert fast[0].used == pytest.approx(0.5)
    assert CASES[1].command() in [command for _, command in fast[0].commands]
    assert [(line.check, line.case) for line in others] == [("honesty", CASES[3].slug)]


def test_measured_orders_come_from_the_run_and_one_that_is_off_is_found():
    claimed = {("weak_coupling", "1", "exergy"): "epsilon^2"}
    (family,) = families(record_of(agreed_rows()), claimed)
    assert family.agreed
    assert family.worst == "0.0040"
    assert family.rows[0] == ("X", "1", "ε^2", "0.0030", True)
    (family,) = families(record_of(disagreed_rows()), claimed)
    assert not family.agreed
    refused = limit(0.0, 1, Verdict.REFUSED)
    assert not families(record_of([refused]), {})[0].agreed


# --- What is computed for the page ---------------------------------------------------------------


def test_an_erratum_is_shown_with_both_forms_as_formulas_and_its_effect(tmp_path):
    (piece,) = [p for p in pieces(figures=False, limits=False) if p.name == "hermitian-conjugate"]
    (view,) = piece.compute()
    assert view.proven
    assert view.agreed
    changed = {"printed": _formula(), "proven": False, "moves": "X by 7% in Fig. 5c"}
    formula = ErratumView(**(vars(view) | changed))
    elements = shown(record_of(agreed_rows()), tmp_path, errata=[view, formula])
    assert view.consequence in elements.words
    assert view.right in elements.words
    assert elements.of("math")
    assert "formula; as printed moves X by 7% in Fig. 5c ✗ PROOF FAILS" in elements.words
    assert "an erratum is not proven" in elements.words


def _formula():
    from sympy import I, Symbol, exp

    from validation.report.formulas import mathml

    return mathml(exp(-I * Symbol("k_a")) / Symbol("h_a"))


def test_a_formula_keeps_negative_powers_of_e_above_the_line():
    assert re.search(r"<mfrac><msup><mi>e</mi>.*<mo>-</mo><mi>i</mi>", str(_formula()))


def test_claims_are_shown_with_their_verdicts_and_numbers(tmp_path):
    view = ClaimView(
        "c", "IV A", "Fig. 5", "X grows & grows", "X", "a rule", "", "does not hold",
        "does not hold: it falls", (("X at 0.4", "0.7", "energy"),),
    )  # fmt: skip
    words = shown(record_of(agreed_rows()), tmp_path, claims=[view]).words
    assert "“X grows & grows” IV A, Fig. 5 — does not hold: it falls" in words
    assert "X at 0.4" in words
    assert "does not hold: 1. Judged" in words
    assert "a second route, which shares no code with it, was not asked here" in words


@pytest.mark.deep
def test_everything_that_is_computed_for_a_page_is_on_it(tmp_path):
    record = record_of(agreed_rows())
    written = write_report(record, tmp_path)
    assert written.stat().st_size < 6e6
    elements = Elements(written.read_text())
    assert len(elements.of("img")) == len({panel.figure for panel in panels()})
    assert all(a["src"].startswith("data:image/svg+xml;base64,") for a in elements.of("img"))
    found = {a.get("id") for a in elements.of("details")}
    assert {f"claim-{claim.slug}" for claim in claims()} <= found
    assert {f"erratum-{entry.slug}" for entry in errata()} <= found
    assert "could be computed" not in elements.words
    assert "is not proven" not in elements.words
    assert "ε^2" in elements.words


def test_what_a_layer_refuses_to_compute_is_said(tmp_path):
    def refusing():
        raise PrecisionNotReachedError("too hard", "exergy", 30, 3)

    views = Piece("claims", "a claim", refusing).compute()
    assert (
        "could be computed: a claim: too hard"
        in shown(record_of(agreed_rows()), tmp_path, claims=views).words
    )


# --- Files and the command -----------------------------------------------------------------------


def test_the_report_is_a_page_and_the_record_and_progress_is_told(tmp_path):
    record, told = record_of(agreed_rows()), []
    out = tmp_path / "new" / "report"
    written = write_report(record, out, advance=told.append, paper=False, figures=False)
    assert written == out / "index.html"
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "record.json"]
    assert json.loads((out / "record.json").read_text()) == record
    assert len(told) == count_pieces(record, paper=False, figures=False)


def test_a_place_where_no_report_can_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="cannot hold a report"):
        check_directory(tmp_path / "file")
    (tmp_path / "out" / "index.html").mkdir(parents=True)
    with pytest.raises(ReportError, match=r"index\.html is a directory"):
        check_directory(tmp_path / "out")


@pytest.mark.parametrize(("found", "code"), [(agreed_rows, 0), (disagreed_rows, 1)])
def test_the_command_writes_the_report_and_its_code_is_the_verdict(found, code, tmp_path):
    record = record_of(found())
    write_record(record, tmp_path / "run.json")
    done = qbval_here("report", "run.json", "-o", "out", "--no-paper", "--no-figures", cwd=tmp_path)
    assert done.returncode == code
    assert f"The run {record['verdict']}. Report: out/index.html" in done.stdout
    assert (tmp_path / "out" / "index.html").is_file()


def test_the_command_names_what_is_wrong_with_its_input(tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    done = qbval_here("report", "bad.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "RECORD: bad.json is not a record" in done.stderr
    write_record(record_of(agreed_rows()), tmp_path / "run.json")
    done = qbval_here("report", "run.json", "-o", "bad.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "--output: bad.json cannot hold a report" in done.stderr
