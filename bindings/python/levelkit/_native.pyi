from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, final

from .documents import CurveDocument, ModifiersDocument, RequirementDocument, RulesetDocument
from .types import (
    AwardContext,
    AwardRequest,
    AwardView,
    Command,
    CommandAt,
    Event,
    EventHash,
    Execution,
    Explanation,
    Imported,
    Instant,
    LeaderboardPage,
    LedgerEnd,
    LedgerEntry,
    LedgerHead,
    LedgerPage,
    MetricInfo,
    Metrics,
    Migrated,
    NarrativeCategory,
    NewPlayer,
    OutboxEntry,
    Outcome,
    PlayerExport,
    PlayerReport,
    PlayerSummary,
    PlayerVerification,
    PlayerView,
    Refreshed,
    Reported,
    RequirementOutcome,
    RollOver,
    SchemaVersion,
    Source,
    Standing,
    Standings,
    StoreOptions,
    TimelineEntry,
    Told,
    Verification,
    VerificationSummary,
    Xp,
    XpEvent,
    XpModifier,
)

__all__ = [
    "Curve",
    "Engine",
    "ModifierStack",
    "Player",
    "Requirement",
    "Ruleset",
    "Store",
    "_echo_for_test",
    "_panic_for_test",
    "hash_event",
    "time_zone_version",
    "verify_ledger",
    "version",
]

@final
class Ruleset:
    """The rules of a game: read, checked and compiled once, shared by everything that plays by it."""

    @staticmethod
    def parse(text: str, format: str = "json") -> Ruleset:
        """Reads a ruleset from its text: "json", "yaml" or "toml".

        Raises InvalidRulesetError with every fault at once, each with path, code, line and column.
        """
    @staticmethod
    def from_object(document: RulesetDocument) -> Ruleset:
        """Reads a ruleset from an object: what json.loads makes of its text.

        Raises like parse; lines and columns are those of the object's JSON text.
        """
    @staticmethod
    def schema() -> str:
        """The JSON Schema of a ruleset document, for editors."""
    @property
    def canonical(self) -> str:
        """The canonical form: sorted keys, shortest numbers, compact UTF-8."""
    @property
    def hash(self) -> EventHash:
        """The SHA-256 of the canonical form."""
    @property
    def metrics(self) -> tuple[MetricInfo, ...]:
        """Every measurement that the ruleset declares or reads, by name."""
    def narratives_about(self, category: NarrativeCategory) -> tuple[str, ...]:
        """The keys of the narratives in use of a category, in ruleset order."""
    def tell(self, key: str, variables: Mapping[str, str] | None = None) -> str:
        """Tells the narrative of a key with these variables.

        Raises UnknownIdError, UnknownVariableError or MissingVariableError.
        """

@final
class Player:
    """One player in memory: everything that the rules know about one, apart from the ruleset."""

    def __new__(cls, id: str, timezone: str = "UTC") -> Self:
        """A player who has sent no command yet. The time zone is an IANA name."""
    @staticmethod
    def deserialize(text: str) -> Player:
        """The player that serialize has written.

        Raises InvalidArgumentError for a text that it has not.
        """
    def serialize(self) -> str:
        """The whole player as a text to keep; its form is levelkit's own."""
    def clone(self) -> Player:
        """Another player who is the same so far."""
    @property
    def id(self) -> str:
        """The id."""
    @property
    def timezone(self) -> str:
        """The IANA time zone."""
    @property
    def level(self) -> int:
        """The level, from 1."""
    @property
    def total_xp(self) -> Xp:
        """All XP so far."""
    @property
    def current_streak(self) -> int:
        """Days in a row with few enough misses."""
    @property
    def last_at(self) -> Instant | None:
        """The last accepted command's instant, if there was one."""
    @property
    def ledger_head(self) -> LedgerHead:
        """Where the ledger's chain stands."""

