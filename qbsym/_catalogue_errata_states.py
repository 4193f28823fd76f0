"""Derivations behind the errata about states: Sec. II, Eqs. (4), (11), App. A.

The direction of time, the hopping's partner, the level's density matrix and energy. Few-site chains
stand for long ones where the algebra does not depend on the length.
May import: sympy, qbsym.symbols, .functions, .proofs, ._catalogue_moments.
"""

from __future__ import annotations

from sympy import (
    Eq,
    I,
    Matrix,
    MatrixSymbol,
    Symbol,
    diff,
    exp,
    eye,
    factorial,
    im,
    kronecker_product,
    zeros,
)

from qbsym import symbols as s
from qbsym._catalogue_moments import truncated_chain
from qbsym.proofs import Derivation, Step, fact, identity, is_zero

__all__ = ["DERIVATIONS"]

SITES = 3
"""The level between the first sites of two leads."""

LEVEL, LEFT, RIGHT = 1, 0, 2
"""Their places in `truncated_chain(1)`."""


def annihilators(count: int) -> list[Matrix]:
    """Return fermionic annihilation operators on the 2^count states of `count` sites.

    Jordan and Wigner; site 0 carries no sign string, so that tracing out the others is plain.
    """
    lower = Matrix([[0, 1], [0, 0]])
    sign = Matrix([[1, 0], [0, -1]])
    found = []
    for site in range(count):
        factors = [sign] * site + [lower] + [eye(2)] * (count - site - 1)
        found.append(Matrix(kronecker_product(*factors)) if count > 1 else lower)
    return found


def _vanishes(matrix: Matrix) -> bool:
    return matrix.expand() == zeros(*matrix.shape)


def _commutator(a: Matrix, b: Matrix) -> Matrix:
    return a * b - b * a


# --- Sec. II: the direction of time --------------------------------------------------------------


def correlations(order: int) -> Matrix:
    """Return C(t) = exp(-iHt) C(0) exp(iHt) to t^order: the level and one site of each lead.

    C_ij = <c_j^dag c_i>; at t = 0 the occupations n_L, n_0, n_R of the decoupled parts.
    """
    chain = truncated_chain(1)
    term = Matrix.diag(*(Symbol(f"n_{name}", real=True) for name in ("L", "0", "R")))
    total = term
    for n in range(1, order + 1):
        term = _commutator(chain, term).expand()
        total = total + (-I * _t) ** n / factorial(n) * term
    return total.expand()


_t = Symbol("t", real=True)


def _time() -> tuple[Step, ...]:
    energy, tau = Symbol("epsilon", real=True), Symbol("tau", positive=True)
    generic = [
        Matrix(SITES, SITES, lambda i, j, n=name: Symbol(f"{n}_{i}{j}", real=True))
        for name in "abc"
    ]
    symmetric, other = (m + m.T for m in generic[:2])
    odd = generic[2] - generic[2].T
    free = truncated_chain(1).subs({s.coupling_L: 0, s.coupling_R: 0})
    initial = Matrix.diag(*(Symbol(f"n_{name}", real=True) for name in ("L", "0", "R")))
    number = correlations(3)[LEVEL, LEVEL]
    current = 2 * s.coupling_L * im(correlations(3)[LEVEL, LEFT])
    H, C = MatrixSymbol("H", SITES, SITES), MatrixSymbol("C", SITES, SITES)
    return (
        identity(
            "The state at time t is exp(-iHt) rho_0 exp(iHt); at t = -tau that is exp(iH tau) "
            "rho_0 exp(-iH tau).",
            exp(-I * energy * _t).subs(_t, -tau),
            exp(I * energy * tau),
        ),
        fact(
            "rho_0 commutes with H_0, so the printed Omega rho_0 Omega^-1, Omega = exp(iH tau) "
            "exp(-iH_0 tau), tau -> +oo, is that state: the far past, not the far future.",
            Eq(H * C - C * H, 0, evaluate=False),
            lambda: _vanishes(_commutator(free, initial)),
        ),
        fact(
            "H is real and symmetric. Its commutator with a symmetric matrix is antisymmetric,",
            Eq((H * C - C * H).T, -(H * C - C * H), evaluate=False),
            lambda: _vanishes(
                _commutator(symmetric, other).T + _commutator(symmetric, other),
            ),
        ),
        fact(
            "and with an antisymmetric one symmetric.",
            Eq((H * C - C * H).T, H * C - C * H, evaluate=False),
            lambda: _vanishes(_commutator(symmetric, odd).T - _commutator(symmetric, odd)),
        ),
        fact(
            "So even orders in t of C(t) are real and symmetric, odd ones imaginary and "
            "antisymmetric: N(-t) = N(t) (here to t^3),",
            Eq(Symbol("N"), number, evaluate=False),
            lambda: is_zero(number - number.subs(_t, -_t)),
        ),
        fact(
            "and the current I = 2 v_L Im <c_L^dag d> is odd: I(-t) = -I(t).",
            Eq(s.I_Q, current, evaluate=False),
            lambda: is_zero(current + current.subs(_t, -_t)) and not is_zero(current),
        ),
        identity(
            "Its start, 2 v_L^2 (n_L - n_0) t: with tau -> -oo the current has the sign of Eq. "
            "(7), from the fuller side.",
            diff(current, _t).subs(_t, 0),
            2 * s.coupling_L**2 * (Symbol("n_L", real=True) - Symbol("n_0", real=True)),
        ),
    )


