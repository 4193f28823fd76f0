"""Derivations of the moments of A, and of the weight that the printed Sigma leaves it.

May import: sympy, qbsym.symbols, .greens, .poles, .printed, .proofs, ._catalogue_green.
"""

from __future__ import annotations

from sympy import (
    Expr,
    Integer,
    Matrix,
    Symbol,
    binomial,
    expand,
    limit,
    oo,
    series,
    sqrt,
)

from qbsym import greens
from qbsym import symbols as s
from qbsym._catalogue_green import lead_self_energy
from qbsym.printed import printed_self_energy
from qbsym.proofs import Derivation, Step, fact, identity

__all__ = ["DERIVATIONS"]


def truncated_chain(depth: int = 2) -> Matrix:
    """Return the Hamiltonian (4)-(5) with `depth` sites per lead, the level in the middle."""
    size = 2 * depth + 1
    matrix = Matrix.zeros(size)
    matrix[depth, depth] = s.level
    for lead, step in (("L", -1), ("R", 1)):
        p = s.LEADS[lead]
        for site in range(1, depth + 1):
            here, towards = depth + step * site, depth + step * (site - 1)
            matrix[here, here] = p.onsite
            amplitude = -(p.coupling if site == 1 else p.hopping)
            matrix[here, towards] = matrix[towards, here] = amplitude
    return matrix


def moment_from_chain(order: int) -> Expr:
    """Return <0|H^n|0>, the n-th moment of A with the bound states in it.

    Exact: an electron that returns in n hops reaches no further than n/2 sites.
    """
    depth = order // 2 + 1
    vector = Matrix.zeros(2 * depth + 1, 1)
    vector[depth] = 1
    chain = truncated_chain(depth)
    for _ in range(order):
        vector = (chain * vector).expand()
    return vector[depth]


def moment_from_green(order: int) -> Expr:
    """Return the n-th moment from the expansion of the derived G^r at large omega.

    With u = 1/omega, G^r = u/(1 - q(u)), q = level u + u sum_a v_a^2 g_a, so m_n = sum q_j m_(n-j).
    """
    y = Symbol("y", positive=True)  # 1/x
    surface = greens.surface_green("above").subs(s.x, 1 / y)
    in_y = series(surface, y, 0, order + 2).removeO()
    q = [Integer(0)] * (order + 1)
    if order:
        q[1] = s.level
    for lead in s.LEADS.values():
        for power in range(1, order):
            coefficient = in_y.coeff(y, power).subs(s.hopping, lead.hopping)
            # y^p = u^p/(1 - onsite u)^p = sum_j C(p + j - 1, j) onsite^j u^(p + j)
            for j in range(order - power):
                weight = binomial(power + j - 1, j) * lead.onsite**j
                q[power + j + 1] += lead.coupling**2 * coefficient * weight
    moments = [Integer(1)]
    for n in range(1, order + 1):
        moments.append(expand(sum(q[j] * moments[n - j] for j in range(1, n + 1))))
    return moments[order]


def _moments() -> tuple[Step, ...]:
    v2 = s.coupling_L**2 + s.coupling_R**2
    written = (
        1,
        s.level,
        s.level**2 + v2,
        s.level**3 + 2 * s.level * v2 + s.onsite_L * s.coupling_L**2 + s.onsite_R * s.coupling_R**2,
    )
    steps = []
    for n, value in enumerate((*written, moment_from_chain(4), moment_from_chain(5))):
        from_chain = moment_from_chain(n)
        steps.append(identity(f"<0|H^{n}|0> of the chain.", from_chain, value))
        steps.append(
            identity(
                f"The coefficient of omega^-{n + 1} in G^r is the same.",
                moment_from_green(n),
                from_chain,
            )
        )
    return tuple(steps)


def _printed_weight() -> tuple[Step, ...]:
    sigma = {lead: Symbol(f"Sigma_{lead}") for lead in "LR"}
    ratio = {lead: p.coupling**2 / p.hopping**2 for lead, p in s.LEADS.items()}
    total = 1 + ratio["L"] + ratio["R"]
    printed = (
        s.omega
        - s.level
        - sum(sigma[lead] - ratio[lead] * (s.omega - s.LEADS[lead].onsite) for lead in "LR")
    )
    level = (s.level + sum(ratio[a] * s.LEADS[a].onsite for a in "LR")) / total
    other = s.omega - level - (sigma["L"] + sigma["R"]) / total
    scaled = s.coupling / sqrt(total)
    return (
        *(
            identity(
                f"Sigma_printed = Sigma^r - (v/h)^2 (omega - onsite) for {lead}, {region}.",
                printed_self_energy(lead, region),
                greens.self_energy(lead, region) - ratio[lead] * (s.omega - s.LEADS[lead].onsite),
            )
            for lead in "LR"
            for region in greens.REGIONS
        ),
        identity(
            "So G_printed = G'/(1 + s), s = sum (v/h)^2, with G' the right Green function of "
            "another junction: level' = (level + sum s_a onsite_a)/(1 + s),",
            1 / printed,
            1 / (total * other),
        ),
        identity(
            "v' = v/sqrt(1 + s), whose Sigma is Sigma/(1 + s).",
            lead_self_energy().subs(s.coupling, scaled),
            lead_self_energy() / total,
        ),
        fact(
            "G' ~ 1/omega has spectral weight 1, so the printed form has 1/(1 + s) < 1.",
            1 / total < 1,
            lambda: limit(
                s.omega / printed.subs({sigma["L"]: 0, sigma["R"]: 0}), s.omega, oo
            ).equals(1 / total),
        ),
    )


DERIVATIONS = (
    Derivation(
        "moments",
        "The moments of A (with bound states) are <0|H^n|0>: 1, level, level^2 + v_L^2 + v_R^2.",
        ("moments of A are the coefficients of G^r = sum_n m_n/omega^(n+1)",),
        "after (A5)",
        _moments,
    ),
    Derivation(
        "printed_self_energy_weight",
        "With the printed Sigma the integral of A is 1/(1 + sum_a (v_a/h_a)^2), not 1.",
        ("no bound states",),
        "after (6)",
        _printed_weight,
    ),
)
