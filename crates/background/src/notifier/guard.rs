//! Which addresses a channel may reach: whoever may make channels shall not thereby reach this machine itself, or the
//! addresses at which clouds hand out their secrets. Names are looked up here, once, and the address that was checked is
//! the one that is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Where clouds serve metadata beside the link-local addresses.
const METADATA: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)), IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254))];

/// What may be reached.
#[derive(Debug)]
pub(super) struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    pub(super) fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// One that lets everything through: for what whoever runs the platform has configured.
    pub(super) fn open() -> Self {
        let all = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
        Self::new(all.into_iter().filter_map(|address| IpNet::new(address, 0).ok()).collect())
    }

    /// Whether `address` may be reached.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_near = match address {
            IpAddr::V4(it) => {
                it.is_loopback() || it.is_link_local() || it.is_unspecified() || it.is_multicast() || it.is_broadcast()
            }
            IpAddr::V6(it) => {
                it.is_loopback() || it.is_unicast_link_local() || it.is_unspecified() || it.is_multicast()
            }
        };
        let is_refused = is_near || METADATA.contains(&address);
        !is_refused || self.allowed.iter().any(|network| network.contains(&address))
    }

    /// The addresses of `host` that may be reached; why there is none.
    pub(super) async fn look_up(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let found = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| format!("{host} cannot be found: {error}"))?.collect();
        let allowed: Vec<SocketAddr> = found.into_iter().filter(|address| self.allows(address.ip())).collect();
        if allowed.is_empty() { Err(refused(host)) } else { Ok(allowed) }
    }
}

/// Why a host is not connected to.
pub(super) fn refused(host: &str) -> String {
    format!("{host} is this machine's own or a link-local address: warn_allowed_networks can allow it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(allowed: &[&str], address: &str) -> bool {
        let allowed = allowed.iter().map(|text| text.parse().unwrap()).collect();
        Guard::new(allowed).allows(address.parse().unwrap())
    }

    #[test]
    fn this_machine_and_metadata_are_refused_and_gateways_inside_are_not() {
        for refused in [
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "0.0.0.0",
            "100.100.100.200",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::ffff:127.0.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "::",
        ] {
            assert!(!allows(&[], refused), "{refused}");
        }
        for allowed in ["10.1.2.3", "192.168.0.1", "203.0.113.7", "2001:db8::1", "fd00::1"] {
            assert!(allows(&[], allowed), "{allowed}");
        }
    }

    #[test]
    fn configuration_allows_what_it_names_only() {
        assert!(allows(&["127.0.0.0/8"], "127.0.0.1") && allows(&["127.0.0.0/8"], "::ffff:127.0.0.1"));
        assert!(!allows(&["127.0.0.0/8"], "169.254.169.254"));
    }
}
