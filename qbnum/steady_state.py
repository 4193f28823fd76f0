"""The computation: every observable of a junction, or of an array of junctions.

Section 2 of the design's table, Eqs. (7)-(13) and (A4)-(A7). May import: numpy, qbnum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbnum import _statistics as st
from qbnum._checks import known_name, real, refuse_unless, require_memory, shown
from qbnum._geometry import Points
from qbnum._integrate import integrate
from qbnum._results import RESULTS, Filling, Integrals, tail_exponents, two_state_exergy
from qbnum.bound import BOUND_STATE_POSITIONS
from qbnum.errors import ConvergenceError, ParameterError, ShapeError
from qbnum.model import Junction
from qbnum.observables import OBSERVABLES
from qbnum.state import SteadyState

__all__ = ["SteadyState", "steady_state"]

Array: TypeAlias = NDArray[np.float64]
Occupations: TypeAlias = ArrayLike | Mapping[str, ArrayLike]

_CHUNK = 4096  # points integrated together: memory stays flat however many there are
# What a point takes at the most, measured at 1e5 and 3e5 points: all observables with their errors.
BYTES_PER_POINT = 700
# Rounding: each node carries a few ulps from about twenty operations; sums over nodes average.
_ROUNDING = 32 * np.finfo(np.float64).eps
# A gap is the square of a difference of differences, each with its own ulps: the worst of 400
# cases was 2.3e-14 relative, where a single difference keeps 1e-14.
_GAP_ROUNDING = 4
# A current's exponent difference and moments carry some ulps more: the worst of 1400 cases was
# 4e-14 wrong.
_CURRENT_ROUNDING = 3
# A small result is made of occupations e^-x with x up to -ln of it, and of x = (omega - mu)/T three
# roundings of half an ulp each.
_EXPONENT_ROUNDING = 1.5 * np.finfo(np.float64).eps
_BOUND_ROUNDING = 2 * np.finfo(np.float64).eps  # a bound state's two exponents
# An energy's size is that of its occupation.
_OCCUPATION_OF = {
    "energy": "particle_number",
    "equilibrium_energy": "equilibrium_particle_number",
}
_SMALLEST = np.finfo(np.float64).tiny  # what underflows may be wrong by this
_CURRENTS = (
    "charge_current",
    "energy_current",
    "heat_current_left",
    "heat_current_right",
    "entropy_production",
)
# A sum rule missed by more than this means that a resonance was not resolved: refuse.
_SUM_RULE_LIMIT = 1e-9


def steady_state(
    junction: Junction,
    *,
    bound_states: Literal["error", "mask", "exclude"] | Occupations = "error",
    two_state_reference: Literal["mean", "level"] = "mean",
    engine: Literal["numpy", "compiled"] = "numpy",
) -> SteadyState:
    """Return every observable of the junction's steady state, Eqs. (7)-(13) and (A4)-(A7).

    Parameters
    ----------
    junction : Junction
        One junction, or arrays of them that broadcast, as many as the machine's memory holds.
    bound_states : {"error", "mask", "exclude"}, number, array, or mapping, optional
        Bound states outside the bands keep the occupation they were prepared with. Observables
        that need it, where a junction has one,

        - "error": raise `BoundStateError` when they are asked for (currents stay available);
        - "mask": are masked arrays, masked at the junctions concerned;
        - "exclude": are those of the band part; the two-state ones and the gaps, which have no
          band part, raise (single junction) or are masked (array);
        - an occupation in [0, 1]: a number or array of the junction's shape for every bound
          state, or a mapping with the keys "below", "between", "above" (the bands) for each.
          The isolated level, both couplings zero, counts as "between".
    two_state_reference : {"mean", "level"}, optional
        The f_eq of Eq. (A5), which the paper leaves open: "mean" is d_eq = integral A f_eq, for
        which the gap is >= 0 and both exergies vanish at equilibrium; "level" is f_eq(eps_QB),
        which breaks both.
    engine : {"numpy", "compiled"}, optional
        "compiled" uses numba's machine code where it has any, and NumPy elsewhere: the same
        quadrature and the same results but for rounding. The first call compiles; later
        processes find the code on disk. Needs ``pip install 'qbval[compiled]'``.

    Returns
    -------
    SteadyState

    Raises
    ------
    ParameterError, ShapeError
        Bad arguments, or more junctions than memory holds.
    ConvergenceError
        The spectral sum rule is missed: no number is returned rather than a wrong one.
    MissingDependencyError
        ``engine="compiled"`` without numba.
    """
    return evaluated(
        junction,
        None,
        bound_states=bound_states,
        two_state_reference=two_state_reference,
        engine=engine,
    )


def evaluated(
    junction: Junction,
    visit: Callable[[Points, Array, Integrals], None] | None,
    *,
    bound_states: Literal["error", "mask", "exclude"] | Occupations = "error",
    two_state_reference: Literal["mean", "level"] = "mean",
    engine: Literal["numpy", "compiled"] = "numpy",
) -> SteadyState:
    """Return the steady state; ``visit`` sees every chunk's points, occupations and integrals."""
    refuse_unless(Junction, "junction", junction)
    known_name("two_state_reference", two_state_reference, ("mean", "level"))
    known_name("engine", engine, ("numpy", "compiled"))
    shape = junction.shape
    require_memory(
        math.prod(shape),
        BYTES_PER_POINT,
        "give fewer, or compute them in parts (qbnum.sweep_to_file)",
    )
    policy, occupation, given = _occupations(bound_states, shape)
    points = Points.of(junction)
    n = len(points)
    joined = {key: np.empty((n, 3) if key == "states" else n) for key in _keys()}
    with np.errstate(all="ignore"):  # non-finite results are refused below
        for start in range(0, n, _CHUNK):
            chunk = np.s_[start : start + _CHUNK]
            part = points.take(chunk)
            done = integrate(part, occupation[chunk], engine)
            if visit is not None:
                visit(part, occupation[chunk], done)
            bound = None if policy == "exclude" else occupation[chunk]
            for key, found in _collect(part, done, bound, two_state_reference).items():
                joined[key][chunk] = found
    _refuse_unresolved(junction, joined)
    return _assemble(junction, joined, policy, given)


