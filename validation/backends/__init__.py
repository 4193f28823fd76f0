"""Arbitrary-precision integrators behind `validation.reference`."""
