"""Programs that fork, flood, sleep, hide and die: the checker ends them all and says what happened.

What they say wrong is in ``tests/validation/test_conformance_driver.py``.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from tests.faults.killing import MARK, in_proc, processes_of
from tests.slow import few_by_default
from tests.validation.processes import qbval_here
from tests.validation.test_conformance_driver import SHORT, TIMEOUT, ask, program  # noqa: F401
from validation.conformance.driver import Program
from validation.conformance.protocol import Answer

pytestmark = in_proc

MEGABYTE = 10**6


@pytest.fixture
def mark(monkeypatch, request):
    """Mark all processes of the test, this one left out; none may be there in the end."""
    name = f"{request.node.name}-{os.getpid()}"
    monkeypatch.setenv(MARK, name)
    yield name
    for pid in left_of(name):
        os.kill(pid, signal.SIGKILL)


def left_of(mark, patience=5):
    """Return the marked processes that live on after a while."""
    deadline = time.monotonic() + patience
    while (found := processes_of(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.closerange(0, 3)
        time.sleep(600)
    os._exit(0)
"""

BAD = {
    "a daemon": (f"{DAEMON}\nsay(case)", ""),
    "a daemon, and death": (f"{DAEMON}\nos.kill(os.getpid(), signal.SIGKILL)", "crash"),
    "a daemon, and silence": (f"{DAEMON}\ntime.sleep(600)", "timeout"),
    "many children in sessions of their own": (
        "for _ in range(50):\n    if os.fork() == 0:\n        os.setsid(); time.sleep(600)\n"
        "time.sleep(600)",
        "timeout",
    ),
    "a chain of forks that never ends": (
        "if os.fork() == 0:\n    while True:\n        if os.fork(): os._exit(0)\n"
        "        os.setsid()\nelse:\n    time.sleep(600)",
        "timeout",
    ),
    "deaf to all signals": (
        "for n in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: "
        "signal.signal(n, signal.SIG_IGN)\ntime.sleep(600)",
        "timeout",
    ),
    "stopped": ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
    "its own group's killer": ("os.killpg(0, signal.SIGKILL)", "crash"),
    "output closed": ("os.close(1)\ntime.sleep(600)", "crash"),
    "all closed": ("os.closerange(0, 3)\ntime.sleep(600)", "crash"),
    "floods both streams": (
        "if os.fork() == 0:\n    while True: os.write(2, b'x' * 65536)\n"
        "while True: os.write(1, b'x' * 1000)",
        "too-long",
    ),
}


@pytest.fixture
def held(tmp_path):
    """A pipe that a program may open and all that it starts then holds, and its reading end.

    A list of processes can miss for ever one that forks and ends all the time; the pipe cannot.
    """
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    yield pipe, reader
    os.close(reader)


@pytest.mark.parametrize("name", few_by_default(BAD, 2))
def test_whatever_a_program_starts_is_ended_with_it(program, mark, held, name):  # noqa: F811
    body, kind = BAD[name]
    pipe, reader = held
    started = time.monotonic()
    opened = f"held = os.open({str(pipe)!r}, os.O_WRONLY)\nos.write(held, b'held')\n{body}"
    outcomes = ask(program(opened), "a", timeout=TIMEOUT if kind in ("", "crash") else SHORT)
    assert getattr(outcomes["a"], "kind", "") == kind
    assert os.read(reader, 5) == b"held"
    # The end, which would be an error if anything still held it.
    assert os.read(reader, 5) == b""
    assert left_of(mark) == []
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_floods_of_gigabytes_do_not_fill_the_memory(program, stream):  # noqa: F811
    """Lines on stdout are read one by one, all of stderr is read and its end is kept."""
    flood = f"os.write(sys.{stream}.fileno(), b'x' * 65535 + b'\\n')"
    command = program(f"while case == 'a': {flood}\nsay(case)")
    ask(command, "b")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = ask(command, "b", "a", timeout=SHORT)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert outcomes["a"].kind == ("garbage" if stream == "stdout" else "timeout")
    assert len(outcomes["a"].stderr) <= 5
    assert grown < 20_000  # kilobytes


def test_a_program_has_no_terminal_and_leaves_no_core(program):  # noqa: F811
    body = """
import resource
try:
    terminal = os.open('/dev/tty', os.O_RDWR)
except OSError:
    terminal = -1
say(case, terminal=terminal, core=resource.getrlimit(resource.RLIMIT_CORE)[0],
    leader=os.getsid(0) - os.getpid(), descriptors=len(os.listdir('/proc/self/fd')))
"""
    values = ask(program(body), "a")["a"].values
    assert {name: float(value) for name, value in values.items()} == {
        "terminal": -1, "core": 0, "leader": 0,
        "descriptors": 4,  # three streams and the directory that is read
    }  # fmt: skip


def test_too_much_memory_ends_the_program_and_stderr_says_why(program):  # noqa: F811
    command = program("kept = bytearray(10**9 if case == 'a' else 1)\nsay(case)")
    with Program(command, TIMEOUT, memory=300 * MEGABYTE) as limited:
        answers = [limited.ask(case, json.dumps({"id": case})) for case in "bab"]
    assert [getattr(a, "kind", "") for a in answers] == ["", "crash", ""]
    assert answers[1].stderr[-1] == "MemoryError"
    assert isinstance(ask(command, "a", timeout=60)["a"], Answer)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_checker_takes_the_program_and_its_daemons_with_it(
    program,  # noqa: F811
    mark,
    number,
    tmp_path,
):
    ready = tmp_path / "ready"
    command = program(f"{DAEMON}\nopen({str(ready)!r}, 'w')\ntime.sleep(600)")
    checker = subprocess.Popen(
        [sys.executable, "-c", "import sys; from validation.conformance.driver import drive;"
         "drive(sys.argv[1], [('a', '{\"id\": \"a\"}')], 600)", command],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    with checker:
        # Checker, keeper, program, daemon: whether the daemon or the file is first, is open.
        while not ready.exists() or len(processes_of(mark)) < 4:
            assert checker.poll() is None
            time.sleep(0.02)
        checker.send_signal(number)
    assert left_of(mark, 10) == []


def test_the_command_shows_what_the_program_complained_of(program, mark, tmp_path):  # noqa: F811
    command = program(f"{DAEMON}\nprint('no licence found', file=sys.stderr)\nsys.exit(7)")
    done = qbval_here(
        "conformance", "check", "--exec", command, "--case", "weak-1e-6", "--memory", "500",
        "--json", "report.json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert "exit code 7" in done.stdout
    assert "stderr: no licence found" in done.stdout
    assert json.loads((tmp_path / "report.json").read_text())["options"]["memory"] == 500
    assert left_of(mark) == []
