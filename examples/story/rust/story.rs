//! Three days of one player, on a database in memory. Run it from the project's folder.

use levelkit::{Command, Event, Format, Metrics, Refusal, Ruleset};
use levelkit_storage::{BlockingStore, NewPlayer};

const PLAYER: &str = "ida";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("examples/rulesets/hunter.yaml")?;
    let ruleset = Ruleset::parse(text, Format::Yaml)?;
    println!("rules {:.12}", ruleset.hash());

    let store = BlockingStore::open("sqlite::memory:")?;
    store.migrate()?;
    store.import_ruleset(&ruleset, "2026-03-01T00:00:00Z".parse()?)?;
    store.create_player(&NewPlayer::new(PLAYER).in_timezone("Europe/Berlin"))?;

    // Sunday to Tuesday. Reports are cumulative: how much it is so far today.
    for (day, steps, meditated) in
        [("2026-03-01", 9_000.0, true), ("2026-03-02", 12_500.0, false), ("2026-03-03", 8_200.0, true)]
    {
        println!("{day}");
        let metrics = Metrics::from([
            ("steps", steps.into()),
            ("pushups", 40.0.into()),
            ("squats", 60.0.into()),
            ("sleep_hours", 7.5.into()),
            ("water_litres", 2.5.into()),
            ("vegetables", 5.0.into()),
            ("sweets", 0.0.into()),
            ("screen_minutes", 15.0.into()),
            ("journal", true.into()),
            ("meditated", meditated.into()),
        ]);
        let report = Command::Report { day: None, observed_at: None, metrics, specials: vec![] };
        let outcome = store.execute(PLAYER, format!("{day}T20:00:00Z").parse()?, &report)?;
        outcome.events.iter().for_each(tell);
    }

    // A title is worn from one command on.
    let equip = Command::EquipTitle { title: Some("first-page".to_owned()) };
    store.execute(PLAYER, "2026-03-03T20:05:00Z".parse()?, &equip)?.events.iter().for_each(tell);

    // Why was an award what it was? The ledger knows, step by step.
    for entry in store.ledger(PLAYER, None, 1)?.entries {
        println!("why {} XP for {}: {} at first", entry.event.final_xp, entry.event.event_source, entry.event.base_xp);
        for step in entry.modifiers {
            println!("  {} times {}: {} to {}", step.reason, step.multiplier, step.xp_before, step.xp_after);
        }
    }

    // A command can be refused, with a code and the facts; then nothing has happened.
    let challenge = Command::StartBoss { boss: "slag-colossus".to_owned() };
    if let Err(error) = store.execute(PLAYER, "2026-03-03T20:10:00Z".parse()?, &challenge)
        && let Some(Refusal::LevelTooLow { needed, level }) = error.refusal()
    {
        println!("refused: {}, level {needed} is needed and {PLAYER} is at level {level}", error.code());
    }

    let ida = store.player(PLAYER, None)?;
    println!("{} is level {} with {} XP, next at {}", ida.player, ida.level, ida.total_xp, shown(ida.next_level_at));
    println!("streak {}, wears {}", ida.current_streak, ida.active_title.unwrap_or_default());

    let found = store.verify(PLAYER)?.verification;
    let word = if found.is_sound() { "sound" } else { "broken" };
    println!("ledger {word}: {} events, head {:.12}", found.events, found.head);
    Ok(())
}

fn shown(total: Option<levelkit::Xp>) -> String {
    total.map_or_else(|| "never".to_owned(), |total| total.to_string())
}

fn tell(event: &Event) {
    match event {
        Event::QuestCompleted { quest, .. } => println!("  quest {quest} completed"),
        Event::XpAwarded { final_xp, total_xp_after, .. } => println!("  {final_xp} XP, now {total_xp_after}"),
        Event::LevelUp { level_after, .. } => println!("  level {level_after}"),
        Event::StatRaised { stat, value } => println!("  {stat} {value}"),
        Event::StreakExtended { current_streak } => println!("  streak {current_streak}"),
        Event::TitleEarned { title } => println!("  title {title} earned"),
        Event::TitleEquipped { title } => println!("  title {} worn", title.as_deref().unwrap_or("none")),
        _ => {}
    }
}
