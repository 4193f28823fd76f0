"""The certified reference: its rule, its enclosures, and the other backend beside it."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from flint import acb, arb, ctx
from mpmath import mp, mpf

from qbnum import Junction, Lead
from qbsym import INTEGRALS
from tests.slow import few_by_default
from validation.backends import arb_assembly, arb_backend, arb_rule, balls, bands, zeros
from validation.backends.arb_assembly import Ball
from validation.backends.arb_pieces import Integrator
from validation.backends.balls import ball
from validation.cases import corner_cases, random_cases
from validation.cases.random_points import STRATA
from validation.errors import PrecisionNotReachedError
from validation.exact import ExactJunction, ExactLead
from validation.metrics import SIGN_CHANGING
from validation.references import OBSERVABLES, bound_states, reference

CORNERS = {case.slug: case for case in corner_cases()}


# --- The rule -------------------------------------------------------------------------------------

BITS = 100

# Functions of a ball that signal where they are not analytic, limits, and the exact integral.
INTEGRATED = {
    "polynomial": (lambda z, a: z * z * z - z, 0, 2, lambda: arb(2)),
    "entire": (lambda z, a: z.exp(), 0, 1, lambda: arb(1).exp() - 1),
    "oscillating": (lambda z, a: (40 * z).cos(), 0, 1, lambda: arb(40).sin() / 40),
    "poles near": (lambda z, a: 1 / (1 + 10**8 * z * z), -1, 2, lambda: (
        (arb(10) ** 4).atan() + (arb(2) * 10**4).atan()) / 10**4),
    "root at the end": (lambda z, a: z.sqrt(analytic=a), 0, 1, lambda: arb(2) / 3),
    "logarithm at the end": (
        lambda z, a: z.log(analytic=a) * z if a or z.real.lower() > 0 else
        acb(arb(0).union(z.real.upper() * z.real.upper().log())), 0, arb("0.25"),
        lambda: (arb("0.25") ** 2) * (arb("0.25").log() / 2 - arb("0.25"))),
    "steep": (lambda z, a: (-(10**6) * z).exp(), 0, 1, lambda: (1 - arb(-(10**6)).exp()) / 10**6),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGRATED)
def test_the_rule_encloses_integrals_that_are_known(name):
    function, a, b, exact = INTEGRATED[name]
    with ctx.workprec(160):
        found, _ = arb_rule.integrate(
            lambda z, analytic: [function(z, analytic)], arb(a), arb(b), [arb(2) ** -BITS]
        )
        assert found[0].overlaps(exact())
        assert found[0].rad() < arb(2) ** (10 - BITS)  # some hundred panels' goals at most


def test_several_functions_share_the_evaluations():
    functions = [lambda z: z.exp(), lambda z: z.sin() / (1 + z * z)]
    goals = [arb(2) ** -80, arb(2) ** -80]
    apart = [arb_rule.integrate(lambda z, _, f=f: [f(z)], arb(0), arb(1), goals[:1])
             for f in functions]  # fmt: skip
    both, evaluations = arb_rule.integrate(
        lambda z, _: [f(z) for f in functions], arb(0), arb(1), goals
    )
    for together, (alone, _) in zip(both, apart, strict=True):
        assert together.overlaps(alone[0])
    assert evaluations < sum(used for _, used in apart)


def test_a_branch_cut_that_is_not_signalled_makes_a_wrong_proof():
    """Why the flag matters: without it the ball around the integral of a root is too small."""
    (right,), _ = arb_rule.integrate(
        lambda z, a: [z.sqrt(analytic=a)], arb(0), arb(1), [arb(2) ** -20]
    )
    (wrong,), _ = arb_rule.integrate(lambda z, _: [z.sqrt()], arb(0), arb(1), [arb(2) ** -20])
    assert right.contains(arb(2) / 3)
    assert not wrong.contains(arb(2) / 3)


def test_what_the_budget_leaves_over_is_enclosed_by_its_range():
    function, a, b, exact = INTEGRATED["poles near"]
    (found,), evaluations = arb_rule.integrate(
        lambda z, analytic: [function(z, analytic)], arb(a), arb(b), [arb(2) ** -90], budget=40
    )
    assert found.overlaps(exact())
    assert found.rad() > arb(2) ** -60
    assert evaluations < 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug", ["bias-1e-9", "unequal-hoppings", "cold-1e-8", "strong-uniform-chain"]
)
def test_the_rule_and_acb_integral_enclose_the_same_integrals(slug):
    """Arb's own integrator, one function at a time, on the very integrands."""
    j = bands.without_idle_leads(ExactJunction.from_junction(CORNERS[slug].junction))
    integrator = Integrator(j, bands.segments(j))
    with ctx.workprec(160):
        sizes, _ = integrator.sizes(INTEGRALS)
        found = integrator.integrate(INTEGRALS, sizes, dict.fromkeys(INTEGRALS, 60))
        for name in INTEGRALS:
            goal = sizes[name].abs_upper() * arb(2) ** -60
            if not goal > 0:
                continue
            total = arb(0)
            for half, squares in integrator.cuts.items():
                function = integrator.at((name,), half)
                for low, high in pairwise(squares):
                    ends = (arb(s.numerator) / s.denominator for s in (low, high))
                    total += acb.integral(
                        lambda t, analytic, f=function: acb(f(t, analytic)[0]),
                        *(end.sqrt() for end in ends), rel_tol=arb(2) ** -60, abs_tol=goal,
                    ).real  # fmt: skip
            assert found[name].value.overlaps(total), name


