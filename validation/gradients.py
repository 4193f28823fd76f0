"""`reference_gradient`: derivatives of every observable by every parameter, to many digits.

Central differences of the certified reference with exact rational steps. What differences lose to
cancellation, the reference's working digits give back; two step lengths measure the truncation.
May import: mpmath, validation.exact, .enclosure, .errors, .references; never qbnum.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf

from validation.enclosure import Enclosure
from validation.errors import (
    ParameterError,
    PrecisionNotReachedError,
    UnknownNameError,
    ValidationError,
    shown,
)
from validation.exact import PARAMETERS, ExactJunction
from validation.references import (
    MAX_DIGITS,
    MIN_DIGITS,
    OBSERVABLES,
    BoundStatePolicy,
    Reference,
    known_names,
    reference,
)
from validation.references import bound_states as find_bound_states

__all__ = ["NotDifferentiableError", "ReferenceGradient", "reference_gradient"]

Key = tuple[str, str]

OF_EQUILIBRIUM = frozenset(name for name in OBSERVABLES if name.startswith("equilibrium_"))
"""Observables that no reservoir's mu or temperature enters."""

AGAINST_EQUILIBRIUM = OF_EQUILIBRIUM | {"exergy", "two_state_exergy", "exergy_gap"}
"""Observables that mu_eq and temperature_eq enter."""

GUARD = 2
"""Digits of the truncation beyond those asked, before it is measured."""

MAX_PASSES = 5

SMOOTH, KINKED = Fraction(2), Fraction(1, 2)
"""Order in the step of a central difference's truncation. Where an edge of one band lies on an
edge of the other, moving it opens an interval of width h in which a square root rises: the
observable gains h^(3/2), and its difference quotient h^(1/2)."""


class NotDifferentiableError(ValidationError, ArithmeticError):
    """An observable has no derivative there: a bound state appears or vanishes."""


@dataclass(frozen=True)
class ReferenceGradient(Mapping[Key, Enclosure]):
    """Derivatives of one junction's observables: (observable, parameter) to `Enclosure`.

    Asking for a derivative that has no value raises the error that says why. The radius adds
    what the reference vouches for and the measured truncation, hence is an estimate;
    ``absolute_integral`` is the size on which a derivative counts as zero, the observable's
    absolute integral by the largest energy of the junction.

    Parameters
    ----------
    junction : ExactJunction
        What was differentiated.
    digits : int
        Digits asked for.
    enclosures : dict
    refusals : dict
        Why a derivative has no value.
    """

    junction: ExactJunction
    digits: int
    enclosures: dict[Key, Enclosure]
    refusals: dict[Key, ValidationError]

    def __getitem__(self, key: Key) -> Enclosure:
        if key in self.enclosures:
            return self.enclosures[key]
        if key in self.refusals:
            raise self.refusals[key]
        raise UnknownNameError(
            f"{key!r} was not among the derivatives asked for; a key is (observable, parameter)"
        )

    def __iter__(self) -> Iterator[Key]:
        return iter(self.enclosures)

    def __len__(self) -> int:
        return len(self.enclosures)


def reference_gradient(
    junction: Any,
    digits: int = 20,
    *,
    bound_states: BoundStatePolicy = "error",
    observables: Collection[str] | None = None,
    parameters: Collection[str] | None = None,
    backend: str = "arb",
) -> ReferenceGradient:
    """Return the derivatives of observables, Eqs. (7)-(13) and (A4)-(A7), by parameters.

    Parameters
    ----------
    junction : ExactJunction or scalar qbnum.Junction
        Its parameters count as exact.
    digits : int
        Decimal digits of each derivative, relative to it, or absolute on the size of
        `ReferenceGradient` where it is zero. At most 40.
    bound_states, backend
        As in `validation.reference`; occupations stay fixed while a parameter moves.
    observables, parameters : collection of str, optional
        Names of `OBSERVABLES` and `PARAMETERS`; by default all.

    Returns
    -------
    ReferenceGradient

    Notes
    -----
    Observables depend on the squares of the couplings, so that the derivative by one that is 0
    is 0, and so are those by the other parameters of an uncoupled lead. Exact zeros are not
    computed and have the radius 0.

    Raises
    ------
    ParameterError, UnknownNameError
        Bad arguments. What goes wrong with one derivative is raised when it is asked for:
        `NotDifferentiableError` next to a threshold, and the errors of `validation.reference`.
    """
    exact = ExactJunction.from_junction(junction)
    if isinstance(digits, bool) or not isinstance(digits, int) or not 5 <= digits <= 40:
        raise ParameterError(f"digits = {shown(digits)}; give an integer from 5 to 40")
    names = _chosen(observables, OBSERVABLES, "observable")
    given = _chosen(parameters, PARAMETERS, "parameter")
    base = reference(exact, digits, None, bound_states, backend)
    enclosures: dict[Key, Enclosure] = {}
    refusals: dict[Key, ValidationError] = {
        (name, p): base.refusals[name] for name in names if name in base.refusals for p in given
    }
    defined = [name for name in names if name in base]
    for parameter in given:
        try:
            zero, moving = _split(base, parameter, defined)
        except NotDifferentiableError as error:
            refusals |= {(name, parameter): error for name in defined}
            continue
        enclosures |= {(name, parameter): _zero(base[name], backend, digits) for name in zero}
        if not moving:
            continue
        try:
            found = _Differences(base, parameter, bound_states).derivatives(moving)
        except ValidationError as error:
            found = dict.fromkeys(moving, error)
        for name, result in found.items():
            if isinstance(result, Enclosure):
                enclosures[name, parameter] = result
            else:
                refusals[name, parameter] = result
    return ReferenceGradient(exact, digits, enclosures, refusals)


