//! The routes as the libraries use them, over HTTP, on a run's own host.

use std::{path::PathBuf, sync::Arc};

use baigong_flow::Host;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::runner::{LocalHost, RunRequest, tests::desk::Desk as RunDesk};

struct Scene {
    desk: RunDesk,
    host: Arc<LocalHost>,
    request: RunRequest,
    client: Client,
}

impl Scene {
    fn new() -> Self {
        let desk = RunDesk::script("true");
        std::fs::write(desk.path("assets.json"), json!({"limits": {"daily": 5}, "note": "估值"}).to_string()).unwrap();
        std::fs::create_dir_all(desk.path("work")).unwrap();
        std::fs::create_dir_all(desk.path("artifacts")).unwrap();
        let assets = desk.path("assets.json");
        let host = LocalHost::new(&desk.path("artifacts"), Some(&assets), |_, _| {}, |_| {}).unwrap();
        let host = Arc::new(host);
        let request = RunRequest { host: host.clone(), ..desk.request(&[]) };
        Self { desk, host, request, client: Client::new() }
    }

    async fn push(&self, queue: &str, payload: Value) {
        let item = baigong_flow::NewQueueItem { payload, ..Default::default() };
        self.host.queue_push(queue, vec![item]).await.unwrap();
    }

    async fn open(&self, parameters: &[(&str, &str)]) -> Option<Workspace> {
        let given: Vec<Given> = parameters
            .iter()
            .map(|(name, value)| Given {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
                kind: baigong_package::ParameterType::Text,
            })
            .collect();
        Workspace::open(&self.request, &given).await.unwrap()
    }

    async fn ask(&self, workspace: &Workspace, method: Method, path: &str, body: Option<Value>) -> Response {
        let url = format!("{}{path}", workspace.shared.address);
        let mut asked = self.client.request(method, url).bearer_auth(&workspace.shared.token);
        if let Some(body) = body {
            asked = asked.json(&body);
        }
        asked.send().await.unwrap()
    }

