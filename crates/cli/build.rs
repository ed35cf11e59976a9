//! Lists the files of the example, so that they are part of the binary and the demo works anywhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/valuation-reconciliation");
    println_cargo(&format!("rerun-if-changed={}", example.display()));
    let mut files = Vec::new();
    collect(&example, &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&example).expect("the file lies below the folder that was walked");
        let name = name.to_str().expect("the example's names are UTF-8");
        writeln!(list, "    ({name:?}, include_bytes!({:?}).as_slice()),", file.display().to_string())
            .expect("writing to a string does not fail");
    }
    list.push_str("]\n");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("example.rs");
    std::fs::write(target, list).expect("OUT_DIR is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the example's folder is there");
    for entry in entries {
        let path = entry.expect("the example's folder is readable").path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !is_hidden {
            collect(&path, files);
        } else if !is_hidden {
            files.push(path);
        }
    }
}

fn println_cargo(instruction: &str) {
    println!("cargo::{instruction}");
}
