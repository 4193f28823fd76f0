"""The box that a search goes through, and what it says on its way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import qbnum
from qbnum.optimize import maximize
from qbnum.optimize.space import Space

RESERVOIRS = {"level": 0.4, "bias": 0.5}


@pytest.mark.parametrize(
    ("bounds", "middle"),
    [
        ((1e-4, 1.0), 1e-2),  # several decades: in equal ratios
        ((0.1, 1.0), 0.55),
        ((0.1, 1.5), np.sqrt(0.15)),
        ((0.5, 1.0), 0.75),
        ((0.0, 1.0), 0.5),  # no ratio
    ],
)
def test_several_decades_are_searched_in_equal_ratios(
    bounds: tuple[float, float], middle: float
) -> None:
    space = Space.of(RESERVOIRS, {"coupling": bounds})
    faces = space.parameters(np.array([[-1e-3], [0.0], [1.0], [1.001]]))[:, 0]
    assert faces.tolist() == [bounds[0], bounds[0], bounds[1], bounds[1]]
    assert float(space.parameters(np.array([[0.5]]))[0, 0]) == pytest.approx(middle)


def test_the_stretch_is_the_derivative_of_the_parameters() -> None:
    space = Space.of({"bias": 0.5}, {"level": (-1.0, 2.0), "coupling": (1e-3, 1.0)})
    u, step = np.array([[0.3, 0.6], [0.8, 0.2]]), 1e-6
    difference = (space.parameters(u + step) - space.parameters(u - step)) / (2 * step)
    assert np.allclose(space.stretch(space.parameters(u)), difference, rtol=1e-9)


@pytest.mark.parametrize(
    ("base", "bounds", "message"),
    [
        ({"left_mu": 0.1, "level": 0.4}, {"bias": (0.1, 1.0)}, "bias and left_mu both set left.mu"),
        (
            {"left_temperature": 0.1, "level": 0.4},
            {"temperature_gradient": (0.1, 1.0)},
            "temperature_gradient and left_temperature both set left.temperature",
        ),
        ({"level": 0.4}, {"coupling": (0.1, 1), "left_coupling": (0.1, 1)}, "both set left"),
        ({"level": 0.4}, {"level": (0.1, 1)}, "level has a value and bounds"),
        ({"bias": 0.4}, {"coupling": (0.1, 1)}, "level is missing"),
        ({"level": 0.4, "voltage": 1.0}, {"bias": (0.1, 1)}, "no parameter 'voltage'"),
        ({"level": 0.4}, {"bias": (1.0, 1.0)}, "give the lower one first"),
        ({"level": 0.4}, {"bias": (-1.7e308, 1.7e308)}, "no double apart"),
        ({"level": 0.4}, {"coupling": (-0.1, 1.0)}, "outside its domain"),
        ({"level": 0.4}, {}, "give at least one"),
    ],
)
def test_a_box_that_is_none_is_refused(
    base: dict[str, float], bounds: dict[str, Any], message: str
) -> None:
    with pytest.raises(qbnum.ParameterError, match=message):
        Space.of(base, bounds)


def test_in_the_protocol_the_reservoirs_move_with_the_equilibrium_unless_they_have_their_own() -> (
    None
):
    bounds = {"mu_eq": (0.0, 1.0), "temperature_eq": (0.1, 0.5)}
    free = Space.of(RESERVOIRS, bounds)
    assert free.moved() == (
        *("mu_eq", "left.mu", "right.mu"),
        *("temperature_eq", "left.temperature", "right.temperature"),
    )
    assert free.incidence().sum(axis=0).tolist() == [3, 3]
    own = Space.of({"level": 0.4, "right_mu": 0.2}, bounds)
    assert own.fields["mu_eq"] == ("mu_eq", "left.mu")


def test_a_search_says_what_it_does() -> None:
    said: list[str] = []
    best = maximize(
        "particle_number", {"bias": 0.5}, {"level": (-1.0, 1.0)}, points=9, progress=said.append
    )
    assert best.scanned == 9
    assert said[0] == "scanning 9 points"
    refining = said[1:]
    assert refining == [f"refining {k + 1} of {len(refining)}" for k in range(len(refining))]
    assert refining
