//! Statements with their values, as the connection takes them, and many of them on their way at once.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::task::Poll;

use diesel::QueryResult;
use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::{Array, BigInt, Bool, Double, Nullable, Text, Timestamp};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::StreamExt;

use super::failure;
use crate::bind::{Bind, Column, Micros};
use crate::error::{Error, Result};

/// PostgreSQL counts from the year 2000.
const MICROS_TO_2000: i64 = 946_684_800_000_000;

/// A statement with values for its `?`s, and the types of the columns it answers with.
///
/// Its text is always the same for the same purpose, so that the connection prepares it once.
pub(super) struct Sql<'a, Columns = ()> {
    text: Cow<'static, str>,
    binds: Vec<Bind<'a>>,
    columns: PhantomData<Columns>,
}

/// A statement; say the types of its columns where it answers with rows.
pub(super) fn sql<'a, Columns>(text: &'static str, binds: &[Bind<'a>]) -> Sql<'a, Columns> {
    sql_of(text, binds.to_vec())
}

/// The same for a text that is made when it is needed, or with values that nobody needs any more.
pub(super) fn sql_of<'a, Columns>(text: impl Into<Cow<'static, str>>, binds: Vec<Bind<'a>>) -> Sql<'a, Columns> {
    Sql { text: text.into(), binds, columns: PhantomData }
}

impl<Columns> Query for Sql<'_, Columns> {
    type SqlType = Columns;
}

impl<Columns> QueryFragment<Pg> for Sql<'_, Columns> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut parts = self.text.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (bind, part) in self.binds.iter().zip(parts) {
            match bind {
                Bind::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
                Bind::Int(int) => out.push_bind_param::<Nullable<BigInt>, _>(int)?,
                Bind::Real(real) => out.push_bind_param::<Nullable<Double>, _>(real)?,
                Bind::Bool(yes) => out.push_bind_param::<Nullable<Bool>, _>(yes)?,
                Bind::Micros(micros) => out.push_bind_param::<Nullable<Timestamp>, _>(micros)?,
                Bind::Texts(texts) => out.push_bind_param::<Array<Text>, _>(texts)?,
                Bind::Ints(ints) => out.push_bind_param::<Array<BigInt>, _>(ints)?,
                Bind::Column(Column::Text(texts)) => out.push_bind_param::<Array<Nullable<Text>>, _>(texts)?,
                Bind::Column(Column::Int(ints)) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(ints)?,
                Bind::Column(Column::Real(reals)) => out.push_bind_param::<Array<Nullable<Double>>, _>(reals)?,
                Bind::Column(Column::Bool(yeses)) => out.push_bind_param::<Array<Nullable<Bool>>, _>(yeses)?,
                Bind::Column(Column::Micros(all)) => out.push_bind_param::<Array<Nullable<Timestamp>>, _>(all)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl<Columns> QueryId for Sql<'_, Columns> {
    type QueryId = ();
    /// The connection's cache goes by the text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl ToSql<Timestamp, Pg> for Micros {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        use std::io::Write;
        out.write_all(&(self.0 - MICROS_TO_2000).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl<Columns> Sql<'_, Columns> {
    /// Every row of the answer.
    pub(super) async fn rows<Row: FromSqlRow<Columns, Pg>>(
        self,
        mut connection: &AsyncPgConnection,
    ) -> Result<Vec<Row>> {
        let loading = AsyncConnectionCore::load(&mut connection, self);
        let mut answer = loading.await.map_err(failure::of_query)?;
        let mut rows = Vec::new();
        while let Some(row) = answer.next().await {
            let row = row.map_err(failure::of_query)?;
            rows.push(Row::build_from_row(&row).map_err(|error| Error::corrupt(error.to_string()))?);
        }
        Ok(rows)
    }

    /// The first row of the answer, if there is one.
    pub(super) async fn row<Row: FromSqlRow<Columns, Pg>>(self, connection: &AsyncPgConnection) -> Result<Option<Row>> {
        Ok(self.rows(connection).await?.into_iter().next())
    }
}

impl Sql<'_> {
    /// Runs it; how many rows it wrote.
    pub(super) async fn run(self, mut connection: &AsyncPgConnection) -> Result<usize> {
        AsyncConnectionCore::execute_returning_count(&mut connection, self).await.map_err(failure::of_query)
    }
}

/// Runs statements that need no preparing and answer with nothing.
pub(super) async fn batch(text: &str, mut connection: &AsyncPgConnection) -> Result<()> {
    connection.batch_execute(text).await.map_err(failure::of_query)
}

/// Runs statements that are all sent before the first is answered; the server does them in this order.
///
/// A statement that the connection does not know yet is prepared first, and those behind it wait for that, since they ask the
/// same statement cache, one after the other: the order stays.
pub(super) async fn in_order<Answer>(statements: Vec<impl Future<Output = Answer>>) -> Vec<Answer> {
    let mut waiting: Vec<_> = statements.into_iter().map(|statement| Box::pin(statement)).collect();
    let mut answers: Vec<Option<Answer>> = waiting.iter().map(|_| None).collect();
    let (mut done, mut sent) = (0, false);
    poll_fn(|context| {
        if !sent {
            sent = true;
            for (statement, answer) in waiting.iter_mut().zip(&mut answers) {
                if let Poll::Ready(ready) = statement.as_mut().poll(context) {
                    *answer = Some(ready);
                }
            }
        }
        // Answers come in the order of the statements, so only the next one is asked for.
        while let (Some(statement), Some(answer)) = (waiting.get_mut(done), answers.get_mut(done)) {
            if answer.is_none() {
                match statement.as_mut().poll(context) {
                    Poll::Ready(ready) => *answer = Some(ready),
                    Poll::Pending => return Poll::Pending,
                }
            }
            done += 1;
        }
        Poll::Ready(())
    })
    .await;
    answers.into_iter().flatten().collect()
}
