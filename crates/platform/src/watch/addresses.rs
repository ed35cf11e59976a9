//! Where a call really comes from, and whether that place may call: proxies that are trusted tell of others, nobody else
//! does; the list of those who may not goes before the list of those who may.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

use crate::Settings;

/// The lists of the settings.
pub(super) struct Addresses {
    proxies: Vec<IpNet>,
    allowed: Vec<IpNet>,
    denied: Vec<IpNet>,
}

impl Addresses {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            proxies: settings.trusted_proxies.networks(),
            allowed: settings.allowed_addresses.networks(),
            denied: settings.denied_addresses.networks(),
        }
    }

    /// Where the call behind `peer` comes from: of those that X-Forwarded-For names, from the right, the first that is no
    /// trusted proxy itself. What a caller wrote left of that is theirs to make up.
    pub(super) fn origin(&self, peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        if !holds(&self.proxies, peer.ip()) {
            return peer;
        }
        let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
        let named = lines.flat_map(|line| line.rsplit(',')).map(|text| address(text.trim()));
        let mut last = peer.ip();
        for named in named {
            // Behind something unreadable nothing can be believed.
            let Some(named) = named else { break };
            last = named;
            if !holds(&self.proxies, named) {
                break;
            }
        }
        SocketAddr::new(last, peer.port())
    }

    /// Whether calls from there are let through.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !holds(&self.denied, address) && (self.allowed.is_empty() || holds(&self.allowed, address))
    }
}

fn holds(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// An address as proxies write it: with brackets and a port, or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    bare.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip())).map(|it| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(proxies: &[&str], allowed: &[&str], denied: &[&str]) -> Addresses {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Addresses { proxies: list(proxies), allowed: list(allowed), denied: list(denied) }
    }

    fn origin(proxies: &[&str], forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        addresses(proxies, &[], &[]).origin("10.0.0.1:7".parse().unwrap(), &headers).ip().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_for_the_hop_before_them() {
        assert_eq!(origin(&[], &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(origin(&["10.0.0.0/8"], &[]), "10.0.0.1");
        assert_eq!(origin(&["10.0.0.0/8"], &["6.6.6.6, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(origin(&["10.0.0.0/8"], &["6.6.6.6", "1.2.3.4, 10.0.0.9"]), "1.2.3.4");
        assert_eq!(origin(&["10.0.0.0/8"], &["1.2.3.4, nonsense"]), "10.0.0.1");
        assert_eq!(origin(&["10.0.0.0/8"], &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(origin(&["10.0.0.0/8"], &["10.0.0.8, 10.0.0.9"]), "10.0.0.8");
    }

    #[test]
    fn who_is_denied_is_not_let_through_although_allowed() {
        let open = addresses(&[], &[], &["10.1.0.0/16"]);
        let closed = addresses(&[], &["10.0.0.0/8"], &["10.1.0.0/16"]);
        let admits = |list: &Addresses, text: &str| list.admits(text.parse().unwrap());
        assert!(admits(&open, "8.8.8.8") && !admits(&open, "10.1.2.3") && !admits(&open, "::ffff:10.1.2.3"));
        assert!(admits(&closed, "10.2.0.1") && !admits(&closed, "10.1.2.3") && !admits(&closed, "8.8.8.8"));
    }
}
