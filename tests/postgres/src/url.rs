//! A server's address, and what of it may be shown.

use crate::error::Error;

/// `postgres://user:password@host:port/database?options`, taken apart as far as this crate must.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Url {
    user: String,
    password: Option<String>,
    host: String,
    database: String,
    options: String,
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        // Not even in part: it may hold a password.
        let wrong = || Error::Failed("DATABASE_URL is not of the form postgres://user@host/database".to_owned());
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let (rest, options) = split(rest.ok_or_else(wrong)?, '?');
        let (authority, database) = split(rest, '/');
        let (credentials, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials.split_once(':').map_or((credentials, None), |(u, p)| (u, Some(p)));
        Ok(Self {
            user: user.to_owned(),
            password: password.map(str::to_owned),
            host: host.to_owned(),
            database: database.to_owned(),
            options: options.to_owned(),
        })
    }

    /// A private server's, by the folder of its socket, whose name has a port too.
    pub(crate) fn of_socket(folder: &str, port: Option<u16>) -> Self {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Self::of_host(&format!("{}{port}", folder.replace('/', "%2F")), None)
    }

    /// A private server's, by a host and port that it listens on.
    pub(crate) fn of_host(host: &str, password: Option<&str>) -> Self {
        Self {
            user: "postgres".to_owned(),
            password: password.map(str::to_owned),
            host: host.to_owned(),
            database: "postgres".to_owned(),
            options: String::new(),
        }
    }

    pub(crate) fn with_database(&self, name: &str) -> Self {
        Self { database: name.to_owned(), ..self.clone() }
    }

    pub(crate) fn text(&self) -> String {
        self.written(self.password.as_deref())
    }

    /// For a command line, which everybody on the machine can read.
    pub(crate) fn without_password(&self) -> String {
        self.written(None)
    }

    pub(crate) fn password(&self) -> Option<String> {
        self.password.as_deref().map(percent_decoded)
    }

    fn written(&self, password: Option<&str>) -> String {
        let password = password.map(|password| format!(":{password}")).unwrap_or_default();
        let at = if self.user.is_empty() { "" } else { "@" };
        let options = if self.options.is_empty() { String::new() } else { format!("?{}", self.options) };
        format!("postgresql://{}{password}{at}{}/{}{options}", self.user, self.host, self.database)
    }
}

fn split(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, further @ ..] = rest {
        let code = (*first == b'%').then(|| further.get(..2)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { further.get(2..).unwrap_or_default() } else { further };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_put_together() {
        let url = Url::parse("postgres://ida:p%40ss%25@db.example:5433/game?sslmode=require").unwrap();
        assert_eq!(url.password().as_deref(), Some("p@ss%"));
        assert_eq!(
            url.with_database("other").text(),
            "postgresql://ida:p%40ss%25@db.example:5433/other?sslmode=require"
        );
        assert_eq!(url.without_password(), "postgresql://ida@db.example:5433/game?sslmode=require");
        assert_eq!(Url::parse("postgresql:///game").unwrap().with_database("x").text(), "postgresql:///x");
        assert_eq!(Url::of_socket("/tmp/x", None).text(), "postgresql://postgres@%2Ftmp%2Fx/postgres");
    }

    #[test]
    fn a_wrong_url_is_not_repeated() {
        let error = Url::parse("host=db.example password=secret").err().unwrap();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
