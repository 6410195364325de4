//! The conformance vectors: one truth for every language and store (the rules, section 14).
//!
//! `LEVELKIT_VECTORS` names another folder; the default is the project's `tests/vectors`. `LEVELKIT_VECTORS_STOP=1` ends a run at
//! the first case that fails, for those who only ask whether one does.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use levelkit::ledger::{EventHash, XpEvent, XpModifier, hash_event};
use levelkit::modifier::{AwardContext, CompiledPassive, TitleBonus};
use levelkit::{
    Curve, Format, Metrics, ModifierStack, ModifierType, Multiplier, PassiveType, RequirementState, RulesetErrors,
    Source, Xp, ruleset,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// How many cases of a run passed, and what the others got wrong.
#[derive(Debug, Default)]
pub struct Tally {
    /// Cases that passed.
    pub passed: usize,
    /// A line for each case that did not.
    pub failures: Vec<String>,
}

impl Tally {
    /// Counts a case; `outcome` says what is wrong with it.
    pub fn count(&mut self, name: impl std::fmt::Display, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(wrong) => {
                assert!(std::env::var_os("LEVELKIT_VECTORS_STOP").is_none(), "{name}: {wrong}");
                self.failures.push(format!("{name}: {wrong}"));
            }
        }
    }

    /// Prints the line that every language prints, and fails if any case did.
    pub fn report(self, language: &str, target: &str) {
        // Written past the test runner's capture, so that a passing run says how many cases it had.
        let line = format!("vectors: {language} {target}: {} passed, {} failed\n", self.passed, self.failures.len());
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        let mut shown = String::new();
        for failure in self.failures.iter().take(40) {
            let _ = writeln!(shown, "{failure}");
        }
        assert!(self.passed + self.failures.len() > 0, "no vector was found in {}", folder().display());
        assert!(self.failures.is_empty(), "{} of the vectors failed:\n{shown}", self.failures.len());
    }
}

/// The folder of the vectors.
pub fn folder() -> PathBuf {
    // Cargo runs a test in its package's folder.
    std::env::var_os("LEVELKIT_VECTORS").map_or_else(|| "vectors".into(), PathBuf::from)
}

/// The files of a suite, in order.
pub fn files(suite: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder().join(suite)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// Reads one vector file; a file that is not of its form fails the run.
pub fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs every suite that needs no player.
pub fn run_pure(tally: &mut Tally) {
    for (suite, run) in [
        ("curve", curve as fn(&Path, &mut Tally)),
        ("requirement", requirement),
        ("award", award),
        ("ledger", ledger),
        ("ruleset_error", ruleset_error),
    ] {
        files(suite).iter().for_each(|path| run(path, tally));
    }
    crate::narrative::run(tally);
}

/// A case's name in the report.
pub(crate) fn name(path: &Path, index: usize) -> String {
    let suite = path.parent().and_then(Path::file_name).unwrap_or_default();
    let file = path.file_stem().unwrap_or_default();
    format!("{}/{}[{index}]", suite.to_string_lossy(), file.to_string_lossy())
}

/// What a case expects: its result, or a refusal's code.
pub(crate) fn settle<T>(
    result: Result<T, String>,
    refuse: Option<&str>,
    check: impl FnOnce(T) -> Result<(), String>,
) -> Result<(), String> {
    match (result, refuse) {
        (Ok(found), None) => check(found),
        (Ok(_), Some(code)) => Err(format!("expected {code}, got a result")),
        (Err(code), Some(expected)) if code == expected => Ok(()),
        (Err(code), Some(expected)) => Err(format!("expected {expected}, got {code}")),
        (Err(code), None) => Err(format!("refused with {code}")),
    }
}

/// Whether what was found is what was expected.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: expected {expected:?}, got {found:?}")),
    }
}

fn first_code(errors: &RulesetErrors) -> String {
    errors.0.first().map_or_else(String::new, |error| error.code.as_str().to_owned())
}

#[derive(Deserialize)]
struct CurveFile {
    curve: Box<RawValue>,
    cases: Vec<CurveCase>,
}

#[derive(Deserialize)]
struct CurveCase {
    level: Xp,
    threshold: Option<Xp>,
    total_xp: Option<Xp>,
    refuse: Option<String>,
}

