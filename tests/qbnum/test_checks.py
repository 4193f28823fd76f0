"""What arguments must be: what is taken, what is refused, and what the message says."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import qbnum
from qbnum import _checks


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.uint64(3), np.float32(3.0)])
def test_a_whole_number_is_one_however_it_is_held(value: Any) -> None:
    found = _checks.whole_number("workers", value, "processes", least=3)
    assert found == 3
    assert type(found) is int


@pytest.mark.parametrize(
    "value",
    [2, 2.0, -3, 3.5, True, np.True_, "3", None, [3], 3j, Fraction(3), np.nan, np.inf, -np.inf,
     np.float32(np.inf)],
)  # fmt: skip
def test_what_is_no_whole_number_or_too_small_is_refused(value: Any) -> None:
    with pytest.raises(qbnum.ParameterError, match=r"workers = .* whole number .* at least 3"):
        _checks.whole_number("workers", value, "processes", least=3)


@pytest.mark.parametrize(
    ("domain", "taken", "refused"),
    [
        ("finite", [-1.0, 0.0, 1e300], [np.nan, np.inf, -np.inf]),
        ("positive", [5e-324, 2.0], [0.0, -0.0, -1.0, np.nan, np.inf]),
        ("nonnegative", [0.0, -0.0, 2.0], [-5e-324, np.nan, np.inf]),
        ("probability", [0.0, 0.5, 1.0], [-5e-324, 1.0 + 2**-52, np.nan]),
    ],
)
def test_a_number_is_in_its_domain_up_to_the_ends(
    domain: str, taken: list[float], refused: list[float]
) -> None:
    for value in taken:
        assert _checks.real("x", value, domain) == value
    for k, value in enumerate(refused):
        with pytest.raises(qbnum.ParameterError, match=r"x = .* is outside its domain"):
            _checks.real("x", value, domain)
        among = [taken[0]] * k + [value]
        with pytest.raises(qbnum.ParameterError, match=rf"at index \({k},\) is outside"):
            _checks.real("x", among, domain)
        with np.errstate(all="ignore"):
            single = np.float32(value)
        if not np.isfinite(single):
            with pytest.raises(qbnum.ParameterError, match=r"x = .* is outside its domain"):
                _checks.real("x", single, domain)


@pytest.mark.parametrize("value", [2**53 + 1, np.int64(2**53 + 1), np.longdouble(1) / 3])
def test_a_number_without_an_exact_double_is_refused(value: Any) -> None:
    with pytest.raises(qbnum.ParameterError, match="no exact double"):
        _checks.real("x", value)


def test_results_are_refused_beyond_the_memory_that_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(_checks.MEMORY_VARIABLE, str(10 * 2**30))
    _checks.require_memory(10, 2**30, "give fewer")
    with pytest.raises(qbnum.ParameterError, match=r"11 points take 11\.0 GiB.* 10\.0 .*fewer"):
        _checks.require_memory(11, 2**30, "give fewer")
    monkeypatch.setenv(_checks.MEMORY_VARIABLE, "1000")
    with pytest.raises(qbnum.ParameterError, match="GiB"):
        qbnum.steady_state(qbnum.Junction.symmetric(level=np.zeros(100)))
    with pytest.raises(qbnum.ParameterError, match="GiB"):
        qbnum.bound_states(qbnum.Junction.symmetric(level=np.zeros(100)))
    monkeypatch.setenv(_checks.MEMORY_VARIABLE, "much")
    with pytest.raises(qbnum.ParameterError, match="number of bytes"):
        qbnum.steady_state(qbnum.Junction.symmetric(level=0.4))
    monkeypatch.delenv(_checks.MEMORY_VARIABLE)
    # A computer has a MiB, and not an EiB.
    _checks.require_memory(1, 2**20, "")
    if hasattr(os, "sysconf"):
        with pytest.raises(qbnum.ParameterError, match="GiB"):
            _checks.require_memory(1, 2**60, "")


def test_long_values_are_shown_in_short() -> None:
    assert _checks.shown("x" * 198) == repr("x" * 198)
    shown = _checks.shown("x" * 199)
    assert len(shown) == 200
    assert shown.endswith("...")
    assert _checks.shown(10**6000) == "a int of too many digits"


def test_names_are_given_one_or_several_and_each_once() -> None:
    known = ("energy", "entropy")
    assert _checks.known_names("observable", "energy", known) == ("energy",)
    assert _checks.known_names("observable", ["entropy", "energy"], known) == ("entropy", "energy")
    for given, message in (
        ((), "give a name"),
        (5, "give a name"),
        (["energy", 5], "give a name"),
        ("power", "no observable 'power'; there are energy, entropy"),
        (["energy", "energy"], "twice"),
    ):
        with pytest.raises(qbnum.ParameterError, match=message):
            _checks.known_names("observable", given, known)
