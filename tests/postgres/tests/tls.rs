//! A server with TLS, as PostgreSQL's own client sees it.
#![allow(clippy::unwrap_used, clippy::panic)]

use levelkit_test_postgres::{Authority, Error, Server, skip};

#[test]
fn with_tls_nothing_else_is_let_in_and_the_certificate_is_good() {
    let ours = Authority::new("ours").unwrap();
    let server = match Server::start(&ours.server(&["localhost"]).unwrap()) {
        Ok(server) => server,
        Err(Error::NotInstalled(_)) => return skip("with_tls_nothing_else_is_let_in_and_the_certificate_is_good"),
        Err(error) => panic!("{error}"),
    };
    let folder = std::env::temp_dir().join(format!("levelkit-authorities-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let (trusted, other) = (folder.join("ours.pem"), folder.join("other.pem"));
    std::fs::write(&trusted, ours.pem()).unwrap();
    std::fs::write(&other, Authority::new("other").unwrap().pem()).unwrap();

    let connect = |host: &str, options: &str| {
        let url = format!("{}?{options}", server.loopback_url(host, "postgres").unwrap());
        Server::given(&url)?.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    };
    let checked = |authority: &std::path::Path| format!("sslmode=verify-full&sslrootcert={}", authority.display());
    let good = connect("localhost", &checked(&trusted));
    let refused = [
        (connect("localhost", "sslmode=disable"), "no pg_hba.conf entry"),
        (connect("localhost", &checked(&other)), "certificate verify failed"),
        (connect("127.0.0.1", &checked(&trusted)), "does not match host name"),
    ];
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(good, Ok("t".to_owned()));
    for (answer, why) in refused {
        let error = answer.unwrap_err().to_string();
        assert!(error.contains(why), "expected {why:?}: {error}");
    }
}
