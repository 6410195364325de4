"""Every conformance vector, through the package's own types: on the engine in memory, on SQLite, and on PostgreSQL where
DATABASE_URL names one and the store takes it. `python tests/vectors.py` prints one line for each target."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import psycopg

import levelkit as lk

FOLDER = Path(os.environ.get("LEVELKIT_VECTORS") or Path(__file__).parents[3] / "tests" / "vectors")

Json = Any  # What a vector file holds.
T = TypeVar("T")


class Tally:
    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[str] = []

    def count(self, name: str, run: Callable[[], None]) -> None:
        try:
            run()
            self.passed += 1
        except Exception as error:
            self.failures.append(f"{name}: {type(error).__name__}: {error}")

    def report(self, target: str) -> bool:
        print(f"vectors: python {target}: {self.passed} passed, {len(self.failures)} failed", flush=True)
        for failure in self.failures[:40]:
            print(failure, file=sys.stderr)
        if self.passed + len(self.failures) == 0:
            print(f"no vector was found in {FOLDER}", file=sys.stderr)
        return self.passed > 0 and not self.failures


class Raw(str):
    """A value's own text: what a ruleset with faults is given as."""


class Scanner:
    """Reads JSON; members of the named keys stay text, since a number or a duplicate key would not survive reading."""

    decoder: ClassVar = json.JSONDecoder(parse_float=Decimal)

    def __init__(self, text: str, raw: frozenset[str]) -> None:
        self.text, self.raw, self.at = text, raw, 0

    def skip(self) -> str:
        while self.text[self.at] in " \t\r\n":
            self.at += 1
        return self.text[self.at]

    def value(self) -> Json:
        match self.skip():
            case "{":
                return dict(self.members())
            case "[":
                return list(self.items())
            case _:
                value, self.at = self.decoder.raw_decode(self.text, self.at)
                return value

    def members(self) -> Iterator[tuple[str, Json]]:
        self.at += 1
        if self.skip() == "}":
            self.at += 1
            return
        while True:
            self.skip()
            key, self.at = self.decoder.raw_decode(self.text, self.at)
            self.skip()
            self.at += 1  # the colon
            self.skip()
            start = self.at
            value = self.value()
            yield key, Raw(self.text[start : self.at]) if key in self.raw else value
            self.at += 1
            if self.skip_back() == "}":
                return

    def items(self) -> Iterator[Json]:
        self.at += 1
        if self.skip() == "]":
            self.at += 1
            return
        while True:
            yield self.value()
            self.at += 1
            if self.skip_back() == "]":
                return

    def skip_back(self) -> str:
        """The separator that was just passed; white space before it counts as passed too."""
        self.at -= 1
        found = self.skip()
        self.at += 1
        return found


def read(text: str, *raw: str) -> Json:
    return Scanner(text, frozenset(raw)).value()


def files(suite: str) -> list[tuple[str, str]]:
    paths = sorted((FOLDER / suite).glob("*.json"))
    return [(path.stem, path.read_text(encoding="utf-8")) for path in paths]


def same(what: str, found: object, expected: object) -> None:
    assert found == expected, f"{what}: expected {expected!r}, got {found!r}"


class RefusedError(Exception):
    """What this language's types refuse before the rules see it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# What an integer's text and a multiplier's are, and no other.
INTEGER = re.compile(r"-?[0-9]+")
MULTIPLIER = re.compile(r"[0-9]+(\.[0-9]{1,6})?")


def integer(given: Json, bits: int = 64) -> int:
    """An integer of so many bits, as a number or as its decimal string."""
    match given:
        case bool():
            whole = False
        case str():
            whole = INTEGER.fullmatch(given) is not None
        case Decimal():
            whole = given == given.to_integral_value()
        case _:
            whole = isinstance(given, int)
    if not whole:
        raise TypeError(f"{given!r} is no integer")
    number = int(given)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise RefusedError("XP_OVERFLOW")
    return number


def small(given: Json) -> int:
    return integer(given, 32)


def exact(given: Json) -> Decimal:
    """A multiplier: digits in a string, or the shortest form of a number."""
    if isinstance(given, bool) or not isinstance(given, (str, int, Decimal)):
        raise RefusedError("INVALID_MULTIPLIER")
    # Adding 0 turns -0 into 0.
    text = given if isinstance(given, str) else format(Decimal(repr(float(given) + 0.0)), "f").removesuffix(".0")
    if not MULTIPLIER.fullmatch(text):
        raise RefusedError("INVALID_MULTIPLIER")
    return Decimal(text)


def shared(make: Callable[[], T]) -> Callable[[], T]:
    """What all cases of a file share. Where it cannot be made, each of them finds out."""
    try:
        made = make()
    except lk.LevelkitError as error:
        refused = error

        def refuse() -> T:
            raise refused

        return refuse
    return lambda: made


def code_of(error: lk.LevelkitError | RefusedError) -> str:
    """The code that the rules have for an error. A multiplier that is too large is refused before the rules see it."""
    if isinstance(error, lk.InvalidRulesetError):
        return str(error.errors[0].code)
    return "INVALID_MULTIPLIER" if "like 1.15" in str(error) else error.code


def settle(run: Callable[[], T], refuse: str | None, check: Callable[[T], None]) -> None:
    """What a case expects: its result, or a refusal's code."""
    try:
        found = run()
    except (lk.LevelkitError, RefusedError) as error:
        if refuse is None:
            raise
        same("refusal", code_of(error), refuse)
        return
    assert refuse is None, f"expected {refuse}, got a result"
    check(found)


