"""Both references, certified and estimated, against independent formulas and closed forms."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from mpmath import mp, mpf

from qbnum import Junction
from tests.slow import few_by_default
from validation.errors import (
    BoundStateError,
    ParameterError,
    PrecisionNotReachedError,
    UnknownNameError,
)
from validation.exact import ExactJunction, ExactLead
from validation.metrics import SIGN_CHANGING
from validation.references import BACKENDS, OBSERVABLES, reference

DIGITS = 20


def paper(level=0.4, coupling=0.12, bias=0.5, mu=0.1, temperature=0.1, gradient=0.0, hopping=1.0):
    """The paper's protocol with exact sums mu_eq + bias and T_eq + gradient."""
    mu_hot = Fraction(mu) + Fraction(bias)
    hot = ExactLead(0, hopping, coupling, mu_hot, Fraction(temperature) + Fraction(gradient))
    cold = ExactLead(0, hopping, coupling, mu, temperature)
    return ExactJunction(level, hot, cold, mu, temperature)


def junction(level, left, right, mu_eq=0.1, temperature_eq=0.1):
    return ExactJunction(level, ExactLead(*left), ExactLead(*right), mu_eq, temperature_eq)


REGULAR = {
    "paper": paper(),
    "paper with gradient": paper(level=-0.2, bias=0.1, gradient=0.2),
    "unequal": junction(0.4, (0.0, 1.0, 0.12, 0.6, 0.1), (0.3, 0.7, 0.3, 0.1, 0.2)),
    "nested": junction(0.4, (0.0, 1.0, 0.12, 0.6, 0.1), (0.3, 0.2, 0.05, 0.1, 0.05)),
    "one lead": junction(0.4, (0.0, 1.0, 0.0, 0.6, 0.1), (0.3, 0.7, 0.3, 0.1, 0.2)),
    "touching": junction(0.4, (-2.0, 1.0, 0.5, 0.6, 0.1), (2.0, 1.0, 0.5, 0.1, 0.1)),
}
HARD = {
    "weak coupling": paper(coupling=1e-8),
    "cold": paper(temperature=1e-8),
    "near equilibrium": paper(bias=1e-12),
    "hot": paper(temperature=1e6),
    "level near the edge": paper(level=1.97),
    "mu outside the band": paper(mu=3.0, temperature=0.01),
    "narrow lead": junction(0.4, (0.0, 1.0, 0.12, 0.6, 0.1), (0.4, 1e-6, 0.05, 0.1, 0.05)),
    "one coupling tiny": junction(0.4, (0.0, 1.0, 1e-8, 0.6, 0.1), (0.0, 1.0, 1.0, 0.1, 0.05)),
    "one lead cold": junction(0.4, (0.0, 1.0, 0.12, 0.6, 1e-5), (0.0, 1.0, 0.12, 0.1, 5.0)),
}
ALL = REGULAR | HARD


@pytest.fixture(scope="module", params=BACKENDS)
def evaluate(request):
    """Each junction is evaluated once by each backend."""
    cache = {}

    def evaluated(j, digits=DIGITS):
        if (j, digits) not in cache:
            cache[j, digits] = reference(j, digits, backend=request.param)
        return cache[j, digits]

    return evaluated


def agree(a, b, scale, digits=DIGITS):
    """Whether two mpf agree to the digits of a scale."""
    with mp.workdps(2 * digits + 20):
        return abs(a - b) <= abs(scale) * mpf(10) ** (1 - digits)


def negative(enclosure):
    """The midpoint's negative, unrounded."""
    return mp.fneg(enclosure.mid, exact=True)


def as_mpf(value):
    return mpf(value.numerator) / value.denominator


# --- Independent formulas -------------------------------------------------------------------------


