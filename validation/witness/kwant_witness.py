r"""A second witness from the ecosystem: Kwant's wave-function matching for the same junction.

Transmission and the level's local density of states, for chains without an end. Kwant is an
optional dependency (the extra ``kwant``). Version 1.5 has no wheels, and its C sources do not
compile with NumPy 2; unpacked, it is built by

    pip install "setuptools<70" wheel "cython<3.1" tinyarray
    CFLAGS="-I$(python -c 'import numpy; print(numpy.get_include())')" \
        python setup.py --cython bdist_wheel

May import: numpy, kwant (inside the functions), validation.errors, validation.witness.chain.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from validation.errors import ValidationError
from validation.witness.chain import Array, ChainLead, Parameters

__all__ = ["KwantMissingError", "level_density", "transmission"]


class KwantMissingError(ValidationError, ImportError):
    """Kwant, an optional dependency, is not installed."""


def transmission(junction: Any, energies: ArrayLike) -> Array:
    """Return tau at energies, Eq. (6), from Kwant's scattering matrix.

    Parameters
    ----------
    junction : scalar qbnum.Junction, or anything with its attributes
    energies : array
        Anywhere but on a band's edge. Where a lead is closed tau is 0.

    Raises
    ------
    KwantMissingError
        Kwant is not installed.
    """
    kwant, system = _system(junction)
    return np.array([kwant.smatrix(system, float(e)).transmission(1, 0) for e in _flat(energies)])


def level_density(junction: Any, energies: ArrayLike) -> Array:
    """Return A at energies, the local density of states of the level, from Kwant.

    Parameters
    ----------
    junction : scalar qbnum.Junction, or anything with its attributes
    energies : array
        Anywhere but on a band's edge; bound states are no part of it.

    Raises
    ------
    KwantMissingError
        Kwant is not installed.
    """
    kwant, system = _system(junction)
    level = next(i for i, site in enumerate(system.sites) if site.tag == (0,))
    return np.array([kwant.ldos(system, float(e))[level] for e in _flat(energies)])


def _flat(energies: ArrayLike) -> Array:
    return np.atleast_1d(np.asarray(energies, dtype=float)).ravel()


def _system(junction: Any) -> tuple[Any, Any]:
    """Return Kwant and the finalised system: the level, the chains' first sites, the leads."""
    kwant = _kwant()
    parameters = Parameters.of(junction)
    lattice = kwant.lattice.chain(norbs=1)
    builder = kwant.Builder()
    builder[lattice(0)] = parameters.level
    for place, lead in zip((-1, 1), parameters.leads, strict=True):
        builder[lattice(place)] = lead.onsite
        builder[lattice(0), lattice(place)] = -lead.coupling
        builder.attach_lead(_lead(kwant, lattice, place, lead))
    return kwant, builder.finalized()


def _lead(kwant: Any, lattice: Any, place: int, lead: ChainLead) -> Any:
    builder = kwant.Builder(kwant.TranslationalSymmetry((place,)))
    builder[lattice(0)] = lead.onsite
    builder[lattice(0), lattice(1)] = -lead.hopping
    return builder


def _kwant() -> Any:
    try:
        with warnings.catch_warnings():
            # Without MUMPS Kwant warns that large systems are slow; this one has three sites.
            warnings.simplefilter("ignore")
            return importlib.import_module("kwant")
    except ImportError as error:
        raise KwantMissingError(
            "Kwant is not installed; build it from its sources (with --cython for NumPy 2), as "
            "qbval's README says, or see https://kwant-project.org"
        ) from error
