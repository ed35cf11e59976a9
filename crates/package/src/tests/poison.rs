//! Packages made to harm: every one is refused, for its own reason, before anything is written.

use crate::{
    Limits, PackageError, open,
    testing::{Desk, MANIFEST, Made, end_record, package_with, zip_of},
    unpack,
};

type Case = (&'static str, Vec<u8>, &'static str);

fn named(name: impl AsRef<[u8]>) -> Vec<u8> {
    package_with([Made::file(name, "x")])
}

fn changed(change: impl FnOnce(&mut Made)) -> Vec<u8> {
    let mut made = Made::file("data.csv", "x");
    change(&mut made);
    package_with([made])
}

fn pair(one: &str, other: &str) -> Vec<u8> {
    package_with([Made::file(one, "x"), Made::file(other, "y")])
}

fn paths() -> Vec<Case> {
    vec![
        ("parent", named("../evil"), "leads out of the package"),
        ("parent inside", named("a/../../evil"), "leads out of the package"),
        ("absolute", named("/etc/cron.d/evil"), "absolute"),
        ("drive", named("C:/evil"), "drive"),
        ("drive without slash", named("c:evil"), "drive"),
        ("share", named("\\\\host\\share\\evil"), "network share"),
        ("share with slashes", named("//host/share/evil"), "network share"),
        ("backslash", named("a\\..\\evil"), "backslash"),
        ("NUL", named("data.csv\0.txt"), "NUL"),
        ("percent", named("%2e%2e/evil"), "% codes"),
        ("dot", named("./data.csv"), "contains ."),
        ("empty part", named("a//b"), "empty part"),
        ("empty name", named(""), "empty"),
        ("line break", named("a\nb"), "control character"),
        ("right-to-left", named("fdp.\u{202e}exe"), "invisible"),
        ("not normal form C", named("cafe\u{301}"), "normal form C"),
        ("GBK name", named(b"\xb9\xc0\xd6\xb5.csv"), "not UTF-8"),
        ("device CON", named("con"), "device"),
        ("device NUL.txt", named("sub/NUL.txt"), "device"),
        ("trailing dot", named("a."), "dot or a space"),
        ("trailing space", named("a /b"), "dot or a space"),
        ("stream", named("data.csv:hidden"), "Windows does not allow"),
        ("300 characters", named("x".repeat(300)), "longer than 240"),
        ("10,000 deep", named("d/".repeat(10_000) + "x"), "directory is larger than"),
        ("20 deep", named("d/".repeat(20) + "x"), "deeper than 16"),
        ("duplicate", pair("a", "a"), "two files of this name"),
        ("case twins", pair("Data/a.csv", "data/A.csv"), "two files of this name"),
        ("case twins of folders", pair("Data/a", "data/b"), "also written"),
        ("compatibility twins", pair("ﬁle", "FILE"), "two files of this name"),
        ("file and folder", pair("a", "a/b"), "a file and a folder"),
    ]
}

fn kinds_of_entries() -> Vec<Case> {
    let hard_link = |id: u16, length: u16| {
        changed(|made| {
            made.extra = [id.to_le_bytes(), length.to_le_bytes()].concat();
            made.extra.extend(vec![b'x'; usize::from(length)]);
        })
    };
    vec![
        ("symbolic link", changed(|made| made.mode = 0o120_777), "symbolic link"),
        ("device", changed(|made| made.mode = 0o020_666), "device"),
        ("block device", changed(|made| made.mode = 0o060_666), "device"),
        ("pipe", changed(|made| made.mode = 0o010_666), "named pipe"),
        ("socket", changed(|made| made.mode = 0o140_666), "socket"),
        ("odd type", changed(|made| made.mode = 0o170_666), "neither a file nor a folder"),
        ("hard link", hard_link(0x000d, 16), "link"),
        ("link in ASi field", hard_link(0x756e, 20), "link"),
        ("folder with content", changed(|made| made.name.push(b'/')), "folder with content"),
        ("folder without slash", changed(|made| made.mode = 0o040_755), "does not end in /"),
        ("encrypted", changed(|made| made.flags |= 1), "encrypted"),
        ("strongly encrypted", changed(|made| made.flags |= 1 << 6), "encrypted"),
        ("hidden headers", changed(|made| made.flags |= 1 << 13), "encrypted"),
        ("other method", changed(|made| made.method = 12), "another way than deflate"),
    ]
}

