//! Credentials: sealed at rest, shown only under a registered key, with a row in the audit.

use baigong_model::{Error, PermissionSet, SeededRandom};
use baigong_protocol::sealing::RobotKey;
use baigong_store::audits;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use sm2::pke::{DecryptingKey, Mode};

use super::*;
use crate::testing::{PASSWORD, World, all, assert_not_found, on_both, on_one, without};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn new(department_id: i64) -> NewCredential {
    NewCredential {
        department_id,
        name: "柜台".into(),
        username: "trader".into(),
        password: secret("p@ss 密码"),
        is_global: true,
        robot_ids: vec![],
        remark: Some("r".into()),
    }
}

/// The administrator's own key.
fn own_key() -> sm2::SecretKey {
    sm2::SecretKey::from_slice(&[7; 32]).unwrap()
}

fn public(key: &sm2::SecretKey) -> String {
    hex::encode(key.public_key().to_sec1_bytes())
}

async fn actions(world: &World, id: i64) -> Vec<String> {
    let rows = audits::of_object(&world.platform.store, "credential", id).await.unwrap();
    assert!(rows.iter().all(|row| !row.detail.contains("p@ss")));
    rows.into_iter().map(|row| row.action).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_made_changed_and_deleted() {
    on_both(async |world| {
        let (platform, caller) = (&world.platform, &world.norths);
        let id = create(platform, caller, new(world.north)).await.unwrap();
        let taken = create(platform, caller, new(world.north)).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { kind: "credential", .. })), "{taken:?}");
        let row = rows::find(&platform.store, caller.scope(), id).await.unwrap().unwrap();
        assert!(row.password.starts_with("v1|aes-256-gcm|"), "{}", row.password);
        assert_eq!(open(platform, &row).unwrap().expose(), "p@ss 密码".as_bytes());
        let robot = world.robot(world.north, "r").await.id;
        let change = CredentialChange {
            username: Some("dealer".into()),
            password: Some(secret("other")),
            is_global: Some(false),
            robot_ids: Some(vec![robot]),
            ..CredentialChange::default()
        };
        update(platform, caller, id, change).await.unwrap();
        let found = query(platform, caller, id).await.unwrap();
        assert_eq!((found.credential.username.as_str(), found.credential.password.as_str()), ("dealer", ""));
        assert_eq!((found.password, found.robot_ids), (None, vec![robot]));
        assert_eq!(found.credential.remark.as_deref(), Some("r"));
        let row = rows::find(&platform.store, caller.scope(), id).await.unwrap().unwrap();
        assert_eq!(open(platform, &row).unwrap().expose(), b"other");
        let shown_back = CredentialChange { password: Some(secret("******")), ..CredentialChange::default() };
        update(platform, caller, id, shown_back).await.unwrap();
        let same = rows::find(&platform.store, caller.scope(), id).await.unwrap().unwrap();
        assert_eq!(same.password, row.password);
        assert_not_found(query(platform, &world.souths, id).await, "credential/query");
        assert_not_found(update(platform, &world.souths, id, CredentialChange::default()).await, "credential/update");
        assert_not_found(delete(platform, &world.souths, id).await, "credential/delete");
        assert_eq!(list(platform, &world.souths, &all()).await.unwrap().total, 0);
        delete(platform, caller, id).await.unwrap();
        assert_not_found(delete(platform, caller, id).await, "credential/delete");
        create(platform, caller, new(world.north)).await.unwrap();
        assert_eq!(list(platform, caller, &all()).await.unwrap().total, 1);
        assert_eq!(actions(world, id).await, ["create", "update", "update", "delete"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_shown_only_under_a_registered_key_and_in_the_audit() {
    on_both(async |world| {
        let platform = &world.platform;
        let admin = &world.admin;
        let id = create(platform, admin, new(world.north)).await.unwrap();
        assert_eq!(query(platform, admin, id).await.unwrap().password, None, "no key is registered");
        let key = own_key();
        let wrong = register_key(platform, admin, &public(&key), &secret("wrong")).await;
        assert!(matches!(wrong, Err(Error::WrongPassword)), "{wrong:?}");
        assert_eq!(query(platform, admin, id).await.unwrap().password, None, "nothing was registered");
        let kid = register_key(platform, admin, &public(&key), &secret(PASSWORD)).await.unwrap().kid;
        let shown = query(platform, admin, id).await.unwrap().password.unwrap();
        let body = shown.strip_prefix(&format!("sm2:v1:{kid}:")).unwrap();
        let scalar = key.to_nonzero_scalar();
        let ciphertext = BASE64.decode(body).unwrap();
        let opened = DecryptingKey::new_with_mode(scalar, Mode::C1C3C2).decrypt(&ciphertext).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&opened).unwrap();
        assert_eq!((&document["p"], &document["u"]), (&"p@ss 密码".into(), &"credential".into()));
        assert_eq!(actions(world, id).await, ["create", "reveal"]);
        let blind = without(world.north, Permission::CredentialReveal);
        let blind = Caller::user(1, "admin".into(), blind.permissions(), admin.scope().clone());
        assert_eq!(query(platform, &blind, id).await.unwrap().password, None, "without the permission");
        delete(platform, admin, id).await.unwrap();
        assert_eq!(query(platform, admin, id).await.unwrap().password, None, "a deleted one is not shown");
        let id = create(platform, admin, new(world.north)).await.unwrap();
        unregister_key(platform, admin).await.unwrap();
        assert_eq!(query(platform, admin, id).await.unwrap().password, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_not_registered_and_guesses_lock_the_account() {
    on_one(async |world| {
        let (platform, admin) = (&world.platform, &world.admin);
        for text in ["", "04", "zz", &"00".repeat(65), &hex::encode([4; 65])] {
            let refused = register_key(platform, admin, text, &secret(PASSWORD)).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{text}: {refused:?}");
        }
        let key = RobotKey::generate(&SeededRandom::new(3));
        register_key(platform, admin, key.public(), &secret(PASSWORD)).await.unwrap();
        for _ in 0..5 {
            assert!(register_key(platform, admin, key.public(), &secret("guess")).await.is_err());
        }
        let locked = register_key(platform, admin, key.public(), &secret(PASSWORD)).await;
        assert!(matches!(locked, Err(Error::Locked)), "{locked:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_passwords_are_refused_where_they_are_not_allowed() {
    on_one(async |world| {
        let strict = world.strict().await;
        let refused = create(&strict, &world.admin, new(world.north)).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let nobody = crate::testing::with_permissions(world.north, PermissionSet::default());
        for outcome in [
            create(&strict, &nobody, new(world.north)).await.map(drop),
            query(&strict, &nobody, 1).await.map(drop),
            list(&strict, &nobody, &all()).await.map(drop),
            delete(&strict, &nobody, 1).await,
            update(&strict, &nobody, 1, CredentialChange::default()).await,
        ] {
            assert!(matches!(outcome, Err(Error::Forbidden(_))), "{outcome:?}");
        }
    })
    .await;
}