def _keys() -> list[str]:
    parts = ("value", "error", "absolute")
    return [f"{part}:{name}" for part in parts for name in OBSERVABLES] + [
        "states",
        "weight",
        "defect",
    ]


def _occupations(
    bound_states: object, shape: tuple[int, ...]
) -> tuple[str, Array, NDArray[np.bool_]]:
    """Return the policy, occupations (n, 3), and for which slots an occupation was named."""
    size = int(np.prod(shape))
    given = np.zeros(3, dtype=bool)
    occupation = np.zeros((size, 3))
    if isinstance(bound_states, str):
        if bound_states not in ("error", "mask", "exclude"):
            raise ParameterError(
                f"bound_states = {shown(bound_states)}; allowed are 'error', 'mask', 'exclude', "
                "an occupation in [0, 1], or a mapping of occupations"
            )
        return bound_states, occupation, given
    named = (
        bound_states
        if isinstance(bound_states, Mapping)
        else dict.fromkeys(BOUND_STATE_POSITIONS, bound_states)
    )
    for key, value in named.items():
        if key not in BOUND_STATE_POSITIONS:
            raise ParameterError(
                f"bound_states has the key {shown(key)}; allowed are "
                + ", ".join(BOUND_STATE_POSITIONS)
            )
        array = np.asarray(real("bound_states", value, "probability"))
        try:
            spread = np.broadcast_to(array, shape)
        except ValueError as error:
            raise ShapeError(
                f"bound_states of shape {array.shape} does not broadcast to the junction's {shape}"
            ) from error
        slot = BOUND_STATE_POSITIONS.index(key)
        occupation[:, slot] = spread.reshape(-1)
        given[slot] = True
    return "occupied", occupation, given


def _bound_sizes(done: Integrals, occupation: Array, f_eq: Array) -> dict[str, Array]:
    """Return the sums of the bound states' absolute terms, where two may differ in sign."""
    terms = {
        "energy": occupation * done.energy,
        "equilibrium_energy": f_eq * done.energy,
        "particle_number_change": occupation - f_eq,
    }
    return {name: (done.weight * np.abs(term)).sum(axis=1) for name, term in terms.items()}


def _bound_noise(done: Integrals, occupation: Array, equilibrium: st.Fermi) -> list[Array]:
    """Return the rounding errors of the bound states' part of the exergy and of its gap.

    Near equilibrium n - f_eq(omega_b) is a difference of rounded numbers. An error of an exponent
    moves n by n (1-n) times it, f_eq likewise, and the relative entropies by their slopes.
    """
    n = np.clip(occupation, _SMALLEST, 1.0 - _ROUNDING)
    filled = st.Fermi.with_occupation(n)
    slope = equilibrium.x - filled.x
    slope_eq = equilibrium.f - occupation  # times f_eq (1 - f_eq), as the next
    mean = (done.filling.log_ratio - done.filling.log_ratio_bar)[:, None]
    mean_eq = (done.filling.ratio_bar - done.filling.ratio)[:, None]
    mean_eq = mean_eq * equilibrium.f * equilibrium.f_bar
    mean, mean_eq = (np.where(np.isfinite(part), part, 0.0) for part in (mean, mean_eq))
    return [
        _BOUND_ROUNDING
        * (
            done.weight
            * (
                np.abs(by_n) * occupation * (1.0 - occupation) * (1.0 + np.abs(filled.x))
                + np.abs(by_eq) * (1.0 + np.abs(equilibrium.x))
            )
        ).sum(axis=1)
        for by_n, by_eq in ((slope, slope_eq), (slope - mean, slope_eq - mean_eq))
    ]


