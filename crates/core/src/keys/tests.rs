//! Rotation: what was sealed opens afterwards, under the new key, and nothing is rotated beside a running platform.

use baigong_model::{Error, Secret};
use baigong_store::{credentials as rows, platform_keys};

use crate::{
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
            // The credential and two keys of the platform.
            assert_eq!((rotation.key, rotation.sealed_anew), (number, 3));
        }
        let after = stored().await;
        assert!(before.password.starts_with("v1|aes-256-gcm|1|") && after.password.starts_with("v1|aes-256-gcm|3|"));
        let restarted = world.another().await;
        assert_eq!(credentials::open(&restarted, &after).unwrap().expose(), b"hunter2");
        assert_eq!(sm2_transport::public_key(&restarted), transport);
        assert_eq!(restarted.keys.open(place, &kept).unwrap().expose(), b"an item", "the old key still opens");
        assert_eq!(restarted.keys.open(place, &before.password).is_err(), true);
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
