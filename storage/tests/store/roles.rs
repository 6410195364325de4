//! Roles that may do what they need and no more.

use levelkit::Command;
use levelkit_migrations::postgres::ROLES;
use levelkit_storage::{BlockingStore, NewPlayer, Options};

use crate::backend::Backend;
use crate::postgres::Postgres;
use crate::standings::{self, set};
use crate::world::{BEGIN, adjust, at, document, live, minutes, populated, report, ruleset};

/// What runs as the tables' owner, had by a role through a table of its own.
const OWNERS: [&str; 2] = [
    "CREATE TEMPORARY TABLE mine (season_id text, user_id text, season_xp bigint); CREATE TRIGGER mine AFTER INSERT ON mine \
     FOR EACH ROW EXECUTE FUNCTION levelkit.follow_score(); INSERT INTO mine VALUES ('spring', 'nobody', 9)",
    "CREATE TEMPORARY TABLE mine (id text); CREATE TRIGGER mine AFTER TRUNCATE ON mine \
     EXECUTE FUNCTION levelkit.forget_scores(); TRUNCATE mine",
];

/// Names of this test's own, since roles are the whole server's; gone when it is over.
struct Roles<'b> {
    backend: &'b Postgres,
    app: String,
    read: String,
}

impl<'b> Roles<'b> {
    fn of(backend: &'b Postgres, test: &str) -> Self {
        let mark = format!("{test}_{}", std::process::id());
        let (app, read) = (format!("levelkit_app_{mark}"), format!("levelkit_read_{mark}"));
        let script = ROLES.replace("levelkit_app", &app).replace("levelkit_read", &read);
        // Twice: after the next migration it is run again.
        backend.plain(&script);
        backend.plain(&script);
        for role in [&app, &read] {
            backend.plain(&format!("ALTER ROLE {role} LOGIN PASSWORD 'levelkit'"));
        }
        Self { backend, app, read }
    }

    fn url(&self, role: &str) -> String {
        let url = self.backend.url();
        let (_, server) = url.split_once('@').unwrap();
        format!("postgres://{role}:levelkit@{server}")
    }

    /// Runs a statement as a role, on a connection of the owner's.
    fn run(&self, role: &str, sql: &str) -> Result<(), String> {
        self.backend.run_own(&format!("SET ROLE {role}; {sql}"))
    }
}

impl Drop for Roles<'_> {
    fn drop(&mut self) {
        let (app, read) = (&self.app, &self.read);
        let _ = self.backend.run_own(&format!("DROP OWNED BY {app}, {read}; DROP ROLE {app}; DROP ROLE {read}"));
    }
}

