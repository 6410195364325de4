//! The store's suite: every test is written against the store's API and a [`backend::Backend`], so that each database runs
//! the same ones.
// Tests say what they expect by unwrapping, their helpers too.
#![allow(clippy::unwrap_used, clippy::panic)]

mod backend;
mod concurrency;
mod content;
mod crash;
mod errors;
#[cfg(feature = "postgres")]
mod guards;
#[cfg(feature = "postgres")]
mod hot;
mod ledger;
mod loading;
mod many;
mod outbox;
mod parts;
#[cfg(feature = "postgres")]
mod plans;
mod players;
#[cfg(feature = "postgres")]
mod postgres;
mod privacy;
#[cfg(feature = "postgres")]
mod roles;
mod rows;
#[cfg(feature = "postgres")]
mod scaling;
mod seasons;
#[cfg(feature = "postgres")]
mod server;
mod standings;
mod tables;
mod views;
#[cfg(feature = "postgres")]
mod wire;
mod world;

/// Runs tests on a backend, as far as it is there.
macro_rules! tests {
    ($name:ident, $backend:ty, $is_there:expr; $($module:ident :: { $($test:ident),+ $(,)? })+) => {
        mod $name {
            type Tested = $backend;
            $(mod $module {
                $(#[test]
                fn $test() {
                    if $is_there(stringify!($test)) {
                        crate::$module::$test::<super::Tested>();
                    }
                })+
            })+
        }
    };
}

/// Every test that each database passes.
macro_rules! suite {
    ($name:ident, $backend:ty, $is_there:expr) => { tests! { $name, $backend, $is_there;
        players::{
            a_player_is_made_once, a_user_is_adopted_with_everything, bad_players_are_refused, an_unknown_player_is_refused,
            commands_are_done_together_or_not_at_all,
            players_are_listed_in_pages, a_refusal_changes_nothing, years_away_are_made_up_for, due_players_are_rolled_over,
            grants_happen_once_across_players,
        }
        many::{
            many_reports_are_as_one_after_the_other, unsound_rows_and_years_away_hold_nobody_up,
            what_was_committed_beforehand_stays_committed,
            who_was_away_for_years_is_rolled_over_with_the_others, the_idle_are_left_out_and_lose_nothing,
            a_limit_is_kept_and_more_is_told, crowds_are_rolled_over_in_parts,
        }
        rows::{every_row_can_be_rebuilt}
        loading::{a_loaded_player_is_the_one_in_memory, long_lives_keep_their_sums}
        content::{
            an_export_is_what_was_imported, an_import_counts_versions, content_out_of_force_stays, unique_names_change_hands,
            a_ruleset_changes_mid_life, edited_tables_are_exported,
        }
        ledger::{
            a_sound_ledger_verifies, every_changed_field_is_found, missing_and_added_rows_are_found, a_forged_head_is_found,
            pages_hold_the_whole_ledger, no_page_ends_within_an_instant, the_same_award_again_meets_its_own_id,
        }
        seasons::{standings_share_ranks_and_come_in_pages, a_refresh_writes_what_changed, scores_on_their_way_are_counted_or_come_too_late, the_first_refresh_after_the_end_seals}
        standings::{
            live_ranks_are_those_of_everybody_counted, what_an_older_levelkit_left_is_counted, an_applications_own_scores_count,
            a_seal_leaves_a_file_that_is_checked, the_file_is_the_same_in_every_language,
        }
        outbox::{events_wait_for_delivery, what_a_worker_lost_comes_back, workers_share_without_disorder}
        privacy::{
            an_export_holds_everything_but_secrets, no_table_is_forgotten, what_is_erased_is_gone_and_the_ledger_verifies,
        }
        views::{
            a_view_and_a_preview_change_nothing, clocks_may_differ_when_somebody_looks, the_timeline_tells_what_happened,
        }
        tables::{tables_that_are_taken_away_are_missed, tables_of_an_older_version_are_noticed}
        concurrency::{threads_lose_nothing, a_reader_sees_whole_commands, dropped_futures_commit_or_not}
    } };
}

suite! { sqlite, crate::backend::SqliteFile, |_: &str| true }

tests! { sqlite_alone, crate::backend::SqliteFile, |_: &str| true; ledger::{the_ledger_refuses_every_change} }

#[cfg(feature = "postgres")]
suite! { postgres_server, crate::postgres::Postgres, crate::postgres::Postgres::is_there }
