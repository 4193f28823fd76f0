"""The symbols: each quantity has its own, with what is known of its sign."""

from collections import Counter

from sympy import Symbol

from qbsym import _checks
from qbsym import symbols as s

DECLARED = {name: value for name, value in vars(s).items() if isinstance(value, Symbol)}

COMPLEX = {"z", "zeta"}

POSITIVE = {
    *("hopping_L", "hopping_R", "hopping", "temperature_L", "temperature_R", "temperature"),
    *("temperature_eq", "kappa", "w", "Gamma", "spectral_weight"),
    *("f", "f_bar", "f_L", "f_L_bar", "f_R", "f_R_bar", "f_eq", "f_eq_bar"),
    *("d", "d_bar", "d_eq", "d_eq_bar"),
}
"""Hoppings, temperatures, and occupations, which no temperature above zero makes 0 or 1."""

NONNEGATIVE = {
    *("coupling_L", "coupling_R", "coupling", "A", "tau", "Gamma_L", "Gamma_R", "sigma"),
    *("S", "X", "S_eq", "S_two", "X_two"),
}
"""What vanishes with a coupling, outside a band, or at equilibrium."""


def test_every_quantity_has_a_symbol_of_its_own():
    names = Counter(symbol.name for symbol in DECLARED.values())
    assert [name for name, count in names.items() if count > 1] == []


def test_every_symbol_has_the_sign_that_its_quantity_has():
    for name, symbol in DECLARED.items():
        real = name not in COMPLEX
        assert symbol.is_real is (True if real else None), name
        assert symbol.is_positive is (True if name in POSITIVE else None), name
        known = name in POSITIVE or name in NONNEGATIVE
        assert symbol.is_nonnegative is (True if known else None), name


def test_parameters_are_the_leads_fields_in_their_order():
    assert len(s.PARAMETERS) == len(set(s.PARAMETERS)) == len(s.PARAMETER_NAMES) == 13
    named = dict(zip(s.PARAMETER_NAMES, s.PARAMETERS, strict=True))
    for side, lead in (("left", s.LEADS["L"]), ("right", s.LEADS["R"])):
        for field, symbol in vars(lead).items():
            assert named[f"{side}.{field}"] is symbol
    assert (named["level"], named["mu_eq"]) == (s.level, s.mu_eq)
    assert named["temperature_eq"] is s.temperature_eq


def test_a_message_repeats_a_value_whole_or_cut_to_a_length():
    assert _checks.shown("x" * 10) == repr("x" * 10)
    longest = "x" * (_checks.SHOWN - 2)
    assert _checks.shown(longest) == repr(longest)
    cut = _checks.shown(longest + "x")
    assert len(cut) == _checks.SHOWN
    assert cut.endswith("x...")
    assert "too many digits" in _checks.shown(10**5000)
