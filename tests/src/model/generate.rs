//! Seeded scenarios: a random valid ruleset and a random sequence of commands, valid and
//! invalid, with times drawn to the places where mistakes live: day boundaries, clock changes,
//! ends of grace, deadlines, exact ties and one microsecond to either side.

use chrono::Days;
use serde_json::{Map, Value, json};

use super::days::{clock_changes, local_day, next_date, start_of_day, zone};
use super::instants::{DAY, HOUR, MINUTE, date_text, instant, instant_text};
use super::numbers::int;
use super::rng::Rng;
use super::state::{Model, Player};

/// Everything: weekly quests, titles, bosses, dungeons, seasons.
pub fn scenario(seed: u64, size: usize) -> Value {
    generate(seed, size, false)
}

/// Only DAILY quests on reported metrics, and the commands report, advance, adjust_xp, grant_xp
/// and set_timezone.
pub fn scenario_slice(seed: u64, size: usize) -> Value {
    generate(seed, size, true)
}

/// Fills in `expect`, `refuse` and `final` from the model.
pub fn record(mut scenario: Value) -> Value {
    let player = &scenario["player"];
    let text = |v: &Value| v.as_str().expect("text").to_string();
    let mut player = Model::new(&scenario["ruleset"]).player(&text(&player["id"]), &text(&player["timezone"]));
    for step in scenario["steps"].as_array_mut().expect("steps") {
        match player.step(step) {
            Ok(events) => step["expect"] = json!(events),
            Err(refusal) => step["refuse"] = refusal["code"].clone(),
        }
    }
    scenario["final"] = player.final_state();
    scenario
}

const NUMERIC: [&str; 4] = ["steps", "water", "sleep_h", "pages"];
/// 64 characters, as long as a name may be.
const LONGEST_NAME: &str = "a234567890123456789012345678901234567890123456789012345678901.34";
const BOOLEAN: [&str; 2] = ["sober", "meditated"];
const STATS: [&str; 4] = ["STR", "AGI", "VIT", "DISC"];

const ZONES: [&str; 19] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "America/Asuncion",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Pacific/Pago_Pago",
    "Etc/GMT+12",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
];

/// A few days before something happens to a clock or a calendar, and where.
const BEGINNINGS: [(&str, &str); 20] = [
    ("2026-01-05T00:00:00Z", "UTC"),
    ("2025-12-27T00:00:00Z", "Europe/Berlin"),
    ("2026-03-26T00:00:00Z", "Europe/Berlin"),
    ("2026-10-22T00:00:00Z", "Europe/Berlin"),
    ("2026-03-05T00:00:00Z", "America/New_York"),
    ("2026-10-30T00:00:00Z", "America/Havana"),
    ("2018-11-01T00:00:00Z", "America/Sao_Paulo"),
    ("2018-02-15T00:00:00Z", "America/Sao_Paulo"),
    ("2006-10-26T00:00:00Z", "America/St_Johns"),
    ("2026-04-02T00:00:00Z", "Australia/Lord_Howe"),
    ("2011-12-27T00:00:00Z", "Pacific/Apia"),
    ("1993-08-18T00:00:00Z", "Pacific/Kwajalein"),
    ("1994-12-28T00:00:00Z", "Pacific/Kiritimati"),
    ("2026-04-22T00:00:00Z", "Africa/Cairo"),
    ("2026-10-28T00:00:00Z", "Africa/Cairo"),
    ("2026-03-27T00:00:00Z", "Asia/Beirut"),
    ("2026-10-23T00:00:00Z", "Asia/Beirut"),
    ("2026-03-27T00:00:00Z", "Antarctica/Troll"),
    ("2024-02-26T00:00:00Z", "Asia/Kathmandu"),
    ("2026-01-30T00:00:00Z", "Pacific/Pago_Pago"),
];

fn generate(seed: u64, size: usize, slice: bool) -> Value {
    let mut rng = Rng::new(seed ^ 0x6c65_7665_6c6b_6974);
    let (begin, mut home) = rng.pick(&BEGINNINGS);
    if rng.chance(30) {
        home = rng.pick(&ZONES);
    }
    let begin = instant(&json!(begin)) + rng.range(0, 3 * 24 * 60) * MINUTE;
    let ruleset = ruleset(&mut rng, begin, home, slice);
    let id = format!("p{}", rng.range(1, 999));
    let guide = Model::new(&ruleset).player(&id, home);
    let long = !slice && rng.chance(3);
    let steps = Play { rng, guide, ruleset: ruleset.clone(), begin, slice, long, paid: Vec::new(), last_report: None }
        .steps(size);
    json!({"ruleset": ruleset, "player": {"id": id, "timezone": home}, "steps": steps})
}

// ---------------------------------------------------------------- rulesets

