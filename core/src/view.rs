//! Views: explaining a player, without changing anything.

use crate::api::{
    AwardView, BossView, ChallengeView, Command, ConditionType, ConditionView, Day, DungeonView, Event, Explanation,
    Instant, Logic, Misses, Missing, Operator, PlayerView, QuestStatus, QuestType, QuestView, Refusal,
    RequirementState, SeasonStatus, SeasonView, Source, Stat, TitleView as TitleSeen, Xp,
};
use crate::award::Ask;
use crate::boss::phase_window;
use crate::change::Count;
use crate::engine::{Engine, Moment, Turn, Workspace};
use crate::metric::{Input, Inputs, Raw};
use crate::player::{BossAttempt, DungeonAttempt, Player, QuestLog};
use crate::quest::window_of;
use crate::ruleset::Ruleset;
use crate::ruleset::compile::{CompiledRequirement, Condition, Regression, SubjectName, Title};
use crate::title::TitleView;

impl Engine {
    /// What a command would bring, without doing it.
    ///
    /// # Errors
    /// The [`Refusal`] the command would meet.
    pub fn preview(&self, player: &Player, at: Instant, command: &Command) -> Result<Vec<Event>, Refusal> {
        self.execute(&mut player.clone(), at, command).map(|record| record.events)
    }

    /// The player at an instant, as the next command would find it: what is due by then has happened.
    ///
    /// # Errors
    /// `TIME_BACKWARDS` for an instant before the last command, `XP_OVERFLOW` if what is due overflows.
    pub fn view(&self, player: &Player, at: Instant) -> Result<PlayerView, Refusal> {
        let mut player = player.clone();
        if player.state.last_at.is_some() {
            self.apply(&mut player, at, &Command::Advance {}, &mut Count::default())?;
        }
        Ok(Viewer { engine: self, player: &player, at }.player())
    }
}

struct Viewer<'a> {
    engine: &'a Engine,
    player: &'a Player,
    at: Instant,
}

