"""The reference's derivatives against formulas of their own, identities, and their refusals."""

from fractions import Fraction

import pytest
from mpmath import mp, mpf

from validation.errors import BoundStateError, ParameterError, UnknownNameError
from validation.exact import PARAMETERS, ExactJunction, ExactLead
from validation.gradients import NotDifferentiableError, reference_gradient
from validation.references import OBSERVABLES, reference

DIGITS = 12
HALF = Fraction(1, 2)


def leads(left, right):
    return ExactLead(*left), ExactLead(*right)


ONE_LEAD = ExactJunction(
    0.4, *leads((0.0, 1.0, 0.12, 0.6, 0.1), (0.3, 0.7, 0.0, 0.1, 0.2)), 0.1, 0.1
)
EQUAL = ExactJunction(0.4, *leads((0.0, 1.0, 0.12, 0.6, 0.1), (0.0, 1.0, 0.25, 0.1, 0.2)), 0.1, 0.1)
EQUILIBRIUM = ExactJunction(
    0.4, *leads((0.0, 1.0, 0.12, 0.1, 0.1), (0.0, 1.0, 0.25, 0.1, 0.1)), 0.1, 0.1
)
UNEQUAL = ExactJunction(
    0.4, *leads((0.0, 1.0, 0.12, 0.6, 0.1), (0.3, 0.7, 0.3, 0.1, 0.2)), 0.1, 0.1
)
BOUND = ExactJunction(1.9, *leads((0.0, 1.0, 0.6, 0.6, 0.1), (0.0, 1.0, 0.25, 0.1, 0.2)), 0.1, 0.1)


# A shift moves these; those of the uncoupled lead cost nothing.
SHIFTED = [p for p in PARAMETERS if p.endswith(("level", "onsite", "mu", "mu_eq"))]


@pytest.fixture(scope="module")
def one_lead():
    return reference_gradient(
        ONE_LEAD, DIGITS, parameters=[*SHIFTED, "left.temperature", "right.coupling"]
    )


def close(enclosure, exact, scale=None):
    """Whether a derivative is within its radius, and the radius within the digits asked."""
    with mp.workdps(40):
        # Quadratures of the tests and rounded energies of identities: two digits beyond.
        slack = mpf(10) ** (-DIGITS - 2) * max(abs(exact), scale or 0)
        assert enclosure.radius <= mpf(10) ** -DIGITS * max(abs(exact), scale or 0)
        return abs(enclosure.mid - exact) <= enclosure.radius + slack


def band_integral(j, function):
    """Integrate function(omega) A(omega) over equal bands, by the paper's formulas as they stand.

    With omega = eps - 2h cos k, and breakpoints graded around the resonance and mu.
    """
    with mp.workdps(30):
        h, eps = (mpf(x.numerator) / x.denominator for x in (j.left.hopping, j.left.onsite))
        level, v2 = (
            mpf(x.numerator) / x.denominator
            for x in (j.level, j.left.coupling**2 + j.right.coupling**2)
        )

        def integrand(k):
            x = -2 * h * mp.cos(k)
            gamma = v2 / h**2 * mp.sqrt(4 * h * h - x * x)
            offset = eps + x - level - v2 / (2 * h * h) * x
            weight = gamma / (2 * mp.pi) / (offset**2 + gamma**2 / 4)
            return weight * function(eps + x, gamma) * 2 * h * mp.sin(k)

        def momentum(energy):
            return mp.acos((eps - energy) / (2 * h))

        near = [level + s * mpf(w) for w in ("0.01", "0.05", "0.3") for s in (-1, 1)]
        points = sorted([mpf(0), mp.pi, momentum(level), *map(momentum, near)])
        return mp.quad(integrand, points)


def fermi(omega, mu, T):
    mu, T = (mpf(x.numerator) / x.denominator for x in (mu, T))
    return 1 / (mp.exp((omega - mu) / T) + 1), T, mu


@pytest.mark.slow
def test_the_occupation_follows_mu_and_temperature_as_the_differentiated_integrals(one_lead):
    lead = ONE_LEAD.left

    def by_mu(omega, gamma):
        f, T, _ = fermi(omega, lead.mu, lead.temperature)
        return f * (1 - f) / T

    def by_temperature(omega, gamma):
        f, T, mu = fermi(omega, lead.mu, lead.temperature)
        return f * (1 - f) * (omega - mu) / T**2

    j = ONE_LEAD
    assert close(one_lead["particle_number", "left.mu"], band_integral(j, by_mu))
    assert close(one_lead["particle_number", "left.temperature"], band_integral(j, by_temperature))


