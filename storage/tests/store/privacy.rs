//! What is known of a player is handed out, and erased.

use levelkit_storage::{BlockingStore, NewPlayer, Options};
use serde_json::Value;

use crate::backend::Backend;
use crate::world::{adjust, live, minutes, populated, report};

const SECRETS: [&str; 6] = ["tok-sesame", "acc-sesame", "ref-sesame", "idt-sesame", "pass-sesame", "ver-sesame"];

fn verification<B: Backend>(id: &str, identifier: &str, value: &str) -> String {
    let until = B::instant(1_700_000_000_000_000);
    format!(
        "INSERT INTO verifications (id, identifier, value, expires_at) VALUES ('{id}', '{identifier}', '{value}', {until});"
    )
}

/// A life with everything that an application keeps beside it.
fn lived<B: Backend>() -> (B, levelkit_storage::BlockingStore) {
    let (backend, store) = populated::<B>();
    live(&store, "p1");
    store.create_player(&NewPlayer { email: Some("q@x.org".into()), ..NewPlayer::new("q") }).unwrap();
    let ago = B::instant(1_700_000_000_000_000);
    let session = |user: &str| {
        format!(
            "INSERT INTO sessions (id, user_id, token, expires_at, ip_address, user_agent) VALUES ('s{user}', '{user}', 'tok-sesame{user}', {ago}, '10.0.0.7', 'Firefox');
             INSERT INTO accounts (id, user_id, account_id, provider_id, access_token, refresh_token, id_token, password) \
             VALUES ('a{user}', '{user}', 'x', 'credential', 'acc-sesame', 'ref-sesame', 'idt-sesame', 'pass-sesame');"
        )
    };
    let sql = [
        "UPDATE users SET email = 'sung@x.org', name = 'Sung', image = 'https://x.org/sung.png' WHERE id = 'p1';"
            .to_owned(),
        session("p1"),
        session("q"),
        verification::<B>("v1", "sung@x.org", "ver-sesame"),
        verification::<B>("v2", "sign-in-otp-sung@x.org", "ver-sesame"),
        verification::<B>("v3", "bosung@x.org", "ver-sesame"),
        // Of a link that was sent: whose it is stands in the value alone.
        verification::<B>("v4", "token", "{\"email\":\"sung@x.org\",\"name\":\"Sung\"}"),
        verification::<B>("v5", "token", "{\"email\":\"bosung@x.org\"}"),
        // Addresses of others that end like a hyphen and this one.
        verification::<B>("w1", "bo-sung@x.org", "ver-sesame"),
        verification::<B>("w2", "sign-in-otp-bo-sung@x.org", "ver-sesame"),
        verification::<B>("w3", "change-email-otp-q:bo-sung@x.org", "ver-sesame"),
        verification::<B>("w4", "token", "{\"email\":\"\\\"sung@x.org\"}"),
        // What the player was about to become.
        verification::<B>("v6", "change-email-otp-p1:woo@x.org", "ver-sesame"),
        verification::<B>("v7", "change-email-otp-p1:sung@x.org", "ver-sesame"),
        verification::<B>("v8", "forget-password-otp-sung@x.org", "ver-sesame"),
    ];
    backend.run(&sql.concat()).unwrap();
    store.execute("p1", minutes(60 * 24 * 80), &adjust("gift", 7)).unwrap();
    backend.run("UPDATE levelkit_adjustments SET reason = 'since she was ill' WHERE id = 'gift'").unwrap();
    (backend, store)
}

fn rows<'e>(export: &'e Value, table: &str) -> &'e Vec<Value> {
    let tables = export["tables"].as_array().unwrap();
    tables.iter().find(|found| found["name"] == table).unwrap()["rows"].as_array().unwrap()
}

pub(crate) fn an_export_holds_everything_but_secrets<B: Backend>() {
    let (backend, store) = lived::<B>();
    let export = store.export_player("p1").unwrap();
    assert_eq!(export, store.export_player("p1").unwrap());
    let export = serde_json::to_value(export).unwrap();
    let text = export.to_string();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    for known in ["sung@x.org", "Sung", "10.0.0.7", "since she was ill", "steps"] {
        assert!(text.contains(known), "{known}");
    }
    assert!(!text.contains("q@x.org"));
    assert_eq!((export["format"].as_str(), export["player"].as_str()), (Some("levelkit.player/1"), Some("p1")));
    let user = &rows(&export, "users")[0];
    let view = store.player("p1", None).unwrap();
    assert_eq!(user["total_xp"], serde_json::to_value(view.total_xp).unwrap());
    assert_eq!(user["email_verified"], Value::Bool(false));
    assert_eq!(rows(&export, "sessions")[0]["expires_at"], "2023-11-14T22:13:20.000000Z");
    // As many rows as the tables have.
    for table in [
        "xp_events",
        "xp_modifiers",
        "quest_logs",
        "daily_logs",
        "levelkit_facts",
        "levelkit_award_rules",
        "levelkit_attempts",
    ] {
        let lines = backend.lines(&format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}"));
        assert_eq!(lines, [rows(&export, table).len().to_string()], "{table}");
        assert!(lines != ["0"], "{table}");
    }
    assert!(rows(&export, "xp_modifiers")[0]["order"].is_number());
    assert_eq!(store.export_player("nobody").unwrap_err().code(), "UNKNOWN_ID");
}

