//! The kit every dialect is made of: one typed table of operations gives routes, permissions, request checks, OpenAPI and
//! generated tests. It must know nothing of the operations themselves: no `core`, no store; the robot uses it as well.

mod attachment;
mod base;
mod dialect;
mod failure;
mod json;
mod observed;
mod openapi;
mod page;
mod read;
mod samples;
mod serve;
mod shape;
mod table;
mod upload;

pub use attachment::attachment;
pub use base::base;
pub use dialect::{Answer, Asked, Code, Description, Dialect, Header};
pub use failure::{Failure, Limit, Problem, ProblemKind};
pub use json::{array, object};
pub use observed::Observed;
pub use page::documentation;
pub use read::{form, parameters, printed};
pub use shape::{Field, Shape};
pub use table::{Access, Nothing, Operation, Origin, ShapeOf, Table};
pub use upload::{Received, Upload};

/// The largest JSON body, in bytes.
pub const MAX_JSON_BYTES: usize = 1024 * 1024;
/// The largest upload, in bytes, all its parts together.
pub const MAX_UPLOAD_BYTES: usize = 512 * 1024 * 1024;
/// How many parts an upload may have.
pub const MAX_PARTS: usize = 64;
/// How deep a JSON body may be nested.
pub const MAX_DEPTH: u8 = 32;

#[cfg(test)]
mod tests;
