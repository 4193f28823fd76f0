"""What a reference returns: one junction's observables, how they are shown and handed on.

May import: mpmath, qbsym, validation.exact, .enclosure, .errors, ._display, .backends; pandas where
it is asked for; never qbnum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mpmath import mp

from qbsym.observables import OBSERVABLES, observable
from validation._display import html_table, text_table
from validation.backends.bound import BoundState
from validation.enclosure import Enclosure
from validation.errors import UnknownNameError, ValidationError
from validation.exact import ExactJunction

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Reference"]


@dataclass(frozen=True, eq=False, repr=False)
class Reference(Mapping[str, Enclosure]):
    """The observables of one junction: a mapping from name to `Enclosure`.

    Iteration runs over the observables that have a value. Asking for one that has none raises
    the error that says why: `BoundStateError` where an occupation is needed,
    `PrecisionNotReachedError` where the digits could not be vouched for. Two references are equal
    if all their numbers and refusals are; the text and the HTML form are tables.

    Parameters
    ----------
    junction : ExactJunction
        What was evaluated.
    digits : int
        Digits asked for.
    backend : str
        The integrator.
    bound_states : tuple of BoundState
        Energies and weights, in order of energy.
    enclosures : dict of str to Enclosure
    refusals : dict of str to ValidationError
        Why an observable has no value.
    """

    junction: ExactJunction
    digits: int
    backend: str
    bound_states: tuple[BoundState, ...]
    enclosures: dict[str, Enclosure]
    refusals: dict[str, ValidationError]

    def __getitem__(self, name: str) -> Enclosure:
        if name in self.enclosures:
            return self.enclosures[name]
        if name in self.refusals:
            raise self.refusals[name]
        if name in OBSERVABLES:
            raise UnknownNameError(f"{name} was not among the observables that were asked for")
        raise UnknownNameError(f"no observable {name!r}; there are {', '.join(OBSERVABLES)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.enclosures)

    def __len__(self) -> int:
        return len(self.enclosures)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data that JSON can hold, with all its digits.

        Returns
        -------
        dict
            ``parameters`` by dotted name, exact fractions as text; ``digits``,
            ``backend``; ``bound_states``, each with ``energy`` and ``weight``; ``observables``,
            each with what `Enclosure.to_dict` gives and its ``unit``; ``undefined``, which says
            why another has no value.
        """
        return {
            "parameters": {name: str(value) for name, value in self.junction.parameters.items()},
            "digits": self.digits,
            "backend": self.backend,
            "bound_states": [
                {"energy": state.energy.to_dict(), "weight": state.weight.to_dict()}
                for state in self.bound_states
            ],
            "observables": {
                name: enclosure.to_dict() | {"unit": observable(name).units}
                for name, enclosure in self.enclosures.items()
            },
            "undefined": {name: str(error) for name, error in self.refusals.items()},
        }

    def to_pandas(self) -> pd.DataFrame:
        """Return a table with one row for each observable that has a value.

        Returns
        -------
        pandas.DataFrame
            Columns are ``value``, ``radius``, ``absolute_integral`` (``mpf`` numbers with all
            their digits: ``.astype(float)`` rounds), ``certified``, ``unit`` and ``equation``.
        """
        import pandas as pd

        columns = {
            "value": [e.mid for e in self.values()],
            "radius": [e.radius for e in self.values()],
            "absolute_integral": [e.absolute_integral for e in self.values()],
            "certified": [e.certified for e in self.values()],
            "unit": [observable(name).units for name in self],
            "equation": [observable(name).equation for name in self],
        }
        return pd.DataFrame(columns, index=pd.Index(list(self), name="observable"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        return self._compared() == other._compared()

    __hash__ = None  # type: ignore[assignment]  # dictionaries cannot be hashed

    def _compared(self) -> tuple[Any, ...]:
        # An exception equals nothing but itself: what counts is what it says.
        refusals = {name: (type(error), error.args) for name, error in self.refusals.items()}
        given = (self.junction, self.digits, self.backend, self.bound_states)
        return *given, self.enclosures, refusals

    def __repr__(self) -> str:
        caption, headings, rows, notes = self._table()
        return "\n  ".join([*caption, *text_table(headings, rows), *notes])

    def _repr_html_(self) -> str:
        return html_table(*self._table())

    def _table(self) -> tuple[list[str], tuple[str, ...], list[tuple[str, ...]], list[str]]:
        """Return title lines, headings, rows and notes, for every form in which this is shown."""
        certified = all(enclosure.certified for enclosure in self.values())
        kind = "certified" if certified else "estimated"
        caption = [f"Reference, {self.digits} digits, {kind} by {self.backend}"]
        sides: dict[str, list[str]] = {"": [], "left": [], "right": []}
        for dotted, value in self.junction.parameters.items():
            side, _, name = dotted.rpartition(".")
            sides[side].append(f"{name} {_short_text(value)}")
        caption += [f"{side}{': ' if side else ''}{', '.join(t)}" for side, t in sides.items()]
        caption += [
            f"bound state at {mp.nstr(state.energy.mid, 15)}, weight {mp.nstr(state.weight.mid, 6)}"
            for state in self.bound_states
        ]
        rows = [_row(name, enclosure) for name, enclosure in self.items()]
        rows += [(name, "undefined", "", "") for name in self.refusals]
        # One reason of each kind: they differ by the observable's name.
        reasons = {type(error): str(error) for error in self.refusals.values()}
        return caption, ("observable", "value", "±", "unit"), rows, list(reasons.values())


def _row(name: str, enclosure: Enclosure) -> tuple[str, ...]:
    # "value (+- radius)"; an exact value has no radius.
    value, _, radius = str(enclosure).rstrip(")").partition(" (+- ")
    return name, value, radius, observable(name).units


def _short_text(value: Fraction) -> str:
    """Return a double as Python shows it, and any other number as a fraction."""
    return repr(float(value)) if Fraction(float(value)) == value else str(value)