# --- Enclosures -----------------------------------------------------------------------------------


# `qbval run` certifies every corner, too.
@pytest.mark.parametrize("slug", few_by_default(CORNERS, 5, pytest.mark.deep))
def test_every_corner_is_enclosed_to_thirty_digits(slug):
    case = CORNERS[slug]
    found = reference(case.junction, 30, bound_states=case.bound_states)
    assert set(found) == set(OBSERVABLES)
    for name, enclosure in found.items():
        scale = enclosure.absolute_integral if name in SIGN_CHANGING else abs(enclosure.mid)
        assert enclosure.certified
        assert enclosure.radius <= scale * mpf(10) ** -30 or scale + enclosure.radius < 1e-330
    weight = ball(found["spectral_weight"]) + sum(ball(b.weight) for b in found.bound_states)
    assert weight.contains(1)


def overlapping(case, digits):
    """Say where the two references do not overlap, and return how many could be compared."""
    proven, estimated = (
        reference(case.junction, digits, bound_states=case.bound_states, backend=backend)
        for backend in ("arb", "mpmath")
    )
    common = set(proven) & set(estimated)
    assert [name for name in common if not proven[name].overlaps(estimated[name])] == []
    return len(common)


@pytest.mark.parametrize("number", few_by_default(range(len(STRATA)), 3, pytest.mark.deep))
def test_both_references_overlap_on_a_draw_of_every_regime(number):
    case = random_cases(401, len(STRATA))[number]
    assert overlapping(case, 25) >= len(OBSERVABLES) - 1


@pytest.mark.deep
@pytest.mark.parametrize("number", range(40 * len(STRATA)))
def test_both_references_overlap_on_a_broad_campaign(number):
    case = random_cases(402, 40 * len(STRATA))[number]
    assert overlapping(case, 30) >= len(OBSERVABLES) - 1


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["weak-1e-6", "cold-1e-5", "bias-1e-9", "strong-two-bound-states"])
def test_radii_shrink_as_the_digits_grow(slug):
    case = CORNERS[slug]
    low, middle, high = (
        reference(case.junction, digits, bound_states=case.bound_states) for digits in (20, 45, 100)
    )
    for name in OBSERVABLES:
        assert low[name].contains(middle[name].mid), name
        assert middle[name].contains(high[name].mid), name
        assert high[name].radius < middle[name].radius * mpf(10) ** -40, name
        assert middle[name].radius < low[name].radius * mpf(10) ** -10, name


@pytest.mark.slow
def test_a_hundred_digits_are_those_of_the_other_backend():
    j = Junction.symmetric(level=0.4, coupling=0.12, bias=0.5)
    proven, estimated = (reference(j, 100, backend=b) for b in ("arb", "mpmath"))
    for name in OBSERVABLES:
        assert proven[name].right_digits >= 100
        assert proven[name].overlaps(estimated[name])


