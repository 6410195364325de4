"""Memory stays where it is, and what a call costs, beside Rust. LEVELKIT_CALLS sets how many calls (a million by default)."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import levelkit as lk

CALLS = int(os.environ.get("LEVELKIT_CALLS") or "1000000")
WORK = json.loads((Path(__file__).parents[3] / "tests" / "cost" / "workload.json").read_text(encoding="utf-8"))
HOURS = [datetime.fromisoformat(WORK["start"]) + timedelta(hours=n) for n in range(WORK["reports"])]

ENGINE = lk.Engine(lk.Ruleset.from_object(WORK["ruleset"]))
CURVE = lk.Curve()
REQUIREMENT = lk.Requirement(WORK["ruleset"]["quests"][0]["requirements"])


def play(between: Callable[[lk.Player, int], object] | None = None) -> str:
    """The workload's reports, with other calls between them; every call counts."""
    player = lk.Player(WORK["player"])
    for n, at in enumerate(HOURS):
        ENGINE.execute(player, at, lk.Report(metrics={"steps": n * 997 % 10_000}))
        if between:
            between(player, n)
    return player.ledger_head.hash


def other(player: lk.Player, n: int) -> object:
    """One call more: mostly an empty one, and now and then one that answers much, or that raises."""
    if n % 10 == 4:
        return REQUIREMENT.explain({"steps": 5})
    if n % 10 != 9:
        return CURVE.max_level
    with pytest.raises(lk.Refusal):
        ENGINE.execute(player, HOURS[n], lk.StartBoss(boss="none"))
    return None


def measure() -> None:
    """What the child process does."""

    def many(calls: int) -> int:
        for _ in range(0, calls, 2 * WORK["reports"]):
            assert play(other) == WORK["head"]
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024

    before = many(10_000)
    print(before, many(CALLS - 10_000))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc to read the memory from")
def test_memory_stays_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "import test_cost; test_cost.measure()"]
    found = subprocess.run(command, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    before, after = map(int, found.stdout.split())
    with capsys.disabled():
        print(f"\nmemory: python: {before} KiB after 10,000 calls, {after} KiB after {CALLS:,}")
    assert after <= before * 1.1


def best(run: Callable[[], object]) -> float:
    """The shortest of several rounds, in nanoseconds."""
    shortest = float("inf")
    for _ in range(20):
        started = time.perf_counter_ns()
        run()
        shortest = min(shortest, time.perf_counter_ns() - started)
    return shortest


def empty_calls() -> None:
    for _ in range(10_000):
        CURVE.max_level


def test_what_a_call_costs(capsys: pytest.CaptureFixture[str]) -> None:
    assert play() == WORK["head"]
    empty, report = best(empty_calls) / 10_000, best(play) / WORK["reports"]
    rusts = [float(text) for text in os.environ.get("LEVELKIT_COST_RUST", "").split()]
    beside = ["", ""]
    if rusts:
        beside[0] = f" (Rust {rusts[0]} ns, {empty / rusts[0]:.1f} times that)"
        beside[1] = f" (Rust {rusts[1] / 1000:.1f} us, {report / rusts[1]:.1f} times that)"
    with capsys.disabled():
        print(f"\ncost: python: an empty call {empty:.0f} ns{beside[0]}", end=", ")
        print(f"a report in memory {report / 1000:.1f} us{beside[1]}")
