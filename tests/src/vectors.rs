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
use serde_json::{Map, Value, json};

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

/// Reads one vector file; a file that is not of its form fails the run. What a case holds is read case by case.
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

pub(crate) fn first_code(errors: &RulesetErrors) -> String {
    errors.0.first().map_or_else(String::new, |error| error.code.as_str().to_owned())
}

/// A case, or a part of one, as its type. What is not of its form is that case's failure and no other's.
pub(crate) fn part<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| format!("not of the suite's form: {error}"))
}

/// An integer's code where it is too large for its type; what is none has no code.
fn integer<T: TryFrom<i64>>(value: &Value) -> Result<T, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let read = Xp::deserialize(value).ok().and_then(|read| T::try_from(read.0).ok());
    read.ok_or_else(|| match !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => "XP_OVERFLOW".to_owned(),
        false => format!("{value} is no integer"),
    })
}

/// A file of cases.
#[derive(Deserialize)]
struct Cases {
    cases: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct CurveFile {
    curve: Option<Box<RawValue>>,
    cases: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct CurveCase {
    level: Option<Value>,
    threshold: Option<Xp>,
    total_xp: Option<Value>,
    refuse: Option<String>,
}

fn curve(path: &Path, tally: &mut Tally) {
    let file: CurveFile = read(path);
    let curve = file.curve.map_or_else(
        || Ok(Curve::default()),
        |text| ruleset::parse_curve(text.get()).map(|spec| Curve::new(&spec).unwrap()),
    );
    let curve = curve.map_err(|errors| first_code(&errors));
    for (index, case) in file.cases.iter().enumerate() {
        tally.count(name(path, index), curve_case(&curve, case));
    }
}

fn curve_case(curve: &Result<Curve, String>, case: &RawValue) -> Result<(), String> {
    let case: CurveCase = part(case)?;
    let refuse = case.refuse.as_deref();
    let curve = match curve {
        Ok(curve) => curve,
        Err(code) => return settle(Err::<(), _>(code.clone()), refuse, Ok),
    };
    if let Some(total_xp) = &case.total_xp {
        let level = integer(total_xp).map(|total_xp| curve.level(total_xp));
        settle(level, refuse, |level| same("level", Some(level), case.level.as_ref().map(integer).transpose()?))?;
        if case.threshold.is_none() {
            return Ok(());
        }
    }
    let level = case.level.as_ref().ok_or("a case has a level or a total")?;
    // A level that does not fit does not exist either.
    let threshold = integer(level).ok().and_then(|level| curve.threshold(level));
    match refuse {
        Some(_) => same("threshold", threshold, None),
        None => same("threshold", threshold, case.threshold.map(|expected| expected.0)),
    }
}

#[derive(Deserialize)]
struct RequirementCase {
    requirement: Box<RawValue>,
    metrics: Option<Box<RawValue>>,
    state: Option<RequirementState>,
    fraction: Option<f64>,
    refuse: Option<String>,
}

fn requirement(path: &Path, tally: &mut Tally) {
    let file: Cases = read(path);
    for (index, case) in file.cases.iter().enumerate() {
        tally.count(name(path, index), part(case).and_then(|case: RequirementCase| requirement_case(&case)));
    }
}

fn requirement_case(case: &RequirementCase) -> Result<(), String> {
    let requirement = ruleset::parse_requirement(case.requirement.get()).map_err(|errors| first_code(&errors));
    let evaluated = requirement.and_then(|requirement| {
        let metrics = case.metrics.as_ref().map_or("{}", |metrics| metrics.get());
        let metrics: Metrics = serde_json::from_str(metrics).map_err(|_| "INVALID_METRIC".to_owned())?;
        let outcome = requirement.evaluate(&metrics).map_err(|refusal| refusal.code().to_owned())?;
        let explained = requirement.explain(&metrics).map_err(|refusal| refusal.code().to_owned())?;
        same("the explanation's state", explained.state(), outcome.state)?;
        Ok(outcome)
    });
    settle(evaluated, case.refuse.as_deref(), |outcome| {
        case.state.map_or(Ok(()), |state| same("state", outcome.state, state))?;
        match case.fraction {
            Some(fraction) if (outcome.fraction - fraction).abs() > 1e-9 => {
                Err(format!("fraction: expected {fraction}, got {}", outcome.fraction))
            }
            _ => Ok(()),
        }
    })
}

#[derive(Deserialize)]
struct AwardFile {
    modifiers: Option<Box<RawValue>>,
    cases: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct AwardCase {
    base_xp: Value,
    source: Source,
    context: Option<Context>,
    final_xp: Option<Xp>,
    steps: Option<Vec<StepCase>>,
    refuse: Option<String>,
}

#[derive(Default, Deserialize)]
struct Context {
    current_streak: Option<Value>,
    weekend: Option<bool>,
    season_multiplier: Option<Value>,
    title: Option<PassiveCase>,
    dungeon_multiplier: Option<Value>,
    debuffed: Option<bool>,
}

#[derive(Deserialize)]
struct PassiveCase {
    passive_type: PassiveType,
    passive_value: f64,
}

#[derive(Debug, Deserialize)]
struct StepCase {
    order: Option<Value>,
    #[serde(rename = "type")]
    modifier: ModifierType,
    multiplier: Multiplier,
    reason: Option<String>,
    xp_before: Value,
    xp_after: Value,
}

impl Context {
    fn read(&self) -> Result<AwardContext<'_>, String> {
        let factor = |id, multiplier: &Option<Value>| {
            let read =
                multiplier.as_ref().map(|given| Multiplier::deserialize(given).map(|multiplier| (id, multiplier)));
            read.transpose().map_err(|_| "INVALID_MULTIPLIER".to_owned())
        };
        let title = self.title.as_ref().map(|title| {
            let passive = CompiledPassive::new(title.passive_type, title.passive_value);
            passive.map(|passive| TitleBonus { id: "title", passive }).map_err(|_| "OUT_OF_RANGE".to_owned())
        });
        Ok(AwardContext {
            current_streak: self.current_streak.as_ref().map_or(Ok(0), integer)?,
            weekend: self.weekend.unwrap_or_default(),
            season: factor("season", &self.season_multiplier)?,
            title: title.transpose()?,
            dungeon: factor("dungeon", &self.dungeon_multiplier)?,
            debuffed: self.debuffed.unwrap_or_default(),
        })
    }
}

fn award(path: &Path, tally: &mut Tally) {
    let file: AwardFile = read(path);
    let text = file.modifiers.as_ref().map_or("{}", |modifiers| modifiers.get());
    let stack = ruleset::parse_modifiers(text).map(|modifiers| ModifierStack::new(&modifiers));
    let stack = stack.map_err(|errors| first_code(&errors));
    for (index, case) in file.cases.iter().enumerate() {
        tally.count(name(path, index), part(case).and_then(|case: AwardCase| award_case(&stack, &case)));
    }
}

fn award_case(stack: &Result<ModifierStack, String>, case: &AwardCase) -> Result<(), String> {
    let none = Context::default();
    let given = case.context.as_ref().unwrap_or(&none);
    let applied = stack.as_ref().map_err(Clone::clone).and_then(|stack| {
        let (base_xp, context) = (integer(&case.base_xp)?, given.read()?);
        stack.apply(base_xp, case.source, &context).map_err(|refusal| refusal.code().to_owned())
    });
    settle(applied, case.refuse.as_deref(), |award| {
        case.final_xp.map_or(Ok(()), |expected| same("final_xp", i64::from(award.final_xp), expected.0))?;
        let Some(expected) = &case.steps else { return Ok(()) };
        same("steps", award.steps().len(), expected.len())?;
        for (order, (found, expected)) in (0_i32..).zip(award.steps().iter().zip(expected)) {
            same("order", order, expected.order.as_ref().map_or(Ok(order), integer)?)?;
            same("type", found.modifier, expected.modifier)?;
            same("multiplier", found.multiplier, expected.multiplier)?;
            let reason = found.reason.to_string();
            same("reason", &reason, expected.reason.as_ref().unwrap_or(&reason))?;
            let xp = (integer(&expected.xp_before)?, integer(&expected.xp_after)?);
            same("xp", (found.xp_before, found.xp_after), xp)?;
        }
        Ok(())
    })
}

#[derive(Deserialize)]
struct LedgerFile {
    events: Vec<Box<RawValue>>,
    hashes: Vec<Value>,
}

#[derive(Deserialize)]
struct LedgerEvent {
    created_at: Xp,
    modifiers: Option<Vec<Map<String, Value>>>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

fn ledger(path: &Path, tally: &mut Tally) {
    let file: LedgerFile = read(path);
    let zero = json!(EventHash::ZERO);
    let previous = std::iter::once(&zero).chain(&file.hashes);
    for (index, (event, previous)) in file.events.iter().zip(previous).enumerate() {
        let found = EventHash::deserialize(previous).map_err(|error| error.to_string());
        let found = found.and_then(|previous| ledger_event(previous, event));
        let expected = file.hashes.get(index).unwrap_or(&Value::Null);
        tally.count(name(path, index), found.and_then(|found| same("hash", &json!(found), expected)));
    }
    let count = same("hashes", file.hashes.len(), file.events.len());
    if count.is_err() {
        tally.count(name(path, file.events.len()), count);
    }
}

/// The hash of an event after another.
fn ledger_event(previous: EventHash, event: &RawValue) -> Result<EventHash, String> {
    let mut event: LedgerEvent = part(event)?;
    // The file counts microseconds; the row's own form is an instant.
    let created_at = levelkit::Instant::from_micros(event.created_at.0).ok_or("created_at is no instant")?;
    event.fields.insert("created_at".to_owned(), created_at.to_string().into());
    event.fields.insert("event_hash".to_owned(), EventHash::ZERO.to_string().into());
    let modifiers = event.modifiers.unwrap_or_default().into_iter().map(|mut modifier| {
        modifier.insert("id".to_owned(), "not hashed".into());
        XpModifier::deserialize(Value::Object(modifier))
    });
    let modifiers: Vec<_> = modifiers.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let row = XpEvent::deserialize(Value::Object(event.fields)).map_err(|error| error.to_string())?;
    Ok(hash_event(previous, &row.fields(), &modifiers))
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
    let file: Cases = read(path);
    for (index, case) in file.cases.iter().enumerate() {
        tally.count(name(path, index), part(case).and_then(|case: ErrorCase| error_case(&case)));
    }
}

fn error_case(case: &ErrorCase) -> Result<(), String> {
    let ruleset = case.ruleset.as_ref().map_or("null", |ruleset| ruleset.get());
    let text = case.ruleset_text.as_deref().unwrap_or(ruleset);
    let errors = ruleset::read_document(text, Format::Json).err().map_or_else(Vec::new, |errors| errors.0);
    let mut found: Vec<_> = errors.iter().map(|error| (error.path.clone(), error.code.as_str())).collect();
    let mut expected: Vec<_> = case.errors.iter().map(|error| (error.path.clone(), error.code.as_str())).collect();
    found.sort();
    expected.sort();
    same("errors", found, expected)
}