/// Every table that has a column for a player is in the export with every column, now and when another one is added.
pub(crate) fn no_table_is_forgotten<B: Backend>() {
    const LEFT_OUT: [&str; 7] = [
        "sessions token",
        "accounts access_token",
        "accounts refresh_token",
        "accounts id_token",
        "accounts password",
        // From where on PostgreSQL is to read the next time.
        "levelkit_players logs_from",
        "levelkit_players history_from",
    ];
    let (backend, _) = lived::<B>();
    let store = BlockingStore::open_with(&backend.url(), Options::new().outbox(true)).unwrap();
    let later = minutes(60 * 24 * 80 + 1);
    store.execute("p1", later, &report(&[("steps", 9000.0)])).unwrap();
    store.refresh_leaderboard("spring", later).unwrap();
    let ago = B::instant(1_700_000_000_000_000);
    let rare = format!(
        "INSERT INTO levelkit_erasures (user_id, at) VALUES ('p1', {ago});
         INSERT INTO levelkit_legacy (user_id, last_event_id, last_created_at, events, xp) VALUES ('p1', 'e', {ago}, 1, 1);
         INSERT INTO levelkit_commands (user_id, id, at, command, events) VALUES ('p1', 'c', {ago}, '{{}}', '[]');"
    );
    backend.run(&rare).unwrap();
    let export = store.export_player("p1").unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for line in backend.lines(B::COLUMNS) {
        let (table, column) = line.split_once(' ').unwrap();
        let exported = export.tables.iter().find(|exported| exported.name == table);
        let Some(rows) = exported.map(|exported| &exported.rows) else {
            // The scores once more, in an order of their own.
            assert!(column != "user_id" || table == "levelkit_scores", "{line}");
            continue;
        };
        seen += 1;
        let is_apart = column == "user_id" || LEFT_OUT.contains(&line.as_str());
        // An empty table shows no column, and is as wrong as one that lacks it.
        if rows.first().is_none_or(|row| row.0.contains_key(column) == is_apart) {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(seen > 150, "{seen} columns");
}

pub(crate) fn what_is_erased_is_gone_and_the_ledger_verifies<B: Backend>() {
    let (backend, store) = lived::<B>();
    let before = store.state("p1").unwrap().state;
    let at = minutes(60 * 24 * 80 + 1);
    assert!(store.erase_player("p1", at).unwrap());
    let export = serde_json::to_value(store.export_player("p1").unwrap()).unwrap();
    let text = export.to_string();
    for erased in ["sung", "Sung", "x.org", "10.0.0.7", "since she was ill", "observed_at\":\"", "\"metrics\":{\""] {
        assert!(!text.contains(erased), "{erased}");
    }
    let user = &rows(&export, "users")[0];
    assert_eq!(user["email"], "p1@erased.invalid");
    assert!(user["name"].is_null() && user["image"].is_null());
    for table in ["sessions", "accounts", "levelkit_facts", "levelkit_sums"] {
        assert!(rows(&export, table).is_empty(), "{table}");
    }
    // Others keep theirs, some of them with an address that ends alike.
    assert_eq!(backend.lines("SELECT id AS line FROM sessions"), ["sq"]);
    let left = || backend.lines("SELECT id AS line FROM verifications ORDER BY id");
    assert_eq!(left(), ["v3", "v5", "w1", "w2", "w3", "w4"]);
    // The ledger and what the rules go by are as before, and the player goes on.
    let found = store.verify("p1").unwrap().verification;
    assert!(found.is_sound() && found.events == before.ledger.events as u64);
    let after = store.state("p1").unwrap().state;
    assert_eq!((after.total_xp, after.level, after.ledger), (before.total_xp, before.level, before.ledger));
    backend.run(&verification::<B>("v9", "reset-password:token", "p1")).unwrap();
    assert!(!store.erase_player("p1", minutes(60 * 24 * 81)).unwrap());
    assert_eq!(left(), ["v3", "v5", "w1", "w2", "w3", "w4"]);
    assert_eq!(serde_json::to_value(store.export_player("p1").unwrap()).unwrap(), export);
    // A gift that is sent once more is recognised though its reason is gone.
    let later = minutes(60 * 24 * 82);
    assert!(
        !store
            .execute("p1", later, &adjust("gift", 7))
            .unwrap()
            .events
            .iter()
            .any(|event| matches!(event, levelkit::Event::XpAwarded { .. }))
    );
    store.execute("p1", later, &report(&[("steps", 9000.0)])).unwrap();
    store.create_player(&NewPlayer { email: Some("sung@x.org".into()), ..NewPlayer::new("again") }).unwrap();
    assert!(store.verify_all().unwrap().failures.is_empty());
    assert_eq!(store.erase_player("nobody", at).unwrap_err().code(), "UNKNOWN_ID");
}