class Textbook:
    """The model written out afresh, with mpmath.quad between hand-placed breakpoints."""

    def __init__(self, j):
        self.level = as_mpf(j.level)
        self.leads = [
            [as_mpf(x) for x in (a.onsite, a.hopping, a.coupling, a.mu, a.temperature)]
            for a in (j.left, j.right)
        ]
        self.mu, self.temperature = as_mpf(j.mu_eq), as_mpf(j.temperature_eq)

    def self_energy(self, lead, omega):
        onsite, hopping, coupling, *_ = lead
        x = (omega - onsite) / (2 * hopping)
        root = mp.sqrt(abs(x * x - 1))
        decaying = x - mp.sign(x) * root if abs(x) > 1 else mp.mpc(x, -root)
        return coupling**2 / hopping * decaying

    def integrands(self, omega):
        sigmas = [self.self_energy(lead, omega) for lead in self.leads]
        gammas = [-2 * mp.im(s) for s in sigmas]
        green = 1 / (omega - self.level - sum(sigmas))
        fermi = [1 / (1 + mp.exp((omega - mu) / t)) for *_, mu, t in self.leads]
        spectral = -mp.im(green) / mp.pi
        tau = gammas[0] * gammas[1] * abs(green) ** 2
        f = sum(g * n for g, n in zip(gammas, fermi, strict=True)) / sum(gammas)
        g = 1 / (1 + mp.exp((omega - self.mu) / self.temperature))
        return {
            "particle_number": spectral * f,
            "energy": omega * spectral * f,
            "entropy": -spectral * (f * mp.log(f) + (1 - f) * mp.log(1 - f)),
            "exergy": spectral * (f * mp.log(f / g) + (1 - f) * mp.log((1 - f) / (1 - g))),
            "charge_current": tau * (fermi[0] - fermi[1]) / (2 * mp.pi),
            "energy_current": omega * tau * (fermi[0] - fermi[1]) / (2 * mp.pi),
            "equilibrium_particle_number": spectral * g,
        }

    def integral(self, name, breakpoints):
        """Integrate omega = middle - half cos(theta) over each piece between band edges."""
        edges = sorted({e for o, h, *_ in self.leads for e in (o - 2 * h, o + 2 * h)})
        total = mpf(0)
        for lower, upper in pairwise(edges):
            middle, half = (lower + upper) / 2, (upper - lower) / 2
            if all(abs(middle - o) > 2 * h for o, h, *_ in self.leads):
                continue
            inner = sorted(b for b in map(mpf, breakpoints) if lower < b < upper)
            thetas = [mpf(0), *(mp.acos((middle - b) / half) for b in inner), +mp.pi]

            def function(theta, middle=middle, half=half):
                omega = middle - half * mp.cos(theta)
                return half * mp.sin(theta) * self.integrands(omega)[name]

            total += mp.quad(function, thetas, method="gauss-legendre")
        return total


@cache
def textbook_value(case, name):
    j = REGULAR[case]
    with mp.workdps(30):
        around = [float(j.level) + side * d for d in (0.02, 0.1, 0.4) for side in (-1, 1)]
        return Textbook(j).integral(name, [*around, float(j.level), 0.1, 0.6, -0.6, -1.09, 1.6])


@pytest.mark.parametrize("name", ["entropy", "exergy", "energy_current"])
@pytest.mark.parametrize("case", ["paper with gradient", "unequal"])
def test_observables_are_those_of_the_textbook_formulas(case, name, evaluate):
    found = evaluate(REGULAR[case])[name]
    expected = textbook_value(case, name)
    assert agree(found.mid, expected, found.absolute_integral)


@pytest.mark.parametrize("name", ["exergy", "charge_current"])
def test_a_bias_of_1e_12_keeps_all_digits(name, evaluate):
    j = paper(bias=1e-12)
    found = evaluate(j)[name]
    with mp.workdps(60):  # exergy is of order bias^2
        around = [0.4 + side * d for d in (0.02, 0.1, 0.4) for side in (-1, 1)]
        expected = Textbook(j).integral(name, [*around, 0.4, 0.1, -0.6])
    assert agree(found.mid, expected, expected)


@cache
def textbook_gap(j):
    """Its entropy gap, where it is of order v^2: the variance of f over the Lorentzian's tails."""
    with mp.workdps(30):
        decades = [mpf(10) ** -k for k in range(5)]
        points = [mpf(0.4), *(mpf(0.4) + s * d for d in decades for s in (-1, 1))]
        textbook = Textbook(j)
        d, entropy = (textbook.integral(n, points) for n in ("particle_number", "entropy"))
        return -d * mp.log(d) - (1 - d) * mp.log(1 - d) - entropy


@pytest.mark.slow
def test_a_weak_coupling_keeps_all_digits_of_the_gap(evaluate):
    j = paper(coupling=1e-2)
    found = evaluate(j)["entropy_gap"]
    expected = textbook_gap(j)
    assert agree(found.mid, expected, expected)
    doubled, single = (evaluate(paper(coupling=v))["entropy_gap"].mid for v in (2e-8, 1e-8))
    assert doubled / single == pytest.approx(4, rel=1e-6)


