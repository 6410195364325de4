//! Narratives: what people read when something happens (the rules, section 13).
//!
//! A text names its variables as `{{name}}`. An event offers its own fields (`quest`, `final_xp`, `level_after`, ...) and the
//! player's state (`level`, `total_xp`, `current_streak`, ...); a host adds its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::api::{Event, NarrativeCategory};
use crate::engine::Engine;
use crate::metric::{Input, Inputs, Raw, Window};
use crate::player::Player;
use crate::ruleset::Ruleset;
use crate::ruleset::document::Narrative;

/// The values of a text's variables, by name.
pub type Variables = BTreeMap<String, String>;

/// Why a text cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum NarrativeError {
    /// No narrative in force has that key.
    #[error("there is no narrative {key:?}")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// The text names a variable that its `variables` do not list.
    #[error("narrative {key:?} names {{{{{variable}}}}}, which its variables do not list")]
    UnknownVariable {
        /// The narrative's key.
        key: String,
        /// The variable.
        variable: String,
    },
    /// A variable of the text has no value here.
    #[error("narrative {key:?} needs a value for {{{{{variable}}}}}")]
    MissingVariable {
        /// The narrative's key.
        key: String,
        /// The variable.
        variable: String,
    },
}

impl NarrativeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey { .. } => "UNKNOWN_ID",
            Self::UnknownVariable { .. } => "UNKNOWN_VARIABLE",
            Self::MissingVariable { .. } => "MISSING_VARIABLE",
        }
    }
}

/// One text, told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Told {
    /// The narrative's key, or the id of the title or boss whose own message it is.
    pub key: String,
    /// What people read.
    pub text: String,
}

impl Ruleset {
    /// The narrative of a key, if it is in use.
    pub fn narrative(&self, key: &str) -> Option<&Narrative> {
        self.narratives().find(|narrative| narrative.key == key)
    }

    /// Every narrative in use of a category, in ruleset order.
    pub fn narratives_about(&self, category: NarrativeCategory) -> impl Iterator<Item = &Narrative> {
        self.narratives().filter(move |narrative| narrative.category == category)
    }

    /// Every narrative in use that an event shows, in ruleset order; `event` is its name, such as `LEVEL_UP`.
    pub fn narratives_for<'a>(&'a self, event: &'a str) -> impl Iterator<Item = &'a Narrative> {
        self.narratives().filter(move |narrative| {
            let context = narrative.context.as_ref();
            context.and_then(|context| context.event.as_deref()) == Some(event)
        })
    }

    fn narratives(&self) -> impl Iterator<Item = &Narrative> {
        self.document().narratives.iter().filter(|narrative| narrative.is_active)
    }

    /// Tells the narrative of a key with these variables.
    ///
    /// # Errors
    /// `UNKNOWN_ID` for an unknown key, `UNKNOWN_VARIABLE` for a variable that the narrative does not list,
    /// `MISSING_VARIABLE` for one without a value.
    ///
    /// ```
    /// use levelkit::{Ruleset, narrative::Variables};
    /// let ruleset = Ruleset::from_json(r#"{"format":"levelkit.ruleset/1","narratives":[
    ///     {"key":"hello","category":"ONBOARDING","content":"Welcome, {{name}}."}]}"#).unwrap();
    /// let named = Variables::from([("name".to_owned(), "Ida".to_owned())]);
    /// assert_eq!(ruleset.tell("hello", &named).unwrap(), "Welcome, Ida.");
    /// assert_eq!(ruleset.tell("hello", &Variables::new()).unwrap_err().code(), "MISSING_VARIABLE");
    /// ```
    pub fn tell(&self, key: &str, variables: &Variables) -> Result<String, NarrativeError> {
        let narrative = self.narrative(key).ok_or_else(|| NarrativeError::UnknownKey { key: key.to_owned() })?;
        fill_in(narrative, variables)
    }
}

impl Engine {
    /// What people read about an event of a player: the title's, the boss's own message, then every narrative that the
    /// event shows and whose `when` is met. `own` are the host's variables.
    ///
    /// A text that cannot be filled in is an error of its own, `UNKNOWN_VARIABLE` or `MISSING_VARIABLE`; the others are told.
    pub fn narrate(&self, player: &Player, event: &Event, own: &Variables) -> Vec<Result<Told, NarrativeError>> {
        let in_force = player.state.days.last().map_or(self.ruleset().hash(), |open| open.rules);
        let ruleset = self.ruleset_of(in_force);
        let today = player.state.open_day.unwrap_or(crate::api::Day::MIN);
        let window = Window::day(today);
        let inputs = Inputs { player, rules: ruleset.rules(), window, raw: Raw::Day(today), today };
        let (name, mut variables) = variables_of(event);
        add_state(&mut variables, player, today);
        variables.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        let shown = ruleset.narratives_for(&name).filter(|narrative| {
            let when = narrative.context.as_ref().and_then(|context| context.when.as_ref());
            when.is_none_or(|when| when.outcome(&mut |name| inputs.value(&Input::resolve(name))).is_met())
        });
        let told = shown.map(|narrative| {
            let text = fill_in(narrative, &variables)?;
            Ok(Told { key: narrative.key.clone(), text })
        });
        self.own_message(player, event).map(Ok).into_iter().chain(told).collect()
    }

