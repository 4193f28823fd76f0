"""Time of a certified junction beside `mpmath.quad`, and the digits that either gets.

Run: python benchmarks/certified_reference.py [--digits 30]

Three ways to all the integrals of a junction: the certified reference (Arb), the independent one
(mpmath, two rules that must agree), and `mpmath.quad` as one would write it oneself: one call an
observable, in omega, with breakpoints at the band edges, the chemical potentials and around the
level, at ten more digits than are asked for. Times are best of three, in one process, without the
first call's code generation; ratios are from one run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from mpmath import mp, mpf
from rich.console import Console
from rich.table import Table

import validation
from validation.cases import corner_cases
from validation.exact import ExactJunction
from validation.metrics import SIGN_CHANGING
from validation.references import Reference

SLUGS = ("level-1.97", "unequal-couplings", "bias-1e-9", "weak-1e-6", "cold-1e-5", "cold-1e-8")
REPEATS = 3


def entropy(n: mpf) -> mpf:
    """Return the entropy of one state."""
    return -sum(q * mp.log(q) for q in (n, 1 - n) if q > 0)


def relative_entropy(n: mpf, g: mpf) -> mpf:
    """Return the relative entropy of two occupations."""
    return sum(q * mp.log(q / r) for q, r in ((n, g), (1 - n, 1 - g)) if q > 0 and r > 0)


FORMULAS: dict[str, Callable[..., mpf]] = {
    "particle_number": lambda w, A, tau, df, f, g: A * f,
    "energy": lambda w, A, tau, df, f, g: w * A * f,
    "entropy": lambda w, A, tau, df, f, g: A * entropy(f),
    "exergy": lambda w, A, tau, df, f, g: A * relative_entropy(f, g),
    "charge_current": lambda w, A, tau, df, f, g: tau * df / (2 * mp.pi),
    "energy_current": lambda w, A, tau, df, f, g: w * tau * df / (2 * mp.pi),
    "equilibrium_particle_number": lambda w, A, tau, df, f, g: A * g,
    "equilibrium_energy": lambda w, A, tau, df, f, g: w * A * g,
    "equilibrium_entropy": lambda w, A, tau, df, f, g: A * entropy(g),
}
"""The integrands in omega, A, tau, f_L - f_R, f_NE and f_eq."""


class Quad:
    """The textbook formulas in mpmath, for equal bands."""

    def __init__(self, j: ExactJunction) -> None:
        """Take the parameters at the precision in force."""
        self.p = {name: mpf(v.numerator) / v.denominator for name, v in j.parameters.items()}

    def __call__(self, name: str) -> mpf:
        """Integrate one observable."""
        p = self.p
        centre, half = p["left.onsite"], 2 * p["left.hopping"]
        width = sum(p[f"{side}.coupling"] ** 2 / p[f"{side}.hopping"] for side in ("left", "right"))
        inner = [p["left.mu"], p["right.mu"], p["mu_eq"], p["level"]]
        inner += [p["level"] + s * f * width for s in (-1, 1) for f in (1, 10)]
        points = {x for x in inner if centre - half < x < centre + half}
        formula = FORMULAS[name]
        return mp.quad(
            lambda w: formula(w, *self.parts(w)), sorted(points | {centre - half, centre + half})
        )

    def parts(self, w: mpf) -> tuple[mpf, ...]:
        """Return A, tau, f_L - f_R, f_NE and f_eq at an energy."""
        p = self.p
        x = w - p["left.onsite"]
        root = mp.sqrt(abs(4 * p["left.hopping"] ** 2 - x * x))
        squares = [
            (p[f"{side}.coupling"] / p[f"{side}.hopping"]) ** 2 for side in ("left", "right")
        ]
        gamma = [square * root for square in squares]
        green = 1 / (w - p["level"] - sum(squares) / 2 * mp.mpc(x, -root))
        left, right, g = (
            1 / (mp.exp((w - p[mu]) / p[temperature]) + 1)
            for mu, temperature in (
                ("left.mu", "left.temperature"),
                ("right.mu", "right.temperature"),
                ("mu_eq", "temperature_eq"),
            )
        )
        f = (squares[0] * left + squares[1] * right) / sum(squares)
        tau = gamma[0] * gamma[1] * abs(green) ** 2
        return -green.imag / mp.pi, tau, left - right, f, g


def seconds(work: Callable[[], object]) -> float:
    """Return the best time of a few, the first call not counted."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def worst_digits(quad: Quad, certified: Reference) -> float:
    """Return the digits of the worst observable of `mpmath.quad`."""
    worst = mp.inf
    for name in FORMULAS:
        right = certified[name]
        scale = right.absolute_integral if name in SIGN_CHANGING else abs(right.mid)
        error = abs(quad(name) - right.mid) / scale
        worst = min(worst, -mp.log10(error) if error else mp.inf)
    return float(worst)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", type=int, default=30)
    digits = parser.parse_args().digits
    table = Table(title=f"Seconds for a junction, {digits} digits")
    for heading in ("case", "certified", "mpmath", "quad", "quad/certified", "digits of quad"):
        table.add_column(heading, justify="left" if heading == "case" else "right")
    cases = {case.slug: case for case in corner_cases()}
    for slug in SLUGS:
        j = ExactJunction.from_junction(cases[slug].junction)

        def ours(backend: str, j: ExactJunction = j) -> Reference:
            return validation.reference(j, digits, backend=backend)

        certified, independent = (seconds(lambda b=b: ours(b)) for b in ("arb", "mpmath"))
        with mp.workdps(digits + 10):
            quad = Quad(j)
            naive = seconds(lambda quad=quad: [quad(name) for name in FORMULAS])
            reached = worst_digits(quad, ours("arb"))
        table.add_row(
            slug,
            f"{certified:.2f}",
            f"{independent:.2f}",
            f"{naive:.2f}",
            f"{naive / certified:.1f}",
            f"{max(reached, 0):.1f}",
        )
    console = Console()
    console.print(table)
    console.print(
        "certified and mpmath: all 17 observables, to the digits asked. quad: mpmath.quad for 9 of "
        "them; its digits are those of the worst, which it does not know itself."
    )


if __name__ == "__main__":
    main()