def curve(tally: Tally) -> None:
    def check(made: Callable[[], lk.Curve], case: Json) -> None:
        refuse = case.get("refuse")
        try:
            curve = made()
        except lk.LevelkitError:
            settle(made, refuse, lambda _: None)
            return
        if case.get("total_xp") is not None:
            level = lambda: curve.level(integer(case["total_xp"]))  # noqa: E731
            settle(level, refuse, lambda found: same("level", found, small(case["level"])))
            if case.get("threshold") is None:
                return
        try:
            threshold = curve.threshold(small(case["level"]))
        except RefusedError:
            threshold = None  # A level that does not fit does not exist either.
        same("threshold", threshold, integer(case["threshold"]) if refuse is None else None)

    for name, text in files("curve"):
        file = read(text, "curve")
        made = shared(partial(lk.Curve, document(file.get("curve"))))
        for index, case in enumerate(file["cases"]):
            tally.count(f"curve/{name}[{index}]", partial(check, made, case))


def document(raw: str | None) -> str | None:
    """A document's own text; none where it is null or left out."""
    return None if raw is None or raw == "null" else str(raw)


def metrics_of(given: Mapping[str, Json]) -> dict[str, float | bool]:
    """Metrics; a value that is neither a number nor a boolean is no metric's."""
    metrics: dict[str, float | bool] = {}
    for name, value in given.items():
        if not isinstance(value, (bool, int, Decimal)):
            raise RefusedError("INVALID_METRIC")
        metrics[name] = value if isinstance(value, bool) else float(value)
    return metrics


def requirement(tally: Tally) -> None:
    def check(case: Json) -> None:
        def evaluate() -> lk.RequirementOutcome:
            made = lk.Requirement(str(case["requirement"]))
            metrics = metrics_of(case.get("metrics") or {})
            outcome = made.evaluate(metrics)
            same("explanation", made.explain(metrics).state, outcome.state)
            return outcome

        def right(outcome: lk.RequirementOutcome) -> None:
            if case.get("state") is not None:
                same("state", outcome.state, case["state"])
            if case.get("fraction") is not None:
                assert abs(outcome.fraction - float(case["fraction"])) <= 1e-9, f"fraction: {outcome.fraction}"

        settle(evaluate, case.get("refuse"), right)

    for name, text in files("requirement"):
        for index, case in enumerate(read(text, "requirement")["cases"]):
            tally.count(f"requirement/{name}[{index}]", partial(check, case))


def context_of(given: Mapping[str, Json]) -> lk.AwardContext:
    def factor(kind: str) -> lk.NamedFactor | None:
        multiplier = given.get(f"{kind}_multiplier")
        return None if multiplier is None else lk.NamedFactor(id=kind, multiplier=exact(multiplier))

    title = given.get("title")
    worn = title and lk.WornTitle(
        id="title",
        passive_type=lk.PassiveType(title["passive_type"]),
        passive_value=float(title["passive_value"]),
    )
    streak = given.get("current_streak")
    return lk.AwardContext(
        current_streak=0 if streak is None else small(streak),
        weekend=given.get("weekend") or False,
        season=factor("season"),
        title=worn or None,
        dungeon=factor("dungeon"),
        debuffed=given.get("debuffed") or False,
    )


