//! Two weeks of a player's life with a bit of everything, told whole: every event, every row, every view. What no other test looks
//! at is looked at here; where a rule changes, `LEVELKIT_RECORD=1 cargo test -p levelkit --test life` writes the life down anew, to be
//! read again before it is committed.
#![allow(clippy::unwrap_used, clippy::panic)] // what a test expects

use std::fmt::{Debug, Write as _};
use std::path::Path;
use std::sync::Arc;

use levelkit::ledger::{Unsealed, verify};
use levelkit::{Command, Engine, GrantSource, Instant, Metrics, Player, Refusal, Row, Ruleset, Xp, Zone};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Minutes after a Monday morning.
fn minutes(minutes: i64) -> Instant {
    let begin: Instant = "2026-03-02T07:00:00Z".parse().unwrap();
    begin.plus_micros(minutes * 60_000_000)
}

fn report<const N: usize>(metrics: [(&str, f64); N]) -> Command {
    let metrics = Metrics::from(metrics.map(|(name, value)| (name, value.into())));
    Command::Report { day: None, observed_at: None, metrics, specials: vec![] }
}

/// A day's commands, and when they come.
fn commands_of(day: i64) -> Vec<(Instant, Command)> {
    let noon = day * 1440 + 300;
    let steps = [9000.0, 12000.0, 5000.0, 8500.0, 300.0][usize::try_from(day % 5).unwrap()];
    let lifted = Metrics::from([("reps", 55.0.into()), ("warm_up", (day % 4 != 3).into())]);
    let specials = if day == 4 { vec!["party".to_owned()] } else { vec![] };
    let dungeon = if day % 3 == 0 { "tower" } else { "cave" };
    let adjust = Command::AdjustXp {
        id: format!("a{day}"),
        amount: Xp(if day % 2 == 0 { 40 } else { -25 }),
        reason: "because".to_owned(),
    };
    let title = ["newborn", "steady", "guest"][usize::try_from(day % 3).unwrap()];
    let mut commands = vec![
        (noon, report([("steps", steps), ("sleep.hours", 7.5)])),
        (noon + 1, Command::StartBoss { boss: "ogre".to_owned() }),
        (noon + 2, Command::EnterDungeon { dungeon: dungeon.to_owned() }),
        (noon + 30, Command::ReportDungeon { observed_at: None, metrics: Metrics::from([("steps", 20.0.into())]) }),
        (noon + 30, Command::ReportDungeon { observed_at: None, metrics: Metrics::from([("steps", 20.0.into())]) }),
        (noon + 60, Command::Report { day: None, observed_at: None, metrics: lifted, specials }),
        (
            noon + 90,
            Command::ReportDungeon {
                observed_at: None,
                metrics: Metrics::from([("steps", 700.0.into()), ("reps", 9.0.into())]),
            },
        ),
        (noon + 100, adjust),
        (noon + 101, Command::EquipTitle { title: Some(title.to_owned()) }),
    ];
    if day == 6 {
        commands.push((noon + 102, Command::SetTimezone { timezone: "America/New_York".to_owned() }));
    }
    if day == 9 {
        let (id, source) = ("gift".to_owned(), GrantSource::SeasonBonus);
        commands.push((
            noon + 103,
            Command::GrantXp { id, source, amount: Xp(5), source_id: None, reason: "gift".to_owned() },
        ));
        commands.push((noon + 104, Command::AbandonBoss {}));
        commands.push((noon + 105, Command::ForfeitDungeon {}));
    }
    commands.into_iter().map(|(at, command)| (minutes(at), command)).collect()
}

