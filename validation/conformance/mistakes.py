"""Names well-known mistakes from the pattern of the errors.

Each mistake predicts which wrong values it makes. One is named where it predicts nearly all values
of some observables that it affects; several are found together, as composed predictions.
May import: numpy, .mistakes_catalogue, .mistakes_models, .reference_table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from validation.conformance.mistakes_catalogue import MISTAKES, PATTERNS, Mistake, Pattern
from validation.conformance.mistakes_models import Array, Scene, Values
from validation.references import OBSERVABLES

if TYPE_CHECKING:
    from validation.reference_table import ReferenceTable

__all__ = ["MISTAKES", "Finding", "Mistake", "recognise"]

EXACT = 1e-6
"""Relative agreement with a prediction that counts as evidence. The default tolerances of common
quadrature routines reach it, and by chance a wrong value meets it once in a million times."""

NEAR = 0.05
"""A value belongs to a prediction where it is twenty times nearer to it than that is to the right
value: a mistake is often made in a method that is inaccurate as well."""

DISTINCT = 1e-4
"""A prediction counts where it differs by this much: a hundred times what counts as evidence."""

WRONG = 1e-5
"""Relative error from which a value is taken for wrong rather than for inaccurate."""

NEARLY_ALL = 0.9
"""Part of an observable's values that must belong to the prediction, of those where it can be told
from the right value; the rest may be lost to the method."""

EVIDENCE = 3
"""Values predicted to `EXACT` that it takes to name a mistake."""

HARD = frozenset(
    {
        *("narrow-resonance", "sharp-fermi", "cancellation", "edge"),
        *("unequal-bands", "tails", "scale", "offset"),
    }
)
"""Difficulties of cases where a plain method fails by itself, and mistakes cannot be told."""

_Mask: TypeAlias = NDArray[np.bool_]
_Hypothesis: TypeAlias = tuple[tuple[Pattern, int], ...]
"""Mistakes made one after the other, each with the number of its variant."""


@dataclass(frozen=True)
class Finding:
    """A mistake that explains what is wrong.

    Parameters
    ----------
    mistake : Mistake
    explained : int
        Wrong values that it predicts, alone or together with another mistake.
    wrong : int
        Values that are wrong where it predicts wrong ones, in the same observables.
    observables : tuple of str
        Where it shows.
    example : str
        One case: what came, what is right, what the mistake predicts.
    """

    mistake: Mistake
    explained: int
    wrong: int
    observables: tuple[str, ...]
    example: str


def recognise(
    table: ReferenceTable, answers: Mapping[str, Mapping[str, float]]
) -> tuple[Finding, ...]:
    """Return the well-known mistakes that explain wrong answers, the most telling first.

    Parameters
    ----------
    table : ReferenceTable
    answers : mapping of str to mapping of str to float
        Slug to observable to value. Unknown names, and what is not a finite number, are left out.

    Returns
    -------
    tuple of Finding
        Empty for right answers, and for merely inaccurate ones.
    """
    answered = [case for case in table.cases if answers.get(case.slug)]
    ordinary = [case for case in answered if not HARD & set(case.difficulties)]
    scene = Scene.of(ordinary or answered)
    given = np.array(
        [[_number(answers[case.slug].get(name)) for case in scene.cases] for name in OBSERVABLES]
    )
    search = _Search(scene, given)
    if search.wrong.any():
        search.run(tuple(pattern for pattern in PATTERNS if not pattern.needs_integrals))
        # Integrals take a second or two: only where something is still unexplained.
        if (search.wrong & ~search.matched).any():
            search.run(PATTERNS)
    return search.findings()


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _rows(values: Values) -> Array:
    return np.array([values[name] for name in OBSERVABLES])


def _apart(a: Array, b: Array, tolerance: float) -> _Mask:
    """Return where two arrays differ by more than a relative tolerance; False where unknown."""
    with np.errstate(all="ignore"):
        apart: _Mask = np.abs(a - b) > tolerance * np.maximum(np.abs(a), np.abs(b))
    return apart & np.isfinite(a) & np.isfinite(b)


def _nearer(value: Array, predicted: Array, other: Array) -> _Mask:
    """Return where a value belongs to the prediction rather than to another value."""
    with np.errstate(all="ignore"):
        nearer: _Mask = np.abs(value - predicted) <= NEAR * np.abs(predicted - other)
    return nearer & _apart(predicted, other, DISTINCT)


@dataclass(frozen=True)
class _Gain:
    """What mistakes explain that nothing accepted before them does.

    ``hypotheses`` has the best one for each row of ``mask``, whose rows are the observables and
    whose columns are the cases.
    """

    hypotheses: dict[int, _Hypothesis]
    mask: _Mask
    contradicted: int

    @property
    def rank(self) -> tuple[int, int]:
        """Most explained first; of equals, the one with fewest right values it makes wrong."""
        return int(self.mask.sum()), -self.contradicted


class _Search:
    """Greedy search for the mistakes whose composed predictions explain most wrong values."""

    def __init__(self, scene: Scene, given: Array) -> None:
        self.scene = scene
        self.given = given
        self.right = _rows(scene.right)
        self.wrong = _apart(given, self.right, WRONG)
        self.matched = np.zeros_like(self.wrong)
        self.current = self.right.copy()
        self.chosen: list[Pattern] = []
        self.accepted: list[_Gain] = []
        self._values: dict[_Hypothesis, Values] = {(): scene.right}

    def run(self, candidates: tuple[Pattern, ...]) -> None:
        """Choose mistakes, one at a time or two where one alone explains nothing."""
        while True:
            left = [pattern for pattern in candidates if pattern not in self.chosen]
            for size in (1, 2):
                gains = [self._gain(extension) for extension in combinations(left, size)]
                found = [gain for gain in gains if gain is not None]
                if found:
                    self._accept(max(found, key=lambda gain: gain.rank))
                    break
            else:
                return

    def _gain(self, extension: tuple[Pattern, ...]) -> _Gain | None:
        """Return what the best hypotheses with these mistakes add; None for want of evidence."""
        best = np.zeros_like(self.wrong)
        hypotheses: dict[int, _Hypothesis] = {}
        exact = np.zeros(len(OBSERVABLES), dtype=int)
        contradicted: list[int] = []
        for hypothesis in self._hypotheses(extension):
            predicted = self._predict(hypothesis)
            distinct = _apart(predicted, self.right, DISTINCT)
            contradicted.append(int((distinct & ~self.wrong).sum()))
            match = self.wrong & distinct & _nearer(self.given, predicted, self.right)
            told_apart = (distinct & np.isfinite(self.given)).sum(axis=1)
            nearly_all = match.sum(axis=1) >= NEARLY_ALL * told_apart
            new = match & nearly_all[:, None] & _nearer(self.given, predicted, self.current)
            for pattern in extension:  # each must be what makes the difference
                without = tuple(step for step in hypothesis if step[0] is not pattern)
                new &= _apart(predicted, self._predict(without), DISTINCT)
            agreed = new & ~_apart(predicted, self.given, EXACT)
            for row in np.flatnonzero(new.sum(axis=1) > best.sum(axis=1)):
                best[row], hypotheses[int(row)] = new[row], hypothesis
                exact[row] = agreed[row].sum()
        if exact.sum() < EVIDENCE:
            return None
        return _Gain(hypotheses, best, min(contradicted))

    def _hypotheses(self, extension: tuple[Pattern, ...]) -> Iterator[_Hypothesis]:
        """Yield these mistakes in all their variants, with every choice of the chosen ones."""
        for size in range(len(self.chosen) + 1):
            for others in combinations(self.chosen, size):
                patterns = sorted((*others, *extension), key=PATTERNS.index)
                if sum(pattern.needs_integrals for pattern in patterns) <= 1:
                    for choice in product(*(range(len(p.variants)) for p in patterns)):
                        yield tuple(zip(patterns, choice, strict=True))

    def _evaluate(self, hypothesis: _Hypothesis) -> Values:
        if hypothesis not in self._values:
            *before, (pattern, variant) = hypothesis
            model = pattern.variants[variant]
            self._values[hypothesis] = model(self.scene, self._evaluate(tuple(before)))
        return self._values[hypothesis]

    def _predict(self, hypothesis: _Hypothesis) -> Array:
        """Return the values with all mistakes of the hypothesis in them."""
        return _rows(self._evaluate(hypothesis))

    def _accept(self, gain: _Gain) -> None:
        self.accepted.append(gain)
        self.matched |= gain.mask
        for row, hypothesis in gain.hypotheses.items():
            self.chosen += [p for p, _ in hypothesis if p not in self.chosen]
            place = gain.mask[row]
            self.current[row, place] = self._predict(hypothesis)[row, place]

    def findings(self) -> tuple[Finding, ...]:
        """Return what was chosen, with the evidence."""
        found = [self._finding(pattern) for pattern in self.chosen]
        return tuple(sorted(found, key=lambda finding: -finding.explained))

    def _finding(self, pattern: Pattern) -> Finding:
        explained, tried = np.zeros_like(self.wrong), np.zeros_like(self.wrong)
        predicted = np.full_like(self.right, np.nan)
        for gain in self.accepted:
            for row, hypothesis in gain.hypotheses.items():
                if any(step[0] is pattern for step in hypothesis):
                    explained[row] |= gain.mask[row]
                    values = self._predict(hypothesis)[row]
                    tried[row] |= self.wrong[row] & _apart(values, self.right[row], DISTINCT)
                    predicted[row] = np.where(gain.mask[row], values, predicted[row])
        return Finding(
            pattern.mistake,
            int(explained.sum()),
            int(tried.sum()),
            tuple(n for n, row in zip(OBSERVABLES, explained, strict=True) if row.any()),
            self._example(predicted),
        )

    def _example(self, predicted: Array) -> str:
        """Return the place where given and predicted value agree best."""
        scale = np.maximum(np.abs(predicted), np.finfo(float).tiny)
        place = np.nanargmin(np.abs(predicted - self.given) / scale)
        row, column = np.unravel_index(place, predicted.shape)
        given, right, wrong = (a[row, column] for a in (self.given, self.right, predicted))
        return (
            f"{self.scene.cases[column].slug}, {OBSERVABLES[row]}: {given:.10g} came, "
            f"{right:.10g} is right, {wrong:.10g} is what the mistake gives"
        )
