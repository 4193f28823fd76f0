"""Identities between observables: sum rule and moments of A, exergy, currents and sigma.

The exergy identity is the paper's Eqs. (2), (13) with the sign of mu (N - N_eq)/T that makes it
true. Each is checked on qbnum's numbers and, where marked so, on the reference's. May import:
everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from mpmath import mp, mpf

import qbnum
from validation.backends.bands import segments
from validation.checks.base import (
    REFUSALS,
    Check,
    Context,
    Row,
    Verdict,
    compare,
    goal,
    refused,
)
from validation.exact import ExactJunction

if TYPE_CHECKING:
    from validation.cases import Case

__all__ = ["CHECKS"]

Values: TypeAlias = Mapping[str, Any]

REFERENCE_SLACK = 1e3
"""An identity on the reference's values may miss by this many units of the digits asked for."""


def _exergy(v: Values, p: Values) -> list[Any]:
    beta, mu = 1 / p["temperature_eq"], p["mu_eq"]
    return [
        beta * v["energy"],
        -beta * v["equilibrium_energy"],
        -beta * mu * v["particle_number"],
        beta * mu * v["equilibrium_particle_number"],
        -v["entropy"],
        v["equilibrium_entropy"],
    ]


def _entropy_production(v: Values, p: Values) -> list[Any]:
    I, J = v["charge_current"], v["energy_current"]
    beta_L, beta_R = 1 / p["left.temperature"], 1 / p["right.temperature"]
    return [beta_L * p["left.mu"] * I, -beta_R * p["right.mu"] * I, -beta_L * J, beta_R * J]


TERMS: dict[str, Callable[[Values, Values], list[Any]]] = {
    "exergy": _exergy,
    "heat_current_left": lambda v, p: [
        v["energy_current"],
        -p["left.mu"] * v["charge_current"],
    ],
    "heat_current_right": lambda v, p: [
        v["energy_current"],
        -p["right.mu"] * v["charge_current"],
    ],
    "entropy_production": _entropy_production,
    "entropy_gap": lambda v, p: [v["two_state_entropy"], -v["entropy"]],
    "exergy_gap": lambda v, p: [v["exergy"], -v["two_state_exergy"]],
}
"""For each observable the terms that must add up to it, in the values and the parameters."""


def _balances(check: str, case: Case, values: Values, tolerance: float) -> Iterator[Row]:
    parameters = {name: mp.mpf(value) for name, value in case.parameters.items()}
    for name, terms_of in TERMS.items():
        try:
            value, terms = values[name], terms_of(values, parameters)
        except REFUSALS as error:
            yield refused(check, case, name, error)
            continue
        # Signed or not, a sum that cancels is judged by the size of its terms.
        total = mp.fsum(terms)
        size = mp.fsum([*map(abs, terms), abs(value)])
        ratio = float(abs(total - value) / size) if size else 0.0
        yield Row(
            check=check,
            case=case.slug,
            group=case.group,
            observable=name,
            verdict=Verdict.AGREED if ratio <= tolerance else Verdict.DISAGREED,
            error=ratio,
            plain=float(abs(total - value) / abs(value)) if value else ratio,
            scaled=ratio,
            tolerance=tolerance,
            value=mp.nstr(value, 20),
            expected=mp.nstr(total, 20),
        )


def _on_qbnum(context: Context) -> Iterator[Row]:
    case, state = context.case, context.state
    with mp.workdps(100):
        values = {name: mp.mpf(float(getattr(state, name))) for name in qbnum.OBSERVABLES}
        yield from _balances("identities", case, values, goal(case.group))


class _Mids(Mapping[str, Any]):
    """The midpoints of a reference; a refused observable raises its refusal."""

    def __init__(self, reference: Mapping[str, Any]) -> None:
        self._reference = reference

    def __getitem__(self, name: str) -> Any:
        return self._reference[name].mid

    def __iter__(self) -> Iterator[str]:
        return iter(self._reference)

    def __len__(self) -> int:
        return len(self._reference)


def _on_reference(context: Context) -> Iterator[Row]:
    case, reference = context.case, context.reference
    tolerance = REFERENCE_SLACK * 10.0**-context.digits
    with mp.workdps(100):
        weights = [state.weight.mid for state in reference.bound_states]
        total = mp.fsum([reference["spectral_weight"].mid, *weights])
        yield compare(
            "reference-identities",
            case,
            "spectral_weight",
            total,
            mp.one,
            tolerance=tolerance,
        )
        yield from _balances("reference-identities", case, _Mids(reference), tolerance)


