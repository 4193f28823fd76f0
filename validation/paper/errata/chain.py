"""Errata of the chains, Eq. (4) and the dispersion after (6): what each computes.

May import: numpy, scipy, sympy, qbsym, qbnum, validation.paper.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal
from sympy import Eq, Symbol, cos

import qbnum
import qbsym
from qbnum import Junction
from qbsym import printed
from qbsym import symbols as s
from validation.paper.errata import numbers
from validation.paper.errata.entry import Comparison, Consequence, Erratum, Written
from validation.paper.errata.numbers import CLEARLY, DOUBLE
from validation.paper.protocol import BASE, REGIMES, battery
from validation.witness.chain import FiniteJunction, Parameters

__all__ = ["ERRATA"]

EMPTY = battery(REGIMES["empty"], bias=0.5)
"""The off-resonant-empty level at the bias of Figs. 3 and 7."""


# --- The lower end of the chain in (4) -----------------------------------------------------------


def _literal_sigma(omega: Any) -> Any:
    """Return v^2 g of the chain that Eq. (4) prints, with the paper's lead."""
    form = s.coupling**2 * printed.printed_surface_green()
    x, h, v = omega - BASE["onsite"], BASE["hopping"], BASE["coupling"]
    function = qbsym.lambdify(form, (s.omega, s.x, s.hopping, s.coupling))
    return function(omega, x, h, v)


def _boundary_numbers() -> tuple[Comparison, ...]:
    h, v, level = BASE["hopping"], BASE["coupling"], REGIMES["empty"]
    gamma = -2 * float(_literal_sigma(np.array([level])).imag[0])
    right = float(qbnum.broadening(EMPTY.left, level))
    k = (np.arange(numbers.NODES) + 0.5) * np.pi / numbers.NODES
    x = -2 * h * np.cos(k)
    density = -_literal_sigma(x).imag / (np.pi * v**2) * 2 * h * np.sin(k) * np.pi / k.size
    chain = np.diag(np.full(3, -h), 1) + np.diag(np.full(3, -h), -1)
    power = np.linalg.matrix_power(chain, 2)
    return (
        Comparison(
            "<1|H^2|1> of a chain, site 1 its second: by matrix powers, and by the printed g",
            float(power[1, 1]),
            float(density @ x**2),
            tolerance=DOUBLE,
        ),
        Comparison(
            "<0|H^2|0> of the chain that is meant, and the same",
            float(power[0, 0]),
            float(density @ x**2),
            "differs from",
            CLEARLY,
        ),
        Comparison(
            f"Gamma at {level} as printed, over the right one, and (x/h)^2",
            gamma / right,
            ((level - BASE["onsite"]) / h) ** 2,
            tolerance=DOUBLE,
        ),
        Comparison(
            "integral A of the printed chain: a consistent, but another model",
            numbers.direct(EMPTY, _literal_sigma)["spectral_weight"],
            1.0,
            tolerance=DOUBLE,
        ),
    )


@cache
def _boundary_curves() -> dict[str, Any]:
    """Return observables of the off-resonant-empty level over the biases of the figures."""
    values = [
        numbers.direct(battery(REGIMES["empty"], bias=float(bias)), _literal_sigma)
        for bias in numbers.BIASES
    ]
    return {name: np.array([value[name] for value in values]) for name in values[0]}


def _boundary_consequence() -> Consequence:
    moved = numbers.shifts(lambda _: _boundary_curves(), only=("Fig. 5c", "Fig. 12a"))
    return Consequence(
        "Nothing if the self-energy is used, which belongs to chains that begin at k = 0. Taken "
        f"literally, I_Q of Fig. 12a would change by {moved[1].relative:.0%} of its largest value.",
        moved,
    )


# --- c.c. for H.c., Eq. (4) ----------------------------------------------------------------------


def _conjugate_numbers() -> tuple[Comparison, ...]:
    sites, h = 40, BASE["hopping"]
    hop = -h * np.eye(sites, k=1)
    printed = float(np.abs(np.linalg.eigvals(hop + hop.conj())).max())
    right = float(np.abs(np.linalg.eigvals(hop + hop.conj().T)).max())
    return (
        Comparison(
            f"largest |energy| of {sites} sites with c.c., and 0", printed, 0.0, tolerance=DOUBLE
        ),
        Comparison(
            f"largest |energy| of {sites} sites with H.c., and 2h cos(pi/{sites + 1})",
            right,
            2 * h * math.cos(math.pi / (sites + 1)),
            tolerance=DOUBLE,
        ),
    )


def _conjugate_consequence() -> Consequence:
    return Consequence("None: every later formula is that of the Hermitian chain.")


