//! What an application may do at most: its own permissions and departments within its owner's, and only from the addresses
//! it may come from.

use std::{collections::BTreeSet, net::IpAddr};

use baigong_model::{Error, PermissionSet, Result, ids::DepartmentId};
use baigong_store::{entity::application, tokens::Grant};
use ipnet::IpNet;

use crate::policy::{self, Power};

/// The most networks of one list.
const MOST_NETWORKS: usize = 200;
/// What stands for all that the owner holds.
pub(super) const ALL: &str = "*";

/// Where an application may come from.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    allowed: Vec<IpNet>,
    denied: Vec<IpNet>,
}

impl Addresses {
    /// Of an application.
    pub(super) fn of(row: &application::Model) -> Self {
        Self::stored(&row.allowed_addresses, &row.denied_addresses)
    }

    fn stored(allowed: &str, denied: &str) -> Self {
        let networks = |words: &str| words.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        Self { allowed: networks(allowed), denied: networks(denied) }
    }

    /// Whether a call from this address is let through: denied goes before allowed, and an address that is not known
    /// passes only where there is no list.
    #[must_use]
    pub fn admits(&self, from: Option<IpAddr>) -> bool {
        let Some(from) = from.map(|it| it.to_canonical()) else {
            return self.allowed.is_empty() && self.denied.is_empty();
        };
        let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&from));
        !is_in(&self.denied) && (self.allowed.is_empty() || is_in(&self.allowed))
    }
}

/// The list as it is stored: networks, and addresses as networks of one.
pub(super) fn networks(field: &'static str, list: &[String]) -> Result<String> {
    if list.len() > MOST_NETWORKS {
        return Err(Error::invalid(field, format!("must name at most {MOST_NETWORKS} networks")));
    }
    let one = |text: &String| {
        let text = text.trim();
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(|it| it.to_string()).map_err(|_| {
            Error::invalid(field, format!("\"{text}\" is neither an address nor a network like 10.0.0.0/8"))
        })
    };
    Ok(list.iter().map(one).collect::<Result<Vec<_>>>()?.join(" "))
}

/// What is left of the owner's power for whoever comes with this token, and where they may come from.
pub(crate) fn bounded(power: Power, grant: &Grant) -> (Power, Option<Addresses>) {
    if grant.application_id.is_none() {
        return (power, None);
    }
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    let power = limited(power, &words(&grant.application_permissions), grant.application_departments.as_deref());
    let addresses = Addresses::stored(&words(&grant.allowed_addresses), &words(&grant.denied_addresses));
    (power, Some(addresses))
}

/// What is left of `power` for somebody who comes through the application that has these permissions and departments.
pub(super) fn limited(power: Power, permissions: &str, departments: Option<&str>) -> Power {
    let permissions = permissions_of(permissions).within(power.permissions);
    let scope = match departments {
        Some(departments) => power.scope.within(policy::listed(departments).collect::<BTreeSet<DepartmentId>>()),
        None => power.scope,
    };
    Power { permissions, scope }
}

/// The permissions of an application as it stores them.
pub(super) fn permissions_of(words: &str) -> PermissionSet {
    policy::permissions(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denied_goes_before_allowed_and_an_unknown_address_passes_no_list() {
        let lists = Addresses::stored("10.0.0.0/8 192.0.2.7/32", "10.1.0.0/16");
        let from = |text: &str| Some(text.parse().unwrap());
        for (address, expected) in [
            ("10.2.3.4", true),
            ("10.1.3.4", false),
            ("192.0.2.7", true),
            ("::ffff:192.0.2.7", true),
            ("192.0.2.8", false),
        ] {
            assert_eq!(lists.admits(from(address)), expected, "{address}");
        }
        assert!(!lists.admits(None) && Addresses::default().admits(None));
        assert!(Addresses::stored("", "10.0.0.0/8").admits(from("11.0.0.1")));
    }

    #[test]
    fn lists_hold_addresses_and_networks_only() {
        let list = |texts: &[&str]| networks("allowed", &texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&["10.0.0.0/8", " 192.0.2.7 "]).unwrap(), "10.0.0.0/8 192.0.2.7/32");
        assert_eq!(list(&[]).unwrap(), "");
        assert!(list(&["example.com"]).is_err() && list(&["10.0.0.0/40"]).is_err());
    }
}