fn curve(path: &Path, tally: &mut Tally) {
    let file: CurveFile = read(path);
    let spec = ruleset::parse_curve(file.curve.get()).unwrap_or_else(|errors| panic!("{}: {errors}", path.display()));
    let curve = Curve::new(&spec).unwrap();
    for (index, case) in file.cases.iter().enumerate() {
        let level = i32::try_from(case.level.0).unwrap();
        let threshold = case.threshold.map(|expected| same("threshold", curve.threshold(level), Some(expected.0)));
        let inverse = case.total_xp.map(|total| same("level", curve.level(total.0), level));
        let outcome = match &case.refuse {
            Some(_) => same("threshold", curve.threshold(level), None),
            None => [threshold, inverse].into_iter().flatten().collect(),
        };
        tally.count(name(path, index), outcome);
    }
}

#[derive(Deserialize)]
struct RequirementFile {
    cases: Vec<RequirementCase>,
}

#[derive(Deserialize)]
struct RequirementCase {
    requirement: Box<RawValue>,
    metrics: Box<RawValue>,
    state: Option<RequirementState>,
    fraction: Option<f64>,
    refuse: Option<String>,
}

fn requirement(path: &Path, tally: &mut Tally) {
    let file: RequirementFile = read(path);
    for (index, case) in file.cases.iter().enumerate() {
        let evaluated = ruleset::parse_requirement(case.requirement.get()).map_err(|errors| first_code(&errors));
        let evaluated = evaluated.and_then(|requirement| {
            let metrics: Metrics = serde_json::from_str(case.metrics.get()).map_err(|_| "INVALID_METRIC".to_owned())?;
            let outcome = requirement.evaluate(&metrics).map_err(|refusal| refusal.code().to_owned())?;
            let explained = requirement.explain(&metrics).map_err(|refusal| refusal.code().to_owned())?;
            assert_eq!(explained.state(), outcome.state, "{}: the explanation differs", name(path, index));
            Ok(outcome)
        });
        let outcome = settle(evaluated, case.refuse.as_deref(), |outcome| {
            case.state.map_or(Ok(()), |state| same("state", outcome.state, state))?;
            match case.fraction {
                Some(fraction) if (outcome.fraction - fraction).abs() > 1e-9 => {
                    Err(format!("fraction: expected {fraction}, got {}", outcome.fraction))
                }
                _ => Ok(()),
            }
        });
        tally.count(name(path, index), outcome);
    }
}

#[derive(Deserialize)]
struct AwardFile {
    modifiers: Option<Box<RawValue>>,
    cases: Vec<AwardCase>,
}

#[derive(Deserialize)]
struct AwardCase {
    base_xp: Xp,
    source: Source,
    #[serde(default)]
    context: Context,
    final_xp: Option<Xp>,
    steps: Option<Vec<StepCase>>,
    refuse: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    current_streak: i32,
    weekend: bool,
    season_multiplier: Option<Multiplier>,
    title: Option<PassiveCase>,
    dungeon_multiplier: Option<Multiplier>,
    debuffed: bool,
}

#[derive(Deserialize)]
struct PassiveCase {
    passive_type: PassiveType,
    passive_value: f64,
}

#[derive(Debug, Deserialize)]
struct StepCase {
    order: Option<i32>,
    #[serde(rename = "type")]
    modifier: ModifierType,
    multiplier: Multiplier,
    reason: Option<String>,
    xp_before: i32,
    xp_after: i32,
}

fn award(path: &Path, tally: &mut Tally) {
    let file: AwardFile = read(path);
    let text = file.modifiers.as_ref().map_or("{}", |modifiers| modifiers.get());
    let modifiers = ruleset::parse_modifiers(text).unwrap_or_else(|errors| panic!("{}: {errors}", path.display()));
    let stack = ModifierStack::new(&modifiers);
    for (index, case) in file.cases.iter().enumerate() {
        tally.count(name(path, index), award_case(&stack, case));
    }
}