fn ruleset(rng: &mut Rng, begin: i64, home: &str, slice: bool) -> Value {
    let mut doc = json!({"format": "levelkit.ruleset/1"});
    if rng.chance(70) {
        doc["curve"] = curve(rng);
    }
    if rng.chance(85) {
        doc["modifiers"] = modifiers(rng);
    }
    if rng.chance(70) {
        doc["streak"] = json!({"allowed_misses": rng.range(0, 2)});
    }
    if rng.chance(70) {
        doc["debuff"] = json!({"missed": rng.range(1, 3), "hours": rng.pick(&[1, 3, 24, 30, 72])});
    }
    if rng.chance(75) {
        doc["day"] = json!({
            "day_start_hour": rng.pick(&[0, 0, 0, 1, 2, 3, 4, 6, 12, 23]),
            "grace_minutes": rng.pick(&[0, 0, 1, 30, 60, 120, 180, 720, 1500]),
        });
    }
    if rng.chance(40) {
        let mut metrics = Map::new();
        for m in NUMERIC {
            metrics.insert(m.to_string(), json!({"kind": "numeric"}));
        }
        for m in BOOLEAN {
            metrics.insert(m.to_string(), json!({"kind": "boolean"}));
        }
        doc["metrics"] = Value::Object(metrics);
    }

    let mut seasons: Vec<Value> = Vec::new();
    if !slice {
        let mut start = begin + rng.range(-4, 3) * DAY + rng.range(0, 23) * HOUR;
        let tz = zone(home).expect("a zone");
        let hour = doc["day"]["day_start_hour"].as_i64().unwrap_or(0);
        let midnight = |t: i64| start_of_day(tz, hour, local_day(tz, hour, t));
        if rng.chance(40) {
            start = midnight(start);
        }
        for n in 1..=rng.range(0, 2) {
            let mut end = start + rng.range(1, 12) * DAY + rng.range(0, 3) * HOUR;
            if rng.chance(40) {
                end = midnight(end + 12 * HOUR).max(start + HOUR);
            }
            let mut season = json!({
                "id": format!("season-{n}"),
                "number": n,
                "name": format!("Season {n}"),
                "theme": "frost",
                "description": "a season",
                "start_date": instant_text(start),
                "end_date": instant_text(end),
            });
            if rng.chance(80) {
                season["xp_multiplier"] = rng.pick(&[json!(1.2), json!("1.5"), json!(1), json!(0.8), json!(2)]);
            }
            seasons.push(season);
            // often without a gap
            start = end + rng.pick(&[0, 0, 12 * HOUR, 2 * DAY]);
        }
    }
    let season_ids: Vec<String> = ids(&seasons);

    let count = rng.range(1, 6);
    let mut quest_ids: Vec<String> = (1..=count).map(|n| format!("q{n}")).collect();
    rng.shuffle(&mut quest_ids);
    let quests: Vec<Value> =
        quest_ids.iter().enumerate().map(|(i, id)| quest(rng, id, i, &quest_ids, &season_ids, slice)).collect();
    let used = used_metrics(&quests);

    if !slice {
        let titles: Vec<Value> = (1..=rng.range(0, 5)).map(|n| title(rng, n, &quest_ids, &used)).collect();
        let title_ids = ids(&titles);
        let bosses: Vec<Value> =
            (1..=rng.range(0, 2)).map(|n| boss(rng, n, &quest_ids, &title_ids, &season_ids)).collect();
        let dungeons: Vec<Value> = (1..=rng.range(0, 2)).map(|n| dungeon(rng, n, &quest_ids, &season_ids)).collect();
        doc["titles"] = json!(titles);
        doc["bosses"] = json!(bosses);
        doc["dungeons"] = json!(dungeons);
        doc["seasons"] = json!(seasons);
    }
    doc["quests"] = json!(quests);
    doc
}

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().map(|v| v["id"].as_str().expect("id").to_string()).collect()
}

fn used_metrics(quests: &[Value]) -> Vec<String> {
    let mut used = std::collections::BTreeSet::new();
    for q in quests {
        used.extend(super::requirement::reads(&q["requirements"]));
    }
    used.into_iter().collect()
}

fn curve(rng: &mut Rng) -> Value {
    rng.pick(&[
        json!({"family": "table", "thresholds": [0, 20, 50, 90], "step": 40}),
        json!({"family": "table", "thresholds": [0, 100], "step": 1, "max_level": 30}),
        json!({"family": "geometric", "first": 30, "ratio": "1.2"}),
        json!({"family": "geometric", "first": 10, "ratio": 1.15, "max_level": 25}),
        json!({"family": "power", "base": 10, "p": 3, "max_level": 1000}),
        json!({"family": "power", "base": 7, "p": 2, "max_level": 500}),
        json!({"family": "polynomial", "coefficients": [0, 5, "2.5"]}),
        json!({"family": "polynomial", "coefficients": ["0.5", 11]}),
        json!({"family": "polynomial", "coefficients": [0, 25, 57.5], "max_level": 4}),
    ])
}

fn modifiers(rng: &mut Rng) -> Value {
    let mut m = json!({});
    if rng.chance(80) {
        let mut tiers = Vec::new();
        let mut days = 0;
        for _ in 0..rng.range(0, 4) {
            days += rng.range(1, 3);
            let multiplier = rng.pick(&[
                json!("1.1"),
                json!(1.15),
                json!(1.25),
                json!("1.333333"),
                json!(1),
                json!("0.75"),
                json!(2),
                json!(0),
            ]);
            tiers.push(json!({"days": days, "multiplier": multiplier}));
        }
        m["streak_tiers"] = json!(tiers);
    }
    if rng.chance(60) {
        m["weekend_multiplier"] = rng.pick(&[json!("1.1"), json!(1.25), json!(1), json!("0.9"), json!("1.000001")]);
    }
    if rng.chance(60) {
        m["debuff_multiplier"] = rng.pick(&[json!("0.9"), json!(0.5), json!(1), json!(0)]);
    }
    if rng.chance(70) {
        m["stacking"] = json!(rng.pick(&["SEQUENTIAL", "ADDITIVE", "HIGHEST"]));
    }
    if rng.chance(50) {
        m["max_multiplier"] = rng.pick(&[Value::Null, json!(1), json!("1.2"), json!(1.5), json!(3)]);
    }
    if rng.chance(20) {
        m["sources"] = rng.pick(&[
            json!({"MANUAL_ADJUSTMENT": "EARNED"}),
            json!({"STREAK_BONUS": "EARNED", "TITLE_BONUS": "EARNED"}),
            json!({"QUEST_COMPLETION": "GRANTED"}),
            json!({"SEASON_BONUS": "EARNED", "BOSS_DEFEAT": "GRANTED"}),
        ]);
    }
    if rng.chance(30) {
        let mut order = super::modifiers::BONUS_TYPES;
        rng.shuffle(&mut order);
        m["bonus_order"] = json!(order);
    }
    if rng.chance(30) {
        let mut order = super::modifiers::BONUS_TYPES;
        rng.shuffle(&mut order);
        m["penalty_order"] = json!(order);
        // with something to order
        m["weekend_multiplier"] = rng.pick(&[json!("0.9"), json!("0.333333")]);
    }
    m
}

