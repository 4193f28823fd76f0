"""The weak-coupling limits against the integrals at small couplings."""

from fractions import Fraction
from itertools import pairwise

import pytest
from mpmath import mp, mpf

import qbsym
from qbsym import limits
from qbsym import symbols as s
from qbsym.limits import _weak_coupling as weak_module
from qbsym.limits._weak_forms import at_level, averaged_over_spectrum
from tests.qbsym.cases import integrals, parameters
from tests.slow import few_by_default


def weak(factor, **changes):
    return parameters(
        left__coupling=Fraction(1, 5) * factor,
        right__coupling=Fraction(3, 10) * factor,
        left__temperature=Fraction(1, 4),
        right__temperature=Fraction(1, 5),
        temperature_eq=Fraction(3, 10),
        **changes,
    )


OVERLAPPING = {"right__onsite": Fraction(1, 2), "right__hopping": Fraction(9, 10)}
"""Edges in the order LRLR, the level (2/5) in both bands."""

BANDS = {"equal": {}, "LRLR": OVERLAPPING}


def observables(values):
    """Return every observable's value from integrals in double precision."""
    value = integrals(values)
    at = {
        s.d: value["particle_number"],
        s.d_bar: value["hole_number"],
        s.d_eq: value["equilibrium_particle_number"],
        s.d_eq_bar: value["equilibrium_hole_number"],
    }
    for name in ("entropy", "exergy"):
        two = float(qbsym.observable(f"two_state_{name}").definition.subs(at))
        value[f"two_state_{name}"] = two
        sign = 1 if name == "entropy" else -1
        value[f"{name}_gap"] = sign * (two - value[name])
    return value


def limit_value(name, values, order=1, **regions):
    return float(limits.evaluate(limits.weak_coupling(name, order, **regions), values, 20))


SMOOTH = [n for n in qbsym.OBSERVABLES if n not in ("entropy_gap", "exergy_gap")]
EXPANDED = [n for n in SMOOTH if n != "spectral_weight"]


@pytest.fixture(scope="module")
def values_at_two_couplings():
    return {
        bands: {n: observables(weak(Fraction(1, n), **changes)) for n in (20, 40)}
        for bands, changes in BANDS.items()
    }


@pytest.mark.parametrize("bands", BANDS)
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", few_by_default(EXPANDED, 2))
def test_each_order_leaves_a_remainder_two_powers_of_the_coupling_smaller(
    name, order, bands, values_at_two_couplings
):
    errors = []
    for n, values in values_at_two_couplings[bands].items():
        at = weak(Fraction(1, n), **BANDS[bands])
        errors.append(values[name] / limit_value(name, at, order, bands=bands) - 1)
    # At n = 40 the width is 1e-4: its square times the curvature over T^2 is the remainder, and
    # 2^4 = 16 against 2^2 = 4 tells the orders apart. A double's 1e-12 is far below both.
    assert 1e-11 < abs(errors[1]) < (1e-2 if order == 1 else 1e-4)
    assert errors[0] / errors[1] == pytest.approx(4**order, rel=0.1)


def test_the_spectral_weight_is_its_limit_exactly(values_at_two_couplings):
    for values in values_at_two_couplings["equal"].values():
        # A bound of the quadrature in double precision.
        assert values["spectral_weight"] == pytest.approx(1, abs=1e-12)
    assert (
        limits.weak_coupling("spectral_weight") == limits.weak_coupling("spectral_weight", 2) == 1
    )


@pytest.mark.parametrize("bands", BANDS)
@pytest.mark.parametrize("name", ["entropy_gap", "exergy_gap"])
def test_gaps_vanish_with_the_square_of_the_coupling_and_the_derived_coefficient(
    name, bands, values_at_two_couplings
):
    ratios = []
    for n, values in values_at_two_couplings[bands].items():
        at = weak(Fraction(1, n), **BANDS[bands])
        ratios.append(values[name] / limit_value(name, at, bands=bands) - 1)
    assert 1e-9 < abs(ratios[1]) < 1e-3
    assert ratios[0] / ratios[1] == pytest.approx(4, rel=0.2)
    # The next order takes most of that away; the gap in double precision has but ten digits.
    at = weak(Fraction(1, 20), **BANDS[bands])
    better = limit_value(name, at, 2, bands=bands)
    value = values_at_two_couplings[bands][20][name]
    assert abs(value / better - 1) < abs(ratios[0]) / 50


def test_gaps_are_a_positive_average_away_from_the_level():
    values = weak(Fraction(1))
    for name in ("entropy_gap", "exergy_gap"):
        expression = limits.weak_coupling(name)
        ((_, low, high),) = expression.limits
        assert (high - low).equals(4 * s.hopping_L)
        integrand = qbsym.lambdify(expression.function, backend="gmpy2", variables=1)
        with mp.workdps(40):
            bound = integrand.bind(*values.values())
            for energy in (mpf(-19) / 10, mpf(-1) / 3, mpf(2) / 5 + mpf(10) ** -6, mpf(19) / 10):
                assert bound(energy) > 0