def _collect(
    points: Points, done: Integrals, occupation: Array | None, reference: str
) -> dict[str, Any]:
    """Return values, errors and absolute integrals of every observable in the user's units.

    ``occupation`` (n, 3) is that of the bound states; with None they are left out.
    """
    bound = np.zeros_like(done.bound) if occupation is None else done.bound
    sizes = dict(zip(RESULTS, np.abs(bound), strict=True))
    if occupation is not None:
        x_eq = (done.energy - points.mu_eq[:, None]) / points.temperature_eq[:, None]
        at_states = st.Fermi.of(x_eq)
        sizes |= _bound_sizes(done, occupation, at_states.f)
    value = dict(zip(RESULTS, done.value + bound, strict=True))
    absolute = {name: done.absolute[k] + sizes[name] for k, name in enumerate(RESULTS)}
    weight = done.weight.sum(axis=1)
    defect = np.abs(1.0 - value["spectral_weight"] - weight)
    relative, relative_current = (
        rounding * (1.0 + tail) + defect
        for rounding, tail in zip(
            (_ROUNDING, _CURRENT_ROUNDING * _ROUNDING), tail_exponents(points), strict=True
        )
    )
    error = {}
    for k, name in enumerate(RESULTS):
        noise = relative_current if name in _CURRENTS else relative
        noise = noise + _exponent_noise(absolute[_OCCUPATION_OF.get(name, name)])
        error[name] = done.error[k] + noise * absolute[name]
    # A bound state's n - f_eq(omega_b) is a difference of rounded numbers.
    of_bound = dict(zip(RESULTS, bound, strict=True))
    loose = of_bound["particle_number"] + of_bound["equilibrium_particle_number"]
    error["particle_number_change"] += _ROUNDING * loose

    fill = done.filling
    S2 = st.binary_entropy(fill.d, fill.d_bar)
    value["two_state_entropy"] = S2
    least = np.minimum(error["particle_number"], error["hole_number"])
    pull = np.abs(st.log_of(fill.d, fill.d_bar) - st.log_of(fill.d_bar, fill.d))
    error["two_state_entropy"] = pull * least + relative * S2
    value["entropy_gap"], value["exergy_gap"] = done.gap
    for k, name in enumerate(("entropy_gap", "exergy_gap")):
        noise = relative + _exponent_noise(done.gap[k])
        error[name] = done.gap_error[k] + _GAP_ROUNDING * noise * done.gap[k]
    if occupation is not None:
        for name, noise in zip(
            ("exergy", "exergy_gap"), _bound_noise(done, occupation, at_states), strict=True
        ):
            error[name] += noise

    X2, slope, X2_error = _two_state_exergy(fill, value, error, relative)
    # The exergy is X2 and the gap.
    error["exergy"] = np.maximum(error["exergy"], X2_error)
    if reference == "mean":
        error["two_state_exergy"] = X2_error
        # d - d_eq is an integral that may change sign: X2 is as well conditioned as its square.
        absolute["two_state_exergy"] = np.maximum(X2, slope * absolute["particle_number_change"])
    else:
        at_level = st.Fermi.of((points.level - points.mu_eq) / points.temperature_eq)
        log_g, log_g_bar = at_level.log()
        log_d, log_d_bar = st.log_of(fill.d, fill.d_bar), st.log_of(fill.d_bar, fill.d)
        X2 = st.divergence(fill.d, at_level.f, fill.d / at_level.f - 1, log_d - log_g)
        X2 = X2 + st.divergence(
            fill.d_bar, at_level.f_bar, fill.d_bar / at_level.f_bar - 1, log_d_bar - log_g_bar
        )
        error["two_state_exergy"] = np.abs((log_d - log_g) - (log_d_bar - log_g_bar)) * least
        error["two_state_exergy"] += relative * (1.0 + X2)
        value["exergy_gap"] = value["exergy"] - X2
        error["exergy_gap"] = error["exergy"] + error["two_state_exergy"]
    value["two_state_exergy"] = X2

    out: dict[str, Any] = {"states": done.present, "weight": weight, "defect": defect}
    for name, info in OBSERVABLES.items():
        power = {"1": 0, "energy": 1, "energy^2": 2}[info.unit]
        unit = (1.0 / points.scale) ** power
        out[f"value:{name}"] = value[name] * unit
        out[f"error:{name}"] = error[name] * unit + _SMALLEST
        out[f"absolute:{name}"] = absolute.get(name, np.abs(value[name])) * unit
    return out


