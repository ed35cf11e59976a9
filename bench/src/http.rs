//! A lean HTTP/1.1 client: one connection, requests made beforehand, answers read by their length. A whole client library
//! would take more of the machine than what it asks. Knows only answers with a `content-length`.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The text of a POST to an operation of the standard's interface.
pub(crate) fn post(operation: &str, token: &str, body: &serde_json::Value) -> Vec<u8> {
    let body = body.to_string();
    format!("{}content-length: {}\r\n\r\n{body}", post_head(operation, token), body.len()).into_bytes()
}

/// The same up to the length of the body, for bodies that are made on the way.
pub(crate) fn post_head(operation: &str, token: &str) -> String {
    format!(
        "POST /api/platform/{operation} HTTP/1.1\r\nhost: bench\r\nversion: 1.0.0\r\ntoken: {token}\r\n\
         content-type: application/json\r\n"
    )
}

/// The text of a GET.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes()
}

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'b> {
    pub(crate) status: u16,
    pub(crate) body: &'b [u8],
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends `request` and reads the whole answer.
    pub(crate) async fn call(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut head, mut whole) = (None, usize::MAX);
        while self.buffer.len() < whole {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
            if head.is_none()
                && let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            {
                head = Some(end);
                whole = end + 4 + content_length(&self.buffer[..end])?;
            }
        }
        let text = std::str::from_utf8(&self.buffer[9..12]).context("no status")?;
        Ok(Answer { status: text.parse()?, body: &self.buffer[head.unwrap_or(0) + 4..whole] })
    }

    /// The body of an answer that must be a success.
    pub(crate) async fn success(&mut self, request: &[u8]) -> Result<&[u8]> {
        let answer = self.call(request).await?;
        if answer.status >= 300 {
            bail!("{}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(answer.body)
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME));
    let line = line.context("an answer without content-length")?;
    Ok(std::str::from_utf8(&line[NAME.len()..])?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_read_to_their_end_and_no_further() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            for answer in [
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            ] {
                assert!(stream.read(&mut request).await.unwrap() > 0);
                stream.write_all(answer.as_bytes()).await.unwrap();
                if answer.ends_with("hel") {
                    stream.write_all(b"lo").await.unwrap();
                }
            }
        });
        let mut connection = Connection::open(address).await.unwrap();
        assert_eq!(connection.success(&get("/")).await.unwrap(), b"hello");
        let answer = connection.call(&get("/")).await.unwrap();
        assert_eq!((answer.status, answer.body), (404, &b""[..]));
        server.await.unwrap();
        assert!(connection.call(&get("/")).await.is_err(), "the server is gone");
    }
}
