//! A folder packed, checked as folder and as zip, and unpacked again.

use std::os::unix::fs::PermissionsExt;

use baigong_flow::ActionTable;

use crate::{
    Limits, PackageError, check, open, pack, remove_unfinished,
    testing::{Desk, MANIFEST},
    unpack,
};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("p/baigong.yaml", MANIFEST);
    desk.write("p/run.sh", "#!/bin/sh\n");
    desk.write("p/数据/b.csv", "1,2\n".repeat(100_000));
    desk.write("p/数据/a.csv", "");
    std::fs::set_permissions(desk.path("p/run.sh"), std::fs::Permissions::from_mode(0o777)).unwrap();
    desk
}

#[test]
fn the_same_folder_gives_the_same_bytes_and_comes_back_whole() {
    let desk = desk();
    let limits = Limits::default();
    let one = pack(&desk.path("p"), &desk.path("one.zip"), &limits).unwrap();
    // The order in which files were written, and their times, must not matter.
    desk.write("q/数据/a.csv", "");
    desk.write("q/数据/b.csv", "1,2\n".repeat(100_000));
    desk.write("q/run.sh", "#!/bin/sh\n");
    desk.write("q/baigong.yaml", MANIFEST);
    std::fs::set_permissions(desk.path("q/run.sh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::File::open(desk.path("q/run.sh")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let other = pack(&desk.path("q"), &desk.path("other.zip"), &limits).unwrap();
    assert_eq!(one, other);
    assert_eq!(one.files, ["baigong.yaml", "run.sh", "数据/a.csv", "数据/b.csv"]);
    assert!(one.size < 10_000, "it is compressed");

    let mut archive = open(&desk.path("one.zip"), &limits).unwrap();
    assert_eq!(archive.sha256(), one.sha256);
    unpack(&mut archive, &desk.path("back")).unwrap();
    for file in &one.files {
        let read = |folder: &str| std::fs::read(desk.path(folder).join(file)).unwrap();
        assert_eq!(read("p"), read("back"), "{file}");
        let mode = std::fs::metadata(desk.path("back").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0, "{file} is writable by others");
        assert_eq!(mode & 0o100 != 0, file == "run.sh", "{file}");
    }
    let zip = check(&desk.path("one.zip"), &ActionTable::new(), &limits).unwrap();
    let folder = check(&desk.path("back"), &ActionTable::new(), &limits).unwrap();
    assert_eq!((zip.kind, zip.files), (folder.kind, folder.files));
}

#[test]
fn version_control_caches_and_ignored_files_stay_out() {
    let desk = desk();
    for file in [".git/config", "sub/.git/HEAD", "__pycache__/x.pyc", ".DS_Store", "output/log.html", "keep/output.txt"]
    {
        desk.write(&format!("p/{file}"), "x");
    }
    desk.write("p/.baigongignore", "# results\noutput/\n*.tmp\n");
    desk.write("p/a.tmp", "");
    let packed = pack(&desk.path("p"), &desk.path("p/own.zip"), &Limits::default()).unwrap();
    let again = pack(&desk.path("p"), &desk.path("p/own.zip"), &Limits::default()).unwrap();
    assert_eq!(packed, again, "the zip of an earlier time is not packed into the next");
    let expected = [".baigongignore", "baigong.yaml", "keep/output.txt", "run.sh", "数据/a.csv", "数据/b.csv"];
    assert_eq!(packed.files, expected);
}

#[test]
fn ignore_files_of_robot_yaml_are_obeyed() {
    let desk = Desk::new();
    desk.write("p/robot.yaml", "tasks: {A: {shell: x}}\nignoreFiles: [.gitignore, missing]\n");
    desk.write("p/.gitignore", "output\n!output/keep\n/top.txt\n");
    for file in ["output/a", "top.txt", "sub/top.txt"] {
        desk.write(&format!("p/{file}"), "x");
    }
    let packed = pack(&desk.path("p"), &desk.path("p.zip"), &Limits::default()).unwrap();
    assert_eq!(packed.files, [".gitignore", "robot.yaml", "sub/top.txt"]);
}

#[test]
fn links_and_bad_names_are_refused_with_a_remedy_and_nothing_is_left() {
    let desk = desk();
    std::os::unix::fs::symlink("/etc/passwd", desk.path("p/link")).unwrap();
    desk.write("p/con.txt", "x");
    let Err(PackageError::Refused(problems)) = pack(&desk.path("p"), &desk.path("p.zip"), &Limits::default()) else {
        panic!("it was packed")
    };
    let mut places: Vec<_> = problems.iter().map(|problem| problem.place.as_str()).collect();
    places.sort_unstable();
    assert_eq!(places, ["con.txt", "link"]);
    assert!(problems.iter().all(|problem| !problem.remedy.is_empty()));
    let left: Vec<_> = std::fs::read_dir(desk.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["p"]);
}

#[test]
fn a_package_that_would_be_refused_elsewhere_is_not_made() {
    let desk = Desk::new();
    desk.write("p/baigong.yaml", MANIFEST);
    desk.write("p/zeros", vec![0; 2 << 20]);
    let error = pack(&desk.path("p"), &desk.path("p.zip"), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("zeros: the file grows more than 100 times"), "{error}");
    assert!(!desk.path("p.zip").exists());
}

#[test]
fn what_an_interrupted_unpacking_left_is_removed() {
    let desk = Desk::new();
    desk.write(".unpacking-1-0/half", "x");
    desk.write("whole/file", "x");
    remove_unfinished(desk.folder.path()).unwrap();
    assert!(!desk.path(".unpacking-1-0").exists() && desk.path("whole/file").exists());
}