@pytest.mark.slow
def test_conductance_and_thermopower_are_the_linear_response_integrals():
    g = reference_gradient(
        EQUILIBRIUM,
        DIGITS,
        observables=["charge_current", "heat_current_left"],
        parameters=["left.mu", "left.temperature"],
    )
    h2 = EQUILIBRIUM.left.hopping**2
    v2 = [lead.coupling**2 / h2 for lead in (EQUILIBRIUM.left, EQUILIBRIUM.right)]
    share = v2[0] * v2[1] / (v2[0] + v2[1]) ** 2  # Gamma_L Gamma_R / Gamma^2

    def moment(n):
        def integrand(omega, gamma):
            f, T, mu = fermi(omega, EQUILIBRIUM.mu_eq, EQUILIBRIUM.temperature_eq)
            # tau / 2 pi = share * Gamma * A, since Gamma |G|^2 = 2 pi A.
            return gamma * f * (1 - f) / T * (omega - mu) ** n

        with mp.workdps(30):
            integral = band_integral(EQUILIBRIUM, integrand)
            return integral * share.numerator / share.denominator

    with mp.workdps(30):
        T = mpf(EQUILIBRIUM.temperature_eq.numerator) / EQUILIBRIUM.temperature_eq.denominator
        assert close(g["charge_current", "left.mu"], moment(0))
        assert close(g["charge_current", "left.temperature"], moment(1) / T)
        assert close(g["heat_current_left", "left.temperature"], moment(2) / T)
        # Onsager: T dI/dT = dJ_H/dmu.
        onsager = T * g["charge_current", "left.temperature"].mid
        assert close(g["heat_current_left", "left.mu"], onsager)


def assert_shifts(j, g):
    """A shift of all energies by c: E -> E + c N, J -> J + c I, the rest stays."""
    gains = {"energy": "particle_number", "equilibrium_energy": "equilibrium_particle_number"}
    gains["energy_current"] = "charge_current"
    values = reference(j, 20)
    for name in OBSERVABLES:
        with mp.workdps(40):
            total = mp.fsum(g[name, p].mid for p in SHIFTED)
            radius = mp.fsum(g[name, p].radius for p in SHIFTED)
            expected = values[gains[name]].mid if name in gains else mpf(0)
            assert abs(total - expected) <= radius + mpf(10) ** -18, name


def assert_homogeneous(j, g):
    """Euler's theorem: sum of p dO/dp is O times the power of energy in its unit."""
    powers = dict.fromkeys(OBSERVABLES, 0)
    powers |= dict.fromkeys(
        ("energy", "equilibrium_energy", "charge_current", "entropy_production"), 1
    )
    powers |= dict.fromkeys(("energy_current", "heat_current_left", "heat_current_right"), 2)
    values = reference(j, 20)
    for name in OBSERVABLES:
        with mp.workdps(40):
            weights = {p: mpf(x.numerator) / x.denominator for p, x in j.parameters.items()}
            total = mp.fsum(x * g[name, p].mid for p, x in weights.items())
            radius = mp.fsum(abs(x) * g[name, p].radius for p, x in weights.items())
            expected = powers[name] * values[name].mid
            assert abs(total - expected) <= radius + mpf(10) ** -18, name


@pytest.mark.slow
def test_derivatives_obey_the_shift_identity(one_lead):
    assert len(one_lead) == len(OBSERVABLES) * (len(SHIFTED) + 2)
    assert_shifts(ONE_LEAD, one_lead)


@pytest.mark.deep
@pytest.mark.parametrize(
    "j", [ONE_LEAD, UNEQUAL, EQUAL], ids=["one lead", "unequal leads", "edges on edges"]
)
def test_all_derivatives_obey_the_shift_and_scaling_identities(j):
    g = reference_gradient(j, DIGITS)
    assert len(g) == len(OBSERVABLES) * len(PARAMETERS)
    assert_shifts(j, g)
    assert_homogeneous(j, g)


