//! Awards: XP by the modifier stack, onto the total, the level and the season (the rules, sections 3, 4 and 10).

use crate::api::{CountedEvent, Multiplier, Refusal, Source};
use crate::change::{AwardChange, Change, Sink, SourceRef};
use crate::engine::{Moment, Turn};
use crate::modifier::{Award, AwardContext, TitleBonus};
use crate::player::RulesetHash;
use crate::ruleset::compile::Rules;
use crate::title::TitleInputs;

/// What is to be awarded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) base_xp: i32,
    pub(crate) source: Source,
    pub(crate) moment: Moment,
    /// The dungeon's factor, for a clear.
    pub(crate) dungeon: Option<(&'a str, Multiplier)>,
}

impl<S: Sink> Turn<'_, S> {
    /// Works an award out as things stand, without giving it.
    pub(crate) fn decide_award<'r>(&self, rules: &'r Rules, ask: Ask<'r>) -> Result<Award<'r>, Refusal> {
        let state = &self.player.state;
        let title = rules.active_title(state);
        let context = AwardContext {
            current_streak: state.current_streak,
            weekend: ask.moment.day.is_weekend(),
            season: rules.active_season(ask.moment.at).map(|season| (&*season.id, season.multiplier)),
            title: title.and_then(|title| title.passive.map(|passive| TitleBonus { id: &title.id, passive })),
            dungeon: ask.dungeon,
            debuffed: state.debuff_active_until.is_some_and(|until| ask.moment.at < until),
        };
        let mut award = rules.stack.apply_checked(ask.base_xp, ask.source, &context)?;
        if award.final_xp < 0 {
            // A negative adjustment takes no more than there is; the total is never below 0.
            let taken = i64::from(award.final_xp).max(-state.total_xp.max(0));
            award.final_xp = i32::try_from(taken).unwrap_or(award.final_xp);
        }
        Ok(award)
    }

    /// Gives an award: season score, total, level.
    pub(crate) fn give_award(
        &mut self,
        rules: &Rules,
        hash: RulesetHash,
        ask: Ask<'_>,
        award: &Award<'_>,
        source_ref: SourceRef<'_>,
    ) -> Result<(), Refusal> {
        let scores = matches!(ask.source, Source::QuestCompletion | Source::BossDefeat | Source::DungeonClear);
        if scores && let Some(season) = rules.active_season(ask.moment.at) {
            self.score(&season.id, award.final_xp, ask.moment.at)?;
        }
        let state = &mut self.player.state;
        let (total_xp_before, level_before) = (state.total_xp, state.level);
        let total = total_xp_before.checked_add(award.final_xp.into());
        let total_xp_after = total.ok_or_else(|| Refusal::overflow("total_xp"))?;
        let level_after = rules.curve.level(total_xp_after);
        (state.total_xp, state.level) = (total_xp_after, level_after);
        self.sink.change(Change::XpAwarded(AwardChange {
            award,
            source: ask.source,
            source_ref,
            total_xp_before,
            total_xp_after,
            level_before,
            level_after,
            rules: hash,
        }));
        if level_after != level_before {
            self.sink.change(Change::LevelChanged { level_before, level_after });
            if level_after > level_before {
                self.count_event(CountedEvent::LevelUp);
            }
            self.touch_titles(TitleInputs::LEVEL);
        }
        Ok(())
    }

    /// Decides an award and gives it.
    pub(crate) fn award(
        &mut self,
        rules: &Rules,
        hash: RulesetHash,
        ask: Ask<'_>,
        source_ref: SourceRef<'_>,
    ) -> Result<i32, Refusal> {
        let award = self.decide_award(rules, ask)?;
        self.give_award(rules, hash, ask, &award, source_ref)?;
        Ok(award.final_xp)
    }

    /// Counts an occasion that titles count.
    pub(crate) fn count_event(&mut self, event: CountedEvent) {
        let key = self.engine.keys().event(event);
        self.count(key);
        self.touch_titles(TitleInputs::EVENTS);
    }
}
