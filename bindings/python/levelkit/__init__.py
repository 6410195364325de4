"""levelkit: the rules of a "levelling up in real life" game.

A `Ruleset` says what the game is, a `Player` is what one person has done, an `Engine` decides what a command does to a
player. A `Store` does the same on a database. The types of `levelkit.types` go in and come out, and stand
here too: frozen dataclasses, so that `match` takes them apart.
"""

from . import documents, types
from ._native import (
    Curve,
    Engine,
    ModifierStack,
    Player,
    Requirement,
    Ruleset,
    Store,
    hash_event,
    time_zone_version,
    verify_ledger,
    version,
)
from .documents import CurveDocument, ModifiersDocument, RequirementDocument, RulesetDocument
from .types import *  # noqa: F403

__version__ = version()

__all__ = [
    "Curve",
    "CurveDocument",
    "Engine",
    "ModifierStack",
    "ModifiersDocument",
    "Player",
    "Requirement",
    "RequirementDocument",
    "Ruleset",
    "RulesetDocument",
    "Store",
    "__version__",
    "documents",
    "hash_event",
    "time_zone_version",
    "types",
    "verify_ledger",
    "version",
]
