//! Statements that write, and their values: which rows a command leaves is the same on every database, the SQL is each one's own.

use std::borrow::Cow;

use levelkit::ledger::EventHash;
use levelkit::{Day, Instant};

/// A statement that a command may run; its values come in the order of its columns, as the backends' texts list them.
/// Their order here is one in which a command's rows may be written, whichever they are: what is referred to comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Statement {
    QuestLog,
    DailyLog,
    XpEvent,
    XpModifier,
    AwardRules,
    UserTitle,
    TitleHistory,
    BossAttempt,
    DungeonAttempt,
    Attempt,
    Participation,
    Fact,
    Counter,
    Special,
    Adjustment,
    Zone,
    User,
    Record,
    /// Apart from the rest of the record, since it moves once a day and stands in an index.
    Due,
    /// The command's events, for whoever delivers them.
    Outbox,
}

/// A value that stands for a placeholder.
#[derive(Clone, Debug)]
pub(crate) enum Bind<'a> {
    Text(Option<Cow<'a, str>>),
    Int(Option<i64>),
    Real(Option<f64>),
    Bool(Option<bool>),
    Micros(Option<Micros>),
    #[cfg(feature = "postgres")]
    Texts(Vec<String>),
    #[cfg(feature = "postgres")]
    Ints(Vec<i64>),
    #[cfg(feature = "postgres")]
    Column(Column),
}

/// The values of one column in many rows.
#[cfg(feature = "postgres")]
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Text(Vec<Option<String>>),
    Int(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Bool(Vec<Option<bool>>),
    Micros(Vec<Option<Micros>>),
}

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Micros(pub(crate) i64);

#[cfg(feature = "postgres")]
impl Column {
    /// A column of values like this one, with this one in it; none where the value is a list itself.
    pub(crate) fn of(first: &Bind<'_>) -> Option<Self> {
        let mut column = match first {
            Bind::Text(_) => Self::Text(Vec::new()),
            Bind::Int(_) => Self::Int(Vec::new()),
            Bind::Real(_) => Self::Real(Vec::new()),
            Bind::Bool(_) => Self::Bool(Vec::new()),
            Bind::Micros(_) => Self::Micros(Vec::new()),
            Bind::Texts(_) | Bind::Ints(_) | Bind::Column(_) => return None,
        };
        column.push(first).then_some(column)
    }

    /// How many rows have a value.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(texts) => texts.len(),
            Self::Int(ints) => ints.len(),
            Self::Real(reals) => reals.len(),
            Self::Bool(yeses) => yeses.len(),
            Self::Micros(all) => all.len(),
        }
    }

    /// Adds a value; whether it is of the column's type.
    pub(crate) fn push(&mut self, value: &Bind<'_>) -> bool {
        match (self, value) {
            (Self::Text(texts), Bind::Text(text)) => texts.push(text.as_deref().map(str::to_owned)),
            (Self::Int(ints), Bind::Int(int)) => ints.push(*int),
            (Self::Real(reals), Bind::Real(real)) => reals.push(*real),
            (Self::Bool(yeses), Bind::Bool(yes)) => yeses.push(*yes),
            (Self::Micros(all), Bind::Micros(micros)) => all.push(*micros),
            _ => return false,
        }
        true
    }
}

macro_rules! bind_from {
    ($($type:ty: $name:ident => $bind:expr;)+) => {$(
        impl<'a> From<$type> for Bind<'a> {
            fn from($name: $type) -> Self {
                $bind
            }
        }
    )+};
}

bind_from! {
    &'a str: text => Self::Text(Some(text.into()));
    &'a String: text => Self::Text(Some(text.into()));
    String: text => Self::Text(Some(text.into()));
    Option<&'a str>: text => Self::Text(text.map(Cow::Borrowed));
    Day: day => Self::Text(Some(day.to_string().into()));
    Option<Day>: day => Self::Text(day.map(|day| day.to_string().into()));
    EventHash: hash => Self::Text(Some(hash.to_string().into()));
    i32: int => Self::Int(Some(int.into()));
    Option<i32>: int => Self::Int(int.map(i64::from));
    i64: int => Self::Int(Some(int));
    bool: yes => Self::Bool(Some(yes));
    f64: real => Self::Real(Some(real));
    Instant: instant => Self::Micros(Some(Micros(instant.micros())));
    Option<Instant>: instant => Self::Micros(instant.map(|instant| Micros(instant.micros())));
}

#[cfg(feature = "postgres")]
bind_from! {
    Vec<String>: texts => Self::Texts(texts);
    Vec<i64>: ints => Self::Ints(ints);
}

/// Values for the placeholders of a statement, each by what it converts from.
macro_rules! binds {
    ($($value:expr),* $(,)?) => { &[$($crate::bind::Bind::from($value)),*] };
}
pub(crate) use binds;

/// What runs statements, or keeps them to run them together.
pub(crate) trait Run {
    /// Runs a statement now or later; those before it are then done.
    fn run(&mut self, statement: Statement, binds: &[Bind<'_>]) -> crate::Result<()>;
}
