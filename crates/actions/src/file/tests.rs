//! The file actions as a flow uses them.

use serde_json::json;

use crate::support::testing::Desk;

#[tokio::test]
async fn text_is_written_read_and_added_to_in_its_encoding() {
    let desk = Desk::new();
    desk.ok("file.write", json!({"file": "报告/a.txt", "text": "证券", "encoding": "gbk"})).await;
    desk.ok("file.write", json!({"file": "报告/a.txt", "text": "代码", "encoding": "gbk", "append": true})).await;
    let bytes = std::fs::read(desk.context.artifacts_folder.join("报告/a.txt")).unwrap();
    assert_eq!(bytes.len(), 8, "two bytes for each character in GBK");
    assert_eq!(desk.ok("file.read", json!({"file": "报告/a.txt", "encoding": "gbk"})).await, json!("证券代码"));
    let message = desk.fails("file.read", json!({"file": "报告/a.txt", "encoding": "utf-8"}), "invalidData").await;
    assert!(message.starts_with("报告/a.txt, row 1:"), "{message}");
}

#[tokio::test]
async fn a_file_is_copied_moved_listed_and_deleted() {
    let desk = Desk::new();
    desk.package_file("template.txt", b"t");
    desk.ok("file.copy", json!({"from": "template.txt", "to": "out/copy.txt"})).await;
    desk.ok("file.move", json!({"from": "out/copy.txt", "to": "out/moved.txt"})).await;
    desk.ok("file.write", json!({"file": "b.csv", "text": "x"})).await;
    let found = desk.ok("file.list", json!({"recursive": true})).await;
    let names: Vec<_> = found.as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["b.csv", "moved.txt"]);
    assert_eq!(desk.ok("file.list", json!({"pattern": "*.txt"})).await, json!([]));
    assert_eq!(desk.ok("file.delete", json!({"file": "b.csv"})).await, json!(true));
    assert_eq!(desk.ok("file.delete", json!({"file": "b.csv", "missingOk": true})).await, json!(false));
    desk.fails("file.delete", json!({"file": "b.csv"}), "fileNotFound").await;
}

#[tokio::test]
async fn the_package_is_never_changed_by_a_relative_path() {
    let desk = Desk::new();
    desk.package_file("template.txt", b"t");
    desk.fails("file.delete", json!({"file": "template.txt"}), "fileNotFound").await;
    desk.fails("file.move", json!({"from": "template.txt", "to": "x.txt"}), "fileNotFound").await;
    desk.ok("file.write", json!({"file": "template.txt", "text": "new"})).await;
    assert_eq!(std::fs::read(desk.context.package_folder.join("template.txt")).unwrap(), b"t");
}

#[tokio::test]
async fn moving_a_file_onto_itself_keeps_it() {
    let desk = Desk::new();
    desk.artifact("a.txt", b"a");
    desk.ok("file.move", json!({"from": "a.txt", "to": "./a.txt"})).await;
    assert_eq!(desk.ok("file.read", json!({"file": "a.txt"})).await, json!("a"));
}

#[tokio::test]
async fn a_cancelled_run_writes_nothing() {
    let desk = Desk::new();
    desk.context.cancel.cancel();
    desk.fails("file.write", json!({"file": "a.txt", "text": "x"}), "cancelled").await;
    assert_eq!(std::fs::read_dir(&desk.context.artifacts_folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_misspelt_parameter_is_an_error() {
    let message = Desk::new().fails("file.read", json!({"fiel": "a.txt"}), "invalidParameter").await;
    assert!(message.contains("fiel"), "{message}");
}