/// A small measurement.
fn measure(rng: &mut Rng) -> Value {
    match rng.range(0, 9) {
        0 => json!(0),
        1 => json!(rng.range(0, 20) as f64 / 2.0),
        2 => json!(rng.range(-3, 30) as f64 / 10.0),
        _ => json!(rng.range(0, 12)),
    }
}

fn leaf(rng: &mut Rng) -> Value {
    match rng.range(0, 9) {
        0 | 1 => {
            json!({"type": "boolean", "metric": rng.pick(&BOOLEAN), "value": rng.chance(60)})
        }
        2 => {
            let min = rng.range(0, 6);
            json!({
                "type": "between", "metric": rng.pick(&NUMERIC),
                "min": min, "max": min + rng.range(0, 6)
            })
        }
        n => {
            let op = if n < 7 { ">=" } else { rng.pick(&["<=", ">", "<", "==", "!="]) };
            json!({"type": "numeric", "metric": rng.pick(&NUMERIC), "op": op, "value": measure(rng)})
        }
    }
}

fn op_leaf(rng: &mut Rng, metric: &str, value: Value) -> Value {
    let op = if rng.chance(75) { ">=" } else { rng.pick(&["<=", ">", "<", "==", "!="]) };
    json!({"type": "numeric", "metric": metric, "op": op, "value": value})
}

/// On the metrics of section 6.
fn derived_leaf(rng: &mut Rng, quests: &[String]) -> Value {
    let numeric = rng.pick(&NUMERIC);
    match rng.range(0, 15) {
        0 => op_leaf(rng, "level", json!(2)),
        1 => op_leaf(rng, "total_xp", json!(100)),
        2 => op_leaf(rng, "current_streak", json!(1)),
        3 => op_leaf(rng, "perfect_streak", json!(1)),
        4 => op_leaf(rng, "longest_streak", json!(2)),
        5 => {
            let stat = rng.pick(&["str", "agi", "vit", "disc"]);
            let value = json!(rng.range(10, 14));
            op_leaf(rng, stat, value)
        }
        6 => {
            let value = json!(rng.range(0, 4));
            op_leaf(rng, "days_since_start", value)
        }
        7 => {
            let value = rng.pick(&[json!(0), json!(0.5), json!(0.75), json!(1)]);
            op_leaf(rng, "daily_completion_rate", value)
        }
        8 => op_leaf(rng, "perfect_days", json!(1)),
        9 => op_leaf(rng, "dungeon_clears", json!(1)),
        10 => op_leaf(rng, "boss_victories", json!(1)),
        11 => {
            let quest = rng.pick(quests);
            let value = json!(rng.range(1, 3));
            op_leaf(rng, &format!("completions.{quest}"), value)
        }
        12 | 13 => {
            let value = json!(rng.range(3, 25));
            op_leaf(rng, &format!("sum.{numeric}"), value)
        }
        14 => {
            let value = json!(rng.range(1, 3));
            op_leaf(rng, &format!("days.{numeric}"), value)
        }
        _ => {
            let value = json!(rng.range(3, 10));
            op_leaf(rng, &format!("max.{numeric}"), value)
        }
    }
}

fn tree(rng: &mut Rng, depth: u32, leaf: &dyn Fn(&mut Rng) -> Value) -> Value {
    match rng.range(0, 9) {
        0..=2 if depth > 0 => {
            let logic = rng.pick(&["AND", "OR"]);
            let list: Vec<Value> = (0..rng.range(1, 3)).map(|_| tree(rng, depth - 1, leaf)).collect();
            json!({"type": "compound", "logic": logic, "requirements": list})
        }
        3 if depth > 0 => json!({"type": "not", "requirement": tree(rng, depth - 1, leaf)}),
        _ => leaf(rng),
    }
}

