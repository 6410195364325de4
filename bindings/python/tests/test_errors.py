"""Whatever goes wrong is an exception that Python can catch, and nothing else."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

import levelkit as lk
from levelkit._native import _echo_for_test, _panic_for_test

RULES: lk.RulesetDocument = {
    "format": "levelkit.ruleset/1",
    "quests": [
        {
            "id": "walk",
            "name": "Walk",
            "description": "8,000 steps",
            "type": "DAILY",
            "category": "MOVEMENT",
            "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000},
            "base_xp": 100,
            "is_core": True,
        }
    ],
}
AT = datetime(2026, 3, 2, 20, tzinfo=UTC)
WALK = lk.Report(metrics={"steps": 9000})


def opened(url: str = "sqlite::memory:") -> lk.Store:
    store = lk.Store.open(url)
    store.migrate()
    store.import_ruleset(lk.Ruleset.from_object(RULES), AT)
    store.create_player(lk.NewPlayer(id="p"))
    return store


def test_a_refusal_raises_its_own_class_with_the_facts_and_changes_nothing() -> None:
    engine, player = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p", "Europe/Berlin")
    engine.apply(player, AT, WALK)
    before = player.serialize()
    with pytest.raises(lk.TimeBackwardsError, match="before the player's last command") as caught:
        engine.apply(player, AT - timedelta(days=1), lk.Advance())
    error = caught.value
    assert (error.code, error.at, error.last_at, error.hint) == ("TIME_BACKWARDS", AT - timedelta(days=1), AT, None)
    assert isinstance(error, lk.Refusal) and isinstance(error, lk.LevelkitError)
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert again == error and str(again) == str(error)
    with pytest.raises(lk.TimeBackwardsError):
        engine.apply_all(player, [lk.CommandAt(at=AT + timedelta(days=1), command=WALK),
                                  lk.CommandAt(at=AT, command=lk.Advance())])  # fmt: skip
    assert player.serialize() == before
    assert lk.Player.deserialize(before).serialize() == before
    with pytest.raises(lk.InvalidArgumentError):
        lk.Player.deserialize("{}")
    with pytest.raises(lk.InvalidTimezoneError):
        lk.Player("p", "Nowhere/Land")
    with pytest.raises(lk.InvalidTextError):
        lk.Player("")


def test_a_ruleset_s_faults_come_with_path_code_line_and_column() -> None:
    with pytest.raises(lk.InvalidRulesetError) as caught:
        lk.Ruleset.parse("format: levelkit.ruleset/1\nquests:\n  - {id: 7}\n", "yaml")
    first = caught.value.errors[0]
    assert (first.path, first.code, first.line) == ("quests[0].name", lk.RulesetErrorCode.MISSING_FIELD, 3)
    with pytest.raises(lk.InvalidArgumentError):
        lk.Ruleset.parse("", "xml")
    many: list[Any] = []
    for _ in range(60):
        many = [many, many]
    with pytest.raises(lk.InvalidArgumentError, match="longer than"):
        lk.Ruleset.from_object(cast(Any, {"quests": many}))
    with pytest.raises(lk.InvalidRulesetError):
        lk.Curve({"family": "table", "thresholds": [0, 0], "step": 1})
    with pytest.raises(lk.InvalidRulesetError):
        lk.Requirement("{")


def test_the_parts_work_alone() -> None:
    assert (lk.Curve().threshold(10), lk.Curve().level(6000), lk.Curve().thresholds([1, 2, -1])) == (
        6000,
        10,
        (0, 280, None),
    )
    assert lk.Curve({"family": "power", "base": 100, "p": 2, "max_level": 1000}).threshold(3) == 300
    stack = lk.ModifierStack()
    view = stack.apply(100, lk.Source.QUEST_COMPLETION, lk.AwardContext(weekend=True))
    assert (view.final_xp, view.steps[0].reason) == (110, "weekend")
    views = stack.apply_all(
        [lk.AwardRequest(base_xp=100, source=lk.Source.TITLE_BONUS, context=lk.AwardContext(weekend=True))]
    )
    assert views[0].final_xp == 100
    steps = lk.Requirement({"type": "numeric", "metric": "steps", "op": ">=", "value": 10})
    states = [outcome.state for outcome in steps.evaluate_all([{"steps": 10}, {"steps": 5.0}, {}])]
    assert states == [lk.RequirementState.MET, lk.RequirementState.NOT_MET, lk.RequirementState.UNKNOWN]
    assert lk.version() == lk.__version__ and lk.time_zone_version()


def test_what_the_host_s_own_objects_raise_comes_back_as_it_is() -> None:
    engine, player = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p")
    boom = RuntimeError("boom")

    class Bad(dict[str, float]):
        def items(self) -> Any:
            raise boom

    def failing() -> Iterator[lk.CommandAt]:
        yield lk.CommandAt(at=AT, command=WALK)
        raise boom

    for run in (
        lambda: engine.apply(player, AT, lk.Report(metrics=Bad())),
        lambda: engine.apply_all(player, failing()),
        lambda: lk.Ruleset.from_object(cast(Any, Bad())),
    ):
        with pytest.raises(RuntimeError) as caught:
            run()
        assert caught.value is boom
    assert player.total_xp == 0

    class Again(dict[str, float]):
        """Uses the very same player while it is read."""

        def items(self) -> Any:
            engine.apply(player, AT, WALK)
            return {"steps": 9001.0}.items()

    engine.apply(player, AT, lk.Report(metrics=Again()))
    assert player.total_xp == 100


def test_objects_that_call_levelkit_again_and_again_end() -> None:
    def nested(part: Any, levels: int) -> Any:
        for _ in range(levels):
            part = lk.NotExplanation(part=part, state=lk.RequirementState.MET, fraction=1.0)
        return part

    class Again(dict[str, Any]):
        """Whoever reads it reads it again, deep within something else."""

        def __init__(self, call: Callable[[Again], object]) -> None:
            self.call = call

        def items(self) -> Any:
            self.call(self)
            return ()

    for call in (
        lambda again: _echo_for_test("Explanation", nested(again, 40)),
        lambda again: lk.Ruleset.from_object(cast(Any, {"quests": [[[[[[[[[[again]]]]]]]]]]})),
        lambda again: lk.Engine(lk.Ruleset.from_object(RULES)).apply(lk.Player("p"), AT, lk.Report(metrics=again)),
    ):
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            with pytest.raises(RecursionError, match="levelkit"):
                call(Again(call))
        finally:
            sys.setrecursionlimit(before)
    # It is none the worse for it.
    assert _echo_for_test("Metrics", {"m": 1.0}) == {"m": 1.0}


def test_wrong_arguments() -> None:
    engine, player = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p")
    for run in (
        lambda: engine.apply(cast(Any, object()), AT, WALK),
        lambda: lk.Engine(cast(Any, {})),
        lambda: cast(Any, engine).apply(player),
        lambda: cast(Any, lk.Player)(),
    ):
        with pytest.raises(TypeError):
            run()
    with pytest.raises(lk.InvalidArgumentError):
        engine.apply(player, cast(Any, 7), WALK)
    with pytest.raises(lk.InvalidArgumentError, match="time zone"):
        engine.apply(player, datetime(2026, 3, 1), WALK)


@pytest.mark.parametrize("detached", [False, True])
def test_a_panic_is_an_exception(detached: bool) -> None:
    with pytest.raises(lk.InternalError, match="a defect of levelkit: ouch") as caught:
        _panic_for_test("ouch", detached=detached)
    assert caught.value.hint is not None


def test_a_store_does_it_all(tmp_path: Path) -> None:
    with lk.Store.open(f"sqlite:{tmp_path}/x.db", lk.StoreOptions(synchronous=lk.Synchronous.NORMAL)) as store:
        with pytest.raises(lk.NotMigratedError) as caught:
            store.player("p")
        assert caught.value.hint == "migrate the store first"
        migrated = store.migrate()
        assert (migrated.before, store.schema_version().found) == (0, migrated.after)
        with pytest.raises(lk.NoRulesetError):
            store.ruleset()
        ruleset = lk.Ruleset.from_object(RULES)
        assert store.import_ruleset(ruleset, AT).hash == ruleset.hash
        assert (store.ruleset().hash, store.export_ruleset()) == (ruleset.hash, ruleset.canonical)
        assert store.create_player(lk.NewPlayer(id="p")) and not store.create_player(lk.NewPlayer(id="p"))
        with pytest.raises(lk.UnknownIdError) as unknown:
            store.execute("q", AT, WALK)
        assert (unknown.value.kind, unknown.value.id) == (lk.IdKind.PLAYER, "q")
        commands = [lk.CommandAt(at=AT + timedelta(days=day), command=WALK) for day in range(2)]
        outcomes = store.execute_all("p", commands)
        assert store.player("p").total_xp == 200 and store.state("p").total_xp == 200
        assert any(event.event == "XP_AWARDED" for event in store.preview("p", AT + timedelta(days=2), WALK))
        assert [found.id for found in store.players()] == ["p"] and store.players("p", 5) == ()
        assert store.timeline("p", start=AT)
        page = store.ledger("p", limit=1)
        entries = page.entries + store.ledger("p", page.next).entries
        head = outcomes[1].head
        assert lk.verify_ledger(entries, [lk.LedgerEnd(hash=head.hash, events=head.events)]).failure is None
        forged = copy.replace(entries[1]) if hasattr(copy, "replace") else entries[1]
        event = lk.XpEvent(**{name: getattr(forged.event, name) for name in lk.XpEvent.__slots__} | {"final_xp": 7})
        failure = lk.verify_ledger([entries[0], lk.LedgerEntry(event=event, modifiers=forged.modifiers)]).failure
        assert failure is not None and failure.kind is lk.LedgerFault.SUM
        assert store.verify_all().players == 1 and store.verify("p").verification.failure is None
        assert store.roll_over(AT + timedelta(days=7)).advanced == ("p",)
        for run in (
            lambda: store.leaderboard("x", AT),
            lambda: store.standing("x", "p"),
            lambda: store.refresh_leaderboard("x", AT),
        ):
            with pytest.raises(lk.UnknownIdError):
                run()
    with pytest.raises(lk.StoreClosedError):
        store.player("p")
    store.close()
    with pytest.raises(lk.InvalidUrlError):
        lk.Store.open("mysql://x")
    with pytest.raises(lk.StoreMissingError):
        lk.Store.open(f"sqlite:{tmp_path}/none.db", lk.StoreOptions(create=False))


def test_the_store_s_own_errors_are_of_one_class() -> None:
    kinds = [kind for kind in vars(lk.types).values() if isinstance(kind, type) and issubclass(kind, lk.LevelkitError)]
    codes = {kind.code: kind for kind in kinds if kind.code}
    own = {code for code in codes if code.startswith("STORE_")}
    assert {"STORE_CLOSED", "STORE_ERROR", "STORE_LOCKED", "STORE_UNCERTAIN"} < own and len(own) >= 12
    for code, kind in codes.items():
        assert issubclass(kind, lk.StoreError) == (code in own), code
    assert issubclass(lk.StoreError, lk.Failure) and not issubclass(lk.StoreError, lk.Refusal)
    store = opened()
    store.close()
    with pytest.raises(lk.StoreError) as caught:
        store.player("p")
    assert type(caught.value) is lk.StoreClosedError and caught.value.code == "STORE_CLOSED"


# Holds a database's lock until nobody listens any more.
LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def trying(times: int, call: Callable[[], object], tries: list[str]) -> object:
    """As docs/errors.md has it."""
    for _ in range(times - 1):
        try:
            return call()
        except lk.LevelkitError as error:
            if not error.is_transient:
                raise
            tries.append(error.code)
    return call()


def test_an_error_says_whether_the_same_again_may_succeed_soon(tmp_path: Path) -> None:
    tries: list[str] = []
    with pytest.raises(lk.StoreUnavailableError) as unavailable:
        trying(3, lambda: lk.Store.open("postgres://nobody@127.0.0.1:1/none"), tries)
    assert unavailable.value.is_transient and tries == ["STORE_UNAVAILABLE"] * 2
    url = f"sqlite:{tmp_path}/hunters.db"
    opened(url).close()
    with lk.Store.open(url, lk.StoreOptions(busy_timeout_ms=0)) as store:
        # Another process, since two SQLites in one do not see each other's locks.
        other = subprocess.Popen(
            [sys.executable, "-c", LOCK, tmp_path / "hunters.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert other.stdout is not None and other.stdout.readline() == b"locked\n"
        tries.clear()
        with pytest.raises(lk.StoreLockedError) as locked:
            trying(2, lambda: store.execute("p", AT, WALK), tries)
        other.communicate()
        assert locked.value.is_transient and copy.copy(locked.value).is_transient
        with pytest.raises(lk.UnknownIdError) as unknown:
            trying(2, lambda: store.execute("nobody", AT, WALK), tries)
        assert not unknown.value.is_transient
        assert tries == ["STORE_LOCKED"]
        assert trying(2, lambda: store.execute("p", AT, WALK), tries)


def test_many_players_at_once() -> None:
    metrics = {"steps": 9000.0}
    with opened() as store:
        store.create_player(lk.NewPlayer(id="q"))
        reports = [
            lk.PlayerReport(player="p", at=AT, metrics=metrics),
            lk.PlayerReport(player="nobody", at=AT, metrics=metrics),
            lk.PlayerReport(player="q", at=AT + timedelta(days=40), metrics=metrics, specials=("party",)),
        ]
        done = store.report_many(reports)
        assert [(report.index, report.player) for report in done.accepted] == [(0, "p"), (2, "q")]
        assert [(report.index, report.player) for report in done.refused] == [(1, "nobody")]
        assert isinstance(done.refused[0].refusal, lk.UnknownIdError) and done.failed == ()
        assert store.player("p").total_xp == 100
        # p has sent nothing for 42 days, q for two.
        rolled = store.roll_over(AT + timedelta(days=42), idle_days=30)
        assert (rolled.advanced, rolled.failed, rolled.more) == (("q",), (), False)
        assert store.roll_over(AT + timedelta(days=42), 5).advanced == ("p",)


def test_closing_while_in_use_waits() -> None:
    store = opened()

    def work(_: int) -> bool:
        try:
            store.execute("p", AT, WALK)
        except lk.StoreClosedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(work, number) for number in range(200)]
        running[0].result()
        store.close()
        answers = [future.result() for future in running]
    assert answers[0] and not work(0)


def test_threads_share_an_engine_and_a_player() -> None:
    engine, player = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p")

    def work(thread: int) -> None:
        for number in range(250):
            engine.apply(
                player,
                AT,
                lk.GrantXp(id=f"{thread}-{number}", source=lk.GrantSource.SEASON_BONUS, amount=1, reason="r"),
            )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert player.total_xp == 2000 and player.ledger_head.events == 2000


def ticks_while_one_waits() -> tuple[int, float]:
    """How often this thread goes on while another waits for a player in use, and for how long that one waits."""
    engine, player, was_read = lk.Engine(lk.Ruleset.from_object(RULES)), lk.Player("p"), threading.Event()

    def commands() -> Iterator[lk.CommandAt]:
        for hour in range(30_000):
            yield lk.CommandAt(at=AT + timedelta(hours=hour), command=WALK)
        was_read.set()

    batch = threading.Thread(target=lambda: engine.apply_all(player, commands()))
    batch.start()
    was_read.wait()
    waiting = threading.Thread(target=lambda: player.level)
    ticks, started = 0, time.monotonic()
    waiting.start()
    while waiting.is_alive():
        time.sleep(0.001)
        ticks += 1
    waited = time.monotonic() - started
    batch.join()
    return ticks, waited


def test_other_threads_go_on_while_one_waits_for_a_player_in_use() -> None:
    # Now and then it comes first, and waits for nobody.
    rounds = (ticks_while_one_waits() for _ in range(10))
    assert next((ticks for ticks, waited in rounds if waited > 0.05), 3) >= 3


def test_other_threads_go_on_while_a_store_works() -> None:
    store, ticks, done = opened(), 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    store.execute_all("p", [lk.CommandAt(at=AT + timedelta(days=day), command=WALK) for day in range(400)])
    done.set()
    thread.join()
    assert ticks >= 3
