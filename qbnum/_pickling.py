"""Pickling of results whose fields are read-only mappings. May import: nothing."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

__all__ = ["ReadOnlyMappings"]


class ReadOnlyMappings:
    """Base of frozen records with fields that can be neither pickled nor copied by themselves."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, _read_only(value))


def _plain(value: Any) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    return tuple(map(_plain, value)) if type(value) is tuple else value


def _read_only(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(map(_read_only, value)) if type(value) is tuple else value