    /// The message that the content itself carries for an event. A fight that began under rules of the past ends with what they
    /// say, and may give a title that is theirs alone.
    fn own_message(&self, player: &Player, event: &Event) -> Option<Told> {
        let fought = player.state.boss.as_ref().filter(|attempt| match event {
            Event::BossStarted { boss, .. } | Event::BossVictory { boss, .. } => *attempt.boss == **boss,
            _ => false,
        });
        let opened = player.state.days.last().map(|open| open.rules);
        let first = fought.map(|attempt| attempt.rules).or(opened).map(|rules| self.ruleset_of(rules));
        first.into_iter().chain(self.rulesets()).find_map(|ruleset| own_message(ruleset, event))
    }
}

/// The player's state as variables; an event's own fields come first.
fn add_state(variables: &mut Variables, player: &Player, today: crate::api::Day) {
    let state = &player.state;
    let since = state.first_day.map_or(0, |first| today.number() - first.number());
    for (name, value) in [
        ("level", i64::from(state.level)),
        ("total_xp", state.total_xp),
        ("current_streak", state.current_streak.into()),
        ("perfect_streak", state.perfect_streak.into()),
        ("longest_streak", state.longest_streak.into()),
        ("days_since_start", since.into()),
    ] {
        variables.entry(name.to_owned()).or_insert_with(|| value.to_string());
    }
}

/// The message that the content itself carries for an event.
fn own_message(ruleset: &Ruleset, event: &Event) -> Option<Told> {
    let document = ruleset.document();
    let boss = |id: &String| document.bosses.iter().find(|boss| boss.id == *id);
    let (key, text) = match event {
        Event::TitleEarned { title: id } => {
            let title = document.titles.iter().find(|title| title.id == *id)?;
            (&title.id, &title.system_message)
        }
        Event::BossStarted { boss: id, .. } => boss(id).map(|boss| (&boss.id, &boss.intro_monologue))?,
        Event::BossVictory { boss: id, .. } => boss(id).map(|boss| (&boss.id, &boss.defeat_message))?,
        _ => return None,
    };
    Some(Told { key: key.clone(), text: text.clone() })
}

/// An event's name, and its own fields as variables.
fn variables_of(event: &Event) -> (String, Variables) {
    let mut name = String::new();
    let mut variables = Variables::new();
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(event) else {
        return (name, variables);
    };
    for (field, value) in fields {
        match value {
            serde_json::Value::String(text) if field == "event" => name = text,
            serde_json::Value::String(text) => drop(variables.insert(field, text)),
            serde_json::Value::Number(number) => drop(variables.insert(field, number.to_string())),
            serde_json::Value::Bool(yes) => drop(variables.insert(field, yes.to_string())),
            _ => {}
        }
    }
    (name, variables)
}

/// Fills a text's variables in. `{{` that no `}}` follows is text.
fn fill_in(narrative: &Narrative, variables: &Variables) -> Result<String, NarrativeError> {
    let listed = narrative.context.as_ref().and_then(|context| context.variables.as_ref());
    let mut text = String::with_capacity(narrative.content.len());
    let mut rest = narrative.content.as_str();
    while let Some((before, opened)) = rest.split_once("{{") {
        let Some((variable, after)) = opened.split_once("}}") else {
            break;
        };
        let (key, variable) = (narrative.key.clone(), variable.trim().to_owned());
        if listed.is_some_and(|listed| !listed.contains(&variable)) {
            return Err(NarrativeError::UnknownVariable { key, variable });
        }
        let Some(value) = variables.get(&variable) else {
            return Err(NarrativeError::MissingVariable { key, variable });
        };
        text.push_str(before);
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrative(content: &str, listed: Option<&[&str]>) -> Narrative {
        let variables = listed.map(|listed| listed.iter().map(|name| (*name).to_owned()).collect());
        Narrative {
            id: "n".to_owned(),
            key: "n".to_owned(),
            category: NarrativeCategory::LevelUp,
            content: content.to_owned(),
            context: Some(crate::ruleset::document::NarrativeContext { event: None, when: None, variables }),
            is_active: true,
        }
    }

    #[test]
    fn variables_are_filled_in_or_refused() {
        let variables = Variables::from([("level".to_owned(), "{{7}}".to_owned())]);
        let told = |content: &str, listed: Option<&[&str]>| {
            fill_in(&narrative(content, listed), &variables).map_err(|error| error.code())
        };
        assert_eq!(told("Level {{ level }}!", None), Ok("Level {{7}}!".to_owned()));
        assert_eq!(told("no {{end", None), Ok("no {{end".to_owned()));
        assert_eq!(told("{{level}} {{name}}", None), Err("MISSING_VARIABLE"));
        assert_eq!(told("{{name}}", Some(&["level"])), Err("UNKNOWN_VARIABLE"));
        assert_eq!(told("{{name}}", Some(&["name"])), Err("MISSING_VARIABLE"));
    }
}
