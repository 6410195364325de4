//! URLs as they may be shown: in a message, a log or a help page no password belongs.

/// What stands in a password's place.
const MASK: &str = "***";

/// A store's URL as it may be shown: `***` in place of the password, before the host or among the parameters.
///
/// A text with a slip in it is masked too, and where nobody can tell where the password ends, all of it.
///
/// ```
/// use levelkit_storage::masked_url;
/// assert_eq!(masked_url("postgres://me:secret@db.example/game"), "postgres://me:***@db.example/game");
/// assert_eq!(masked_url("sqlite:hunters.db"), "sqlite:hunters.db");
/// ```
pub fn masked_url(url: &str) -> String {
    // A path, which may hold any of the signs below.
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        let may_hold_one = url.contains('@') || url.to_ascii_lowercase().contains("password");
        return if may_hold_one { MASK } else { url }.to_owned();
    };
    match rest.rsplit_once('@') {
        // The `@` may be the password's own, in front of the host or in a parameter.
        Some((user, _)) if user.contains('?') => format!("{scheme}://{MASK}"),
        Some((user, server)) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:{MASK}@{}", masked_parameters(server)),
            None => format!("{scheme}://{user}@{}", masked_parameters(server)),
        },
        None => format!("{scheme}://{}", masked_parameters(rest)),
    }
}

/// `db.example/game?password=***`; `sslpassword` is one as well.
fn masked_parameters(server: &str) -> String {
    let Some((before, query)) = server.split_once('?') else {
        return server.to_owned();
    };
    // A name that is escaped may be any name.
    let is_secret = |name: &str| name.to_ascii_lowercase().contains("password") || name.contains('%');
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    });
    format!("{before}?{}", parameters.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        let masked = [
            ("postgres://me:secret@db.example:5432/x", "postgres://me:***@db.example:5432/x"),
            ("postgres://me:se@cr:et/@db.example/x", "postgres://me:***@db.example/x"),
            (
                "postgresql://h/x?user=me&password=secret&sslmode=require",
                "postgresql://h/x?user=me&password=***&sslmode=require",
            ),
            ("postgres://me@h/x?sslPassword=secret", "postgres://me@h/x?sslPassword=***"),
            ("postgres://me@h/x?%70assword=secret", "postgres://me@h/x?%70assword=***"),
            ("postgres://me:secret@h/x?password=secret", "postgres://me:***@h/x?password=***"),
            ("postgres://h:5432/x?password=se@cret", "postgres://***"),
            ("postgres://me:se?cret@h/x", "postgres://***"),
            ("mysql://me:secret@h/x", "mysql://me:***@h/x"),
            ("postgres:me:secret@h/x", "***"),
            ("host=h user=me Password = 'secret'", "***"),
        ];
        for (url, expected) in masked {
            assert_eq!(masked_url(url), expected);
        }
    }

    #[test]
    fn what_holds_no_password_stays() {
        for url in [
            "postgres://me@localhost/x",
            "postgres:///x?host=/tmp&application_name=me",
            "sqlite:a:b@c.db?password=x",
            "sqlite:///a.db",
            "hunters.db",
            "",
        ] {
            assert_eq!(masked_url(url), url);
        }
    }
}