@final
class Engine:
    """Decides commands under a ruleset. It holds no player and no clock, so one engine serves any number of players and threads."""

    def __new__(cls, ruleset: Ruleset, past: list[Ruleset] = ...) -> Self:
        """An engine that opens days under a ruleset. Days, logs and attempts that a ruleset of the past has opened end under
        that one: list it in past.
        """
    @property
    def ruleset(self) -> Ruleset:
        """The ruleset under which days open."""
    def apply(self, player: Player, at: datetime, command: Command) -> tuple[Event, ...]:
        """Does a command for a player: what happened, in order. A refused command raises, and the player is as before."""
    def apply_all(self, player: Player, commands: Iterable[CommandAt]) -> tuple[tuple[Event, ...], ...]:
        """Does several commands for a player, in order: all of them, or none. The events are listed by command."""
    def execute(self, player: Player, at: datetime, command: Command) -> Execution:
        """Like apply, and also what the player's ledger gained: for a host that keeps the ledger itself."""
    def preview(self, player: Player, at: datetime, command: Command) -> tuple[Event, ...]:
        """What a command would bring, without doing it."""
    def view(self, player: Player, at: datetime) -> PlayerView:
        """The player at an instant, as the next command would find it: with how far everything is, and what is missing."""
    def next_due(self, player: Player) -> Instant | None:
        """When the player's oldest open day is due to be closed; none before the first command."""
    def narrate(self, player: Player, event: Event, variables: Mapping[str, str] | None = None) -> tuple[Told, ...]:
        """The texts that the ruleset has for an event: the content's own message, then the narratives.

        Raises UnknownVariableError or MissingVariableError.
        """

@final
class Curve:
    """A levelling curve: XP to level."""

    def __new__(cls, curve: CurveDocument | str | None = None) -> Self:
        """A curve as a ruleset's curve writes it; without one the default.

        Raises InvalidRulesetError.
        """
    def level(self, total_xp: Xp) -> int:
        """The level of a total of XP."""
    def levels(self, totals: Iterable[Xp]) -> tuple[int, ...]:
        """The level of each total."""
    def threshold(self, level: int) -> Xp | None:
        """The total from which a player has a level; none for a level that does not exist."""
    def thresholds(self, levels: Iterable[int]) -> tuple[Xp | None, ...]:
        """The total of each level."""
    @property
    def max_level(self) -> int:
        """The highest level a player can have."""

@final
class Requirement:
    """A requirement over metrics, three-valued: what was not reported is unknown, never false."""

    def __new__(cls, requirement: RequirementDocument | str) -> Self:
        """A requirement as a ruleset writes it.

        Raises InvalidRulesetError.
        """
    def evaluate(self, metrics: Metrics) -> RequirementOutcome:
        """How far it is met by these metrics.

        Raises InvalidMetricError or MetricKindError.
        """
    def evaluate_all(self, snapshots: Iterable[Metrics]) -> tuple[RequirementOutcome, ...]:
        """How far it is met by each of these snapshots."""
    def explain(self, metrics: Metrics) -> Explanation:
        """Why it is met or not: the tree with every value, target and distance."""

@final
class ModifierStack:
    """The modifier stack: what turns base XP into final XP."""

    def __new__(cls, modifiers: ModifiersDocument | str | None = None) -> Self:
        """A stack as a ruleset's modifiers writes it; without them the default.

        Raises InvalidRulesetError.
        """
    def apply(self, base_xp: int, source: Source, context: AwardContext | None = None) -> AwardView:
        """Computes an award, and how it came about.

        Raises XpOverflowError, OutOfRangeError or InvalidMultiplierError.
        """
    def apply_all(self, requests: Iterable[AwardRequest]) -> tuple[AwardView, ...]:
        """Computes several awards; the first that is refused raises."""