def _chosen(asked: Collection[str] | None, known: Collection[str], kind: str) -> tuple[str, ...]:
    if asked is None:
        return tuple(known)
    return known_names(kind, asked, known)


def _zero(value: Enclosure, backend: str, digits: int) -> Enclosure:
    return Enclosure(mpf(0), mpf(0), mpf(0), value.certified, backend, digits)


def _split(base: Reference, parameter: str, names: list[str]) -> tuple[list[str], list[str]]:
    """Return which observables do not depend on the parameter at all, and which may."""
    side, _, field = parameter.rpartition(".")
    if side and getattr(base.junction, side).coupling == 0:
        if field == "coupling":
            _refuse_without_reservoir(base, side)
        return names, []

    def constant(name: str) -> bool:
        if name == "spectral_weight" and not base.bound_states:
            return True  # the sum rule
        if parameter in ("mu_eq", "temperature_eq"):
            return name not in AGAINST_EQUILIBRIUM
        return field in ("mu", "temperature") and name in OF_EQUILIBRIUM | {"spectral_weight"}

    zero = [name for name in names if constant(name)]
    return zero, [name for name in names if name not in zero]


def _refuse_without_reservoir(base: Reference, side: str) -> None:
    low, high = getattr(base.junction, side).band
    for state in base.bound_states:
        if low <= Fraction(float(state.energy)) <= high:
            raise NotDifferentiableError(
                f"{side}.coupling = 0, and the bound state at {float(state.energy):.6g} lies in "
                f"that lead's band: any coupling turns it into a resonance. "
                f"Differentiate at a coupling > 0"
            )


@dataclass(frozen=True)
class _Quotient:
    """A derivative by differences, with its two errors."""

    value: mpf
    rounding: mpf
    truncation: mpf


