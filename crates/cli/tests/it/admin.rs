//! Administration and exit codes.

use std::os::unix::fs::PermissionsExt as _;

use crate::program::{Serving, all, baigong, path, run, text};

/// Starts a platform on `folder` and stops it again; what it wrote to standard output.
fn make_platform(folder: &std::path::Path) {
    let mut command = baigong();
    command.args(["platform", "--data", path(folder), "--listen", "127.0.0.1:0"]);
    command.env("BAIGONG_ADMIN_PASSWORD", "a password for the tests 1");
    let code = Serving::start(&mut command, "the platform serves").terminate();
    assert_eq!(code, Some(0));
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("c.toml");
    std::fs::write(&config, "lissten = \"127.0.0.1:1\"\n").unwrap();
    let none = folder.path().join("none");
    let cases: [(&[&str], &str); 5] = [
        (&["platfrom"], "platform"),
        (&["platform", "--config", path(&config)], "lissten"),
        (&["admin", "check", "--data", path(&none)], "--data"),
        (&["robot", "--platform", "http://127.0.0.1:1", "--data", path(&none)], "BAIGONG_ROBOT_SECRET"),
        (&["platform", "--data", path(&none), "--database", "mysql://x"], "postgres://"),
    ];
    for (arguments, word) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", all(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{arguments:?}: {}", all(&output));
    }
    assert!(!none.exists(), "wrong usage must leave nothing behind");
}

#[test]
fn wrong_variables_and_addresses_exit_with_2_and_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let secret = format!("bgr_7_{}", "ab".repeat(32));
    let robot = |platform| ["robot", "--listen", "127.0.0.1:0", "--platform", platform, "--data", path(&none)].to_vec();
    let platform = ["platform", "--listen", "127.0.0.1:0", "--data", path(&none)].to_vec();
    let cases = [
        (robot("ftp://x"), ("BAIGONG_ROBOT_SECRET", secret.as_str()), "http://"),
        (robot("nonsense"), ("BAIGONG_ROBOT_SECRET", secret.as_str()), "nonsense"),
        (platform.clone(), ("BAIGONG_LEASE_SECNDS", "60"), "BAIGONG_LEASE_SECONDS"),
        (platform.clone(), ("BAIGONG_ADMIN_PASSWORD", "seven77"), "must have 8 to 128 letters"),
        (platform, ("BAIGONG_ADMIN_PASSWORD", &"7".repeat(129)), "must have 8 to 128 letters"),
    ];
    for (arguments, (name, value), word) in cases {
        let output = baigong().args(&arguments).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", all(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{arguments:?}: {}", all(&output));
    }
    assert!(!none.exists(), "wrong configuration must leave nothing behind");
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    for arguments in [&["version"][..], &["--version"], &["--help"], &["package", "new", path(&new)]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = baigong().args(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", all(&output));
        assert!(all(&output).contains("could not be written"), "{arguments:?}: {}", all(&output));
    }
}

#[test]
fn a_package_of_every_kind_can_be_made_and_is_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["flow", "command", "python", "robotframework", "robot"] {
        let new = folder.path().join(kind);
        let made = run(&["package", "new", path(&new), "--kind", kind]);
        assert!(made.status.success(), "{kind}: {}", all(&made));
        let checked = run(&["package", "check", path(&new)]);
        assert!(checked.status.success(), "{kind}: {}", all(&checked));
    }
}

#[test]
fn help_and_version_name_every_command() {
    let help = run(&["--help"]);
    for command in ["platform", "robot", "demo", "package", "admin", "version", "BAIGONG_LOG", "Exit codes"] {
        assert!(text(&help).contains(command), "{command} is missing:\n{}", text(&help));
    }
    assert!(text(&run(&["version"])).starts_with(concat!("baigong ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_password_can_be_reset_the_data_checked_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_platform(&data);

    let reset = run(&["admin", "reset-password", "--data", path(&data)]);
    assert!(reset.status.success() && text(&reset).contains("shown only now: "), "{}", all(&reset));
    let nobody = run(&["admin", "reset-password", "--data", path(&data), "--user", "nobody"]);
    assert_eq!(nobody.status.code(), Some(1), "{}", all(&nobody));
    assert!(all(&nobody).contains("there is no user \"nobody\""), "{}", all(&nobody));

    let check = run(&["admin", "check", "--data", path(&data)]);
    assert!(check.status.success() && text(&check).contains("all is well"), "{}", all(&check));

    let copy = folder.path().join("copy");
    let backup = run(&["admin", "backup", "--data", path(&data), "--into", path(&copy)]);
    assert!(backup.status.success() && copy.join("baigong.db").is_file(), "{}", all(&backup));
    for (path, mode) in [(copy.clone(), 0o700), (copy.join("baigong.db"), 0o600), (copy.join("blobs"), 0o700)] {
        let found = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{} can be read by others: {found:o}", path.display());
    }
    let again = run(&["admin", "backup", "--data", path(&data), "--into", path(&copy)]);
    assert_eq!(again.status.code(), Some(1), "a copy must not be overwritten: {}", all(&again));
}
