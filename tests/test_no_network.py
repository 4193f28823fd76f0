"""Nothing here needs, or looks for, a network while it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import imported_modules

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("qbnum", "qbsym", "validation")
CLIENTS = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "urllib3"}
CLIENTS |= {"urllib.request", "webbrowser", "xmlrpc"}

# Read by every Python process that finds it on its path, workers included.
REFUSES = """
import sys


def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise RuntimeError(f"the network was asked: {event} {arguments[-1]!r}")


sys.addaudithook(refuse)
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_a_client_of_the_network(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported_modules(path)
        if name in CLIENTS or name.partition(".")[0] in CLIENTS
    }
    assert not found


def _offline(tmp_path, *command):
    (tmp_path / "sitecustomize.py").write_text(REFUSES)
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_guard_of_these_tests_works(tmp_path):
    done = _offline(tmp_path, "-c", "import socket; socket.create_connection(('127.0.0.1', 1))")
    assert "the network was asked" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "run --random 2 --only observables --only enclosures --case random-*",
        "conformance example python -o mine.py",
        "reference show",
    ],
    ids=lambda command: command.split()[0],
)
def test_a_command_runs_where_the_network_is_refused(tmp_path, command):
    done = _offline(tmp_path, "-m", "validation", *command.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the network was asked" not in done.stdout + done.stderr
