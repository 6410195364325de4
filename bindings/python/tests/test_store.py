"""What a store does beside commands: standings, the outbox, what it knows of a player."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

import levelkit as lk

# Every language tries this case.
CASE = json.loads((Path(__file__).parents[3] / "tests/standings/small.json").read_text(encoding="utf-8"))
AT, SEALED = datetime.fromisoformat(CASE["at"]), datetime.fromisoformat(CASE["sealed_at"])
SEASON: str = CASE["season"]
WALK = lk.Report(metrics={"steps": 9000})
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def opened(options: lk.StoreOptions | None = None) -> lk.Store:
    store = lk.Store.open("sqlite::memory:", options)
    store.migrate()
    store.import_ruleset(lk.Ruleset.from_object(CASE["ruleset"]), AT)
    return store


def played() -> lk.Store:
    store = opened()
    for player in CASE["players"]:
        store.create_player(lk.NewPlayer(id=player["id"]))
    reports = [
        lk.PlayerReport(player=player["id"], at=AT, metrics={"steps": player["steps"]}) for player in CASE["players"]
    ]
    assert len(store.report_many(reports).accepted) == len(reports)
    return store


def test_a_sealed_season_leaves_the_same_file_in_every_language() -> None:
    with played() as store:
        with pytest.raises(lk.SeasonNotSealedError) as caught:
            store.standings(SEASON)
        assert (caught.value.code, caught.value.hint) == ("SEASON_NOT_SEALED", "refresh its leaderboard after its end")
        assert store.refresh_leaderboard(SEASON, SEALED).sealed
        text, sha256 = CASE["text"], CASE["sha256"]
        participants = json.loads(text.splitlines()[0])["participants"]
        assert store.standings(SEASON) == lk.Standings(
            season=SEASON, participants=participants, text=text, sha256=sha256, recorded=sha256
        )
        with pytest.raises(lk.UnknownIdError):
            store.standings("none")


def test_the_standings_around_a_player() -> None:
    with played() as store:
        page = store.leaderboard_around(SEASON, AT, "ida", 1)
        assert page is not None
        assert [(place.rank, place.player) for place in page.standings] == [
            (place["rank"], place["player"]) for place in CASE["around"]
        ]
        assert store.leaderboard_around(SEASON, AT, "ida", places=100) == store.leaderboard(SEASON, AT)
        store.create_player(lk.NewPlayer(id="late"))
        assert store.leaderboard_around(SEASON, AT, "late", 1) is None
        with pytest.raises(lk.UnknownIdError):
            store.leaderboard_around("none", AT, "ida", 1)


def test_what_commands_bring_is_handed_out_in_order_until_it_is_acknowledged() -> None:
    with opened(lk.StoreOptions(outbox=True)) as store:
        for player in ("p", "q"):
            store.create_player(lk.NewPlayer(id=player))
        outcomes = [store.execute("p", AT + day * DAY, WALK) for day in range(2)]
        entries = store.claim_events("mailer", lease=MINUTE)
        assert [entry.events for entry in entries] == [outcome.events for outcome in outcomes]
        assert [(entry.player, entry.at, entry.deliveries) for entry in entries] == [("p", AT, 1), ("p", AT + DAY, 1)]
        ids = [entry.id for entry in entries]
        assert ids == sorted(ids)
        # They are the mailer's, and whatever comes for that player.
        for player in ("p", "q"):
            store.execute(player, AT + 2 * DAY, WALK)
        assert [entry.player for entry in store.claim_events("other", 100, lease=MINUTE)] == ["q"]
        assert store.acknowledge(ids[:1]) == 1
        assert store.acknowledge(entry.id for entry in entries) == 1
        # What a worker lost comes back when its lease is over.
        assert [entry.deliveries for entry in store.claim_events("lost", lease=timedelta(milliseconds=1))] == [1]
        time.sleep(0.05)
        assert [entry.deliveries for entry in store.claim_events("mailer", lease=MINUTE)] == [2]
        with pytest.raises(lk.InvalidArgumentError, match="from zero on"):
            store.claim_events("mailer", lease=-MINUTE)
        with pytest.raises(TypeError):
            cast(Any, store).claim_events("mailer", 1)
        with pytest.raises(lk.InvalidArgumentError):
            store.acknowledge([cast(int, "1")])
    with opened() as without:
        without.create_player(lk.NewPlayer(id="p"))
        without.execute("p", AT, WALK)
        assert without.claim_events("mailer", lease=MINUTE) == ()


def test_what_counts_or_lasts_is_never_negative() -> None:
    with played() as store:
        calls: list[Callable[[Any], object]] = [
            lambda count: store.players(limit=count),
            lambda count: store.ledger("ida", limit=count),
            lambda count: store.leaderboard(SEASON, AT, count),
            lambda count: store.leaderboard(SEASON, AT, limit=count),
            lambda count: store.leaderboard_around(SEASON, AT, "ida", count),
            lambda count: store.claim_events("mailer", count, lease=MINUTE),
            lambda count: store.roll_over(AT, count),
            lambda count: store.roll_over(AT, idle_days=count),
        ]
        for call in calls:
            call(7)
            for wrong in (-1, -(2**70), 2**70, 0.5, "7"):
                with pytest.raises(lk.InvalidArgumentError):
                    call(wrong)
        for lease in (-MINUTE, timedelta.min, timedelta(microseconds=-1), 60, "60", None):
            with pytest.raises(lk.InvalidArgumentError):
                store.claim_events("mailer", lease=cast(timedelta, lease))
        for lease in (timedelta(0), timedelta.max):
            store.claim_events("mailer", lease=lease)


def test_a_misspelt_field_is_no_field_left_out() -> None:
    with opened() as store:
        for fields in ({"time_zone": "Europe/Berlin"}, {"nmae": "Quinn"}, {"name": "Quinn", "age": 7}):
            with pytest.raises(lk.InvalidArgumentError, match="unknown field"):
                store.create_player(cast(lk.NewPlayer, {"id": "q", **fields}))
        with pytest.raises(lk.InvalidArgumentError, match="unknown field"):
            store.execute_all("q", [cast(lk.CommandAt, {"at": AT, "command": WALK, "player": "p"})])
        assert store.create_player(cast(lk.NewPlayer, {"id": "q", "name": "Quinn", "timezone": None}))


def test_an_outbox_from_asyncio() -> None:
    async def deliver(store: lk.Store) -> int:
        entries = await asyncio.to_thread(store.claim_events, "mailer", lease=MINUTE)
        return await asyncio.to_thread(store.acknowledge, [entry.id for entry in entries])

    with opened(lk.StoreOptions(outbox=True)) as store:
        store.create_player(lk.NewPlayer(id="p"))
        store.execute("p", AT, WALK)
        assert asyncio.run(deliver(store)) == 1


def test_a_player_is_handed_out_and_erased_and_the_ledger_verifies() -> None:
    with opened() as store:
        store.create_player(lk.NewPlayer(id="p", name="Sung", email="sung@x.org", timezone="Europe/Berlin"))
        store.execute("p", AT, WALK)
        store.execute("p", AT, lk.AdjustXp(id="gift", amount=7, reason="since she was ill"))
        exported = store.export_player("p")
        assert (exported.format, exported.player) == ("levelkit.player/1", "p")
        rows = {table.name: table.rows for table in exported.tables}
        user = rows["users"][0]
        assert (user["email"], user["name"], user["email_verified"], user["image"]) == (
            "sung@x.org",
            "Sung",
            False,
            None,
        )
        assert user["total_xp"] == 107 and type(user["total_xp"]) is int
        assert len(rows["xp_events"]) == 2
        assert rows["levelkit_players"][0]["seen_at"] == "2026-03-02T20:00:00.000000Z"
        done = next(row for row in rows["quest_logs"] if row["status"] == "COMPLETED")
        assert isinstance(done["progress"], Mapping) and done["progress"]["metrics"] == {"steps": 9000}
        # The file is one call away; tuples are its lists.
        text = json.dumps(dataclasses.asdict(exported))
        assert json.loads(text)["tables"][0]["rows"] == [user]
        assert store.erase_player("p", AT + DAY) and not store.erase_player("p", AT + 2 * DAY)
        text = json.dumps(dataclasses.asdict(store.export_player("p")))
        for known in ("Sung", "sung@x.org", "since she was ill"):
            assert known not in text
        verification = store.verify("p").verification
        assert (verification.events, verification.total_xp, verification.failure) == (2, 107, None)
        store.execute("p", AT + 3 * DAY, WALK)
        assert store.verify("p").verification.failure is None
        for call in (lambda: store.export_player("nobody"), lambda: store.erase_player("nobody", AT)):
            with pytest.raises(lk.UnknownIdError):
                call()


def test_the_tables_are_taken_away_again() -> None:
    with opened() as store:
        store.revert()
        assert store.schema_version().found == 0
        with pytest.raises(lk.NotMigratedError):
            store.players()


def test_after_closing_these_verbs_raise_too() -> None:
    store = opened(lk.StoreOptions(outbox=True))
    store.close()
    for call in (
        lambda: store.leaderboard_around(SEASON, AT, "p", 1),
        lambda: store.standings(SEASON),
        lambda: store.claim_events("w", lease=MINUTE),
        lambda: store.acknowledge([]),
        lambda: store.export_player("p"),
        lambda: store.erase_player("p", AT),
        lambda: store.revert(),
    ):
        with pytest.raises(lk.StoreClosedError):
            call()