impl Viewer<'_> {
    /// The ruleset in force for the player: that which opened the open day.
    fn ruleset(&self) -> &Ruleset {
        let opened = self.player.state.days.last().map(|open| open.rules);
        self.engine.ruleset_of(opened.unwrap_or(self.engine.ruleset().hash()))
    }

    fn today(&self) -> Day {
        self.player.state.open_day.unwrap_or(Day::MIN)
    }

    fn player(&self) -> PlayerView {
        let (state, rules) = (&self.player.state, self.ruleset().rules());
        let stat = |stat: Stat| {
            let effective = i64::from(state.stats.get(stat)) + rules.stat_bonus(state, stat);
            effective.clamp(i32::MIN.into(), i32::MAX.into()) as i32
        };
        PlayerView {
            player: self.player.id.to_string(),
            timezone: state.zone.name().to_owned(),
            level: state.level,
            total_xp: Xp(state.total_xp),
            level_began_at: Xp(rules.curve.threshold(state.level).unwrap_or(0)),
            next_level_at: state.level.checked_add(1).and_then(|next| rules.curve.threshold(next)).map(Xp),
            current_streak: state.current_streak,
            longest_streak: state.longest_streak,
            perfect_streak: state.perfect_streak,
            debuffed_until: state.debuff_active_until.filter(|until| self.at < *until),
            str: stat(Stat::Str),
            agi: stat(Stat::Agi),
            vit: stat(Stat::Vit),
            disc: stat(Stat::Disc),
            active_title: state.active_title.as_ref().map(ToString::to_string),
            first_day: state.first_day,
            open_day: state.open_day,
            day_ends_at: state.day_ends_at,
            quests: self.quests(),
            titles: rules.titles.iter().map(|title| self.title(title)).collect(),
            boss: state.boss_in_progress().and_then(|attempt| self.boss(attempt)),
            dungeon: state.dungeon_in_progress().and_then(|attempt| self.dungeon(attempt)),
            seasons: self.seasons(),
        }
    }

    fn quests(&self) -> Vec<QuestView> {
        let mut logs: Vec<&QuestLog> = self.player.state.logs.iter().collect();
        logs.sort_by_key(|log| (log.day, self.engine.rules(log.rules).quest_place(&log.quest)));
        logs.into_iter().filter_map(|log| self.quest(log)).collect()
    }

    fn quest(&self, log: &QuestLog) -> Option<QuestView> {
        let ruleset = self.engine.ruleset_of(log.rules);
        let (rules, quest) = (ruleset.rules(), ruleset.rules().quest(&log.quest)?);
        let template = ruleset.document().quests.iter().find(|template| *template.id == *log.quest)?;
        let weekly = quest.kind == QuestType::Weekly;
        let window = window_of(quest, log.day);
        // A weekly quest's raw metrics are those of the day concerned: today, or its week's last day while that is in its grace.
        let day = if weekly { self.today().min(window.to) } else { log.day };
        let inputs = Inputs { player: self.player, rules, window, raw: Raw::Day(day), today: self.today() };
        let (explanation, missing) = explain(&quest.requirement, inputs, Some(window.to));
        let moment = Moment { at: self.at, day, today: self.today() };
        let ask = Ask { base_xp: quest.base_xp, source: Source::QuestCompletion, moment, dungeon: None };
        Some(QuestView {
            quest: log.quest.to_string(),
            name: template.name.clone(),
            kind: quest.kind,
            day: log.day,
            is_core: quest.is_core,
            status: log.status,
            explanation,
            missing,
            award: (log.status == QuestStatus::Active).then(|| self.award(log.rules, ask)).flatten(),
            xp_awarded: log.xp_awarded,
        })
    }

    /// What an award would be now; none if it would be refused.
    fn award(&self, rules: crate::player::RulesetHash, ask: Ask<'_>) -> Option<AwardView> {
        let (mut player, mut sink, mut workspace) = (self.player.clone(), Count::default(), Workspace::default());
        let turn = Turn::new(self.engine, &mut player, self.at, &mut sink, &mut workspace);
        let award = turn.decide_award(self.engine.rules(rules), ask).ok()?;
        Some(AwardView { base_xp: award.base_xp, final_xp: award.final_xp, steps: award.to_steps() })
    }

    fn title(&self, title: &Title) -> TitleSeen {
        let document = self.ruleset().document();
        let content = document.titles.iter().find(|content| *content.id == *title.id);
        let earned = self.player.state.titles.iter().find(|earned| earned.title == title.id);
        let view = TitleView { player: self.player, rules: self.ruleset().rules(), today: self.today() };
        TitleSeen {
            title: title.id.to_string(),
            name: content.map_or_else(String::new, |content| content.name.clone()),
            rarity: content.map_or(crate::api::TitleRarity::Common, |content| content.rarity),
            held: earned.is_some_and(|earned| earned.revoked_at.is_none()),
            active: self.player.state.active_title.as_ref() == Some(&title.id),
            earned_at: earned.map(|earned| earned.earned_at),
            revoked_at: earned.and_then(|earned| earned.revoked_at),
            condition: self.condition(&view, title.kind, &title.condition),
            misses: title.regression.as_ref().map(|regression| misses(&view, regression)),
        }
    }

    fn condition(&self, view: &TitleView<'_>, kind: ConditionType, condition: &Condition) -> ConditionView {
        let reached = view.reached(condition);
        let (subject, parts) = match condition {
            Condition::Streak { kind, .. } => (Some(kind.to_string()), vec![]),
            Condition::Lifetime { counter, .. } => (counter.split_once('.').map(|(_, about)| about.to_owned()), vec![]),
            Condition::Window { subject: SubjectName::Metric(name) | SubjectName::Quest(name), .. } => {
                (Some(name.to_string()), vec![])
            }
            Condition::Compound { parts, .. } => {
                (None, parts.iter().map(|(kind, part)| self.condition(view, *kind, part)).collect())
            }
            Condition::AccountCreation => (Some("ACCOUNT_CREATION".to_owned()), vec![]),
            Condition::FirstOfMonth => (Some("FIRST_OF_MONTH".to_owned()), vec![]),
            Condition::Level { .. } => (Some("LEVEL".to_owned()), vec![]),
            Condition::Special { name } => (Some(name.to_string()), vec![]),
        };
        ConditionView {
            kind,
            subject,
            met: reached.met,
            progress: reached.progress,
            target: reached.target,
            remaining: (reached.target - reached.progress).max(0),
            by: view.counts_until(condition).filter(|_| !reached.met),
            parts,
        }
    }

    fn boss(&self, attempt: &BossAttempt) -> Option<BossView> {
        let ruleset = self.engine.ruleset_of(attempt.rules);
        let (rules, boss) = (ruleset.rules(), ruleset.rules().boss(&attempt.boss)?);
        let content = ruleset.document().bosses.iter().find(|content| *content.id == *attempt.boss)?;
        let phase = boss.phase(attempt.phase)?;
        // Days that are not closed count as well: today, and those in their grace.
        let open = self.player.state.days.iter().filter(|open| attempt.phase_from <= open.day).count() as i32;
        let number = attempt.days_closed + open;
        // Skipped dates aside, the phase's last day is this many days on; or back, while that day is in its grace.
        let last_day = self.today().plus(phase.duration_days - number);
        let day = self.today().min(last_day);
        let inputs = Inputs {
            player: self.player,
            rules,
            window: phase_window(attempt, day),
            raw: Raw::Day(day),
            today: self.today(),
        };
        let (explanation, missing) = explain(&phase.requirement, inputs, Some(last_day));
        let moment = Moment { at: self.at, day, today: self.today() };
        let ask = Ask { base_xp: boss.xp_reward, source: Source::BossDefeat, moment, dungeon: None };
        Some(BossView {
            boss: attempt.boss.to_string(),
            name: content.name.clone(),
            status: attempt.status,
            phase: attempt.phase,
            phases: boss.phases.len() as i32,
            day: number.min(phase.duration_days),
            days: phase.duration_days,
            retries: attempt.retries,
            explanation,
            missing,
            award: self.award(attempt.rules, ask),
        })
    }

    fn dungeon(&self, attempt: &DungeonAttempt) -> Option<DungeonView> {
        let ruleset = self.engine.ruleset_of(attempt.rules);
        let (rules, dungeon) = (ruleset.rules(), ruleset.rules().dungeon(&attempt.dungeon)?);
        let content = ruleset.document().dungeons.iter().find(|content| *content.id == *attempt.dungeon)?;
        let inputs = attempt.inputs(self.player, rules, self.today());
        let challenges = dungeon.challenges.iter().zip(&content.challenges).map(|(challenge, content)| {
            let (explanation, missing) = explain(challenge, inputs, None);
            ChallengeView { name: content.name.clone(), explanation, missing }
        });
        let moment = Moment { at: self.at, day: self.today(), today: self.today() };
        let award = i32::try_from(dungeon.base_xp).ok().and_then(|base_xp| {
            let multiplier = Some((&*dungeon.id, dungeon.multiplier));
            self.award(attempt.rules, Ask { base_xp, source: Source::DungeonClear, moment, dungeon: multiplier })
        });
        Some(DungeonView {
            dungeon: attempt.dungeon.to_string(),
            name: content.name.clone(),
            status: attempt.status,
            deadline: attempt.deadline,
            challenges: challenges.collect(),
            award,
        })
    }

    fn seasons(&self) -> Vec<SeasonView> {
        let joined = &self.player.state.seasons;
        let seasons = self.ruleset().document().seasons.iter().zip(&self.ruleset().rules().seasons);
        let views = seasons.map(|(content, season)| {
            let participation = joined.iter().find(|joined| joined.season == season.id);
            SeasonView {
                season: season.id.to_string(),
                name: content.name.clone(),
                status: season.status(self.at),
                ends_at: season.end,
                joined: participation.is_some(),
                season_xp: Xp(participation.map_or(0, |participation| participation.season_xp)),
            }
        });
        views.filter(|view| view.joined || view.status == SeasonStatus::Active).collect()
    }
}

