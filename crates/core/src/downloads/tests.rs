//! Signed addresses.

use super::*;
use crate::testing::{World, assert_not_found, on_both, on_one};

/// The parts of an address.
fn parts(address: &str) -> (DownloadKind, i64, i64, String) {
    let (path, query) = address.split_once('?').unwrap();
    let [_, "download", kind, id] = path.split('/').collect::<Vec<_>>()[..] else { panic!("{address}") };
    let query = query.strip_prefix("expires=").unwrap();
    let (expires, signature) = query.split_once("&signature=").unwrap();
    (DownloadKind::of(kind).unwrap(), id.parse().unwrap(), expires.parse().unwrap(), signature.to_owned())
}

async fn fetch(world: &World, address: &str) -> Result<Download> {
    let (kind, id, expires, signature) = parts(address);
    open(&world.platform, kind, id, (expires, &signature), None, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_good_for_its_thing_and_its_time_only() {
    on_one(async |world| {
        let good = address(&world.platform, DownloadKind::Package, 7, VALID_FOR);
        let (kind, id, expires, signature) = parts(&good);
        let refused = |kind, id, expires, signature: &str| {
            matches!(check(&world.platform, kind, id, expires, signature), Err(Error::BadAddress))
        };
        assert!(!refused(kind, id, expires, &signature));
        assert!(refused(DownloadKind::Artifact, id, expires, &signature));
        assert!(refused(kind, 8, expires, &signature));
        assert!(refused(kind, id, expires + 1, &signature));
        assert!(refused(kind, id, expires, &signature[2..]));
        assert!(refused(kind, id, expires, ""));
        assert!(refused(kind, id, expires, "zz"));
        assert!(refused(kind, id, expires, &"0".repeat(64)));
        world.clock.advance(VALID_FOR - 1);
        assert!(!refused(kind, id, expires, &signature));
        world.clock.advance(1);
        assert!(refused(kind, id, expires, &signature));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_fetched_on_any_node_until_it_is_deleted() {
    on_both(async |world| {
        let id = world.package(world.north, "p").await;
        let good = address(&world.another().await, DownloadKind::Package, id, VALID_FOR);
        assert_eq!(fetch(world, &good).await.unwrap().name, "p-1.0.zip");
        packages::delete(&world.platform, &world.admin, id).await.unwrap();
        assert_not_found(fetch(world, &good).await.map(drop), "a deleted package");
        let none = address(&world.platform, DownloadKind::Artifact, 999, VALID_FOR);
        assert_not_found(fetch(world, &none).await.map(drop), "no artifact");
    })
    .await;
}

#[test]
fn a_wanted_part_is_cut_at_the_end_of_the_thing() {
    let bytes = |from, to| Part::Bytes { from, to, total: 10 };
    for (wanted, part) in [
        (Wanted::From(0, None), bytes(0, 10)),
        (Wanted::From(3, Some(5)), bytes(3, 6)),
        (Wanted::From(9, Some(u64::MAX)), bytes(9, 10)),
        (Wanted::Last(4), bytes(6, 10)),
        (Wanted::Last(40), bytes(0, 10)),
        (Wanted::From(10, None), Part::Beyond { total: 10 }),
        (Wanted::From(5, Some(4)), Part::Beyond { total: 10 }),
        (Wanted::Last(0), Part::Beyond { total: 10 }),
    ] {
        assert_eq!(wanted.within(10), part, "{wanted:?}");
    }
    assert_eq!(Wanted::Last(1).within(0), Part::Beyond { total: 0 });
}
