//! Secrets in every form, and what is no secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;

fn masks(secrets: &[&str]) -> Masks {
    let masks = Masks::default();
    for secret in secrets {
        masks.add(secret);
    }
    masks
}

#[test]
fn nothing_is_hidden_before_a_secret_is_known() {
    let masks = Masks::default();
    assert!(matches!(masks.hide("hunter2"), Cow::Borrowed("hunter2")));
    masks.add("");
    masks.add("  ");
    assert_eq!((masks.hide(" a  b "), masks.longest()), (" a  b ".into(), 0));
}

#[test]
fn a_secret_is_hidden_in_every_form() {
    let secret = "p@ss w\"ör<d>&/密码";
    let masks = masks(&[secret]);
    let url = "p%40ss%20w%22%C3%B6r%3Cd%3E%26%2F%E5%AF%86%E7%A0%81";
    for text in [
        secret.to_owned(),
        secret.to_uppercase().replace('Ö', "ö"),
        hex::encode(secret),
        hex::encode_upper(secret),
        serde_json::json!({ "value": secret }).to_string(),
        STANDARD.encode(secret),
        STANDARD.encode(format!("user:{secret}")),
        STANDARD.encode(format!("users:{secret}\n")),
        STANDARD.encode(format!("a user:{secret} and more")),
        url.to_owned(),
        url.to_lowercase(),
        url.replace("%20", "+"),
        url.replace("%2F", "/"),
        "p@ss w&quot;ör&lt;d&gt;&amp;/密码".to_owned(),
    ] {
        let hidden = masks.hide(&text).into_owned();
        assert!(hidden.contains(STARS), "{text}");
        assert!(!hidden.contains("ss"), "{text} → {hidden}");
        let said = format!("before {text} after");
        assert_eq!(masks.hide(&said), format!("before {hidden} after"), "{text}");
    }
}

#[test]
fn a_secret_is_hidden_as_programs_write_it() {
    let secret = r#"it's\/a "密<钥>&=🔑"#;
    let masks = masks(&[secret]);
    for text in [
        // Python's json.dumps, Go, Gson, PHP; a document within a document.
        r#"it's\\/a \"\u5bc6<\u94a5>&=\ud83d\udd11"#,
        r#"it's\\/a \"密\u003c钥\u003e\u0026=🔑"#,
        r#"it\u0027s\\/a \"密\u003C钥\u003E\u0026\u003D🔑"#,
        r#"it's\\\/a \"\u5bc6<\u94a5>&=\ud83d\udd11"#,
        r#"it's\\\\/a \\\"密<钥>&=🔑"#,
        // HTML and XML.
        r#"it's\/a "密&lt;钥&gt;&amp;=🔑"#,
        r#"it&#x27;s\/a &quot;密&lt;钥&gt;&amp;=🔑"#,
        r#"it&apos;s\/a &quot;密&lt;钥&gt;&amp;=🔑"#,
        r#"it&#39;s\/a &#34;密&lt;钥&gt;&amp;=🔑"#,
        // Python's repr, a shell that traces, SQL, a table.
        r#"it\'s\\/a "密<钥>&=🔑"#,
        r#"it'\''s\/a "密<钥>&=🔑"#,
        r#"it''s\/a "密<钥>&=🔑"#,
        r#"it's\/a ""密<钥>&=🔑"#,
    ] {
        assert_eq!(masks.hide(&format!("before {text} after")), format!("before {STARS} after"), "{text}");
    }
}

#[test]
fn the_beginning_of_a_secret_is_hidden_where_a_text_was_cut() {
    let masks = masks(&["correct horse battery staple", "korrekt"]);
    assert_eq!(masks.hide("\"correct horse ba…\" is not a number"), format!("\"{STARS}…\" is not a number"));
    assert_eq!(masks.hide("a… correct h… b correct …"), format!("a… {STARS}… b {STARS}…"));
    assert_eq!(masks.hide("correct ho, cor…, correct horses…"), "correct ho, cor…, correct horses…");
    assert_eq!(masks.hide("korrek…"), format!("{STARS}…"));
}

#[test]
fn of_secrets_that_overlap_nothing_is_left() {
    let masks = masks(&["trader:8080", "8080-and-the-rest"]);
    assert_eq!(masks.hide("say trader:8080-and-the-rest."), format!("say {STARS}."));
}

#[test]
fn every_line_of_a_key_is_hidden() {
    let masks = masks(&["-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n"]);
    assert_eq!(masks.hide("kqhkiG9w0BAQEF"), STARS);
    assert_eq!(masks.hide("  MIIEvQIBADANBg"), format!("  {STARS}"));
}

#[test]
fn short_secrets_are_hidden_where_they_stand_alone() {
    let masks = masks(&["42", "密"]);
    assert_eq!(masks.hide("password 42, error=42"), format!("password {STARS}, error={STARS}"));
    assert_eq!(masks.hide("1423 42a"), "1423 42a");
    assert_eq!(masks.hide("密 保密"), format!("{STARS} 保密"));
}

#[test]
fn data_loses_only_what_cannot_stand_there_by_chance() {
    let masks = masks(&["2026", "correct horse"]);
    assert_eq!(masks.hide_in_data("2026-11-21"), "2026-11-21");
    assert_eq!(masks.hide_in_data("correct horse"), STARS);
    assert_eq!(masks.hide("2026-11-21"), format!("{STARS}-11-21"));
}

#[test]
fn the_longest_of_overlapping_secrets_goes() {
    let masks = masks(&["secret", "secret-and-more"]);
    assert_eq!(masks.hide("secret-and-more, secret"), format!("{STARS}, {STARS}"));
}

#[test]
fn many_secrets_one_after_another_are_all_hidden_and_prepared_a_few_times_each() {
    let masks = Masks::default();
    for number in 0..1000 {
        masks.add(&format!("secret-number-{number}."));
    }
    for number in 0..1000 {
        assert_eq!(masks.hide(&format!("secret-number-{number}.")), STARS);
    }
    let known = masks.0.read().unwrap();
    let sizes: Vec<usize> = known.groups.iter().map(|group| group.secrets.len()).collect();
    assert!(sizes.iter().sum::<usize>() == 1000 && sizes.is_sorted_by(|one, next| one > next), "{sizes:?}");
}

proptest! {
    #[test]
    fn no_secret_survives_in_any_text(secret in "\\PC{4,40}", before in "\\PC{0,20}", after in "\\PC{0,20}") {
        prop_assume!(secret.trim().chars().count() >= 4 && !STARS.contains(secret.trim()));
        let masks = masks(&[&secret]);
        let hidden = masks.hide(&format!("{before}{secret}{after}")).into_owned();
        prop_assert!(hidden.contains(STARS));
        // What stands around it may hold it once more across the stars only by chance of equal letters: it must not.
        let rest = hidden.replace(STARS, "\n");
        prop_assert!(!rest.contains(&secret), "{rest}");
    }
}
