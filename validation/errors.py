"""The errors that the validation layer raises.

Each message says what was given, what is allowed, and what to do. May import: nothing.
"""

from __future__ import annotations

__all__ = [
    "BoundStateError",
    "MetricError",
    "ParameterError",
    "PrecisionNotReachedError",
    "UnknownNameError",
    "ValidationError",
    "shown",
]

SHOWN = 200
"""Characters of a value that a message repeats."""


def shown(value: object) -> str:
    """Return a value as a message repeats it: shortened, and never an error of its own."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        return f"a {type(value).__name__} of too many digits"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


class ValidationError(Exception):
    """Base of every error that this package raises on purpose."""


class ParameterError(ValidationError, ValueError):
    """A parameter or an option is of the wrong type or outside its domain."""


class MetricError(ValidationError, ValueError):
    """A comparison was asked for against something that is not a finite number."""


class _MissingObservableError(ValidationError, KeyError):
    """An observable has no value here.

    A ``KeyError`` too, so that a mapping of observables answers ``in`` and ``get`` as usual.
    """

    def __str__(self) -> str:
        # KeyError would show the repr of the message.
        return str(self.args[0]) if self.args else ""


class UnknownNameError(_MissingObservableError):
    """A name of an observable or of a backend that does not exist."""


class BoundStateError(_MissingObservableError):
    """An observable needs the occupation of a bound state, which the steady state does not fix."""


class PrecisionNotReachedError(_MissingObservableError, ArithmeticError):
    """The reference refuses: the digits asked for could not be vouched for.

    Parameters
    ----------
    message : str
        What was asked, how far it got, what to do.
    observable : str
        The observable, or the identity, that fell short.
    asked, reached : float
        Digits asked for, and digits that the error estimate still vouches for.
    """

    def __init__(  # noqa: D107
        self, message: str, observable: str = "", asked: float = 0, reached: float = 0
    ) -> None:
        super().__init__(message)
        self.observable = observable
        self.asked = asked
        self.reached = reached
