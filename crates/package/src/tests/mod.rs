//! The tests of the whole: poison, mutations, kinds, packing.

mod environments;
mod flows;
mod kinds;
mod mutations;
mod packing;
mod poison;
