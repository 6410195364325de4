//! The sheet: how a player stands, on one page.

use levelkit::player::Player;
use levelkit::ruleset::document::Season;
use levelkit::{
    BossView, ConditionType, ConditionView, Day, DungeonView, Instant, Metrics, PlayerView, QuestStatus, QuestType,
    QuestView, RequirementState, SeasonStatus, TitleView,
};

use super::Names;
use super::explain;
use crate::bar;
use crate::paint::Paint;
use crate::tame;
use crate::text;

/// Writes a player's page.
pub(crate) struct Sheet<'a> {
    names: Names<'a>,
    paint: Paint,
    view: &'a PlayerView,
    player: &'a Player,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(names: Names<'a>, paint: Paint, view: &'a PlayerView, player: &'a Player) -> Self {
        Self { names, paint, view, player }
    }

    pub(crate) fn page(&self) -> String {
        let sections = [
            self.head(),
            self.today(),
            self.yesterday(),
            self.week(),
            self.boss(),
            self.dungeon(),
            self.titles(),
            self.seasons(),
        ];
        let sections: Vec<String> =
            sections.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect();
        sections.join("\n\n") + "\n"
    }

    fn head(&self) -> Vec<String> {
        let view = self.view;
        let level = self.paint.gold(&format!("level {}", text::whole(view.level)));
        let worn = view.active_title.as_ref().map(|title| format!(", {}", self.names.title_name(title)));
        let mut lines =
            vec![format!("{}{}: {level}", self.paint.bold(&tame::name(&view.player)), worn.unwrap_or_default())];
        let total = view.total_xp.0;
        lines.push(match view.next_level_at {
            Some(next) => {
                let (done, all) = (total - view.level_began_at.0, (next.0 - view.level_began_at.0).max(1));
                // Only a bar: the exact numbers stand beside it.
                let bar = self.paint.gold(&bar::still(done as f64 / all as f64));
                let (total, next, missing) = (text::whole(total), text::whole(next.0), text::whole(next.0 - total));
                format!("  {bar} {total} of {next} XP, {missing} to level {}", text::whole(view.level + 1))
            }
            None => format!("  {} XP, the highest level there is", text::whole(total)),
        });
        let stats = [("STR", view.str), ("AGI", view.agi), ("VIT", view.vit), ("DISC", view.disc)];
        lines.push(format!("  {}", stats.map(|(name, value)| format!("{name} {}", text::whole(value))).join("   ")));
        lines.push(format!(
            "  Streak: {} (longest {}), {} without a miss",
            text::plural(view.current_streak, "day"),
            text::whole(view.longest_streak),
            text::plural(view.perfect_streak, "day"),
        ));
        if let Some(until) = view.debuffed_until {
            lines.push(format!("  {}", self.paint.bad(&format!("Weary: less XP until {}", text::instant(until)))));
        }
        lines
    }

    fn today(&self) -> Vec<String> {
        let Some(day) = self.view.open_day else {
            return vec!["Not a day was played yet.".to_owned()];
        };
        let quests: Vec<&QuestView> =
            self.view.quests.iter().filter(|quest| quest.kind != QuestType::Weekly && quest.day == day).collect();
        let number = self.view.first_day.map_or(1, |first| day.number() - first.number() + 1);
        let mut lines = vec![self.paint.bold(&format!("Today, {} (day {})", text::day(day), text::whole(number)))];
        if quests.is_empty() {
            lines.push("  Nothing is asked of this day.".to_owned());
        }
        lines.extend(quests.into_iter().map(|quest| self.quest(quest)));
        lines
    }

    /// The weekly quests; last week's as well, as long as its last day is in its grace.
    fn week(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut week: Option<Day> = None;
        for quest in self.view.quests.iter().filter(|quest| quest.kind == QuestType::Weekly) {
            if week != Some(quest.day) {
                let (monday, sunday) = (text::day(quest.day), text::day(quest.day.plus(6)));
                lines.push(self.paint.bold(&format!("The week from {monday} to {sunday}")));
                week = Some(quest.day);
            }
            lines.push(self.quest(quest));
        }
        lines
    }

    fn quest(&self, quest: &QuestView) -> String {
        let core = if quest.is_core { " (core)" } else { "" };
        let earned = match (quest.xp_awarded, &quest.award) {
            (Some(xp), _) => format!(", +{} XP", text::whole(xp)),
            (None, Some(award)) => format!(", worth {} XP", text::whole(award.final_xp)),
            (None, None) => String::new(),
        };
        let mark = self.mark(quest.status);
        format!("  {mark} {}{core}: {}{earned}", tame::name(&quest.name), explain::line(&quest.explanation, self.names))
    }

    fn mark(&self, status: QuestStatus) -> String {
        match status {
            QuestStatus::Completed => self.paint.good("[x]"),
            QuestStatus::Active => "[ ]".to_owned(),
            QuestStatus::Failed | QuestStatus::Expired => self.paint.bad("[-]"),
        }
    }

    /// The last day that was closed: what was done, and what was missing.
    fn yesterday(&self) -> Vec<String> {
        let history = &self.player.history;
        let Some(closed) = history.days.last() else {
            return Vec::new();
        };
        let facts = history.facts.iter().filter(|fact| fact.day == closed.day);
        let metrics: Metrics = facts.map(|fact| (fact.metric.to_string(), fact.value)).collect();
        let (done, of) = (closed.core_completed, closed.core_total);
        let heading = format!("Last day closed, {}: {done} of {of} core quests", text::day(closed.day));
        let mut lines = vec![self.paint.bold(&heading)];
        let asked = self.names.document().quests.iter().filter(|quest| quest.kind == QuestType::Daily);
        for quest in asked {
            let is_of_day = |day: Day, id: &str| day == closed.day && *id == *quest.id;
            let completed = history.completions.iter().any(|log| is_of_day(log.day, &log.quest));
            let missed = history.misses.iter().any(|log| is_of_day(log.day, &log.quest));
            if !completed && !missed {
                continue;
            }
            let mark = if completed { self.paint.good("[x]") } else { self.paint.bad("[-]") };
            let why = quest.requirements.explain(&metrics).ok().filter(|why| why.state() != RequirementState::Unknown);
            let why = why.map_or_else(
                || if completed { "done".to_owned() } else { "nothing was reported".to_owned() },
                |why| explain::line(&why, self.names),
            );
            lines.push(format!("  {mark} {}: {why}", tame::name(&quest.name)));
        }
        lines
    }

    fn boss(&self) -> Vec<String> {
        let Some(BossView { boss, name, phase, phases, day, days, retries, explanation, .. }) = &self.view.boss else {
            return Vec::new();
        };
        let mut lines = vec![self.paint.bold(&format!("Boss fight: {}", tame::name(name)))];
        let again = match retries {
            0 => String::new(),
            retries => format!(", begun anew {}", text::plural(*retries, "time")),
        };
        let phase_name =
            self.names.phase(boss, *phase).map(|phase| format!(", {}", tame::name(&phase.name))).unwrap_or_default();
        lines.push(format!("  Phase {phase} of {phases}{phase_name}: day {day} of {days}{again}"));
        if let Some(phase) = self.names.phase(boss, *phase) {
            lines.push(format!("  {}", tame::one_line(&phase.description)));
        }
        lines.push(format!("  So far: {}", explain::line(explanation, self.names)));
        lines
    }

    fn dungeon(&self) -> Vec<String> {
        let Some(DungeonView { name, deadline, challenges, .. }) = &self.view.dungeon else {
            return Vec::new();
        };
        let mut lines =
            vec![self.paint.bold(&format!("In the dungeon {}, until {}", tame::name(name), text::instant(*deadline)))];
        for challenge in challenges {
            let met = challenge.explanation.state() == RequirementState::Met;
            let mark = if met { self.paint.good("[x]") } else { "[ ]".to_owned() };
            let (name, why) = (tame::name(&challenge.name), explain::line(&challenge.explanation, self.names));
            lines.push(format!("  {mark} {name}: {why}"));
        }
        lines
    }

    fn titles(&self) -> Vec<String> {
        let titles = &self.view.titles;
        if titles.is_empty() {
            return Vec::new();
        }
        let held = titles.iter().filter(|title| title.held).count();
        let mut lines = vec![self.paint.bold(&format!("Titles: {held} of {}", titles.len()))];
        lines.extend(titles.iter().map(|title| self.title(title)));
        lines
    }

    fn title(&self, title: &TitleView) -> String {
        let (rarity, name) = (text::label(title.rarity.as_str()), tame::name(&title.name));
        let what = self.names.title(&title.title).map(|title| tame::one_line(&title.description)).unwrap_or_default();
        if !title.held {
            let lost = title.revoked_at.map(|at| format!(", lost {}", date(at))).unwrap_or_default();
            let progress = progress(&title.condition);
            let missing = match title.condition.parts.is_empty() {
                true => String::new(),
                false => {
                    self.missing(&title.condition).map(|leaves| format!(" Missing: {leaves}.")).unwrap_or_default()
                }
            };
            return format!("  [ ] {name} ({rarity}{lost}): {what} {progress}.{missing}");
        }
        let since = title.earned_at.map(|at| format!(", since {}", date(at))).unwrap_or_default();
        let worn = if title.active { ", worn" } else { "" };
        format!("  {} {} ({rarity}{since}{worn}): {what}", self.paint.good("[x]"), self.paint.gold(&name))
    }

    /// What a condition still needs, leaf by leaf; none where it is met.
    fn missing(&self, condition: &ConditionView) -> Option<String> {
        if condition.met {
            return None;
        }
        let parts: Vec<String> = condition.parts.iter().filter_map(|part| self.missing(part)).collect();
        match parts.as_slice() {
            [] => Some(format!("{} {}", self.subject(condition), progress(condition))),
            [only] => Some(only.clone()),
            // An OR asks for one of its parts.
            _ if condition.target == 1 => Some(format!("either {}", parts.join(", or "))),
            _ => Some(text::list(&parts)),
        }
    }

    fn subject(&self, condition: &ConditionView) -> String {
        let about = condition.subject.as_deref().unwrap_or_default();
        match condition.kind {
            ConditionType::StreakDays => format!("{about} streak"),
            ConditionType::EventCount | ConditionType::Special => text::label(about),
            _ => self.names.quest(about).map_or_else(|| text::metric(about), |quest| tame::name(&quest.name)),
        }
    }

    fn seasons(&self) -> Vec<String> {
        let seen = self.view.seasons.iter().map(|season| {
            let theme =
                self.names.season(&season.season).map(|Season { theme, .. }| format!(" - {}", tame::one_line(theme)));
            let state = match (season.joined, season.status) {
                (false, _) => "not joined".to_owned(),
                (true, SeasonStatus::Ended) => {
                    format!("{} XP, over since {}", text::whole(season.season_xp.0), date(season.ends_at))
                }
                (true, _) => format!("{} XP so far, until {}", text::whole(season.season_xp.0), date(season.ends_at)),
            };
            format!("{} {}{}: {state}", self.paint.bold("Season"), tame::name(&season.name), theme.unwrap_or_default())
        });
        seen.collect()
    }
}

/// `5 of 10`, and for a count within a window by when the others must come.
fn progress(condition: &ConditionView) -> String {
    let ConditionView { progress, target, remaining, by, .. } = condition;
    let by = by.map(|by| format!(", {} more by {}", text::whole(*remaining), text::day(by))).unwrap_or_default();
    format!("{} of {}{by}", text::whole((*progress).min(*target)), text::whole(*target))
}

/// The date of an instant, in UTC.
fn date(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}
