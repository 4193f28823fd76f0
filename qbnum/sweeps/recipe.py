"""What is computed at each point of a sweep, and the computation of a block of points.

One call of `steady_state` gives all observables of a block. May import: numpy, qbnum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qbnum._checks import known_name, known_names
from qbnum.errors import ConvergenceError
from qbnum.model import Junction
from qbnum.observables import OBSERVABLES
from qbnum.steady_state import SteadyState, steady_state
from qbnum.sweeps.grid import Grid, junction_at

__all__ = ["ALL_VARIABLES", "BLOCK", "OCCUPATION", "STATUS", "Recipe", "recipe_of", "variables_of"]

Array: TypeAlias = NDArray[np.float64]

BLOCK = 16_384
"""Points computed together: a few megabytes for all observables with their errors."""

STATUS = {"ok": 0, "not_resolved": 1, "bound_state_occupation_not_fixed": 2}
"""Values of the variable ``status``: why an observable is NaN at a point."""


def variables_of(observables: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a result's variables, in the order in which they are stacked."""
    values = (n for name in observables for n in (name, f"{name}_error"))
    return (*values, "bound_state_weight", "status")


ALL_VARIABLES = frozenset(variables_of(OBSERVABLES))
"""Names that no dimension or coordinate may have."""

OCCUPATION = "bound_states"
"""Name, or beginning of the names, of columns that hold bound states' occupations."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """Everything besides the points that decides a sweep's numbers; travels to the workers.

    Attributes
    ----------
    junction : Junction
        What is not swept is taken from it.
    observables : tuple of str
        Which are kept.
    bound_states : str, float, or mapping of str to float
        As in `steady_state`. Arrays of occupations are columns beside the axes' values.
    options : mapping
        Further arguments of `steady_state`.
    on_error : {"raise", "mask"}
    """

    junction: Junction
    observables: tuple[str, ...]
    bound_states: Any
    options: Mapping[str, Any]
    on_error: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the result's variables, in the order in which they are stacked."""
        return variables_of(self.observables)

    def check(self, grid: Grid) -> None:
        """Compute the first point, so that a bad setting is found before anything is begun.

        Raises
        ------
        ParameterError
            As `steady_state`.
        """
        with suppress(ConvergenceError):  # the sweep itself raises or masks it
            self._state(grid.columns(0, 1), 1)

    def compute(self, columns: Mapping[str, Any], size: int) -> Array:
        """Return the variables at ``size`` points, stacked along the first axis.

        Parameters
        ----------
        columns : mapping of str to array (size,)
            The axes' values.
        size : int
            The number of points, which a sweep without axes does not tell.

        Raises
        ------
        BoundStateError
            A junction has a bound state and the policy neither masks nor occupies it.
        ConvergenceError
            A junction is not resolved, unless ``on_error`` is "mask".
        """
        table = np.empty((len(self.variables), size))
        for start in range(0, size, BLOCK):
            part = np.s_[start : start + BLOCK]
            self._fill(table[:, part], {name: v[part] for name, v in columns.items()})
        return table

    def _fill(self, table: Array, columns: Mapping[str, Array]) -> None:
        try:
            state = self._state(columns, table.shape[1])
        except ConvergenceError:
            if self.on_error == "raise":
                raise
            size = table.shape[1]
            if size == 1:
                table[:] = np.nan
                table[-1] = STATUS["not_resolved"]
                return
            # Halving finds the few points that fail; results do not depend on the neighbours.
            for part in (np.s_[: size // 2], np.s_[size // 2 :]):
                self._fill(table[:, part], {name: v[part] for name, v in columns.items()})
            return
        hidden = np.zeros(table.shape[1], dtype=bool)
        for k, name in enumerate(self.observables):
            value = np.ma.asarray(getattr(state, name))
            hidden |= np.ma.getmaskarray(value)
            table[2 * k] = value.filled(np.nan)
            table[2 * k + 1] = np.ma.asarray(state.error_estimate[name]).filled(np.nan)
        table[-2] = state.bound_state_weight
        table[-1] = np.where(hidden, STATUS["bound_state_occupation_not_fixed"], STATUS["ok"])

    def _state(self, columns: Mapping[str, Array], size: int) -> SteadyState:
        axes = {name: v for name, v in columns.items() if not name.startswith(OCCUPATION)}
        junction = junction_at(self.junction, axes)
        if junction.shape != (size,):
            junction = replace(junction, level=np.broadcast_to(junction.level, size))
        bound: Any = self.bound_states
        if OCCUPATION in columns:
            bound = columns[OCCUPATION]
        elif isinstance(bound, Mapping):
            bound = {key: columns.get(f"{OCCUPATION}:{key}", v) for key, v in bound.items()}
        with np.errstate(all="ignore"):  # what is not finite is refused with a reason
            return steady_state(junction, bound_states=bound, **self.options)


def recipe_of(
    junction: Junction,
    grid: Grid,
    *,
    observables: Iterable[str] | str | None,
    bound_states: Any,
    two_state_reference: str,
    engine: str | None,
    on_error: str,
) -> tuple[Recipe, Grid]:
    """Return the checked recipe, and the grid with the occupations that vary over it.

    Raises
    ------
    ParameterError
        An observable or a setting that does not exist, or occupations of another shape.
    """
    names = () if observables is None else known_names("observable", observables, OBSERVABLES)
    known_name("on_error", on_error, ("raise", "mask"))
    options = {"two_state_reference": two_state_reference}
    if engine is not None:
        options["engine"] = engine
    if isinstance(bound_states, Mapping):
        for key, value in bound_states.items():
            if np.ndim(value):
                grid = grid.with_column(f"{OCCUPATION}:{key}", value)
        bound_states = {k: None if np.ndim(v) else v for k, v in bound_states.items()}
    elif not isinstance(bound_states, str) and np.ndim(bound_states):
        grid = grid.with_column(OCCUPATION, bound_states)
        bound_states = None
    ordered = tuple(name for name in OBSERVABLES if name in names or not names)
    recipe = Recipe(junction, ordered, bound_states, options, on_error)
    recipe.check(grid)
    return recipe, grid