fn quest(rng: &mut Rng, id: &str, place: usize, quests: &[String], seasons: &[String], slice: bool) -> Value {
    let kind = if slice || place == 0 || rng.chance(45) {
        "DAILY"
    } else {
        rng.pick(&["WEEKLY", "WEEKLY", "DUNGEON", "BOSS"])
    };
    let requirements = tree(rng, 2, &|rng: &mut Rng| {
        let derived = !slice && rng.chance(if kind == "WEEKLY" { 60 } else { 20 });
        if derived { derived_leaf(rng, quests) } else { leaf(rng) }
    });
    let mut q = json!({
        "id": id,
        "name": format!("Quest {id}"),
        "description": "something to do",
        "type": kind,
        "category": rng.pick(&["MOVEMENT", "STRENGTH", "RECOVERY", "NUTRITION", "DISCIPLINE"]),
        "requirements": requirements,
        "base_xp": rng.pick(&[0, 1, 7, 10, 25, 33, 50, 99, 100, 250]),
    });
    if rng.chance(3) {
        q["base_xp"] = json!(q["base_xp"].to_string());
    }
    if rng.chance(75) {
        q["is_core"] = json!(rng.chance(85));
    }
    if rng.chance(40) {
        q["stat_affected"] = json!(rng.pick(&STATS));
        if rng.chance(50) {
            q["stat_gain"] = json!(rng.range(1, 3));
        }
    }
    if rng.chance(45) {
        q["partial_reward"] = json!({"threshold": measure(rng), "xp": rng.range(0, 40)});
    }
    if kind == "WEEKLY" && rng.chance(50) {
        q["partial_reward"] = json!({"threshold": rng.range(0, 15), "xp": rng.range(0, 40)});
    }
    // a season that starts within a week opens its weekly quests then
    if !seasons.is_empty() && rng.chance(if kind == "WEEKLY" { 50 } else { 25 }) {
        q["season_id"] = json!(rng.pick(seasons));
    }
    if rng.chance(1) {
        q["base_xp"] = json!(rng.pick(&[2_000_000_000, i64::from(i32::MAX)]));
    }
    if rng.chance(1) {
        q["stat_affected"] = json!(rng.pick(&STATS));
        q["stat_gain"] = json!(rng.pick(&[1_000_000_000, i64::from(i32::MAX) - 10, i64::from(i32::MAX)]));
    }
    q
}

fn metric_or_quest(rng: &mut Rng, quests: &[String], used: &[String]) -> Map<String, Value> {
    let mut map = Map::new();
    if used.is_empty() || rng.chance(50) {
        map.insert("quest".into(), json!(rng.pick(quests)));
    } else {
        map.insert("metric".into(), json!(rng.pick(used)));
    }
    map
}

/// Mostly short; now and then a month or all there is.
fn window_days(rng: &mut Rng) -> Value {
    match rng.range(0, 19) {
        0 => json!(30),
        1 => json!(100_000),
        _ => json!(rng.range(1, 5)),
    }
}

fn condition(rng: &mut Rng, depth: u32, quests: &[String], used: &[String]) -> (&'static str, Value) {
    match rng.range(0, 11) {
        0 | 1 => {
            let mut c = json!({"days": rng.range(1, 4)});
            if rng.chance(60) {
                c["streak"] = json!(rng.pick(&["current", "perfect", "longest"]));
            }
            ("STREAK_DAYS", c)
        }
        2 | 3 => {
            let mut c = metric_or_quest(rng, quests, used);
            c.insert("count".into(), json!(rng.range(1, 4)));
            ("CUMULATIVE_COUNT", Value::Object(c))
        }
        4 | 5 => {
            let mut c = metric_or_quest(rng, quests, used);
            c.insert("count".into(), json!(rng.range(1, 3)));
            c.insert("window_days".into(), window_days(rng));
            ("TIME_WINDOW", Value::Object(c))
        }
        6 | 7 => {
            let event = rng.pick(&[
                "QUEST_COMPLETED",
                "BOSS_VICTORY",
                "DUNGEON_CLEARED",
                "LEVEL_UP",
                "PERFECT_DAY",
                "STREAK_BROKEN",
            ]);
            ("EVENT_COUNT", json!({"event": event, "count": rng.range(1, 3)}))
        }
        8 if depth > 0 => {
            let list: Vec<Value> = (0..rng.range(1, 3))
                .map(|_| {
                    let (kind, mut c) = condition(rng, depth - 1, quests, used);
                    c["type"] = json!(kind);
                    c
                })
                .collect();
            let logic = rng.pick(&["AND", "OR"]);
            ("COMPOUND", json!({"logic": logic, "conditions": list}))
        }
        _ => {
            let c = match rng.range(0, 4) {
                0 => json!({"special": "ACCOUNT_CREATION"}),
                1 => json!({"special": "FIRST_OF_MONTH"}),
                2 | 3 => json!({"special": "LEVEL", "level": rng.range(2, 5)}),
                _ => json!({"special": "beta_tester"}),
            };
            ("SPECIAL", c)
        }
    }
}

fn title(rng: &mut Rng, n: i64, quests: &[String], used: &[String]) -> Value {
    let (kind, mut config) = condition(rng, 2, quests, used);
    if rng.chance(20) {
        let mut regression = metric_or_quest(rng, quests, used);
        regression.insert("misses".into(), json!(rng.range(1, 3)));
        regression.insert("window_days".into(), window_days(rng));
        config["regression"] = Value::Object(regression);
    }
    let mut t = json!({
        "id": format!("title-{n}"),
        "name": format!("Title {n}"),
        "description": "a title",
        "system_message": "you have earned a title",
        "condition_type": kind,
    });
    if rng.chance(80) {
        let (passive, value) = match rng.range(0, 3) {
            0 => ("FLAT_XP_BONUS", rng.pick(&[json!(0), json!(1), json!(5), json!(50)])),
            1 => (
                "PERCENT_XP_BONUS",
                rng.pick(&[
                    json!(5),
                    json!(12.5),
                    json!(-10),
                    json!(33.33333),
                    json!(-33.33333),
                    json!(0),
                    json!(100),
                    json!(-100),
                ]),
            ),
            2 => {
                config["stat"] = json!(rng.pick(&STATS));
                ("STAT_BONUS", json!(rng.range(1, 4)))
            }
            _ => ("DEBUFF_REDUCTION", rng.pick(&[json!(0.5), json!(50), json!(1), json!(0.333333), json!(100)])),
        };
        t["passive_type"] = json!(passive);
        t["passive_value"] = value;
    }
    t["condition_config"] = config;
    if rng.chance(50) {
        t["can_regress"] = json!(rng.chance(60));
    }
    if rng.chance(30) {
        t["rarity"] = json!(rng.pick(&["COMMON", "RARE", "LEGENDARY"]));
    }
    t
}

