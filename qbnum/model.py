"""The physical model: a level (the quantum battery) between two semi-infinite chains.

Holds the two validated, immutable parameter records, `Lead` and `Junction`, and the exact
transformations of a junction (exchange, reflection, scaling, shift). Section III of the paper.
May import: numpy, qbnum.errors, qbnum._checks, qbnum._display.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qbnum._checks import Real, real, refuse_unless, require_memory, shown
from qbnum._display import field_text, html_table
from qbnum.errors import ParameterError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Junction", "Lead"]

BYTES_PER_POINT = 120
"""What thirteen arrays of doubles take for each junction, with one in the making."""

_LEAD_DOMAINS = {"hopping": "positive", "coupling": "nonnegative", "temperature": "positive"}


@dataclass(frozen=True, eq=False, repr=False)
class _Record:
    """Value semantics for frozen records whose fields may be arrays."""

    def __repr__(self) -> str:
        # What Python can read back, unless an array is long.
        given = (f"{f.name}={field_text(getattr(self, f.name))}" for f in fields(self))
        return f"{type(self).__qualname__}({', '.join(given)})"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    __hash__ = None  # type: ignore[assignment]  # array fields cannot be hashed


def _equal(a: object, b: object) -> bool:
    if isinstance(a, _Record):
        return a == b
    return np.array_equal(np.asarray(a), np.asarray(b))


@dataclass(frozen=True, eq=False, repr=False)
class Lead(_Record):
    """A semi-infinite tight-binding chain in its own equilibrium (a reservoir), Eqs. (4)-(5).

    Every field is a number or an array; arrays broadcast. Energies are in one unit of your
    choice, with hbar = e = k_B = 1.

    Parameters
    ----------
    onsite : float or array
        Band centre eps_alpha. Finite.
    hopping : float or array
        Hopping h_alpha > 0; the band is ``[onsite - 2 hopping, onsite + 2 hopping]``.
    coupling : float or array
        Tunnelling amplitude v_alpha >= 0 between the chain's first site and the level.
    mu : float or array
        Chemical potential. Finite.
    temperature : float or array
        Temperature > 0.

    Raises
    ------
    ParameterError
        A field is not a real number, not finite, or outside its domain.
    """

    onsite: Real
    hopping: Real
    coupling: Real
    mu: Real
    temperature: Real

    def __post_init__(self) -> None:
        for field in fields(self):
            domain = _LEAD_DOMAINS.get(field.name, "finite")
            checked = real(f"Lead.{field.name}", getattr(self, field.name), domain)
            object.__setattr__(self, field.name, checked)
        _broadcast_shape(self._named())

    def _named(self) -> Iterator[tuple[str, Real]]:
        return ((f"Lead.{f.name}", getattr(self, f.name)) for f in fields(self))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape to which the fields broadcast; ``()`` for a single lead."""
        return _broadcast_shape(self._named())

    def _repr_html_(self) -> str:
        rows = [(f.name, field_text(getattr(self, f.name))) for f in fields(self)]
        return html_table((_counted("Lead", self.shape),), ("", "value"), rows)


