//! The mail server of `smtp_server.py`, and a certificate for it from an authority that only the test knows.

use std::path::Path;
use std::process::Stdio;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A running mail server; it ends with the test.
pub(crate) struct MailServer {
    _child: Child,
    told: Lines<BufReader<ChildStdout>>,
    pub(crate) port: u16,
}

impl MailServer {
    /// One of the modes of the script; with TLS it has the certificate in `folder`.
    pub(crate) async fn start(mode: &str, folder: &Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/smtp_server.py");
        let mut child = Command::new("/usr/bin/python3")
            .args([script, mode])
            .args([folder.join("server.pem"), folder.join("server.key")])
            .env("PYTHONWARNINGS", "ignore")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut server = Self { _child: child, told, port: 0 };
        server.port = u16::try_from(server.told().await["port"].as_u64().unwrap()).unwrap();
        server
    }

    /// What it tells next.
    pub(crate) async fn told(&mut self) -> Value {
        let line = self.told.next_line().await.unwrap();
        let line = line.expect("the mail server has ended: `scripts/install-missing.sh test` installs what it needs");
        serde_json::from_str(&line).unwrap()
    }
}

/// Writes `ca.pem`, and `server.pem` with `server.key`, which it has signed for 127.0.0.1.
pub(crate) fn certificates(folder: &Path) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("ca.pem"), authority_certificate.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}
