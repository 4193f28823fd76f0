"""Which independent checks catch which seeded mistake.

    python -m tests.strength.wrong_physics [TEXT ...]

plants every mistake of `plants`, makes the checks of the cross-validation, each time in a process
of its own, and writes the table into `wrong_physics.md`. With TEXT only those are planted that have
one of the texts in "layer: name", and nothing is written.

Two checks are independent if they do not compare with the same numbers: `ROUTES`. A check catches a
mistake if a comparison that agrees on the right code disagrees, or raises, on the altered one.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.strength.planting import FORK, ROOT, load_packages, path_of, plant
from tests.strength.plants import PLANTS, Plant, altered

TABLE = ROOT / "tests/strength/wrong_physics.md"

ROUTES: dict[str, tuple[str, ...]] = {
    "certified values": ("observables", "honesty"),
    "other quadrature": ("enclosures",),
    "functions of energy": ("pointwise",),
    "poles in closed form": ("bound-states",),
    "closed forms": ("matsubara",),
    "sum rules": ("sum-rule", "moments"),
    "the level's balance": ("continuity",),
    "identities": ("identities", "reference-identities"),
    "signs and bounds": ("bounds",),
    "symmetries": ("exchange", "particle-hole", "scale", "shift"),
    "equilibrium": ("equilibrium", "onsager"),
    "chains in time": ("witness",),
}
"""Route to the checks of `validation.checks` that take it. Those of one route may err together.
The derivations and the limits are left out: they take minutes."""

GUARD = "own guard"
"""The route of a layer that refuses to answer, since its own sum rule is missed."""

NOT_OF_QBNUM = ("enclosures", "matsubara", "reference-identities", "witness")
"""Checks that do not look at qbnum: they say nothing about a mistake in it."""

OF_QBNUM_ALONE = (
    *(
        "sum-rule",
        "moments",
        "continuity",
        "identities",
        "bounds",
        "exchange",
        "particle-hole",
        "scale",
    ),
    *("shift", "equilibrium", "onsager"),
)
"""Checks that look at nothing else."""

CASES: dict[str, tuple[str, ...]] = {
    "qbnum": (
        "unequal-couplings",
        "three-equilibria",
        "strong-two-bound-states",
        "bias-1e-9",
    ),
    "reference": ("three-equilibria", "strong-two-bound-states"),
    "qbsym": (
        "unequal-couplings",
        "three-equilibria",
        "paper-level0.4-bias0.1-gradient-0.05",
    ),
}
"""Where the checks are made for a mistake in each layer: enough that each mistake shows."""

DIGITS = 20


def _perform(layer: str, sources: dict[str, str], remembered: Path, found: Path) -> None:
    """Make the checks on planted sources; write the routes and checks that caught something.

    For the fast layer the reference's right values, which it has no part in, are remembered.
    """
    plant(sources)
    import validation
    from validation.cases import corner_cases, paper_cases
    from validation.checks import CHECKS, Verdict
    from validation.runner import Task, perform

    if layer == "qbnum" and sources:
        known = pickle.loads(remembered.read_bytes())
        validation.reference = lambda junction, **options: known[repr(junction)]  # type: ignore[assignment]
    cases = {case.slug: case for case in (*corner_cases(), *paper_cases())}
    checks = [name for names in ROUTES.values() for name in names]
    idle = NOT_OF_QBNUM if layer == "qbnum" else OF_QBNUM_ALONE
    checks = [name for name in checks if name not in idle]
    if layer == "qbnum" and sources and "qbnum.spectral" not in sources:
        checks.remove("pointwise")  # it looks at nothing else, and is the dearest
    tasks = []
    for slug in CASES[layer]:
        applying = (CHECKS[n] for n in checks if CHECKS[n].applies is not None)
        names = tuple(c.name for c in applying if c.applies is not None and c.applies(cases[slug]))
        tasks.append(Task(names, DIGITS, cases[slug]))
    rows = [row for task in tasks for row in perform(task)]
    caught = {row.check for row in rows if row.verdict in (Verdict.DISAGREED, Verdict.CRASHED)}
    if any(row.verdict is Verdict.REFUSED for row in rows):
        caught.add(GUARD)
    found.write_text("\n".join(sorted(caught)))
    if layer == "qbnum" and not sources:
        values = {
            repr(cases[slug].junction): validation.reference(
                cases[slug].junction, digits=DIGITS, bound_states=cases[slug].bound_states
            )
            for slug in CASES[layer]
        }
        remembered.write_bytes(pickle.dumps(values))


class Field:
    """Where mistakes are planted, with what the right code makes of the same checks."""

    def __init__(self, directory: Path) -> None:
        load_packages()
        self.remembered, self.found = directory / "remembered", directory / "found"
        self.right: dict[str, frozenset[str]] = {}

    def caught_by(self, plant: Plant) -> frozenset[str]:
        """Return the checks that catch a mistake."""
        if plant.layer not in self.right:
            self.right[plant.layer] = self._checks(plant.layer, {})
        modules = {module for module, _, _ in plant.edits}
        sources = {module: path_of(module).read_text(encoding="utf-8") for module in modules}
        return self._checks(plant.layer, altered(plant, sources)) - self.right[plant.layer]

    def _checks(self, layer: str, sources: dict[str, str]) -> frozenset[str]:
        arguments = layer, sources, self.remembered, self.found
        child = FORK.Process(target=_perform, args=arguments)
        child.start()
        child.join()
        if child.exitcode:
            raise RuntimeError(f"the checks could not be made on {layer}: see the traceback above")
        return frozenset(self.found.read_text().split("\n")) - {""}


def routes_of(checks: Iterable[str]) -> tuple[str, ...]:
    """Return the independent routes that some checks take."""
    caught = set(checks)
    routes = tuple(route for route, names in ROUTES.items() if caught & set(names))
    return (*routes, GUARD) if GUARD in caught else routes


def row(plant: Plant, checks: Iterable[str]) -> str:
    """Return a mistake's row of the table."""
    caught, routes = set(checks), routes_of(checks)
    shown = [
        route if route == GUARD else f"{route} ({', '.join(sorted(caught & set(ROUTES[route])))})"
        for route in routes
    ]
    return f"| {plant.layer} | {plant.name} | {len(routes)} | {'; '.join(shown)} |"


def page(rows: Iterable[str]) -> str:
    """Return the page with the whole table."""
    return "\n".join(
        (
            "# Seeded wrong physics: which checks catch it",
            "",
            "Made by `python -m tests.strength.wrong_physics`, which says what a route is. Two",
            "routes do not compare with the same numbers; each mistake must be caught by two.",
            "",
            "| layer | mistake | routes | which, with the checks |",
            "|---|---|---|---|",
            *rows,
            "",
        )
    )


def main(texts: list[str]) -> None:
    """Plant the mistakes, print their rows, and write the page if none was left out."""
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        field = Field(Path(directory))
        for plant in PLANTS:
            if not texts or any(text in f"{plant.layer}: {plant.name}" for text in texts):
                rows.append(row(plant, field.caught_by(plant)))
                print(rows[-1], flush=True)
    if not texts:
        TABLE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
