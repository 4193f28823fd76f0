"""Junctions and a quadrature that the qbsym tests share."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from mpmath import mp

import qbsym


def parameters(**changes):
    """Return the paper's junction (bias 0.5, off-resonant empty), exact, with changes."""
    values = {
        "level": Fraction(2, 5),
        "left.onsite": Fraction(0),
        "left.hopping": Fraction(1),
        "left.coupling": Fraction(3, 25),
        "left.mu": Fraction(3, 5),
        "left.temperature": Fraction(1, 10),
        "right.onsite": Fraction(0),
        "right.hopping": Fraction(1),
        "right.coupling": Fraction(3, 25),
        "right.mu": Fraction(1, 10),
        "right.temperature": Fraction(1, 10),
        "mu_eq": Fraction(1, 10),
        "temperature_eq": Fraction(1, 10),
    }
    for name, value in changes.items():
        values[name.replace("__", ".")] = value
    return values


def numbers(values):
    """Return the parameters as mpf at the precision in force."""
    return [mp.convert(v) for v in values.values()]


JUNCTIONS = {
    "paper": parameters(),
    "hot_left": parameters(left__temperature=Fraction(1, 4), left__mu=Fraction(1, 10)),
    "unequal_couplings": parameters(left__coupling=Fraction(1, 5), right__coupling=Fraction(1, 20)),
    "overlapping_bands": parameters(left__onsite=Fraction(1, 2), right__hopping=Fraction(3, 4)),
    "nested_bands": parameters(right__hopping=Fraction(1, 3), right__onsite=Fraction(1, 3)),
    "disjoint_bands": parameters(
        left__onsite=Fraction(-3, 2), left__hopping=Fraction(3, 5), right__onsite=Fraction(2)
    ),
}

EQUAL_BANDS = ("paper", "hot_left", "unequal_couplings")


def segments(values):
    """Yield (low, high, left region, right region) between the band edges where a lead is open."""
    edges = {}
    for side in ("left", "right"):
        centre, half = values[f"{side}.onsite"], 2 * values[f"{side}.hopping"]
        edges[side] = centre - half, centre + half
    cuts = sorted({e for pair in edges.values() for e in pair})
    for low, high in pairwise(cuts):
        middle = (low + high) / 2
        regions = [
            "below" if middle < lower else "above" if middle > upper else "inside"
            for lower, upper in edges.values()
        ]
        if "inside" in regions:
            yield low, high, *regions


def integrals(values, function=None):
    """Return name -> prefactor times the integral over the bands, in double precision.

    omega = middle - half cos(theta) on each segment; 24-point Gauss-Legendre on panels halved
    towards everything narrow. ``function(left, right)`` may replace `qbsym.integrands`.
    """
    function = function or qbsym.integrands
    numbers = [float(v) for v in values.values()]
    nodes, weights = np.polynomial.legendre.leggauss(24)
    total = np.zeros(len(qbsym.INTEGRALS))
    features = [float(values[n]) for n in ("level", "left.mu", "right.mu", "mu_eq")]
    for low, high, left, right in segments(values):
        middle, half = float(low + high) / 2, float(high - low) / 2
        cuts = {0.0, np.pi}
        for feature in features:
            inside = np.arccos(np.clip((middle - feature) / half, -1, 1))
            for distance in np.pi * 0.5 ** np.arange(0, 34):
                cuts |= {inside - distance, inside + distance}
        cuts = np.array(sorted(c for c in cuts if 0 <= c <= np.pi))
        centre, radius = (cuts[1:] + cuts[:-1]) / 2, (cuts[1:] - cuts[:-1]) / 2
        theta = (centre[:, None] + radius[:, None] * nodes).ravel()
        measure = (radius[:, None] * weights).ravel() * half * np.sin(theta)
        # Nodes next to an edge may round onto it, where f_NE is 0/0 for equal bands.
        energy = np.clip(
            middle - half * np.cos(theta),
            np.nextafter(float(low), np.inf),
            np.nextafter(float(high), -np.inf),
        )
        values_there = function(left, right)(energy, *numbers)
        total += [np.sum(v * measure) for v in values_there]
    return {
        name: float(qbsym.observable(name).prefactor) * value
        for name, value in zip(qbsym.INTEGRALS, total, strict=True)
    }
