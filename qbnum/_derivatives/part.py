"""Sums over the moving nodes of some junctions.

With w the measure A d omega of a node and phi a row of the integrals,

    d sum(w phi) = sum w [(ln w)' (phi - c) + phi'] + c d sum(w)

for any constant c: the sum of the weights obeys the sum rule, whose derivative is known, so c, the
average of phi, takes the large part out. May import: numpy, private modules of qbnum.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum import _statistics as st
from qbnum._adaptive import _bound_terms, _fillings
from qbnum._careful import INTEGRALS, Context, Lifts, first_pass
from qbnum._centre import Centre
from qbnum._derivatives.bound import Pairs, add_states, per_direction, weights_of
from qbnum._derivatives.motion import MovingSpectrum
from qbnum._derivatives.moved import Moved
from qbnum._derivatives.rows import CURRENTS, SCALED, rows
from qbnum._derivatives.states import MovingStates
from qbnum._derivatives.terms import Compared, Terms
from qbnum._derivatives.velocities import Velocities
from qbnum._fronts import fronts
from qbnum._geometry import Points
from qbnum._nodes import Nodes, panel_nodes, pole_nodes
from qbnum._panels import graded
from qbnum._results import RESULTS, Filling, Integrals
from qbnum._spectrum import spectrum
from qbnum._sums import per_point, pole_values

Array: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.intp]

_BLOCK = 2048  # panels x directions evaluated together, and at least
_LEAST_BLOCK = 32
_ULPS = 0.1  # of a row at a node, as a share of what an estimate allows for the sum
_RATE_ULPS = 0.03  # of the velocity of a weight's logarithm, likewise
_NO_BAND = 1e-16
# A derivative has double poles where the integrand has simple ones: rho = 4 instead of 3.2.
_STRICTNESS = 1.2


class Part:
    """Some points of a chunk, all plain or all not, and what is known of their derivatives."""

    def __init__(
        self, points: Points, v: Velocities, occupation: Array, names: frozenset[str]
    ) -> None:
        self.points, self.v, self.occupation, self.names = points, v, occupation, names
        self.k, self.n = v.level.shape
        self.where = spectrum(points)
        self.b = fronts(points, self.where)
        self.moving = MovingSpectrum.of(points, v, self.where)
        self.motion = self.moving.motion(self.b, v, self.where)
        self.panels = graded(self.where, self.b, _STRICTNESS)
        self.at_poles, self.pole = pole_nodes(points, self.where)
        weights = self.moving.pole_weights(self.where, self.b, self.motion, self.panels)
        self.M, self.moved_M = weights
        self.states = MovingStates.of(points, v, self.where)
        self.loss = -per_direction(self.states.point, self.states.weight, self.n)
        self.counted = np.zeros(self.n)  # the integral of A (f - base)
        self.out: Pairs = {
            name: (np.zeros((self.k, self.n)), np.zeros((self.k, self.n)))
            for name in (*names, "spectral_weight")
        }

    def integrate_plainly(self, done: Integrals, at: Index) -> None:
        """Sum over the nodes, for points whose integrals are ``done``."""
        self.value = dict(zip(RESULTS, done.value[:, at], strict=True))
        self.bound = dict.fromkeys(RESULTS, 0.0)
        self.filling = Filling(*(array[at] for array in done.filling))
        e = [self.value[f"equilibrium_{kind}_number"] for kind in ("particle", "hole")]
        means = np.stack([self.filling.d, self.filling.d_bar, *e])

        def comparison(terms: Terms, at: Index) -> Compared | None:
            return Compared.plain(terms, means[:, at]) if self.names - {*CURRENTS} else None

        for block in self._blocks():
            nodes = self._nodes(block)
            terms = Terms.of(self.points, self.b, nodes)
            self._add(nodes, terms, comparison(terms, nodes.point), self._moved(nodes))
        terms = Terms.of(self.points, self.at_poles, self.pole)
        self._add_poles(terms, comparison(terms, self.pole.point))

    def integrate_carefully(self) -> None:
        """Sum over the nodes, for any points."""
        points, where, n = self.points, self.where, self.n
        lifts, centre = Lifts.of(points, where), Centre.of(points, where)
        self.bound_rows, bound_sizes, self.bound_measure = _bound_terms(
            points, where, self.occupation, lifts, centre
        )
        context = Context.of(points, where, self.b, lifts, centre)
        measures = []
        value, sizes = np.zeros((len(INTEGRALS), n)), np.zeros((3, n))
        for block in self._blocks():
            nodes = self._nodes(block)
            rows_, row_sizes, measure = first_pass(context, nodes)
            measures.append(measure)
            for total, added in ((value, rows_), (sizes, row_sizes)):
                for mine, row in zip(total, added, strict=True):
                    mine += per_point(nodes.point, np.einsum("ij,ij->j", nodes.weight, row), n)
        context = Context.of(points, where, self.at_poles, lifts, centre)
        rows_, row_sizes, pole_measure = first_pass(context, self.pole)
        at = self.pole.point
        for mine, row in zip(value, rows_, strict=True):
            mine += per_point(at, pole_values(self.M, row)[0], n)
        for mine, row in zip(sizes, row_sizes, strict=True):
            mine += per_point(at, np.abs(self.M) / np.pi * row[0], n)
        fill = _fillings(value, self.bound_rows, sizes + bound_sizes, lifts)
        self.fill = fill
        self.filling = Filling(*(getattr(fill, name) for name in Filling._fields))
        self.value = dict(zip(INTEGRALS, value, strict=True))
        self.bound = dict(zip(INTEGRALS, self.bound_rows, strict=True))
        for block, measure in zip(self._blocks(), measures, strict=True):
            nodes = self._nodes(block)
            terms = Terms.of(points, self.b, nodes, measure)
            compared = Compared.of(measure, fill.take(nodes.point), terms.equilibrium)
            self._add(nodes, terms, compared, self._moved(nodes))
        terms = Terms.of(points, self.at_poles, self.pole, pole_measure)
        self._add_poles(terms, Compared.of(pole_measure, fill.take(at), terms.equilibrium))

    def complete(self, change: Array, band_only: bool, at_level: bool) -> None:
        """Add bound states, and what is made of the integrals, given that of |f - f_eq|."""
        self.change_size = change
        lost = per_direction(self.states.point, self.states.weight_size, self.n)
        self.out["spectral_weight"] = self.loss, lost
        for name, (change, size) in self.out.items():
            if name != "spectral_weight":
                mean = self._mean(name)
                self.out[name] = change + mean * self.loss, size + np.abs(mean) * lost
        states, where = self.states, self.where
        if states.point.size and not band_only and self.names - {*CURRENTS}:
            add_states(
                *(self.points, self.v, where, states, self.occupation),
                *(self.bound_measure, self.fill, self.out),
            )
        # What the rows with f - base for f left out: bands of the first moment eps_QB less the
        # bound states' part.
        energy = where.states.energy.value()[states.point, states.slot]
        moment = self.v.level - per_direction(
            states.point, states.weight * energy + weights_of(where, states) * states.energy, self.n
        )
        far = per_direction(states.point, states.weight_size * np.abs(energy), self.n)
        for kind, base in (("", self._base), ("equilibrium_", self._base_eq)):
            for part, whole, least in (
                ("particle_number", self.loss, lost),
                ("energy", moment, np.abs(moment) + far),
            ):
                if kind + part in self.out:
                    change, size = self.out[kind + part]
                    self.out[kind + part] = change + base * whole, size + base * least
        pull = st.log_of(self.filling.d, self.filling.d_bar)
        pull = pull - st.log_of(self.filling.d_bar, self.filling.d)
        even = (self._base == 0.5) & ~where.states.present.any(axis=1)
        pull = np.where(even, 2 * np.arctanh(np.where(even, 2 * self.counted, 0.0)), pull)
        self._two_state(pull)
        if at_level:
            self._two_state_at_level(pull)
        if "exergy" not in self.out and "exergy_gap" in self.out and "two_state_exergy" in self.out:
            parts = self.out["two_state_exergy"], self.out["exergy_gap"]
            self.out["exergy"] = parts[0][0] + parts[1][0], parts[0][1] + parts[1][1]

    def _two_state(self, pull: Array) -> None:
        """Add the derivatives of Eqs. (A4) and (A5), functions of d and d_eq.

        ``pull`` is ln d/(1-d).
        """
        out, fill = self.out, self.filling
        if "particle_number" not in out:
            return
        moved, size = out["particle_number"]
        noise = _ULPS * (self._base == 0.5)
        out["two_state_entropy"] = -pull * moved, (np.abs(pull) + noise) * size
        if "particle_number_change" not in out:
            return
        change, change_size = out["particle_number_change"]
        e, e_bar = self._equilibrium
        total, sizes = np.zeros((2, self.k, self.n))
        for sign, d, own, ratio, log, (rate, rate_size) in (
            (1.0, fill.d, e, fill.ratio, fill.log_ratio, self._log_rate(0)),
            (-1.0, fill.d_bar, e_bar, fill.ratio_bar, fill.log_ratio_bar, self._log_rate(1)),
        ):
            # d ln(d/e) - d + e, from the change of d/e where that is near 1.
            near = np.abs(ratio) < 0.5
            log = np.where(np.isfinite(log), log, 0.0)
            by_rate = np.where(near, st.divergence(d, own, ratio, log), own - d)
            ratio = np.where(near, ratio, 0.0)
            by_rate = by_rate - np.where(near, log * ratio * own, 0.0)
            total = total + by_rate * rate + sign * log * np.where(near, change, moved)
            sizes = sizes + np.abs(by_rate) * rate_size
            noise = _ULPS * self.change_size / own  # of a small ln(d/e)
            log = np.abs(log) + np.where(near, noise, 0.0)
            sizes = sizes + log * np.where(near, change_size, size)
        out["two_state_exergy"] = total, sizes

    def _log_rate(self, kind: int) -> tuple[Array, Array]:
        """Return the velocity of ln d_eq, or of ln(1 - d_eq), and its size."""
        if SCALED[kind] in self.out:
            moved, size = self.out[SCALED[kind]]
            value = self.value[SCALED[kind]] + self.bound[SCALED[kind]]
        else:
            moved, size = self.out["equilibrium_particle_number"]
            value = self._equilibrium[kind]
            moved = moved if kind == 0 else -moved
        return moved / value, size / value

    def _two_state_at_level(self, pull: Array) -> None:
        """Replace Eq. (A5) by that against f_eq(eps_QB), and the exergy gap likewise."""
        out, points, v = self.out, self.points, self.v
        if "two_state_exergy" not in out:
            return
        if "exergy" not in out and "exergy_gap" in out:
            mean, gap = out["two_state_exergy"], out["exergy_gap"]
            out["exergy"] = mean[0] + gap[0], mean[1] + gap[1]
        T = points.temperature_eq
        g = st.Fermi.of((points.level - points.mu_eq) / T)
        x = (v.level - v.mu_eq - g.x * v.temperature_eq) / T
        log_g, log_g_bar = g.log()
        moved, size = out["particle_number"]
        steep, apart = pull - (log_g - log_g_bar), self.filling.d - g.f
        found = steep * moved + apart * x, np.abs(steep) * size + np.abs(apart * x)
        out["two_state_exergy"] = found
        if "exergy" in out:
            whole = out["exergy"]
            out["exergy_gap"] = whole[0] - found[0], whole[1] + found[1]

    @property
    def _equilibrium(self) -> tuple[Array, Array]:
        names = [f"equilibrium_{kind}_number" for kind in ("particle", "hole")]
        first, second = (self.value[name] + self.bound[name] for name in names)
        return first, second

    @property
    def _base(self) -> Array:
        return nearest_half(self.filling.d)

    @property
    def _base_eq(self) -> Array:
        return nearest_half(self._equilibrium[0])

    def _mean(self, name: str) -> Any:
        """Return what is taken off a row: its average, or 0 where that is no help."""
        if name in ("entropy_gap", "exergy_gap"):
            return 0.0
        band = self.value["spectral_weight"]
        band = np.where(band > _NO_BAND, band, 1.0)
        value = self.value[name]
        if name in SCALED:
            return value / band
        base = self._base_eq if name.startswith("equilibrium_") else self._base
        if name.endswith("particle_number"):
            hole = -self.value[name.replace("particle", "hole")]
            value = np.where(base == 1.0, hole, value - base * (base < 1.0) * band)
        if name.endswith("energy"):
            value = value - base * self.points.level
        return value / band

    def _blocks(self) -> list[slice]:
        size = max(_LEAST_BLOCK, _BLOCK // self.k)
        return [np.s_[start : start + size] for start in range(0, len(self.panels), size)]

    def _nodes(self, block: slice) -> Nodes:
        corrected = self.where.pole.corrected
        return panel_nodes(self.points, self.b, self.panels.take(block), corrected)

    def _moved(self, nodes: Nodes) -> Moved:
        return Moved.panels(self.points, self.v, self.b, self.motion, nodes)

    def _rows(self, terms: Terms, compared: Compared | None, moved: Moved, at: Index) -> Any:
        return rows(terms, compared, moved, self._base[at], self._base_eq[at], self.names)

    def _add(self, nodes: Nodes, terms: Terms, compared: Compared | None, moved: Moved) -> None:
        rate, at, w = np.abs(moved.log_weight), nodes.point, nodes.weight
        for name, row in self._rows(terms, compared, moved, at):
            mean = np.broadcast_to(self._mean(name), self.n)[at]
            change = moved.log_weight * (row.phi - mean) + row.change
            self._store(name, at, np.einsum("ij,kij->kj", w, change), 0)
            self._store(name, at, np.einsum("ij,kij->kj", w, np.abs(change)), 1)
            # The rounding of phi and phi' themselves, a few ulps.
            size = np.abs(row.phi) if row.phi_size is None else row.phi_size
            noise = np.einsum("ij,kij->kj", w * size, rate)
            if row.change_size is not None:
                noise += np.einsum("ij,kij->kj", w, row.change_size)
            self._store(name, at, _ULPS * noise, 1)
            # That of (ln w)', whose terms cancel where a resonance narrows.
            noise = np.einsum("ij,kij->kj", w * np.abs(row.phi - mean), moved.log_weight_size)
            self._store(name, at, _RATE_ULPS * noise, 1)
            if name == "particle_number":
                self.counted += per_point(at, np.einsum("ij,ij->j", w, row.phi), self.n)

    def _add_poles(self, terms: Terms, compared: Compared | None) -> None:
        b, at = self.at_poles, self.pole.point
        offset = self.moving.offset[:, self.where.pole.corrected]
        lone = self.moving.lone(b, self.v)
        moved = Moved.poles(self.points, self.v, b, lone, self.pole, offset)
        for name, row in self._rows(terms, compared, moved, at):
            mean = np.broadcast_to(self._mean(name), self.n)[at]
            found = (self.moved_M[:, None] * (row.phi - mean) + self.M * row.change)[:, 0]
            self._store(name, at, -found.imag / np.pi, 0)
            phi_size = np.abs(row.phi) if row.phi_size is None else row.phi_size
            noise = np.abs(self.moved_M) * phi_size[0]
            if row.change_size is not None:
                noise = noise + np.abs(self.M) * row.change_size[:, 0]
            self._store(name, at, (np.abs(found) + _ULPS * noise) / np.pi, 1)
            if name == "particle_number":
                self.counted += per_point(at, pole_values(self.M, row.phi)[0], self.n)

    def _store(self, name: str, at: Index, columns: Array, part: int) -> None:
        self.out[name][part][:] += per_direction(at, columns, self.n)


def nearest_half(filling: Array) -> Array:
    return np.asarray(np.round(2 * filling) / 2)