    async fn json(&self, workspace: &Workspace, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.ask(workspace, method, path, body).await;
        assert!(answer.status().is_success(), "{path}: {} {}", answer.status(), answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// The items of a queue as its file has them.
    fn items(&self, queue: &str) -> Vec<Value> {
        self.host.flush().unwrap();
        let text = std::fs::read_to_string(self.desk.path("artifacts/queues").join(format!("{queue}.jsonl")));
        text.unwrap_or_default().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn close(workspace: Workspace, ended: Result<Vec<Parameter>, Broken>) -> Result<Vec<Parameter>, Broken> {
    workspace.close(ended, std::pin::pin!(std::future::pending())).await
}

fn item(id: &str, rest: &str) -> String {
    format!("/json-v1/workspaces/baigong/workitems/{id}/{rest}")
}

const RUN: &str = "/process-v1/workspaces/baigong/processes/7/runs/41/robotRuns/41";

fn released(id: &str, state: &str) -> Option<Value> {
    Some(json!({"workItemId": id, "state": state}))
}

#[tokio::test]
async fn only_who_knows_the_token_is_answered() {
    let scene = Scene::new();
    let workspace = scene.open(&[("a", "1")]).await.unwrap();
    let address = &workspace.shared.address;
    for path in [&item("0", "data"), "/v1/workspaces/baigong/assets/name:limits", "/secrets-v1/workspaces/w/secrets/x"]
    {
        for token in [None, Some(""), Some("0123"), Some(&workspace.shared.token[1..])] {
            let mut asked = scene.client.get(format!("{address}{path}"));
            if let Some(token) = token {
                asked = asked.bearer_auth(token);
            }
            assert_eq!(asked.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path} {token:?}");
        }
    }
    let unknown = scene.client.get(format!("{address}/files/00")).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let own = scene.json(&workspace, Method::GET, &item("0", "data"), None).await;
    assert_eq!(own, json!({"a": "1"}), "without a queue, the item is the in-parameters");
}

#[tokio::test]
async fn what_is_made_goes_out_when_its_parent_is_done_and_not_when_it_failed() {
    let scene = Scene::new();
    scene.push("in", json!({"n": 1})).await;
    scene.push("in", json!({"n": 2})).await;
    let workspace = scene.open(&[("workItemQueue", "in"), ("workItemOutputQueue", "out")]).await.unwrap();
    let first = workspace.first.clone();
    let output = format!("/process-v1/workspaces/baigong/processes/7/work-items/{first}/output");
    let made = scene.json(&workspace, Method::POST, &output, Some(json!({"payload": {"made": 1}}))).await;
    let made = made["id"].as_str().unwrap();
    scene.json(&workspace, Method::PUT, &item(made, "data"), Some(json!({"made": "better"}))).await;
    assert_eq!(scene.items("out").len(), 0, "nothing goes out before its parent is done");
    scene.json(&workspace, Method::POST, &format!("{RUN}/release-work-item"), released(&first, "COMPLETED")).await;
    scene.json(&workspace, Method::POST, &format!("{RUN}/release-work-item"), released(&first, "COMPLETED")).await;
    let again =
        scene.ask(&workspace, Method::POST, &format!("{RUN}/release-work-item"), released(&first, "FAILED")).await;
    assert_eq!(again.status(), StatusCode::CONFLICT, "an end is an end; the same end again is nothing new");
    let out = scene.items("out");
    assert_eq!((out.len(), &out[0]["payload"]), (1, &json!({"made": "better"})));

    let next = scene.json(&workspace, Method::POST, &format!("{RUN}/reserve-next-work-item"), None).await;
    let next = next["workItemId"].as_str().unwrap().to_owned();
    let output = format!("/process-v1/workspaces/baigong/processes/7/work-items/{next}/output");
    scene.json(&workspace, Method::POST, &output, Some(json!({"payload": {"made": 2}}))).await;
    let exception = json!({"type": "BUSINESS", "code": "BAD", "message": "no amount"});
    let failed = json!({"workItemId": next, "state": "FAILED", "exception": exception});
    scene.json(&workspace, Method::POST, &format!("{RUN}/release-work-item"), Some(failed)).await;
    let none = scene.json(&workspace, Method::POST, &format!("{RUN}/reserve-next-work-item"), None).await;
    assert_eq!(none, json!({"workItemId": null}));
    close(workspace, Ok(vec![])).await.unwrap();
    assert_eq!(scene.items("out").len(), 1);
    let ends: Vec<Value> = scene.items("in").iter().map(|item| item["outcome"].clone()).collect();
    assert_eq!(ends[0]["outcome"], "succeeded");
    assert_eq!(ends[1], json!({"outcome": "businessFailure", "reason": "BAD: no amount"}));
}

#[tokio::test]
async fn the_end_of_the_run_ends_what_it_left_open() {
    for (touched, ended, state) in [
        (true, Ok(vec![]), "succeeded"),
        (false, Ok(vec![]), "new"),
        (true, Err(Broken::Failed("it broke".into())), "new"),
        (true, Err(Broken::Stopped(StopReason::Cancelled)), "held"),
    ] {
        let scene = Scene::new();
        scene.push("in", json!({"n": 1})).await;
        let workspace = scene.open(&[("workItemQueue", "in"), ("workItemOutputQueue", "out")]).await.unwrap();
        let first = workspace.first.clone();
        if touched {
            scene.json(&workspace, Method::GET, &item(&first, "data"), None).await;
            let output = format!("/process-v1/workspaces/baigong/processes/7/work-items/{first}/output");
            scene.json(&workspace, Method::POST, &output, Some(json!({"payload": 1}))).await;
        }
        let is_well = ended.is_ok();
        let failure = matches!(ended, Err(Broken::Failed(_)));
        assert_eq!(close(workspace, ended).await.is_ok(), is_well);
        let left = scene.items("in").remove(0);
        assert_eq!(left["state"], state, "{left}");
        assert_eq!(scene.items("out").len(), usize::from(touched && is_well));
        if failure {
            assert_eq!(left["outcome"], json!({"outcome": "applicationFailure", "reason": "it broke"}));
        }
    }
    let scene = Scene::new();
    assert!(scene.open(&[("workItemQueue", "in")]).await.is_none(), "an empty queue: there is nothing to do");
}

#[tokio::test]
async fn files_go_from_one_item_to_another() {
    let scene = Scene::new();
    let workspace = scene.open(&[("workItemOutputQueue", "out")]).await.unwrap();
    let output = "/process-v1/workspaces/baigong/processes/7/work-items/0/output";
    let made = scene.json(&workspace, Method::POST, output, Some(json!({"payload": "no object"}))).await;
    let made = made["id"].as_str().unwrap().to_owned();
    let big = "估值".repeat(100_000);
    for content in ["first", &big] {
        let new = Some(json!({"fileName": "../a b.txt", "fileSize": content.len()}));
        let announced = scene.json(&workspace, Method::POST, &item(&made, "files"), new).await;
        assert_eq!(announced["fields"], json!({}));
        let form = format!(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n{content}\r\n--B--\r\n"
        );
        let sent = scene.client.post(announced["url"].as_str().unwrap());
        let sent = sent.header("content-type", "multipart/form-data; boundary=B").body(form).send().await.unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
    }
    let listed = scene.json(&workspace, Method::GET, &item(&made, "files"), None).await;
    assert_eq!(listed, json!([{"fileId": "f2", "fileName": "../a b.txt"}]), "the same name again replaces");
    close(workspace, Ok(vec![])).await.unwrap();
    let sent = scene.items("out").remove(0)["payload"].clone();
    assert_eq!(sent["$payload"], "no object");

    let next = scene.open(&[("workItemQueue", "out")]).await.unwrap();
    let id = next.first.clone();
    assert_eq!(scene.json(&next, Method::GET, &item(&id, "data"), None).await, "no object");
    let listed = scene.json(&next, Method::GET, &item(&id, "files"), None).await;
    let file = listed[0]["fileId"].as_str().unwrap();
    let found = scene.json(&next, Method::GET, &item(&id, &format!("files/{file}")), None).await;
    let content = scene.client.get(found["url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(content == big, "{} bytes came back", content.len());
    scene.json(&next, Method::DELETE, &item(&id, &format!("files/{file}")), None).await;
    let gone = scene.ask(&next, Method::GET, &item(&id, &format!("files/{file}")), None).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    close(next, Ok(vec![])).await.unwrap();

    // Without a queue for them, new items are results.
    let last = scene.open(&[]).await.unwrap();
    scene.json(&last, Method::POST, output, Some(json!({"payload": {"n": 1}}))).await;
    close(last, Ok(vec![])).await.unwrap();
    let list: PathBuf = scene.desk.path("artifacts/work-items-out/work-items.json");
    let list: Value = serde_json::from_slice(&std::fs::read(list).unwrap()).unwrap();
    assert_eq!(list, json!([{"payload": {"n": 1}, "files": {}}]));
}

#[tokio::test]
async fn assets_are_read_and_nothing_is_changed() {
    let scene = Scene::new();
    let workspace = scene.open(&[]).await.unwrap();
    let asset = |name: &str| format!("/v1/workspaces/baigong/assets/name%3A{name}");
    for (name, content) in [("limits", "{\"daily\":5}"), ("note", "估值")] {
        let found = scene.json(&workspace, Method::GET, &asset(name), None).await;
        assert_eq!((found["name"].as_str(), found["payload"]["type"].as_str()), (Some(name), Some("url")));
        let url = found["payload"]["url"].as_str().unwrap();
        assert_eq!(scene.client.get(url).send().await.unwrap().text().await.unwrap(), content);
    }
    let missing = scene.ask(&workspace, Method::GET, &asset("none"), None).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    let told: Value = missing.json().await.unwrap();
    assert!(told["message"].as_str().unwrap().contains("no asset \"none\"") && told["status"] == 404, "{told}");
    for (method, path) in [
        (Method::GET, "/v1/workspaces/baigong/assets"),
        (Method::POST, "/v1/workspaces/baigong/assets/x/uploads"),
        (Method::DELETE, "/v1/workspaces/baigong/assets/x"),
        (Method::PUT, "/secrets-v1/workspaces/baigong/secrets/x"),
    ] {
        let status = scene.ask(&workspace, method, path, None).await.status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
}
