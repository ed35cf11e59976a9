//! What the machine gives for the bare parts, without a platform around them: the engine through the same driver, pgbench, an
//! HTTP server that only answers, WebSockets that only answer.

pub(crate) mod engine;
pub(crate) mod pgbench;
pub(crate) mod reads;
pub(crate) mod rows;
pub(crate) mod server;
pub(crate) mod web_sockets;