fn structure() -> Vec<Case> {
    let good = named("data.csv");
    let end = good.len() - 22;
    let patched = |at: usize, bytes: &[u8]| {
        let mut zip = good.clone();
        zip[at..at + bytes.len()].copy_from_slice(bytes);
        zip
    };
    let two_ends = {
        let mut zip = good.clone();
        zip[end + 20..].copy_from_slice(&22_u16.to_le_bytes());
        [zip, end_record(0, 0, good.len() as u32)].concat()
    };
    let unlisted = {
        let both = zip_of(&[Made::file("baigong.yaml", MANIFEST), Made::file("data.csv", "x")]);
        let only_first = zip_of(&[Made::file("baigong.yaml", MANIFEST)]);
        let directory = &only_first[only_first.len() - 22 - 46 - 12..only_first.len() - 22];
        let files = both.len() - 22 - 2 * 46 - 12 - 8;
        [&both[..files], directory, &end_record(1, directory.len() as u32, files as u32)].concat()
    };
    vec![
        ("empty file", Vec::new(), "not a zip"),
        ("text", b"this is no zip, but a text of some length".to_vec(), "not a zip"),
        ("rar", [b"Rar!\x1a\x07".to_vec(), good.clone()].concat(), "not a zip"),
        ("junk before", [b"PK\x03\x04junk".to_vec(), good.clone()].concat(), "put before or between"),
        ("junk after", [good.clone(), b"junk".to_vec()].concat(), "follows the end"),
        ("cut off", good[..good.len() - 30].to_vec(), "cut off"),
        ("comment cut off", patched(end + 20, &[9, 0]), "follows the end"),
        ("two ends", two_ends, "no files"),
        ("two disks", patched(end + 4, &[1, 0]), "one part of several"),
        ("zip64", patched(end + 10, &[255; 2]), "one part of several"),
        ("zip64 sentinel", patched(end + 16, &[255; 4]), "zip64"),
        ("more than listed", patched(end + 8, &[3, 0, 3, 0]), "says it has 3"),
        ("less than listed", patched(end + 8, &[1, 0, 1, 0]), "says it has 1"),
        ("directory elsewhere", patched(end + 16, &[1, 0, 0, 0]), "put before or between"),
        ("damaged directory", patched(end - 54, b"XX"), "directory is damaged"),
        ("nothing in it", zip_of(&[]), "no files"),
        ("unlisted file", unlisted, "missing from central directory"),
        ("other local name", changed(|made| made.local_name = b"evil.csv".to_vec()), "header inconsistency"),
        ("overlap", changed(|made| made.offset = Some(0)), "header inconsistency"),
    ]
}

fn bombs() -> Vec<Case> {
    let zeros = vec![0; 2 << 20];
    let mut lying = Made::deflated("bomb", &zeros);
    lying.size = 1000;
    let mut short = Made::deflated("short", b"hello");
    short.size = 6;
    let mut wrong = Made::file("data.csv", "x");
    wrong.crc ^= 1;
    let mut cut = Made::deflated("cut", b"hello hello hello hello");
    cut.data.truncate(4);
    let many = (0..21).map(|number| Made::file(format!("f{number}"), ""));
    let overlapping =
        (0..3).map(|number| Made { offset: Some(40), ..Made::deflated(&format!("same{number}"), &zeros) });
    vec![
        ("ratio", package_with([Made::deflated("bomb", &zeros)]), "grows more than"),
        ("lying size", package_with([lying]), "larger than its declared"),
        ("shorter than said", package_with([short]), "the zip says the file has 6 bytes"),
        ("wrong checksum", package_with([wrong]), "damaged"),
        ("cut deflate", package_with([cut]), "damaged"),
        ("too many files", package_with(many), "more than 20"),
        ("one file too large", package_with([Made::file("big", vec![1; 3 << 20])]), "larger than 2 MiB"),
        ("overlapping bombs", package_with(overlapping), "grows more than"),
        (
            "together too large",
            package_with((0..4).map(|number| Made::file(format!("f{number}"), vec![1; 1 << 20]))),
            "together larger than",
        ),
    ]
}

#[test]
fn every_poison_package_is_refused_for_its_own_reason() {
    let desk = Desk::new();
    let limits = Limits { entries: 20, file_size: (2 << 20) + 1, unpacked_size: 3 << 20, ..Limits::default() };
    let limits = Limits { file_size: 2 << 20, ..limits };
    let cases: Vec<Case> = [paths(), kinds_of_entries(), structure(), bombs()].into_iter().flatten().collect();
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for (name, bytes, reason) in cases {
        let Err(PackageError::Refused(problems)) = desk.check(&bytes, &limits) else { panic!("{name} was taken") };
        let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        if !text.contains(reason) {
            wrong.push(format!("{name}: expected \"{reason}\", got: {text}"));
        }
        let unpacked = open(&desk.path("package.zip"), &limits)
            .and_then(|mut archive| unpack(&mut archive, &desk.path("unpacked")));
        assert!(unpacked.is_err(), "{name} was unpacked");
        let left: Vec<_> = std::fs::read_dir(desk.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["package.zip"], "{name} left something behind");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_package_the_poison_is_put_into_passes() {
    let desk = Desk::new();
    let zip = named("data.csv");
    desk.check(&zip, &Limits::default()).unwrap();
    let mut archive = open(&desk.path("package.zip"), &Limits::default()).unwrap();
    unpack(&mut archive, &desk.path("unpacked")).unwrap();
    assert_eq!(std::fs::read(desk.path("unpacked/data.csv")).unwrap(), b"x");
    assert!(unpack(&mut archive, &desk.path("unpacked")).is_err(), "an existing folder is never written into");
}

#[test]
fn a_package_larger_than_allowed_is_not_even_read() {
    let desk = Desk::new();
    let limits = Limits { package_size: 100, ..Limits::default() };
    let error = desk.check(&named("data.csv"), &limits).unwrap_err();
    assert!(error.to_string().contains("the package is larger than 100 bytes"), "{error}");
}

#[test]
fn all_bad_names_are_listed_at_once_and_the_list_is_bounded() {
    let desk = Desk::new();
    let bad = (0..50).map(|number| Made::file(format!("../{number}"), ""));
    let Err(PackageError::Refused(problems)) = desk.check(&package_with(bad), &Limits::default()) else { panic!() };
    assert_eq!(problems.len(), 21);
    assert_eq!(problems[20].message, "and 30 problems more");
}