def test_at_temperature_1e_8_the_particle_number_is_that_of_zero_temperature(evaluate):
    """Sommerfeld: the step at mu is reached with corrections of order T^2."""
    j = paper(temperature=1e-8)
    with mp.workdps(40):
        textbook = Textbook(j)
        textbook.leads[0][3:] = [as_mpf(j.left.mu), mpf(10) ** -30]
        textbook.leads[1][3:] = [as_mpf(j.right.mu), mpf(10) ** -30]

        def weight(theta):
            omega = -2 * mp.cos(theta)
            green = 1 / (
                omega - textbook.level - 2 * textbook.self_energy(textbook.leads[0], omega)
            )
            return -mp.im(green) / mp.pi * 2 * mp.sin(theta)

        below = [mp.acos(-as_mpf(lead.mu) / 2) for lead in (j.left, j.right)]
        resonance = mp.acos(-textbook.level / 2)
        near = [resonance + s * mpf(d) for d in (0.02, 0.1, 0.4) for s in (-1, 1)]
        parts = [
            mp.quad(weight, sorted([0, *(p for p in [*near, resonance] if 0 < p < top), top]))
            for top in below
        ]
        expected = sum(parts) / 2
    assert agree(evaluate(j)["particle_number"].mid, expected, 1, digits=15)


# --- Identities -----------------------------------------------------------------------------------

# `qbval run` holds the certified reference to them at every corner.


@pytest.mark.parametrize("case", few_by_default(ALL, 5, pytest.mark.deep))
def test_the_spectral_weight_is_one(case, evaluate):
    found = evaluate(ALL[case])
    weight = found["spectral_weight"].mid + sum(b.weight.mid for b in found.bound_states)
    assert agree(weight, 1, 1)


@pytest.mark.parametrize("case", few_by_default(ALL, 5, pytest.mark.deep))
def test_exergy_is_the_difference_of_the_grand_potentials(case, evaluate):
    """X = beta_eq (E - E_eq) - beta_eq mu_eq (N - N_eq) - (S - S_eq), Eqs. (2) and (13)."""
    j = ALL[case]
    r = {name: e.mid for name, e in evaluate(j).items()}
    scales = {name: e.absolute_integral for name, e in evaluate(j).items()}
    with mp.workdps(90):
        beta, mu = 1 / as_mpf(j.temperature_eq), as_mpf(j.mu_eq)
        expected = (
            beta * (r["energy"] - r["equilibrium_energy"])
            - beta * mu * (r["particle_number"] - r["equilibrium_particle_number"])
            - (r["entropy"] - r["equilibrium_entropy"])
        )
        scale = beta * (scales["energy"] + abs(mu) * scales["particle_number"]) + scales["entropy"]
        assert agree(r["exergy"], expected, scale + r["exergy"])


@pytest.mark.parametrize("case", few_by_default(ALL, 5, pytest.mark.deep))
def test_heat_currents_and_entropy_production_are_what_they_are_defined_as(case, evaluate):
    j = ALL[case]
    r = evaluate(j)
    current, energy = r["charge_current"].mid, r["energy_current"].mid
    with mp.workdps(60):
        for side, lead in (("left", j.left), ("right", j.right)):
            heat = energy - as_mpf(lead.mu) * current
            scale = r["energy_current"].absolute_integral + abs(as_mpf(lead.mu) * current)
            assert agree(r[f"heat_current_{side}"].mid, heat, scale)
        betas = [1 / as_mpf(lead.temperature) for lead in (j.left, j.right)]
        mus = [as_mpf(lead.mu) for lead in (j.left, j.right)]
        produced = (betas[0] * mus[0] - betas[1] * mus[1]) * current
        produced -= (betas[0] - betas[1]) * energy
        scale = sum(b * (abs(m * current) + abs(energy)) for b, m in zip(betas, mus, strict=True))
        assert agree(r["entropy_production"].mid, produced, scale)


@pytest.mark.parametrize("case", ["unequal", "near equilibrium", "one lead cold"])
def test_exchange_of_the_leads_turns_the_currents_around(case, evaluate):
    j = ALL[case]
    here, there = evaluate(j), evaluate(replace(j, left=j.right, right=j.left))
    for name in ("charge_current", "energy_current"):
        assert agree(here[name].mid, negative(there[name]), here[name].absolute_integral)
    for name in ("entropy", "exergy", "entropy_gap", "exergy_gap", "entropy_production"):
        assert agree(here[name].mid, there[name].mid, here[name].mid)