# --- Eq. (4): c.c. -------------------------------------------------------------------------------


def _conjugate() -> tuple[Step, ...]:
    first, second = annihilators(2)
    hop = first.T * second
    printed = -s.hopping * (hop + hop.conjugate())
    right = -s.hopping * (hop + hop.H)
    energy = Symbol("E")
    return (
        fact(
            "In the basis of occupied sites c_(k-1)^dag c_k is a real matrix: it is its own "
            "complex conjugate.",
            Eq(MatrixSymbol("M", 4, 4), hop, evaluate=False),
            lambda: _vanishes(hop - hop.conjugate()),
        ),
        fact(
            "-h (M + c.c.) = -2h M is not Hermitian,",
            Eq(MatrixSymbol("H", 4, 4), printed, evaluate=False),
            lambda: not _vanishes(printed - printed.H),
        ),
        identity(
            "and nilpotent: no band at all.",
            printed.charpoly(energy).as_expr(),
            energy**4,
        ),
        fact(
            "-h (M + H.c.) is Hermitian.",
            Eq(MatrixSymbol("H", 4, 4), right, evaluate=False),
            lambda: _vanishes(right - right.H),
        ),
        identity(
            "with energies 0, -h, h, 0.",
            right.charpoly(energy).as_expr(),
            energy**2 * (energy - s.hopping) * (energy + s.hopping),
        ),
    )


# --- App. A: the level's density matrix ----------------------------------------------------------


def _many_body() -> tuple[list[Matrix], Matrix, Matrix]:
    """Return d, c_L, c_R, the Hamiltonian (4)-(5) of these three sites, and the total number."""
    d, left, right = modes = annihilators(SITES)
    chain = truncated_chain(1)
    order = (LEVEL, LEFT, RIGHT)
    hamiltonian = zeros(2**SITES)
    for i, a in zip(order, modes, strict=True):
        for j, b in zip(order, modes, strict=True):
            hamiltonian = hamiltonian + chain[i, j] * a.T * b
    number = d.T * d + left.T * left + right.T * right
    return modes, hamiltonian, number


def reduced(state: Matrix) -> Matrix:
    """Return the partial trace over all sites but the first."""
    half = state.rows // 2
    return Matrix(
        2, 2, lambda i, j: state[i * half : (i + 1) * half, :][:, j * half :][:, :half].trace()
    )


