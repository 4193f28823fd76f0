"""What is reported of an implementation, and its machine-readable form.

May import: validation.conformance.scoring, .thresholds, .protocol.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from validation.conformance.scoring import Score, Summary, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from validation.conformance.mistakes import Finding
    from validation.conformance.protocol import Failure
    from validation.conformance.thresholds import Requirement
    from validation.reference_table import TableCase

__all__ = ["SCHEMA", "SCHEMA_VERSION", "Report", "as_data"]

SCHEMA = "qbval-conformance"
SCHEMA_VERSION = 1

WORST_SHOWN = 3


@dataclass(frozen=True)
class Report:
    """Everything that is known of one implementation.

    Parameters
    ----------
    source : str
        The program or the file.
    command : str
        What a case's input line is piped into to repeat it; empty for a file.
    options : dict
        What the check was asked for; plain data.
    cases : dict of str to TableCase
        The cases that were scored, by slug.
    scores : tuple of Score
    failures : tuple of Failure
        Cases without an answer, and lines that are none.
    findings : tuple of Finding
        Well-known mistakes that explain what is wrong.
    requirements : tuple of Requirement
    notes : tuple of str
        What the reader should know besides.
    """

    source: str
    command: str
    options: dict[str, Any]
    cases: Mapping[str, TableCase]
    scores: tuple[Score, ...]
    failures: tuple[Failure, ...]
    findings: tuple[Finding, ...]
    requirements: tuple[Requirement, ...]
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether every threshold is met."""
        return all(requirement.met for requirement in self.requirements)

    @cached_property
    def total(self) -> Summary:
        """All scores in one."""
        return summarise(self.scores, lambda s: ())[()]

    @cached_property
    def by_observable(self) -> list[Summary]:
        """One summary for each observable, in the order of the table."""
        return list(summarise(self.scores, lambda s: (s.observable,)).values())

    @cached_property
    def by_regime(self) -> list[Summary]:
        """One summary for each regime, in the order of the table."""
        return list(summarise(self.scores, lambda s: (s.regime,)).values())

    @cached_property
    def by_both(self) -> list[Summary]:
        """One summary for each regime and observable."""
        return list(summarise(self.scores, lambda s: (s.regime, s.observable)).values())

    @cached_property
    def worst(self) -> list[Score]:
        """The few numbers with fewest digits, each of another case."""
        ranked = sorted(
            (s for s in self.scores if s.outcome == "number"), key=lambda s: (s.digits, -s.error)
        )
        once: dict[str, Score] = {}
        for entry in ranked:
            once.setdefault(entry.case, entry)
        return list(once.values())[:WORST_SHOWN]

    @property
    def verdict(self) -> str:
        """One sentence without the verdict's word."""
        total = self.total
        numbers = total.outcomes["number"]
        others = [f"{n} {kind}" for kind, n in total.outcomes.items() if n and kind != "number"]
        return f"{numbers} of {total.count} values at {len(self.cases)} junctions compared" + (
            f"; {', '.join(others)}" if others else ""
        )


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data for JSON; numbers that are not finite are null."""
    data = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "conforms": report.met,
        "source": report.source,
        "options": report.options,
        "requirements": [asdict(requirement) for requirement in report.requirements],
        "mistakes": [asdict(finding) for finding in report.findings],
        "total": _summary(report.total),
        "observables": {s.name[0]: _summary(s) for s in report.by_observable},
        "regimes": {s.name[0]: _summary(s) for s in report.by_regime},
        "cells": [
            {"regime": s.name[0], "observable": s.name[1]} | _summary(s) for s in report.by_both
        ],
        "worst": [asdict(entry) | {"lost": entry.lost} for entry in report.worst],
        "inputs": _inputs_of_worst(report),
        "failures": [asdict(failure) for failure in report.failures],
        "scores": [asdict(entry) | {"lost": entry.lost} for entry in report.scores],
        "notes": list(report.notes),
    }
    found: dict[str, Any] = _finite(data)
    return found


def _inputs_of_worst(report: Report) -> dict[str, Any]:
    """Return the inputs of every case that is the worst of anything."""
    worst = {s.worst.case for s in report.by_both if s.worst} | {s.case for s in report.worst}
    return {
        slug: case.inputs | {"bound_state_occupations": list(case.occupations)}
        for slug, case in report.cases.items()
        if slug in worst
    }


def _summary(summary: Summary) -> dict[str, Any]:
    data = asdict(summary)
    del data["name"]
    worst = summary.worst
    data["worst"] = None if worst is None else {
        "digits": worst.digits, "case": worst.case, "observable": worst.observable
    }  # fmt: skip
    return data


def _finite(value: Any) -> Any:
    """Return plain data in which every float is one that JSON can hold."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
