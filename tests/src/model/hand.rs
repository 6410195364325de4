//! Small stories worked out by hand from the text of the rules.

use serde_json::{Value, json};

use super::ledger::derived_id;
use super::state::{Model, Player};
use super::vectors;

fn quest(id: &str, kind: &str, metric: &str, value: i64, xp: i64) -> Value {
    json!({
        "id": id, "name": id, "description": "", "type": kind, "category": "MOVEMENT",
        "requirements": {"type": "numeric", "metric": metric, "op": ">=", "value": value},
        "base_xp": xp, "is_core": kind == "DAILY"
    })
}

fn player(mut doc: Value, zone: &str) -> Player {
    doc["format"] = json!("levelkit.ruleset/1");
    Model::new(&doc).player("p1", zone)
}

/// One step; its events as words, e.g. `XP_AWARDED 100 110`.
fn play(p: &mut Player, at: &str, what: &str, fields: Value) -> String {
    let mut step = fields;
    step["at"] = json!(at);
    step["do"] = json!(what);
    match p.step(&step) {
        Err(refusal) => format!("! {}", refusal["code"].as_str().unwrap()),
        Ok(events) => events
            .iter()
            .map(|e| {
                let mut words = vec![e["event"].as_str().unwrap().to_string()];
                for key in [
                    "quest",
                    "day",
                    "base_xp",
                    "final_xp",
                    "xp",
                    "stat",
                    "value",
                    "missed",
                    "current_streak",
                    "previous_streak",
                    "until",
                    "title",
                    "boss",
                    "phase",
                    "dungeon",
                    "season",
                    "level_after",
                ] {
                    match &e[key] {
                        Value::Null => {}
                        Value::String(s) => words.push(s.clone()),
                        v => words.push(v.to_string()),
                    }
                }
                words.join(" ")
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn steps(n: i64) -> Value {
    json!({"metrics": {"steps": n}})
}

#[test]
fn a_walk_each_day() {
    let mut walk = quest("walk", "DAILY", "steps", 5000, 100);
    walk["stat_affected"] = json!("STR");
    let mut p = player(json!({"quests": [walk]}), "UTC");
    assert_eq!(
        play(&mut p, "2026-01-05T10:00:00Z", "report", steps(5000)),
        "DAY_OPENED 2026-01-05, QUEST_COMPLETED walk 2026-01-05, XP_AWARDED 100 100, STAT_RAISED STR 11"
    );
    assert_eq!(p.rows()["quest_logs"][0]["id"], "k1dqtad0gq2yr1dyrauogt6p");
    assert_eq!(p.rows()["xp_events"][0]["id"], "k3gx0o1ssd9pw0qf5tehxjrz");
    assert_eq!(play(&mut p, "2026-01-05T11:00:00Z", "report", steps(6000)), "");
    assert_eq!(
        play(&mut p, "2026-01-06T00:00:00Z", "advance", json!({})),
        "DAY_CLOSED 2026-01-05 0, STREAK_EXTENDED 1, DAY_OPENED 2026-01-06"
    );
    assert_eq!(
        play(&mut p, "2026-01-08T00:00:00Z", "advance", json!({})),
        "QUEST_EXPIRED walk 2026-01-06, DAY_CLOSED 2026-01-06 1, STREAK_BROKEN 1, \
         DAY_OPENED 2026-01-07, QUEST_EXPIRED walk 2026-01-07, DAY_CLOSED 2026-01-07 1, \
         DAY_OPENED 2026-01-08"
    );
    // 2026-01-10 is a Saturday
    assert_eq!(
        play(&mut p, "2026-01-10T00:00:00Z", "report", steps(5000)),
        "QUEST_EXPIRED walk 2026-01-08, DAY_CLOSED 2026-01-08 1, \
         DAY_OPENED 2026-01-09, QUEST_EXPIRED walk 2026-01-09, DAY_CLOSED 2026-01-09 1, \
         DAY_OPENED 2026-01-10, QUEST_COMPLETED walk 2026-01-10, XP_AWARDED 100 110, \
         STAT_RAISED STR 12"
    );
    assert_eq!(
        play(&mut p, "2026-01-10T00:00:00Z", "adjust_xp", json!({"id": "a", "amount": 70, "reason": ""})),
        "XP_AWARDED 70 70, LEVEL_UP 2"
    );
    // 210 + 70 = 280; down to 0, not below
    assert_eq!(
        play(&mut p, "2026-01-10T00:00:00Z", "adjust_xp", json!({"id": "b", "amount": -900, "reason": ""})),
        "XP_AWARDED -900 -280, LEVEL_DOWN 1"
    );
    assert_eq!(play(&mut p, "2026-01-10T00:00:00Z", "adjust_xp", json!({"id": "b", "amount": -900, "reason": ""})), "");
    assert_eq!(
        play(&mut p, "2026-01-10T00:00:00Z", "adjust_xp", json!({"id": "b", "amount": -901, "reason": ""})),
        "! ID_CONFLICT"
    );
    assert_eq!(play(&mut p, "2026-01-09T23:59:59.999999Z", "advance", json!({})), "! TIME_BACKWARDS");
    let created: Vec<_> = p.ledger.iter().map(|e| e.created_at % 1_000_000).collect();
    assert_eq!(created, [0, 0, 1, 2]);
}

#[test]
fn debuff_and_partial() {
    let mut walk = quest("walk", "DAILY", "steps", 5000, 100);
    walk["partial_reward"] = json!({"threshold": 1000, "xp": 30});
    let read = quest("read", "DAILY", "pages", 10, 50);
    let mut p = player(json!({"quests": [walk, read]}), "UTC");
    play(&mut p, "2026-01-05T10:00:00Z", "report", steps(1000));
    // both missed: the partial award comes before the debuff
    assert_eq!(
        play(&mut p, "2026-01-06T10:00:00Z", "report", steps(5000)),
        "QUEST_FAILED walk 2026-01-05, PARTIAL_REWARD walk 2026-01-05 30, XP_AWARDED 30 30, \
         QUEST_EXPIRED read 2026-01-05, DAY_CLOSED 2026-01-05 2, \
         DEBUFF_STARTED 2026-01-07T00:00:00.000000Z, DAY_OPENED 2026-01-06, \
         QUEST_COMPLETED walk 2026-01-06, XP_AWARDED 100 90"
    );
    // at the end of the debuff it is over
    assert_eq!(
        play(&mut p, "2026-01-07T00:00:00Z", "report", json!({"metrics": {"pages": 10}})),
        "QUEST_EXPIRED read 2026-01-06, DAY_CLOSED 2026-01-06 1, STREAK_EXTENDED 1, \
         DAY_OPENED 2026-01-07, QUEST_COMPLETED read 2026-01-07, XP_AWARDED 50 50"
    );
}

#[test]
fn grace_over_a_clock_change() {
    let doc = json!({
        "quests": [quest("walk", "DAILY", "steps", 5000, 100)],
        "day": {"grace_minutes": 60}
    });
    let mut p = player(doc, "Europe/Berlin");
    play(&mut p, "2026-03-29T12:00:00Z", "advance", json!({}));
    // a day of 23 hours ends at 22:00Z
    assert_eq!(play(&mut p, "2026-03-29T21:59:59.999999Z", "advance", json!({})), "");
    assert_eq!(play(&mut p, "2026-03-29T22:00:00Z", "advance", json!({})), "DAY_OPENED 2026-03-30");
    let late = json!({"day": "2026-03-29", "metrics": {"steps": 5000}});
    // Sunday's report, given on Monday: the weekend bonus
    assert_eq!(
        play(&mut p, "2026-03-29T22:59:59.999999Z", "report", late.clone()),
        "QUEST_COMPLETED walk 2026-03-29, XP_AWARDED 100 110"
    );
    assert_eq!(play(&mut p, "2026-03-29T23:00:00Z", "report", late), "! DAY_CLOSED");
    assert_eq!(
        play(&mut p, "2026-03-29T23:00:00Z", "advance", json!({})),
        "DAY_CLOSED 2026-03-29 0, STREAK_EXTENDED 1"
    );
}

#[test]
fn zones() {
    let doc = json!({"quests": [quest("walk", "DAILY", "steps", 5000, 100)]});
    let mut p = player(doc.clone(), "Pacific/Apia");
    play(&mut p, "2011-12-30T09:00:00Z", "report", steps(5000));
    assert_eq!(
        play(&mut p, "2011-12-30T10:00:00Z", "advance", json!({})),
        "DAY_CLOSED 2011-12-29 0, STREAK_EXTENDED 1, DAY_OPENED 2011-12-31"
    );
    assert_eq!(
        play(&mut p, "2011-12-30T10:00:00Z", "report", json!({"day": "2011-12-30", "metrics": {}})),
        "! INVALID_DAY"
    );

    // westwards: the date repeats and is the same day
    let mut p = player(doc.clone(), "Pacific/Kiritimati");
    play(&mut p, "2026-01-05T10:00:00Z", "report", steps(5000));
    assert_eq!(p.open_day().to_string(), "2026-01-06");
    play(&mut p, "2026-01-05T11:00:00Z", "set_timezone", json!({"timezone": "Etc/GMT+12"}));
    assert_eq!(play(&mut p, "2026-01-06T12:00:00Z", "advance", json!({})), "");
    assert_eq!(
        play(&mut p, "2026-01-07T12:00:00Z", "advance", json!({})),
        "DAY_CLOSED 2026-01-06 0, STREAK_EXTENDED 1, DAY_OPENED 2026-01-07"
    );

    // eastwards: the open day ends at once, a date is skipped
    let mut p = player(doc, "Etc/GMT+12");
    play(&mut p, "2026-01-05T10:30:00Z", "report", steps(5000));
    assert_eq!(p.open_day().to_string(), "2026-01-04");
    let east = json!({"timezone": "Pacific/Kiritimati"});
    assert_eq!(play(&mut p, "2026-01-05T10:30:00Z", "set_timezone", east), "");
    assert_eq!(
        play(&mut p, "2026-01-05T10:30:00Z", "advance", json!({})),
        "DAY_CLOSED 2026-01-04 0, STREAK_EXTENDED 1, DAY_OPENED 2026-01-06"
    );
    let first = p.days[1].first_instant;
    assert_eq!(super::instants::instant_text(first), "2026-01-05T10:30:00.000000Z");
}

#[test]
fn dungeon() {
    let doc = json!({
        "quests": [quest("run", "DUNGEON", "steps", 10, 5)],
        "dungeons": [{
            "id": "cave", "name": "cave", "description": "", "difficulty": "E_RANK",
            "requirements": {"minLevel": 1}, "duration_minutes": 60,
            "challenges": [
                {"name": "a", "requirement": {"type": "numeric", "metric": "reps", "op": ">=", "value": 10}},
                {"name": "b", "requirement": {"type": "boolean", "metric": "calm", "value": true}}
            ]
        }]
    });
    let cave = json!({"dungeon": "cave"});
    let mut p = player(doc, "UTC");
    assert_eq!(
        play(&mut p, "2026-01-05T10:00:00Z", "enter_dungeon", cave.clone()),
        "DAY_OPENED 2026-01-05, DUNGEON_ENTERED cave"
    );
    assert_eq!(
        play(&mut p, "2026-01-05T10:30:00Z", "report", steps(10)),
        "QUEST_COMPLETED run 2026-01-05, XP_AWARDED 5 5"
    );
    assert_eq!(play(&mut p, "2026-01-05T10:30:00Z", "report_dungeon", json!({"metrics": {"reps": 10}})), "");
    let early = json!({"metrics": {"calm": true}, "observed_at": "2026-01-05T09:59:59.999999Z"});
    assert_eq!(play(&mut p, "2026-01-05T12:00:00Z", "report_dungeon", early), "! INVALID_INSTANT");
    // observed at the deadline, told an hour later
    let last = json!({"metrics": {"calm": true}, "observed_at": "2026-01-05T11:00:00Z"});
    assert_eq!(play(&mut p, "2026-01-05T12:00:00Z", "report_dungeon", last), "DUNGEON_CLEARED cave, XP_AWARDED 50 75");
    assert_eq!(p.rows()["dungeon_attempts"][0]["completed_at"], "2026-01-05T11:00:00.000000Z");
    assert_eq!(play(&mut p, "2026-01-06T10:59:59.999999Z", "enter_dungeon", cave.clone()), "! DUNGEON_COOLDOWN");
    assert_eq!(
        play(&mut p, "2026-01-06T11:00:00Z", "enter_dungeon", cave),
        "DAY_CLOSED 2026-01-05 0, DAY_OPENED 2026-01-06, DUNGEON_ENTERED cave"
    );
    assert_eq!(play(&mut p, "2026-01-06T12:00:00Z", "advance", json!({})), "");
    assert_eq!(play(&mut p, "2026-01-06T12:00:00.000001Z", "forfeit_dungeon", json!({})), "! DUNGEON_NOT_IN_PROGRESS");
    assert_eq!(play(&mut p, "2026-01-06T12:00:00.000001Z", "advance", json!({})), "DUNGEON_TIMED_OUT cave");
}

#[test]
fn boss_title_season_week() {
    let title = |id: &str, kind: &str, config: Value| {
        json!({
            "id": id, "name": id, "description": "", "system_message": "",
            "condition_type": kind, "condition_config": config
        })
    };
    let doc = json!({
        "quests": [
            quest("walk", "DAILY", "steps", 5000, 100),
            quest("week", "WEEKLY", "sum.steps", 10000, 40),
            quest("fine", "WEEKLY", "perfect_days", 1, 7)
        ],
        "titles": [
            title("streaker", "STREAK_DAYS", json!({"days": 1})),
            title("slayer", "EVENT_COUNT", json!({"event": "BOSS_VICTORY", "count": 99}))
        ],
        "bosses": [{
            "id": "ogre", "name": "ogre", "description": "", "intro_monologue": "",
            "defeat_message": "", "difficulty": "NORMAL", "xp_reward": 200,
            "title_reward_id": "slayer", "max_phase_retries": 1,
            "phases": [
                {"phase_number": 1, "name": "", "description": "", "duration_days": 1,
                 "requirements": {"perfectDays": 1}},
                {"phase_number": 2, "name": "", "description": "", "duration_days": 2,
                 "requirements": {"dailyCompletionRate": 0.5}}
            ]
        }],
        "seasons": [{
            "id": "s1", "number": 1, "name": "", "theme": "", "description": "",
            "start_date": "2026-01-06T00:00:00Z", "end_date": "2026-01-07T00:00:00Z",
            "xp_multiplier": 1.2
        }]
    });
    let mut p = player(doc, "UTC");
    assert_eq!(
        play(&mut p, "2026-01-05T08:00:00Z", "start_boss", json!({"boss": "ogre"})),
        "DAY_OPENED 2026-01-05, BOSS_STARTED ogre 1"
    );
    play(&mut p, "2026-01-05T09:00:00Z", "report", steps(5000));
    // the close: weekly logs at the day's end, which is in the season
    assert_eq!(
        play(&mut p, "2026-01-06T00:00:00Z", "advance", json!({})),
        "DAY_CLOSED 2026-01-05 0, STREAK_EXTENDED 1, QUEST_COMPLETED fine 2026-01-05, \
         SEASON_JOINED s1, XP_AWARDED 7 8, TITLE_EARNED streaker, BOSS_PHASE_CLEARED ogre 1, \
         DAY_OPENED 2026-01-06"
    );
    assert_eq!(
        play(&mut p, "2026-01-06T10:00:00Z", "report", steps(5000)),
        "QUEST_COMPLETED walk 2026-01-06, XP_AWARDED 100 120, \
         QUEST_COMPLETED week 2026-01-05, XP_AWARDED 40 48"
    );
    // 100 + 8 + 120 + 48 = 276; the second of two days is missed: the rate is 0.5
    assert_eq!(
        play(&mut p, "2026-01-08T00:00:00Z", "advance", json!({})),
        "DAY_CLOSED 2026-01-06 0, STREAK_EXTENDED 2, DAY_OPENED 2026-01-07, \
         QUEST_EXPIRED walk 2026-01-07, DAY_CLOSED 2026-01-07 1, STREAK_BROKEN 2, \
         TITLE_REVOKED streaker, BOSS_VICTORY ogre 2, XP_AWARDED 200 200, LEVEL_UP 2, \
         TITLE_EARNED slayer, DAY_OPENED 2026-01-08"
    );
    let last = p.final_state();
    assert_eq!(last["season_xp"], json!({"s1": 176}));
    assert_eq!(last["titles"], json!(["slayer"]));
    assert_eq!(last["total_xp"], 476);
    assert_eq!(play(&mut p, "2026-01-08T00:00:00Z", "equip_title", json!({"title": "streaker"})), "! TITLE_NOT_HELD");
    assert_eq!(
        play(&mut p, "2026-01-08T00:00:00Z", "equip_title", json!({"title": "slayer"})),
        "TITLE_EQUIPPED slayer"
    );
    // the first close after which the next day lies in a later week: no weekly log is open
    assert!(!play(&mut p, "2026-01-12T00:00:00Z", "advance", json!({})).contains("week"));
}

/// Computed with an independent script.
#[test]
fn hashes() {
    assert_eq!(derived_id(&["quest_log", "p1", "walk", "2026-01-05"]), "k1dqtad0gq2yr1dyrauogt6p");
    let doc = json!({"events": [
        {"id": "e1", "user_id": "p1", "event_source": "QUEST_COMPLETION", "source_id": "l1",
         "base_xp": 100, "final_xp": 115, "total_xp_before": 0, "total_xp_after": 115,
         "level_before": 1, "level_after": 1, "created_at": 1767225600000000i64,
         "modifiers": [{"order": 0, "type": "STREAK_BONUS", "multiplier": "1.15",
                        "reason": "streak 14 days", "xp_before": 100, "xp_after": 115}]},
        {"id": "e2", "user_id": "p1", "event_source": "MANUAL_ADJUSTMENT",
         "base_xp": -500, "final_xp": -115, "total_xp_before": "115", "total_xp_after": 0,
         "level_before": 1, "level_after": 1, "created_at": 1767225600000001i64,
         "modifiers": []}
    ]});
    assert_eq!(
        vectors::ledger(&doc)["hashes"],
        json!([
            "344399ff544301aca8c081e6db1828a1daf01322ce988afa9d92f6a24c8a9c95",
            "ac96bb85934bb52c11e6460e6383acc8767d05d3fc628cd507053a394bb77b8a"
        ])
    );
}

#[test]
fn vector_suites() {
    let doc = vectors::curve(&json!({"curve": null, "cases": [{"level": 10}, {"total_xp": 279}]}));
    assert_eq!(doc["cases"][0]["threshold"], 6000);
    assert_eq!(doc["cases"][1]["level"], 1);
    let doc = vectors::award(&json!({"modifiers": {}, "cases": [{
        "base_xp": 100, "source": "QUEST_COMPLETION",
        "context": {"current_streak": 14, "weekend": true, "season_multiplier": "1.2",
            "title": {"passive_type": "PERCENT_XP_BONUS", "passive_value": 5},
            "dungeon_multiplier": null, "debuffed": true}}]}));
    assert_eq!(doc["cases"][0]["final_xp"], 142);
    assert_eq!(doc["cases"][0]["steps"][3]["multiplier"], "1.05");
}