def award(tally: Tally) -> None:
    def check(stack: Callable[[], lk.ModifierStack], case: Json) -> None:
        def apply() -> lk.AwardView:
            context = context_of(case.get("context") or {})
            return stack().apply(small(case["base_xp"]), lk.Source(case["source"]), context)

        def right(found: lk.AwardView) -> None:
            if case.get("final_xp") is not None:
                same("final_xp", found.final_xp, integer(case["final_xp"]))
            if case.get("steps") is None:
                return
            same("steps", len(found.steps), len(case["steps"]))
            for order, (step, pinned) in enumerate(zip(found.steps, case["steps"], strict=True)):
                expected = lk.Step(
                    order=order if pinned.get("order") is None else small(pinned["order"]),
                    type=lk.ModifierType(pinned["type"]),
                    multiplier=exact(pinned["multiplier"]),
                    reason=step.reason if pinned.get("reason") is None else pinned["reason"],
                    xp_before=small(pinned["xp_before"]),
                    xp_after=small(pinned["xp_after"]),
                )
                same("step", step, expected)

        settle(apply, case.get("refuse"), right)

    for name, text in files("award"):
        file = read(text, "modifiers")
        stack = shared(partial(lk.ModifierStack, document(file.get("modifiers"))))
        for index, case in enumerate(file["cases"]):
            tally.count(f"award/{name}[{index}]", partial(check, stack, case))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_of(given: Mapping[str, Json]) -> lk.XpEvent:
    return lk.XpEvent(
        id=given["id"],
        user_id=given["user_id"],
        event_source=lk.Source(given["event_source"]),
        source_id=given.get("source_id"),
        base_xp=small(given["base_xp"]),
        final_xp=small(given["final_xp"]),
        total_xp_before=integer(given["total_xp_before"]),
        total_xp_after=integer(given["total_xp_after"]),
        level_before=small(given["level_before"]),
        level_after=small(given["level_after"]),
        created_at=EPOCH + timedelta(microseconds=integer(given["created_at"])),
        event_hash="0" * 64,
    )


def modifier_of(given: Mapping[str, Json]) -> lk.XpModifier:
    return lk.XpModifier(
        id="not hashed",
        order=small(given["order"]),
        type=lk.ModifierType(given["type"]),
        multiplier=exact(given["multiplier"]),
        reason=given["reason"],
        xp_before=small(given["xp_before"]),
        xp_after=small(given["xp_after"]),
    )


def ledger(tally: Tally) -> None:
    def check(index: int, events: Sequence[Json], hashes: Sequence[str]) -> None:
        previous = hashes[index - 1] if index else "0" * 64
        modifiers = [modifier_of(step) for step in events[index].get("modifiers") or []]
        same("hash", lk.hash_event(previous, event_of(events[index]), modifiers), hashes[index])

    for name, text in files("ledger"):
        file = read(text)
        events, hashes = file["events"], file["hashes"]
        for index in range(len(events)):
            tally.count(f"ledger/{name}[{index}]", partial(check, index, events, hashes))
        if len(events) != len(hashes):
            tally.count(f"ledger/{name}", partial(same, "hashes", len(hashes), len(events)))


def ruleset_error(tally: Tally) -> None:
    def check(case: Json) -> None:
        found = []
        try:
            text = case.get("ruleset_text")
            lk.Ruleset.parse(str(case.get("ruleset", "null")) if text is None else text)
        except lk.InvalidRulesetError as error:
            assert all(fault.line >= 1 and fault.column >= 1 for fault in error.errors)
            found = [(fault.path, str(fault.code)) for fault in error.errors]
        same("errors", sorted(found), sorted((fault["path"], fault["code"]) for fault in case["errors"]))

    for name, text in files("ruleset_error"):
        for index, case in enumerate(read(text, "ruleset")["cases"]):
            tally.count(f"ruleset_error/{name}[{index}]", partial(check, case))


def native(union: Any, tag: str, given: Mapping[str, Json]) -> Any:
    """A tagged value of the wire as the package's own class."""
    for variant in union.__args__:
        if getattr(variant, tag) == given[tag]:
            return variant(**{key: typed(variant, key, value) for key, value in given.items() if key != tag})
    raise AssertionError(f"no variant {given[tag]}")


