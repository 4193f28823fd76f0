"""Junctions over the whole domain, drawn on log scales, special values always included."""

from __future__ import annotations

from hypothesis import strategies as st

import qbnum


def log_uniform(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers whose base-10 logarithm is uniform, the ends and 1 included."""
    exponents = st.floats(low, high, allow_subnormal=False)
    ends = st.sampled_from([10.0**low, 10.0**high, *([1.0] if low <= 0 <= high else [])])
    return st.one_of(exponents.map(lambda e: 10.0**e), ends)


signs = st.sampled_from([-1.0, 1.0])
small_steps = st.one_of(
    st.just(0.0), st.tuples(signs, log_uniform(-12, 0.5)).map(lambda pair: pair[0] * pair[1])
)


def fractions_of_band() -> st.SearchStrategy[float]:
    """Positions in units of the half bandwidth: inside, at, next to and beyond the edges."""
    inside = st.floats(-1.0, 1.0, allow_subnormal=False)
    special = st.sampled_from([-1.0, 0.0, 1.0, 0.985])
    at_edge = st.tuples(signs, signs, log_uniform(-15, -1)).map(lambda t: t[0] * (1 + t[1] * t[2]))
    beyond = st.tuples(signs, st.floats(1.0, 1.6)).map(lambda t: t[0] * t[1])
    return st.one_of(inside, special, at_edge, beyond)


@st.composite
def junctions(
    draw: st.DrawFn,
    coupling: tuple[float, float] = (-8, 0.5),
    temperature: tuple[float, float] = (-6, 4),
) -> qbnum.Junction:
    """Any junction: equal or unequal leads, near and far from equilibrium, hot and cold.

    ``coupling`` and ``temperature`` are ranges of the base-10 logarithm, in units of the hopping.
    """
    hopping = draw(log_uniform(-1, 1))
    onsite = draw(st.sampled_from([0.0, 0.3, -1.1]))
    equal = draw(st.booleans())
    v = hopping * draw(log_uniform(*coupling))
    T_eq = hopping * draw(log_uniform(*temperature))
    mu_eq = onsite + 2 * hopping * draw(st.floats(-1.5, 1.5, allow_subnormal=False))
    level = onsite + 2 * hopping * draw(fractions_of_band())

    def reservoir() -> tuple[float, float]:
        mu = mu_eq + T_eq * draw(small_steps) * draw(st.sampled_from([1.0, 10.0]))
        return mu, T_eq * (1 + 0.5 * max(-1.0, min(1.0, draw(small_steps))))

    left = qbnum.Lead(onsite, hopping, v, *reservoir())
    if equal:
        right = qbnum.Lead(onsite, hopping, v, *reservoir())
    else:
        other = hopping * draw(log_uniform(-1, 1))
        centre = onsite + hopping * draw(st.sampled_from([0.0, 0.5, -2.0, 5.0]))
        right = qbnum.Lead(centre, other, other * draw(log_uniform(*coupling)), *reservoir())
    return qbnum.Junction(level, left, right, mu_eq, T_eq)


@st.composite
def equilibrium_junctions(draw: st.DrawFn) -> qbnum.Junction:
    """Junctions whose reservoirs all share one equilibrium."""
    j = draw(junctions())
    leads = [
        qbnum.Lead(lead.onsite, lead.hopping, lead.coupling, j.mu_eq, j.temperature_eq)
        for lead in (j.left, j.right)
    ]
    return qbnum.Junction(j.level, *leads, j.mu_eq, j.temperature_eq)


occupations = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1, allow_subnormal=False))
