//! What a fresh database needs before anybody can use it: the root department, the roles, the first administrator. And the
//! way back in for an administrator who has lost the password.

use baigong_model::{Error, Permission, Result, Secret};
use baigong_store::{Tx, audits, departments, entity::department, entity::user, roles, take_turn, tokens, users};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, accounts, calendars, employees::OPERATOR, passwords};

/// The first user.
pub const ADMIN: &str = "admin";
/// The name of the root department, until somebody gives it another.
const ROOT: &str = "总公司";
/// The role that may do everything.
/// The name of the role that may do everything. No other role can take it.
pub const ADMINISTRATOR: &str = "administrator";

/// Makes what is missing in a fresh database; changes nothing in one that has users, except that the built-in roles get the
/// permissions of this version. The administrator gets `password`, or a made one, which is answered: it is shown once
/// and then known to nobody else.
pub async fn bootstrap(platform: &Platform, password: Option<Secret<String>>) -> Result<Option<Secret<String>>> {
    let is_known = users::find_by_username(&platform.store, ADMIN).await?.is_some();
    let (password, made) = match password {
        Some(password) => (password, None),
        None => {
            let made = make_password(platform);
            (made.clone(), Some(made))
        }
    };
    let hash = if is_known {
        None
    } else {
        passwords::check_users("BAIGONG_ADMIN_PASSWORD", ADMIN, &password)?;
        Some(platform.passwords.hash(&platform.random, password).await?)
    };
    let (now, email) = (platform.now(), platform.config.admin_email.clone());
    let first = platform.store.write(move |tx| async move { fill(tx, hash, email, now).await }.boxed()).await?;
    platform.departments.changed();
    Ok(made.filter(|_| first))
}

/// Whether the administrator was made.
async fn fill(tx: &Tx, hash: Option<String>, email: String, now: i64) -> Result<bool> {
    // Several nodes may start on the same fresh database.
    take_turn(tx).await?;
    let administrator = roles::ensure(tx, ADMINISTRATOR, "*", "all", now).await?;
    roles::ensure(tx, OPERATOR, &operators_permissions(), "department-and-below", now).await?;
    calendars::ensure(tx, now).await?;
    let Some(password_hash) = hash else { return Ok(false) };
    if users::count_all(tx).await? > 0 {
        return Ok(false);
    }
    let root = department::Model {
        id: 0,
        name: ROOT.into(),
        live_name: Some(format!("0/{ROOT}")),
        parent_id: 0,
        code: None,
        position: 0,
        remark: None,
        created_at: now,
        deleted_at: None,
    };
    let department_id = departments::insert(tx, root).await?;
    let admin = user::Model {
        id: 0,
        department_id,
        role_id: administrator,
        name: ADMIN.into(),
        username: ADMIN.into(),
        live_username: Some(ADMIN.into()),
        password_hash,
        email: Some(email),
        mobile: None,
        remark: None,
        failures: 0,
        failures_since: None,
        locked_until: None,
        created_at: now,
        deleted_at: None,
    };
    let id = users::insert(tx, admin).await?;
    let detail = json!({ "username": ADMIN, "role": ADMINISTRATOR });
    let audit = Caller::platform().audit(now, "create", "employee", Some(id), Some(department_id), &detail);
    audits::insert_many(tx, &[audit]).await.map(|()| true)
}

/// Everything but what shapes the organisation, gives power away or shows what others keep secret.
fn operators_permissions() -> String {
    let not = [
        Permission::DepartmentWrite,
        Permission::EmployeeWrite,
        Permission::MachineWrite,
        Permission::CredentialReveal,
        Permission::LicenseWrite,
        Permission::RoleWrite,
        Permission::WarnWrite,
        Permission::AuditRead,
        Permission::RobotOperate,
        Permission::AgentVersionWrite,
        Permission::ApplicationWrite,
        Permission::AccessWrite,
        Permission::MessageSend,
        Permission::BridgeWrite,
    ];
    let words = Permission::ALL.iter().filter(|permission| !not.contains(permission)).map(|it| it.as_str());
    words.collect::<Vec<_>>().join(" ")
}

/// 120 random bits, in letters that cannot be taken for one another.
#[must_use]
pub fn make_password(platform: &Platform) -> Secret<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let mut bytes = [0; 24];
    platform.random.fill(&mut bytes);
    Secret::new(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// Gives a user a new password, unlocks them and takes their tokens back: for the command line, where whoever can read the
/// data folder decides.
pub async fn reset_password(platform: &Platform, username: &str, new: Secret<String>) -> Result<()> {
    let user = users::find_by_username(&platform.store, username).await?.ok_or(Error::UnknownUser)?;
    passwords::check_users("password", username, &new)?;
    let hash = platform.passwords.hash(&platform.random, new).await?;
    let now = platform.now();
    let id = user.id;
    let reset = platform.store.write(move |tx| {
        async move {
            users::set_password(tx, user.id, &hash).await?;
            tokens::revoke_all(tx, user.id).await?;
            let (id, department) = (Some(user.id), Some(user.department_id));
            let audit = Caller::platform().audit(now, "reset-password", "employee", id, department, &json!({}));
            audits::insert_many(tx, &[audit]).await
        }
        .boxed()
    });
    reset.await?;
    accounts::end_sessions(platform, id);
    Ok(())
}

#[cfg(test)]
mod tests;