def test_inputs_that_no_double_holds_are_enclosed_as_they_are():
    """A third is no dyadic number: its own rounding belongs to the ball."""
    third = Fraction(1, 3)
    leads = [ExactLead(third, 1, Fraction(1, 7), mu, third / 3) for mu in (third, third / 2)]
    j = ExactJunction(third, *leads, third / 2, third / 3)
    proven, estimated = (reference(j, 30, backend=b) for b in ("arb", "mpmath"))
    for name in OBSERVABLES:
        assert proven[name].overlaps(estimated[name])
        assert proven[name].right_digits >= 29  # energies: relative to the integral of abs


def test_a_filling_that_may_be_zero_certifies_no_two_state_observable():
    """Its logarithm is not known, and the entropy of its midpoint is not its own."""
    with ctx.workprec(200):
        d, d_eq = arb(1e-40, 1e-38), arb("0.3")
        values = {
            "particle_number": Ball(d, abs(d)),
            "hole_number": Ball(1 - d, abs(1 - d)),
            "equilibrium_particle_number": Ball(d_eq, d_eq),
            "equilibrium_hole_number": Ball(1 - d_eq, 1 - d_eq),
        }
        largest = d.upper()
        entropy = -largest * largest.log() - (1 - largest) * (-largest).log1p()
        for name, found in arb_assembly._two_state(values).items():
            assert not found.value.is_finite() or found.value.contains(entropy), name
        # A filling that is exactly zero has none, exactly.
        values |= {"particle_number": Ball(arb(0), arb(0)), "hole_number": Ball(arb(1), arb(1))}
        certain = arb_assembly._two_state(values)
        assert certain["two_state_entropy"].value == 0
        assert certain["two_state_exergy"].value.overlaps(-(1 - d_eq).log())


def test_of_what_may_be_anything_no_bit_is_right():
    for value in (arb(0, 1e-3), arb(0, 1e300)):
        assert arb_backend._reached_bits("entropy", Ball(value, abs(value))) == 0.0
    assert arb_backend._reached_bits("entropy", Ball(arb("nan"), arb(1))) == -math.inf
    assert arb_backend._reached_bits("entropy", Ball(arb(1), arb(1))) == math.inf


# --- Bound states ---------------------------------------------------------------------------------


def test_bound_states_are_those_of_the_closed_form():
    """Equal leads, level at the centre: energies +-2 v^2/sqrt(2 v^2 - h^2) for v > h."""
    lead = ExactLead(0, 1, Fraction(3, 2), 0, 1)
    low, high = bound_states(ExactJunction(0, lead, lead, 0, 1), 40)
    with ctx.workprec(300):
        exact = arb(9) / 2 / (arb(7) / 2).sqrt()
        for state, sign in ((low, -1), (high, 1)):
            assert ball(state.energy).contains(sign * exact)
            assert state.energy.radius < mpf(10) ** -40
            # Z = 1/F'(omega), F' = 1 + v^2/h^2 (omega/sqrt(omega^2 - 4) - 1)
            weight = 1 / (1 + arb(9) / 4 * (exact / (exact * exact - 4).sqrt() - 1))
            assert ball(state.weight).overlaps(weight)
            assert state.weight.certified


def test_a_bound_state_that_is_not_confirmed_is_refused(monkeypatch):
    """If the approximate energy is off by more than its radius, F has one sign across it."""
    from validation.backends import bound

    honest = bound.bound_states

    def shifted(j, digits):
        with mp.workdps(digits + 30):
            return tuple(
                bound.BoundState(
                    type(s.energy)(s.energy.mid + 3 * s.energy.radius, s.energy.radius, mpf(1)),
                    s.weight,
                )
                for s in honest(j, digits)
            )

    monkeypatch.setattr(bound, "bound_states", shifted)
    with pytest.raises(PrecisionNotReachedError, match="not confirmed"):
        bound_states(Junction.symmetric(level=2.5), 20)


# --- What is exactly zero -------------------------------------------------------------------------


