//! Names that the document misprints, or writes in several ways: what is evident works beside what is printed.

use serde_json::{Map, Value};

/// The operations' path (or "" for every one), another spelling, and the field's name here.
const SPELLINGS: &[(&str, &str, &str)] = &[
    ("/oapi/v1/asset", "agentName", "assetName"),
    ("/oapi/v1/asset", "robotsNo", "robotNo"),
    ("/oapi/v1/queue", "robotNo", "robotsNo"),
    ("/oapi/v1/user", "oldPass", "lodePass"),
    ("/oapi/v1/user", "id", "ids"),
    ("/oapi/v1/process/version", "procId", "proclid"),
    ("/oapi/v1/orgDef/addOrg", "parentOrgCod", "parentOrgCode"),
    ("/oapi/v1/queue/item", "queueItemNo", "itemNo"),
];

/// Gives fields the names under which the operation at `path` knows them; one that is there already stays.
pub(crate) fn settle(path: &str, is_known: impl Fn(&str) -> bool, fields: &mut Map<String, Value>) {
    for (at, other, name) in SPELLINGS {
        let applies = *at == path && is_known(name) && !is_known(other) && !fields.contains_key(*name);
        if let Some(value) = applies.then(|| fields.remove(*other)).flatten() {
            fields.insert((*name).to_owned(), value);
        }
    }
}