def _two_state_exergy(
    fill: Filling, value: dict[str, Array], error: dict[str, Array], relative: Array
) -> tuple[Array, Array, Array]:
    """Return X2 against d_eq, its slope in d, and its error.

    Of two bounds the lesser: from the errors of d - d_eq and d_eq, which near equilibrium are those
    of a small difference, and from the errors of d and d_eq.
    """
    change, change_error = value["particle_number_change"], error["particle_number_change"]
    d_eq, d_eq_bar = value["equilibrium_particle_number"], value["equilibrium_hole_number"]
    X2 = two_state_exergy(fill, d_eq, d_eq_bar)
    # A filling below the double range has no say.
    logs = (np.where(np.isfinite(log), log, 0.0) for log in (fill.log_ratio, fill.log_ratio_bar))
    slope = np.abs(next(logs) - next(logs))
    slope_eq = np.abs(change / (d_eq * d_eq_bar))
    slope_eq = np.where(np.isfinite(slope_eq), slope_eq, slope)
    curvature = np.where(
        np.minimum(fill.ratio, fill.ratio_bar) > -0.5,
        np.minimum(np.abs(slope - slope_eq), fill.ratio**2 + fill.ratio_bar**2),
        np.abs(slope - slope_eq),
    )
    least = np.minimum(error["particle_number"], error["hole_number"])
    least_eq = np.minimum(error["equilibrium_particle_number"], error["equilibrium_hole_number"])
    joint = slope * change_error + curvature * least_eq
    return X2, slope, np.minimum(joint, slope * least + slope_eq * least_eq) + relative * X2


def _exponent_noise(size: Array) -> Array:
    """Return the relative rounding error that a result of this size has from its exponents."""
    return np.asarray(-_EXPONENT_ROUNDING * np.log(np.clip(size, _SMALLEST, 1.0)))


def _refuse_unresolved(junction: Junction, joined: dict[str, Array]) -> None:
    unresolved = ~(joined["defect"] <= _SUM_RULE_LIMIT)
    reasons = {"spectral sum rule": unresolved}
    for name in OBSERVABLES:
        reasons[name] = ~np.isfinite(joined[f"value:{name}"]) | ~np.isfinite(
            joined[f"error:{name}"]
        )
        unresolved = unresolved | reasons[name]
    if unresolved.any():
        first = int(np.argmax(unresolved))
        index = np.unravel_index(first, junction.shape) if junction.shape else ()
        single = junction.at(*(int(k) for k in index))
        failed = ", ".join(reason for reason, bad in reasons.items() if bad[first])
        raise ConvergenceError(
            f"{int(unresolved.sum())} of {unresolved.size} junctions were not resolved; the first "
            f"({failed}) is {single!r}. Use validation.reference for it, at the digits you need"
        )


def _assemble(
    junction: Junction, joined: dict[str, Array], policy: str, given: NDArray[np.bool_]
) -> SteadyState:
    shape = junction.shape
    present = joined["states"].astype(bool)
    undefined = present & ~given if policy == "occupied" else present
    affected = undefined.any(axis=1).reshape(shape)

    def shaped(flat: Array, mask: bool = False) -> Any:
        array = flat.reshape(shape)
        if mask and shape:
            return np.ma.MaskedArray(array, mask=affected)
        return array if shape else float(array)

    refused: dict[str, str] = {}
    masked: set[str] = set()
    if affected.any():
        count = f"{int(affected.sum())} of {affected.size} junctions have" if shape else "it has"
        for name, info in OBSERVABLES.items():
            if not info.needs_occupation or (policy == "exclude" and not info.two_state):
                continue
            if shape and policy in ("mask", "exclude"):
                masked.add(name)
            else:
                refused[name] = (
                    f"{name} needs the occupation of the bound states, which the steady state does "
                    f"not fix, and {count} one outside the bands (see qbnum.bound_states). Give "
                    "bound_states=<occupation in [0, 1]>, or "
                    + (
                        '"exclude" for the band part.'
                        if not info.two_state
                        else "use the exact one."
                    )
                )
    parts: dict[str, dict[str, Any]] = {}
    for part in ("value", "error", "absolute"):
        parts[part] = {
            name: shaped(joined[f"{part}:{name}"], mask=name in masked) for name in OBSERVABLES
        }
    return SteadyState(
        junction=junction,
        error_estimate=MappingProxyType(parts["error"]),
        absolute_integral=MappingProxyType(parts["absolute"]),
        bound_state_weight=shaped(joined["weight"]),
        _values=MappingProxyType(parts["value"]),
        _refused=MappingProxyType(refused),
    )
