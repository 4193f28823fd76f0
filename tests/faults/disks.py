"""Disks that are small or cannot be written."""

import os
import subprocess

import pytest

KILOBYTES = 400


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few hundred kilobytes; skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={KILOBYTES}k", "none", place)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def frozen(tmp_path):
    """Return a function that forbids every change in a directory, to root too."""
    places = []

    def freeze(directory):
        _mount("--bind", directory, directory)
        places.append(directory)
        _mount("-o", "remount,bind,ro", directory)

    yield freeze
    for place in places:
        subprocess.run(["umount", "--lazy", place], check=True)


def _mount(*words):
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root can mount")
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.strip()}")