fn misses(view: &TitleView<'_>, regression: &Regression) -> Misses {
    Misses { found: view.misses(regression), limit: regression.misses }
}

/// Why a requirement is met or not, and the shortest way to meet it.
fn explain(requirement: &CompiledRequirement, inputs: Inputs<'_>, by: Option<Day>) -> (Explanation, Vec<Missing>) {
    let explanation = requirement.explain_with(&mut |input| inputs.value(input), &Input::name);
    let missing = shortest_way(&explanation, by);
    (explanation, missing)
}

/// The fewest leaves that would make a requirement met; of two ways as short, the nearer one.
pub(crate) fn shortest_way(explanation: &Explanation, by: Option<Day>) -> Vec<Missing> {
    way_to(explanation, true, by)
}

/// The fewest leaves that would make a requirement met or, behind a `not`, not met: there an AND asks for one part only.
fn way_to(explanation: &Explanation, met: bool, by: Option<Day>) -> Vec<Missing> {
    let goal = if met { RequirementState::Met } else { RequirementState::NotMet };
    if explanation.state() == goal {
        return vec![];
    }
    match explanation {
        Explanation::Numeric { metric, op, target, value, .. } => {
            let op = if met { *op } else { opposite(*op) };
            let distance = value.map_or(target.abs(), |found| apart(metric, op, *target, found));
            let (target, distance) = (Some(*target), Some(distance));
            vec![Missing { metric: metric.clone(), op: Some(op), target, value: *value, distance, by }]
        }
        Explanation::Between { metric, min, max, value, distance, .. } => {
            let distance = if met { *distance } else { value.map(|found| (found - min).min(max - found)) };
            vec![Missing { metric: metric.clone(), op: None, target: None, value: *value, distance, by }]
        }
        Explanation::Boolean { metric, .. } => {
            vec![Missing { metric: metric.clone(), op: None, target: None, value: None, distance: None, by }]
        }
        Explanation::Not { part, .. } => way_to(part, !met, by),
        Explanation::Compound { logic, parts, .. } => {
            let ways = parts.iter().map(|part| (way_to(part, met, by), part.fraction()));
            if (*logic == Logic::And) == met {
                return ways.flat_map(|(way, _)| way).collect();
            }
            let nearest = ways.min_by(|(one, one_fraction), (other, other_fraction)| {
                let nearer =
                    if met { other_fraction.total_cmp(one_fraction) } else { one_fraction.total_cmp(other_fraction) };
                one.len().cmp(&other.len()).then(nearer)
            });
            nearest.map_or_else(Vec::new, |(way, _)| way)
        }
    }
}

