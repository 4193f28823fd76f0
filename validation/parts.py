"""Finished parts of a long computation, kept beside its output until all is done.

One file with a line for each part: a checksum, the part's key and its data, both as JSON. A line
is on the disk before `Parts.keep` returns, so that whatever ends the process (a signal, a full
disk, a power cut) costs only the parts under way. A line that was cut short or altered is not
used: its part is computed again. May import: validation.errors, .files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from validation.errors import ValidationError
from validation.files import is_stream, locked, write_all

__all__ = ["Parts", "PartsError", "keeping_parts", "parts_path"]


class PartsError(ValidationError, OSError):
    """Parts cannot be kept: another process is at work on them, or they cannot be written."""


def parts_path(output: Path) -> Path | None:
    """Return where the parts of an output file are kept; None for a device or a pipe."""
    return None if is_stream(output) else output.with_name(f"{output.name}.parts")


@contextmanager
def keeping_parts(path: Path | None) -> Iterator[Parts]:
    """Give the parts that a file holds, for this process alone; the file is made if missing.

    It stays when the block ends, unless it is empty or was removed (`Parts.remove`). With None
    the parts are kept nowhere.

    Raises
    ------
    PartsError
        Another process is at work on them, or the file cannot be written.
    """
    if path is None:
        yield Parts()
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(locked(path))
        except BlockingIOError:
            raise PartsError(
                f"another process is at work on {str(path)!r}; wait for it, or give another output"
            ) from None
        except OSError as error:
            raise _unwritten(path, error) from error
        parts = Parts(file, path)
        try:
            yield parts
        finally:
            # Read again: an interrupt may have come when a line was written and not yet counted.
            if not len(parts) and not len(Parts(file, path)):
                parts.remove()


class Parts:
    """The parts in a file that is open and locked; `keeping_parts` makes one.

    A key is all that decides the part's data (what is computed, with which settings, by which
    version), as JSON can hold it. Parts whose keys are not asked for do no harm. Data are JSON
    too; floats come back as the same doubles, infinities and NaN included.
    """

    def __init__(self, file: IO[bytes] | None = None, path: Path = Path()) -> None:  # noqa: D107
        self._file, self._path = file, path
        self._kept: dict[str, str] = {}
        if file is None:
            return
        file.seek(0)
        *lines, rest = file.read().split(b"\n")
        for line in lines:
            checksum, _, body = line.partition(b"\t")
            if checksum == _checksum(body):
                key, _, data = body.decode().partition("\t")
                self._kept[key] = data
        if rest:  # a line that was cut short
            file.truncate(file.tell() - len(rest))

    def __contains__(self, key: Any) -> bool:
        return _text(key) in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, key: Any) -> Any:
        """Return a part's data; KeyError if it is not there."""
        return json.loads(self._kept[_text(key)])

    def keep(self, key: Any, data: Any) -> Any:
        """Keep a part, and return its data as they will be read.

        Raises
        ------
        PartsError
            It cannot be written, e.g. on a full disk. What was kept before stays.
        """
        name, text = _text(key), _text(data)
        if self._file is not None:
            self._append(self._file, f"{name}\t{text}".encode())
        self._kept[name] = text
        return json.loads(text)

    def _append(self, file: IO[bytes], body: bytes) -> None:
        end = file.seek(0, os.SEEK_END)
        try:
            write_all(file, _checksum(body) + b"\t" + body + b"\n")
            os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                file.truncate(end)
            raise _unwritten(self._path, error) from error

    def remove(self) -> None:
        """Remove the file: all is done, and its result is written."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)


def _unwritten(path: Path, error: OSError) -> PartsError:
    return PartsError(f"{str(path)!r} cannot be written ({error.strerror})")


def _text(data: Any) -> str:
    # JSON escapes tabs and line ends.
    return json.dumps(data, separators=(",", ":"))


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).hexdigest().encode()
