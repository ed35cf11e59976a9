//! Words and rules every part of Baigong shares: ids, states and their legal steps, permissions, the error, the clock,
//! paging. Knows nothing of SQL, HTTP or files.

pub mod clock;
pub mod data_scope;
pub mod error;
pub mod folder_path;
pub mod ids;
pub mod log_level;
pub mod names;
pub mod notice;
pub mod paging;
pub mod parameter;
pub mod permission;
pub mod priority;
pub mod random;
pub mod robot_state;
pub mod secret;
pub mod service_state;
pub mod task_state;
pub mod trigger;
pub mod waiting;

pub use clock::{Clock, ManualClock, SystemClock};
pub use data_scope::DataScope;
pub use error::{Error, Result};
pub use folder_path::FolderPath;
pub use log_level::LogLevel;
pub use notice::{NoticeKind, NoticeLevel, NoticeState};
pub use paging::{Page, PageOf};
pub use parameter::Parameter;
pub use permission::{Permission, PermissionSet};
pub use priority::Priority;
pub use random::{Random, SeededRandom, SystemRandom};
pub use robot_state::RobotState;
pub use secret::Secret;
pub use service_state::ServiceState;
pub use task_state::{TaskState, TaskStep};
pub use trigger::{FiringOutcome, MisfirePolicy, OverlapPolicy, SkipReason, TriggerType};
pub use waiting::WaitingReason;
