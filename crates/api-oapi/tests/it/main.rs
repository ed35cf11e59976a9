//! Tests of the OAPI dialect against a whole platform: the contract, the published client, signatures, what is sent twice,
//! who may do what.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod behaviour;
mod bodies;
mod contract;
mod document;
mod fixture;
mod matrix;
mod published;
mod queues;
mod repeats;
mod server;
mod signatures;
