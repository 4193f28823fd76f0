"""Real programs that crash, hang, babble and lie: the driver survives and says what happened."""

import json
import os
import shlex
import sys
import time

import pytest

from validation.conformance.driver import GIVE_UP, Program, ProgramError, drive
from validation.conformance.protocol import FAILURES, Answer, Failure

TIMEOUT = 2.0
"""Enough for a bare interpreter on a busy machine; most tests never wait for it."""

SHORT = 0.4
"""Where the timeout is what is tested; the first answer after a start has three times as long."""

PREAMBLE = """
import json, os, signal, subprocess, sys, time
def say(case, **values):
    print(json.dumps({"id": case, "values": values}), flush=True)
for line in sys.stdin:
    case = json.loads(line)["id"]
"""


@pytest.fixture
def program(tmp_path):
    """Write a program whose loop over the cases has this body; return its command."""

    def write(body, preamble=PREAMBLE):
        path = tmp_path / "program under test.py"
        indented = "".join(f"    {line}\n" for line in body.strip().splitlines())
        path.write_text(preamble + indented)
        # Without site-packages it starts in a few hundredths of a second.
        return shlex.join([sys.executable, "-S", "-E", str(path)])

    return write


def ask(command, *cases, timeout=TIMEOUT):
    """Drive a program through cases of these names."""
    return drive(command, [(case, json.dumps({"id": case})) for case in cases], timeout)


