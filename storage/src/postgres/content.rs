//! Content tables: the columns that the ruleset document knows, and how its items get in and out of them.
//!
//! The document's keys are the columns' names, so a section goes in as it is and the server takes it apart; and comes out again
//! as JSON.

/// A section of the document that has a table of its own.
pub(super) struct Content {
    pub(super) section: &'static str,
    /// Keys of an item that are no columns.
    pub(super) extra_keys: &'static [&'static str],
    /// Moves rows out of the way whose unique text or number other content now claims; takes the items.
    pub(super) give_up: Option<&'static str>,
    /// Writes the items.
    pub(super) write: &'static str,
    /// Reads every item, by id.
    pub(super) read: &'static str,
}

macro_rules! content {
    ($section:literal, $table:literal, [$($extra:literal),*], $give_up:expr, $first:ident $(, $column:ident $(= $shown:literal)?)*) => {
        Content {
            section: $section,
            extra_keys: &[$($extra),*],
            give_up: $give_up,
            write: concat!(
                "INSERT INTO public.", $table, " (", stringify!($first), $(", ", stringify!($column),)* ") SELECT ",
                stringify!($first), $(", ", stringify!($column),)*
                " FROM json_populate_recordset(NULL::public.", $table, ", ?::json) \
                ON CONFLICT (id) DO UPDATE SET id = excluded.id",
                $(", ", stringify!($column), " = excluded.", stringify!($column),)*
            ),
            read: concat!(
                "SELECT item.id, row_to_json(item)::text FROM (SELECT ", stringify!($first),
                $(", ", content!(@shown $column $($shown)?),)* " FROM public.", $table, ") AS item"
            ),
        }
    };
    (@shown $column:ident) => { stringify!($column) };
    (@shown $column:ident $shown:literal) => { concat!($shown, " AS ", stringify!($column)) };
}

macro_rules! unique_text {
    ($table:literal, $column:literal) => {
        Some(concat!(
            "UPDATE public.",
            $table,
            " AS held SET ",
            $column,
            " = held.",
            $column,
            " || ' (formerly ' || held.id || ')' \
            FROM json_populate_recordset(NULL::public.",
            $table,
            ", ?::json) AS claim \
            WHERE claim.",
            $column,
            " = held.",
            $column,
            " AND claim.id <> held.id"
        ))
    };
}

/// Numbers that are free are below those of every row.
macro_rules! unique_number {
    ($table:literal, $number:literal, $same:literal) => {
        Some(concat!(
            "UPDATE public.",
            $table,
            " AS held SET ",
            $number,
            " = moved.free FROM ( \
                SELECT held.id, least(0, (SELECT min(",
            $number,
            ") FROM public.",
            $table,
            ")) \
                - row_number() OVER (ORDER BY held.id COLLATE \"C\") AS free \
                FROM public.",
            $table,
            " AS held JOIN json_populate_recordset(NULL::public.",
            $table,
            ", ?::json) AS claim \
                ON claim.",
            $number,
            " = held.",
            $number,
            " AND claim.id <> held.id",
            $same,
            " \
            ) AS moved WHERE moved.id = held.id"
        ))
    };
}

/// Every section with a table, in an order that satisfies every reference.
pub(super) const SECTIONS: [Content; 6] = [
    content!(
        "seasons",
        "seasons",
        [],
        unique_number!("seasons", "number", ""),
        id,
        number,
        name,
        theme,
        description,
        start_date = "to_char(start_date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        end_date = "to_char(end_date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        xp_multiplier
    ),
    content!(
        "quests",
        "quest_templates",
        ["stat_gain"],
        None,
        id,
        name,
        description,
        type,
        category,
        requirements,
        base_xp,
        stat_affected,
        partial_reward,
        is_core,
        season_id
    ),
    content!(
        "titles",
        "titles",
        [],
        unique_text!("titles", "name"),
        id,
        name,
        description,
        system_message,
        condition_type,
        condition_config,
        passive_type,
        passive_value,
        rarity,
        can_regress
    ),
    content!(
        "bosses",
        "bosses",
        ["max_phase_retries", "phases"],
        unique_text!("bosses", "name"),
        id,
        name,
        description,
        intro_monologue,
        defeat_message,
        difficulty,
        required_level,
        xp_reward,
        title_reward_id,
        season_id
    ),
    content!(
        "dungeons",
        "dungeons",
        [],
        None,
        id,
        name,
        description,
        difficulty,
        requirements,
        challenges,
        xp_multiplier,
        duration_minutes,
        cooldown_hours,
        season_id
    ),
    content!(
        "narratives",
        "narrative_contents",
        [],
        unique_text!("narrative_contents", "key"),
        id,
        key,
        category,
        content,
        context,
        is_active
    ),
];

/// A boss's phases: in the document they stand within their boss, without `boss_id`.
pub(super) const PHASES: Content = content!(
    "bosses.phases",
    "boss_phases",
    [],
    unique_number!("boss_phases", "phase_number", " AND claim.boss_id = held.boss_id"),
    id,
    boss_id,
    phase_number,
    name,
    description,
    requirements,
    duration_days
);