@final
class Store:
    """Players in a database: one transaction to a command, and a ledger that can be verified.

    Every method returns when it is done. The GIL is released meanwhile, so other threads go on; from asyncio call it by
    asyncio.to_thread. One store serves any number of threads.
    """

    @staticmethod
    def open(url: str, options: StoreOptions | None = None) -> Store:
        """Opens a store: "sqlite:PATH", "sqlite::memory:" or "postgres://". The tables are left as they are: migrate makes them."""
    def close(self) -> None:
        """Closes the store, once the calls under way are done; every later call raises StoreClosedError. Closing it again does
        nothing.
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _exc_type: type[BaseException] | None,
        _exc_value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None: ...
    def migrate(self) -> Migrated:
        """Brings the tables to the version this levelkit needs; they may be there already."""
    def revert(self) -> None:
        """Takes levelkit's tables away again, the data in them included. Of an application's tables only those go that levelkit made; where one on a
        server still holds rows, StoreStatementError names it.
        """
    def schema_version(self) -> SchemaVersion:
        """Which version the tables have, without any change."""
    def import_ruleset(self, ruleset: Ruleset, at: datetime) -> Imported:
        """Writes a ruleset into the tables and puts it in force, for days opened from now on."""
    def ruleset(self) -> Ruleset:
        """The ruleset in force.

        Raises NoRulesetError.
        """
    def export_ruleset(self) -> str:
        """The ruleset as its tables hold it, in canonical form."""
    def create_player(self, player: NewPlayer) -> bool:
        """Makes a player, or adopts the user of that id; False, and no change, for one who is a player already."""
    def execute(self, player: str, at: datetime, command: Command) -> Outcome:
        """Does a command for a player at an instant: decided and written in one transaction. A refused command raises, and
        changes nothing.
        """
    def execute_all(self, player: str, commands: Iterable[CommandAt]) -> tuple[Outcome, ...]:
        """Does several commands for one player, in order and in one transaction: all of them are done, or none."""
    def player(self, id: str, at: datetime | None = None) -> PlayerView:
        """How a player stands at an instant, as the next command would find it; without one, at the last command."""
    def preview(self, player: str, at: datetime, command: Command) -> tuple[Event, ...]:
        """What a command would bring, without doing it."""
    def state(self, id: str) -> Player:
        """A player as an engine knows one."""
    def players(self, after: str | None = None, limit: int = 100) -> tuple[PlayerSummary, ...]:
        """Up to limit players by id, after one of them or from the first."""
    def timeline(
        self, id: str, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[TimelineEntry, ...]:
        """What happened to a player between two instants, both included, ordered by when it took effect."""
    def ledger(self, id: str, after: datetime | None = None, limit: int = 100) -> LedgerPage:
        """Up to limit events of a player's ledger, oldest first, written after an instant or from the first."""
    def verify(self, id: str) -> PlayerVerification:
        """Verifies a player's ledger, event by event. What is wrong is the answer, not an error."""
    def verify_all(self) -> VerificationSummary:
        """Verifies every player's ledger, one after the other; commands go on meanwhile."""
    def leaderboard(self, season: str, at: datetime, skip: int = 0, limit: int = 100) -> LeaderboardPage:
        """A page of a season's live standings, skip places from the top; at says where the season stands."""
    def leaderboard_around(self, season: str, at: datetime, player: str, places: int) -> LeaderboardPage | None:
        """The live standings around a player: up to so many places above, the player's own, as many below; None for somebody who
        takes no part.
        """
    def standings(self, season: str) -> Standings:
        """The final standings of a sealed season as a file, with its hash now and the one recorded at the seal: while sha256 and
        recorded are equal, the scores are those that were sealed.

        Raises SeasonNotSealedError.
        """
    def standing(self, season: str, player: str) -> Standing | None:
        """Where a player stands in a season now; none for one who takes no part."""
    def refresh_leaderboard(self, season: str, now: datetime) -> Refreshed:
        """Writes a season's standings into its tables. The first refresh after the season's end seals it."""
    def report_many(self, reports: Iterable[PlayerReport]) -> Reported:
        """Does reports of many players, thousands of them if need be, in one transaction. Who is refused, or whose rows are not
        sound, is set aside in the answer, and the others go on.
        """
    def claim_events(self, worker: str, limit: int = 100, *, lease: timedelta) -> tuple[OutboxEntry, ...]:
        """Hands out up to limit commands' events for delivery, the oldest first. Their players are this worker's until all of them are
        acknowledged or the lease is over, by the database's clock; what was not acknowledged by then is handed out again. So every
        event is delivered at least once, and a player's in order. Events are kept only with the option outbox.
        """
    def acknowledge(self, ids: Iterable[int]) -> int:
        """Takes delivered events out of the outbox, by the ids they were handed out with; how many were still there."""
    def export_player(self, id: str) -> PlayerExport:
        """Everything that the database holds about a player, except secrets. json.dumps(dataclasses.asdict(...)) makes the file of it.

        Raises UnknownIdError.
        """
    def erase_player(self, id: str, at: datetime) -> bool:
        """Erases a player's personal data: address, name, image, sessions, accounts, verifications, measurements, reasons. The id and the
        ledger stay and verify, and the player can go on. False if it was erased before; what came since is erased too.

        Raises UnknownIdError.
        """
    def roll_over(self, now: datetime, limit: int = 100, *, idle_days: int | None = None) -> RollOver:
        """Advances up to limit players whose day is due, the longest overdue first. With idle_days those are left out who have sent
        no command for more than so many days. Call it again while more is true.
        """

def hash_event(previous: EventHash, event: XpEvent, modifiers: Iterable[XpModifier]) -> EventHash:
    """The hash that seals an event after the one before it; a player's first event follows 64 zeros."""

def verify_ledger(entries: Iterable[LedgerEntry], ends: Iterable[LedgerEnd] | None = None) -> Verification:
    """Verifies a player's ledger from the first event on; it must end as each of ends remembers it. What is wrong is the answer,
    not an error.
    """

def version() -> str:
    """The version of levelkit."""

def time_zone_version() -> str:
    """The version of the IANA time zone database that is built in."""

def _echo_for_test(kind: str, value: object) -> Any: ...
def _panic_for_test(text: str, *, detached: bool = False) -> None: ...
