//! Databases of one's own.

use crate::error::Error;
use crate::psql;
use crate::server::Server;
use crate::url::Url;

/// An own database. Dropped with the value, even if somebody is still connected; or when the process ends.
#[derive(Debug)]
pub struct Database<'s> {
    server: &'s Server,
    name: String,
}

impl<'s> Database<'s> {
    pub(crate) fn create(server: &'s Server, template: &str) -> Result<Self, Error> {
        let name = server.new_name();
        server.query(&format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(Self { server, name })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.address().text()
    }

    /// Runs statements in it; their rows, one a line, the columns apart by tabs.
    ///
    /// # Errors
    /// What the server says.
    pub fn query(&self, sql: &str) -> Result<String, Error> {
        psql::run(&self.address(), sql)
    }

    fn address(&self) -> Url {
        self.server.url.with_database(&self.name)
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Where that fails, the server's end or the guard's will do.
        let _ = self.server.query(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A filled database to be copied, which is quicker than to fill another one.
#[derive(Debug)]
pub struct Template<'s>(Database<'s>);

impl<'s> Template<'s> {
    pub(crate) fn new(filled: Database<'s>) -> Self {
        Self(filled)
    }

    /// A copy, dropped with the value. Nobody may be connected to the original.
    ///
    /// # Errors
    /// The server refuses.
    pub fn database(&self) -> Result<Database<'s>, Error> {
        Database::create(self.0.server, &self.0.name)
    }
}
