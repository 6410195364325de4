//! The tables of levelkit as SQL, and the scripts for a PostgreSQL server that go with them.
//!
//! `levelkit-storage` applies the migrations when it is told to migrate. They are here for whoever wants to read them, or keeps the
//! schema with a tool of their own; the scripts are for whoever has chosen them (see `docs/adopt.md` and `docs/scaling.md`).
//!
//! ```
//! let versions: Vec<i32> = levelkit_migrations::sqlite::MIGRATIONS.iter().map(|one| one.version).collect();
//! assert_eq!(versions, [1, 2, 3]);
//! assert!(levelkit_migrations::postgres::ROLES.contains("levelkit_app"));
//! ```
#![forbid(unsafe_code)]

/// One step of the schema, to be run in one transaction. On PostgreSQL it notes itself in `levelkit.migrations`; on SQLite whoever runs
/// it writes its version and name into `levelkit_migrations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// From 1 on, without a gap.
    pub version: i32,
    /// What it is about, in a word.
    pub name: &'static str,
    /// Makes it.
    pub up: &'static str,
    /// Takes it away again, with all that is in it.
    pub down: &'static str,
}

macro_rules! migration {
    ($store:literal, $version:literal, $name:literal) => {
        crate::Migration {
            version: $version,
            name: $name,
            up: include_str!(concat!($store, "/000", $version, "_", $name, "/up.sql")),
            down: include_str!(concat!($store, "/000", $version, "_", $name, "/down.sql")),
        }
    };
}

/// For SQLite.
pub mod sqlite {
    use crate::Migration;

    /// Every migration, by rising version.
    pub const MIGRATIONS: [Migration; 3] =
        [migration!("sqlite", 1, "initial"), migration!("sqlite", 2, "standings"), migration!("sqlite", 3, "seen_at")];
}

/// For PostgreSQL.
pub mod postgres {
    use crate::Migration;

    /// Every migration, by rising version.
    pub const MIGRATIONS: [Migration; 3] = [
        migration!("postgres", 1, "initial"),
        migration!("postgres", 2, "standings"),
        migration!("postgres", 3, "seen_at"),
    ];

    /// Makes the roles `levelkit_app`, which can do what a store does and cannot rewrite the ledger, and `levelkit_read`; to be run
    /// by the owner after every migration.
    pub const ROLES: &str = include_str!("postgres/roles.sql");

    /// Ways to more than one machine carries as it comes; never part of a migration.
    pub mod scaling {
        /// Settings of one server that only levelkit's tables need.
        pub const SETTINGS: &str = include_str!("postgres/scaling/settings.sql");
        /// Facts and ledger in partitions by player.
        pub const PARTITION: &str = include_str!("postgres/scaling/partition.sql");
        /// Facts in partitions by year, so that years gone by can be put away.
        pub const FACTS_BY_YEAR: &str = include_str!("postgres/scaling/facts_by_year.sql");
        /// Several machines, with Citus.
        pub const CITUS: &str = include_str!("postgres/scaling/citus.sql");
    }
}
