//! How pip and uv reach their index on this machine: their own variables and files, which a run's processes do not get.

/// The variables with which environments are built.
#[derive(Debug, Default)]
pub(super) struct Settings {
    variables: Vec<(String, String)>,
}

impl Settings {
    /// Takes what belongs to pip and uv out of `variables`.
    pub(super) fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let theirs = |name: &str| {
            ["PIP_", "UV_"].iter().any(|prefix| name.starts_with(prefix))
                || ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "XDG_CONFIG_HOME", "PYENV_ROOT", "HOME"]
                    .contains(&name)
        };
        Self { variables: variables.into_iter().filter(|(name, _)| theirs(name)).collect() }
    }

    /// A variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.variables.iter().cloned()
    }

    /// Whether pip is told where to find packages and uv is not: uv would look elsewhere.
    pub(super) fn speaks_to_pip_only(&self) -> bool {
        let told = |prefix: &str| {
            let places =
                ["INDEX", "INDEX_URL", "DEFAULT_INDEX", "EXTRA_INDEX_URL", "FIND_LINKS", "CONFIG_FILE", "NO_INDEX"];
            places.iter().any(|place| self.get(&format!("{prefix}{place}")).is_some())
        };
        !told("UV_") && (told("PIP_") || self.has_pip_file())
    }

    fn has_pip_file(&self) -> bool {
        let home = std::env::home_dir().unwrap_or_default();
        let configuration = self.get("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), Into::into);
        let files = ["/etc/pip.conf".into(), home.join(".pip/pip.conf"), configuration.join("pip/pip.conf")];
        files.iter().any(|file| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            text.lines().any(|line| {
                let name = line.split('=').next().unwrap_or_default().trim();
                ["index-url", "extra-index-url", "find-links", "no-index"].contains(&name)
            })
        })
    }

    /// The passwords within addresses of indexes: they must not be told.
    pub(super) fn passwords(&self) -> Vec<String> {
        let words = self.variables.iter().flat_map(|(_, value)| value.split_whitespace());
        let passwords = words.filter_map(|word| Some(url::Url::parse(word).ok()?.password()?.to_owned()));
        passwords.filter(|password| !password.is_empty()).collect()
    }
}

/// `line` without names and passwords in addresses: pip shows those of its own files, which nobody told us.
pub(super) fn without_logins(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        shown.push_str(before);
        let end =
            address.find(|c: char| c == '/' || c.is_whitespace() || c == '"' || c == '\'').unwrap_or(address.len());
        match address[..end].rfind('@') {
            Some(login) => {
                shown.push_str("******");
                rest = &address[login..];
            }
            None => rest = address,
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Settings {
        Settings::of(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn only_what_is_pips_and_uvs_is_taken() {
        let settings =
            of(&[("PIP_INDEX_URL", "https://u:geheim@index.example/simple"), ("AWS_SECRET", "x"), ("HOME", "/h")]);
        assert_eq!(settings.variables().count(), 2, "the agent's home has pip.conf");
        assert_eq!(settings.passwords(), ["geheim"]);
        assert!(settings.speaks_to_pip_only());
        assert!(!of(&[("PIP_INDEX_URL", "https://a"), ("UV_DEFAULT_INDEX", "https://a")]).speaks_to_pip_only());
    }

    #[test]
    fn logins_are_not_told() {
        for (line, shown) in [
            (
                "Looking in indexes: https://user:p%40ss@index.example/simple",
                "Looking in indexes: https://******@index.example/simple",
            ),
            ("https://a.example/x@y and http://t@b.example", "https://a.example/x@y and http://******@b.example"),
            ("no address", "no address"),
        ] {
            assert_eq!(without_logins(line), shown);
        }
    }
}
