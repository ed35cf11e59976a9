//! What projects let conda install although PyPI has the same under the same name: it is taken from there. Only names that are
//! known to mean one thing on both: PyPI has others' packages called `git` and `nodejs`, too.

/// Names on conda that mean the same on PyPI, in lower case, with hyphens.
const SAME: &[&str] = &[
    "aiohttp",
    "attrs",
    "beautifulsoup4",
    "boto3",
    "cachetools",
    "certifi",
    "cffi",
    "chardet",
    "charset-normalizer",
    "click",
    "colorama",
    "cryptography",
    "cython",
    "docutils",
    "faker",
    "fastapi",
    "filelock",
    "flask",
    "gitpython",
    "html5lib",
    "httpx",
    "idna",
    "importlib-metadata",
    "jinja2",
    "jsonschema",
    "lxml",
    "markdown",
    "markupsafe",
    "matplotlib",
    "mock",
    "networkx",
    "numpy",
    "openpyxl",
    "packaging",
    "pandas",
    "paramiko",
    "pdfminer.six",
    "pendulum",
    "pillow",
    "platformdirs",
    "playwright",
    "psutil",
    "pyarrow",
    "pycparser",
    "pycryptodome",
    "pydantic",
    "pyjwt",
    "pymongo",
    "pymysql",
    "pyodbc",
    "pyopenssl",
    "pypdf",
    "pypdf2",
    "pysocks",
    "pytest",
    "pytest-asyncio",
    "pytest-cov",
    "pytest-mock",
    "python-dateutil",
    "python-docx",
    "python-dotenv",
    "python-pptx",
    "pytz",
    "pyyaml",
    "redis",
    "requests",
    "rich",
    "robocorp",
    "robocorp-truststore",
    "robotframework",
    "robotframework-browser",
    "robotframework-requests",
    "robotframework-seleniumlibrary",
    "rpaframework",
    "ruff",
    "scikit-learn",
    "scipy",
    "selenium",
    "six",
    "soupsieve",
    "sqlalchemy",
    "tabulate",
    "tenacity",
    "toml",
    "tomli",
    "tqdm",
    "truststore",
    "typing-extensions",
    "urllib3",
    "virtualenv",
    "websockets",
    "xlrd",
    "xlsxwriter",
    "xlwt",
];

/// Names that differ.
const OTHERWISE: &[(&str, &str)] = &[
    ("psycopg2", "psycopg2-binary"),
    ("pytables", "tables"),
    ("opencv", "opencv-python-headless"),
    ("py-opencv", "opencv-python-headless"),
    ("matplotlib-base", "matplotlib"),
    ("typing_extensions", "typing-extensions"),
];

/// The line for pip that stands for `name` with what conda writes as its version; none where PyPI is not known to have it, or
/// the version cannot be said to pip.
pub(super) fn line(name: &str, version: &str) -> Option<String> {
    let hyphened = name.replace('_', "-");
    let found = OTHERWISE.iter().find(|(conda, _)| *conda == name).map(|(_, pip)| *pip);
    let name = found.or_else(|| SAME.iter().copied().find(|same| *same == hyphened))?;
    Some(format!("{name}{}", specifier(version.trim())?))
}

/// conda's `=1.2`, `==1.2.3`, `=1.2=py39_0`, `1.2.*` and `>=1,<2` as pip writes them.
fn specifier(version: &str) -> Option<String> {
    if version.contains(['|', '[', '(']) {
        return None;
    }
    let parts = version.split(',').map(|part| {
        let part = part.trim();
        let end = part.find(|c: char| !"=<>!~".contains(c)).unwrap_or(part.len());
        let (sign, rest) = part.split_at(end);
        // What follows a second sign, or a space, is conda's build of it.
        let number = rest.trim().split(['=', ' ']).next().unwrap_or_default();
        match (sign, number) {
            ("", "" | "*") | ("=" | "==", "*") => Some(String::new()),
            (_, "") => None,
            ("" | "=", number) if number.ends_with('*') => Some(format!("=={number}")),
            ("", number) => Some(format!("=={number}")),
            ("=", number) => Some(format!("=={number}.*")),
            ("==" | "!=" | ">=" | "<=" | ">" | "<" | "~=", number) => Some(format!("{sign}{number}")),
            _ => None,
        }
    });
    let parts: Option<Vec<String>> = parts.collect();
    parts.map(|parts| parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pypi_has_too_is_asked_of_pip() {
        for (name, version, meant) in [
            ("robocorp-truststore", "=0.8.0", Some("robocorp-truststore==0.8.0.*")),
            ("pandas", "", Some("pandas")),
            ("numpy", "==1.26.3", Some("numpy==1.26.3")),
            ("numpy", "=1.26.3=py310h_0", Some("numpy==1.26.3.*")),
            ("numpy", " 1.26.*", Some("numpy==1.26.*")),
            ("pandas", ">=1.5,<3", Some("pandas>=1.5,<3")),
            ("psycopg2", "=2.9.7", Some("psycopg2-binary==2.9.7.*")),
            ("numpy", "=1.26|=1.27", None),
            ("nodejs", "=16", None),
            ("git", "", None),
        ] {
            assert_eq!(line(name, version).as_deref(), meant, "{name}{version}");
        }
    }

    #[test]
    fn the_names_are_in_order_and_once() {
        assert!(SAME.is_sorted_by(|a, b| a < b), "{SAME:?}");
    }
}
