//! Opens a WebSocket to the platform. Says for each failure what a person can do; never quotes the secret.

use std::time::Duration;

use baigong_protocol::RobotSecret;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest,
        http::{HeaderValue, StatusCode, header},
        protocol::WebSocketConfig,
    },
};
use url::Url;

/// The platform must answer within this.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    /// 401.
    #[error(
        "the platform refuses the robot's secret: it is wrong, or the robot was deleted; make a new secret on the \
         platform and give it to the agent"
    )]
    WrongSecret,
    /// Another agent with this identity took over.
    #[error("another agent with the same identity has taken over: {0}")]
    Fenced(String),
    /// Something else answered.
    #[error("the platform answered the connection with {0}")]
    Status(StatusCode),
    /// Nobody answered, or not like a platform.
    #[error("{0}")]
    Unreachable(String),
}

/// Connects to the `path` of the platform at `base`, an `http` or `https` address; messages have at most `largest` bytes.
/// Returns the robot's own address too.
pub(crate) async fn dial(
    base: &Url,
    secret: &RobotSecret,
    (path, largest): (&str, usize),
) -> Result<(Socket, String), DialError> {
    let dialling = tokio::time::timeout(PATIENCE, try_dial(base, secret, (path, largest)));
    dialling.await.unwrap_or_else(|_| Err(DialError::Unreachable(format!("no answer within {PATIENCE:?}"))))
}

async fn try_dial(
    base: &Url,
    secret: &RobotSecret,
    (path, largest): (&str, usize),
) -> Result<(Socket, String), DialError> {
    let unreachable = |what: &str, error: &dyn std::fmt::Display| DialError::Unreachable(format!("{what}: {error}"));
    let host = base.host_str().unwrap_or_default();
    let port = base.port_or_known_default().unwrap_or(80);
    // A literal IPv6 address stands in brackets in an address, and without them in a connection.
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))
        .await
        .map_err(|error| unreachable(&format!("{host}:{port} cannot be reached"), &error))?;
    // Messages are small and each is waited for.
    stream.set_nodelay(true).map_err(|error| unreachable("the connection cannot be set up", &error))?;
    let own = stream.local_addr().map(|address| address.ip().to_string()).unwrap_or_default();

    let scheme = if base.scheme() == "https" { "wss" } else { "ws" };
    let authority = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let address = format!("{scheme}://{authority}{}{}", base.path().trim_end_matches('/'), path);
    let mut request = address.into_client_request().map_err(|error| unreachable("the address is wrong", &error))?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", secret.to_text().expose()))
        .map_err(|error| unreachable("the secret cannot be sent", &error))?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, bearer);

    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest));
    match client_async_tls_with_config(request, stream, Some(config), None).await {
        Ok((socket, _)) => Ok((socket, own)),
        Err(tungstenite::Error::Http(response)) if response.status() == StatusCode::UNAUTHORIZED => {
            Err(DialError::WrongSecret)
        }
        Err(tungstenite::Error::Http(response)) => Err(DialError::Status(response.status())),
        Err(error) => Err(unreachable("the platform cannot be connected to", &error)),
    }
}

#[cfg(test)]
mod tests {
    use baigong_model::SeededRandom;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn what_is_not_a_platform_is_said_in_words_without_the_secret() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let secret = RobotSecret::generate(1, &SeededRandom::new(1));
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // A connection that is closed with something unread is reset, and its answer lost.
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
            }
        });
        let try_it = async |base: String| {
            dial(&Url::parse(&base).unwrap(), &secret, ("/path", 1024)).await.err().unwrap().to_string()
        };
        let plain = try_it(format!("http://{address}")).await;
        assert!(plain.contains("404"), "{plain}");
        let encrypted = try_it(format!("https://{address}/base")).await;
        server.abort();
        let _ = server.await;
        let gone = try_it(format!("http://{address}")).await;
        assert!(gone.contains("cannot be reached"), "{gone}");
        for text in [plain, encrypted, gone] {
            assert!(!text.contains(&hex::encode(secret.key())), "{text}");
        }
    }
}