#[test]
fn a_life_is_as_it_was_written_down() {
    let ruleset = Arc::new(Ruleset::from_json(include_str!("life/world.json")).unwrap());
    let engine = Engine::new(ruleset);
    let mut player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
    let (mut told, mut rows, mut views) = (String::new(), String::new(), String::new());
    // Three days without a word in the middle.
    for day in (0..8).chain(11..16) {
        for (at, command) in commands_of(day) {
            writeln!(told, "{at} {}", serde_json::to_string(&command).unwrap()).unwrap();
            match engine.execute(&mut player, at, &command) {
                Ok(record) => {
                    record
                        .events
                        .iter()
                        .for_each(|event| writeln!(told, "  {}", serde_json::to_string(event).unwrap()).unwrap());
                    writeln!(rows, "{at} {command:?}").unwrap();
                    let whole = |row: &&Row| {
                        (day % 5 == 4 && matches!(command, Command::EquipTitle { .. }))
                            || !matches!(row, Row::Player(_))
                    };
                    record.rows.iter().filter(whole).for_each(|row| writeln!(rows, "  {row:?}").unwrap());
                    writeln!(rows, "  due {:?}", engine.next_due(&player)).unwrap();
                }
                Err(refusal) => writeln!(told, "  {}: {refusal}", refusal.code()).unwrap(),
            }
            let view = engine.view(&player, at).unwrap();
            if matches!(command, Command::Report { .. } | Command::AdjustXp { .. }) {
                writeln!(views, "{at} {}", serde_json::to_string(&view).unwrap()).unwrap();
            }
        }
    }
    compare("events.txt", &told);
    compare("rows.txt", &rows);
    compare("views.txt", &views);
}

/// Every integer is read in both forms, wherever it stands.
#[test]
fn a_life_is_read_with_every_integer_as_a_string() {
    let engine = Engine::new(Arc::new(Ruleset::from_json(include_str!("life/world.json")).unwrap()));
    let mut player = Player::new("p1", Zone::named("Europe/Berlin").unwrap());
    let mut ledger = Vec::new();
    for (at, command) in (0..16).flat_map(commands_of) {
        if let Ok(record) = engine.execute(&mut player, at, &command) {
            both_forms(&record.events);
            for row in record.rows {
                read_row(&row);
                if let Row::XpEvent(row) = row {
                    ledger.push((row.event, row.modifiers));
                }
            }
        }
        both_forms(&engine.view(&player, at).unwrap());
    }
    both_forms(&player);
    both_forms(&verify(&ledger, &[]));
    ledger.swap(1, 2);
    both_forms(&verify(&ledger, &[]).failure.unwrap());
    both_forms(&Unsealed { count: u64::MAX, sum: i64::MIN });
    both_forms(&Refusal::LevelTooLow { needed: 10, level: 7 });
    both_forms(&Ruleset::from_json("[]").unwrap_err());
    // What a number of JavaScript does not hold is written so, too.
    (player.state.total_xp, player.state.ledger.events) = (i64::MAX, i64::MIN);
    player.state.counters.set(&"x".into(), i64::MAX);
    both_forms(&player);
    let written = serde_json::to_value(&player).unwrap();
    assert_eq!(written["state"]["total_xp"], i64::MAX.to_string());
    assert_eq!(written["state"]["ledger"]["events"], i64::MIN.to_string());
}

fn read_row(row: &Row) {
    match row {
        Row::QuestLog(row) => both_forms(row),
        Row::DailyLog(row) => both_forms(row),
        Row::XpEvent(row) => both_forms(row),
        Row::UserTitle(row) => both_forms(row),
        Row::TitleHistory(row) => both_forms(row),
        Row::BossAttempt(row) => both_forms(row),
        Row::DungeonAttempt(row) => both_forms(row),
        Row::SeasonParticipation(row) => both_forms(row),
        Row::Fact(row) => both_forms(row),
        Row::Grant { grant, .. } => both_forms(grant),
        Row::Player(row) => both_forms(&**row),
        Row::Counter { .. } | Row::Special { .. } | Row::Zone { .. } => {}
    }
}

fn both_forms<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let mut written = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(written.clone()).unwrap(), value);
    spell_out(&mut written);
    match serde_json::from_value::<T>(written.clone()) {
        Ok(read) => assert_eq!(&read, value),
        Err(error) => panic!("{error}: {written}"),
    }
}

/// Writes every integer as its decimal string.
fn spell_out(value: &mut Value) {
    match value {
        Value::Number(number) if !number.is_f64() => *value = number.to_string().into(),
        Value::Array(items) => items.iter_mut().for_each(spell_out),
        Value::Object(fields) => fields.values_mut().for_each(spell_out),
        _ => {}
    }
}

fn compare(file: &str, found: &str) {
    let path = Path::new("tests/life").join(file);
    if std::env::var_os("LEVELKIT_RECORD").is_some() {
        return std::fs::write(path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let differs = |(_, (found, expected)): &(usize, (&str, &str))| found != expected;
    if let Some((line, (found, expected))) = (1..).zip(found.lines().zip(expected.lines())).find(differs) {
        panic!("{file}, line {line}\nexpected {expected}\nfound    {found}");
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{file}");
}
