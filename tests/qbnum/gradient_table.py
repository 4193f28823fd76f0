"""Reference derivatives of the corners, as a table: minutes to compute, so stored beside.

``python -m tests.qbnum.gradient_table`` computes it anew.
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from validation.cases import Case, corner_cases, paper_cases
from validation.gradients import reference_gradient

PATH = Path(__file__).parent / "gradient_table.json"
DIGITS = 12
OCCUPATION = 0.3  # of every bound state
PAPER = "paper-level-0.2-bias0.1-gradient0"
CORNERS = ("weak-1e-8", "cold-1e-5", "bias-1e-9", "level-2.3")
CHOSEN = ("level", "left.coupling", "right.mu", "temperature_eq")  # parameters, of the corners

Table = dict[str, dict[tuple[str, str], tuple[float, float]]]


def cases() -> list[Case]:
    """Return the table's cases: one of the paper's, and corners."""
    return [case for case in (*paper_cases(), *corner_cases()) if case.slug in (PAPER, *CORNERS)]


def load() -> Table:
    """Return each case's derivatives and radii by (observable, parameter)."""
    stored = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        slug: {tuple(key.split(" ")): tuple(value) for key, value in row.items()}
        for slug, row in stored.items()
    }


def compute(case: Case) -> dict[str, tuple[float, float]]:
    """Return a case's row; a derivative that the reference refuses is left out."""
    parameters = None if case.slug == PAPER else CHOSEN
    found = reference_gradient(
        case.junction, DIGITS, bound_states=OCCUPATION, parameters=parameters
    )
    return {" ".join(key): (float(d.mid), float(d.radius)) for key, d in found.items()}


def main() -> None:
    """Write the table, case by case."""
    rows: dict[str, dict[str, tuple[float, float]]] = {}
    with ProcessPoolExecutor(2) as pool:
        running = {pool.submit(compute, case): case.slug for case in cases()}
        for done in as_completed(running):
            rows[running[done]] = done.result()
            print(running[done], len(rows[running[done]]), flush=True)
            lines = (f"{json.dumps(slug)}: {json.dumps(rows[slug])}" for slug in sorted(rows))
            PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