@dataclass(frozen=True, eq=False, repr=False)
class Junction(_Record):
    """The battery's level between the leads L and R, Eqs. (4)-(5).

    Parameters
    ----------
    level : float or array
        Energy eps_QB of the battery's level. Finite.
    left, right : Lead
        The two reservoirs.
    mu_eq, temperature_eq : float or array
        The equilibrium that exergy is measured against; ``temperature_eq`` > 0.

    Raises
    ------
    ParameterError
        A field is not a real number, not finite, or outside its domain.
    ShapeError
        The fields do not broadcast.

    Notes
    -----
    The fields are what counts as exact: a double stands for its own value, so ``0.12`` is the
    double nearest to 12/100. All fields broadcast; ``shape`` is the result's shape.
    """

    level: Real
    left: Lead
    right: Lead
    mu_eq: Real
    temperature_eq: Real

    def __post_init__(self) -> None:
        for side in ("left", "right"):
            refuse_unless(Lead, f"Junction.{side}", getattr(self, side))
        for name, domain in (
            ("level", "finite"),
            ("mu_eq", "finite"),
            ("temperature_eq", "positive"),
        ):
            object.__setattr__(self, name, real(f"Junction.{name}", getattr(self, name), domain))
        _broadcast_shape(self._named())

    def _named(self) -> Iterator[tuple[str, Real]]:
        yield "level", self.level
        for side in ("left", "right"):
            for f in fields(Lead):
                yield f"{side}.{f.name}", getattr(getattr(self, side), f.name)
        yield "mu_eq", self.mu_eq
        yield "temperature_eq", self.temperature_eq

    @property
    def parameters(self) -> dict[str, Real]:
        """The thirteen parameters by dotted name: ``level``, ``left.onsite``, ..."""
        return dict(self._named())

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape to which all fields broadcast; ``()`` for a single junction."""
        return _broadcast_shape(self._named())

    @classmethod
    def symmetric(
        cls,
        *,
        level: ArrayLike,
        coupling: ArrayLike = 0.12,
        hopping: ArrayLike = 1.0,
        onsite: ArrayLike = 0.0,
        mu_eq: ArrayLike = 0.1,
        temperature_eq: ArrayLike = 0.1,
        bias: ArrayLike = 0.0,
        temperature_gradient: ArrayLike = 0.0,
    ) -> Junction:
        """Return the paper's protocol: equal leads, the right one at equilibrium (Sec. IV B).

        ``mu_L = mu_eq + bias`` and ``T_L = temperature_eq + temperature_gradient``, each sum
        rounded once to a double; from then on the rounded field is what counts as exact.

        Parameters
        ----------
        level, coupling, hopping, onsite, mu_eq, temperature_eq : float or array
            As in `Junction` and `Lead`; the defaults are the paper's base values.
        bias, temperature_gradient : float or array
            What the left reservoir has over equilibrium. ``temperature_gradient`` must exceed
            ``-temperature_eq``.

        Raises
        ------
        ParameterError, ShapeError
            As `Junction`.
        """
        given = {"mu_eq": mu_eq, "bias": bias, "temperature_eq": temperature_eq}
        given["temperature_gradient"] = temperature_gradient
        checked = {name: real(name, value) for name, value in given.items()}
        _broadcast_shape(checked.items())
        with np.errstate(over="ignore"):  # an infinite sum is refused by its lead
            temperature_left = checked["temperature_eq"] + checked["temperature_gradient"]
            mu_left = checked["mu_eq"] + checked["bias"]
        if np.any(np.asarray(temperature_left) <= 0):
            raise ParameterError(
                "temperature_eq + temperature_gradient is the left lead's temperature "
                f"and must be > 0; its smallest value here is {float(np.min(temperature_left))!r}"
            )

        def lead(mu: ArrayLike, temperature: ArrayLike) -> Lead:
            return Lead(onsite, hopping, coupling, mu, temperature)  # type: ignore[arg-type]

        left = lead(mu_left, temperature_left)
        right = lead(checked["mu_eq"], checked["temperature_eq"])
        return cls(level, left, right, mu_eq, temperature_eq)  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        own = ", ".join(
            f"{name} {field_text(getattr(self, name))}"
            for name in ("level", "mu_eq", "temperature_eq")
        )
        rows = [
            (f.name, *(field_text(getattr(lead, f.name)) for lead in (self.left, self.right)))
            for f in fields(Lead)
        ]
        return html_table((_counted("Junction", self.shape), own), ("", "left", "right"), rows)

    def at(self, *index: int) -> Junction:
        """Return the single junction at ``index`` of the broadcast shape.

        Raises
        ------
        ParameterError
            There is no such index.
        """
        shape = self.shape
        if len(index) > len(shape) or not all(
            isinstance(k, int | np.integer) and -n <= k < n
            for k, n in zip(index, shape, strict=False)
        ):
            raise ParameterError(f"no index {shown(index)} in junctions of shape {shape}")
        return self._map(lambda _, value: np.broadcast_to(value, shape)[index])

    def exchanged(self) -> Junction:
        """Return the junction with L and R swapped. Exact. I and J change sign, the rest stays."""
        return replace(self, left=self.right, right=self.left)

    def reflected(self) -> Junction:
        """Return the particle-hole image: every energy and chemical potential negated. Exact.

        N -> 1 - N; S, X, J and sigma stay; I changes sign.
        """
        kept = ("hopping", "coupling", "temperature", "temperature_eq")
        return self._map(lambda name, value: value if name.endswith(kept) else -np.asarray(value))

    def scaled(self, factor: float) -> Junction:
        """Return the junction in units in which every energy is ``factor`` (> 0) times as large.

        Exact when ``factor`` is a power of two; otherwise each field is rounded once. E, I and
        sigma scale with the factor, J with its square; N, S and X stay.
        """
        scale = real("factor", factor, "positive")
        self._require_broadcast("factor", scale)
        return self._map(lambda _, value: np.asarray(value) * scale)

    def shifted(self, energy: float) -> Junction:
        """Return the junction with every energy raised by ``energy``; each sum is rounded once.

        E -> E + c N and J -> J + c I; the rest stays.
        """
        shift = real("energy", energy)
        self._require_broadcast("energy", shift)
        kept = ("hopping", "coupling", "temperature", "temperature_eq")
        return self._map(
            lambda name, value: value if name.endswith(kept) else np.asarray(value) + shift
        )

    def _require_broadcast(self, name: str, value: Real) -> None:
        shape = _broadcast_shape([*self._named(), (name, value)])
        require_memory(math.prod(shape), BYTES_PER_POINT, "give fewer at a time")

    def _map(self, change: Callable[[str, Real], ArrayLike]) -> Junction:
        with np.errstate(all="ignore"):  # what leaves the doubles is refused as a field
            new = {name: change(name, value) for name, value in self._named()}
        left, right = (
            Lead(*(new[f"{side}.{f.name}"] for f in fields(Lead)))  # type: ignore[arg-type]
            for side in ("left", "right")
        )
        return Junction(new["level"], left, right, new["mu_eq"], new["temperature_eq"])  # type: ignore[arg-type]


def _counted(name: str, shape: tuple[int, ...]) -> str:
    return f"{name}, shape {shape}" if shape else name


def _broadcast_shape(named: Any) -> tuple[int, ...]:
    shapes = {name: np.shape(value) for name, value in named}
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError as error:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ShapeError(f"these parameter arrays do not broadcast: {listed}") from error