def _sum_rule(context: Context) -> Iterator[Row]:
    case = context.case
    weight = mpf(context.state.spectral_weight) + mpf(
        float(qbnum.bound_states(case.junction).total_weight)
    )
    yield compare("sum-rule", case, "spectral_weight", weight, mpf(1), tolerance=goal(case.group))


def _moments(context: Context) -> Iterator[Row]:
    case = context.case
    p = case.parameters
    level, v2_L, v2_R = p["level"], p["left.coupling"] ** 2, p["right.coupling"] ** 2
    expected = (
        1.0,
        level,
        level**2 + v2_L + v2_R,
        level**3 + 2 * level * (v2_L + v2_R) + p["left.onsite"] * v2_L + p["right.onsite"] * v2_R,
    )
    energies, weights = _spectrum(case.junction)
    size = float(np.max(np.abs(energies)))
    for n, moment in enumerate(expected):
        terms = weights * (energies / size) ** n
        # energy: the moments change sign, and are judged by the integral of |omega|^n A near 0.
        yield compare(
            "moments",
            case,
            "energy" if n % 2 else "spectral_weight",
            float(np.sum(terms)),
            moment / size**n,
            absolute=float(np.sum(np.abs(terms))),
            tolerance=MOMENTS,
            shown=f"moment {n}, in units of {size:.6g}^{n}: {moment / size**n!r}",
        )


MOMENTS = 1e-11
"""A plain Gauss-Legendre rule on graded panels, in double precision, not qbnum's own."""

PANEL = np.polynomial.legendre.leggauss(20)
DECADES = 9
"""Panels shrink by tenths towards the resonance, down to this many decades of the bandwidth."""


def _spectrum(junction: qbnum.Junction) -> tuple[np.ndarray, np.ndarray]:
    """Return energies and weights that integrate against A, bound states included."""
    energies, weights = [], []
    exact = ExactJunction.from_junction(junction)
    for segment in segments(exact):
        low, high = float(segment.lower), float(segment.upper)
        middle, half = (low + high) / 2, (high - low) / 2
        # omega = middle - half cos k takes the square roots off the edges.
        centre = np.arccos(np.clip((middle - float(junction.level)) / half, -1, 1))
        graded = np.pi * 10.0 ** -np.arange(0, DECADES, 0.5)
        breaks = np.concatenate(
            [[0, np.pi, centre], centre - graded, centre + graded, np.linspace(0, np.pi, 41)]
        )
        breaks = np.unique(breaks[(breaks >= 0) & (breaks <= np.pi)])
        width = np.diff(breaks) / 2
        k = (breaks[:-1] + width)[:, None] + width[:, None] * PANEL[0]
        omega = middle - half * np.cos(k)
        inside = (omega > low) & (omega < high)
        density = np.where(
            inside, qbnum.spectral_function(junction, np.clip(omega, low, high)), 0.0
        )
        energies.append(omega.ravel())
        weights.append((width[:, None] * PANEL[1] * density * half * np.sin(k)).ravel())
    states = qbnum.bound_states(junction)
    energies.append(states.energy.compressed())
    weights.append(states.weight.compressed())
    return np.concatenate(energies), np.concatenate(weights)


def _plain(case: Case) -> bool:
    """Say whether a rule that knows only of the level resolves the junction's A."""
    return case.difficulties <= {
        "smooth",
        "sharp-fermi",
        "two-temperatures",
        "cancellation",
        "tails",
    }


CHECKS = (
    Check(
        name="sum-rule",
        claim="The band's weight and the bound states' weights add up to 1 (after (A5)).",
        tolerance="1e-12 on the paper's cases, 1e-10 elsewhere",
        run=_sum_rule,
        applies=lambda case: True,
    ),
    Check(
        name="moments",
        claim="integral omega^n A and the bound states give <0|H^n|0>, n = 0 to 3.",
        tolerance="1e-11: an independent Gauss-Legendre rule over qbnum.spectral_function",
        run=_moments,
        applies=_plain,
    ),
    Check(
        name="identities",
        claim=(
            "qbnum: X = beta (E - E_eq) - beta mu (N - N_eq) - (S - S_eq); heat currents, sigma "
            "and gaps are the combinations that define them."
        ),
        tolerance="1e-12 (paper), 1e-10 of the sum of the terms' magnitudes, which cancel",
        run=_on_qbnum,
        applies=lambda case: True,
    ),
    Check(
        name="reference-identities",
        claim="The same identities, and the sum rule, between the values of the reference.",
        tolerance="1000 units of the last digit asked for, of the sum of the terms' magnitudes",
        run=_on_reference,
        applies=lambda case: True,
        precise=True,
    ),
)