# --- The dispersion after (6) --------------------------------------------------------------------


def _with_printed_dispersion(junction: Junction) -> dict[str, Any]:
    state = qbnum.steady_state(numbers.band_follows(junction))
    return {name: getattr(state, name) for name in qbnum.OBSERVABLES}


def _dispersion_numbers() -> tuple[Comparison, ...]:
    sites = numbers.SITES
    chain = FiniteJunction(Parameters.of(EMPTY), (sites, sites))
    edge = float(eigvalsh_tridiagonal(chain.diagonal, chain.off_diagonal)[-1])
    finite = 2 * BASE["hopping"] * math.cos(math.pi / (sites + 1))
    level = REGIMES["empty"]
    what = f"highest energy of Eqs. (4)-(5), {sites} sites a lead, level {level}"
    # The level adds one site to the chain: the top moves by less than (pi/sites)^3.
    return (
        Comparison(
            f"{what}, and onsite + 2h cos(pi/(sites + 1))",
            edge,
            BASE["onsite"] + finite,
            tolerance=(math.pi / sites) ** 2,
        ),
        Comparison(
            f"{what}, and the printed level + 2h", edge, level + finite, "differs from", CLEARLY
        ),
    )


def _dispersion_consequence() -> Consequence:
    best = numbers.best_level(lambda j: _with_printed_dispersion(j)["exergy"])
    right = numbers.best_level(lambda j: qbnum.steady_state(j).exergy)
    return Consequence(
        f"With the printed dispersion (and the right sign) the exergy's maximum at bias 0.5 moves "
        f"from level {right:.4f} to {best:.4f}: the band's shift of the resonance is lost.",
        numbers.shifts(_with_printed_dispersion),
    )


_wave = Symbol("k_a", real=True)
_level, _onsite, _h = (Symbol(name) for name in ("epsilon_QB", "epsilon_a", "h_a"))

ERRATA = (
    Erratum(
        slug="chain-boundary",
        kind="formula",
        where="Eq. (4)",
        summary="hopping from k = 0 (to a site k = -1) → from k = 1",
        printed=Written(
            "sum_{k=0}^oo [eps_a c_k^dag c_k - h_a (c_(k-1)^dag c_k + c.c.)]",
            r"\sum_{k=0}^{\infty} \varepsilon_a c_k^\dagger c_k - h_a (c_{k-1}^\dagger c_k + c.c.)",
        ),
        right=Written(
            "sum_{k=0}^oo eps_a c_k^dag c_k - h_a sum_{k=1}^oo (c_(k-1)^dag c_k + H.c.)",
            r"\sum_{k=0}^{\infty} \varepsilon_a c_k^\dagger c_k "
            r"- h_a \sum_{k=1}^{\infty} (c_{k-1}^\dagger c_k + \mathrm{H.c.})",
        ),
        why="At k = 0 the sum has c_(-1), a site that does not exist. Read literally it hangs on "
        "site 0, to which Eq. (5) couples the level: then the level touches the second site of the "
        "chain, and Gamma is (x/h)^2 times what the printed self-energy says.",
        proofs=("chain_boundary", "surface_green_function"),
        demonstrate=_boundary_numbers,
        consequence=_boundary_consequence,
    ),
    Erratum(
        slug="hermitian-conjugate",
        kind="formula",
        where="Eq. (4)",
        summary="hopping + c.c. → hopping + H.c.",
        printed=Written("-h_a (c_(k-1)^dag c_k + c.c.)", r"-h_a (c_{k-1}^\dagger c_k + c.c.)"),
        right=Written(
            "-h_a (c_(k-1)^dag c_k + H.c.)", r"-h_a (c_{k-1}^\dagger c_k + \mathrm{H.c.})"
        ),
        why="The partner of an operator is its Hermitian conjugate. Its complex conjugate is the "
        "same real matrix again, and the Hamiltonian would not be Hermitian. (k counts sites.)",
        proofs=("hermitian_hopping",),
        demonstrate=_conjugate_numbers,
        consequence=_conjugate_consequence,
    ),
    Erratum(
        slug="dispersion",
        kind="formula",
        where="after Eq. (6)",
        summary="eps_QB in the dispersion → eps_alpha",
        printed=Eq(s.omega, _level - 2 * _h * cos(_wave), evaluate=False),
        right=Eq(s.omega, _onsite - 2 * _h * cos(_wave), evaluate=False),
        why="The dispersion is that of Eq. (4) in a lead, which knows nothing of the level. With "
        "eps_QB in it the band would follow the level, and no level could lie off its centre.",
        proofs=("dispersion",),
        demonstrate=_dispersion_numbers,
        consequence=_dispersion_consequence,
    ),
)
