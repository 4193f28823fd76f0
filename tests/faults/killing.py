"""Commands that are killed at random moments, and begun again until they are done."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.validation.processes import let_interrupts_through

MARK = "QBVAL_TEST_MARK"
"""An environment variable by which all processes of a command are known."""

PATIENCE = 60
"""Seconds for what should be quick, on a busy machine."""

in_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")


@dataclass
class Campaign:
    """A command, the directory it works in, and what has been done to it."""

    words: list[str]
    directory: Path
    program: str = "validation"

    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    kills: Counter = field(default_factory=Counter)
    ends: Counter = field(default_factory=Counter)

    def begin(self):
        """Start the command in a session of its own."""
        environment = os.environ | {
            MARK: self.mark,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "SOURCE_DATE_EPOCH": "1700000000",
        }
        return subprocess.Popen(
            [sys.executable, "-m", self.program, *self.words], cwd=self.directory, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=let_interrupts_through,
        )  # fmt: skip

    def finish(self):
        """Let it run to its end."""
        process = self.begin()
        _, said = process.communicate()
        assert process.returncode == 0, said
        assert self.left_over() == []

    def run_and_kill(self, rng, longest):
        """Run it for a random time and kill something; say whether it claims to be done."""
        process = self.begin()
        moment = rng.uniform(0, longest)
        try:
            _, said = process.communicate(timeout=moment)
            assert process.returncode == 0, said
            return True
        except subprocess.TimeoutExpired:
            victim = self.strike(process, rng)
        # Without one of its workers it goes on to its end.
        _, said = process.communicate(timeout=600 if victim == "worker" else PATIENCE)
        self.kills[victim] += 1
        self.ends[process.returncode] += 1
        if victim == "interrupt session" and said.endswith("\nKeyboardInterrupt\n"):
            # Python and the command were still being loaded, and Python answers for itself.
            assert ", in main\n" not in said
            return False
        # A worker that was just being started complains when nobody tells it what to do.
        assert "Traceback" not in said or victim.startswith("kill"), (victim, said)
        # A worker that is killed is replaced, but for a sweep, which says so. Anything else may be
        # too late: Python is already about to end, with 0.
        assert process.returncode != 3 or victim == "worker", (victim, said)
        # A shell calls it 130 too if Python ends itself by the signal, as it does now and then.
        allowed = (0, 3, 130, -signal.SIGINT, -signal.SIGKILL, -signal.SIGTERM)
        assert process.returncode in allowed, (process.returncode, said)
        assert self.left_over() == [], victim
        return process.returncode == 0

    def strike(self, process, rng):
        """Kill the command, its session, or one of its workers; return which."""
        victim = rng.choice(["kill", "kill session", "terminate", "interrupt session", "worker"])
        if victim == "worker":
            if workers := [pid for pid in processes_of(self.mark) if _is_worker(pid)]:
                _send(rng.choice(workers), signal.SIGKILL)
                return "worker"
            victim = "kill"
        number = {"terminate": signal.SIGTERM, "interrupt session": signal.SIGINT}.get(
            victim, signal.SIGKILL
        )
        if victim.endswith("session"):
            os.killpg(process.pid, number)
        else:
            _send(process.pid, number)
        return victim

    def left_over(self):
        """Return the command's processes that still run a while after its end."""
        deadline = time.monotonic() + PATIENCE
        while (found := processes_of(self.mark)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return found


def processes_of(mark):
    """Return the ids of the living processes whose environment has this mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in filter(str.isdecimal, os.listdir("/proc")):
        try:
            # That of a dead process is empty.
            environment = Path(f"/proc/{entry}/environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0"):
            found.append(int(entry))
    return found


def _is_worker(pid):
    """Say so; what keeps track of the workers' resources is none."""
    with contextlib.suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _send(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def kill_until(campaign, rng, kills, longest, check, clear):
    """Kill it so many times, beginning anew whenever it is done; return how often it was.

    ``check`` looks at what files there are after each time and says whether that is all: a command
    may be killed when it has done its work. ``clear`` removes them then.
    """
    done = 0
    patience = longest
    while campaign.kills.total() < kills or not done:
        claimed = campaign.run_and_kill(rng, patience)
        ended = check()
        assert ended or not claimed
        # On a machine that is busy by now, nothing might get done in the time that it once took.
        patience = longest if ended else 1.2 * patience
        if ended:
            done += 1
            clear()
    return done
