"""Three days of one player, on a database in memory. Run it from the project's folder."""

from datetime import UTC, datetime
from pathlib import Path

import levelkit as lk

PLAYER = "ida"


def tell(event: lk.Event) -> None:
    match event:
        case lk.QuestCompleted(quest=quest):
            print(f"  quest {quest} completed")
        case lk.XpAwarded(final_xp=final_xp, total_xp_after=total):
            print(f"  {final_xp} XP, now {total}")
        case lk.LevelUp(level_after=level):
            print(f"  level {level}")
        case lk.StatRaised(stat=stat, value=value):
            print(f"  {stat} {value}")
        case lk.StreakExtended(current_streak=streak):
            print(f"  streak {streak}")
        case lk.TitleEarned(title=title):
            print(f"  title {title} earned")
        case lk.TitleEquipped(title=title):
            print(f"  title {title or 'none'} worn")


def main() -> None:
    ruleset = lk.Ruleset.parse(Path("examples/rulesets/hunter.yaml").read_text(encoding="utf-8"), "yaml")
    print(f"rules {ruleset.hash[:12]}")
    with lk.Store.open("sqlite::memory:") as store:
        store.migrate()
        store.import_ruleset(ruleset, datetime(2026, 3, 1, tzinfo=UTC))
        store.create_player(lk.NewPlayer(id=PLAYER, timezone="Europe/Berlin"))
        play(store)


def play(store: lk.Store) -> None:
    # Sunday to Tuesday. Reports are cumulative: how much it is so far today.
    for day, steps, meditated in [(1, 9_000, True), (2, 12_500, False), (3, 8_200, True)]:
        evening = datetime(2026, 3, day, 20, tzinfo=UTC)
        print(evening.date())
        metrics: lk.Metrics = {
            "steps": steps,
            "pushups": 40,
            "squats": 60,
            "sleep_hours": 7.5,
            "water_litres": 2.5,
            "vegetables": 5,
            "sweets": 0,
            "screen_minutes": 15,
            "journal": True,
            "meditated": meditated,
        }
        for event in store.execute(PLAYER, evening, lk.Report(metrics=metrics)).events:
            tell(event)

    # A title is worn from one command on.
    for event in store.execute(PLAYER, evening.replace(minute=5), lk.EquipTitle(title="first-page")).events:
        tell(event)

    # Why was an award what it was? The ledger knows, step by step.
    for entry in store.ledger(PLAYER, limit=1).entries:
        print(f"why {entry.event.final_xp} XP for {entry.event.event_source}: {entry.event.base_xp} at first")
        for step in entry.modifiers:
            print(f"  {step.reason} times {step.multiplier}: {step.xp_before} to {step.xp_after}")

    # A command can be refused, with a code and the facts; then nothing has happened.
    try:
        store.execute(PLAYER, evening.replace(minute=10), lk.StartBoss(boss="slag-colossus"))
    except lk.LevelTooLowError as error:
        print(f"refused: {error.code}, level {error.needed} is needed and {PLAYER} is at level {error.level}")

    ida = store.player(PLAYER)
    print(f"{ida.player} is level {ida.level} with {ida.total_xp} XP, next at {ida.next_level_at or 'never'}")
    print(f"streak {ida.current_streak}, wears {ida.active_title or ''}")

    found = store.verify(PLAYER).verification
    word = "sound" if found.failure is None else "broken"
    print(f"ledger {word}: {found.events} events, head {found.head[:12]}")


if __name__ == "__main__":
    main()
