//! Posts to webhooks: our own JSON with a signature, and the three group robots that Chinese firms use. Redirects are not
//! followed and no proxy is used: the address that was checked is the one that is reached.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use baigong_core::{
    notices::Delivery,
    warn_channels::{Format, Webhook},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{
    Certificate, Client, RequestBuilder, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    guard::{Guard, refused},
    mail::chain,
};

/// How long a post may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How much of an answer is looked at, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// A client that reaches only what `guard` allows.
pub(super) fn client(guard: &Arc<Guard>, certificates: Option<&[u8]>) -> Result<Client, reqwest::Error> {
    let mut client = Client::builder()
        .timeout(PATIENCE)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent("Baigong")
        .dns_resolver(Arc::new(Guarded(guard.clone())));
    if let Some(pem) = certificates {
        client = client.tls_certs_merge(Certificate::from_pem_bundle(pem)?);
    }
    client.build()
}

/// Looks names up through the guard.
struct Guarded(Arc<Guard>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = guard.look_up(name.as_str(), 0).await?;
            let addresses: Addrs = Box::new(addresses.into_iter().collect::<Vec<SocketAddr>>().into_iter());
            Ok(addresses)
        })
    }
}

/// Posts one message; why it was not taken.
pub(super) async fn send(
    guard: &Guard,
    http: &Client,
    now: i64,
    webhook: &Webhook,
    delivery: &Delivery,
) -> Result<(), String> {
    let url: Url = webhook.url.expose().parse().map_err(|_| "the channel has no address".to_owned())?;
    // A name is looked up by the client; an address written out is not.
    if let Some(address) = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok())
        && !guard.allows(address)
    {
        return Err(refused(&address.to_string()));
    }
    let request = match webhook.format {
        Format::Wecom => http.post(url).json(&json!({ "msgtype": "text", "text": { "content": whole(delivery) } })),
        Format::Dingtalk => http
            .post(dingtalk(url, now, webhook))
            .json(&json!({ "msgtype": "text", "text": { "content": whole(delivery) } })),
        Format::Feishu => http.post(url).json(&feishu(now, webhook, delivery)),
        Format::Webhook | Format::Mail => signed(http.post(url), now, webhook, delivery)?,
    };
    // The address is a secret: an error of the client would show it.
    let answer = request.send().await.map_err(|error| chain(&error.without_url()))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("the other side answered {status}"));
    }
    if webhook.format == Format::Webhook { Ok(()) } else { robot_said(answer).await }
}

/// Group robots answer 200 whatever they think of a message; their code tells.
async fn robot_said(mut answer: reqwest::Response) -> Result<(), String> {
    let mut text = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| chain(&error.without_url()))? {
        text.extend_from_slice(&part);
        if text.len() > MAX_ANSWER {
            return Err("the other side's answer is too long".into());
        }
    }
    let answer: Value = serde_json::from_slice(&text).map_err(|_| "the other side's answer is no JSON".to_owned())?;
    let code = [&answer["errcode"], &answer["code"]].into_iter().find_map(Value::as_i64);
    match code {
        Some(0) => Ok(()),
        _ => {
            let said = [&answer["errmsg"], &answer["msg"]].into_iter().find_map(Value::as_str).unwrap_or("nothing");
            Err(format!("the other side refused it with code {}: {said}", code.unwrap_or(-1)))
        }
    }
}

fn whole(delivery: &Delivery) -> String {
    format!("{}\n{}", delivery.message.title, delivery.message.text)
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn key(webhook: &Webhook) -> Option<&str> {
    webhook.key.as_ref().map(|key| key.expose().as_str())
}

/// Our own form: the signature is over `<timestamp>.<body>`, and the key of the event is in a header too.
fn signed(post: RequestBuilder, now: i64, webhook: &Webhook, delivery: &Delivery) -> Result<RequestBuilder, String> {
    let notice = &delivery.notice;
    let mut body = json!({
        "id": delivery.message_id, "kind": notice.kind, "level": notice.level, "title": delivery.message.title,
        "text": delivery.message.text, "departmentId": notice.department_id, "objectId": notice.object_id,
        "processId": notice.process_id, "occurrences": notice.occurrences, "time": delivery.time,
    });
    if let (Value::Object(body), Some(Value::Object(beside))) = (&mut body, &delivery.beside) {
        body.extend(beside.clone());
    }
    let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
    let timestamp = (now / 1000).to_string();
    let mut post = post.header("content-type", "application/json; charset=utf-8");
    post = post.header("idempotency-key", &delivery.message_id).header("x-baigong-timestamp", &timestamp);
    if let Some(key) = key(webhook) {
        let signed = [timestamp.as_bytes(), b".", &body].concat();
        post = post.header("x-baigong-signature", format!("sha256={}", hex::encode(hmac(key.as_bytes(), &signed))));
    }
    Ok(post.body(body))
}

/// DingTalk: the signature of `<milliseconds>\n<key>` goes into the query.
fn dingtalk(mut url: Url, now: i64, webhook: &Webhook) -> Url {
    if let Some(key) = key(webhook) {
        let sign = BASE64.encode(hmac(key.as_bytes(), format!("{now}\n{key}").as_bytes()));
        url.query_pairs_mut().append_pair("timestamp", &now.to_string()).append_pair("sign", &sign);
    }
    url
}

/// Feishu: the signature of nothing under the key `<seconds>\n<key>` goes into the body.
fn feishu(now: i64, webhook: &Webhook, delivery: &Delivery) -> Value {
    let mut body = json!({ "msg_type": "text", "content": { "text": whole(delivery) } });
    if let Some(key) = key(webhook) {
        let timestamp = (now / 1000).to_string();
        body["sign"] = BASE64.encode(hmac(format!("{timestamp}\n{key}").as_bytes(), b"")).into();
        body["timestamp"] = timestamp.into();
    }
    body
}
