"""Junctions whose parameters are exact rational numbers.

A double stands for its own value: ``0.12`` is the double nearest to 12/100, and a text "0.12" is
12/100. References are computed for exactly what was given. Eqs. (4)-(5) of the paper.
May import: validation.errors; never qbnum, whose records are read by their attributes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from validation.errors import ParameterError, shown

__all__ = ["PARAMETERS", "ExactJunction", "ExactLead", "exact_number", "parse_number"]

PARAMETERS = (
    "level",
    "left.onsite",
    "left.hopping",
    "left.coupling",
    "left.mu",
    "left.temperature",
    "right.onsite",
    "right.hopping",
    "right.coupling",
    "right.mu",
    "right.temperature",
    "mu_eq",
    "temperature_eq",
)
"""The thirteen parameters by dotted name, in the order in which integrands take them."""

MAX_EXPONENT = 5000
"""Largest power of ten in a text: beyond it the exact fraction is only a waste of memory."""

MAX_BITS = 60_000
"""Most bits of a numerator or denominator: all of the above, and no request of unbounded work."""

_DOMAINS = {
    "hopping": ("> 0", lambda value: value > 0),
    "temperature": ("> 0", lambda value: value > 0),
    "temperature_eq": ("> 0", lambda value: value > 0),
    "coupling": (">= 0", lambda value: value >= 0),
}

_HEX = re.compile(
    r"(?P<sign>[+-]?)0[xX](?P<whole>[0-9a-fA-F]*)(?:\.(?P<part>[0-9a-fA-F]*))?"
    r"(?:[pP](?P<exponent>[+-]?[0-9]+))?"
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?")
_RATIONAL = re.compile(r"[+-]?[0-9]+/[0-9]+")
_FORMS = 'a decimal ("0.12", "1e-3"), a rational ("3/25") or a hexadecimal float ("0x1.8p-4")'


def exact_number(value: Any, name: str = "value") -> Fraction:
    """Return a real number (int, float, Fraction, NumPy scalar) as the fraction it is.

    Parameters
    ----------
    value : number
        Finite. Text is refused here: see `parse_number`.
    name : str
        What the number is, for the error message.

    Raises
    ------
    ParameterError
        Not a real scalar, or not finite.
    """
    if getattr(value, "shape", None) == () and getattr(value, "mask", False):
        raise ParameterError(f"{name} is masked, which is no number")
    scalar = value.item() if getattr(value, "shape", None) == () else value
    if isinstance(scalar, type | bool | str | bytes) or not hasattr(scalar, "as_integer_ratio"):
        hint = "; take one junction of an array with .at(index)" if hasattr(value, "shape") else ""
        raise ParameterError(f"{name} = {shown(value)} is not a single real number{hint}")
    if isinstance(scalar, Decimal) and abs(scalar.adjusted()) > MAX_EXPONENT:
        raise ParameterError(f"{name} = {shown(value)} has an exponent beyond +-{MAX_EXPONENT}")
    try:
        exact = Fraction(*scalar.as_integer_ratio())
    except (OverflowError, ValueError) as error:
        raise ParameterError(
            f"{name} = {shown(value)} is outside its domain: a finite number"
        ) from error
    if max(exact.numerator.bit_length(), exact.denominator.bit_length()) > MAX_BITS:
        raise ParameterError(f"{name} has more than {MAX_BITS} bits; round it to fewer")
    return exact


def parse_number(text: str, name: str = "value") -> Fraction:
    """Return the fraction that a decimal, rational or hexadecimal text denotes, unrounded.

    Raises
    ------
    ParameterError
        Not such a text, or one whose exponent exceeds `MAX_EXPONENT`.
    """
    if not isinstance(text, str):
        raise ParameterError(f"{name} = {shown(text)} is not text; give {_FORMS}")
    stripped = text.strip()
    if hexadecimal := _HEX.fullmatch(stripped):
        whole, part = hexadecimal["whole"], hexadecimal["part"] or ""
        digits = hexadecimal["exponent"] or "0"
        exponent = int(digits) if len(digits) <= 6 else math.inf
        if 0 < len(whole + part) <= MAX_BITS // 8 and abs(exponent) <= 4 * MAX_EXPONENT:
            value = Fraction(int(whole + part, 16), 16 ** len(part)) * Fraction(2) ** int(exponent)
            return -value if hexadecimal["sign"] == "-" else value
    elif _RATIONAL.fullmatch(stripped) or _is_decimal(stripped):
        try:
            return Fraction(stripped)
        except (ValueError, ZeroDivisionError):  # thousands of digits, or 1/0
            pass
    raise ParameterError(
        f"{name} = {shown(text)} is not a finite number as text; "
        f"give {_FORMS} with a decimal exponent within +-{MAX_EXPONENT}"
    )


def _is_decimal(text: str) -> bool:
    """Say whether a text is a decimal whose power of ten can be written out.

    Fraction itself takes more, 1e1_0 and digits of every script, and knows no limit.
    """
    found = _DECIMAL.fullmatch(text)
    exponent = found["exponent"] or "0" if found else ""
    return 0 < len(exponent) <= 6 and abs(int(exponent)) <= MAX_EXPONENT


def _in_domain(name: str, value: Any) -> Fraction:
    exact = exact_number(value, name)
    allowed, holds = _DOMAINS.get(name.rpartition(".")[2], ("finite", lambda _: True))
    if not holds(exact):
        raise ParameterError(f"{name} = {shown(value)} is outside its domain: {allowed}")
    return exact


@dataclass(frozen=True)
class ExactLead:
    """A semi-infinite chain in its own equilibrium, with exact parameters; as `qbnum.Lead`.

    Parameters
    ----------
    onsite, hopping, coupling, mu, temperature : Fraction
        Band centre, hopping > 0, coupling >= 0 to the level, chemical potential,
        temperature > 0, in one unit of energy. Any exact number is taken (int, float, Fraction).

    Raises
    ------
    ParameterError
        A field is not a finite real number or outside its domain.
    """

    onsite: Fraction
    hopping: Fraction
    coupling: Fraction
    mu: Fraction
    temperature: Fraction

    def __post_init__(self) -> None:
        for field in fields(self):
            value = _in_domain(f"lead.{field.name}", getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    @property
    def band(self) -> tuple[Fraction, Fraction]:
        """Lower and upper band edge, onsite -+ 2 hopping."""
        return self.onsite - 2 * self.hopping, self.onsite + 2 * self.hopping


@dataclass(frozen=True)
class ExactJunction:
    """The level between the leads L and R, with exact parameters; as `qbnum.Junction`.

    Parameters
    ----------
    level : Fraction
        Energy of the battery's level.
    left, right : ExactLead
        The two reservoirs.
    mu_eq, temperature_eq : Fraction
        The equilibrium that exergy is measured against; ``temperature_eq`` > 0.

    Raises
    ------
    ParameterError
        A field is not a finite real number or outside its domain.
    """

    level: Fraction
    left: ExactLead
    right: ExactLead
    mu_eq: Fraction
    temperature_eq: Fraction

    def __post_init__(self) -> None:
        for side in ("left", "right"):
            if not isinstance(getattr(self, side), ExactLead):
                raise ParameterError(
                    f"{side} must be an ExactLead, got {shown(getattr(self, side))}; "
                    "ExactJunction.from_junction converts a whole qbnum.Junction"
                )
        for name in ("level", "mu_eq", "temperature_eq"):
            object.__setattr__(self, name, _in_domain(name, getattr(self, name)))

    @property
    def parameters(self) -> dict[str, Fraction]:
        """The thirteen parameters by dotted name, in the order of `PARAMETERS`."""
        named = {"level": self.level}
        for side in ("left", "right"):
            lead = getattr(self, side)
            named |= {f"{side}.{field.name}": getattr(lead, field.name) for field in fields(lead)}
        return named | {"mu_eq": self.mu_eq, "temperature_eq": self.temperature_eq}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ExactJunction:
        """Return the junction of thirteen exact numbers given by dotted name.

        Raises
        ------
        ParameterError
            A name is missing or unknown, or a value is not a finite number in its domain.
        """
        _refuse_other_names(parameters)
        values = {name: _in_domain(name, parameters[name]) for name in PARAMETERS}
        left, right = (
            ExactLead(*(values[f"{side}.{field.name}"] for field in fields(ExactLead)))
            for side in ("left", "right")
        )
        return cls(values["level"], left, right, values["mu_eq"], values["temperature_eq"])

    @classmethod
    def from_junction(cls, junction: Any) -> ExactJunction:
        """Return the junction whose parameters are the doubles of ``junction``, exactly.

        Parameters
        ----------
        junction : object
            Anything with the attributes of a scalar `qbnum.Junction`; an `ExactJunction` is
            returned as it is.

        Raises
        ------
        ParameterError
            An attribute is missing, or is not one finite real number in its domain.
        """
        if isinstance(junction, cls):
            return junction
        values: dict[str, Any] = {}
        for name in PARAMETERS:
            value = junction
            for part in name.split("."):
                if not hasattr(value, part):
                    raise ParameterError(
                        f"{type(junction).__name__} has no {name!r}; give a qbnum.Junction, an "
                        f"ExactJunction, or an object with {', '.join(PARAMETERS)}"
                    )
                value = getattr(value, part)
            values[name] = value
        return cls.from_parameters(values)

    @classmethod
    def from_text(cls, parameters: Mapping[str, str]) -> ExactJunction:
        """Return the junction of thirteen numbers written as text, taken as they are written.

        Parameters
        ----------
        parameters : mapping of str to str
            Dotted name to a decimal, rational or hexadecimal text: "0.12", "3/25",
            "0x1.eb851eb851eb8p-4".

        Raises
        ------
        ParameterError
            A name is missing or unknown, a text is not a number, or a value is outside its domain.
        """
        _refuse_other_names(parameters)
        return cls.from_parameters(
            {name: parse_number(text, name) for name, text in parameters.items()}
        )


def _refuse_other_names(parameters: Mapping[str, Any]) -> None:
    if not isinstance(parameters, Mapping):
        raise ParameterError(f"parameters = {shown(parameters)}; give a mapping of names to values")
    missing = [name for name in PARAMETERS if name not in parameters]
    unknown = [name for name in parameters if name not in PARAMETERS]
    if missing or unknown:
        raise ParameterError(
            f"parameters missing: {missing}, unknown: {shown(unknown)}; "
            f"give exactly {', '.join(PARAMETERS)}"
        )
