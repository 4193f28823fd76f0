"""Identities between observables: sum rule, exergy, currents and sigma.

The exergy identity is the paper's Eqs. (2), (13) with the sign of mu (N - N_eq)/T that makes it
true. Each is checked on qbnum's numbers and, where marked so, on the reference's. May import:
everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from mpmath import mp, mpf

import qbnum
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


CHECKS = (
    Check(
        name="sum-rule",
        claim="The band's weight and the bound states' weights add up to 1 (after (A5)).",
        tolerance="1e-12 on the paper's cases, 1e-10 elsewhere",
        run=_sum_rule,
        applies=lambda case: True,
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