fn boss(rng: &mut Rng, n: i64, quests: &[String], titles: &[String], seasons: &[String]) -> Value {
    let phases: Vec<Value> = (1..=rng.range(1, 3))
        .map(|number| {
            let requirements = if rng.chance(50) {
                let mut r = Map::new();
                if rng.chance(40) {
                    let rate = rng.pick(&[json!(0), json!(0.5), json!(1)]);
                    r.insert("dailyCompletionRate".into(), rate);
                }
                if rng.chance(30) {
                    r.insert("perfectDays".into(), json!(rng.range(0, 2)));
                }
                if rng.chance(20) {
                    r.insert("dungeonClears".into(), json!(rng.range(0, 1)));
                }
                if r.is_empty() || rng.chance(20) {
                    r.insert("streak".into(), json!(rng.range(0, 2)));
                }
                Value::Object(r)
            } else {
                // a raw metric is that of the phase's last day
                tree(rng, 1, &|rng: &mut Rng| if rng.chance(25) { leaf(rng) } else { derived_leaf(rng, quests) })
            };
            json!({
                "phase_number": number,
                "name": format!("Phase {number}"),
                "description": "a phase",
                "requirements": requirements,
                "duration_days": rng.range(1, 3),
            })
        })
        .collect();
    let mut b = json!({
        "id": format!("boss-{n}"),
        "name": format!("Boss {n}"),
        "description": "a boss",
        "intro_monologue": "so you came",
        "defeat_message": "well fought",
        "difficulty": rng.pick(&["NORMAL", "HARD", "NIGHTMARE"]),
        "xp_reward": rng.range(0, 300),
        "phases": phases,
    });
    if rng.chance(50) {
        b["required_level"] = json!(rng.range(1, 2));
    }
    if rng.chance(60) {
        b["max_phase_retries"] = json!(rng.range(0, 2));
    }
    if !titles.is_empty() && rng.chance(50) {
        b["title_reward_id"] = json!(rng.pick(titles));
    }
    if !seasons.is_empty() && rng.chance(25) {
        b["season_id"] = json!(rng.pick(seasons));
    }
    b
}

fn dungeon(rng: &mut Rng, n: i64, quests: &[String], seasons: &[String]) -> Value {
    let requirements = match rng.range(0, 6) {
        0 => json!({}),
        1 | 2 => json!({"minLevel": rng.range(1, 2)}),
        3 => json!({"levelRequired": rng.range(1, 3)}),
        4 => derived_leaf(rng, quests),
        _ => tree(rng, 1, &|rng: &mut Rng| if rng.chance(50) { derived_leaf(rng, quests) } else { leaf(rng) }),
    };
    let with_xp = rng.chance(50);
    let challenges: Vec<Value> = (1..=rng.range(1, 3))
        .map(|number| {
            // sum. and max. read what was observed inside, other windowed metrics the days since the entry
            let requirement =
                tree(rng, 1, &|rng: &mut Rng| if rng.chance(25) { derived_leaf(rng, quests) } else { leaf(rng) });
            let mut c = json!({"name": format!("Challenge {number}"), "requirement": requirement});
            if with_xp && rng.chance(60) {
                c["xp"] = json!(rng.range(0, 80));
            }
            c
        })
        .collect();
    let mut d = json!({
        "id": format!("dungeon-{n}"),
        "name": format!("Dungeon {n}"),
        "description": "a dungeon",
        "difficulty": rng.pick(&["E_RANK", "E_RANK", "D_RANK", "C_RANK", "B_RANK", "A_RANK", "S_RANK"]),
        "requirements": requirements,
        "challenges": challenges,
        "duration_minutes": rng.pick(&[1, 5, 60, 240, 720, 1440, 3000]),
    });
    if rng.chance(60) {
        d["xp_multiplier"] = rng.pick(&[json!(1.5), json!("2"), json!(1), json!(0.5), json!(3)]);
    }
    if rng.chance(80) {
        d["cooldown_hours"] = json!(rng.pick(&[0, 1, 2, 6, 24]));
    }
    if !seasons.is_empty() && rng.chance(20) {
        d["season_id"] = json!(rng.pick(seasons));
    }
    d
}

// ---------------------------------------------------------------- commands

