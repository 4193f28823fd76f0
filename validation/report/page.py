"""The page: one HTML file that needs no network. May import: jinja2, validation.html, .report.

Style and script are part of it; a content security policy forbids everything else, so that nothing
in a record can be run or fetched.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from validation.html import environment
from validation.report import content
from validation.report.digits import CLASSES, heat_map, symbol
from validation.report.limits import TOLERANCE, families
from validation.report.pieces import Refusal
from validation.report.routes import invariants, routes
from validation.versions import versions

__all__ = ["page"]

CERTIFIED = (
    ("paper-level-0.2-bias0.5-gradient0", "full"),
    ("paper-level0.1-bias0.5-gradient0", "resonant"),
    ("paper-level0.4-bias0.5-gradient0", "empty"),
    ("weak-1e-8", "a width below the spacing of doubles"),
)
"""Cases of the reference table that are shown, and what each stands for."""

CERTIFIED_OBSERVABLES = ("particle_number", "entropy", "exergy", "charge_current", "energy_current")

MINUTES_FROM = 120
"""Seconds from which on a duration is given in minutes."""

EXIT_CODES = (
    (0, "all agreed"),
    (1, "a disagreement was found"),
    (2, "bad input"),
    (130, "interrupted"),
)


def page(
    record: Mapping[str, Any], made: Mapping[str, Sequence[Any]], directory: Path, paper: bool
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    record : mapping
        Of a run.
    made : mapping
        Views by stage, as of `validation.report.pieces`.
    directory : Path
        Where it will be: its name is in the command that repeats run and report.
    paper : bool
        Whether errata and claims were asked for.
    """
    rendered = environment("validation.report")
    script = rendered.get_template("script.js").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    views = {
        stage: [view for view in found if not isinstance(view, Refusal)]
        for stage, found in made.items()
    }
    summary, held = content.summary(record), routes(record)
    return rendered.get_template("report.html.j2").render(
        record=record,
        summary=summary,
        took=_duration(record["run"]["seconds"]),
        started=_day(record["run"]["started"]),
        again=f"{summary.command} --report {shlex.quote(directory.name or 'qbval-report')}",
        routes=held,
        by={route["title"]: route for route in held},
        heat=heat_map(record),
        classes=CLASSES,
        worst=content.worst_cases(record),
        failures=list(content.unresolved(record, failed=True)),
        refusals=list(content.unresolved(record, failed=False)),
        invariants=invariants(),
        error_text=content.error_text,
        command_of=content.command_of,
        limits=families(record, dict(views["limits"])),
        order_tolerance=TOLERANCE,
        errata=views["errata"],
        claims=views["claims"],
        verdicts=_counted([claim.verdict for claim in views["claims"]]),
        figures=views["figures"],
        refused=[v for found in made.values() for v in found if isinstance(v, Refusal)],
        certified=_certified(),
        versions=versions(),
        exit_codes=EXIT_CODES,
        paper=paper,
        script=script,
        digest=digest,
    )


def _day(started: str) -> str:
    """Return a time in ISO 8601 as a reader wants it."""
    at = datetime.fromisoformat(started)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < MINUTES_FROM else f"{seconds / 60:.0f} min"


def _counted(verdicts: Sequence[str]) -> dict[str, int]:
    """Return how many claims got each verdict, in the order of the verdicts."""
    from validation.paper.claims import Verdict

    return {str(v): verdicts.count(v) for v in Verdict if v in verdicts}


def _certified() -> dict[str, Any]:
    from validation.reference_table import load_table

    table = load_table()
    return {
        "digits": table.digits,
        "count": len(table.cases),
        "cases": [
            {
                "slug": slug,
                "what": what,
                "values": [
                    (symbol(name), name, table.by_slug[slug].values[name])
                    for name in CERTIFIED_OBSERVABLES
                ],
            }
            for slug, what in CERTIFIED
        ],
    }
