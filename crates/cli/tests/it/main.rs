//! The binary as a user runs it: the demo, platform and robot as processes of their own, administration, and random kills.

mod admin;
mod chaos;
mod demo;
mod process;
mod processes;
mod program;
