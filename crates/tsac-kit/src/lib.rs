//! What both interfaces of T/TSAC 002-2025 have in common, the platform's (6.2) and the robot's (6.3): the codes, the envelope,
//! the headers, and how times, parameters and machines look on the wire. Knows no operation, no platform and no robot.

pub mod codes;
pub mod envelope;
pub mod resource_info;
pub mod wire;

pub use baigong_phrases as phrases;
pub use resource_info::ResourceInfo;
pub use wire::Parameter;
