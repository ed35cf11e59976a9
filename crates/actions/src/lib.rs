//! The actions of flows, one file each, in a typed table that also describes their forms. Reaches the platform only through
//! the flow's host.

mod archive;
mod asset;
mod command;
mod credential;
mod csv;
mod date;
mod delay;
mod excel;
mod file;
mod http;
mod json;
mod log;
mod queue;
mod regex;
mod support;
mod table;
mod tables;
mod text;

pub use table::table;