/// Adds measurements under which a requirement on reported metrics (probably) holds, or does not.
fn satisfy(rng: &mut Rng, r: &Value, wanted: bool, metrics: &mut Map<String, Value>) {
    let name = r["metric"].as_str().unwrap_or_default();
    let name = super::requirement::reported_behind(name).unwrap_or_default();
    let reported = NUMERIC.contains(&name) || BOOLEAN.contains(&name);
    match r["type"].as_str().expect("type") {
        "compound" => {
            for child in r["requirements"].as_array().expect("requirements") {
                satisfy(rng, child, wanted, metrics);
            }
        }
        "not" => satisfy(rng, &r["requirement"], !wanted, metrics),
        "boolean" if reported => {
            let value = r["value"].as_bool().expect("a flag") == wanted;
            metrics.insert(name.to_string(), json!(value));
        }
        "between" if reported => {
            let end = if rng.chance(50) { "min" } else { "max" };
            let out = if end == "min" { -0.5 } else { 0.5 };
            let value = super::requirement::number(&r[end]) + if wanted { 0.0 } else { out };
            metrics.insert(name.to_string(), json!(value));
        }
        "numeric" if reported => {
            let target = super::requirement::number(&r["value"]);
            let step = rng.pick(&[0.5, 1.0, 2.5]);
            let value = match (r["op"].as_str().expect("op"), wanted) {
                (">=" | "==" | "<=", true) | (">" | "<" | "!=", false) => target,
                (">" | "!=", true) | ("<=" | "==", false) => target + step,
                _ => target - step,
            };
            metrics.insert(name.to_string(), json!(value));
        }
        _ => {}
    }
}

struct Play {
    rng: Rng,
    /// The model plays along, so that times and targets can be chosen where it matters.
    guide: Player,
    ruleset: Value,
    begin: i64,
    slice: bool,
    /// Weeks and months pass, so that old days leave the windows and the engine's memory.
    long: bool,
    /// Adjustments and grants sent so far.
    paid: Vec<Value>,
    last_report: Option<Value>,
}

impl Play {
    fn steps(mut self, size: usize) -> Vec<Value> {
        let mut steps = Vec::new();
        for _ in 0..size {
            let step = self.step();
            // refused or not, the next one starts from what was accepted last
            let _ = self.guide.step(&step);
            steps.push(step);
        }
        steps
    }

    fn now(&self) -> i64 {
        self.guide.last_at.unwrap_or(self.begin)
    }

    /// Instants from now on at which something is about to happen.
    fn interesting(&mut self) -> Vec<i64> {
        let now = self.now();
        let g = &self.guide;
        let mut list = Vec::new();
        let grace = g.rules.grace_minutes * MINUTE;
        if !g.days.is_empty() {
            for i in 0..g.days.len() {
                if g.days[i].closed.is_none() {
                    let end = g.end_of_day(i);
                    list.extend([end, end + grace, end, end + grace]);
                }
            }
            let (following, first_instant) = g.following_day();
            let end = g.end_of_date(following);
            list.extend([first_instant + grace, end, end + grace]);
        }
        if let Some(deadline) = g.dungeon_deadline() {
            list.extend([deadline; 5]);
        } else {
            // entered then, a dungeon's deadline meets the end of a day or of its grace
            let ends = list.clone();
            for d in &g.rules.dungeons {
                list.extend(ends.iter().map(|end| end - d.minutes * MINUTE));
            }
        }
        if let Some(last) = g.dungeons.last()
            && let Some(t) = last.completed_at
        {
            let d = g.rules.dungeons.iter().find(|d| d.id == last.dungeon);
            list.extend([t + d.expect("a dungeon").cooldown_hours * HOUR; 3]);
        }
        if let Some(until) = g.debuff_active_until() {
            list.extend([until, until]);
        }
        for s in &g.rules.seasons {
            list.extend([s.start, s.end]);
        }
        let tz = zone(&g.timezone).expect("a zone");
        list.extend(clock_changes(tz, now, now + 4 * DAY));
        list.retain(|t| *t >= now && *t < now + 40 * DAY);
        list
    }

    fn next_at(&mut self) -> i64 {
        let now = self.now();
        // a dungeon wants to be played before it is over
        if let Some(deadline) = self.guide.dungeon_deadline()
            && deadline >= now
            && self.rng.chance(65)
        {
            return match self.rng.range(0, 5) {
                0 => now,
                1 => deadline,
                _ => now + self.rng.range(0, deadline - now),
            };
        }
        if self.long && self.rng.chance(12) {
            return now + self.rng.range(10, 60) * DAY;
        }
        match self.rng.range(0, 99) {
            0..=39 => {
                let list = self.interesting();
                if list.is_empty() {
                    return now;
                }
                let t = self.rng.pick(&list) + self.rng.pick(&[-1, 0, 0, 1, 1, -MINUTE, MINUTE]);
                t.max(now)
            }
            40..=49 => now,
            50..=74 => now + self.rng.range(0, 180) * MINUTE,
            75..=92 => now + self.rng.range(1, 30) * HOUR + self.rng.range(0, 59) * MINUTE,
            93..=98 => now + self.rng.range(1, 4) * DAY + self.rng.range(0, 999_999),
            _ => now + self.rng.range(5, 20) * DAY,
        }
    }

    fn step(&mut self) -> Value {
        let at = self.next_at();
        let in_dungeon = self.guide.dungeon_deadline().is_some();
        let mut step = match self.rng.range(0, 99) {
            28..=70 if in_dungeon => self.adventure(),
            0..=11 => json!({"do": "advance"}),
            12..=17 => self.pay("adjust_xp"),
            18..=22 => self.pay("grant_xp"),
            23..=27 => self.move_zone(),
            28..=50 if !self.slice => self.adventure(),
            51..=55 if self.last_report.is_some() => {
                // the same report once more
                self.last_report.clone().expect("a report")
            }
            _ => self.report(at),
        };
        step["at"] = json!(instant_text(at));
        // never before the last command: only with steps that are valid otherwise
        if self.guide.last_at.is_some() && self.rng.chance(3) && self.guide.clone().step(&step).is_ok() {
            let before = self.now() - self.rng.pick(&[1, MINUTE, DAY]);
            if step["observed_at"].is_null() {
                step["at"] = json!(instant_text(before));
            }
        }
        step
    }