def test_the_next_order_vanishes_where_the_average_is_of_a_linear_function():
    value, slope = at_level(s.omega, "inside", "inside")
    assert (value, slope) == (s.level, 1)
    assert weak_module._tail_average(s.omega, "equal", value, slope) == 0


@pytest.mark.parametrize("regions", [("inside", "inside"), ("inside", "below")])
@pytest.mark.parametrize("name", ["particle_number", "entropy", "exergy", "equilibrium_entropy"])
def test_slopes_at_the_level_are_those_of_the_integrand(name, regions):
    values = weak(Fraction(1), right__onsite=Fraction(3) if "below" in regions else Fraction(0))
    slow = averaged_over_spectrum(name)
    explicit = qbsym.lambdify(
        qbsym.observables.expand_symbols(slow, *regions), backend="mpmath", variables=1
    )
    _, slope = at_level(slow, *regions)
    with mp.workdps(40):
        expected = mp.diff(explicit.bind(*values.values()), mp.convert(values["level"]))
        found = limits.evaluate(slope, values, 30)
        # Numerical differentiation at 40 digits keeps more than half of them.
        assert abs(found / expected - 1) < mpf(10) ** -15


def test_a_level_in_one_band_only_takes_that_leads_occupation():
    changes = {"right__onsite": Fraction(3), "right__hopping": Fraction(1, 2)}
    values = weak(Fraction(1, 80), **changes)
    computed = observables(values)
    for name in ("particle_number", "energy", "entropy", "exergy", "two_state_entropy"):
        expected = limit_value(name, values, right="below")
        assert computed[name] == pytest.approx(expected, rel=1e-4), name
        # The bands touch at 2: the order of equal edges does not matter.
        better = limit_value(name, values, 2, right="below", bands="LLRR")
        assert computed[name] == pytest.approx(better, rel=1e-7), name


def test_off_resonance_the_currents_start_with_the_fourth_power():
    changes = {"right__onsite": Fraction(9, 5), "right__hopping": Fraction(2, 5)}
    errors = []
    for n in (10, 20):
        values = weak(Fraction(1, n), **changes)
        expected = limit_value("charge_current", values, right="below", bands="LRLR")
        errors.append(observables(values)["charge_current"] / expected - 1)
    assert abs(errors[1]) < 1e-2
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    # Beyond both bands as well, whatever occupies the bound state there.
    assert limits.weak_coupling("charge_current", left="above", right="above").has(s.omega)


def test_coupling_powers_are_those_of_the_expressions():
    scale = Fraction(1, 2)
    for name in qbsym.OBSERVABLES:
        full, half = (limit_value(name, weak(f)) for f in (Fraction(1), scale))
        assert half / full == pytest.approx(float(scale) ** limits.COUPLING_POWER[name])


def test_arrangements_list_the_pieces_where_a_lead_is_open():
    from qbsym.limits._bands import pieces

    expected = {
        "equal": 1, "LRLR": 3, "RLRL": 3, "LRRL": 3, "RLLR": 3, "LLRR": 2, "RRLL": 2
    }  # fmt: skip
    assert {bands: len(pieces(bands)) for bands in limits.ARRANGEMENTS} == expected
    for bands in ("LRLR", "LRRL"):
        assert all(a.high == b.low for a, b in pairwise(pieces(bands)))
        assert {(p.left, p.right) for p in pieces(bands)} >= {("inside", "inside")}
    with pytest.raises(qbsym.UnknownNameError, match="LRLR"):
        pieces("LRL")


def test_bands_arranged_otherwise_than_said_are_noticed():
    expression = limits.weak_coupling("entropy", 2, bands="LRRL")
    with pytest.raises(qbsym.NotDerivedError, match="arrangement"):
        limits.evaluate(expression, weak(Fraction(1), **OVERLAPPING), 15)


def test_orders_and_places_that_are_not_derived_say_what_is():
    with pytest.raises(qbsym.NotDerivedError, match="order 1 and 2"):
        limits.weak_coupling("exergy", order=3)
    with pytest.raises(qbsym.NotDerivedError, match="order 1 only"):
        limits.weak_coupling("charge_current", order=2, right="below", bands="LRLR")
    with pytest.raises(qbsym.NotDerivedError, match="bound state"):
        limits.weak_coupling("exergy", left="above", right="above")
    with pytest.raises(qbsym.NotDerivedError, match="cannot be"):
        limits.weak_coupling("entropy_gap", right="above")
    with pytest.raises(qbsym.UnknownNameError):
        limits.weak_coupling("ergotropy")
