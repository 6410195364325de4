"""Every type that crosses, with edge values, into Rust and back."""

from __future__ import annotations

import copy
import math
import pickle
import typing
from collections import UserDict
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType

import pytest

import levelkit as lk
from levelkit import types
from levelkit._native import _echo_for_test as echo

MAX, MIN = 2**63 - 1, -(2**63)
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
TEXTS = ("", "a", "é", "\0", "\U0001f600", "\u2028", "x" * 100_000)
NAMESPACE = {**vars(types), "builtins": __import__("builtins")}


def same(kind: str, value: object) -> None:
    again = echo(kind, value)
    assert type(again) is type(value)
    assert again == value


def samples(hint: object, depth: int) -> list[object]:
    """Values of a type, the first and the last of which are the edges of it."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)
    simple: dict[object, list[object]] = {
        str: list(TEXTS[:6]),
        bool: [True, False],
        int: [0, 7],
        float: [0.5, -1.5, 1e300, 5e-324],
        datetime: [FIRST, LAST, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)],
        date: [date.min, date.max],
        Decimal: [Decimal("1.1"), Decimal("16.000001"), Decimal(0)],
        NoneType: [None],
    }
    if hint in simple:
        return simple[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return [instance(hint, at, depth + 1) for at in range(3)]
    if isinstance(hint, type) and issubclass(hint, lk.LevelkitError):
        return [raised(cls, 0) for cls in hint.__subclasses__()]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (UnionType, typing.Union):
        if Decimal in arguments:
            return samples(Decimal, depth)
        if depth > 3:
            arguments = tuple(a for a in arguments if a not in (lk.NotExplanation, lk.CompoundExplanation))
        return [sample for argument in reversed(arguments) for sample in samples(argument, depth)]
    if origin is tuple and arguments[-1] is Ellipsis:
        return [(), tuple(samples(arguments[0], depth)[:3])] if depth < 4 else [()]
    if origin is tuple:
        return [tuple(samples(argument, depth)[0] for argument in arguments)]
    return [{}, {"steps": 1.5, "ok": True}]  # metrics


def hinted(cls: type) -> dict[str, object]:
    hints = typing.get_type_hints(cls, NAMESPACE, {})
    return {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not typing.ClassVar}


def pick(name: str, hint: object, at: int, depth: int) -> object:
    # What has a form of its own.
    if name in ("hash", "head", "event_hash") and hint in (str, str | None):
        return ["00" * 32, "ab" * 32, "0f" * 32][at]
    if hint is float and name == "passive_value":
        return [0.5, 1.0, 2.0][at]
    choices = samples(hint, depth)
    return choices[(at * 7 + len(name)) % len(choices)]


def instance(cls: type, at: int, depth: int = 0) -> object:
    return cls(**{name: pick(name, hint, at, depth) for name, hint in hinted(cls).items()})


def raised(cls: type[lk.LevelkitError], at: int) -> lk.LevelkitError:
    error = cls()
    for name, hint in hinted(cls).items():
        if name not in ("code", "hint", "is_transient"):
            setattr(error, name, pick(name, hint, at, 0))
    return error


TARGETS = [
    (name, cls)
    for name, entry in types._BRIDGE.items()
    for cls in typing.cast(list[type], list(entry[1].values()) if isinstance(entry, tuple) else [entry])
    if not issubclass(cls, StrEnum)
]


@pytest.mark.parametrize(("name", "cls"), TARGETS, ids=[cls.__name__ for _, cls in TARGETS])
def test_every_class(name: str, cls: type) -> None:
    try:
        echo(name, None)
    except lk.InvalidArgumentError as error:
        if str(error).startswith("no type"):
            # It crosses as a part of another type, or outwards only.
            assert name in {
                "Missing", "Misses", "ChallengeView", "NamedFactor", "WornTitle", "Unsealed", "LedgerFailure", "LedgerHead",
                "Migrated", "RefusedPlayer", "FailedPlayer", "AcceptedReport", "RefusedReport", "FailedReport",
            }  # fmt: skip
            return
    for at in range(3):
        if issubclass(cls, lk.LevelkitError):
            same(name, raised(cls, at))
        else:
            same(name, instance(cls, at))


def test_integers() -> None:
    for number in (0, -1, 2**53 + 1, MAX, MIN):
        same("LedgerEnd", lk.LedgerEnd(total_xp=number))
    same("LedgerEnd", lk.LedgerEnd(level=-(2**31), events=2**64 - 1))
    wrong: list[lk.LedgerEnd] = [
        lk.LedgerEnd(total_xp=MAX + 1),
        lk.LedgerEnd(total_xp=10**30),
        lk.LedgerEnd(total_xp=10**5000),
        lk.LedgerEnd(level=2**31),
        lk.LedgerEnd(events=-1),
        lk.LedgerEnd(hash="0F" * 32),
        lk.LedgerEnd(total_xp=typing.cast(int, 0.5)),
        lk.LedgerEnd(level=typing.cast(int, "1")),
        lk.LedgerEnd(level=typing.cast(int, object())),
    ]
    for value in wrong:
        with pytest.raises(lk.InvalidArgumentError):
            echo("LedgerEnd", value)


def test_a_number_in_a_document_is_what_it_is_whatever_a_subclass_shows() -> None:
    class Shown(int):
        def __format__(self, spec: str) -> str:
            return '1, "max_level": 2'

        __repr__ = __str__ = lambda self: "shown"

    class Factor(Decimal):
        def __format__(self, spec: str, *more: typing.Any) -> str:
            return '9, "max_level": 2'

    power: lk.CurveDocument = {"family": "power", "base": Shown(100), "p": 2, "max_level": 1000}
    assert lk.Curve(power).threshold(3) == 300
    ratio = typing.cast(str, Factor(2))
    assert lk.Curve({"family": "geometric", "first": 100, "ratio": ratio, "max_level": 50}).threshold(3) == 300


def test_floats() -> None:
    for number in (0.0, -0.0, 1e300, 5e-324, math.inf, -math.inf):
        again = echo("Metrics", {"m": number})
        assert again == {"m": number}
        assert math.copysign(1, again["m"]) == math.copysign(1, number)
    assert math.isnan(echo("Metrics", {"m": math.nan})["m"])
    assert echo("Metrics", {"m": 3}) == {"m": 3.0}


def test_texts() -> None:
    for text in TEXTS:
        same("Told", lk.Told(key=text, text=text))
        same("Metrics", {text: 1.0})
    for text in ("\ud800", "a\udc00b"):
        with pytest.raises(lk.InvalidArgumentError, match="surrogate"):
            echo("Told", lk.Told(key="k", text=text))


def test_instants() -> None:
    def at(moment: datetime) -> datetime:
        again = echo("TimelineEntry", lk.TimelineEntry(at=moment, event=lk.TitleEquipped(title=None))).at
        assert again.tzinfo is UTC
        return typing.cast(datetime, again)

    for moment in (FIRST, LAST, datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=5, minutes=30)))):
        assert at(moment) == moment
    for moment in (datetime(2026, 3, 1), datetime.min, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))):
        with pytest.raises((lk.InvalidArgumentError, OverflowError)):
            at(moment)


def test_an_export_has_the_keys_of_the_database() -> None:
    safe = 2**53 - 1
    row = {
        "total_xp": safe,
        "snake_case": {"a": ({"camelCase": -safe},)},
        "": "",
        "flag": False,
        "real": 0.5,
        "none": None,
    }
    for value in (None, True, 0, -1, safe, 0.5, 2.0, 5e-324, "x", (), ((None,),), {}, row):
        same("ExportedValue", value)
    assert type(echo("ExportedValue", 2.0)) is float
    same("ExportedRow", row)
    same("ExportedTable", lk.ExportedTable(name="users", rows=(typing.cast(lk.ExportedRow, row), {})))
    # As the file has it.
    assert echo("ExportedValue", 2**53) == "9007199254740992"
    with pytest.raises(lk.InvalidArgumentError):
        echo("ExportedValue", object())


def test_whatever_iterates_is_a_list_and_whatever_maps_is_a_map() -> None:
    def commands() -> Iterator[lk.CommandAt]:
        yield lk.CommandAt(at=FIRST, command=lk.Advance())

    ruleset = lk.Ruleset.from_object({"format": "levelkit.ruleset/1"})
    assert len(lk.Engine(ruleset).apply_all(lk.Player("p"), commands())) == 1
    assert echo("Metrics", UserDict({"m": True})) == {"m": True}
    assert lk.Curve().levels(range(0, 600, 280)) == (1, 2, 2)


def test_what_is_nothing_that_crosses() -> None:
    deep: object = lk.NumericExplanation(
        metric="m",
        op=lk.Operator.AT_LEAST,
        target=1.0,
        value=None,
        distance=None,
        state=lk.RequirementState.UNKNOWN,
        fraction=0.0,
    )
    for _ in range(31):
        deep = lk.NotExplanation(part=typing.cast(lk.Explanation, deep), state=lk.RequirementState.MET, fraction=1.0)
    same("Explanation", deep)
    circle: list[object] = []
    circle.append(circle)
    for kind, value in (
        ("Metrics", b"x"),
        ("Metrics", {"a": "x"}),
        ("Metrics", {1: 1.0}),
        ("Metrics", None),
        ("Metrics", circle),
        ("Command", object()),
        ("Command", lk.TitleEquipped(title=None)),
        ("Command", {}),
        ("XpEvent", lk.Advance()),
    ):
        with pytest.raises(lk.InvalidArgumentError):
            echo(kind, value)
    with pytest.raises(lk.InvalidRulesetError):
        lk.Ruleset.from_object(typing.cast(typing.Any, 7))
    with pytest.raises(lk.InvalidArgumentError):
        lk.Ruleset.from_object(typing.cast(typing.Any, circle))


COPIES: list[Callable[[object], object]] = [
    copy.copy,
    copy.deepcopy,
    lambda value: pickle.loads(pickle.dumps(value)),
    lambda value: replace(typing.cast(typing.Any, value)),
]


@pytest.mark.parametrize("copied", COPIES)
def test_values_are_ordinary_values(copied: Callable[[object], object]) -> None:
    value = echo("PlayerSummary", lk.PlayerSummary(
        id="p", name=None, level=1, total_xp=MAX, current_streak=0, last_at=FIRST,
    ))  # fmt: skip
    assert copied(value) == value
    assert hash(copied(value)) == hash(value)
    assert {field.name for field in fields(value)} == {"id", "name", "level", "total_xp", "current_streak", "last_at"}
    with pytest.raises(AttributeError):
        value.level = 2
