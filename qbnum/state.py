"""The public result: the observables of a steady state, how they are shown and handed on.

Section 2 of the design's table, Eqs. (7)-(13) and (A4)-(A7). May import: numpy, qbnum; xarray and
pandas where they are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from qbnum._display import end_texts, html_table, parameter_lines, range_texts, text_table
from qbnum._pickling import ReadOnlyMappings
from qbnum.errors import BoundStateError
from qbnum.model import Junction
from qbnum.observables import OBSERVABLES

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["SteadyState"]

MANY = 50_000
"""Points from which the least and the greatest value are not looked for just to show them."""

_OPEN = (
    "the occupation of a bound state, which the steady state does not fix, is needed; give "
    "bound_states=<occupation>"
)


@dataclass(frozen=True, eq=False, repr=False)
class SteadyState(ReadOnlyMappings):
    """The steady state's observables; each is a float, or an array of the junction's shape.

    Observables are attributes, see `OBSERVABLES`: ``particle_number``, ``exergy``, ... Those that
    depend on how a bound state is occupied follow the ``bound_states`` policy of `steady_state`.
    Two states are equal if all their numbers are; the text and the HTML form are tables, of least
    and greatest values for arrays.

    Attributes
    ----------
    junction : Junction
        What was computed.
    error_estimate : mapping of str to float or array
        Absolute error estimate of every observable: quadrature and rounding.
    absolute_integral : mapping of str to float or array
        The integral of the integrand's absolute value, to some per cent: where the sign changes
        within half a panel, that half counts by its sum. For E, I and J, which change sign, what a
        backward-stable method can promise is small error relative to this.
    bound_state_weight : float or array
        Total weight of the bound states outside the bands.
    """

    junction: Junction
    error_estimate: Mapping[str, Any]
    absolute_integral: Mapping[str, Any]
    bound_state_weight: Any
    _values: Mapping[str, Any]
    _refused: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in OBSERVABLES:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name in self._refused:
            raise BoundStateError(self._refused[name])
        return self._values[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *OBSERVABLES]

    @property
    def available(self) -> tuple[str, ...]:
        """The names of the observables that are defined under the bound-state policy."""
        return tuple(name for name in OBSERVABLES if name not in self._refused)

    def to_xarray(self, dims: Sequence[str] | None = None) -> xr.Dataset:
        """Return a data set like that of `sweep`: names, units, equation numbers, errors.

        Parameters
        ----------
        dims : sequence of str, optional
            Names of the dimensions. By default a dimension along which one parameter alone varies
            is named after it, others are ``dim_0``, ``dim_1``, ...

        Returns
        -------
        xarray.Dataset
            Parameters that vary are coordinates (``level``, ``left_mu``, ...), the others
            attributes. Masked values are NaN, and ``status`` says so; observables that are not
            `available` are left out.

        Raises
        ------
        ParameterError
            ``dims`` are not one name for each dimension, or a name has another meaning.

        Examples
        --------
        >>> import numpy as np, qbnum
        >>> junctions = qbnum.Junction.symmetric(level=np.linspace(0, 1, 5), bias=0.5)
        >>> data = qbnum.steady_state(junctions).to_xarray()
        >>> data.exergy.dims, data.exergy.units, data.exergy.equation
        (('level',), '1', '(13)')
        """
        from qbnum._conversions import dataset

        return dataset(self, dims)

    def to_pandas(self) -> pd.DataFrame:
        """Return a table with one row for each junction.

        Returns
        -------
        pandas.DataFrame
            Columns are the thirteen parameters (``level``, ``left_onsite``, ...), each observable
            that is `available` with ``<name>_error`` beside it, and ``bound_state_weight``. Rows
            are in C order of the junction's shape. Masked values are NaN.
        """
        from qbnum._conversions import frame

        return frame(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data that JSON can hold.

        Returns
        -------
        dict
            ``parameters`` by dotted name, ``bound_state_weight``, ``observables`` with ``value``,
            ``error_estimate``, ``absolute_integral`` and ``unit`` of each that is `available`, and
            ``undefined``, which says why another is not. Arrays are nested lists, and masked
            values None.
        """
        from qbnum._conversions import plain

        return plain(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SteadyState):
            return NotImplemented
        return all(_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    __hash__ = None  # type: ignore[assignment]  # arrays cannot be hashed

    def __repr__(self) -> str:
        title, headings, rows, notes = self._table()
        return "\n  ".join([*title, *text_table(headings, rows), *notes])

    def _repr_html_(self) -> str:
        return html_table(*self._table())

    def _table(self) -> tuple[list[str], tuple[str, ...], list[tuple[str, ...]], list[str]]:
        """Return title lines, headings, rows and notes, for every form in which this is shown."""
        shape, size = self.junction.shape, math.prod(self.junction.shape)
        what = f"{size} junctions, shape {shape}" if shape else "one junction"
        title = [f"SteadyState of {what}", *parameter_lines(self.junction.parameters)]
        numbers: tuple[str, ...] = ("value", "±")
        if shape:
            ranges = ("least", "greatest", "largest error")
            numbers = ("first", "last") if size > MANY else ranges
        rows = []
        for name, info in OBSERVABLES.items():
            cells = self._cells(name, numbers)
            rows.append((name, info.symbol, *cells, *[""] * (len(numbers) - len(cells)), info.unit))
        notes = []
        if self._refused:
            notes.append(f"undefined: {_OPEN}")
        if any(np.ma.is_masked(value) for value in self._values.values()):
            notes.append(f"some values are masked: {_OPEN}")
        return title, ("observable", "symbol", *numbers, "unit"), rows, notes

    def _cells(self, name: str, numbers: tuple[str, ...]) -> tuple[str, ...]:
        if name in self._refused:
            return ("undefined",)
        value, error = self._values[name], self.error_estimate[name]
        if "value" in numbers:
            return repr(value), f"{error:.1g}"
        if "first" in numbers:
            return end_texts(value)
        return *range_texts(value), range_texts(error, digits=1)[1]


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, Junction | str):
        return bool(a == b)
    first, second = (np.ma.getmaskarray(np.ma.asarray(value)) for value in (a, b))
    same_mask = np.array_equal(first, second)
    return same_mask and np.array_equal(np.ma.filled(a, 0.0), np.ma.filled(b, 0.0))
