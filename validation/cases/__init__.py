"""The cases at which all routes must agree: the paper's, hard corners, and random draws."""

from validation.cases.case import (
    DIFFICULTIES,
    GROUPS,
    REGIMES,
    Case,
    difficulties_of,
    quick_subset,
)
from validation.cases.corners import corner_cases
from validation.cases.paper import paper_cases
from validation.cases.random_points import DEFAULT_SEED, random_cases

__all__ = [
    "DEFAULT_SEED",
    "DIFFICULTIES",
    "GROUPS",
    "REGIMES",
    "Case",
    "corner_cases",
    "difficulties_of",
    "paper_cases",
    "quick_subset",
    "random_cases",
]
