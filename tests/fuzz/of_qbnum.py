"""The entries of `qbnum`."""

from __future__ import annotations

import contextlib
import math
import tempfile
from pathlib import Path

import numpy as np

import qbnum
from qbnum import optimize, sweeps
from qbnum.gradients import COMBINED, PARAMETERS
from tests.fuzz.draw import built, fields, just, lists, mapping, one_of, pick, tuples, uniform
from tests.fuzz.judge import Entry, finite
from tests.fuzz.values import (
    junctions,
    lead_arguments,
    leads,
    mostly,
    nasty,
    ordinary,
    plain,
    positive,
    signed,
    some,
    texts,
    usual,
)


def shown(record) -> None:
    assert repr(record)
    assert record._repr_html_()
    assert record == record


def lead(given) -> None:
    made = qbnum.Lead(**given)
    shown(made)
    for value in vars(made).values():
        finite(value)
    assert made.shape == np.broadcast_shapes(*(np.shape(v) for v in vars(made).values()))


def junction(given) -> None:
    made = qbnum.Junction(**given)
    shown(made)
    for value in made.parameters.values():
        finite(value)


def symmetric(given) -> None:
    shown(qbnum.Junction.symmetric(**given))


def moved(given) -> None:
    j, method, arguments = given
    made = getattr(j, method)(*arguments)
    for value in made.parameters.values():
        finite(value)


MOVES = one_of(
    tuples(just("at"), lists(some([0, -1, 1, 5]), 3)),
    tuples(pick(["exchanged", "reflected"]), just([])),
    tuples(just("scaled"), tuples(mostly(positive))),
    tuples(just("shifted"), tuples(mostly(signed))),
)

omegas = mostly(one_of(signed, built(complex, ordinary, pick([0.0, 1e-300, 0.1, 1e300]))))


def of_lead(given) -> None:
    function, record, omega = given
    finite(getattr(qbnum, function)(record, omega))


def of_energy(given) -> None:
    function, record, omega = given
    found = getattr(qbnum, function)(record, omega)
    finite(found)
    if function in ("transmission", "occupation"):
        assert np.all(np.ma.filled(found, 0.0) >= 0)
        assert np.all(np.ma.filled(found, 0.0) <= 1 + 1e-9)
    if function == "spectral_function":
        assert np.all(found >= 0)


def bound(record) -> None:
    found = qbnum.bound_states(record)
    finite(found.energy)
    finite(found.weight)
    finite(found.total_weight)
    assert np.all(found.count >= 0)


BOUND_STATES = one_of(
    pick(["error", "mask", "exclude", 0.0, 0.5, 1]),
    mapping(some(qbnum.BOUND_STATE_POSITIONS, texts), mostly(uniform(0, 1)), 3),
    nasty,
)

OPTIONS = fields(
    {},
    {
        "bound_states": BOUND_STATES,
        "two_state_reference": mostly(pick(["mean", "level"])),
        "engine": mostly(just("numpy")),
    },
)


def sound(state) -> None:
    for name in state.available:
        value, error = getattr(state, name), state.error_estimate[name]
        finite(value, name)
        finite(error, f"error of {name}")
        finite(state.absolute_integral[name], f"integral of {name}")
        assert np.all(np.ma.filled(error, 0.0) >= 0), f"a negative error of {name}"


def steady(given) -> None:
    record, options = given
    sound(qbnum.steady_state(record, **options))


def converted(given) -> None:
    record, options, dims = given
    state = qbnum.steady_state(record, **options)
    shown(state)
    state.to_dict()
    state.to_pandas()
    state.to_xarray(dims)


NAMES = one_of(just(None), lists(mostly(pick(qbnum.OBSERVABLES)), 3), nasty)


def differentiated(given) -> None:
    record, names, parameters, options = given
    found = qbnum.gradients(record, names, parameters, **options)
    for key in found:
        # NaN at a threshold is documented; nowhere else.
        assert np.all(~np.isinf(np.ma.filled(found[key], 0.0))), f"infinite: {key}"
        assert np.all(np.ma.filled(found.error_estimate[key], 0.0) >= 0) or np.isnan(found[key])
    for name in {key[0] for key in found}:
        found.value(name)
        found.jacobian(name)


AXES = mapping(mostly(pick(sweeps.AXES), texts), mostly(one_of(signed, positive)), 3, least=1)

SWEEP = fields(
    {},
    {
        "observables": mostly(just(None), NAMES),
        "bound_states": mostly(just("mask"), BOUND_STATES),
        "two_state_reference": mostly(pick(["mean", "level"])),
        "on_error": mostly(pick(["raise", "mask"])),
    },
)


def swept(given) -> None:
    record, axes, options, more = given
    data = qbnum.sweep(record, axes, **options, **more)
    with np.errstate(all="ignore"):
        for name in qbnum.OBSERVABLES.keys() & data.data_vars.keys():
            value, error = data[name].values, data[f"{name}_error"].values
            ok = data.status.values == sweeps.STATUS["ok"]
            assert np.isfinite(value[ok]).all(), name
            assert np.isfinite(error[ok]).all(), name


def sized(given) -> None:
    record, axes = given
    size = sweeps.grid_size(record, axes)
    assert isinstance(size, int)
    assert size >= 1