    fn move_zone(&mut self) -> Value {
        let name = if self.rng.chance(6) {
            self.rng.pick(&["Mars/Olympus", "", "+02:00", "europe/berlin"])
        } else if self.rng.chance(30) {
            // as far as possible
            self.rng.pick(&["Pacific/Kiritimati", "Etc/GMT+12", "Pacific/Apia"])
        } else {
            self.rng.pick(&ZONES)
        };
        json!({"do": "set_timezone", "timezone": name})
    }

    fn pay(&mut self, what: &str) -> Value {
        if !self.paid.is_empty() && self.rng.chance(20) {
            let mut again = self.rng.pick(&self.paid.clone());
            if self.rng.chance(30) {
                let amount = int(&again["amount"]);
                again["amount"] =
                    json!(if amount >= i64::from(i32::MAX) { 1 } else { amount.saturating_abs().saturating_add(1) });
            }
            return again;
        }
        let id = format!("pay-{}", self.paid.len());
        let mut step = if what == "adjust_xp" {
            let amount = match self.rng.range(0, 19) {
                0 => i64::from(i32::MAX),
                1 => -i64::from(i32::MAX),
                2 => 0,
                3 => self.huge(),
                4..=9 => -self.rng.range(1, 200),
                _ => self.rng.range(1, 200),
            };
            json!({"do": "adjust_xp", "id": id, "amount": amount, "reason": "by hand"})
        } else {
            let mut step = json!({
                "do": "grant_xp",
                "id": id,
                "source": self.rng.pick(&["STREAK_BONUS", "SEASON_BONUS", "TITLE_BONUS"]),
                "amount": self.rng.range(1, 90),
                "reason": "a present",
            });
            match self.rng.range(0, 29) {
                0 => step["amount"] = json!(self.rng.pick(&[0, -1, i64::MIN])),
                1 => step["amount"] = json!(self.huge().saturating_abs()),
                _ => {}
            }
            if self.rng.chance(50) {
                step["source_id"] = json!(format!("origin-{}", self.rng.range(1, 2)));
            }
            step
        };
        let beyond = int(&step["amount"]).unsigned_abs() >= 1 << 53;
        if beyond || self.rng.chance(5) {
            // readers accept both forms for every integer
            step["amount"] = json!(int(&step["amount"]).to_string());
        }
        if self.rng.chance(2) {
            let field = self.rng.pick(&["id", "reason"]);
            step[field] = json!("a\u{0}b");
            step["amount"] = json!(5);
            return step;
        }
        self.paid.push(step.clone());
        step
    }

    /// At and beyond the ends of an event's 32 bits and a total's 64.
    fn huge(&mut self) -> i64 {
        self.rng.pick(&[
            i64::from(i32::MAX) + 1,
            i64::from(i32::MIN),
            i64::from(i32::MIN) - 1,
            (1 << 53) - 1,
            1 << 53,
            i64::MAX,
            -i64::MAX,
        ])
    }

    /// Random measurements, or such as would satisfy most of what is asked.
    fn metrics(&mut self, asked: &[Value]) -> Value {
        let mut metrics = Map::new();
        if self.rng.chance(60) {
            for requirement in asked {
                if self.rng.chance(85) {
                    satisfy(&mut self.rng, requirement, true, &mut metrics);
                }
            }
            if !metrics.is_empty() {
                return Value::Object(metrics);
            }
        }
        for _ in 0..self.rng.range(1, 5) {
            if self.rng.chance(70) {
                let name = self.rng.pick(&NUMERIC);
                metrics.insert(name.to_string(), measure(&mut self.rng));
            } else {
                let name = self.rng.pick(&BOOLEAN);
                metrics.insert(name.to_string(), json!(self.rng.chance(60)));
            }
        }
        if self.rng.chance(8) {
            // no rule reads these, so they have no kind
            let name =
                self.rng.pick(&["mood.today", "summer", "days_off", "max", "completions", "levels", LONGEST_NAME]);
            let value = if self.rng.chance(80) { json!(self.rng.range(0, 9)) } else { json!(self.rng.chance(50)) };
            metrics.insert(name.to_string(), value);
        }
        Value::Object(metrics)
    }

    /// At most one thing is wrong with a report, so that every refusal has one code.
    fn report(&mut self, at: i64) -> Value {
        let asked: Vec<Value> = self.guide.rules.quests.iter().map(|q| q.requirements.clone()).collect();
        let mut step = json!({"do": "report", "metrics": self.metrics(&asked)});
        let at = at.max(self.now());
        match self.rng.range(0, 59) {
            0 => {
                step["observed_at"] = json!(instant_text(at + self.rng.pick(&[1, DAY])));
                return step;
            }
            1 => {
                step["metrics"] = self.invalid_metrics();
                return step;
            }
            2 => {
                // the wrong kind, if any rule reads it
                step["metrics"] = self.rng.pick(&[json!({"steps": true}), json!({"sober": 1})]);
                return step;
            }
            3 => {
                step["day"] = json!(self.rng.pick(&["2001-02-03", "2199-12-31"]));
                return step;
            }
            _ => {}
        }
        if !self.guide.days.is_empty() && self.rng.chance(40) {
            // late, closed, current, tomorrow: as the guide would see it at `at`
            let mut then = self.guide.clone();
            if then.step(&json!({"do": "advance", "at": instant_text(at)})).is_ok() {
                let open = then.open_day();
                let day = match self.rng.range(0, 9) {
                    0 => next_date(open),
                    1 => open,
                    2 => then.days[self.rng.range(0, then.days.len() as i64 - 1) as usize].date,
                    3 => open - Days::new(self.rng.range(1, 3) as u64),
                    _ => then.days.iter().find(|d| d.closed.is_none()).map_or(open, |d| d.date),
                };
                step["day"] = json!(date_text(day));
            }
        }
        if self.rng.chance(40) {
            let back = self.rng.pick(&[0, 1, MINUTE, HOUR, 5 * HOUR, DAY]);
            step["observed_at"] = json!(instant_text(at - back));
        }
        if !self.slice && self.rng.chance(8) {
            step["specials"] = json!([self.rng.pick(&["beta_tester", "beta_tester", "founder", "a\u{0}b"])]);
        }
        self.last_report = Some(step.clone());
        step
    }