def test_the_two_state_exergy_of_a_half_filled_level_is_exactly_zero():
    """Reflection about the level changes nothing, so that N = N_eq = 1/2 at any temperature."""
    for leads in (
        [ExactLead(0, 1, 0.12, 0, 0.3), ExactLead(0, 1, 0.2, 0, 0.1)],  # each its own image
        [ExactLead(0, 1, 0.12, 0.25, 0.1), ExactLead(0, 1, 0.12, -0.25, 0.1)],  # each the other's
    ):
        for backend in ("arb", "mpmath"):
            found = reference(ExactJunction(0, *leads, 0, 0.1), 20, backend=backend)
            assert found["two_state_exergy"].mid == found["two_state_exergy"].radius == 0
            # What it could have been is its scale: Jensen's bound.
            scale = found["two_state_exergy"].absolute_integral
            assert float(scale) == float(found["exergy"].mid) > 0
            assert found["particle_number"].contains(Fraction(1, 2))


def test_a_half_filled_level_off_the_symmetric_point_is_not_taken_for_it():
    leads = [ExactLead(0, 1, 0.12, 0.25, 0.1), ExactLead(0, 1, 0.12, -0.25, 0.1000001)]
    found = reference(ExactJunction(0, *leads, 0, 0.1), 20)
    assert found["two_state_exergy"].mid > found["two_state_exergy"].radius


def test_half_filling_is_about_the_level_wherever_that_lies():
    level = Fraction(3, 4)
    bands = level - Fraction(1, 3), level + Fraction(1, 3)
    leads = [
        ExactLead(onsite, 1, Fraction(1, 5), mu, Fraction(1, 3))
        for onsite, mu in zip(bands, (level + 2, level - 2), strict=True)
    ]
    for order in (leads, leads[::-1]):
        whole = zeros.vanishing_observables(ExactJunction(level, *order, level, 1), True, False)
        assert whole == {"two_state_exergy"}
    for spoilt in (
        ExactJunction(level + Fraction(1, 10**9), *leads, level, 1),
        ExactJunction(level, *leads, level + Fraction(1, 10**9), 1),
        ExactJunction(level, leads[0], leads[0], level, 1),
    ):
        assert zeros.vanishing_observables(spoilt, True, False) == frozenset()


def test_an_enclosures_scale_is_positive_whatever_the_values_sign():
    for value in (-2, 0, 2):
        found = balls.enclosure(arb(value), arb(value), 20)
        assert found.contains(Fraction(value))
        assert found.absolute_integral == abs(value)


def test_no_current_flows_between_bands_that_do_not_overlap():
    found = reference(CORNERS["disjoint-level-in-gap"].junction, 20, bound_states=0.5)
    for name in ("charge_current", "energy_current", "heat_current_left", "entropy_production"):
        assert found[name].mid == found[name].radius == 0


# --- Refusals -------------------------------------------------------------------------------------


def test_what_the_caps_do_not_reach_is_refused_with_the_digits_that_are_proven(monkeypatch):
    monkeypatch.setattr("validation.backends.arb_backend.MAX_BITS", 80)
    j = Junction.symmetric(level=0.4, coupling=1e-8, bias=0.5)
    found = reference(j, 15)
    assert found["entropy"].right_digits >= 15
    with pytest.raises(PrecisionNotReachedError, match=r"entropy_gap is enclosed to .* digits"):
        found["entropy_gap"]


def test_a_violated_sum_rule_is_reported_as_a_defect(monkeypatch):
    from validation.backends import arb_pieces

    honest = arb_pieces.integrate

    def shrunk(*arguments):
        values, used = honest(*arguments)
        return [value * arb("0.999") for value in values], used

    monkeypatch.setattr(arb_pieces, "integrate", shrunk)
    with pytest.raises(PrecisionNotReachedError, match=r"sum rule .* is violated"):
        reference(Junction.symmetric(level=0.4), 15)


def test_what_lies_below_all_doubles_is_not_pursued():
    """Its cancellation, here of e^-12000, would cost thousands of bits, and hours."""
    junction = Junction(
        level=0.37,
        left=Lead(-6.3, 1.0, 0.034, -1.53, 7.3e-5),
        right=Lead(0.0, 0.82, 0.14, -1.54, 2.3e-4),
        mu_eq=-1.54,
        temperature_eq=2.3e-4,
    )
    j = ExactJunction.from_junction(junction)
    integrator = Integrator(j, bands.segments(j))
    sizes, lost = arb_backend._sizes(integrator, ("particle_number", "exergy"), 100)
    assert sizes["exergy"] < 1e-300
    assert lost["exergy"] < 1 - arb_backend.UNDERFLOW_BITS
    assert lost["particle_number"] < 20
