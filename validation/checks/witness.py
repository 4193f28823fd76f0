"""The microscopic witness against the reference: finite chains in time against Green functions.

The witness knows none of the formulas, so that it also tells which sign of Re Sigma is right
(erratum 2) and what a bound state remembers. May import: everything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf

import qbsym
import validation
from qbsym import symbols
from validation.checks.base import MODEL, Check, Context, Row, Verdict, compare
from validation.exact import ExactJunction
from validation.paper.protocol import REGIMES, battery
from validation.witness import OBSERVABLES, Plateau, agreements, plateau

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sympy import Expr

    from validation.cases import Case

__all__ = ["CHECKS", "particle_number_of"]

WITNESSED = (
    "paper-level-0.2-bias0.1-gradient-0.05",
    "paper-level0.1-bias0.1-gradient-0.05",
    "paper-level0.4-bias0.1-gradient-0.05",
)
"""One point of each regime, driven by both a bias and a gradient; a second of work each."""

TOLERANCE = 1e-10
"""At least ten digits: what the witness is to reach on the paper's parameters."""

BOUND = {"level": 3.0, "coupling": 0.5, "bias": 0.5}
"""A junction with one bound state, well above the band: its plateau is soon reached."""

DIGITS = 20


def _plateau_agrees(context: Context) -> Iterator[Row]:
    found = plateau(context.case.junction)
    for name in OBSERVABLES:
        yield compare(
            "witness",
            context.case,
            name,
            getattr(found, name),
            context.reference[name],
            tolerance=TOLERANCE,
        )
    for name in OBSERVABLES:
        yield _within_estimate("witness", context.case, name, found, context.reference[name])


def _within_estimate(
    check: str, case: Case | None, name: str, found: Plateau, expected: Any, place: str = ""
) -> Row:
    """Return the row that says whether the witness's own error estimate is honest."""
    value, estimate = getattr(found, name), found.error_estimate[name]
    with mp.workdps(40):
        gap = float(abs(mpf(value) - expected.mid))
    honest = gap <= estimate
    return Row(
        check=check,
        case=place or (case.slug if case else MODEL),
        group=case.group if case else MODEL,
        observable=name,
        verdict=Verdict.AGREED if honest else Verdict.DISAGREED,
        # What is judged is honesty, not accuracy: zero is agreement.
        error=0.0 if honest else math.inf,
        tolerance=0.0,
        value=f"error {gap:.2e}",
        expected=f"at most the estimate, {estimate:.2e}",
    )


def particle_number_of(spectral_function: Expr, junction: Any, digits: int = DIGITS) -> Any:
    """Return integral A f_NE over the band for a spectral function of omega and the parameters.

    Parameters
    ----------
    spectral_function : Expr
        `qbsym.spectral_function` or `qbsym.printed_spectral_function`.
    junction : ExactJunction or scalar qbnum.Junction
        With equal bands and couplings, and no bound state.
    digits : int
    """
    exact = ExactJunction.from_junction(junction)
    arguments = (symbols.omega, *symbols.PARAMETERS)
    function = qbsym.lambdify(spectral_function, arguments, "mpmath", variables=1)
    with mp.workdps(digits + 15):
        values = {k: mpf(x.numerator) / x.denominator for k, x in exact.parameters.items()}
        density = function.bind(*values.values())
        onsite, hopping = values["left.onsite"], values["left.hopping"]

        def fermi(omega: Any, side: str) -> Any:
            return 1 / (1 + mp.exp((omega - values[f"{side}.mu"]) / values[f"{side}.temperature"]))

        def integrand(k: Any) -> Any:
            omega = onsite - 2 * hopping * mp.cos(k)
            mean = (fermi(omega, "left") + fermi(omega, "right")) / 2
            return density(omega) * mean * 2 * hopping * mp.sin(k)

        centre = mp.acos((onsite - values["level"]) / (2 * hopping))
        steps = [mpf(2) ** -n for n in range(8)]
        places = {centre + sign * step for step in steps for sign in (-1, 1)} | {centre}
        inner = sorted(k for k in places if 0 < k < mp.pi)
        return mp.quad(integrand, [0, *inner, mp.pi])


def _sign_is_decided(digits: int) -> Iterator[Row]:
    junction = battery(REGIMES["empty"], bias=0.5)
    found = plateau(junction)
    candidates = {
        "derived Sigma": particle_number_of(qbsym.spectral_function(), junction),
        "printed Sigma": particle_number_of(qbsym.printed_spectral_function(), junction),
    }
    judged = agreements(
        found, {name: {"particle_number": float(n)} for name, n in candidates.items()}
    )
    for agreement in judged:
        right = agreement.candidate == "derived Sigma"
        as_claimed = agreement.agrees == right
        yield Row(
            check="witness-sign",
            case=agreement.candidate,
            group=MODEL,
            observable="particle_number",
            verdict=Verdict.AGREED if as_claimed else Verdict.DISAGREED,
            error=0.0 if as_claimed else math.inf,
            tolerance=0.0,
            value=f"{agreement.value!r}, {agreement.digits:.1f} digits of the witness",
            expected=f"{agreement.witness!r} +- {agreement.error:.1e}"
            + ("" if right else ", missed"),
        )


def _memory_is_kept(digits: int) -> Iterator[Row]:
    junction = battery(**BOUND)
    numbers, weight = [], 0.0
    for initial in (0.0, 1.0):
        found = plateau(junction, initial)
        occupations = [state.occupation for state in found.bound_states]
        weight = sum(state.weight**2 for state in found.bound_states)
        expected = validation.reference(
            junction, DIGITS, ["particle_number"], bound_states=occupations
        )
        numbers.append(found.particle_number)
        yield compare(
            "witness-memory",
            None,
            "particle_number",
            found.particle_number,
            expected["particle_number"],
            tolerance=TOLERANCE,
            place=f"level initially {'full' if initial else 'empty'}",
        )
    yield compare(
        "witness-memory",
        None,
        "particle_number",
        numbers[1] - numbers[0],
        weight,
        tolerance=TOLERANCE,
        place="what is remembered is Z^2",
    )


CHECKS = (
    Check(
        name="witness",
        claim=(
            "Two finite chains, propagated in time from Sec. II's decoupled state, settle to the "
            "reference's N, E, currents and entropy production, within the error they estimate."
        ),
        tolerance="1e-10, and the witness's own error estimate",
        run=_plateau_agrees,
        applies=lambda case: case.slug in WITNESSED,
    ),
    Check(
        name="witness-sign",
        claim=(
            "The finite chains' N is that of the derived Sigma, and not that of the printed one."
        ),
        tolerance="the witness's own error estimate",
        run=_sign_is_decided,
        counts_digits=False,
    ),
    Check(
        name="witness-memory",
        claim=(
            "A bound state keeps the occupation of the decoupled initial state: N of the finite "
            "chains is the reference's for it, and N(full) - N(empty) = Z^2."
        ),
        tolerance="1e-10",
        run=_memory_is_kept,
    ),
)