def test_exchanged_leads_exchange_the_derivatives_of_the_current():
    exchanged = ExactJunction(EQUAL.level, EQUAL.right, EQUAL.left, EQUAL.mu_eq, 0.1)
    one = reference_gradient(EQUAL, DIGITS, parameters=["left.coupling"])
    other = reference_gradient(exchanged, DIGITS, parameters=["right.coupling"])
    for name, sign in (("charge_current", -1), ("exergy", 1)):
        mirrored = other[name, "right.coupling"].mid
        assert close(one[name, "left.coupling"], mp.fmul(sign, mirrored, exact=True))


def test_both_references_differentiate_alike():
    kept = {"digits": 8, "observables": ["exergy", "energy_current"], "parameters": ["level"]}
    one = reference_gradient(EQUAL, **kept)
    other = reference_gradient(EQUAL, backend="mpmath", **kept)
    assert set(one) == {("exergy", "level"), ("energy_current", "level")}
    for key in one:
        assert one[key].overlaps(other[key])


@pytest.mark.slow
def test_exact_zeros_are_exact(one_lead):
    for key in (
        ("particle_number", "mu_eq"),
        ("equilibrium_energy", "left.mu"),
        ("spectral_weight", "level"),
        ("energy", "right.coupling"),
        ("entropy", "right.onsite"),
    ):
        assert (one_lead[key].mid, one_lead[key].radius) == (0, 0)
    # A zero by symmetry is computed, and found on the size of the observable.
    symmetric = ExactJunction(0, EQUILIBRIUM.left, EQUILIBRIUM.left, 0.1, 0.1)
    flat = reference_gradient(symmetric, DIGITS, observables="charge_current", parameters="level")
    found = flat["charge_current", "level"]
    assert found.contains(0)
    assert found.radius <= mpf(10) ** -DIGITS * max(found.absolute_integral, mpf(10) ** -30)


def test_weights_of_bound_states_are_differentiated_with_the_occupation_held():
    g = reference_gradient(
        BOUND, DIGITS, bound_states=HALF, observables=["spectral_weight"], parameters=["level"]
    )
    lost = g["spectral_weight", "level"]
    # Z of the state above equal bands: F(w) = w - level - V^2 (x - sqrt(x^2 - 4h^2))/(2 h^2).
    with mp.workdps(50):
        V2 = sum(
            (mpf(v.numerator) / v.denominator) ** 2
            for v in (BOUND.left.coupling, BOUND.right.coupling)
        )

        def weight(level):
            def sigma(w):
                return V2 / 2 * (w - mp.sqrt(w * w - 4))

            w = mp.findroot(lambda w: w - level - sigma(w), mpf("2.2"))
            return 1 / (1 - mp.diff(sigma, w))

        expected = -mp.diff(weight, mpf(BOUND.level.numerator) / BOUND.level.denominator)
    assert close(lost, expected)


def test_no_derivative_where_a_bound_state_appears():
    half = ExactLead(0, 1, HALF, 0.1, 0.1)
    threshold = ExactJunction(2 * (1 - HALF**2), half, half, 0.1, 0.1)
    g = reference_gradient(
        threshold, 8, observables=["charge_current"], parameters=["level", "left.mu"]
    )
    with pytest.raises(NotDifferentiableError, match="bound states below"):
        g["charge_current", "level"]
    assert g["charge_current", "left.mu"].mid > 0


def test_no_derivative_by_a_coupling_that_alone_binds_or_frees_the_level():
    isolated = ExactJunction(
        0.4, *leads((0.0, 1.0, 0.0, 0.6, 0.1), (0.0, 1.0, 0.0, 0.1, 0.1)), 0.1, 0.1
    )
    with pytest.raises(NotDifferentiableError, match="coupling > 0"):
        reference_gradient(isolated, 8, bound_states=HALF, parameters="left.coupling")[
            "energy", "left.coupling"
        ]


def test_what_has_no_value_says_why():
    g = reference_gradient(BOUND, 8, parameters=["mu_eq"])
    with pytest.raises(BoundStateError, match="occupation"):
        g["exergy", "mu_eq"]
    assert ("exergy", "mu_eq") not in g
    with pytest.raises(UnknownNameError, match="not among"):
        g["exergy", "level"]
    for arguments, error in (
        ({"digits": 100}, ParameterError),
        ({"observables": ["work"]}, UnknownNameError),
        ({"parameters": ["coupling"]}, UnknownNameError),
    ):
        with pytest.raises(error):
            reference_gradient(BOUND, **arguments)
