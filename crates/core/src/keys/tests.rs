//! Rotation: what was sealed opens afterwards, under the new key, and nothing is rotated beside a running platform.

use baigong_model::{Error, Secret};
use baigong_store::{credentials as rows, platform_keys};

use crate::{
    assets::{self, AssetKind, NewAsset},
    credentials::{self, NewCredential},
    keys::{self, Place},
    nodes, sm2_transport,
    testing::on_both,
};

#[tokio::test(flavor = "multi_thread")]
async fn everything_opens_after_a_rotation_and_is_sealed_under_the_new_key() {
    on_both(async |world| {
        let platform = &world.platform;
        let new = NewCredential {
            department_id: world.north,
            name: "c".into(),
            username: "u".into(),
            password: Secret::new("hunter2".into()),
            is_global: true,
            robot_ids: vec![],
            remark: None,
        };
        let id = credentials::create(platform, &world.admin, new).await.unwrap();
        let stored = async || rows::find(&platform.store, world.admin.scope(), id).await.unwrap().unwrap();
        let before = stored().await;
        let transport = sm2_transport::public_key(platform);
        let place = Place { table: "queue_item", row: "1", column: "payload" };
        let kept = platform.keys.seal(&*platform.random, place, b"an item");
        for number in [2, 3] {
            let rotation = keys::rotate(&world.another().await).await.unwrap();
            // The credential and three keys of the platform.
            assert_eq!((rotation.key, rotation.sealed_anew), (number, 4));
        }
        let after = stored().await;
        assert!(before.password.starts_with("v1|aes-256-gcm|1|") && after.password.starts_with("v1|aes-256-gcm|3|"));
        let restarted = world.another().await;
        assert_eq!(credentials::open(&restarted, &after).unwrap().expose(), b"hunter2");
        assert_eq!(sm2_transport::public_key(&restarted), transport);
        assert_eq!(restarted.keys.open(place, &kept).unwrap().expose(), b"an item", "the old key still opens");
        assert!(restarted.keys.open(place, &before.password).is_err());
        let names: Vec<String> =
            platform_keys::all(&platform.store).await.unwrap().into_iter().map(|row| row.name).collect();
        assert!(["data", "data-2", "data-3"].iter().all(|name| names.iter().any(|it| it == name)), "{names:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_rotated_beside_a_running_platform() {
    on_both(async |world| {
        nodes::renew(&world.platform).await.unwrap();
        let refused = keys::rotate(&world.another().await).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_looks_sealed_stays_and_does_not_stop_a_rotation() {
    on_both(async |world| {
        let platform = &world.platform;
        let look_alike = "v1|aes-256-gcm|1|AAAA|AAAA|AAAA";
        let new = NewAsset {
            department_id: world.north,
            name: "a".into(),
            kind: AssetKind::Text,
            value: Secret::new(look_alike.into()),
            is_global: true,
            robot_ids: vec![],
            remark: None,
            is_expression: false,
            is_client_editable: false,
        };
        let id = assets::create(platform, &world.admin, new).await.unwrap();
        let rotation = keys::rotate(&world.another().await).await.unwrap();
        assert_eq!(rotation.sealed_anew, 3, "the three keys of the platform");
        assert_eq!(assets::query(platform, &world.admin, id).await.unwrap().asset.value, look_alike);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_rotations_at_once_one_counts_and_nothing_is_lost() {
    on_both(async |world| {
        let transport = sm2_transport::public_key(&world.platform);
        let (first, second) = (world.another().await, world.another().await);
        let (one, other) = tokio::join!(keys::rotate(&first), keys::rotate(&second));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        assert_eq!(sm2_transport::public_key(&world.another().await), transport);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_loaded_its_keys_before_a_rotation_does_not_start() {
    on_both(async |world| {
        let late = world.another().await;
        keys::rotate(&world.another().await).await.unwrap();
        let refused = nodes::start(&late).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        nodes::start(&world.another().await).await.unwrap();
        let refused = keys::rotate(&world.another().await).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    })
    .await;
}
