//! What happened, in a few lines.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::chaos::{Fault, Faults};
use crate::check::Checked;
use crate::crew::{Acknowledged, Crew};

/// What happened.
#[derive(Clone, Debug)]
pub struct Summary {
    pub(crate) chaos: Faults,
    pub(crate) checked: Checked,
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) met: BTreeMap<String, u64>,
    pub(crate) took: Duration,
}

impl Summary {
    pub(crate) fn new(chaos: Faults, checked: Checked, acknowledged: Acknowledged, crew: &Crew) -> Self {
        let took = crew.started().elapsed().unwrap_or_default();
        Self { chaos, checked, outcomes: acknowledged.outcomes, met: crew.met(), took }
    }

    /// What is lost, doubled, half there or does not verify; nothing, if all is well.
    pub fn wrong(&self) -> &[String] {
        &self.checked.wrong
    }

    /// How often something went wrong.
    pub fn faults(&self, fault: Fault) -> u64 {
        self.chaos.get(&fault).copied().unwrap_or(0)
    }

    /// How many commands were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.outcomes.get("ACKNOWLEDGED").copied().unwrap_or(0)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commands: u64 = self.outcomes.values().sum();
        let seconds = self.took.as_secs_f64();
        writeln!(f, "{commands} commands in {seconds:.0} s")?;
        self.outcomes.iter().try_for_each(|(outcome, count)| writeln!(f, "  {outcome}: {count}"))?;
        writeln!(f, "what they met, and tried again")?;
        self.met.iter().try_for_each(|(code, count)| writeln!(f, "  {code}: {count}"))?;
        writeln!(f, "what went wrong meanwhile")?;
        self.chaos.iter().try_for_each(|(fault, count)| writeln!(f, "  {fault:?}: {count}"))?;
        let Checked { players, events, wrong } = &self.checked;
        writeln!(f, "{players} ledgers with {events} events were verified against all that was acknowledged")?;
        wrong.iter().take(40).try_for_each(|what| writeln!(f, "  {what}"))?;
        write!(f, "{} lost, doubled or half there", wrong.len())
    }
}
