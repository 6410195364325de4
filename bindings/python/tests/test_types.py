"""The declarations: nothing crosses as anything, and a ruleset's documents are checked field by field."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import levelkit as lk

PACKAGE = Path(lk.__file__).parent
# What may be anything, and why.
LOOSE = {
    "_echo_for_test": "for the tests of the crossing: it takes and gives whatever they name",
    "__eq__": "Python's own signature",
    "_BRIDGE": "the bridge's own table, which nobody else reads",
}


def declarations(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.expr]]:
    """Every annotation, and every alias, by the name of what it is of."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(name=own, args=arguments, returns=returns):
                every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
                yield from ((own, given.annotation) for given in every if given.annotation)
                if returns:
                    yield own, returns
            case ast.AnnAssign(target=ast.Name(id=own), annotation=annotation, value=value):
                yield own, annotation
                if value and isinstance(annotation, ast.Name) and annotation.id == "TypeAlias":
                    yield own, value
            case ast.ClassDef(name=own):
                yield from declarations(node, own)


def words(annotation: ast.expr) -> set[str]:
    named = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    return named | {node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)}


def test_nothing_is_any_or_object() -> None:
    seen = 0
    for file in ("_native.pyi", "types.py", "documents.py"):
        for name, annotation in declarations(ast.parse((PACKAGE / file).read_text(encoding="utf-8"))):
            seen += 1
            assert name in LOOSE or not words(annotation) & {"Any", "object", "dict"}, f"{file}: {name}"
    assert seen > 800


def test_the_look_finds_what_is_loose() -> None:
    loose = "class A:\n    def f(self, x: list[Any]) -> int: ...\nB: TypeAlias = builtins.object | None\nc: dict[str, int]\n"
    found = [
        name for name, annotation in declarations(ast.parse(loose)) if words(annotation) & {"Any", "object", "dict"}
    ]
    assert found == ["f", "B", "c"]


def test_a_document_is_an_object_of_its_own_type() -> None:
    requirement: lk.RequirementDocument = {
        "type": "not",
        "requirement": {"type": "boolean", "metric": "ok", "value": True},
    }
    assert lk.Requirement(requirement).evaluate({"ok": False}).state is lk.RequirementState.MET
    modifiers: lk.ModifiersDocument = {"weekend_multiplier": "1.2", "streak_tiers": [{"days": 2, "multiplier": 1.5}]}
    assert (
        lk.ModifierStack(modifiers).apply(10, lk.Source.QUEST_COMPLETION, lk.AwardContext(weekend=True)).final_xp == 12
    )
    ruleset: lk.RulesetDocument = {"format": "levelkit.ruleset/1", "modifiers": modifiers}
    assert lk.Ruleset.from_object(ruleset).hash == lk.Ruleset.parse(json.dumps(ruleset)).hash


if TYPE_CHECKING:
    # mypy says where one of these is no error any more.
    lk.Ruleset.from_object({"format": "levelkit.ruleset/2"})  # type: ignore[typeddict-item]
    lk.Ruleset.from_object({"format": "levelkit.ruleset/1", "quest": []})  # type: ignore[typeddict-unknown-key]
    lk.Requirement({"type": "boolean", "metric": "ok"})  # type: ignore[arg-type]
    lk.Curve({"family": "table", "thresholds": [[]], "step": 1})  # type: ignore[arg-type]