def typed(variant: Any, field: str, value: Json) -> Any:
    """A field's value as its class declares it."""
    kind = variant.__annotations__[field]
    if value is None:
        return None
    if kind.startswith("Instant"):
        return instant(value)
    if kind.startswith("Day"):
        return date.fromisoformat(value)
    if kind.startswith("Xp"):
        return integer(value)
    if kind == "int":
        return small(value)
    if kind == "Metrics":
        return metrics_of(value)
    if kind.startswith("tuple[Step"):
        return tuple(lk.Step(**{key: typed(lk.Step, key, inner) for key, inner in step.items()}) for step in value)
    if kind.startswith("tuple"):
        return tuple(value)
    if kind == "Multiplier":
        return exact(value)
    enum = getattr(lk.types, kind.removesuffix(" | None"), None)
    return enum(value) if isinstance(enum, type) and issubclass(enum, Enum) else value


def instant(text: str) -> datetime:
    """An instant; what a datetime cannot hold exactly is none."""
    try:
        made = datetime.fromisoformat(text)
        if made.tzinfo is None or (len(text.partition(".")[2].rstrip("Z")) > 6 and "+" not in text):
            raise RefusedError("INVALID_INSTANT")
        made.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RefusedError("INVALID_INSTANT") from None
    return made


def narrative(tally: Tally) -> None:
    for name, text in files("narrative"):
        file = read(text, "ruleset")
        ruleset = shared(partial(lk.Ruleset.parse, str(file["ruleset"])))

        def check(case: Json, ruleset: Callable[[], lk.Ruleset] = ruleset) -> None:
            variables = case.get("variables") or {}
            if case.get("key") is not None:
                told = lambda: ruleset().tell(case["key"], variables)  # noqa: E731
                settle(told, case.get("refuse"), lambda found: same("text", found, case["text"]))
            elif case.get("category") is not None:
                keys = lambda: ruleset().narratives_about(lk.NarrativeCategory(case["category"]))  # noqa: E731
                settle(keys, case.get("refuse"), lambda found: same("keys", list(found), case["keys"]))
            else:
                event = native(lk.Event, "event", case["event"])
                tell = lambda: lk.Engine(ruleset()).narrate(lk.Player("p1"), event, variables)  # noqa: E731
                expected = tuple(lk.Told(**told) for told in case.get("told") or [])
                settle(tell, case.get("refuse"), lambda found: same("told", found, expected))

        for index, case in enumerate(file["cases"]):
            tally.count(f"narrative/{name}[{index}]", partial(check, case))


def wire(value: Any) -> Json:
    """A value of the package's as the wire has it: to compare with what a vector pins."""
    if is_dataclass(value) and not isinstance(value, type):
        tag = next((name for name in ("event", "do") if isinstance(getattr(type(value), name, None), str)), None)
        members = {field.name: wire(getattr(value, field.name)) for field in fields(value)}
        return members | ({tag: getattr(value, tag)} if tag else {})
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [wire(item) for item in value]
    return value


def pins(path: str, found: Json, expected: Json) -> None:
    """Whether `found` has every field that `expected` pins; integers may be numbers or decimal strings."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), f"{path}: {found!r}"
        for key, inner in expected.items():
            pins(f"{path}.{key}", found.get(key), inner)
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected), f"{path}: expected {expected}, got {found}"
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            pins(f"{path}[{index}]", one, other)
    elif isinstance(expected, bool) or expected is None:
        assert found is expected, f"{path}: expected {expected}, got {found}"
    else:
        assert str(found) == str(expected), f"{path}: expected {expected!r}, got {found!r}"


def at_end(player: lk.Player) -> Json:
    """The player as the rules' `final` shows it, from its own text."""
    whole = json.loads(player.serialize())
    state = whole["state"]
    same("ledger_head", player.ledger_head.hash, state["ledger"]["hash"])
    return {
        "id": whole["id"],
        "level": player.level,
        "total_xp": player.total_xp,
        "debuff_active_until": state["debuff_active_until"],
        "timezone": player.timezone,
        "active_title_id": state["active_title"],
        "season_xp": {joined["season"]: joined["season_xp"] for joined in state["seasons"]},
        "titles": [title["title"] for title in state["titles"] if title["revoked_at"] is None],
        "ledger_head": player.ledger_head.hash,
        **{streak: state[streak] for streak in ("current_streak", "longest_streak", "perfect_streak")},
        **state["stats"],
    }


class Target(Protocol):
    def begin(self, ruleset: str, player: Mapping[str, Json]) -> None: ...
    def step(self, at: datetime, command: lk.Command) -> Sequence[lk.Event]: ...
    def at_end(self) -> Json: ...
    def close(self) -> None: ...