class _Differences:
    """Difference quotients of a junction's observables in one parameter."""

    def __init__(self, base: Reference, parameter: str, policy: BoundStatePolicy) -> None:
        self.base, self.parameter, self.policy = base, parameter, policy
        self.values = base.junction.parameters
        scale = _smallest_scale(base.junction)
        if parameter.endswith(("coupling", "hopping", "temperature", "temperature_eq")):
            scale = min(scale, self.values[parameter])
        if parameter.endswith("coupling"):
            scale = self.values[parameter]
        # A power of ten: short fractions, exact sums.
        self.scale = Fraction(10) ** math.floor(_log10(scale))
        self.order = KINKED if _edge_on_edge(base.junction, parameter) else SMOOTH
        self.largest = max(map(abs, self.values.values()))

    def derivatives(self, names: list[str]) -> dict[str, Enclosure | ValidationError]:
        """Return each observable's derivative, or why it has none."""
        digits = self.base.digits
        places = math.ceil((digits + GUARD) / self.order)
        working = digits + places + math.ceil(_log10(self.largest / self.scale)) + GUARD
        self._refuse_a_threshold(self.scale / 10**places)
        done: dict[str, Enclosure | ValidationError] = {}
        for attempt in range(MAX_PASSES):
            with mp.workdps(working + MIN_DIGITS):
                quotients = self._quotients(names, self.scale / 10**places, working, done)
                short = {name: self._short(name, q, attempt > 0) for name, q in quotients.items()}
                for name, q in quotients.items():
                    done[name] = self._judged(name, q, max(short[name]))
            names = [name for name in quotients if max(short[name])]
            if not names or working == MAX_DIGITS:
                break
            further = math.ceil(max(short[name][0] for name in names) / self.order)
            places += further
            working += further + max(short[name][1] for name in names)
            working = min(working, MAX_DIGITS)
        return done

    def _short(self, name: str, q: _Quotient, final: bool) -> tuple[int, int]:
        """Return the digits that the step and the reference fall short by.

        A derivative that is not told from 0 gets more digits once; then it counts as 0 on the
        observable's size.
        """
        digits = self.base.digits
        resolved = abs(q.value) > q.rounding + q.truncation
        if not resolved and not final:
            return 0, digits
        wanted = abs(q.value) if resolved else self._size(name)
        return _excess(q.truncation, wanted, digits), _excess(q.rounding, wanted, digits)

    def _judged(self, name: str, q: _Quotient, short: int) -> Enclosure | ValidationError:
        digits, backend = self.base.digits, self.base.backend
        if short:
            return PrecisionNotReachedError(
                f"d {name} / d {self.parameter} is known to {digits - short} of {digits} digits; "
                "ask for fewer, or move away from the threshold or the zero nearby",
                name,
                digits,
                digits - short,
            )
        size = max(self._size(name), abs(q.value))
        return Enclosure(q.value, q.rounding + q.truncation, size, False, backend, digits)

    def _quotients(
        self,
        names: list[str],
        step: Fraction,
        working: int,
        done: dict[str, Enclosure | ValidationError],
    ) -> dict[str, _Quotient]:
        """Return the quotients of the step and of a quarter of it, combined."""
        # All observables at once: most of the work is common to them.
        ends = {
            h: reference(self._moved(h), working, None, self.policy, self.base.backend)
            for h in (step, -step, step / 4, -step / 4)
        }
        out: dict[str, _Quotient] = {}
        for name in names:
            refused = [end.refusals[name] for end in ends.values() if name in end.refusals]
            if refused:
                done[name] = refused[0]
                continue
            coarse, fine = (self._quotient(ends, name, h) for h in (step, step / 4))
            gain = mpf(4) ** (mpf(self.order.numerator) / self.order.denominator)
            correction = (fine[0] - coarse[0]) / (gain - 1)
            if self.order == SMOOTH:
                # The next order is the step's square below the correction.
                out[name] = _Quotient(
                    fine[0] + correction, 2 * (fine[1] + coarse[1]), abs(correction)
                )
            else:
                out[name] = _Quotient(fine[0], fine[1], 2 * abs(correction))
        return out

    def _quotient(
        self, ends: Mapping[Fraction, Reference], name: str, h: Fraction
    ) -> tuple[mpf, mpf]:
        above, below = ends[h][name], ends[-h][name]
        width = 2 * mpf(h.numerator) / h.denominator
        return (above.mid - below.mid) / width, (above.radius + below.radius) / width

    def _moved(self, h: Fraction) -> ExactJunction:
        value = self.values[self.parameter] + h
        return ExactJunction.from_parameters(self.values | {self.parameter: value})

    def _size(self, name: str) -> mpf:
        """Return the size on which the derivative counts as zero."""
        return self.base[name].absolute_integral * self.largest.denominator / self.largest.numerator

    def _refuse_a_threshold(self, step: Fraction) -> None:
        counts = {h: len(find_bound_states(self._moved(h), MIN_DIGITS)) for h in (-step, step)}
        here = len(self.base.bound_states)
        if {here} != set(counts.values()):
            raise NotDifferentiableError(
                f"{self.parameter} = {float(self.values[self.parameter])!r} lies within "
                f"{float(step):.1e} of a threshold: {counts[-step]} bound states below, {here} at "
                f"it, {counts[step]} above. Differentiate away from it"
            )


def _smallest_scale(j: ExactJunction) -> Fraction:
    """Return the smallest energy on which observables may vary."""
    scales = [j.temperature_eq]
    edges: list[Fraction] = [j.level]
    for lead in (j.left, j.right):
        scales += [lead.temperature, lead.hopping]
        if lead.coupling:
            scales.append(lead.coupling**2 / lead.hopping)  # the resonance's width
            edges += lead.band
    ordered = sorted(set(edges))
    return min(*scales, *(b - a for a, b in pairwise(ordered)))


def _edge_on_edge(j: ExactJunction, parameter: str) -> bool:
    """Return whether the parameter moves an edge of one band that lies on one of the other."""
    if not (j.left.coupling and j.right.coupling):
        return False
    return parameter.endswith(("onsite", "hopping")) and bool(set(j.left.band) & set(j.right.band))


def _log10(x: Fraction) -> float:
    return math.log10(x.numerator) - math.log10(x.denominator)


def _excess(error: mpf, size: mpf, digits: int) -> int:
    """Return by how many digits an error exceeds those asked of a size; 0 if by none."""
    if error == 0:
        return 0
    if size == 0:
        return digits
    return max(0, math.ceil(float(mp.log10(error / size)) + digits))
