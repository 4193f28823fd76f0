"""The reference table: what ships, how it is made, how it is proven."""

import csv
import dataclasses
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from decimal import Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import validation
from tests.slow import few_by_default
from tests.validation.processes import let_interrupts_through, qbval_here
from validation.backends.features import to_fraction
from validation.cases import corner_cases, paper_cases
from validation.cases.random_points import STRATA
from validation.exact import PARAMETERS
from validation.metrics import SIGN_CHANGING
from validation.parts import keeping_parts
from validation.reference_table import TableError, build, load_table
from validation.reference_table.build import assemble, compute_all, compute_case, rounded
from validation.reference_table.check import check_files, check_selection, compare_cases
from validation.reference_table.condition import sensitivities
from validation.reference_table.selection import sample_per_regime, select
from validation.reference_table.table import DATA, write_table
from validation.references import OBSERVABLES, reference

TABLE = load_table()

CORNERS = {case.slug: case for case in corner_cases()}

CHEAP = ("both-decoupled", "level-2.3", "scale-1e-12", "left-decoupled")
"""Corners whose references take a second or less: with and without bound states and zeros."""


def command(*arguments, **options):
    """Start ``qbval reference`` and return the process."""
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
    return subprocess.Popen(
        [sys.executable, "-c", "from validation.cli_reference import app; app()", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=environment | {"TERM": "dumb", "PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=let_interrupts_through, **options,
    )  # fmt: skip


def run(*arguments):
    """Run ``qbval reference`` and return its exit code and everything it said."""
    process = command(*arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Build a small table, as files."""
    directory = tmp_path_factory.mktemp("small")
    slugs = ("level-2.3", "both-decoupled")
    outcomes = compute_all(select(slugs))
    write_table(assemble(outcomes, digits=40, backend="arb", patterns=slugs), directory)
    return directory


@pytest.fixture
def copy(small, tmp_path):
    """Return a copy of the small table that a test may spoil."""
    return shutil.copytree(small, tmp_path / "copy")


# What ships.


def test_the_shipped_table_is_whole_and_certified():
    assert TABLE.provenance["patterns"] == []
    assert TABLE.provenance["certified"]
    assert TABLE.digits == 40


def test_the_shipped_files_agree_with_each_other_and_with_the_schema():
    assert check_files(DATA, TABLE) == []


def test_the_shipped_cases_are_those_of_the_selection():
    assert check_selection(TABLE, select(TABLE.provenance["patterns"])) == []


def test_cases_left_out_are_named_with_a_reason_and_are_few():
    dropped = TABLE.provenance["dropped"]
    assert all(entry["reason"] for entry in dropped)
    assert not {entry["slug"] for entry in dropped} & set(TABLE.by_slug)
    # Symmetry may make a value zero without anyone being able to prove it.
    assert len(dropped) <= 4


def test_every_case_has_every_observable_and_its_radius():
    for case in TABLE.cases:
        assert tuple(case.values) == OBSERVABLES
        assert len(case.occupations) == len(case.bound_states)
        for name, value in case.values.items():
            enclosure = value.enclosure
            with mp.workdps(100):
                size, absolute = abs(enclosure.mid), enclosure.absolute_integral
                assert enclosure.radius >= 0
                assert absolute >= size
                # Half a unit of the last place, and what the reference was asked for.
                scale = absolute if name in SIGN_CHANGING else size
                assert enclosure.radius <= mpf("1e-39") * scale or scale < mpf("1e-330")


def test_values_that_vanish_at_equilibrium_are_exactly_zero():
    driven = ("exergy", "charge_current", "energy_current", "entropy_production", "exergy_gap")
    cases = [case for case in TABLE.cases if case.regime == "equilibrium"]
    assert cases
    for case in cases:
        for name in driven:
            value = case.values[name]
            assert (value.value, value.radius, value.condition) == ("0", "0", None)


def test_the_csv_files_hold_the_numbers_of_the_json():
    with (DATA / "values.csv").open(encoding="utf-8", newline="") as file:
        values = {(row["case"], row["observable"]): row for row in csv.DictReader(file)}
    with (DATA / "cases.csv").open(encoding="utf-8", newline="") as file:
        cases = {row["case"]: row for row in csv.DictReader(file)}
    assert len(values) == len(TABLE.cases) * len(OBSERVABLES)
    assert list(cases) == list(TABLE.by_slug)
    for case in TABLE.cases:
        for name in PARAMETERS:
            column = name.replace(".", "_")
            double = float.fromhex(cases[case.slug][f"{column}_hex"])
            assert double == float(cases[case.slug][column])
            assert case.junction.parameters[name] == Fraction(double)
        for name, value in case.values.items():
            row = values[case.slug, name]
            assert (row["value"], row["radius"]) == (value.value, value.radius)
            assert row["condition"] == ("" if value.condition is None else str(value.condition))


def test_the_schema_names_the_inputs_and_observables_of_the_program():
    schema = json.loads((DATA / "reference.schema.json").read_text(encoding="utf-8"))["$defs"]
    assert tuple(schema["inputs"]["propertyNames"]["enum"]) == PARAMETERS
    values = schema["case"]["properties"]["values"]
    assert tuple(values["propertyNames"]["enum"]) == OBSERVABLES
    assert (schema["inputs"]["minProperties"], values["minProperties"]) == (13, 17)


def test_the_page_explains_every_column():
    page = (DATA / "README.md").read_text(encoding="utf-8")
    with (DATA / "values.csv").open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    assert header[:3] == ["case", "regime", "observable"]
    for name in (
        *header[3:],
        *OBSERVABLES,
        "regime",
        "occupations",
        "bound_state_energies",
        "_hex",
    ):
        assert f"`{name}`" in page


@pytest.mark.parametrize("slug", CHEAP)
def test_shipped_values_come_out_again_from_the_mpmath_backend(slug):
    if slug not in TABLE.by_slug:
        pytest.fail(f"{slug} is not in the table")
    shipped = TABLE.by_slug[slug]
    found = validation.reference(shipped.junction, 45, OBSERVABLES, shipped.occupations, "mpmath")
    for name, value in shipped.values.items():
        assert value.enclosure.overlaps(found[name]), name


# Selection.


def test_the_selection_covers_figures_corners_and_regimes():
    cases = select()
    assert 350 <= len(cases) <= 450
    assert len({case.slug for case in cases}) == len(cases)
    drawn = Counter(case.regime for case in cases if case.group == "random")
    assert set(drawn) == set(STRATA)
    assert min(drawn.values()) >= 12
    assert {case.slug for case in cases if case.group == "corner"} == set(CORNERS)
    panels = Counter(source for case in cases if case.group == "paper" for source in case.sources)
    assert set(panels) == {source for case in paper_cases() for source in case.sources}
    assert min(panels.values()) >= 10


def test_a_sample_has_every_regime():
    sample = sample_per_regime(select())
    assert {case.regime for case in sample} == {case.regime for case in select()}
    assert max(Counter(case.regime for case in sample).values()) == 2


# Numbers as text.


@given(st.fractions().filter(bool), st.integers(min_value=2, max_value=60))
def test_rounding_is_to_the_nearest_and_upwards(value, digits):
    nearest, above = rounded(value, digits), rounded(value, digits, up=True)
    spacing = Fraction(10) ** (Decimal(nearest).adjusted() - digits + 1)
    assert abs(Fraction(nearest) - value) <= spacing / 2
    assert 0 <= Fraction(above) - value < spacing
    assert len(Decimal(nearest).as_tuple().digits) <= digits


def test_a_text_with_its_radius_contains_the_number_it_was_made_from():
    case = CORNERS["level-2.3"]
    finer = validation.reference(case.junction, 70, OBSERVABLES, case.bound_states)
    entry = compute_case(case, conditions=False)
    for name, value in entry.values.items():
        gap = abs(Fraction(value.value) - to_fraction(finer[name].mid))
        assert gap <= Fraction(value.radius) + to_fraction(finer[name].radius)
        assert value.enclosure.contains(finer[name])


@pytest.mark.slow
def test_an_isolated_level_has_the_values_of_its_closed_forms(small):
    case = load_table(small).by_slug["both-decoupled"]
    n = Fraction(case.occupations[0])
    level, mu, T = (case.junction.parameters[k] for k in ("level", "mu_eq", "temperature_eq"))
    assert case.values["particle_number"].enclosure.contains(n)
    assert case.values["energy"].enclosure.contains(n * level)
    with mp.workdps(60):
        p = mpf(n.numerator) / n.denominator
        entropy = -p * mp.log(p) - (1 - p) * mp.log(1 - p)
        x = (level - mu) / T
        f = 1 / (mp.exp(mpf(x.numerator) / x.denominator) + 1)
        assert case.values["entropy"].enclosure.contains(entropy)
        assert case.values["equilibrium_particle_number"].enclosure.contains(f)


# Condition numbers.


def test_condition_numbers_of_an_isolated_level_are_those_of_its_closed_forms(small):
    case = load_table(small).by_slug["both-decoupled"]
    level, mu, T = (float(case.junction.parameters[k]) for k in PARAMETERS[:1] + PARAMETERS[-2:])
    n = case.occupations[0]
    f = float(case.values["equilibrium_particle_number"].enclosure)
    # f depends on (level - mu)/T, with df/dx = -f (1 - f).
    fermi = (1 - f) * (abs(level) + abs(mu) + abs(level - mu)) / T
    entropy = float(case.values["entropy"].enclosure)
    expected = {
        "particle_number": 1.0,
        "energy": 2.0,
        "equilibrium_particle_number": fermi,
        "entropy": n * abs(float(mp.log((1 - n) / n))) / entropy,
    }
    for name, kappa in expected.items():
        # Three significant digits are kept.
        assert case.values[name].condition == pytest.approx(kappa, rel=5e-3), name
    assert case.values["spectral_weight"].condition is None


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["level-2.3", "random-20240731-2-strong"])
def test_sensitivities_obey_the_scaling_of_every_observable(slug):
    """Euler: with all energies scaled by s, an observable of degree n scales by s^n."""
    case = {case.slug: case for case in select()}[slug]
    found = validation.reference(case.junction, 40, OBSERVABLES, case.bound_states)
    given_ = (case.occupation,) * len(found.bound_states)
    shares = sensitivities(found, given_)
    degrees = dict.fromkeys(OBSERVABLES, 0) | {
        "energy": 1, "equilibrium_energy": 1, "charge_current": 1, "entropy_production": 1,
        "energy_current": 2, "heat_current_left": 2, "heat_current_right": 2,
    }  # fmt: skip
    for name, degree in degrees.items():
        moved = [shares[p][name] for p in PARAMETERS if name in shares.get(p, {})]
        size = sum(abs(share) for share in moved)
        # The quotient is good to two digits of the sum of sizes, and far better where smooth.
        assert sum(moved) == pytest.approx(degree, abs=1e-3 * max(size, 1)), name


# Building.


def test_a_case_without_all_values_is_left_out_with_the_reason():
    case = dataclasses.replace(CORNERS["level-2.3"], occupation=None)
    outcomes = compute_all([case, CORNERS["both-decoupled"]], backend="mpmath")
    table = assemble(outcomes, digits=40, backend="mpmath")
    assert [c.slug for c in table.cases] == ["both-decoupled"]
    (entry,) = table.provenance["dropped"]
    assert entry["slug"] == "level-2.3"
    assert entry["reason"].startswith("BoundStateError: particle_number needs the occupation")


def test_finished_cases_are_kept_and_not_computed_again(tmp_path, monkeypatch):
    path, case = tmp_path / "x.parts", CORNERS["both-decoupled"]
    with keeping_parts(path) as parts:
        (first,) = compute_all([case], backend="mpmath", parts=parts)
    with keeping_parts(path) as parts:
        with monkeypatch.context() as without:
            without.delattr(build, "compute_case")
            (again,) = compute_all([case], backend="mpmath", parts=parts)
        assert again == first
        # Other digits are another entry.
        (finer,) = compute_all([case], digits=50, backend="mpmath", parts=parts)
        assert len(finer.case.values["entropy"].value) > len(first.case.values["entropy"].value)
        assert len(parts) == 2


@pytest.mark.slow
def test_an_interrupted_build_goes_on_and_ends_the_same(tmp_path):
    slugs = ("both-decoupled", "random-20240731-3-bound-state")
    words = [word for slug in slugs for word in ("--case", slug)]
    words = ["build", *words, "--workers", "2", "--output"]
    process = command(*words, str(tmp_path / "one"))
    partial = tmp_path / "one" / "reference.json.parts"
    deadline = time.monotonic() + 120
    while not (partial.exists() and partial.read_text().endswith("\n")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in err
    assert partial.exists()
    assert not (tmp_path / "one" / "reference.json").exists()

    code, said = run(*words, str(tmp_path / "one"))
    assert code == 0, said
    assert not partial.exists()
    outcomes = compute_all(select(slugs))
    write_table(assemble(outcomes, digits=40, backend="arb", patterns=slugs), tmp_path)
    for name in ("reference.json", "cases.csv", "values.csv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


# Proving.


# `.ci/run` checks the shipped table with the same command.
@pytest.mark.deep
def test_check_agrees_with_a_table_just_made(small):
    code, said = run("build", "--check", "--output", str(small))
    assert code == 0, said
    assert "2 of 2 cases computed anew by arb" in said


def spoil(directory, change):
    """Change the record of a table and write all its files again, which then agree."""
    spoil_record(directory, change)
    write_table(load_table(directory), directory)


def spoil_record(directory, change):
    record = json.loads((directory / "reference.json").read_text())
    change(record)
    (directory / "reference.json").write_text(json.dumps(record))


def entry(record, slug="both-decoupled"):
    return next(case for case in record["cases"] if case["slug"] == slug)


def wrong_value(record):
    """Move a value by one unit of its 39th digit, beyond its radius."""
    value = entry(record)["values"]["exergy"]
    number = Decimal(value["value"])
    unit = Decimal(1).scaleb(number.adjusted() - 38)
    assert Decimal(value["radius"]) < unit / 9
    value["value"] = str(Context(prec=45).add(number, unit))


def wrong_condition(record):
    entry(record)["values"]["exergy"]["condition"] *= 1.05


def wrong_regime(record):
    entry(record)["regime"] = "cold"


def wrong_input(record):
    case = entry(record)
    moved = math.nextafter(float(case["inputs"]["level"]), 1)
    case["inputs"]["level"], case["hex"]["level"] = repr(moved), moved.hex()


def wrong_hex(record):
    case = entry(record)
    case["hex"]["level"] = math.nextafter(float(case["inputs"]["level"]), 1).hex()


def wrong_bound_state(record):
    state = entry(record)["bound_states"][0]
    state["weight"] = str(Context(prec=45).multiply(Decimal(state["weight"]), Decimal("1.0001")))


def missing_case(record):
    record["cases"].remove(entry(record, "level-2.3"))


def missing_observable(record):
    del entry(record)["values"]["exergy"]


@pytest.mark.parametrize(
    "change_and_words",
    few_by_default(
        [
            (wrong_value, "both-decoupled: exergy = "),
            (wrong_condition, "both-decoupled: condition number of exergy"),
            (wrong_regime, "both-decoupled: regime is cold, not decoupled"),
            (wrong_input, "both-decoupled: inputs is"),
            (wrong_hex, "both-decoupled: level = 0.4 is not the double"),
            (wrong_bound_state, "both-decoupled: bound states"),
            (missing_case, "level-2.3: missing"),
        ],
        6,
    ),
)
def test_check_finds_what_is_wrong(copy, change_and_words):
    change, told = change_and_words
    spoil(copy, change)
    code, said = run("build", "--check", "--case", "both-*", "--output", str(copy))
    assert code == 1, said
    assert f"- {told}" in said
    assert "DISAGREED" in said


def test_a_table_that_breaks_its_schema_cannot_be_checked(copy):
    spoil_record(copy, missing_observable)
    code, said = run("build", "--check", "--case", "both-*", "--output", str(copy))
    assert code == 2
    assert "does not keep to reference.schema.json: at $.cases[1].values" in " ".join(said.split())


def test_check_finds_a_csv_that_differs_from_the_json(copy):
    text = (copy / "values.csv").read_text()
    (copy / "values.csv").write_text(text.replace("decoupled,energy,", "decoupled,energy,1"))
    code, said = run("build", "--check", "--output", str(copy))
    assert code == 1
    assert "- values.csv differs from reference.json in line " in said


def test_enclosures_that_exclude_each_other_are_told_apart_from_those_that_touch():
    ours = TABLE.by_slug["both-decoupled"]
    value = dataclasses.replace(ours.values["energy"], value="1", radius="0.25")
    touching, apart = (
        dataclasses.replace(
            ours,
            values=ours.values | {"energy": dataclasses.replace(value, value=text)},
        )
        for text in ("1.5", "1.5000000001")
    )
    ours = dataclasses.replace(ours, values=ours.values | {"energy": value})
    assert compare_cases(ours, touching).problems == ()
    assert compare_cases(ours, touching).worst == pytest.approx(1)
    (problem,) = compare_cases(ours, apart).problems
    assert "energy = 1 +- 0.25" in problem


# The other commands, and bad input.


def test_export_copies_everything_out(tmp_path):
    code, _ = run("export", str(tmp_path / "new"))
    assert code == 0
    for name in (
        "reference.json", "reference.schema.json", "cases.csv", "values.csv", "README.md",
    ):  # fmt: skip
        assert (tmp_path / "new" / name).read_bytes() == (DATA / name).read_bytes()


def test_show_lists_the_cases_and_prints_one():
    code, said = run("show")
    assert code == 0
    assert all(slug in said for slug in TABLE.by_slug)
    code, said = run("show", "level-2.3")
    case = TABLE.by_slug["level-2.3"]
    assert code == 0
    assert all(value.value in said for value in case.values.values())
    assert all(text in said for text in case.hex.values())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "level-2"), "no case 'level-2' in the table; there is level-2.3"),
        (("show", "--table", "nowhere"), "no reference table at nowhere"),
        (("build", "--backend", "quad", "--output", "x"), "--backend 'quad' does not exist"),
        (("build", "--backend", "mpmath", "--case", "weak-*"), "say where it goes with --output"),
        (
            ("build", "--backend", "mpmath", "--case", "none-*", "--output", "x"),
            "--case 'none-*' matches no case",
        ),
        (("build", "--quick"), "--quick goes with --check"),
        (("build", "--check", "--digits", "50"), "--digits cannot go with --check"),
        (("build", "--check", "--output", "nowhere"), "no reference table at nowhere"),
        (("export", "/proc/none"), "'/proc/none' cannot be written"),
    ],
)
def test_bad_input_is_said_in_one_sentence(words, told, tmp_path):
    done = qbval_here("reference", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a reference table"),
        ('{"format": "qbval-reference-table", "version": "0"}', "has version '0'"),
        ('{"format": "qbval-reference-table", "version": "1"}', "does not keep to"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(text, told, tmp_path):
    (tmp_path / "reference.json").write_text(text)
    with pytest.raises(TableError, match=r"reference\.json") as caught:
        load_table(tmp_path)
    assert told in str(caught.value)
    assert "qbval reference build" in str(caught.value)


def test_the_shipped_table_is_read_once():
    assert load_table() is TABLE
    assert load_table(DATA) == TABLE


@pytest.mark.deep
@pytest.mark.parametrize("slug", [case.slug for case in TABLE.cases])
def test_thirty_digits_enclose_what_the_other_backend_finds(slug):
    """Asked for fifteen digits more than the enclosure, what is outside it is a contradiction."""
    case = TABLE.by_slug[slug]
    proven = reference(case.junction, 30, bound_states=case.occupations)
    found = reference(case.junction, 45, bound_states=case.occupations, backend="mpmath")
    assert set(proven) == set(OBSERVABLES)
    assert len(found) >= len(OBSERVABLES) - 1
    for name, value in found.items():
        # Where the gaps ask for it the enclosure is the narrower of the two.
        if value.radius < proven[name].radius:
            assert proven[name].contains(value.mid), name
        assert proven[name].overlaps(value), name
        # The shipped value is the same number, to its forty digits.
        assert case.values[name].enclosure.overlaps(value), name
