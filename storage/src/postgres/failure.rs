//! What the server's errors mean.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

use super::statement::WRITTEN_MEANWHILE;
use crate::error::{Error, Kind};

/// What a failed statement means.
pub(super) fn of_query(error: QueryError) -> Error {
    match error {
        QueryError::DatabaseError(kind, information) => of_database(&kind, information.message()),
        QueryError::QueryBuilderError(inner) => match inner.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::new(Kind::Statement { message: other.to_string() }),
        },
        QueryError::RollbackErrorOnCommit { commit_error, .. } => of_query(*commit_error),
        QueryError::BrokenTransactionManager => Error::new(Kind::Closed),
        QueryError::DeserializationError(inner) => Error::corrupt(inner.to_string()),
        other => Error::new(Kind::Statement { message: other.to_string() }),
    }
}

/// Whether an error can only be a server's, and not one of SQLite's.
pub(crate) fn is_told(error: &QueryError) -> Option<Error> {
    let QueryError::DatabaseError(kind, information) = error else {
        return None;
    };
    let is_a_servers = match kind {
        DatabaseErrorKind::SerializationFailure
        | DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand => true,
        DatabaseErrorKind::Unknown => !matches!(of_text(information.message().to_owned()), Kind::Statement { .. }),
        _ => false,
    };
    is_a_servers.then(|| of_database(kind, information.message()))
}

fn of_database(kind: &DatabaseErrorKind, text: &str) -> Error {
    let message = text.to_owned();
    Error::new(match kind {
        // Somebody wrote the same row first: on a second look it is there.
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure => Kind::Conflict { message },
        DatabaseErrorKind::ReadOnlyTransaction => Kind::ReadOnly,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => Kind::Unavailable { message },
        _ => of_text(message),
    })
}

/// Diesel passes few of the server's codes on, so the rest is told by its words, which are English if the server may be asked for that
/// (see [`connect`](super::connect)). With other words an error is a `STORE_ERROR`: nothing was committed either, but nothing is tried
/// again.
fn of_text(message: String) -> Kind {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["deadlock detected", WRITTEN_MEANWHILE]) {
        Kind::Conflict { message }
    } else if says(&["permission denied", "must be owner"]) {
        Kind::Denied { message }
    } else if says(&["No space left on device", "could not extend file", "could not write to file"]) {
        Kind::Full
    } else if says(&["canceling statement", "terminating connection", "shutting down", "starting up", "too many"]) {
        Kind::Unavailable { message }
    } else {
        Kind::Statement { message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart() {
        let code = |kind: DatabaseErrorKind, text: &str| of_database(&kind, text).code();
        assert_eq!(code(DatabaseErrorKind::UniqueViolation, ""), "STORE_CONFLICT");
        assert_eq!(code(DatabaseErrorKind::Unknown, "deadlock detected"), "STORE_CONFLICT");
        assert_eq!(code(DatabaseErrorKind::ClosedConnection, "gone"), "STORE_UNAVAILABLE");
        let timeout = "canceling statement due to statement timeout";
        assert_eq!(code(DatabaseErrorKind::Unknown, timeout), "STORE_UNAVAILABLE");
        assert_eq!(code(DatabaseErrorKind::Unknown, "permission denied for table xp_events"), "STORE_DENIED");
        assert_eq!(code(DatabaseErrorKind::ReadOnlyTransaction, ""), "STORE_READ_ONLY");
        assert_eq!(code(DatabaseErrorKind::CheckViolation, "x"), "STORE_ERROR");
    }
}
