//! Assets: their kinds, who gets them, and that secret ones stay secret.

use baigong_model::{Error, Secret};

use super::*;
use crate::{
    sm2_transport,
    testing::{World, all, assert_not_found, on_both},
};

fn new(department_id: i64, name: &str, kind: AssetKind, value: &str) -> NewAsset {
    NewAsset {
        department_id,
        name: name.into(),
        kind,
        value: Secret::new(value.into()),
        is_global: true,
        robot_ids: vec![],
        remark: None,
        is_expression: false,
        is_client_editable: false,
    }
}

async fn stored(world: &World, id: i64) -> asset::Model {
    rows::find(&world.platform.store, world.admin.scope(), id).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asset_is_made_changed_and_deleted() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world.north, "费率", AssetKind::Number, " 0.10 ")).await.unwrap();
        let taken = create(platform, caller, new(world.north, "费率", AssetKind::Text, "x")).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "asset", .. })), "{taken:?}");
        let wrong = AssetChange { value: Some(Secret::new("abc".into())), ..AssetChange::default() };
        let wrong = update(platform, caller, id, wrong).await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
        let robot = world.robot(world.north, "r").await.id;
        let change = AssetChange {
            name: Some("利率".into()),
            value: Some(Secret::new("0.2".into())),
            is_global: Some(false),
            robot_ids: Some(vec![robot, robot]),
            remark: Some("r".into()),
        };
        update(platform, caller, id, change).await.unwrap();
        let found = query(platform, caller, id).await.unwrap();
        assert_eq!((found.asset.name.as_str(), found.asset.value.as_str()), ("利率", "0.2"));
        assert_eq!((found.asset.is_global, found.robot_ids), (false, vec![robot]));
        create(platform, caller, new(world.north, "费率", AssetKind::Text, "free again")).await.unwrap();
        update(platform, caller, id, AssetChange::default()).await.unwrap();
        let foreign = world.robot(world.south, "s").await.id;
        let given = AssetChange { robot_ids: Some(vec![foreign]), ..AssetChange::default() };
        assert_not_found(update(platform, caller, id, given).await, "asset/update to a foreign robot");
        assert_not_found(update(platform, &world.souths, id, AssetChange::default()).await, "asset/update");
        assert_not_found(delete(platform, &world.souths, id).await, "asset/delete");
        delete(platform, caller, id).await.unwrap();
        assert_not_found(delete(platform, caller, id).await, "asset/delete");
        assert!(query(platform, caller, id).await.unwrap().asset.deleted_at.is_some());
        assert_eq!(list(platform, caller, &all()).await.unwrap().total, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_value_is_sealed_and_shown_to_nobody() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world.north, "key", AssetKind::Hash, "9f86d081884c7d65")).await.unwrap();
        let change = AssetChange { value: Some(Secret::new("hunter2-hunter2".into())), ..AssetChange::default() };
        assert!(stored(world, id).await.value.starts_with("v1|"));
        update(platform, caller, id, change).await.unwrap();
        let row = stored(world, id).await;
        assert!(row.value.starts_with("v1|") && !row.value.contains("hunter2"));
        assert_eq!(open(platform, &row).unwrap().expose(), b"hunter2-hunter2");
        let shown_back = AssetChange { value: Some(Secret::new("******".into())), ..AssetChange::default() };
        update(platform, caller, id, shown_back).await.unwrap();
        assert_eq!(stored(world, id).await.value, row.value);
        assert_eq!(query(platform, caller, id).await.unwrap().asset.value, "");
        let copied = asset::Model { id: id + 1, ..row };
        assert!(open(platform, &copied).is_err(), "a sealed value opens in its own row only");
        for row in baigong_store::audits::of_object(&platform.store, "asset", id).await.unwrap() {
            assert!(!row.detail.contains("hunter2") && !row.detail.contains("9f86"), "{}", row.detail);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_gets_the_nearest_of_those_it_may_have() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.admin);
        let [a, b] = [world.robot(world.north, "a").await.id, world.robot(world.north, "b").await.id];
        let get = async |robot| for_robot(platform, world.north, robot, "n").await.map(|asset| asset.value);
        assert_not_found(get(a).await, "asset.get");
        create(platform, caller, new(world.south, "n", AssetKind::Text, "south")).await.unwrap();
        assert_not_found(get(a).await, "asset.get of another department");
        let given =
            NewAsset { is_global: false, robot_ids: vec![a], ..new(world.north, "n", AssetKind::Text, "north") };
        create(platform, caller, given).await.unwrap();
        assert_eq!(get(a).await.unwrap(), "north");
        assert!(matches!(get(b).await, Err(Error::Forbidden(_))));
        let above = create(platform, caller, new(world.root, "n", AssetKind::Text, "root")).await.unwrap();
        assert_eq!((get(a).await.unwrap().as_str(), get(b).await.unwrap().as_str()), ("north", "root"));
        delete(platform, caller, above).await.unwrap();
        assert!(get(b).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_comes_encrypted_where_plain_text_is_not_allowed() {
    on_both(async |world| {
        let (strict, caller) = (world.strict().await, &world.norths);
        let plain = create(&strict, caller, new(world.north, "a", AssetKind::Hash, "hunter2")).await;
        assert!(matches!(plain, Err(Error::Invalid { .. })), "{plain:?}");
        create(&strict, caller, new(world.north, "t", AssetKind::Text, "no secret")).await.unwrap();
        // The longest there is, such as a private key.
        let longest = "\n".repeat(4096);
        let key = sm2_transport::RecipientKey::read(&sm2_transport::public_key(&strict).public_key).unwrap();
        let encrypted = sm2_transport::encrypt(&strict, &key, &longest, sm2_transport::Purpose::Asset).unwrap();
        let id = create(&strict, caller, new(world.north, "a", AssetKind::Hash, &encrypted)).await.unwrap();
        assert_eq!(open(&strict, &stored(world, id).await).unwrap().expose(), longest.as_bytes());
        let again = AssetChange { value: Some(Secret::new("hunter2".into())), ..AssetChange::default() };
        assert!(update(&strict, caller, id, again).await.is_err());
    })
    .await;
}
