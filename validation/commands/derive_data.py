"""Derivations and limits as data, for JSON.

May import: sympy, qbsym, .derive_forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from validation.commands.derive_forms import claim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qbsym.limits import Entry
    from qbsym.proofs import Derivation, StepResult
    from validation.limit_orders import Measurement

__all__ = ["derivation_data", "document_data", "limit_data", "listing_data", "table_data"]

VERSION = {"schema_version": 1}


def derivation_data(derivation: Derivation, results: Iterable[StepResult]) -> dict[str, Any]:
    """Return a derivation with what became of each step."""
    steps = [
        {
            "text": step.text,
            "sympy": str(step.equation),
            "latex": sympy.latex(step.equation),
            "proven": result.passed,
            "method": result.method,
        }
        for step, result in zip(derivation.steps, results, strict=True)
    ]
    return {
        "schema": "qbval-derivation",
        **VERSION,
        "name": derivation.name,
        "equation": derivation.equation,
        "statement": derivation.statement,
        "assumptions": [str(assumption) for assumption in derivation.assumptions],
        "steps": steps,
        "proven": all(step["proven"] for step in steps),
    }


def limit_data(entry: Entry) -> dict[str, Any]:
    """Return a limit with its formula, as SymPy and as LaTeX write it."""
    limit = entry.limit
    return {
        "schema": "qbval-limit",
        **VERSION,
        **_claimed(entry),
        "equation": entry.equation,
        "statement": entry.statement,
        "assumptions": [str(assumption) for assumption in limit.assumptions],
        "path": {str(symbol): str(along) for symbol, along in limit.path.items()},
        "rate": None if limit.rate is None else str(limit.rate),
        "derivation": entry.derivation,
        "sympy": str(limit.expression),
        "latex": sympy.latex(limit.expression),
    }


def _named(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "family": entry.family,
        "observable": entry.observable,
        "order": entry.order,
    }


def _claimed(entry: Entry) -> dict[str, Any]:
    return {
        **_named(entry),
        "starts": f"epsilon^{entry.limit.starts}",
        "remainder": claim(entry),
    }


def listing_data(derivations: Iterable[Derivation], entries: Iterable[Entry]) -> dict[str, Any]:
    """Return the names of all derivations and limits."""
    return {
        "schema": "qbval-derivations",
        **VERSION,
        "derivations": [
            {"name": d.name, "equation": d.equation, "statement": d.statement} for d in derivations
        ],
        # Without what they claim: that would derive all of them, for minutes.
        "limits": [_named(entry) | {"statement": entry.statement} for entry in entries],
    }


def table_data(
    entries: Iterable[Entry],
    absent: Iterable[tuple[tuple[str, str], str]],
    measured: dict[str, Measurement],
) -> dict[str, Any]:
    """Return what each limit claims, and what was measured of it if anything was."""
    rows = []
    for entry in entries:
        row = _claimed(entry)
        if measured:
            found = measured[entry.name]
            row["measured"] = {
                "kind": found.kind,
                "value": found.measured,
                "confirmed": found.agreed,
            }
        rows.append(row)
    return {
        "schema": "qbval-limits",
        **VERSION,
        "limits": rows,
        "absent": [
            {"family": family, "observable": name, "reason": reason}
            for (family, name), reason in absent
        ],
    }


def document_data(
    derivations: Iterable[tuple[Derivation, list[StepResult]]], entries: Iterable[Entry]
) -> dict[str, Any]:
    """Return every derivation and limit in full."""
    return {
        "schema": "qbval-document",
        **VERSION,
        "derivations": [derivation_data(d, results) for d, results in derivations],
        "limits": [limit_data(entry) for entry in entries],
    }
