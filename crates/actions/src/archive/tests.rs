//! The zip actions as a flow uses them, and what strangers put into zips.

use std::io::{Cursor, Write};

use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::support::testing::Desk;

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn what_is_packed_is_unpacked_again() {
    let desk = Desk::new();
    desk.artifact("a.txt", b"a");
    std::fs::create_dir_all(desk.context.artifacts_folder.join("报告/deep")).unwrap();
    desk.artifact("报告/deep/b.txt", &vec![b'b'; 3_000]);
    desk.ok("zip.create", json!({"file": "all.zip", "files": ["a.txt", "报告"]})).await;
    let files = desk.ok("zip.extract", json!({"file": "all.zip", "into": "out"})).await;
    assert_eq!(files.as_array().unwrap().len(), 2);
    assert_eq!(std::fs::read(desk.context.artifacts_folder.join("out/报告/deep/b.txt")).unwrap(), vec![b'b'; 3_000]);
    desk.fails("zip.extract", json!({"file": "all.zip", "into": "out"}), "fileExists").await;
    desk.fails("zip.create", json!({"file": "x.zip", "files": ["a.txt", "a.txt"]}), "invalidData").await;
    let names: Vec<_> = std::fs::read_dir(&desk.context.artifacts_folder).unwrap().collect();
    assert_eq!(names.len(), 4, "nothing half done stays behind: {names:?}");
}

#[tokio::test]
async fn names_that_lead_elsewhere_refuse_the_whole_zip() {
    let desk = Desk::new();
    for name in ["../evil.txt", "/evil.txt", "a/../../evil.txt", "C:evil.txt", "a\\..\\evil.txt", "a/nul"] {
        desk.artifact("z.zip", &zip_of(&[("good.txt", b"1"), (name, b"2")]));
        desk.fails("zip.extract", json!({"file": "z.zip", "into": "out"}), "invalidData").await;
        assert!(!desk.context.artifacts_folder.join("out").exists(), "{name}");
    }
    for files in [&[("a.txt", &b"1"[..]), ("A.TXT", b"2")][..], &[("a", b"1"), ("a/b", b"2")]] {
        desk.artifact("z.zip", &zip_of(files));
        desk.fails("zip.extract", json!({"file": "z.zip", "into": "out"}), "invalidData").await;
    }
}

#[tokio::test]
async fn links_bombs_and_what_is_no_zip() {
    let desk = Desk::new();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    desk.artifact("z.zip", &zip.finish().unwrap().into_inner());
    let message = desk.fails("zip.extract", json!({"file": "z.zip", "into": "out"}), "invalidData").await;
    assert!(message.contains("link"), "{message}");

    desk.artifact("z.zip", &zip_of(&[("zeros", &vec![0; 20 * 1024 * 1024])]));
    desk.fails("zip.extract", json!({"file": "z.zip", "into": "out"}), "tooLarge").await;
    desk.artifact("z.zip", b"this is no zip");
    desk.fails("zip.extract", json!({"file": "z.zip", "into": "out"}), "invalidData").await;
    let mut broken = zip_of(&[("a.txt", &[b'x'; 100])]);
    broken.truncate(60);
    desk.artifact("z.zip", &broken);
    desk.fails("zip.extract", json!({"file": "z.zip", "into": "out"}), "invalidData").await;
    assert!(!desk.context.artifacts_folder.join("out").exists());
}

#[tokio::test]
async fn names_in_gbk_are_read() {
    let desk = Desk::new();
    let mut bytes = zip_of(&[("name.csv", b"1")]);
    for start in 0..bytes.len() - 8 {
        if &bytes[start..start + 8] == b"name.csv" {
            bytes[start..start + 4].copy_from_slice(b"\xb9\xc0\xd6\xb5");
        }
    }
    desk.artifact("z.zip", &bytes);
    desk.ok("zip.extract", json!({"file": "z.zip", "into": "out"})).await;
    assert!(desk.context.artifacts_folder.join("out/估值.csv").exists());
}
