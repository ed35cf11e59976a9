//! Whose token it is, and that it stays until a new one is asked for.

use super::*;
use crate::testing::{on_both, on_one};

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_the_same_until_a_new_one_is_asked_for() {
    on_both(async |world| {
        let first = of_caller(&world.platform, &world.admin, false).await.unwrap();
        assert_eq!((first.email.as_str(), first.token.expose().len()), ("admin@baigong.local", 64));
        let again = of_caller(&world.platform, &world.admin, false).await.unwrap();
        assert_eq!(again.token, first.token);
        let known = by_email(&world.platform, "admin@baigong.local").await.unwrap();
        assert_eq!(known, [(1, first.token.clone())]);
        let renewed = of_caller(&world.platform, &world.admin, true).await.unwrap();
        assert_ne!(renewed.token, first.token);
        assert_eq!(by_email(&world.platform, "admin@baigong.local").await.unwrap(), [(1, renewed.token)]);
        assert!(by_email(&world.platform, "nobody@baigong.local").await.unwrap().is_empty());
        assert!(of_caller(&world.platform, &world.norths, false).await.is_err(), "there is no such user");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_stored_sealed() {
    on_one(async |world| {
        let token = of_caller(&world.platform, &world.admin, false).await.unwrap().token;
        let mut stored = Vec::new();
        for file in std::fs::read_dir(world.database_folder().unwrap()).unwrap() {
            stored.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        let has = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("admin@baigong.local"), "the search works");
        assert!(!has(token.expose()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_good_for_five_minutes_and_a_nonce_once() {
    on_both(async |world| {
        let platform = &world.platform;
        let told = of_caller(platform, &world.admin, false).await.unwrap();
        let timestamp = (platform.now() / 1000).to_string();
        let v1 = Signed { email: &told.email, timestamp: &timestamp, nonce: None };
        let signature = v1.sign(told.token.expose());
        for _ in 0..2 {
            let caller = authenticate(platform, v1, &signature, None).await.unwrap();
            assert_eq!((caller.user_id, caller.permissions()), (Some(1), world.admin.permissions()));
        }
        let v2 = Signed { nonce: Some("n-1"), ..v1 };
        assert!(matches!(authenticate(platform, v2, &signature, None).await, Err(Error::Unauthenticated)));
        let signature_2 = v2.sign(told.token.expose());
        authenticate(platform, v2, &signature_2, None).await.unwrap();
        assert!(matches!(authenticate(platform, v2, &signature_2, None).await, Err(Error::Replayed)));
        for (email, signature) in [("nobody@baigong.local", signature.as_str()), (&told.email, ""), (&told.email, "00")]
        {
            let refused = authenticate(platform, Signed { email, ..v1 }, signature, None).await;
            assert!(matches!(refused, Err(Error::Unauthenticated)), "{email} {signature}: {refused:?}");
        }
        world.clock.advance(301_000);
        let late = authenticate(platform, v1, &signature, None).await;
        assert!(matches!(&late, Err(Error::Invalid { field, .. }) if field == "timestamp"), "{late:?}");
        for timestamp in ["", "now", "99999999999999999999", "-9223372036854775808"] {
            let refused = authenticate(platform, Signed { timestamp, ..v1 }, &signature, None).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{timestamp}: {refused:?}");
        }
    })
    .await;
}
