//! What comes again is answered and not done.

use super::*;
use crate::testing::on_both;

fn key(request: &[u8], keep_until: i64) -> Key<'_> {
    Key { key: b"key", request, signed_at: keep_until - SIGNED_KEPT, keep_until }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_gets_the_first_answer_and_another_request_does_not() {
    on_both(async |world| {
        let (platform, until) = (&world.platform, world.platform.now() + 1000);
        let Begun::First(ticket) = begin(platform, key(b"request", until)).await.unwrap() else { panic!("first") };
        assert!(matches!(begin(platform, key(b"request", until)).await.unwrap(), Begun::Unfinished));
        finish(platform, ticket, 201, b"{\"secret\":1}").await.unwrap();
        match begin(platform, key(b"request", until)).await.unwrap() {
            Begun::Answered { status: 201, body } => assert_eq!(body, b"{\"secret\":1}"),
            other => panic!("{other:?}"),
        }
        assert!(matches!(begin(platform, key(b"other", until)).await.unwrap(), Begun::OtherRequest));
        world.clock.advance(1000);
        assert_eq!(forget(platform).await.unwrap(), 1);
        assert!(matches!(begin(platform, key(b"other", until)).await.unwrap(), Begun::First(_)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_gives_its_key_back() {
    on_both(async |world| {
        let (platform, until) = (&world.platform, world.platform.now() + 1000);
        let Begun::First(ticket) = begin(platform, key(b"request", until)).await.unwrap() else { panic!("first") };
        release(platform, ticket).await.unwrap();
        assert!(matches!(begin(platform, key(b"other", until)).await.unwrap(), Begun::First(_)));
    })
    .await;
}
