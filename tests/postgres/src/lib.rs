//! A PostgreSQL to test on.
//!
//! [`Server::shared`] is the server that `DATABASE_URL` names, else a private one: started from the programs that are installed,
//! as root too, on a socket that only this user can reach, and gone without a trace when this process is, however it ends.
//! [`Server::database`] gives each test an empty database of its own, and [`Server::template`] copies of a filled one.
//!
//! ```
//! use levelkit_test_postgres::{Server, skip};
//!
//! let Some(server) = Server::shared()? else { return Ok(skip("the name of this test")) };
//! let database = server.database()?;
//! assert_eq!(database.query("SELECT 20 + 1")?, "21");
//! # Ok::<(), levelkit_test_postgres::Error>(())
//! ```
//!
//! It uses the standard library only, so that `cargo xtask` stays quick to build: what it has to say to a server it says through
//! `psql`.
#![forbid(unsafe_code)]

#[cfg(feature = "certificates")]
mod certificates;
mod database;
mod error;
mod folder;
mod guard;
mod private;
mod programs;
mod psql;
mod server;
mod settings;
mod url;

#[cfg(feature = "certificates")]
pub use certificates::Authority;
pub use database::{Database, Template};
pub use error::Error;
pub use server::{Server, skip, skip_because};
pub use settings::Settings;