@pytest.mark.parametrize("case", ["unequal", "near equilibrium", "cold"])
def test_reflection_turns_particles_into_holes(case, evaluate):
    j = ALL[case]

    def reflected(lead):
        return replace(lead, onsite=-lead.onsite, mu=-lead.mu)

    image = ExactJunction(
        -j.level, reflected(j.left), reflected(j.right), -j.mu_eq, j.temperature_eq
    )
    here, there = evaluate(j), evaluate(image)
    for name in ("entropy", "exergy", "two_state_exergy", "entropy_gap", "exergy_gap"):
        assert agree(here[name].mid, there[name].mid, here[name].mid)
    current = here["charge_current"].mid
    assert agree(current, negative(there["charge_current"]), current)
    with mp.workdps(60):
        assert agree(here["particle_number"].mid, 1 - there["particle_number"].mid, 1)


@pytest.mark.parametrize("factor", [Fraction(1, 10**12), Fraction(10**12)])
def test_the_unit_of_energy_does_not_matter(factor, evaluate):
    j = REGULAR["unequal"]

    def scaled(lead):
        values = (lead.onsite, lead.hopping, lead.coupling, lead.mu, lead.temperature)
        return ExactLead(*(value * factor for value in values))

    other = ExactJunction(
        j.level * factor, scaled(j.left), scaled(j.right), j.mu_eq * factor,
        j.temperature_eq * factor,
    )  # fmt: skip
    here, there = evaluate(j), evaluate(other)
    powers = {"energy": 1, "charge_current": 1, "energy_current": 2, "exergy": 0, "entropy_gap": 0}
    with mp.workdps(50):
        for name, power in powers.items():
            back = there[name].mid / as_mpf(factor**power)
            assert agree(here[name].mid, back, here[name].absolute_integral)


def test_at_equilibrium_exergy_and_currents_are_exactly_zero(evaluate):
    r = evaluate(paper(bias=0.0))
    for name in ("exergy", "two_state_exergy", "exergy_gap", "charge_current", "energy_current",
                 "heat_current_left", "entropy_production"):  # fmt: skip
        assert r[name].mid == r[name].radius == 0
    assert r["entropy_gap"].mid > 0


def test_far_above_all_temperatures_the_level_is_half_filled(evaluate):
    r = evaluate(paper(temperature=1e6))
    assert float(r["entropy"]) == pytest.approx(math.log(2), abs=1e-12)
    # f = 1/2 - x/4 + O(x^3): the gap is the variance of f times 1/(2 d (1 - d)) = 2.
    second_moment = 2 * 0.12**2  # of A about the level
    assert float(r["entropy_gap"]) == pytest.approx(2 * second_moment / (4e6) ** 2, rel=1e-6)


@pytest.mark.parametrize("case", few_by_default(ALL, 5, pytest.mark.deep))
def test_signs_hold(case, evaluate):
    r = evaluate(ALL[case])
    for name in ("exergy", "entropy_gap", "exergy_gap", "entropy_production"):
        assert r[name].mid >= 0
    assert 0 < r["entropy"].mid < math.log(2)
    assert 0 < r["particle_number"].mid <= 1


# --- Inputs, digits, refusals ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "digits"),
    [("paper", 15), ("paper", 50), ("weak coupling", 20), ("near equilibrium", 50)],
)
def test_more_digits_agree_with_fewer_within_the_radius(case, digits, evaluate):
    few, many = sorted(
        [evaluate(ALL[case], 30), evaluate(ALL[case], digits)], key=lambda r: r.digits
    )
    for name in OBSERVABLES:
        assert few[name].contains(many[name].mid)
        assert few[name].overlaps(many[name])


@pytest.mark.parametrize("case", few_by_default(ALL, 5, pytest.mark.deep))
def test_every_radius_keeps_the_promise(case, evaluate):
    r = evaluate(ALL[case])
    assert set(r) == set(OBSERVABLES)
    for name, e in r.items():
        scale = e.absolute_integral if name in SIGN_CHANGING else abs(e.mid)
        assert e.radius <= scale * mpf(10) ** -DIGITS
        assert e.absolute_integral >= abs(e.mid) * (1 - mpf(10) ** -15)
        assert e.certified == BACKENDS[r.backend].certified
        assert e.backend == r.backend


