"""What the shell completes: names of checks, cases, observables, derivations, figures, claims.

Each function returns names, or names with their meaning, and loads what it needs only then.
May import: everything, inside the functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

__all__ = [
    "completes",
    "forms",
    "formula_forms",
    "names_of_axes",
    "names_of_backends",
    "names_of_cases",
    "names_of_checks",
    "names_of_claims",
    "names_of_errata",
    "names_of_examples",
    "names_of_figures",
    "names_of_formulas",
    "names_of_objectives",
    "names_of_observables",
    "names_of_regimes",
    "names_of_table_cases",
]

Name = str | tuple[str, str]


def completes(
    names: Callable[[], Iterable[Name]] | Iterable[Name], *, listed: bool = False
) -> Callable[[str], list[Name]]:
    """Return a function for Typer's ``autocompletion``.

    Parameters
    ----------
    names : callable or iterable
        The names, each alone or with its meaning.
    listed : bool, optional
        The option takes several, separated by commas: the last one is completed.
    """

    def complete(incomplete: str) -> list[Name]:
        head, comma, _ = incomplete.rpartition(",") if listed else ("", "", "")
        found = []
        for name in names() if callable(names) else names:
            text, meaning = (name, "") if isinstance(name, str) else name
            full = f"{head}{comma}{text}"
            if full.startswith(incomplete):
                found.append((full, meaning) if meaning else full)
        return found

    return complete


def names_of_checks() -> Iterable[Name]:
    """Return the checks of ``qbval run``."""
    from validation.checks import CHECKS

    return [(name, check.claim) for name, check in CHECKS.items()]


def names_of_cases() -> Iterable[Name]:
    """Return the paper's cases and the corners."""
    from validation.cases import corner_cases, paper_cases

    return [(case.slug, case.regime) for case in (*paper_cases(), *corner_cases())]


def names_of_table_cases() -> Iterable[Name]:
    """Return the cases of the shipped reference table."""
    from validation.reference_table import load_table

    return [(case.slug, case.regime) for case in load_table(None).cases]


def names_of_regimes() -> Iterable[Name]:
    """Return the regimes."""
    from validation.cases import REGIMES

    return list(REGIMES.items())


def names_of_observables() -> Iterable[Name]:
    """Return the observables."""
    from validation.references import OBSERVABLES

    return list(OBSERVABLES)


def names_of_objectives() -> Iterable[Name]:
    """Return what ``qbval optimize`` makes large or small."""
    from qbnum.optimize import RATIOS

    return [*names_of_observables(), *RATIOS]


def names_of_axes() -> Iterable[Name]:
    """Return the parameters of a sweep."""
    from validation.cli_options import LEADS, PROTOCOL, option_of

    return [option_of(name).removeprefix("--") for name in (*PROTOCOL, *LEADS)]


def names_of_formulas() -> Iterable[Name]:
    """Return the derivations and the limits."""
    from qbsym import catalogue, limits

    derivations = [(entry.name, entry.statement) for entry in catalogue.derivations()]
    return [*derivations, *((entry.name, entry.statement) for entry in limits.limits())]


def formula_forms() -> Iterable[Name]:
    """Return the forms in which a derivation or a limit is written down."""
    from validation.commands.derive_forms import LIMIT_FORMS

    return list(LIMIT_FORMS)


def names_of_figures() -> Iterable[Name]:
    """Return the paper's figures and their panels."""
    from validation.paper.figures.panels import PANELS

    names = (name for panel in PANELS for name in (str(panel.figure), panel.id))
    return list(dict.fromkeys(names))


def names_of_claims() -> Iterable[Name]:
    """Return the claims of the paper."""
    from validation.paper.claims import claims

    return [(claim.slug, claim.quotation) for claim in claims()]


def names_of_errata() -> Iterable[Name]:
    """Return the errata of the paper."""
    from validation.paper.errata import errata

    return [entry.slug for entry in errata()]


def names_of_examples() -> Iterable[Name]:
    """Return the languages in which there is an example implementation."""
    from validation.commands.conformance import EXAMPLES

    return list(EXAMPLES)


def names_of_backends() -> Iterable[Name]:
    """Return the integrators of the reference."""
    from validation.references import BACKENDS

    return list(BACKENDS)


def forms() -> Iterable[Name]:
    """Return the formats of pictures."""
    from validation.plotting import FORMATS

    return [suffix.removeprefix(".") for suffix in FORMATS]