    /// A reserved or malformed name.
    fn invalid_metrics(&mut self) -> Value {
        let too_long = format!("{LONGEST_NAME}5");
        let name = self.rng.pick(&[
            "level",
            "total_xp",
            "str",
            "sum.steps",
            "max.x",
            "days.steps",
            "completions.q1",
            "perfect_days",
            "sum.",
            "Steps",
            "9lives",
            "_steps",
            ".steps",
            "a-b",
            "sch\u{f6}n",
            "a b",
            "",
            &too_long,
        ]);
        let value = if self.rng.chance(80) { json!(1) } else { json!(true) };
        json!({name: value})
    }

    fn some_id(&mut self, section: &str, wrong: u64) -> String {
        let known = ids(self.ruleset[section].as_array().expect("a section"));
        if known.is_empty() || self.rng.chance(wrong) { "nobody".to_string() } else { self.rng.pick(&known) }
    }

    /// Titles, bosses, dungeons, seasons.
    fn adventure(&mut self) -> Value {
        let in_dungeon = self.guide.dungeon_deadline().is_some();
        let in_fight = self.guide.bosses.iter().any(|b| b.status == "IN_PROGRESS");
        let none = |list: &str| self.ruleset[list].as_array().is_none_or(Vec::is_empty);
        let (no_bosses, no_dungeons, no_titles, no_seasons) =
            (none("bosses"), none("dungeons"), none("titles"), none("seasons"));
        for _ in 0..3 {
            match self.rng.range(0, 20) {
                0..=7 if in_dungeon => {
                    let mut step = self.play_dungeon();
                    // observed from the entry on; the caller sets `at` to now or later
                    if self.rng.chance(50) {
                        let now = self.now();
                        let a = self.guide.dungeons.last().expect("an attempt").clone();
                        let t = match self.rng.range(0, 6) {
                            0 => a.entered_at - 1,
                            1 => a.entered_at,
                            2 => self.guide.dungeon_deadline().expect("one"),
                            3 => self.guide.dungeon_deadline().expect("one") + 1,
                            _ => a.entered_at.max(now - self.rng.range(0, 90) * MINUTE),
                        };
                        step["observed_at"] = json!(instant_text(t));
                    }
                    return step;
                }
                0 if !in_dungeon && self.rng.chance(15) => {
                    return json!({"do": "report_dungeon", "metrics": {"steps": 1}});
                }
                8 if in_dungeon || self.rng.chance(5) => return json!({"do": "forfeit_dungeon"}),
                9..=12 if !in_dungeon && !no_dungeons || self.rng.chance(5) => {
                    let id = self.some_id("dungeons", 3);
                    return json!({"do": "enter_dungeon", "dungeon": id});
                }
                13..=14 if !in_fight && !no_bosses || self.rng.chance(5) => {
                    let id = self.some_id("bosses", 3);
                    return json!({"do": "start_boss", "boss": id});
                }
                15 if in_fight && self.rng.chance(30) || self.rng.chance(3) => {
                    return json!({"do": "abandon_boss"});
                }
                16..=18 if !no_titles || self.rng.chance(5) => {
                    let held: Vec<String> =
                        self.guide.titles.iter().filter(|t| t.revoked_at.is_none()).map(|t| t.title.clone()).collect();
                    if self.rng.chance(15) {
                        return json!({"do": "equip_title", "title": null});
                    }
                    let id = if held.is_empty() || self.rng.chance(15) {
                        self.some_id("titles", 10)
                    } else {
                        self.rng.pick(&held)
                    };
                    return json!({"do": "equip_title", "title": id});
                }
                19 if !no_seasons || self.rng.chance(5) => {
                    let id = self.some_id("seasons", 5);
                    return json!({"do": "join_season", "season": id});
                }
                _ => {}
            }
        }
        if in_dungeon { self.play_dungeon() } else { json!({"do": "advance"}) }
    }

    fn play_dungeon(&mut self) -> Value {
        let id = self.guide.dungeons.last().expect("an attempt").dungeon.clone();
        let dungeon = self.guide.rules.dungeons.iter().find(|d| d.id == id);
        let asked: Vec<Value> = dungeon.expect("a dungeon").challenges.iter().map(|(r, _)| r.clone()).collect();
        let metrics = match self.rng.range(0, 39) {
            0 => self.invalid_metrics(),
            1 => self.rng.pick(&[json!({"steps": true}), json!({"sober": 1})]),
            2 => json!({}),
            _ => self.metrics(&asked),
        };
        json!({"do": "report_dungeon", "metrics": metrics})
    }
}