fn award_case(stack: &ModifierStack, case: &AwardCase) -> Result<(), String> {
    let context = &case.context;
    let title = context.title.as_ref().map(|title| {
        let passive = CompiledPassive::new(title.passive_type, title.passive_value).unwrap();
        TitleBonus { id: "title", passive }
    });
    let context = AwardContext {
        current_streak: context.current_streak,
        weekend: context.weekend,
        season: context.season_multiplier.map(|multiplier| ("season", multiplier)),
        title,
        dungeon: context.dungeon_multiplier.map(|multiplier| ("dungeon", multiplier)),
        debuffed: context.debuffed,
    };
    let base_xp = i32::try_from(case.base_xp.0).map_err(|_| "XP_OVERFLOW".to_owned());
    let applied = base_xp
        .and_then(|base_xp| stack.apply(base_xp, case.source, &context).map_err(|refusal| refusal.code().to_owned()));
    settle(applied, case.refuse.as_deref(), |award| {
        case.final_xp.map_or(Ok(()), |expected| same("final_xp", i64::from(award.final_xp), expected.0))?;
        let Some(expected) = &case.steps else { return Ok(()) };
        same("steps", award.steps().len(), expected.len())?;
        for (order, (found, expected)) in (0..).zip(award.steps().iter().zip(expected)) {
            same("order", order, expected.order.unwrap_or(order))?;
            same("type", found.modifier, expected.modifier)?;
            same("multiplier", found.multiplier, expected.multiplier)?;
            let reason = found.reason.to_string();
            same("reason", &reason, expected.reason.as_ref().unwrap_or(&reason))?;
            same("xp", (found.xp_before, found.xp_after), (expected.xp_before, expected.xp_after))?;
        }
        Ok(())
    })
}

#[derive(Deserialize)]
struct LedgerFile {
    events: Vec<LedgerEvent>,
    hashes: Vec<EventHash>,
}

#[derive(Deserialize)]
struct LedgerEvent {
    created_at: Xp,
    #[serde(default)]
    modifiers: Vec<serde_json::Value>,
    #[serde(flatten)]
    fields: serde_json::Map<String, serde_json::Value>,
}

fn ledger(path: &Path, tally: &mut Tally) {
    let file: LedgerFile = read(path);
    let mut previous = EventHash::ZERO;
    assert_eq!(file.events.len(), file.hashes.len(), "{}", path.display());
    for (index, (mut event, expected)) in file.events.into_iter().zip(file.hashes).enumerate() {
        // The file counts microseconds; the row's own form is an instant.
        let created_at = levelkit::Instant::from_micros(event.created_at.0).unwrap();
        event.fields.insert("created_at".to_owned(), created_at.to_string().into());
        event.fields.insert("event_hash".to_owned(), EventHash::ZERO.to_string().into());
        for modifier in &mut event.modifiers {
            modifier["id"] = "not hashed".into();
        }
        let row: XpEvent = serde_json::from_value(event.fields.into()).unwrap();
        let modifiers: Vec<XpModifier> = serde_json::from_value(event.modifiers.into()).unwrap();
        let found = hash_event(previous, &row.fields(), &modifiers);
        tally.count(name(path, index), same("hash", found, expected));
        previous = expected;
    }
}

#[derive(Deserialize)]
struct ErrorFile {
    cases: Vec<ErrorCase>,
}

#[derive(Deserialize)]
struct ErrorCase {
    ruleset: Option<Box<RawValue>>,
    ruleset_text: Option<String>,
    errors: Vec<ExpectedError>,
}

#[derive(Deserialize)]
struct ExpectedError {
    path: String,
    code: String,
}

fn ruleset_error(path: &Path, tally: &mut Tally) {
    let file: ErrorFile = read(path);
    for (index, case) in file.cases.iter().enumerate() {
        let text = match (&case.ruleset, &case.ruleset_text) {
            (Some(ruleset), None) => ruleset.get(),
            (None, Some(text)) => text,
            _ => panic!("{}: a case has a ruleset or a text", name(path, index)),
        };
        let errors = ruleset::read_document(text, Format::Json).err().map_or_else(Vec::new, |errors| errors.0);
        let mut found: Vec<_> = errors.iter().map(|error| (error.path.clone(), error.code.as_str())).collect();
        let mut expected: Vec<_> = case.errors.iter().map(|error| (error.path.clone(), error.code.as_str())).collect();
        found.sort();
        expected.sort();
        tally.count(name(path, index), same("errors", found, expected));
    }
}
