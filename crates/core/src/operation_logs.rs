//! The operation log: what applications write down of what their users do. It is theirs to write and nobody's to change;
//! what Baigong itself does stands in the audit.

use baigong_model::{Error, Page, PageOf, Permission, Result, Secret};
use baigong_store::{Scope, applications, audits, entity::operation_log::Model, operation_logs as rows, users};
use futures_util::FutureExt;
use serde_json::json;

use crate::{Caller, Platform, departments, names};

/// The longest of the short texts, and of those that hold what was asked and answered, in letters.
const SHORT: usize = 500;
const LONG: usize = 65_536;

/// A row to be written. What is absent is empty, or 0.
#[derive(Debug, Clone, Default)]
pub struct NewEntry {
    /// The module in which it was done.
    pub title: Option<String>,
    /// 0 to 9, see [`Model::business_type`].
    pub business_type: Option<i32>,
    /// The method of the application's program.
    pub method: Option<String>,
    /// The method of the request.
    pub request_method: Option<String>,
    /// 0 other, 1 a user at a desk, 2 a user of a phone.
    pub operator_type: Option<i32>,
    /// Who did it: what they sign in with.
    pub operator_name: Option<String>,
    /// Their name.
    pub operator_nick: Option<String>,
    /// Their role.
    pub operator_role: Option<String>,
    /// Their department's name.
    pub operator_department: Option<String>,
    /// The address of the request.
    pub url: Option<String>,
    /// From where the operator came.
    pub ip: Option<String>,
    /// What was asked.
    pub parameters: Option<Secret<String>>,
    /// What was answered.
    pub result: Option<Secret<String>>,
    /// 0 well, 1 not.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was done; now when absent.
    pub operated_at: Option<i64>,
}

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct EntryQuery {
    /// Only rows whose title contains this.
    pub title: Option<String>,
    /// Only rows of this type of business.
    pub business_type: Option<i32>,
    /// Only rows of operators whose name contains this.
    pub operator_name: Option<String>,
    /// Only rows of operators whose nick contains this.
    pub operator_nick: Option<String>,
    /// Only rows that ended so.
    pub status: Option<i32>,
    /// Only what was done from then on.
    pub from: Option<i64>,
    /// Only what was done before then.
    pub to: Option<i64>,
    /// Only rows of this application.
    pub application_id: Option<i64>,
    /// Only rows of applications of this department.
    pub department_id: Option<i64>,
}

/// A row, and what its application and that one's department are called.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The row.
    pub row: Model,
    /// The application's name.
    pub application: String,
    /// The name of the application's department.
    pub department: String,
    /// What the user signs in with whose token wrote it.
    pub writer: String,
}

/// Writes a row down for the application that the caller comes through.
pub async fn add(platform: &Platform, caller: &Caller, entry: NewEntry) -> Result<i64> {
    caller.need(Permission::LogWrite)?;
    let application = caller.need_application()?;
    let application = applications::find(&platform.store, &Scope::All, application).await?;
    let application = application.ok_or_else(|| Error::not_found("application", "of the caller"))?;
    let operator_name = short("operName", entry.operator_name)?;
    let operator = match operator_name.as_str() {
        "" => None,
        name => users::find_by_username(&platform.store, name).await?,
    };
    let operator = operator.filter(|user| caller.scope().sees(user.department_id, user.id));
    let text = |field, secret: Option<Secret<String>>| long(field, secret.map(|it| it.expose().clone()));
    let now = platform.now();
    let row = Model {
        id: 0,
        application_id: application.id,
        department_id: application.department_id,
        created_by: caller.id(),
        title: short("title", entry.title)?,
        business_type: number("businessType", entry.business_type, 9)?,
        method: short("method", entry.method)?,
        request_method: short("requestMethod", entry.request_method)?,
        operator_type: number("operatorType", entry.operator_type, 2)?,
        operator_name,
        operator_nick: short("operNick", entry.operator_nick)?,
        operator_role: short("operRole", entry.operator_role)?,
        operator_id: operator.map(|user| user.id),
        operator_department: short("deptName", entry.operator_department)?,
        url: short("operUrl", entry.url)?,
        ip: short("operIp", entry.ip)?,
        location: caller.address.as_deref().unwrap_or_default().to_owned(),
        parameters: text("operParam", entry.parameters)?,
        result: text("jsonResult", entry.result)?,
        status: number("status", entry.status, 1)?,
        error: long("errorMsg", entry.error)?,
        operated_at: entry.operated_at.unwrap_or(now),
        created_at: now,
    };
    let caller = caller.clone();
    let added = platform.store.write(move |tx| {
        async move {
            let (department, detail) = (Some(row.department_id), json!({ "title": row.title }));
            let id = rows::insert(tx, row).await?;
            let audit = caller.audit(now, "create", "operation log", Some(id), department, &detail);
            audits::insert_many(tx, &[audit]).await.map(|()| id)
        }
        .boxed()
    });
    added.await
}

/// A page of the rows of applications that the caller sees, newest first.
pub async fn list(platform: &Platform, caller: &Caller, query: EntryQuery, page: Page) -> Result<PageOf<Entry>> {
    caller.need(Permission::AuditRead)?;
    let word = |text: Option<String>| names::keyword(text.as_deref());
    let filter = rows::Filter {
        scope: caller.scope().clone(),
        title: word(query.title)?,
        business_type: query.business_type,
        operator_name: word(query.operator_name)?,
        operator_nick: word(query.operator_nick)?,
        status: query.status,
        from: query.from,
        to: query.to,
        application_id: query.application_id,
        department_id: query.department_id,
    };
    let total = rows::count(&platform.store, &filter).await?;
    let found = rows::list(&platform.store, &filter, page).await?;
    let applications = applications::names(&platform.store, ids(&found, |row| row.application_id)).await?;
    let writers = users::usernames(&platform.store, &ids(&found, |row| row.created_by)).await?;
    let tree = departments::tree(platform).await?;
    let entry = |row: Model| Entry {
        application: applications.get(&row.application_id).cloned().unwrap_or_default(),
        department: tree.get(row.department_id).map(|it| it.name.clone()).unwrap_or_default(),
        writer: writers.get(&row.created_by).cloned().unwrap_or_default(),
        row,
    };
    Ok(PageOf { rows: found.into_iter().map(entry).collect(), total })
}

fn ids(rows: &[Model], of: impl Fn(&Model) -> i64) -> Vec<i64> {
    rows.iter().map(of).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

fn short(field: &str, text: Option<String>) -> Result<String> {
    names::limited(field, text, SHORT).map(Option::unwrap_or_default)
}

fn long(field: &str, text: Option<String>) -> Result<String> {
    names::limited(field, text, LONG).map(Option::unwrap_or_default)
}

fn number(field: &str, number: Option<i32>, most: i32) -> Result<i32> {
    match number.unwrap_or_default() {
        number if (0..=most).contains(&number) => Ok(number),
        _ => Err(Error::invalid(field, format!("must be between 0 and {most}"))),
    }
}