def test_the_double_012_and_the_text_012_have_different_references(evaluate):
    text = replace(
        paper(),
        left=replace(paper().left, coupling=Fraction(3, 25)),
        right=replace(paper().right, coupling=Fraction(3, 25)),
    )
    shift = Fraction(0.12) - Fraction(3, 25)
    here, there = evaluate(paper(), 30)["entropy"], evaluate(text, 30)["entropy"]
    moved = abs(here.mid - there.mid)
    assert not here.overlaps(there)
    # dS/dv is of order -1: the change is that of the coupling, some 1e-18.
    assert 0.01 < moved / abs(as_mpf(shift)) < 10


def test_a_qbnum_junction_is_evaluated_as_its_doubles(evaluate):
    j = Junction.symmetric(level=0.4, bias=0.5)
    found = reference(j, DIGITS)
    assert found.junction == ExactJunction.from_junction(j)
    assert agree(found["entropy"].mid, evaluate(paper())["entropy"].mid, 1, digits=15)


def test_precision_in_force_is_left_alone():
    with mp.workdps(21):
        reference(paper(), 15, observables=["entropy"])
        assert mp.dps == 21


def test_only_what_was_asked_for_is_returned():
    r = reference(paper(), 15, observables=["exergy", "entropy"])
    assert list(r) == ["entropy", "exergy"]
    with pytest.raises(UnknownNameError, match="not among"):
        r["energy"]
    with pytest.raises(UnknownNameError, match="no observable 'work'"):
        r["work"]
    assert "energy" not in r
    assert r.get("energy") is None


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"digits": 0}, ParameterError),
        ({"digits": 10.0}, ParameterError),
        ({"digits": 10**6}, ParameterError),
        ({"observables": ["work"]}, UnknownNameError),
        ({"backend": "float"}, UnknownNameError),
        ({"bound_states": "ignore"}, ParameterError),
        ({"bound_states": 1.5}, ParameterError),
        ({"bound_states": [0.5]}, ParameterError),
    ],
)
def test_bad_options_are_refused(options, error):
    with pytest.raises(error):
        reference(paper(), **options)


def test_what_the_caps_do_not_reach_is_refused(monkeypatch):
    """The gap at v = 1e-8 cancels 16 digits, which a capped quadrature cannot supply."""
    monkeypatch.setattr("validation.backends.mpmath_backend.MAX_QUADRATURE_DIGITS", 22)
    j = paper(coupling=1e-8)
    r = reference(j, 15, backend="mpmath")
    assert "entropy" in r
    with pytest.raises(
        PrecisionNotReachedError, match=r"entropy_gap is known to .* digits"
    ) as caught:
        r["entropy_gap"]
    assert 0 <= caught.value.reached < caught.value.asked == 15
    with pytest.raises(PrecisionNotReachedError):
        reference(j, 15, observables=["entropy_gap"], backend="mpmath")


def test_a_feature_that_the_quadrature_misses_is_found_by_the_sum_rule(monkeypatch):
    """Without breakpoints and bisections, neither rule sees a resonance of width 1e-12."""
    monkeypatch.setattr("validation.backends.features._resonances", lambda *_: [])
    monkeypatch.setattr("validation.backends.quadrature.MAX_DEPTH", 0)
    with pytest.raises(PrecisionNotReachedError, match="sum rule"):
        reference(paper(coupling=1e-6), 15, backend="mpmath")


def test_bisection_repairs_a_mesh_that_knows_no_resonance(monkeypatch):
    expected = reference(paper(), DIGITS)
    monkeypatch.setattr("validation.backends.features._resonances", lambda *_: [])
    found = reference(paper(), DIGITS, backend="mpmath")
    for name in OBSERVABLES:
        assert found[name].overlaps(expected[name])


def test_a_junction_beyond_the_budget_is_refused_before_it_is_spent(monkeypatch):
    monkeypatch.setattr("validation.backends.quadrature.MAX_EVALUATIONS", 1000)
    with pytest.raises(PrecisionNotReachedError, match="pieces"):
        reference(paper(), 30, backend="mpmath")


def test_an_observable_that_needs_an_occupation_says_so():
    j = paper(level=3.0)
    r = reference(j, 15)
    assert set(r) == {"spectral_weight", "charge_current", "energy_current", "heat_current_left",
                      "heat_current_right", "entropy_production"}  # fmt: skip
    with pytest.raises(BoundStateError, match="does not fix"):
        r["entropy"]
    with pytest.raises(BoundStateError, match="does not fix"):
        reference(j, 15, observables=["entropy"])
