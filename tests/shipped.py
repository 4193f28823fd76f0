"""The cases of the shipped reference table as one array of junctions."""

from __future__ import annotations

from typing import Any

import numpy as np

import qbnum
from validation.reference_table import TableCase, load_table


def shipped_junctions() -> tuple[tuple[TableCase, ...], qbnum.Junction, dict[str, Any]]:
    """Return the cases, their junctions, and ``bound_states`` for `qbnum.steady_state`."""
    cases = load_table().cases
    p = {name: np.array([float.fromhex(c.hex[name]) for c in cases]) for name in cases[0].hex}
    left, right = (
        qbnum.Lead(**{n.partition(".")[2]: p[n] for n in p if n.startswith(side)})
        for side in ("left", "right")
    )
    junction = qbnum.Junction(
        level=p["level"],
        left=left,
        right=right,
        mu_eq=p["mu_eq"],
        temperature_eq=p["temperature_eq"],
    )
    present = ~qbnum.bound_states(junction).energy.mask
    assert [len(case.occupations) for case in cases] == present.sum(axis=-1).tolist()
    occupied = np.zeros(present.shape)
    occupied[present] = [n for case in cases for n in case.occupations]
    return cases, junction, dict(zip(qbnum.BOUND_STATE_POSITIONS, occupied.T, strict=True))
