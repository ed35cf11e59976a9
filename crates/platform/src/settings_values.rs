//! Values of settings that are more than a number or a text. Each is given in the file as TOML has it, and in a variable
//! as one text.

use std::str::FromStr;

use baigong_core::notices::words::Language;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};

pub use crate::watch::Lines;

/// A list of networks: `["10.0.0.0/8", "192.0.2.7"]`, or `10.0.0.0/8, 192.0.2.7` in a variable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// The networks.
    #[must_use]
    pub fn networks(&self) -> Vec<IpNet> {
        self.0.clone()
    }
}

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let single = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    let parsed = text.parse::<IpNet>().ok().or_else(|| single().ok());
    parsed.ok_or_else(|| format!("\"{text}\" is no address and no network such as 10.0.0.0/8"))
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list_or_text(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A list of names: `["oapi", "km"]`, or `oapi, km` in a variable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Whether `name` is one of them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|one| one == name)
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<&[&str]> for Names {
    fn from(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = list_or_text(deserializer)?;
        Ok(Self(text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()))
    }
}

/// A list, or one text with commas between, as the latter.
fn list_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::List(list) => list.join(","),
        Given::Text(text) => text,
    })
}

/// The language of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Speech {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl From<Speech> for Language {
    fn from(speech: Speech) -> Self {
        match speech {
            Speech::Chinese => Self::Chinese,
            Speech::English => Self::English,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_from_lists_and_texts() {
        #[derive(Deserialize)]
        struct File {
            networks: Networks,
        }
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.networks.networks());
        let two = ["10.0.0.0/8".parse().unwrap(), "192.0.2.7/32".parse().unwrap()];
        assert_eq!(read("networks = [\"10.0.0.0/8\", \"192.0.2.7\"]").unwrap(), two);
        assert_eq!(read("networks = \"10.0.0.0/8, 192.0.2.7\"").unwrap(), two);
        assert_eq!(read("networks = \"\"").unwrap(), []);
        assert!(read("networks = [\"10.0.0.0/40\"]").unwrap_err().to_string().contains("10.0.0.0/40"));
    }
}