/// How far a value is from what is asked of it; a count gets there in whole steps.
fn apart(metric: &str, op: Operator, target: f64, found: f64) -> f64 {
    let apart = (target - found).abs();
    match op {
        _ if !Input::resolve(metric).is_count() => apart,
        Operator::Above | Operator::Below | Operator::NotEqual => apart.floor() + 1.0,
        Operator::AtLeast | Operator::AtMost => apart.ceil(),
        Operator::Equal => apart,
    }
}

/// The comparison that holds where the other does not.
fn opposite(op: Operator) -> Operator {
    match op {
        Operator::AtLeast => Operator::Below,
        Operator::AtMost => Operator::Above,
        Operator::Above => Operator::AtMost,
        Operator::Below => Operator::AtLeast,
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{MetricValue, Metrics};
    use crate::requirement::Requirement;

    fn leaf(metric: &str, op: &str, value: f64) -> String {
        format!(r#"{{"type":"numeric","metric":"{metric}","op":"{op}","value":{value:?}}}"#)
    }

    fn flag(metric: &str, value: bool) -> String {
        format!(r#"{{"type":"boolean","metric":"{metric}","value":{value}}}"#)
    }

    fn not(part: &str) -> String {
        format!(r#"{{"type":"not","requirement":{part}}}"#)
    }

    fn all(parts: &[String]) -> String {
        format!(r#"{{"type":"compound","logic":"AND","requirements":[{}]}}"#, parts.join(","))
    }

    fn any(parts: &[String]) -> String {
        format!(r#"{{"type":"compound","logic":"OR","requirements":[{}]}}"#, parts.join(","))
    }

    /// The shortest way from these metrics, as `metric op target by distance` each.
    fn way<const N: usize>(requirement: &str, metrics: [(&str, MetricValue); N]) -> Vec<String> {
        let requirement: Requirement = crate::ruleset::parse_requirement(requirement).unwrap();
        let metrics = Metrics::from(metrics);
        let explained =
            requirement.explain_with(&mut |name: &String| metrics.0.get(name).copied(), &|name| name.clone());
        let missing = shortest_way(&explained, None).into_iter();
        let told = missing.map(|Missing { metric, op, target, distance, .. }| {
            let (op, number) = (op.map_or("", |op| op.as_str()), |number: Option<f64>| {
                number.map_or_else(String::new, |number| number.to_string())
            });
            format!("{metric} {op} {} by {}", number(target), number(distance))
        });
        told.collect()
    }

    #[test]
    fn a_count_is_so_many_more() {
        let far = |metric: &str, op: &str, target: f64, found: f64| {
            let way = way(&leaf(metric, op, target), [(metric, found.into())]);
            way.first().and_then(|way| way.split_once(" by ")).map(|(_, distance)| distance.to_owned())
        };
        for (metric, op, target, found, expected) in [
            ("completions.lift", ">=", 3.0, 1.0, "2"),
            ("completions.lift", ">=", 2.5, 1.0, "2"),
            ("completions.lift", ">", 3.0, 3.0, "1"),
            ("completions.lift", ">", 3.0, 1.0, "3"),
            ("completions.lift", ">", 2.5, 1.0, "2"),
            ("days.steps", "<", 3.0, 3.0, "1"),
            ("perfect_days", "<", 3.0, 5.0, "3"),
            ("perfect_days", "<=", 2.5, 4.0, "2"),
            ("level", "!=", 4.0, 4.0, "1"),
            ("level", "==", 4.0, 1.0, "3"),
            // Measurements and rates do not go in steps.
            ("steps", ">", 8000.0, 7999.5, "0.5"),
            ("sum.steps", ">=", 100.5, 100.0, "0.5"),
            ("max.steps", ">=", 100.5, 100.0, "0.5"),
            ("daily_completion_rate", ">=", 0.75, 0.5, "0.25"),
        ] {
            assert_eq!(far(metric, op, target, found).as_deref(), Some(expected), "{metric} {op} {target}");
        }
        for count in ["current_streak", "perfect_streak", "longest_streak", "total_xp", "str", "days_since_start"] {
            assert_eq!(far(count, ">", 7.0, 7.0).as_deref(), Some("1"), "{count}");
        }
        for count in ["dungeon_clears", "boss_victories"] {
            assert_eq!(far(count, ">=", 1.0, 0.0).as_deref(), Some("1"), "{count}");
        }
        assert_eq!(far("level", ">=", 4.0, 4.0), None);
        assert_eq!(way(&leaf("steps", ">=", 8000.0), []), ["steps >= 8000 by 8000"]);
        assert_eq!(way(&leaf("debt", "<=", -5.0), []), ["debt <= -5 by 5"]);
    }

    #[test]
    fn the_way_through_a_not_is_its_opposite() {
        let walk = leaf("steps", ">=", 8000.0);
        for (op, opposite) in [(">=", "<"), ("<=", ">"), (">", "<="), ("<", ">="), ("==", "!="), ("!=", "==")] {
            let way = way(&not(&leaf("sweets", op, 2.0)), []);
            assert_eq!(way, [format!("sweets {opposite} 2 by 2")]);
        }
        assert_eq!(way(&not(&leaf("sweets", ">", 2.0)), [("sweets", 5.0.into())]), ["sweets <= 2 by 3"]);
        assert!(way(&not(&leaf("sweets", ">", 2.0)), [("sweets", 1.0.into())]).is_empty());
        assert_eq!(way(&not(&not(&walk)), []), ["steps >= 8000 by 8000"]);
        assert_eq!(way(&not(&flag("late", true)), [("late", true.into())]), ["late   by "]);
        let between = r#"{"type":"between","metric":"sleep","min":6,"max":10}"#;
        assert_eq!(way(between, [("sleep", 5.0.into())]), ["sleep   by 1"]);
        assert_eq!(way(&not(between), [("sleep", 7.0.into())]), ["sleep   by 1"]);
        assert_eq!(way(&not(between), [("sleep", 9.5.into())]), ["sleep   by 0.5"]);
        assert_eq!(way(&not(between), []), ["sleep   by "]);
        // All of what is not known yet is missing, what must not be so included.
        let both = all(&[walk.clone(), not(&leaf("sweets", ">", 2.0))]);
        assert_eq!(way(&both, []), ["steps >= 8000 by 8000", "sweets <= 2 by 2"]);
        assert_eq!(way(&both, [("sweets", 0.0.into())]), ["steps >= 8000 by 8000"]);
        assert_eq!(way(&not(&any(&[flag("late", true), flag("ill", true)])), []), ["late   by ", "ill   by "]);
    }

    #[test]
    fn of_several_ways_the_shortest_and_then_the_nearest() {
        let (walk, swim) = (leaf("steps", ">=", 8000.0), leaf("lanes", ">=", 40.0));
        let rested = not(&flag("late", true));
        let long = all(&[swim.clone(), flag("cap", true)]);
        assert_eq!(way(&any(&[long.clone(), walk.clone()]), []), ["steps >= 8000 by 8000"]);
        assert_eq!(way(&any(&[walk.clone(), swim.clone()]), [("lanes", 10.0.into())]), ["lanes >= 40 by 30"]);
        assert_eq!(way(&any(&[walk.clone(), swim.clone()]), []), ["steps >= 8000 by 8000"]);
        // A way that asks to leave something is one as well.
        let either = any(&[walk.clone(), rested.clone()]);
        assert_eq!(way(&either, [("steps", 4000.0.into()), ("late", true.into())]), ["steps >= 8000 by 4000"]);
        assert!(way(&either, [("late", false.into())]).is_empty());
        assert_eq!(way(&any(&[rested, long]), []), ["late   by "]);
        // Not both: the one that is less met is nearer to not being so.
        let not_both = not(&all(&[leaf("a", ">=", 1.0), leaf("b", "<=", 1.0)]));
        assert_eq!(way(&not_both, [("a", 1.0.into())]), ["b > 1 by 1"]);
    }
}
