//! The tables as Diesel sees them. Every integer is a BigInt: what does not fit is then noticed, and not cut off.

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        email_verified -> Bool,
        name -> Nullable<Text>,
        image -> Nullable<Text>,
        timezone -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        level -> BigInt,
        total_xp -> BigInt,
        current_streak -> BigInt,
        longest_streak -> BigInt,
        perfect_streak -> BigInt,
        debuff_active_until -> Nullable<BigInt>,
        #[sql_name = "str"]
        strength -> BigInt,
        agi -> BigInt,
        vit -> BigInt,
        disc -> BigInt,
        active_title_id -> Nullable<Text>,
    }
}

diesel::table! {
    seasons (id) {
        id -> Text,
        number -> BigInt,
        name -> Text,
        theme -> Text,
        description -> Text,
        start_date -> BigInt,
        end_date -> BigInt,
        status -> Text,
        xp_multiplier -> Double,
    }
}

diesel::table! {
    season_participations (id) {
        id -> Text,
        user_id -> Text,
        season_id -> Text,
        season_xp -> BigInt,
        rank -> Nullable<BigInt>,
        joined_at -> BigInt,
    }
}

diesel::table! {
    quest_templates (id) {
        id -> Text,
        name -> Text,
        description -> Text,
        #[sql_name = "type"]
        kind -> Text,
        category -> Text,
        requirements -> Text,
        base_xp -> BigInt,
        stat_affected -> Nullable<Text>,
        partial_reward -> Nullable<Text>,
        is_core -> Bool,
        season_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    quest_logs (id) {
        id -> Text,
        user_id -> Text,
        template_id -> Text,
        status -> Text,
        progress -> Text,
        completed_at -> Nullable<BigInt>,
        xp_awarded -> Nullable<BigInt>,
        day_date -> Text,
    }
}

diesel::table! {
    daily_logs (id) {
        id -> Text,
        user_id -> Text,
        day_date -> Text,
        core_completed -> BigInt,
        core_total -> BigInt,
        all_completed -> Bool,
        debuff_triggered -> Bool,
        evaluated -> Bool,
    }
}

diesel::table! {
    xp_events (id) {
        id -> Text,
        user_id -> Text,
        event_source -> Text,
        source_id -> Nullable<Text>,
        base_xp -> BigInt,
        final_xp -> BigInt,
        total_xp_before -> BigInt,
        total_xp_after -> BigInt,
        level_before -> BigInt,
        level_after -> BigInt,
        event_hash -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    xp_modifiers (id) {
        id -> Text,
        xp_event_id -> Text,
        order -> BigInt,
        #[sql_name = "type"]
        kind -> Text,
        multiplier -> Double,
        reason -> Text,
        xp_before -> BigInt,
        xp_after -> BigInt,
    }
}

diesel::table! {
    titles (id) {
        id -> Text,
        name -> Text,
        description -> Text,
        system_message -> Text,
        condition_type -> Text,
        condition_config -> Text,
        passive_type -> Nullable<Text>,
        passive_value -> Nullable<Double>,
        rarity -> Text,
        can_regress -> Bool,
    }
}

diesel::table! {
    user_titles (id) {
        id -> Text,
        user_id -> Text,
        title_id -> Text,
        earned_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        is_active -> Bool,
    }
}

diesel::table! {
    bosses (id) {
        id -> Text,
        name -> Text,
        description -> Text,
        intro_monologue -> Text,
        defeat_message -> Text,
        difficulty -> Text,
        required_level -> BigInt,
        xp_reward -> BigInt,
        title_reward_id -> Nullable<Text>,
        season_id -> Nullable<Text>,
    }
}

diesel::table! {
    boss_phases (id) {
        id -> Text,
        boss_id -> Text,
        phase_number -> BigInt,
        name -> Text,
        description -> Text,
        requirements -> Text,
        duration_days -> BigInt,
    }
}

diesel::table! {
    boss_attempts (id) {
        id -> Text,
        user_id -> Text,
        boss_id -> Text,
        status -> Text,
        current_phase -> BigInt,
        phase_progress -> Text,
        started_at -> BigInt,
        completed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    dungeons (id) {
        id -> Text,
        name -> Text,
        description -> Text,
        difficulty -> Text,
        requirements -> Text,
        challenges -> Text,
        xp_multiplier -> Double,
        duration_minutes -> BigInt,
        cooldown_hours -> BigInt,
        season_id -> Nullable<Text>,
    }
}

diesel::table! {
    dungeon_attempts (id) {
        id -> Text,
        user_id -> Text,
        dungeon_id -> Text,
        status -> Text,
        progress -> Text,
        started_at -> BigInt,
        completed_at -> Nullable<BigInt>,
        xp_awarded -> Nullable<BigInt>,
    }
}

diesel::table! {
    game_configs (id) {
        id -> Text,
        key -> Text,
        value -> Text,
        version -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    narrative_contents (id) {
        id -> Text,
        key -> Text,
        category -> Text,
        content -> Text,
        context -> Nullable<Text>,
        is_active -> Bool,
    }
}

diesel::table! {
    levelkit_migrations (version) {
        version -> BigInt,
        name -> Text,
        applied_at -> BigInt,
    }
}

diesel::table! {
    levelkit_rulesets (hash) {
        hash -> Text,
        document -> Text,
        active_from -> BigInt,
    }
}

diesel::table! {
    levelkit_players (user_id) {
        user_id -> Text,
        last_at -> Nullable<BigInt>,
        first_day -> Nullable<Text>,
        open_day -> Nullable<Text>,
        day_ends_at -> Nullable<BigInt>,
        next_day -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        event_count -> BigInt,
        head_hash -> Text,
        last_created_at -> Nullable<BigInt>,
        zone_since -> Nullable<BigInt>,
        title_inputs -> BigInt,
        open_days -> Text,
        skipped_days -> Text,
        dungeon_exits -> Text,
        sums_until -> Nullable<Text>,
        seen_at -> Nullable<BigInt>,
        adopted_total_xp -> BigInt,
        adopted_level -> BigInt,
    }
}

diesel::table! {
    levelkit_zone_history (user_id, since) {
        user_id -> Text,
        since -> BigInt,
        timezone -> Text,
    }
}

diesel::table! {
    levelkit_facts (user_id, day, metric) {
        user_id -> Text,
        day -> Text,
        metric -> Text,
        number -> Nullable<Double>,
        boolean -> Nullable<Bool>,
        source -> Nullable<Text>,
        observed_at -> BigInt,
    }
}

diesel::table! {
    levelkit_sums (user_id, metric) {
        user_id -> Text,
        metric -> Text,
        sum -> Double,
        max -> Double,
    }
}

diesel::table! {
    levelkit_specials (user_id, name) {
        user_id -> Text,
        name -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    levelkit_counters (user_id, key) {
        user_id -> Text,
        key -> Text,
        count -> BigInt,
    }
}

diesel::table! {
    levelkit_title_history (user_id, title_id, earned_at) {
        user_id -> Text,
        title_id -> Text,
        earned_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        cause -> Text,
    }
}

diesel::table! {
    levelkit_adjustments (id) {
        id -> Text,
        user_id -> Text,
        source -> Text,
        amount -> BigInt,
        reason -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    levelkit_attempts (attempt_id) {
        attempt_id -> Text,
        user_id -> Text,
        kind -> Text,
        rules -> Text,
        started_at -> BigInt,
        from_day -> Text,
        days_closed -> Nullable<BigInt>,
        retries -> Nullable<BigInt>,
        entered_at -> Nullable<BigInt>,
        deadline -> Nullable<BigInt>,
        counted_on -> Nullable<Text>,
    }
}

diesel::table! {
    levelkit_award_rules (xp_event_id) {
        xp_event_id -> Text,
        rules -> Text,
    }
}

diesel::table! {
    season_leaderboards (id) {
        id -> Text,
        season_id -> Text,
        user_id -> Text,
        rank -> BigInt,
        total_xp -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    levelkit_season_seals (season_id) {
        season_id -> Text,
        sealed_at -> BigInt,
        standings_sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    levelkit_outbox (sequence) {
        sequence -> BigInt,
        user_id -> Text,
        at -> BigInt,
        events -> Text,
        worker -> Nullable<Text>,
        held_until -> Nullable<BigInt>,
        deliveries -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    users,
    seasons,
    season_leaderboards,
    season_participations,
    quest_templates,
    quest_logs,
    daily_logs,
    xp_events,
    xp_modifiers,
    titles,
    user_titles,
    bosses,
    boss_phases,
    boss_attempts,
    dungeons,
    dungeon_attempts,
    game_configs,
    narrative_contents,
    levelkit_migrations,
    levelkit_rulesets,
    levelkit_players,
    levelkit_zone_history,
    levelkit_facts,
    levelkit_sums,
    levelkit_specials,
    levelkit_counters,
    levelkit_title_history,
    levelkit_adjustments,
    levelkit_attempts,
    levelkit_award_rules,
    levelkit_season_seals,
);

diesel::table! {
    levelkit_legacy (user_id) {
        user_id -> Text,
        last_event_id -> Text,
        last_created_at -> BigInt,
        events -> BigInt,
        xp -> BigInt,
    }
}
