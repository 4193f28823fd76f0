"""Derivations of the exact symmetries of Eqs. (7)-(13), sign by sign, on the explicit integrands.

A transformation maps the thirteen parameters and omega; with omega' as the new variable of
integration each integrand goes over into a combination of others. May import: sympy,
qbsym.symbols, .functions, .greens, .observables, .proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sympy import Expr, Rational, Symbol, expand, factor, together

from qbsym import symbols as s
from qbsym.functions import Fermi, FermiDifference, LogFermi, PLogP
from qbsym.observables import INTEGRALS, expand_symbols, observable
from qbsym.proofs import Derivation, Step, identity

__all__ = ["DERIVATIONS", "transformed"]

_ENERGIES = (s.omega, s.level, s.onsite_L, s.onsite_R, s.mu_L, s.mu_R, s.mu_eq)
_SCALES = (
    s.hopping_L,
    s.hopping_R,
    s.coupling_L,
    s.coupling_R,
    s.temperature_L,
    s.temperature_R,
    s.temperature_eq,
)
shift = Symbol("c", real=True)
scale = Symbol("lambda", positive=True)

PARTICLE_HOLE = {e: -e for e in _ENERGIES}
SHIFT = {e: e + shift for e in _ENERGIES}
SCALE = {p: scale * p for p in (*_ENERGIES, *_SCALES)}
EXCHANGE = {
    old: new
    for a, b in (("L", "R"), ("R", "L"))
    for old, new in zip(vars(s.LEADS[a]).values(), vars(s.LEADS[b]).values(), strict=True)
}


def transformed(expression: Expr, mapping: Mapping[Symbol, Expr]) -> Expr:
    """Return an expression under a transformation, its parts in canonical form."""
    return canonical(expression.subs(mapping, simultaneous=True))


def canonical(expression: Expr) -> Expr:
    """Return an expression in which equal arguments of functions and roots look equal."""
    tidy: Callable[[Expr], Expr] = lambda a: factor(together(expand(a)))  # noqa: E731
    result = expression.replace(
        lambda e: e.is_Pow and e.exp == Rational(1, 2), lambda e: tidy(e.base) ** e.exp
    )
    result = result.replace(Fermi, lambda a: Fermi(tidy(a)))
    result = result.replace(LogFermi, lambda a: LogFermi(tidy(a)))
    result = result.replace(FermiDifference, lambda a, b: Fermi(tidy(a)) - Fermi(tidy(b)))
    return result.replace(PLogP, lambda p, q: PLogP(tidy(p), tidy(q)))


PIECES = (
    s.A,
    s.tau,
    s.f,
    s.f_bar,
    s.f_eq,
    s.f_eq_bar,
    s.x_L,
    s.x_R,
    s.x_eq,
)
"""What the integrands are made of, besides omega and the chemical potentials."""


def _symmetry(
    mapping: Mapping[Symbol, Expr],
    pieces: Mapping[Symbol, Expr],
    images: Mapping[str, Expr],
    jacobian: Expr,
) -> tuple[Step, ...]:
    """Return the steps: what becomes of each piece, and from it of each integrand."""
    steps = [
        identity(
            f"{piece} -> {pieces.get(piece, piece)}",
            transformed(expand_symbols(piece), mapping),
            canonical(expand_symbols(pieces.get(piece, piece))),
        )
        for piece in PIECES
    ]
    replaced = {**mapping, **pieces}
    for name in INTEGRALS:
        before = observable(name).integrand.subs(replaced, simultaneous=True) * jacobian
        after = images.get(name, value(name)).subs(_values(), simultaneous=True)
        steps.append(
            identity(f"{name} -> {images.get(name, name)}", canonical(before), canonical(after))
        )
    return tuple(steps)


def _values() -> dict[Symbol, Expr]:
    return {value(name): observable(name).integrand for name in INTEGRALS}


def value(name: str) -> Symbol:
    """Return the symbol that stands for an observable's value in an image."""
    return Symbol(name, real=True)


def _particle_hole() -> tuple[Step, ...]:
    v = value
    images = {
        "particle_number": v("hole_number"),
        "hole_number": v("particle_number"),
        "equilibrium_particle_number": v("equilibrium_hole_number"),
        "equilibrium_hole_number": v("equilibrium_particle_number"),
        "energy": -s.omega * v("hole_number"),
        "equilibrium_energy": -s.omega * v("equilibrium_hole_number"),
        "charge_current": -v("charge_current"),
    }
    pieces = {
        s.f: s.f_bar,
        s.f_bar: s.f,
        s.f_eq: s.f_eq_bar,
        s.f_eq_bar: s.f_eq,
        **{x: -x for x in (s.x_L, s.x_R, s.x_eq)},
    }
    steps = _symmetry(PARTICLE_HOLE, pieces, images, Rational(1))
    # omega A fbar = omega A - omega A f; the integral of omega A is the first moment, the level.
    A, holes, first = s.A, s.f_bar, s.omega * s.A
    return (
        *steps,
        identity(
            "energy: -omega A fbar = omega A f - omega A, so E -> E - level (first moment).",
            (-s.omega * A * holes).subs(s.f_bar, 1 - s.f),
            s.omega * A * s.f - first,
        ),
    )


def _exchange() -> tuple[Step, ...]:
    v = value
    images = {
        "charge_current": -v("charge_current"),
        "energy_current": -v("energy_current"),
        "heat_current_left": -v("heat_current_right"),
        "heat_current_right": -v("heat_current_left"),
    }
    return _symmetry(EXCHANGE, {s.x_L: s.x_R, s.x_R: s.x_L}, images, Rational(1))


def _shift() -> tuple[Step, ...]:
    v = value
    images = {
        "energy": v("energy") + shift * v("particle_number"),
        "equilibrium_energy": v("equilibrium_energy") + shift * v("equilibrium_particle_number"),
        "energy_current": v("energy_current") + shift * v("charge_current"),
    }
    return _symmetry(SHIFT, {}, images, Rational(1))


def _scale() -> tuple[Step, ...]:
    power = {"1": 0, "energy": 1, "energy^2": 2}
    images = {name: scale ** power[observable(name).units] * value(name) for name in INTEGRALS}
    return _symmetry(SCALE, {s.A: s.A / scale}, images, scale)


DERIVATIONS = (
    Derivation(
        "particle_hole",
        "Reflecting all energies about 0: N -> 1 - N, E -> E - level, I -> -I; S, X, J, both heat "
        "currents and sigma stay.",
        ("spectral weight 1 for N and E",),
        "(7)-(13)",
        _particle_hole,
    ),
    Derivation(
        "exchange",
        "Exchanging L and R: I -> -I, J -> -J, J_H^L <-> -J_H^R; the rest stays.",
        (),
        "(7)-(13)",
        _exchange,
    ),
    Derivation(
        "shift",
        "Raising all energies by c: E -> E + c N, J -> J + c I; the rest stays.",
        (),
        "(7)-(13)",
        _shift,
    ),
    Derivation(
        "scale",
        "Scaling all energies by lambda > 0: E, I, sigma scale with lambda, J and the heat "
        "currents with lambda^2; N, S, X stay.",
        (),
        "(7)-(13)",
        _scale,
    ),
)
