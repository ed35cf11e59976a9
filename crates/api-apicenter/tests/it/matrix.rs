//! Who may do what: every operation without a token or a key pair, with every permission but its own, about another
//! department's things, and with exactly its permission. What is needed is checked in as text.

use std::{fs, path::PathBuf};

use baigong_api_apicenter::table;
use baigong_api_kit::Access;
use baigong_model::Permission;
use serde_json::json;

use crate::{
    goods::{Good, Things},
    server::{Server, named, path},
};

fn permission(good: &Good) -> Permission {
    let table = table();
    let operation = table.operations().find(|it| it.method.as_str() == good.method && it.path == good.printed);
    match operation.unwrap_or_else(|| panic!("{good:?} is no operation")).access {
        Access::With(permission) => permission,
        other => panic!("{}: {other:?}", good.path),
    }
}

#[test]
fn the_matrix_that_is_checked_in_is_up_to_date() {
    let table = table();
    let rows = table.operations().map(|it| {
        let needed = match it.access {
            Access::With(permission) => permission.to_string(),
            other => format!("{other:?}"),
        };
        format!("{:6} {:54} {needed}\n", it.method.as_str(), it.path)
    });
    let matrix: String = rows.collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/permission-matrix.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &matrix).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == matrix,
        "tests/contract/permission-matrix.txt is not what the table says:\n    \
         UPDATE=1 cargo test -p baigong-api-apicenter --test it matrix"
    );
}

#[tokio::test]
async fn every_operation_has_a_good_request() {
    let server = Server::start().await;
    let things = Things::make(&server, "mine").await;
    let mut goods = things.goods();
    goods.push(things.delete_departments());
    for operation in table().operations() {
        let has = goods.iter().any(|good| good.method == operation.method.as_str() && good.printed == operation.path);
        assert!(has, "{} {} needs a line in goods.rs", operation.method, operation.path);
    }
}

#[tokio::test]
async fn every_operation_asks_for_its_permission_and_hides_other_departments() {
    let server = Server::start().await;
    let (mine, others) = (Things::make(&server, "mine").await, Things::make(&server, "others").await);
    let (mut goods, mut foreign) = (mine.goods(), others.goods());
    goods.push(mine.delete_departments());
    foreign.push(others.delete_departments());
    let all: Vec<&str> = Permission::ALL.iter().map(|it| it.as_str()).collect();
    for (index, (good, foreign)) in goods.iter().zip(&foreign).enumerate() {
        let permission = permission(good);
        let but: Vec<&str> = all.iter().copied().filter(|word| *word != permission.as_str()).collect();
        let without = server.token(&format!("without {index}"), mine.department, &but).await;
        let with = server.token(&format!("with {index}"), mine.department, &all).await;
        let before = server.stored().await;
        for missing in ["api-token", "clientId", "clientSecret"] {
            let headers: Vec<_> = server.client.headers().into_iter().filter(|(name, _)| *name != missing).collect();
            let answer = server.ask_with(&headers, good).await;
            assert!(answer.refusal().contains(missing), "{}: {answer:?}", good.path);
        }
        let refused = server.ask(&server.client.with(&without), good).await;
        assert!(refused.refusal().contains(permission.as_str()), "{} without {permission}: {refused:?}", good.path);
        if good.names_department {
            let hidden = server.ask(&server.client.with(&with), foreign).await;
            let said = hidden.refusal();
            assert!(
                said.contains("不存在") || said.contains("无权查看"),
                "{} about another department: {hidden:?}",
                good.path
            );
        }
        assert_eq!(server.stored().await, before, "{}: what was refused has changed something", good.path);
    }
}

#[tokio::test]
async fn with_exactly_its_permission_everything_works() {
    let server = Server::start().await;
    let mine = Things::make(&server, "mine").await;
    for (index, good) in mine.goods().into_iter().enumerate() {
        let mut permissions = vec![permission(&good).as_str()];
        permissions.extend(good.needs);
        let token = server.token(&format!("user {index}"), mine.department, &permissions).await;
        let answer = server.ask(&server.client.with(&token), &good).await;
        assert!(answer.is_good(), "{} {} with {permissions:?}: {answer:?}", good.path, good.body);
    }
    let second = Things::make(&server, "second").await;
    let good = second.delete_departments();
    let token = server.token("user last", second.department, &["department:write"]).await;
    let answer = server.ask(&server.client.with(&token), &good).await;
    assert!(answer.is_good(), "{answer:?}");
}

#[tokio::test]
async fn a_key_pair_and_a_token_must_belong_together() {
    let server = Server::start().await;
    let other = server.another_client("other").await;
    let department = server.department("north").await;
    server.user("li", department, &["access:read"]).await;
    let lis = server.sign_in("li").await;
    let admins = server.sign_in("admin").await;
    let menus = path("client/menus");
    let call = async |client: &crate::server::Client| server.call_as(client, "GET", &menus, &json!({})).await;
    assert!(call(&server.client).await.is_good());
    assert!(call(&server.client.with(&admins)).await.is_good(), "its owner");
    for (client, said) in [
        (server.client.with("x"), "api-token"),
        (server.client.with(&lis), "本应用"),
        (server.client.with(&other.token), "本应用"),
        (crate::server::Client { secret: "x".into(), ..server.client.clone() }, "clientSecret"),
        (crate::server::Client { key: other.key.clone(), ..server.client.clone() }, "clientSecret"),
        (crate::server::Client { key: "x".into(), ..server.client.clone() }, "clientId"),
    ] {
        let answer = call(&client).await;
        assert!(answer.refusal().contains(said), "{said}: {answer:?}");
    }
    baigong_core::applications::delete(&server.platform, &server.admin, server.client.id).await.unwrap();
    assert!(call(&server.client.with(&admins)).await.refusal().contains("clientId"));
    let nowhere = server.call("GET", &path("nothing"), named("a", "b")).await;
    assert_eq!((nowhere.status, &nowhere.body["code"]), (404, &json!(500)));
    for path in ["/api/msg/nothing", "/api/system/menu/nothing"] {
        let nowhere = server.call("GET", path, json!({})).await;
        assert_eq!((nowhere.status, &nowhere.body["code"]), (404, &json!(500)), "{path}");
    }
}