class Memory:
    """The engine in memory."""

    def begin(self, ruleset: str, player: Mapping[str, Json]) -> None:
        self.engine = lk.Engine(lk.Ruleset.parse(ruleset))
        self.player = lk.Player(player["id"], player.get("timezone") or "UTC")

    def step(self, at: datetime, command: lk.Command) -> Sequence[lk.Event]:
        return self.engine.apply(self.player, at, command)

    def at_end(self) -> Json:
        return at_end(self.player)

    def close(self) -> None:
        pass


class Stored:
    """A store on SQLite: the same commands, with every row written and read again between them."""

    def open(self) -> lk.Store:
        store = lk.Store.open("sqlite::memory:")
        store.migrate()
        return store

    def begin(self, ruleset: str, player: Mapping[str, Json]) -> None:
        self.store, self.id = self.open(), player["id"]
        self.store.import_ruleset(lk.Ruleset.parse(ruleset), datetime(1, 1, 1, tzinfo=UTC))
        self.store.create_player(lk.NewPlayer(id=self.id, timezone=player.get("timezone")))

    def step(self, at: datetime, command: lk.Command) -> Sequence[lk.Event]:
        return self.store.execute(self.id, at, command).events

    def at_end(self) -> Json:
        same("verification", self.store.verify(self.id).verification.failure, None)
        return at_end(self.store.state(self.id))

    def close(self) -> None:
        self.store.close()


class Served(Stored):
    """A store on PostgreSQL, in a database of its own that is emptied between scenarios."""

    def __init__(self, url: str) -> None:
        name = f"levelkit_python_{os.getpid()}"
        self.server = psycopg.connect(url, autocommit=True)
        self.server.execute(f"CREATE DATABASE {name}".encode())
        own = re.sub(r"^(\w+://[^/]*/)[^?]*", rf"\g<1>{name}", url)
        # The vectors mean every instant as it is written.
        self.shared = lk.Store.open(own, lk.StoreOptions(clock_tolerance_ms=0))
        self.shared.migrate()
        self.eraser = psycopg.connect(own, autocommit=True)
        self.drop = f"DROP DATABASE {name} WITH (FORCE)"
        row = self.eraser.execute(
            """SELECT string_agg(format('DELETE FROM %I.%I;', schemaname, tablename), ' ') FROM pg_tables
            WHERE schemaname IN ('public', 'levelkit') AND tablename <> 'migrations'"""
        ).fetchone()
        # The ledger is guarded: only a superuser's replica role may empty it.
        self.empty = f"SET session_replication_role = replica; {row and row[0]}"

    def open(self) -> lk.Store:
        self.eraser.execute(self.empty.encode())
        return self.shared

    def close(self) -> None:
        pass

    def gone(self) -> None:
        self.shared.close()
        self.eraser.close()
        self.server.execute(self.drop.encode())
        self.server.close()


def play(scenario: Json, target: Target) -> None:
    target.begin(str(scenario["ruleset"]), scenario["player"])
    try:
        for number, step in enumerate(scenario["steps"]):
            place = f"step {number} at {step['at']}"
            try:
                given = {key: value for key, value in step.items() if key not in ("at", "expect", "refuse")}
                events = target.step(instant(step["at"]), native(lk.Command, "do", given))
            except (lk.LevelkitError, RefusedError) as error:
                same(f"{place} ({error})", error.code, step.get("refuse"))
                continue
            assert step.get("refuse") is None, f"{place}: expected {step['refuse']}, but it was accepted"
            if step.get("expect") is not None:
                pins(place, [wire(event) for event in events], step["expect"])
        pins("final", target.at_end(), scenario.get("final") or {})
    finally:
        target.close()


def scenarios(target: Target, tally: Tally) -> None:
    for name, text in files("scenario"):
        file = read(text, "ruleset")
        for index, scenario in enumerate(file if isinstance(file, list) else [file]):
            tally.count(f"scenario/{name}[{index}]", partial(play, scenario, target))


def every(name: str, target: Target) -> bool:
    tally = Tally()
    for suite in (curve, requirement, award, ledger, ruleset_error, narrative):
        suite(tally)
    scenarios(target, tally)
    return tally.report(name)


if __name__ == "__main__":
    right = [every("core", Memory()), every("sqlite", Stored())]
    sys.exit(0 if all(right) else 1)
