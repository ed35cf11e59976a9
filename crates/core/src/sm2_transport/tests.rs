//! Reading passwords: every form, and everything that must not be read.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use rand::{SeedableRng, rngs::StdRng};
use sm2::{
    PublicKey as Point, SecretKey,
    pke::{EncryptingKey, Mode},
};

use super::*;
use crate::testing::{World, on_both, on_one};

fn encrypt(world: &World, order: Mode, text: &str) -> Vec<u8> {
    let point = Point::from_sec1_bytes(&hex::decode(public_key(&world.platform).public_key).unwrap()).unwrap();
    EncryptingKey::new_with_mode(point, order).encrypt(&mut StdRng::seed_from_u64(1), text.as_bytes()).unwrap()
}

fn envelope(world: &World, document: &serde_json::Value) -> String {
    let ciphertext = encrypt(world, Mode::C1C3C2, &document.to_string());
    format!("sm2:v1:{}:{}", public_key(&world.platform).kid, BASE64.encode(ciphertext))
}

fn document(world: &World, nonce: &str) -> serde_json::Value {
    serde_json::json!({ "p": "密码 secret", "t": world.platform.now(), "n": nonce, "u": "login" })
}

async fn read_as(world: &World, text: &str, purpose: Purpose) -> Option<String> {
    let read = read(&world.platform, &Secret::new(text.into()), purpose).await.unwrap();
    read.ok().map(|password| password.expose().clone())
}

async fn read_login(world: &World, text: &str) -> Option<String> {
    read_as(world, text, Purpose::Login).await
}

/// GM/T 0003.5-2012, C.2: what another implementation encrypted, in the order C1‖C3‖C2. Its x begins with 04 like the mark
/// of a point, so that the form without the mark looks like one with it.
#[test]
fn the_example_of_the_standard_opens() {
    let key = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
    let key = SecretKey::from_slice(&hex::decode(key).unwrap()).unwrap();
    let c1 = "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0";
    let c3 = "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766";
    let c2 = "21886CA989CA9C7D58087307CA93092D651EFA";
    let standard = hex::decode(format!("{c1}{c3}{c2}")).unwrap();
    assert_eq!(cipher::open(&key, &standard).unwrap().expose(), b"encryption standard");
    for form in [format!("{c1}{c3}{c2}"), format!("{}{c3}{c2}", &c1[2..]), format!("{c1}{c2}{c3}")] {
        let bytes = cipher::bare(&form).expect("it looks like ciphertext");
        assert_eq!(cipher::open_bare(&key, &bytes).unwrap().expose(), b"encryption standard", "{form}");
    }
    let changed = hex::decode(format!("{c1}{c3}{}", c2.replace("EFA", "EFB"))).unwrap();
    assert!(cipher::open(&key, &changed).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_good_once_on_every_node() {
    on_both(async |world| {
        let text = envelope(world, &document(world, "n1"));
        assert_eq!(read_login(world, &text).await.as_deref(), Some("密码 secret"));
        assert_eq!(read_login(world, &text).await, None, "replayed");
        let restarted = world.another().await;
        let again = read(&restarted, &Secret::new(text), Purpose::Login).await.unwrap();
        assert!(again.is_err(), "replayed after a restart");
        assert_eq!(read_login(world, &envelope(world, &document(world, "n1"))).await, None, "the nonce is what counts");
        assert!(read_login(world, &envelope(world, &document(world, "n2"))).await.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_for_another_purpose_key_or_time_is_not_read() {
    on_one(async |world| {
        let with = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut document = document(world, "n");
            change(&mut document);
            envelope(world, &document)
        };
        let now = world.platform.now();
        assert_eq!(read_as(world, &with(&|_| {}), Purpose::EmployeePassword).await, None);
        for at in [now - 300_001, now + 300_001, i64::MIN, i64::MAX] {
            assert_eq!(read_login(world, &with(&|document| document["t"] = at.into())).await, None, "{at}");
        }
        assert_eq!(read_login(world, &with(&|document| document["n"] = "".into())).await, None);
        assert_eq!(read_login(world, &with(&|document| document["n"] = "n".repeat(129).into())).await, None);
        assert_eq!(
            read_login(world, &with(&|document| drop(document.as_object_mut().unwrap().remove("u")))).await,
            None
        );
        let text = with(&|_| {});
        assert_eq!(read_login(world, &text.replace(&public_key(&world.platform).kid, "0123456789abcdef")).await, None);
        assert_eq!(read_login(world, &text[..text.len() - 4]).await, None);
        assert_eq!(read_login(world, "sm2:v1:").await, None);
        // Refusals have not used the nonce up.
        assert!(read_login(world, &text).await.is_some());
        for at in [now - 300_000, now + 300_000] {
            let text = with(&|document| (document["t"], document["n"]) = (at.into(), at.to_string().into()));
            assert!(read_login(world, &text).await.is_some(), "{at}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bare_ciphertext_is_read_in_every_form_and_never_taken_for_a_password() {
    on_one(async |world| {
        for order in [Mode::C1C3C2, Mode::C1C2C3] {
            let ciphertext = encrypt(world, order, "p");
            for bytes in [&ciphertext[..], &ciphertext[1..]] {
                for text in [hex::encode(bytes), hex::encode_upper(bytes), BASE64.encode(bytes)] {
                    assert_eq!(read_login(world, &text).await.as_deref(), Some("p"), "{text}");
                }
            }
            let mut broken = ciphertext.clone();
            *broken.last_mut().unwrap() ^= 1;
            assert_eq!(read_login(world, &hex::encode(broken)).await, None, "it is not a password in plain text");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_text_is_read_only_where_it_is_allowed() {
    on_one(async |world| {
        for text in ["secret", "deadbeef", "c2VjcmV0", "sm2:"] {
            assert_eq!(read_login(world, text).await.as_deref(), Some(text));
        }
        assert_eq!(read_login(world, "").await, None);
        assert_eq!(read_login(world, &"长".repeat(129)).await, None);
        let strict = world.strict().await;
        assert_eq!(read(&strict, &Secret::new("secret".into()), Purpose::Login).await.unwrap(), Err(Unreadable));
        let text = Secret::new(hex::encode(encrypt(world, Mode::C1C3C2, "secret")));
        assert!(read(&strict, &text, Purpose::Login).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_stays_the_same_over_a_restart() {
    on_both(async |world| {
        let key = public_key(&world.platform);
        assert_eq!(public_key(&world.another().await), key);
        assert_eq!((key.alg, key.public_key.len(), &key.public_key[..2]), ("SM2", 130, "04"));
    })
    .await;
}