#[test]
fn the_application_can_live_and_cannot_rewrite() {
    if !Postgres::is_there("the_application_can_live_and_cannot_rewrite") {
        return;
    }
    let backend = Postgres::new();
    drop(backend.store());
    let roles = Roles::of(&backend, "app");
    let store = BlockingStore::open_with(&roles.url(&roles.app), Options::new().outbox(true)).unwrap();
    assert!(store.schema_version().unwrap().is_current());
    // A whole life, from the first import to the seal.
    store.import_ruleset(&ruleset(&document()), at(BEGIN)).unwrap();
    store.create_player(&NewPlayer::new("p1")).unwrap();
    assert!(live(&store, "p1") > 40);
    store.import_ruleset(&ruleset(&crate::world::changed_document()), minutes(1440 * 90)).unwrap();
    store.roll_over(minutes(1440 * 100), 10).unwrap();
    let page = store.leaderboard("spring", at(BEGIN), 0, 10).unwrap();
    assert!(page.participants > 0);
    assert!(store.refresh_leaderboard("spring", minutes(1440 * 101)).unwrap().sealed);
    assert!(store.standings("spring").unwrap().is_sound());
    let entries = store.claim_events("w", 1000, std::time::Duration::from_secs(9)).unwrap();
    assert!(store.acknowledge(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).unwrap() > 0);
    store.execute("p1", minutes(1440 * 102), &adjust("late", 3)).unwrap();
    assert!(store.export_player("p1").is_ok() && store.erase_player("p1", minutes(1440 * 103)).unwrap());
    store.execute("p1", minutes(1440 * 104), &report(&[("steps", 9000.0)])).unwrap();
    store.execute("p1", minutes(1440 * 104), &Command::Advance {}).unwrap();
    assert!(store.verify("p1").unwrap().verification.is_sound());

    for forbidden in [
        "UPDATE public.xp_events SET final_xp = 0",
        "DELETE FROM public.xp_events",
        "TRUNCATE public.xp_events CASCADE",
        "UPDATE public.xp_modifiers SET reason = ''",
        "DELETE FROM public.xp_modifiers",
        "TRUNCATE public.xp_modifiers",
        "ALTER TABLE public.xp_events DISABLE TRIGGER ALL",
        "ALTER TABLE public.xp_events ADD COLUMN note text",
        "DROP TRIGGER levelkit_append_only ON public.xp_events",
        "DROP TRIGGER levelkit_score_moves ON public.season_participations",
        "DROP TABLE public.users CASCADE",
        "DROP SCHEMA levelkit CASCADE",
        "CREATE TABLE levelkit.mine (id text)",
        "SET session_replication_role = replica",
        "DELETE FROM public.users",
        "DELETE FROM levelkit.season_seals",
        "UPDATE levelkit.season_seals SET sealed_at = now()",
        "UPDATE levelkit.scores SET season_xp = 0",
        "INSERT INTO levelkit.score_moves (season_id, to_xp) VALUES ('spring', 1)",
        "UPDATE levelkit.migrations SET version = 9",
        "UPDATE levelkit.rulesets SET document = '{}'",
        "UPDATE levelkit.adjustments SET amount = 0",
        "CREATE OR REPLACE FUNCTION levelkit.follow_score() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ]
    .iter()
    .chain(&OWNERS)
    {
        let refused = roles.run(&roles.app, forbidden);
        assert!(
            refused.as_ref().is_err_and(|error| error.contains("permission denied") || error.contains("must be owner")),
            "{forbidden}: {refused:?}"
        );
    }
    assert_eq!(store.revert().unwrap_err().code(), "STORE_DENIED");
    assert!(store.verify("p1").unwrap().verification.is_sound());
}

#[test]
fn reports_read_and_write_nothing() {
    if !Postgres::is_there("reports_read_and_write_nothing") {
        return;
    }
    let (backend, store) = standings::season::<Postgres>(3);
    backend.run(&set("spring", "p000", 5)).unwrap();
    let roles = Roles::of(&backend, "read");
    let reader = BlockingStore::open_with(&roles.url(&roles.read), Options::new().read_only(true)).unwrap();
    assert_eq!(reader.standing("spring", "p000").unwrap().map(|standing| standing.rank), Some(1));
    assert_eq!(reader.players(None, 10).unwrap().len(), 3);
    assert!(
        reader.player("p000", None).is_ok() && reader.verify("p000").is_ok() && reader.ledger("p000", None, 5).is_ok()
    );
    // More moves than a reader wants to look through, and it may not fold them.
    let many: String = (0..1100).map(|score| set("spring", "p002", score)).collect();
    backend.run(&many).unwrap();
    assert_eq!(reader.standing("spring", "p002").unwrap().map(|standing| standing.rank), Some(1));
    assert_eq!(backend.lines("SELECT (count(*) > 1024)::text AS line FROM levelkit.score_moves"), ["true"]);
    assert_eq!(store.standing("spring", "p002").unwrap().map(|standing| standing.rank), Some(1));
    assert_eq!(backend.lines("SELECT count(*)::text AS line FROM levelkit.score_moves"), ["0"]);
    let writer = BlockingStore::open(&roles.url(&roles.read)).unwrap();
    assert_eq!(writer.execute("p000", at(standings::NOW), &adjust("x", 1)).unwrap_err().code(), "STORE_DENIED");
    for forbidden in [
        "INSERT INTO public.users (id, email) VALUES ('x', 'x')",
        "UPDATE public.season_participations SET season_xp = 9",
        "DELETE FROM levelkit.facts",
        "SELECT token FROM public.sessions",
        "SELECT password FROM public.accounts",
        "SELECT email FROM public.users",
        "SELECT * FROM public.verifications",
    ]
    .iter()
    .chain(&OWNERS)
    {
        let refused = roles.run(&roles.read, forbidden);
        assert!(refused.as_ref().is_err_and(|error| error.contains("permission denied")), "{forbidden}: {refused:?}");
    }
}

/// Errors are told apart by English words, whatever the server is set to, if it may be told so; and if not, everything works.
#[test]
fn the_server_is_asked_for_english() {
    if !Postgres::is_there("the_server_is_asked_for_english") {
        return;
    }
    let (backend, _store) = populated::<Postgres>();
    if backend.answer("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") != ["t"] {
        return levelkit_test_postgres::skip("the_server_is_asked_for_english, for the user is no superuser");
    }
    let database = backend.url().rsplit_once('/').unwrap().1.to_owned();
    // Not what a store asks for, and there everywhere.
    backend.plain(&format!("ALTER DATABASE {database} SET lc_messages = 'POSIX'"));
    backend.plain(
        "CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN RAISE 'it speaks %', current_setting('lc_messages'); END$$; \
         CREATE TRIGGER tell BEFORE INSERT ON levelkit.adjustments FOR EACH ROW EXECUTE FUNCTION public.tell()",
    );
    let told = |url: &str| {
        let store = BlockingStore::open(url).unwrap();
        assert_eq!(store.player("p1", None).unwrap().level, 1);
        store.execute("p1", minutes(0), &adjust("a", 5)).unwrap_err().to_string()
    };
    let roles = Roles::of(&backend, "english");
    let (owners, apps) = (told(&backend.url()), told(&roles.url(&roles.app)));
    assert!(owners.ends_with("it speaks C"), "{owners}");
    assert!(apps.ends_with("it speaks POSIX"), "{apps}");
}
