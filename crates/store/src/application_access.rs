//! What an application keeps for itself: menus, roles, and which users have which roles where. Writes are to be made with
//! the application locked ([`crate::applications::find_live`]): what one call reads, another does not change meanwhile.

pub mod menus;
pub mod roles;
pub mod users;