def _density_matrix() -> tuple[Step, ...]:
    (d, *_), hamiltonian, number = _many_body()
    size = hamiltonian.rows
    general = Matrix(
        size,
        size,
        lambda i, j: Symbol(f"rho_{i}{j}") if number[i, i] == number[j, j] else 0,
    )
    local = reduced(general)
    occupation = (general * d.T * d).trace()
    p, energy = s.d, Symbol("E")
    return (
        fact(
            "H conserves the number of electrons, and so does rho_0: rho at any time commutes "
            "with it.",
            Eq(Symbol("[H, N]"), 0, evaluate=False),
            lambda: _vanishes(_commutator(hamiltonian, number)),
        ),
        fact(
            "Such a rho has no matrix element between different numbers.",
            Eq(Symbol("[rho, N]"), 0, evaluate=False),
            lambda: _vanishes(_commutator(general, number)),
        ),
        fact(
            "So the trace over the leads leaves no coherence between the empty and the occupied "
            "level,",
            Eq(MatrixSymbol("rho_QB", 2, 2), local, evaluate=False),
            lambda: local[0, 1] == 0 and local[1, 0] == 0,
        ),
        identity(
            "and the occupied level has the weight d = <d^dag d>, at any coupling.",
            local[1, 1],
            occupation,
        ),
        identity(
            "With trace 1 that is (A1), exp(-a n)/(1 + exp(-a)), exp(-a) = d/(1 - d): exact.",
            (p / (1 - p)) / (1 + p / (1 - p)),
            p,
        ),
        identity(
            "Its eigenvalues are 1 - d and d, so its von Neumann entropy is (A4).",
            Matrix.diag(1 - p, p).charpoly(energy).as_expr(),
            (energy - p) * (energy - 1 + p),
        ),
    )


# --- Eq. (11): the energy of the level -----------------------------------------------------------


def _energy() -> tuple[Step, ...]:
    (d, left, right), hamiltonian, _ = _many_body()
    moved = d.T * _commutator(d, hamiltonian)
    hops = s.coupling_L * d.T * left + s.coupling_R * d.T * right
    alone = s.level * d.T * d
    tunnelling = -(hops + hops.T)
    n = MatrixSymbol("n", 8, 8)
    coupling = MatrixSymbol("H_int", 8, 8)
    return (
        fact(
            "omega in the integral of omega A f is i d/dt of d: the operator is d^dag [d, H] = "
            "eps_QB d^dag d - sum_a v_a d^dag c_a0.",
            Eq(MatrixSymbol("E", 8, 8), s.level * n + coupling / 2, evaluate=False),
            lambda: _vanishes(moved - alone + hops),
        ),
        fact(
            "Its Hermitian part is H_QB + H_int/2: Eq. (11) counts half of the coupling energy.",
            Eq(MatrixSymbol("E", 8, 8), s.level * n + coupling / 2, evaluate=False),
            lambda: _vanishes((moved + moved.T) / 2 - alone - tunnelling / 2),
        ),
        identity(
            "Filled throughout, f = 1, it is <0|H|0> = eps_QB, with no coupling energy left.",
            truncated_chain(1)[LEVEL, LEVEL],
            s.level,
        ),
    )


DERIVATIONS = (
    Derivation(
        "moeller_direction",
        "exp(iH tau) exp(-iH_0 tau) with tau -> +oo gives the state of the far past: the same N, "
        "reversed currents; the steady state needs tau -> -oo.",
        ("H real (no magnetic field)", "rho_0 commutes with H_0"),
        "Sec. II",
        _time,
    ),
    Derivation(
        "hermitian_hopping",
        "The hopping's partner is its Hermitian conjugate; with the complex conjugate H is "
        "nilpotent, not Hermitian.",
        (),
        "(4)",
        _conjugate,
    ),
    Derivation(
        "level_density_matrix",
        "The trace of the full density matrix over the leads is diag(1 - d, d) with d = N, at any "
        "coupling: (A1) is exact.",
        ("one spinless level", "rho_0 commutes with the number of electrons"),
        "(A1), (A4)",
        _density_matrix,
    ),
    Derivation(
        "level_energy",
        "integral omega A f is the mean of H_QB + H_int/2.",
        ("no bound states, or their occupations in f",),
        "(11)",
        _energy,
    ),
)
