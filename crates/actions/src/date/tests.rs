//! The date actions as a flow uses them.

use serde_json::json;

use crate::support::testing::Desk;

#[tokio::test]
async fn dates_are_iso_texts_in_shanghai() {
    let desk = Desk::new();
    for (action, parameters, expected) in [
        ("date.now", json!({}), "2026-11-21T20:03:00+08:00"),
        ("date.now", json!({"format": "%Y%m%d", "zone": "America/New_York"}), "20261121"),
        ("date.now", json!({"zone": "UTC"}), "2026-11-21T12:03:00+00:00"),
        ("date.parse", json!({"text": "20261121"}), "2026-11-21"),
        ("date.parse", json!({"text": "2026年11月21日"}), "2026-11-21"),
        ("date.parse", json!({"text": "21.11.2026", "format": "%d.%m.%Y"}), "2026-11-21"),
        ("date.parse", json!({"text": "2026/11/21 09:30"}), "2026-11-21T09:30:00+08:00"),
        ("date.parse", json!({"text": "2026-11-21T12:03:00Z"}), "2026-11-21T20:03:00+08:00"),
        ("date.parse", json!({"text": "21/11/26 7:05", "format": "%d/%m/%y %H:%M"}), "2026-11-21T07:05:00+08:00"),
        ("date.format", json!({"date": "2026-11-21", "format": "%Y年%m月%d日"}), "2026年11月21日"),
        ("date.format", json!({"date": "2026-11-21T12:03:00Z", "format": "%H:%M"}), "20:03"),
        ("date.add", json!({"date": "2026-01-31", "months": 1}), "2026-02-28"),
        ("date.add", json!({"date": "20261121", "days": -21}), "2026-10-31"),
        ("date.add", json!({"date": "2026-11-21", "hours": 9, "minutes": 30}), "2026-11-21T09:30:00+08:00"),
        ("date.add", json!({"date": "2026-11-21T23:59:59+08:00", "seconds": 1}), "2026-11-22T00:00:00+08:00"),
    ] {
        assert_eq!(desk.ok(action, parameters.clone()).await, expected, "{action} {parameters}");
    }
}

#[tokio::test]
async fn what_is_not_a_date_is_refused() {
    let desk = Desk::new();
    for (action, parameters, code) in [
        ("date.parse", json!({"text": "tomorrow"}), "invalidData"),
        ("date.parse", json!({"text": "2026-02-30"}), "invalidData"),
        ("date.parse", json!({"text": "x", "format": "%Y"}), "invalidData"),
        ("date.now", json!({"zone": "Mars"}), "invalidParameter"),
        ("date.format", json!({"date": "20261121", "format": "%!"}), "invalidParameter"),
        ("date.add", json!({"date": "20261121", "years": 100_000}), "invalidData"),
    ] {
        desk.fails(action, parameters, code).await;
    }
}
