"""Every observable of the model: integrand, prefactor, definition, units, equation number.

Eqs. (7), (8), (10)-(13), (A4)-(A7) and Sec. II. Integrands are written in the abstract symbols of
`qbsym.symbols` (A, tau, f, its complement fbar, ...); `Observable.explicit` takes them down to
omega and the thirteen parameters. May import: sympy, qbsym.symbols, .greens, .functions, .errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sympy import Expr, Integer, log, pi

from qbsym import greens
from qbsym import symbols as s
from qbsym._checks import takes_names
from qbsym.errors import UnknownNameError
from qbsym.functions import FermiDifference, LogFermi, PLogP

__all__ = ["AUXILIARY", "INTEGRALS", "OBSERVABLES", "Observable", "observable"]

OBSERVABLES = (
    "spectral_weight",
    "particle_number",
    "energy",
    "entropy",
    "exergy",
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
    "equilibrium_particle_number",
    "equilibrium_energy",
    "equilibrium_entropy",
    "two_state_entropy",
    "two_state_exergy",
    "entropy_gap",
    "exergy_gap",
)
"""The observables in their fixed order."""

AUXILIARY = ("hole_number", "equilibrium_hole_number")
"""Integrals that the combinations need besides the observables."""

INTEGRALS = (*OBSERVABLES[:13], *AUXILIARY)
"""The names that have an integrand, in the order in which `qbsym.integrands` returns them."""


@dataclass(frozen=True)
class Observable:
    """One observable of the battery or its currents.

    Attributes
    ----------
    name : str
        The code name.
    symbol : str
        How it is written, in LaTeX.
    equation : str
        Where the paper has it.
    kind : "integral" or "combination"
        Whether it is defined by an integral or by other observables.
    integrand : Expr or None
        In the abstract symbols; the value is ``prefactor`` times its integral over omega, over the
        band(s). Some combinations have one as well, free of the combination's cancellation.
    prefactor : Expr
    definition : Expr or None
        A combination in the symbols of the other observables' values.
    units : str
        "1", "energy" or "energy^2", with hbar = e = k_B = 1.
    needs_bound_state_occupation : bool
        Whether a bound state contributes in a way that the steady state does not fix.
    """

    name: str
    symbol: str
    equation: str
    kind: str
    integrand: Any  # Expr or None
    prefactor: Expr
    definition: Any  # Expr or None
    units: str
    needs_bound_state_occupation: bool

    def explicit(self, left: str = "inside", right: str = "inside") -> Expr:
        """Return the integrand in omega and the thirteen parameters.

        Parameters
        ----------
        left, right : "inside", "above" or "below"
            Where omega lies with respect to each lead's band.

        Raises
        ------
        UnknownNameError
            The observable has no integrand, or there is no such region.
        """
        if self.integrand is None:
            raise UnknownNameError(
                f"{self.name} has no integrand: it is the combination {self.definition}"
            )
        return expand_symbols(self.integrand, left, right)


def expand_symbols(expression: Expr, left: str = "inside", right: str = "inside") -> Expr:
    """Return an expression in abstract symbols taken down to omega and the parameters."""
    values = {
        s.A: greens.spectral_function(left, right),
        s.tau: greens.transmission(left, right),
        s.Gamma_L: greens.broadening("L", left),
        s.Gamma_R: greens.broadening("R", right),
        s.f: greens.occupation(left, right),
        s.f_bar: greens.occupation(left, right, holes=True),
        s.f_eq: greens.fermi("eq"),
        s.f_eq_bar: greens.fermi("eq", holes=True),
        s.f_L: greens.fermi("L"),
        s.f_R: greens.fermi("R"),
        s.f_L_bar: greens.fermi("L", holes=True),
        s.f_R_bar: greens.fermi("R", holes=True),
        s.x_L: greens.exponent("L"),
        s.x_R: greens.exponent("R"),
        s.x_eq: greens.exponent("eq"),
    }
    # Where no weight or transmission is left the integrand vanishes, whatever multiplies it.
    for vanishing in (s.A, s.tau):
        if values[vanishing] == 0:
            expression = expression.subs(vanishing, 0)
    return expression.subs(values, simultaneous=True)


def binary_entropy(p: Expr, q: Expr) -> Expr:
    """Return -p ln p - q ln q for a probability p and its complement q."""
    return -PLogP(p, q) - PLogP(q, p)


def relative_entropy(p: Expr, q: Expr, log_p0: Expr, log_q0: Expr) -> Expr:
    """Return p ln(p/p0) + q ln(q/q0), given the logarithms of p0 and q0 = 1 - p0."""
    return PLogP(p, q) + PLogP(q, p) - p * log_p0 - q * log_q0


@cache
def _table() -> dict[str, Observable]:
    difference = FermiDifference(s.x_L, s.x_R)
    landauer = 1 / (2 * pi)
    per_state = binary_entropy(s.f, s.f_bar)
    per_state_eq = -s.f_eq * LogFermi(s.x_eq) - s.f_eq_bar * LogFermi(-s.x_eq)
    relative = relative_entropy(s.f, s.f_bar, LogFermi(s.x_eq), LogFermi(-s.x_eq))
    two_state = -s.d * log(s.d) - s.d_bar * log(s.d_bar)
    two_state_relative = s.d * log(s.d / s.d_eq) + s.d_bar * log(s.d_bar / s.d_eq_bar)
    beta_L, beta_R = 1 / s.temperature_L, 1 / s.temperature_R
    produced = (beta_L * s.mu_L - beta_R * s.mu_R) * s.I_Q - (beta_L - beta_R) * s.J_E

    def integral(
        name: str,
        symbol: str,
        equation: str,
        integrand: Expr,
        units: str = "1",
        prefactor: Expr = Integer(1),  # noqa: B008 - immutable
    ) -> Observable:
        occupied = name not in ("spectral_weight",) and prefactor == 1
        return Observable(
            name, symbol, equation, "integral", integrand, prefactor, None, units, occupied
        )

    def combination(
        name: str,
        symbol: str,
        equation: str,
        definition: Expr,
        units: str = "1",
        integrand: Expr | None = None,
    ) -> Observable:
        prefactor = Integer(1) if integrand is None else landauer
        return Observable(
            name,
            symbol,
            equation,
            "combination",
            integrand,
            prefactor,
            definition,
            units,
            integrand is None,
        )

    entries = (
        integral("spectral_weight", r"\int A", "after (A5)", s.A),
        integral("particle_number", "N", "(10)", s.A * s.f),
        integral("energy", "E", "(11)", s.omega * s.A * s.f, "energy"),
        integral("entropy", "S", "(12)", s.A * per_state),
        integral("exergy", "X", "(13)", s.A * relative),
        integral("charge_current", "I_Q", "(7)", s.tau * difference, "energy", landauer),
        integral(
            "energy_current", "J_E", "(8)", s.omega * s.tau * difference, "energy^2", landauer
        ),
        combination(
            "heat_current_left",
            r"J_H^L",
            "after (8)",
            s.J_E - s.mu_L * s.I_Q,
            "energy^2",
            (s.omega - s.mu_L) * s.tau * difference,
        ),
        combination(
            "heat_current_right",
            r"J_H^R",
            "after (8)",
            s.J_E - s.mu_R * s.I_Q,
            "energy^2",
            (s.omega - s.mu_R) * s.tau * difference,
        ),
        combination(
            "entropy_production",
            r"\sigma",
            "Sec. II",
            produced,
            "energy",
            s.tau * difference * (s.x_R - s.x_L),
        ),
        integral("equilibrium_particle_number", "d_{eq}", "(10), Fig. 2", s.A * s.f_eq),
        integral("equilibrium_energy", "E_{eq}", "(11), Fig. 2", s.omega * s.A * s.f_eq, "energy"),
        integral("equilibrium_entropy", "S_{eq}", "(12), Fig. 2", s.A * per_state_eq),
        combination("two_state_entropy", "S_2", "(A4)", two_state),
        combination("two_state_exergy", "X_2", "(A5)", two_state_relative),
        combination("entropy_gap", "S_2 - S", "(A6), (A7)", s.S_two - s.S),
        combination("exergy_gap", "X - X_2", "(A6), (A7)", s.X - s.X_two),
        integral("hole_number", r"\bar{N}", "(10)", s.A * s.f_bar),
        integral("equilibrium_hole_number", r"\bar{d}_{eq}", "(10)", s.A * s.f_eq_bar),
    )
    return {entry.name: entry for entry in entries}


@takes_names
def observable(name: str) -> Observable:
    """Return the observable (or auxiliary integral) of this name.

    Raises
    ------
    UnknownNameError
        Not one of `OBSERVABLES` or `AUXILIARY`.
    """
    try:
        return _table()[name]
    except KeyError:
        known = ", ".join((*OBSERVABLES, *AUXILIARY))
        raise UnknownNameError(f"no observable {name!r}; there are {known}") from None