def filed(given) -> None:
    record, axes, options, path, more = given
    with tempfile.TemporaryDirectory() as directory, contextlib.chdir(directory):
        Path("directory.nc").mkdir()
        Path("text.nc").write_text("not a sweep")
        Path("loop.nc").symlink_to("loop.nc")
        try:
            done = qbnum.sweep_to_file(record, path, axes, **options, **more)
        except OSError:  # documented: the file cannot be written
            return
        if done.suffix != ".csv":
            sweeps.open_result(done).close()


def opened(given) -> None:
    content, name = given
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, name)
        path.write_bytes(content)
        sweeps.open_result(path).close()


LENGTHS = some([1, 2, "auto", 10**9, 0, -1, 1.5, {"level": 1}])
INTERVAL = mostly(built(lambda a, b: (min(a, b), max(a, b)), uniform(-2, 2), uniform(-2, 2)))


def optimum(given) -> None:
    function, objective, record, bounds, more = given
    best = getattr(optimize, function)(objective, record, bounds, **more)
    for one in best.local:
        assert math.isfinite(one.value)
        assert one.error_estimate >= 0


PROTOCOL = ("level", "coupling", "hopping", "onsite", "mu_eq", "temperature_eq", "bias")
PROTOCOL += ("temperature_gradient",)

ENTRIES = (
    Entry("Lead", ("qbnum.Lead", "qbnum.Lead.shape"), lead_arguments, lead),
    Entry(
        "Junction",
        ("qbnum.Junction", "qbnum.Junction.parameters", "qbnum.Junction.shape"),
        fields(
            {
                "level": mostly(signed),
                "left": mostly(leads),
                "right": mostly(leads),
                "mu_eq": mostly(signed),
                "temperature_eq": mostly(positive),
            }
        ),
        junction,
    ),
    Entry(
        "Junction.symmetric",
        ("qbnum.Junction.symmetric",),
        fields(
            {"level": mostly(signed)},
            {
                name: mostly(positive if name in ("coupling", "hopping") else signed)
                for name in PROTOCOL[1:]
            },
        ),
        symmetric,
    ),
    Entry(
        "transformations of a junction",
        tuple(f"qbnum.Junction.{m}" for m in ("at", "exchanged", "reflected", "scaled", "shifted")),
        built(lambda j, move: (j, *move), junctions, MOVES),
        moved,
    ),
    Entry(
        "functions of a lead",
        ("qbnum.self_energy", "qbnum.broadening"),
        tuples(pick(["self_energy", "broadening"]), mostly(leads), omegas),
        of_lead,
    ),
    Entry(
        "functions of energy",
        tuple(
            f"qbnum.{name}"
            for name in ("green_retarded", "spectral_function", "transmission", "occupation")
        ),
        tuples(
            pick(["green_retarded", "spectral_function", "transmission", "occupation"]),
            mostly(junctions),
            omegas,
        ),
        of_energy,
    ),
    Entry(
        "bound_states",
        ("qbnum.bound_states", "qbnum.BoundStates.count", "qbnum.BoundStates.total_weight"),
        mostly(junctions),
        bound,
    ),
    Entry(
        "steady_state",
        ("qbnum.steady_state", "qbnum.SteadyState.available"),
        tuples(mostly(one_of(junctions, usual)), OPTIONS),
        steady,
    ),
    Entry(
        "conversions of a state",
        tuple(f"qbnum.SteadyState.{m}" for m in ("to_xarray", "to_pandas", "to_dict")),
        tuples(
            usual,
            just({"bound_states": "mask"}),
            one_of(just(None), lists(texts, 3), nasty),
        ),
        converted,
    ),
    Entry(
        "gradients",
        ("qbnum.gradients", "qbnum.Gradients.value", "qbnum.Gradients.jacobian"),
        tuples(
            mostly(usual),
            NAMES,
            one_of(just(None), lists(mostly(pick([*PARAMETERS, *COMBINED])), 2), nasty),
            OPTIONS,
        ),
        differentiated,
    ),
    Entry(
        "sweep",
        ("qbnum.sweep", "qbnum.sweeps.sweep"),
        tuples(
            mostly(plain),
            mostly(AXES),
            SWEEP,
            fields(
                {},
                {
                    "chunks": LENGTHS,
                    "workers": some([1], texts),
                    "executor": some([None, "threads", "word"], texts),
                    "engine": mostly(just("numpy")),
                },
            ),
        ),
        swept,
    ),
    Entry("grid_size", ("qbnum.sweeps.grid_size",), tuples(mostly(plain), mostly(AXES)), sized),
    Entry(
        "sweep_to_file",
        ("qbnum.sweep_to_file", "qbnum.sweeps.sweep_to_file", "qbnum.sweeps.open_result"),
        tuples(
            plain,
            AXES,
            SWEEP,
            some(["a.nc", "a.csv", "a.nc", "directory.nc", "text.nc", "loop.nc", "/proc/a.nc"]),
            fields({}, {"block": LENGTHS, "overwrite": pick([True, False]), "workers": just(1)}),
        ),
        filed,
    ),
    Entry(
        "maximize, minimize",
        tuple(
            f"{package}.{name}"
            for package in ("qbnum", "qbnum.optimize")
            for name in ("maximize", "minimize")
        ),
        tuples(
            pick(["maximize", "minimize"]),
            some(optimize.OBJECTIVES),
            mostly(one_of(plain, just({"bias": 0.5}))),
            mostly(mapping(some(sweeps.AXES, texts), INTERVAL, 2)),
            fields({"points": mostly(just(9))}, {"bound_states": BOUND_STATES}),
        ),
        optimum,
    ),
)
