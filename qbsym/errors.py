"""The errors that qbsym raises. May import nothing."""

__all__ = ["FloatAtomError", "NotDerivedError", "ParameterError", "QbsymError", "UnknownNameError"]


class QbsymError(Exception):
    """Base class of every error that qbsym raises on purpose."""


class ParameterError(QbsymError, ValueError):
    """An argument is of the wrong type or outside its domain."""


class FloatAtomError(QbsymError, ValueError):
    """An expression holds a SymPy Float: its digits end where a double's do."""


class UnknownNameError(QbsymError, KeyError):
    """No lead, region, observable, derivation or backend has this name."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class NotDerivedError(QbsymError, NotImplementedError):
    """The closed form or limit that was asked for has not been derived, or does not exist."""
