//! A robot (机器人).

use sea_orm::entity::prelude::*;

/// One row of `robot`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robot")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its department.
    pub department_id: i64,
    /// The machine it runs on.
    pub machine_id: i64,
    /// The pool whose only member it is.
    pub pool_id: i64,
    /// Its name.
    pub name: String,
    /// The name while it is not deleted: unique.
    pub live_name: Option<String>,
    /// 0 unattended, 1 attended.
    pub robot_type: i32,
    /// The computer's name.
    pub machine_name: String,
    /// The account on the computer.
    pub machine_username: String,
    /// That account's password, sealed.
    pub machine_password: Option<String>,
    /// A remark.
    pub remark: Option<String>,
    /// 0 console, 1 RDP or VNC.
    pub desktop_type: i32,
    /// Of its display, in pixels.
    pub resolution_width: i32,
    /// Of its display, in pixels.
    pub resolution_height: i32,
    /// Of its display, in bits.
    pub resolution_depth: i32,
    /// Whether it may unlock the screen.
    pub is_auto_unlock_enabled: bool,
    /// The finest level it sends.
    pub log_level: String,
    /// SHA-256 of its secret, hexadecimal.
    pub secret_hash: String,
    /// How many tasks it runs at once.
    pub max_tasks: i32,
    /// What people decided about it: see `baigong_model::ServiceState`.
    pub service_state: String,
    /// The platform node it is connected to; none while offline.
    pub node_id: Option<String>,
    /// Which connection of its agent is in force there.
    pub connection: Option<i64>,
    /// Which start of its agent is connected.
    pub incarnation: Option<String>,
    /// When it connected last.
    pub online_at: Option<i64>,
    /// Since when it has been away without a word of parting, until somebody was told or it is back.
    pub missing_since: Option<i64>,
    /// Which book of the robot's own firings the last one it told of stands in.
    pub firing_book: Option<i64>,
    /// The number of the last of the robot's own firings that it told of.
    pub last_firing: Option<i64>,
    /// Where its agent is installed.
    pub install_path: Option<String>,
    /// When.
    pub installed_at: Option<i64>,
    /// Its agent's version.
    pub agent_version: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// Its operating system.
    pub system: Option<String>,
    /// Who made it: a user, 0 for the platform.
    pub created_by: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
}

/// It is joined by hand where it is joined.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
