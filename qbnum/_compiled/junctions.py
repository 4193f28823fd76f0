"""The loop over junctions. May import: numpy, numba, private modules."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from qbnum._compiled import ordinary, subtle
from qbnum._compiled.band import Given, Lead, find_band
from qbnum._compiled.exact import STRICT
from qbnum._compiled.layout import lay_panels, new_layout
from qbnum._compiled.nodes import FIRST_AVERAGE, FIRST_ROW, ROOM, new_nodes

_ordinary_occupations, _ordinary_gaps = ordinary.node_occupations, ordinary.node_gaps
_ordinary_pole, _ordinary_pole_gaps = ordinary.pole_occupations, ordinary.pole_gaps
_subtle_occupations, _subtle_gaps = subtle.node_occupations, subtle.node_gaps
_subtle_pole, _subtle_pole_gaps = subtle.pole_occupations, subtle.pole_gaps


@njit(**STRICT)
def _ordinary(lay: Any, given: Any, band: Any, panels: int, M: complex, nodes: Any, s: Any) -> None:
    if band.corrected:
        pole = _ordinary_pole(given, band, M, s)
        _ordinary_occupations(lay, given, band, panels, nodes, s)
        _ordinary_gaps(panels, nodes, s)
        _ordinary_pole_gaps(M, pole, s)
    else:
        _ordinary_occupations(lay, given, band, panels, nodes, s)
        _ordinary_gaps(panels, nodes, s)


@njit(**STRICT)
def _subtle(
    lay: Any, given: Any, band: Any, panels: int, M: complex, nodes: Any, outside: Any, s: Any
) -> None:
    own, inside = s[FIRST_AVERAGE:FIRST_ROW], s[ROOM:]
    if band.corrected:
        pole = _subtle_pole(given, band, M, s)
        _subtle_occupations(lay, given, band, panels, nodes, s)
        inside[:] = own
        own += outside
        _subtle_gaps(panels, nodes, s)
        _subtle_pole_gaps(M, pole, s)
    else:
        _subtle_occupations(lay, given, band, panels, nodes, s)
        inside[:] = own
        own += outside
        _subtle_gaps(panels, nodes, s)
    own[:] = inside


@njit(**STRICT)
def integrate(
    level: Any,
    onsite: Any,
    hopping: Any,
    kappa: Any,
    kappa_rest: Any,
    mu: Any,
    temperature: Any,
    mu_eq: Any,
    temperature_eq: Any,
    outside: Any,
    is_subtle: bool,
    with_states: bool,
    out: Any,
    count: Any,
) -> None:
    """Integrate every point: its sums into ``out`` (ROOM, n), its number of panels into ``count``.

    A junction with a bound state, or perhaps one, has the count -1, unless these are taken care of:
    ``outside`` (5, n) are the averages of the bound states, which the band's relative entropies are
    compared with.
    """
    lay, nodes, sums = new_layout(), new_nodes(), np.empty(ROOM + FIRST_ROW - FIRST_AVERAGE)
    for i in range(level.size):
        given = Given(
            level[i],
            onsite[i],
            hopping[i],
            Lead(kappa[0, i], kappa_rest[0, i], mu[0, i], temperature[0, i]),
            Lead(kappa[1, i], kappa_rest[1, i], mu[1, i], temperature[1, i]),
            mu_eq[i],
            temperature_eq[i],
        )
        count[i] = -1
        sums[:] = 0.0
        free, band = find_band(given)
        if free or with_states:
            panels, M = lay_panels(lay, given, band)
            if panels > 0:
                if is_subtle:
                    _subtle(lay, given, band, panels, M, nodes, outside[:, i], sums)
                else:
                    _ordinary(lay, given, band, panels, M, nodes, sums)
                count[i] = panels
        out[:, i] = sums[:ROOM]
