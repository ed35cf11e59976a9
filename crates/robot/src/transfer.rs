//! HTTP beside the uplink: packages down, artifacts up, streamed, with the same secret. One try each; callers retry.

use std::{path::Path, sync::OnceLock, time::Duration};

use baigong_protocol::{RobotSecret, TaskRef, paths};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;
use url::Url;

/// The platform must answer, or go on sending, within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// HTTP to one platform.
pub(crate) struct Transfer {
    /// The platform and the secret it knows the robot by; none where the robot stands alone.
    at: Option<(Url, RobotSecret)>,
    // Made on first use: a robot that idles keeps no certificates in memory.
    client: OnceLock<Client>,
}

/// Why a transfer did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    /// It may work later.
    #[error("{0}")]
    Later(String),
    /// It will never work.
    #[error("{0}")]
    Never(String),
    /// The task's lease is over.
    #[error("the platform has given the task to another lease")]
    Stale,
}

impl Transfer {
    /// To the platform at an `http` or `https` address.
    pub(crate) fn new(at: Option<(Url, RobotSecret)>) -> Self {
        Self { at, client: OnceLock::new() }
    }

    /// The platform's address and the robot's secret; none where the robot stands alone.
    pub(crate) fn platform(&self) -> Option<(&Url, &RobotSecret)> {
        self.at.as_ref().map(|(base, secret)| (base, secret))
    }

    fn known(&self) -> Result<(&Url, &RobotSecret), TransferError> {
        self.platform().ok_or_else(|| TransferError::Never("this robot has no platform".to_owned()))
    }

    /// Writes the zip at `path` of the platform into the file `into`, which may exist; more than `size` bytes are refused.
    pub(crate) async fn download(&self, path: &str, size: u64, into: &Path) -> Result<(), TransferError> {
        self.fetch(self.url(path)?, Some(size), into).await
    }

    /// Writes into the file `into` what the task `of` kept as `name` for those who take its queue items.
    pub(crate) async fn kept_file(
        &self,
        task: TaskRef,
        (of, name): (i64, &str),
        into: &Path,
    ) -> Result<(), TransferError> {
        let mut url = self.url(&paths::artifacts(task.task_id))?;
        let (fence, of) = (task.fence.to_string(), of.to_string());
        url.query_pairs_mut().append_pair("fence", &fence).append_pair("of", &of).append_pair("name", name);
        self.fetch(url, None, into).await
    }

    /// Writes what is at `url` into a file; of a known `size`, neither less nor more.
    async fn fetch(&self, url: Url, size: Option<u64>, into: &Path) -> Result<(), TransferError> {
        let request = self.client()?.request(Method::GET, url).bearer_auth(self.known()?.1.to_text().expose());
        let mut response = judge(request.send().await.map_err(later)?, "the file").await?;
        let size = size.or(response.content_length()).unwrap_or(u64::MAX);
        let local = |error: std::io::Error| TransferError::Later(format!("writing {}: {error}", into.display()));
        let mut file = tokio::fs::File::create(into).await.map_err(local)?;
        let mut written = 0;
        while let Some(bytes) = response.chunk().await.map_err(later)? {
            written += bytes.len() as u64;
            if written > size {
                return Err(TransferError::Later(format!("the platform sent more than the {size} bytes it announced")));
            }
            file.write_all(&bytes).await.map_err(local)?;
        }
        file.flush().await.map_err(local)?;
        if written < size && size < u64::MAX {
            return Err(TransferError::Later(format!("the platform sent {written} of {size} bytes")));
        }
        Ok(())
    }

    /// Sends the file at `path` as the task's artifact `name`.
    pub(crate) async fn upload(&self, task: TaskRef, name: &str, path: &Path) -> Result<(), TransferError> {
        let mut url = self.url(&paths::artifacts(task.task_id))?;
        url.query_pairs_mut().append_pair("fence", &task.fence.to_string()).append_pair("name", name);
        let local = |error: std::io::Error| TransferError::Never(format!("{}: {error}", path.display()));
        let file = tokio::fs::File::open(path).await.map_err(local)?;
        let length = file.metadata().await.map_err(local)?.len();
        let request = self
            .client()?
            .request(Method::PUT, url)
            .bearer_auth(self.known()?.1.to_text().expose())
            .header("content-type", "application/octet-stream")
            .header("content-length", length)
            .body(reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, 64 * 1024)));
        judge(request.send().await.map_err(later)?, "the artifact").await.map(drop)
    }

    /// Puts `body`, which is of this content type, under `path`.
    pub(crate) async fn put(
        &self,
        path: &str,
        query: &[(&str, String)],
        kind: &str,
        body: Vec<u8>,
    ) -> Result<(), TransferError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client()?.request(Method::PUT, url).bearer_auth(self.known()?.1.to_text().expose());
        let request = request.header("content-type", kind).body(body);
        judge(request.send().await.map_err(later)?, "a part of a recording").await.map(drop)
    }

    fn url(&self, path: &str) -> Result<Url, TransferError> {
        // Only a path: the secret goes to no other host, whatever the platform says.
        if !path.starts_with('/') || path.starts_with("//") {
            return Err(TransferError::Never(format!("\"{path}\" is not a path on the platform")));
        }
        let (base, _) = self.known()?;
        let mut url = base.clone();
        url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
        Ok(url)
    }

    fn client(&self) -> Result<&Client, TransferError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .connect_timeout(PATIENCE)
            .read_timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(later)?;
        Ok(self.client.get_or_init(|| client))
    }
}

async fn judge(response: Response, what: &str) -> Result<Response, TransferError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status == StatusCode::CONFLICT {
        return Err(TransferError::Stale);
    }
    let text = response.text().await.unwrap_or_default();
    let message = format!("the platform refused {what}: {status} {}", crate::spool::cut(text.trim(), 500));
    let for_ever = status.is_client_error()
        && ![StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    Err(if for_ever { TransferError::Never(message) } else { TransferError::Later(message) })
}

fn later(error: reqwest::Error) -> TransferError {
    // The chain says what the top does not: "connection refused", "certificate expired".
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    TransferError::Later(text)
}
