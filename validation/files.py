"""Files that are written whole or not at all. May import: nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["is_stream", "locked", "try_writing", "write_all", "write_atomically"]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a file by text (in UTF-8) or bytes, whole or not at all.

    The content is on the disk before it gets the file's name, so that a power cut leaves the old
    file or the new one. Whoever is killed in between leaves one ``.NAME.new``, which the next
    writer takes over. Devices and pipes, such as ``/dev/stdout``, are written to as they are.

    Raises
    ------
    OSError
        The file cannot be written there.
    """
    data = content.encode() if isinstance(content, str) else content
    if is_stream(path):
        with path.open("wb") as stream:
            stream.write(data)
        return
    with _fresh(path) as (file, target):
        write_all(file, data)
        os.fsync(file.fileno())
        if os.name == "nt":
            file.close()  # Windows renames no open file
        os.replace(file.name, target)
    _sync_directory(target.parent)


def try_writing(path: Path) -> None:
    """Raise OSError if no file can be written there: only a file shows that there can be one."""
    if not is_stream(path):
        with _fresh(path) as (file, _):
            file.write(b"?")
            Path(file.name).unlink()


def is_stream(path: Path) -> bool:
    """Say whether this is a device, a pipe or a socket: nothing that can be replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


@contextmanager
def _fresh(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Give an empty ``.NAME.new`` and what it is to replace: where a link leads, not the link."""
    target = Path(os.path.realpath(path))
    name = target.with_name(f".{target.name}.new")
    with locked(name, wait=True) as file:
        try:
            file.truncate(0)
            yield file, target
        except BaseException:
            name.unlink(missing_ok=True)
            raise


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[IO[bytes]]:
    """Open a file for reading and appending, for one process at a time, however that ends.

    Unbuffered, and made if there is none. Windows has no such locks.

    Raises
    ------
    BlockingIOError
        Another process has it, unless ``wait``.
    OSError
        It cannot be opened.
    """
    while True:
        with path.open("a+b", buffering=0) as file:
            _lock(file, wait)
            # Whoever had it may have renamed or removed it meanwhile.
            if _is_at(file, path):
                yield file
                return


def _lock(file: IO[bytes], wait: bool) -> None:
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write everything to an unbuffered file, which may take it in pieces."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _sync_directory(directory: Path) -> None:
    """Put a new name on the disk too, where the system can do it."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
