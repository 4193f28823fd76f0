"""``qbval derive``: limits by name, as code, as a table with measured orders, as one document."""

import contextlib
import io

import pytest
import typer

from qbsym import limits
from qbsym.proofs import Derivation, identity
from validation import limit_orders
from validation.commands import derive as command
from validation.commands.console import AGREED, BAD_INPUT, DISAGREED


def shown(call, *arguments):
    """Return the exit code and what was printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = call(*arguments)
    return code, printed.getvalue()


def refused(capsys, call, *arguments):
    """Return the message with which bad input is refused."""
    with pytest.raises(typer.Exit) as stop:
        call(*arguments)
    assert stop.value.exit_code == BAD_INPUT
    return capsys.readouterr().err


def of_families(*families):
    return tuple(entry for entry in limits.limits() if entry.family in families)


@pytest.fixture
def small_catalogue(monkeypatch):
    """Two families of limits and two derivations stand for all."""
    entries = of_families("weak_coupling_virtual")
    monkeypatch.setattr(command.limits, "limits", lambda: entries)
    monkeypatch.setattr(command.limits, "families", lambda: ("weak_coupling_virtual",))
    derivations = tuple(
        d for d in command.catalogue.derivations() if d.name in ("dispersion", "pauli")
    )
    assert derivations
    monkeypatch.setattr(command.catalogue, "derivations", lambda: derivations)
    return entries


def test_the_list_names_every_derivation_and_every_family():
    code, printed = shown(command.derive, None, "text")
    assert code == AGREED
    for name in (*limits.families(), *(d.name for d in command.catalogue.derivations())):
        assert name in printed


def test_a_limit_is_shown_with_its_assumptions_its_claim_and_its_formula():
    code, printed = shown(command.derive, "weak_coupling:charge_current", "text")
    assert code == AGREED
    for part in ("weak_coupling:charge_current:1", "assuming", "remainder epsilon^4", "Fermi"):
        assert part in printed
    assert "t₀ =" in printed
    _, second = shown(command.derive, "weak_coupling:charge_current:2", "markdown")
    assert second.startswith("## weak_coupling:charge_current:2")
    assert r"\int" in second
    _, third = shown(command.derive, "weak_coupling:equilibrium_particle_number", "latex")
    assert third.count(r"\[") == third.count(r"\]") == 1


def test_a_limit_is_exported_as_code_under_its_name():
    code, printed = shown(command.derive, "weak_coupling:energy", "c")
    assert code == AGREED
    assert "double weak_coupling_energy(" in printed
    assert printed.startswith("// weak_coupling:energy:1")


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("weak_coupling:ergotropy", "text", "two_state_exergy"),
        ("nowhere:exergy", "text", "weak_coupling"),
        ("weak_coupling:exergy:9", "text", "order 1, 2, not 9"),
        ("weak_coupling:exergy:first", "text", "'first'"),
        ("weak_coupling:exergy:2", "c", "integral"),
        ("self_energy", "c", "a proof"),
        ("self_energy", "html", "javascript"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_can(name, form, said, capsys):
    message = refused(capsys, command.derive, name, form)
    assert said in message
    assert "Traceback" not in message


def test_the_table_shows_what_every_limit_claims(small_catalogue):
    code, printed = shown(command.table_of_limits)
    assert code == AGREED
    assert printed.count("epsilon^6") == len(small_catalogue)
    assert "no spectral_weight, particle_number" in printed


def test_the_table_shows_measured_orders_and_a_wrong_claim_fails(small_catalogue, monkeypatch):
    code, printed = shown(command.table_of_limits, True)
    assert code == AGREED
    assert printed.count("confirmed") == len(small_catalogue) + 1
    assert "measured: all confirmed." in printed
    monkeypatch.setattr(limit_orders, "TOLERANCE", -1.0)
    code, printed = shown(command.table_of_limits, True)
    assert code == DISAGREED
    assert "NOT CONFIRMED" in printed


@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_one_document_holds_every_derivation_and_limit(form, small_catalogue, tmp_path):
    path = tmp_path / "all.txt"
    code, _ = shown(command.document, form, path)
    assert code == AGREED
    text = path.read_text(encoding="utf-8")
    escaped = {"latex": r"weak\_coupling\_virtual", "markdown": "weak_coupling_virtual"}[form]
    assert text.count(f"{escaped}:") >= len(small_catalogue)
    assert "dispersion" in text
    assert "proven" in text
    if form == "latex":
        assert text.startswith(r"\documentclass")
        assert text.count(r"\begin{dmath*}") == text.count(r"\end{dmath*}") > 0
    code, printed = shown(command.document, form, None)
    assert printed == text


def test_a_document_with_a_step_that_fails_says_so(small_catalogue, monkeypatch):
    wrong = Derivation("wrong", "1 = 2.", (), "-", lambda: (identity("one", 1, 2),))
    monkeypatch.setattr(command.catalogue, "derivations", lambda: (wrong,))
    code, printed = shown(command.document, "markdown", None)
    assert code == DISAGREED
    assert "FAILS" in printed


def test_a_document_needs_a_format_for_documents_and_a_directory(capsys, tmp_path):
    assert "latex or markdown" in refused(capsys, command.document, "text", None)
    missing = tmp_path / "no" / "all.md"
    assert "cannot be written" in refused(capsys, command.document, "markdown", missing)


@pytest.mark.parametrize(
    "arguments",
    [["dispersion", "--limits"], ["--measure"], ["-o", "x.md"], ["--all", "--limits"]],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_refused(arguments):
    from typer.testing import CliRunner

    from validation.cli import app

    done = CliRunner().invoke(app, ["derive", *arguments])
    assert done.exit_code == BAD_INPUT
