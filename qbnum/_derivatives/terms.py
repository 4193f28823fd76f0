"""Values at the nodes that derivatives are made of. May import: numpy, private modules of qbnum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qbnum import _statistics as st
from qbnum._careful import Fillings, Measure, _quieter, _ratio, _relative, _relative_to_scaled
from qbnum._fronts import Fronts
from qbnum._geometry import Points
from qbnum._nodes import Nodes

_LOG1P = 0.5  # below, ln(1 + y) is taken from y


@dataclass(frozen=True)
class Terms:
    """Values at the nodes from which rows and their derivatives are made."""

    omega: Any
    offset: tuple[Any, Any]
    gain: Any
    shares: tuple[Any, Any]
    flux: Any
    leads: tuple[st.Fermi, st.Fermi]
    equilibrium: st.Fermi
    difference: Any  # f_L - f_R
    apart: tuple[Any, Any]  # f_a - f_eq
    f: Any
    f_bar: Any
    scaled: tuple[Any, Any]  # f_eq and 1 - f_eq, lifted

    @classmethod
    def of(cls, points: Points, b: Fronts, nodes: Nodes, measure: Measure | None = None) -> Terms:
        """Return those of some nodes, with what their measure has where it is known."""
        at = nodes.point
        mu, T = points.mu[:, at], points.temperature[:, at]
        mu_eq, T_eq = points.mu_eq[at], points.temperature_eq[at]
        offset = (nodes.offset(b.from_mu[0]), nodes.offset(b.from_mu[1]))
        left, right = (st.Fermi.of(offset[a] / T[a]) for a in range(2))
        offset_eq = nodes.offset(b.from_mu_eq)
        equilibrium = st.Fermi.of(offset_eq / T_eq)
        gain = st.exponent_difference(*offset, mu[0] - mu[1], T[0], T[1])
        from_eq = [
            st.exponent_difference(offset[a], offset_eq, mu[a] - mu_eq, T[a], T_eq)
            for a in range(2)
        ]
        if measure is None:
            w_L, w_R = nodes.shares
            f, f_bar = w_L * left.f + w_R * right.f, w_L * left.f_bar + w_R * right.f_bar
            scaled = equilibrium.f, equilibrium.f_bar
        else:
            f, f_bar = measure.f, measure.f_bar
            scaled = np.exp(measure.log_g), np.exp(measure.log_g_bar)
        return cls(
            omega=nodes.offset(b.reference),
            offset=offset,
            gain=gain,
            shares=nodes.shares,
            flux=nodes.flux,
            leads=(left, right),
            equilibrium=equilibrium,
            difference=st.fermi_difference(left, right, gain),
            apart=(
                st.fermi_difference(left, equilibrium, from_eq[0]),
                st.fermi_difference(right, equilibrium, from_eq[1]),
            ),
            f=f,
            f_bar=f_bar,
            scaled=scaled,
        )


@dataclass(frozen=True)
class Compared:
    """Relative entropies of f to d, f_eq and f_eq d/d_eq, with their logarithms."""

    log_f: tuple[Any, Any]
    exergy: Any  # of f and 1 - f to f_eq
    log_exergy: Any
    entropy_gap: Any
    pull: Any  # ln(f/d) - ln((1-f)/(1-d))
    exergy_gap: tuple[Any, Any]
    log_gap: tuple[Any, Any]
    # What the last two's and the pull's rounding is ulps of.
    gap_size: tuple[Any, Any]
    pull_size: Any

    @classmethod
    def plain(cls, t: Terms, means: Any) -> Compared:
        """Return the gaps by the textbook's forms, given d, 1 - d and the same of d_eq."""
        d, d_bar, e, e_bar = means
        r, r_bar, s, s_bar = (
            t.f / d,
            t.f_bar / d_bar,
            t.equilibrium.f / e,
            t.equilibrium.f_bar / e_bar,
        )
        ln_r, ln_r_bar, ln_s, ln_s_bar = (st.log(z) for z in (r, r_bar, s, s_bar))
        log_gap = ln_r - ln_s, ln_r_bar - ln_s_bar
        return cls(
            log_f=(ln_r + np.log(d), ln_r_bar + np.log(d_bar)),
            exergy=None,
            log_exergy=None,
            entropy_gap=d * (r * ln_r - (r - 1.0)) + d_bar * (r_bar * ln_r_bar - (r_bar - 1.0)),
            pull=ln_r - ln_r_bar,
            exergy_gap=(
                d * (r * log_gap[0] - (r - s)),
                d_bar * (r_bar * log_gap[1] - (r_bar - s_bar)),
            ),
            log_gap=log_gap,
            gap_size=(1.0, 1.0),
            pull_size=2.0,
        )

    @classmethod
    def of(cls, m: Measure, fill: Fillings, f_eq: st.Fermi) -> Compared:
        """Return them, in the forms of `_careful.gap_integrands`."""
        log_f, log_f_bar = st.log_of(m.f, m.f_bar), st.log_of(m.f_bar, m.f)
        log_g, log_g_bar = f_eq.log()
        D = (
            st.divergence(m.f, f_eq.f, m.ratio, log_f - log_g),
            st.divergence(m.f_bar, f_eq.f_bar, m.ratio_bar, log_f_bar - log_g_bar),
        )
        log_exergy = (_log(m.ratio, log_f - log_g), _log(m.ratio_bar, log_f_bar - log_g_bar))
        rare = fill.d < 0.5
        difference = np.where(rare, m.f - fill.d, fill.d_bar - m.f_bar)
        size = np.where(rare, np.abs(m.f) + fill.d, np.abs(m.f_bar) + fill.d_bar)
        moved = m.departures
        quieter = moved.f_size + fill.change_size < size
        size = np.where(quieter, moved.f_size + fill.change_size, size)
        difference = np.where(quieter, moved.f - fill.change, difference)
        entropy = _relative(m.f, fill.d, difference, log_f)
        entropy = entropy + _relative(m.f_bar, fill.d_bar, -difference, log_f_bar)
        pull = _log(_ratio(difference, fill.d), log_f - np.log(fill.d))
        pull = pull - _log(-_ratio(difference, fill.d_bar), log_f_bar - np.log(fill.d_bar))
        far, far_bar = log_f - m.log_g, log_f_bar - m.log_g_bar
        means = fill.lifted_log_ratio, fill.lifted_log_ratio_bar
        near = _quieter(
            (m.ratio, fill.ratio),
            (moved.ratio, fill.ratio_change),
            moved.ratio_size + fill.ratio_change_size,
            (far, means[0]),
        )
        near_bar = _quieter(
            (m.ratio_bar, fill.ratio_bar),
            (moved.ratio_bar, fill.ratio_change_bar),
            moved.ratio_size_bar + fill.ratio_change_size_bar,
            (far_bar, means[1]),
        )
        return cls(
            log_f=(log_f, log_f_bar),
            exergy=D,
            log_exergy=log_exergy,
            entropy_gap=entropy,
            pull=np.where(np.isfinite(pull), pull, 0.0),
            exergy_gap=(
                _relative_to_scaled(m.f, far, means[0], m.log_g, near)[0],
                _relative_to_scaled(m.f_bar, far_bar, means[1], m.log_g_bar, near_bar)[0],
            ),
            log_gap=(
                finite(_log(near[0], far - means[0])),
                finite(_log(near_bar[0], far_bar - means[1])),
            ),
            gap_size=(
                _log_size(near, log_f, m.log_g, means[0]),
                _log_size(near_bar, log_f_bar, m.log_g_bar, means[1]),
            ),
            pull_size=np.minimum(_ratio(size, fill.d) + _ratio(size, fill.d_bar), 2.0),
        )


def finite(values: Any) -> Any:
    return np.where(np.isfinite(values), values, 0.0)


def _log_size(ratio: tuple[Any, Any], *logs: Any) -> Any:
    """Return the size of the terms that `_log` of a ratio and its size, or of logs, is made of."""
    near = np.abs(ratio[0]) < _LOG1P
    return finite(np.where(near, ratio[1], 1.0 + sum(np.abs(log) for log in logs)))


def _log(ratio: Any, direct: Any) -> Any:
    """Return ln(1 + ratio), or where that is no small number ``direct``, which is the same."""
    near = np.abs(ratio) < _LOG1P
    return np.where(near, st.log1p(np.where(near, ratio, 0.0)), direct)
