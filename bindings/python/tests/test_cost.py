"""Memory stays where it is, and what a call costs. LEVELKIT_CALLS sets how many calls (100,000 by default)."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_errors import RULES

import levelkit as lk

CALLS = int(os.environ.get("LEVELKIT_CALLS", "100000"))
AT = datetime(2026, 3, 2, 20, tzinfo=UTC)


def resident() -> int:
    """Resident memory in KiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def calls() -> Callable[[], None]:
    engine, player = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p")
    requirement = lk.Requirement({"type": "numeric", "metric": "steps", "op": ">=", "value": 8000})
    report = lk.Report(metrics={"steps": 9000.0, "ok": True})

    def call() -> None:
        engine.apply(player, AT, report)
        engine.preview(player, AT, lk.Advance())
        requirement.explain({"steps": 5.0})
        with contextlib.suppress(lk.Refusal):
            engine.apply(player, AT, lk.StartBoss(boss="none"))

    return call


def measure() -> None:
    """What the child process does."""
    call = calls()
    for _ in range(2_500):
        call()
    gc.collect()
    before = resident()
    for _ in range(CALLS // 4):
        call()
    gc.collect()
    print(before, resident())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read the memory from")
def test_memory_stays_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "import test_cost; test_cost.measure()"]
    found = subprocess.run(command, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    before, after = map(int, found.stdout.split())
    with capsys.disabled():
        print(f"\nmemory: python: {before} KiB after 10,000 calls, {after} KiB after {CALLS + 10_000}")
    assert after <= before * 1.1


def nanoseconds(run: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter_ns()
        for _ in range(times):
            run()
        best = min(best, (time.perf_counter_ns() - started) / times)
    return best


def test_what_a_call_costs(capsys: pytest.CaptureFixture[str]) -> None:
    engine, player = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p")
    report = lk.Report(metrics={"steps": 9000.0})
    engine.apply(player, AT, report)
    empty = nanoseconds(lk.version, 100_000)
    reporting = nanoseconds(lambda: engine.apply(player, AT, report), 5_000)
    with capsys.disabled():
        print(f"\ncost: python: {empty:.0f} ns for an empty call, {reporting:.0f} ns for a report (this build)")
    # Generous: an optimised build takes a tenth of it.
    assert empty < 10_000 and reporting < 1_000_000
