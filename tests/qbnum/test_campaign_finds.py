"""Junctions at which the accuracy campaign found errors larger than their estimates.

Each stands for its cause; the values are those of the draw, in units of a hopping or rounded.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest

import qbnum
import validation
from tests.slow import few_by_default
from validation.campaign.draws import draw, joined
from validation.enclosure import distance

FINDS = {
    # The far band edge of the coupled lead was left out of the singularities.
    "one-lead": (
        qbnum.Junction(
            level=1.045,
            left=qbnum.Lead(0.0, 1.0, 0.0, -1.7, 50.0),
            right=qbnum.Lead(0.0, 1.0, 0.3375, -1.7, 14.0),
            mu_eq=-1.7,
            temperature_eq=50.0,
        ),
        None,
    ),
    # Bound states above and below the bands cancel in E: its rounding is an ulp of their sizes.
    "bound-states-that-cancel": (
        qbnum.Junction(
            level=0.1,
            left=qbnum.Lead(0.0, 1.0, 9.0, 0.8, 250.0),
            right=qbnum.Lead(0.0, 1.0, 9.0, 1.5, 25.0),
            mu_eq=0.8,
            temperature_eq=250.0,
        ),
        0.93,
    ),
    # A cold lead's large exponent must not be the difference of two that the hot lead's gives.
    "cold-beside-hot": (
        qbnum.Junction(
            level=-1.392,
            left=qbnum.Lead(0.0, 1.0, 1.5e-2, -0.972, 2.1),
            right=qbnum.Lead(0.0, 1.0, 8.4e-6, -1.392, 1.1e-6),
            mu_eq=0.05,
            temperature_eq=0.017,
        ),
        None,
    ),
    # Where exponents are far apart f_L - f_R is one of the two, with the ulps of its own alone.
    "exponents-far-apart": (
        qbnum.Junction(
            level=-1.831,
            left=qbnum.Lead(0.0, 1.0, 1e-7, 1.487, 0.062),
            right=qbnum.Lead(0.0, 1.0, 1e-7, -1.4, 0.062),
            mu_eq=-1.3727,
            temperature_eq=0.062,
        ),
        None,
    ),
    # An equilibrium below the double range leaves the ratio f/f_eq to the logarithms.
    "equilibrium-below-doubles": (
        qbnum.Junction(
            level=-3.2515379752906726,
            left=qbnum.Lead(-0.127, 0.0732, 3.2e-9, 2.1, 1.2),
            right=qbnum.Lead(0.0, 1.6257689876468737, 2.2e-6, -0.123, 0.283),
            mu_eq=-1518.5,
            temperature_eq=1.1,
        ),
        None,
    ),
    # A result of e^-67 has the rounding of its exponents.
    "result-of-large-exponents": (
        qbnum.Junction(
            level=1.1363787446481198e-06,
            left=qbnum.Lead(
                onsite=0.0,
                hopping=5.644961642060243e-07,
                coupling=1.0409224604685894e-07,
                mu=3.265811087428557e-06,
                temperature=3.192466084794145e-08,
            ),
            right=qbnum.Lead(
                onsite=3.7453155683512083e-06,
                hopping=1.3044120805101704e-06,
                coupling=7.327464475062516e-08,
                mu=3.2569156889733165e-06,
                temperature=3.192466084794145e-08,
            ),
            mu_eq=3.2569156889733165e-06,
            temperature_eq=3.192466084794145e-08,
        ),
        None,
    ),
    # Seen from the edge of a narrow band, F is much larger than where its bound state lies.
    "bound-state-far-from-a-narrow-band": (
        qbnum.Junction(
            level=0.0015581454132685946,
            left=qbnum.Lead(
                onsite=0.0,
                hopping=0.0007190207346898459,
                coupling=7.311865438643938e-05,
                mu=0.001558153170160352,
                temperature=7.539394031910352e-09,
            ),
            right=qbnum.Lead(
                onsite=0.001558150276079044,
                hopping=4.681625785825676e-09,
                coupling=4.1366768953105336e-06,
                mu=0.0015581533575458667,
                temperature=2.0860414193786467e-08,
            ),
            mu_eq=0.0015581532264672157,
            temperature_eq=2.0860414193786467e-08,
        ),
        0.078,
    ),
    # The weight of a lead that hardly couples must not be 1 - the other's.
    "weak-lead-on-the-right": (
        qbnum.Junction(
            level=2.4117246011251576,
            left=qbnum.Lead(
                onsite=0.10911786305508694,
                hopping=1.1518110225255005,
                coupling=0.03419710180493394,
                mu=10.865065150292741,
                temperature=0.013582941099317949,
            ),
            right=qbnum.Lead(
                onsite=0.10911786305508694,
                hopping=1.1518110225255005,
                coupling=3.3570256624728495e-09,
                mu=1.6060827053766211,
                temperature=0.09924602884676344,
            ),
            mu_eq=10.865065150292741,
            temperature_eq=0.013582941099317949,
        ),
        None,
    ),
    # Beyond 700 temperatures f/f_eq is 0, not what it is at the centre.
    "occupation-far-below-the-doubles": (
        qbnum.Junction(
            level=1.0794007667696062,
            left=qbnum.Lead(
                0.0,
                1.0152330201059658,
                0.0008643765196711833,
                1.2129659328036437,
                18.387815285921217,
            ),
            right=qbnum.Lead(
                0.0,
                1.0152330201059658,
                9.316771386291955e-08,
                1.2130484706741453,
                0.0006589122855969896,
            ),
            mu_eq=1.2129659328036437,
            temperature_eq=18.387815285921217,
        ),
        0.22503280639648438,
    ),
    # Where d is an ulp of d_eq, f/(f_eq d/d_eq) - 1 is noise, if it is formed from f - f_eq.
    "hardly-occupied": (
        qbnum.Junction(
            level=0.4242668536947596,
            left=qbnum.Lead(
                -0.06020010925337016,
                0.2642305430214439,
                3.292798338559019e-09,
                -0.04659426839712114,
                1.1274883451089466e-07,
            ),
            right=qbnum.Lead(
                -0.06020010925337016,
                0.2642305430214439,
                6.974446248277186e-09,
                -0.0670050336405303,
                1.2026972464071877e-06,
            ),
            mu_eq=-0.07339614880195898,
            temperature_eq=2.3583519120492147,
        ),
        0.07160472869873047,
    ),
    # An edge of both leads is no pole of their shares.
    "one-common-edge": (
        qbnum.Junction(
            level=-0.29851842766340686,
            left=qbnum.Lead(
                1.0611934661865234,
                0.7805967330932617,
                1.1619232932828978,
                0.21178236478625867,
                130.78412164382644,
            ),
            right=qbnum.Lead(
                0.0, 0.25, 0.24642923793231536, -0.24832603501756878, 0.03545647248936867
            ),
            mu_eq=-0.24832603501756878,
            temperature_eq=0.03545647248936867,
        ),
        0.1765155792236328,
    ),
    # A resonance 1e-28 from the edge was put at the step of a bisection.
    "resonance-at-an-edge": (
        qbnum.Junction(
            level=15430.627035582262,
            left=qbnum.Lead(
                0.0, 8192.0, 2794.6433268863557, -2926.992698567874, 18368928.360106952
            ),
            right=qbnum.Lead(
                29193.90625,
                22788.953125,
                0.00038949218538107997,
                -4915.204230518007,
                4542603.958616773,
            ),
            mu_eq=-6235.052313442772,
            temperature_eq=4542603.958616773,
        ),
        0.9283342361450195,
    ),
    # f/f_eq is a double, twice that is none: it was refused.
    "ratio-at-the-end-of-the-doubles": (
        qbnum.Junction(
            level=-0.773703118706344,
            left=qbnum.Lead(
                0.0, 0.7544685204167538, 0.5630403278836563, -280.1736917408375, 0.3928233635097631
            ),
            right=qbnum.Lead(
                0.0, 0.7544685204167538, 0.3272479492842933, 0.8114050946446985, 0.11950400827583268
            ),
            mu_eq=-280.1736917408375,
            temperature_eq=0.3928233635097631,
        ),
        0.21624088287353516,
    ),
    # A bound state 1e-24 from the edge: its distance has digits that its energy has not.
    "state-next-to-its-threshold": (
        qbnum.Junction(
            level=-9.34578612803202,
            left=qbnum.Lead(
                -1.343884024145514,
                4.032451665440649,
                2.3208453725442105e-07,
                -1.9704746009002858,
                78.46365124875555,
            ),
            right=qbnum.Lead(
                -1.343884024145514,
                4.032451665440649,
                0.5040331365300439,
                -3.359648556617049,
                5.878495552503282e-06,
            ),
            mu_eq=-2.0922051986707904,
            temperature_eq=0.3357609290123821,
        ),
        0.9021358489990234,
    ),
    # In t ~ sqrt(omega - edge) the poles at 3, 5, ... pi kT are nearer than that at pi kT.
    "potential-at-an-edge": (
        qbnum.Junction(
            level=0.23382766688811168,
            left=qbnum.Lead(
                0.0,
                0.10757756106717963,
                0.6506880537863684,
                0.1556205575166492,
                1.105036436337492e-05,
            ),
            right=qbnum.Lead(
                0.0,
                0.10757756106717963,
                0.6506880537863684,
                0.1552132779806931,
                1.9187058525303694e-05,
            ),
            mu_eq=-0.21515512213435925,
            temperature_eq=1.105036436337492e-05,
        ),
        0.181304931640625,
    ),
    # What decays from the edge is e^{-t^2/T} there, of which 16 nodes resolve less than of e^-x.
    "potential-beyond-an-edge": (
        qbnum.Junction(
            level=-4421902.692132946,
            left=qbnum.Lead(
                -4421913.819178591,
                9.25349876858115,
                3.386205272723551,
                -4421913.123696538,
                7273.715254303155,
            ),
            right=qbnum.Lead(
                -4421913.819178591,
                9.25349876858115,
                3.386205272723551,
                -4421908.790777804,
                0.04676618993890619,
            ),
            mu_eq=-4421932.326383965,
            temperature_eq=3.7936235436038724e-05,
        ),
        0.2521524429321289,
    ),
    # The leads' parts of N - N_eq cancel, and the resonance counted by their sum.
    "changes-that-cancel-in-a-resonance": (
        qbnum.Junction(
            level=-0.08483322094406616,
            left=qbnum.Lead(
                -0.0,
                1.0253811309598393,
                1.4013346573460973e-07,
                0.6265749657137851,
                0.06202374221076422,
            ),
            right=qbnum.Lead(
                -0.0,
                1.0253811309598393,
                9.599766672070782e-06,
                -0.5452457921430022,
                0.06202374221076422,
            ),
            mu_eq=-0.5262725880373749,
            temperature_eq=0.06202374221076422,
        ),
        0.09510993957519531,
    ),
    # The exergy is that of a bound state's n - f_eq(omega_b), a difference of rounded numbers.
    "bound-state-nearly-at-equilibrium": (
        qbnum.Junction(
            level=1.3680175599629394,
            left=qbnum.Lead(
                -0.27983258693010216,
                0.8538370139770501,
                0.2260085042715809,
                1.5660869399067887,
                0.3242693351247969,
            ),
            right=qbnum.Lead(
                -0.27983258693010216,
                0.8538370139770501,
                0.0,
                -4.122563463151126,
                0.3242693351247969,
            ),
            mu_eq=1.5660869399067887,
            temperature_eq=0.3242693351247969,
        ),
        0.6049432754516602,
    ),
    # Where f/f_eq is far from 1, f ln(f/f_eq) has the rounding of ln f and of ln f_eq.
    "few-holes": (
        qbnum.Junction(
            level=-0.2586203112736307,
            left=qbnum.Lead(
                -0.9774209878197547,
                1.0068586975325062,
                3.649127307977157e-07,
                -0.6697921476219687,
                0.007908106797899715,
            ),
            right=qbnum.Lead(
                -0.9774209878197547,
                1.0068586975325062,
                0.00017304764929778276,
                -0.17035141134291742,
                0.007908106797899715,
            ),
            mu_eq=-0.17035141134291742,
            temperature_eq=0.007908106797899715,
        ),
        0.3349170684814453,
    ),
    # X goes as the square of N - N_eq and is twice as loose.
    "exergy-of-a-change-in-the-tail": (
        qbnum.Junction(
            level=3.772960871431834,
            left=qbnum.Lead(
                -1.2574398893152225,
                2.7459610402181664,
                7.94047836824753e-05,
                0.8581275050355168,
                0.17894488916427945,
            ),
            right=qbnum.Lead(
                -1.2574398893152225,
                2.7459610402181664,
                9.412192368461194e-08,
                0.7917943883486249,
                0.17894488916427945,
            ),
            mu_eq=0.9329661778234677,
            temperature_eq=0.17894488916427945,
        ),
        0.06079387664794922,
    ),
}

ENGINES = ["numpy", *(["compiled"] if find_spec("numba") else [])]


@pytest.mark.parametrize("name", few_by_default(FINDS, 5))
def test_the_estimate_covers_the_error(name: str) -> None:
    junction, occupation = FINDS[name]
    states = "error" if occupation is None else occupation
    reference = validation.reference(junction, digits=20, bound_states=states)
    for engine in ENGINES:
        state = qbnum.steady_state(junction, bound_states=states, engine=engine)
        for observable in qbnum.OBSERVABLES:
            error = distance(getattr(state, observable), reference[observable])
            assert error <= state.error_estimate[observable], (observable, engine)


def test_the_sizes_of_bound_states_on_both_sides_add_up() -> None:
    junction, occupation = FINDS["bound-states-that-cancel"]
    state = qbnum.steady_state(junction, bound_states=occupation)
    reference = validation.reference(junction, digits=20, bound_states=occupation)
    for name in ("energy", "equilibrium_energy"):
        size = float(reference[name].absolute_integral)
        assert state.absolute_integral[name] == pytest.approx(size, rel=0.01), name
        assert abs(reference[name].mid) < size / 2, name


def test_a_resonance_beside_another_in_the_array_keeps_its_bits() -> None:
    # Sums over the rule's nodes were taken in another order for one resonance than for several.
    drawn = [draw(20240731, number) for number in (1690, 1715)]
    for one in drawn:
        alone, beside = (
            qbnum.steady_state(junction, bound_states=occupation)
            for junction, occupation in (joined([one]), joined([*drawn, one]))
        )
        for observable in qbnum.OBSERVABLES:
            assert getattr(beside, observable)[-1] == getattr(alone, observable)[0], observable


@pytest.mark.parametrize(
    ("number", "most"),
    [
        # Hardly a hole: d and d_eq know them to relative accuracy, d - d_eq does not.
        (353, 1e-10),
        # 1e-20 from equilibrium it is d - d_eq that is known to relative accuracy.
        (4448, 1e-12),
    ],
)
def test_the_estimate_of_the_two_state_exergy_is_no_larger_than_it_must(
    number: int, most: float
) -> None:
    one = draw(20240731, number)
    state = qbnum.steady_state(one.junction, bound_states=one.occupation)
    assert state.error_estimate["two_state_exergy"] < most * state.two_state_exergy