def alive(pid):
    """Say whether a process runs; one that is dead but not yet buried does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def is_gone(pid):
    """Wait until a process that was killed is gone."""
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_one_process_answers_all_cases_in_order(program):
    done = []
    command = program("say(case, pid=os.getpid())")
    outcomes = drive(
        command, [(c, json.dumps({"id": c})) for c in "abc"], TIMEOUT, lambda o: done.append(o.case)
    )
    assert list(outcomes) == done == ["a", "b", "c"]
    assert len({outcome.values["pid"] for outcome in outcomes.values()}) == 1
    assert is_gone(int(outcomes["a"].values["pid"]))


def test_a_crash_is_reported_with_exit_code_and_stderr_and_the_program_restarted(program):
    outcomes = ask(
        program(
            "if case == 'b':\n"
            "    print('before', 'the end', sep='\\n', file=sys.stderr)\n"
            "    print('half an ans', end='', flush=True)\n"
            "    sys.exit(3)\n"
            "say(case, pid=os.getpid())"
        ),
        *"abc",
    )
    crash = outcomes["b"]
    assert (crash.kind, crash.detail, crash.received) == ("crash", "exit code 3", "half an ans")
    assert crash.stderr == ("before", "the end")
    assert isinstance(outcomes["c"], Answer)
    assert outcomes["c"].values["pid"] != outcomes["a"].values["pid"]


def test_a_signal_is_named(program):
    outcomes = ask(
        program("os.kill(os.getpid(), signal.SIGSEGV) if case == 'b' else say(case)"), *"abc"
    )
    assert outcomes["b"].detail == "killed by SIGSEGV"
    assert isinstance(outcomes["c"], Answer)


def test_a_program_that_hangs_is_killed_with_its_children_and_restarted(program, tmp_path):
    outcomes = ask(
        program(
            "if case == 'b':\n"
            "    child = subprocess.Popen(['sleep', '600'])\n"
            f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
            "    time.sleep(600)\n"
            "say(case)"
        ),
        *"abc",
        timeout=SHORT,
    )
    assert [getattr(o, "kind", "") for o in outcomes.values()] == ["", "timeout", ""]
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_child_that_holds_the_pipes_does_not_hide_its_parent_s_end(program, tmp_path):
    started = time.monotonic()
    outcomes = ask(
        program(
            "child = subprocess.Popen(['sleep', '600'])\n"
            f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
            "os._exit(4)"
        ),
        "a",
        timeout=60,
    )
    assert (outcomes["a"].kind, outcomes["a"].detail) == ("crash", "exit code 4")
    assert time.monotonic() - started < 30
    assert is_gone(int((tmp_path / "pid").read_text()))


LIES = {
    "garbage": [
        ("print('loading...', flush=True)", "loading..."),
        ("print('[1, 2]', flush=True)", "[1, 2]"),
        ("print('{\"values\": {}}', flush=True)", '{"values": {}}'),
        ("print(flush=True)", ""),
        ("sys.stdout.buffer.write(b'\\xff\\x00\\x1b[31m\\n'); sys.stdout.flush()", "���[31m"),
        ("print('[' * 100000, flush=True)", "[" * 199 + "…"),
        ("print('9' * 5000, flush=True)", "9" * 199 + "…"),
    ],
    "wrong-id": [("say('another')", '{"id": "another", "values": {}}')],
    "crash": [
        ("sys.exit(0)", ""),
        ("os.close(1); time.sleep(600)", ""),
    ],
}


@pytest.mark.parametrize(
    ("kind", "body", "received"),
    [(kind, *lie) for kind, lies in LIES.items() for lie in lies],
    ids=lambda value: value[:40],
)
def test_what_is_no_answer_is_kept_and_the_next_case_asked_anew(program, kind, body, received):
    outcomes = ask(program(f"if case == 'b': {body}\nelse: say(case)"), *"abc")
    failure = outcomes["b"]
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.received) == (kind, received)
    assert isinstance(outcomes["a"], Answer)
    assert isinstance(outcomes["c"], Answer)


def test_two_lines_for_one_case_spoil_the_next_one_only(program):
    outcomes = ask(program("say(case)\nif case == 'a': say(case)"), *"abc")
    assert [getattr(o, "kind", "") for o in outcomes.values()] == ["", "wrong-id", ""]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_without_a_line_end_neither_hangs_nor_fills_the_memory(program, stream):
    started = time.monotonic()
    outcomes = ask(
        program(f"while case == 'b': os.write(sys.{stream}.fileno(), b'x' * 65536)\nsay(case)"),
        *"abc",
        timeout=SHORT if stream == "stderr" else 60,
    )
    assert outcomes["b"].kind == {"stdout": "too-long", "stderr": "timeout"}[stream]
    assert isinstance(outcomes["c"], Answer)
    assert time.monotonic() - started < 30


def test_much_on_stderr_beside_the_answers_does_no_harm(program):
    outcomes = ask(program("print('x' * 300000, file=sys.stderr)\nsay(case)"), *"abc")
    assert all(isinstance(outcome, Answer) for outcome in outcomes.values())


def test_a_program_that_does_not_read_a_long_line_runs_into_the_timeout(program):
    started = time.monotonic()
    command = program("", preamble="import time; time.sleep(600)\nif True:\n    pass\n")
    # Longer than any pipe's buffer.
    outcomes = drive(command, [("a", "x" * 4_000_000)], SHORT)
    assert outcomes["a"].kind == "timeout"
    assert time.monotonic() - started < 30


def test_a_long_line_reaches_a_program_that_reads_it(program):
    line = json.dumps({"id": "a", "padding": "x" * 4_000_000})
    outcomes = drive(program("say(case, length=len(line))"), [("a", line)], 60)
    assert outcomes["a"].values["length"] == len(line) + 1


def test_an_answer_that_is_not_flushed_is_recognised_as_such(program):
    outcomes = ask(program("print(json.dumps({'id': case, 'values': {}}))"), *"abc", timeout=SHORT)
    assert [o.kind for o in outcomes.values()] == ["not-flushed", "not-flushed", "not-asked"]
    assert "flush" in FAILURES["not-flushed"]


def test_a_slow_answer_of_a_program_that_does_flush_is_a_timeout(program):
    outcomes = ask(
        program(f"time.sleep({1.5 * SHORT} if case == 'b' else 0)\nsay(case)"),
        *"abc",
        timeout=SHORT,
    )
    assert [getattr(o, "kind", "") for o in outcomes.values()] == ["", "timeout", ""]


def test_a_program_that_never_answers_is_given_up(program):
    cases = [str(n) for n in range(GIVE_UP + 3)]
    outcomes = ask(program("sys.exit(1)"), *cases)
    kinds = [outcome.kind for outcome in outcomes.values()]
    assert kinds == ["crash"] * GIVE_UP + ["not-asked"] * 3


def test_a_program_that_has_answered_once_is_never_given_up(program):
    cases = [str(n) for n in range(GIVE_UP + 3)]
    outcomes = ask(program("sys.exit(1) if case != '0' else say(case)"), *cases)
    assert [o.kind for o in list(outcomes.values())[1:]] == ["crash"] * (GIVE_UP + 2)


def test_a_program_made_for_one_line_is_started_for_each(program):
    outcomes = ask(program("say(case, pid=os.getpid())\nbreak"), *"abc")
    assert all(isinstance(outcome, Answer) for outcome in outcomes.values())
    assert len({outcome.values["pid"] for outcome in outcomes.values()}) == 3


def test_a_slow_start_has_three_timeouts(program):
    slow = f"import time; time.sleep({1.5 * SHORT})\n" + PREAMBLE
    outcomes = ask(program("say(case)", preamble=slow), "a", timeout=SHORT)
    assert isinstance(outcomes["a"], Answer)


def test_no_process_is_left_behind_when_the_caller_fails(program):
    command = program("say(case, pid=os.getpid())")
    answers = []

    def interrupt(outcome):
        answers.append(outcome)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drive(command, [("a", '{"id": "a"}')], TIMEOUT, interrupt)
    assert is_gone(int(answers[0].values["pid"]))


def test_a_program_that_does_not_end_at_the_end_of_its_input_is_killed(program):
    outcomes = ask(program("say(case, pid=os.getpid())\ntime.sleep(600)"), "a")
    assert is_gone(int(outcomes["a"].values["pid"]))


BAD = {
    "no such program": ("./no-such-program", "'./no-such-program' cannot be started"),
    "not executable": (shlex.quote(__file__), "ermission denied"),
    "directory": (shlex.quote(os.path.dirname(__file__)), "cannot be started"),
    "empty": ("  ", "empty"),
    "open quote": ("'./impl", "quotation"),
    "null byte": ("./im\0pl", "null"),
}


@pytest.mark.parametrize(("command", "named"), BAD.values(), ids=BAD)
def test_a_program_that_cannot_be_started_is_an_error_that_says_why(command, named):
    with pytest.raises(ProgramError, match=named):
        Program(command, TIMEOUT)
