//! How a private server is set up.

use std::fmt::Write;

/// How a private server is set up. The defaults are quick, and unkind in ways that production is too.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) durable: bool,
    pub(crate) loopback: bool,
    pub(crate) tls: Option<Tls>,
    others: Vec<(String, String)>,
}

/// A certificate and its key, as PEM.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Settings {
    /// On a socket only, never waiting for the disk, in a time zone that is off by an odd amount, so that what leans on the
    /// server's zone is seen.
    pub fn new() -> Self {
        Self { durable: false, loopback: false, tls: None, others: vec![] }
    }

    /// Whether commits wait for the disk.
    pub fn durable(self, durable: bool) -> Self {
        Self { durable, ..self }
    }

    /// Whether it listens on 127.0.0.1 too, on a free port, and asks for a password there.
    pub fn loopback(self, loopback: bool) -> Self {
        Self { loopback, ..self }
    }

    /// Listens on 127.0.0.1, and only with TLS, with this certificate and key, both PEM.
    pub fn tls(self, certificate: &str, key: &str) -> Self {
        let tls = Tls { certificate: certificate.to_owned(), key: key.to_owned() };
        Self { loopback: true, tls: Some(tls), ..self }
    }

    /// Any setting of the server, over those made here.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.others.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The lines to be added to `postgresql.conf`, where the last one of a name counts.
    pub(crate) fn configuration(&self, folder: &str, port: Option<u16>) -> String {
        let switch = |on| if on { "on" } else { "off" };
        let mut lines = vec![
            ("unix_socket_directories", folder.to_owned()),
            ("listen_addresses", port.map(|_| "127.0.0.1".to_owned()).unwrap_or_default()),
            ("port", port.unwrap_or(5432).to_string()),
            ("fsync", switch(self.durable).to_owned()),
            ("synchronous_commit", switch(self.durable).to_owned()),
            ("full_page_writes", switch(self.durable).to_owned()),
            ("max_connections", "200".to_owned()),
            ("timezone", "Pacific/Chatham".to_owned()),
        ];
        if self.tls.is_some() {
            lines.push(("ssl", "on".to_owned()));
            lines.push(("ssl_cert_file", format!("{folder}/server.crt")));
            lines.push(("ssl_key_file", format!("{folder}/server.key")));
        }
        lines.extend(self.others.iter().map(|(name, value)| (name.as_str(), value.clone())));
        lines.iter().fold("\n".to_owned(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name} = '{}'", value.replace('\'', "''"));
            text
        })
    }

    /// Who may connect: anybody who reaches the socket, and on the network whoever knows the password.
    pub(crate) fn access(&self) -> String {
        let kind = if self.tls.is_some() { "hostssl" } else { "host" };
        format!("local all all trust\n{kind} all all 127.0.0.1/32 scram-sha-256\n")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_the_callers() {
        let text = Settings::new().set("timezone", "O'Higgins").configuration("/tmp/x", None);
        assert!(text.contains("\nlisten_addresses = ''\n"), "{text}");
        assert!(text.ends_with("\ntimezone = 'Pacific/Chatham'\ntimezone = 'O''Higgins'\n"), "{text}");
    }

    #[test]
    fn with_tls_nothing_else_is_let_in() {
        let settings = Settings::new().tls("certificate", "key");
        assert!(settings.configuration("/tmp/x", Some(7)).contains("listen_addresses = '127.0.0.1'\nport = '7'"));
        assert!(settings.access().lines().all(|line| line.starts_with("local ") || line.starts_with("hostssl ")));
    }
}
