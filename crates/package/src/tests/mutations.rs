//! A package changed at random places: it is taken or refused, but nothing panics, nothing leaves the folder and
//! nothing grows beyond its limits.

use proptest::prelude::*;

use crate::{
    Limits, PackageError, open,
    testing::{Desk, MANIFEST, Made, zip_of},
    unpack,
};

const LARGEST: u64 = 300_000;

fn original() -> Vec<u8> {
    zip_of(&[
        Made::file("baigong.yaml", MANIFEST),
        Made::deflated("data/large.csv", "000001,1,000.50\n".repeat(2000).as_bytes()),
        Made::file("empty/", ""),
        Made::file("数据.txt", "估值"),
    ])
}

fn unpacked_size(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| if entry.path().is_dir() { unpacked_size(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}

fn survives(bytes: &[u8]) {
    let desk = Desk::new();
    let limits = Limits { unpacked_size: LARGEST, ..Limits::default() };
    match desk.check(bytes, &limits) {
        Ok(_) => {
            let mut archive = open(&desk.path("package.zip"), &limits).unwrap();
            unpack(&mut archive, &desk.path("unpacked")).unwrap();
            assert!(unpacked_size(&desk.path("unpacked")) <= LARGEST);
        }
        Err(PackageError::Refused(problems)) => assert!(!problems.is_empty()),
        Err(PackageError::Storage { action, cause }) => panic!("the machine was blamed: {action}: {cause}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut zip = original();
        for (at, byte) in changes {
            let at = at.index(zip.len());
            zip[at] = byte;
        }
        survives(&zip);
    }

    #[test]
    fn changed_headers(changes in prop::collection::vec((0_usize..330, any::<u8>()), 1..4)) {
        let mut zip = original();
        let length = zip.len();
        for (from_end, byte) in changes {
            zip[length - 1 - from_end] = byte;
        }
        survives(&zip);
    }

    #[test]
    fn cut_and_joined(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), twice in any::<bool>()) {
        let zip = original();
        let (from, to) = (from.index(zip.len()), to.index(zip.len()));
        let piece = &zip[from.min(to)..from.max(to)];
        survives(&if twice { [piece, &zip].concat() } else { piece.to_vec() });
    }

    #[test]
    fn any_manifest(text in "\\PC{0,200}") {
        survives(&zip_of(&[Made::file("baigong.yaml", &text)]));
        survives(&zip_of(&[Made::file("robot.yaml", &text)]));
    }
}
