//! The units for systemd are ones that systemd understands.

use std::process::Command;

#[test]
fn systemd_understands_the_units() {
    let packaging = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/systemd");
    let folder = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for (from, to) in [
        ("baigong-platform.service", "baigong-platform.service"),
        ("baigong-robot@.service", "baigong-robot@desk.service"),
    ] {
        let text = std::fs::read_to_string(format!("{packaging}/{from}")).unwrap();
        // The program is not installed here: the one under test stands for it.
        let text = text.replace("/usr/bin/baigong", env!("CARGO_BIN_EXE_baigong"));
        let unit = folder.path().join(to);
        std::fs::write(&unit, text).unwrap();
        units.push(unit);
    }
    // Where there is no systemd its word cannot be had.
    let Ok(said) = Command::new("systemd-analyze").arg("verify").args(&units).output() else { return };
    assert!(said.status.success() && said.stderr.is_empty(), "{}", String::from_utf8_lossy(&said.stderr));
}
