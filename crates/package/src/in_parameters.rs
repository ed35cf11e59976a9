//! In-parameters of a task: what the process sets, overlaid by what the caller gives, checked against what the package
//! declares.

use baigong_flow::{check_text, is_none_given};
use baigong_model::{Error, Parameter, Result};

use crate::{PackageInfo, ParameterSpec};

/// At most this many bytes of parameters per task.
const MAX_BYTES: usize = 256 * 1024;

/// A list of parameters from its stored text.
pub fn parse(text: &str) -> Result<Vec<Parameter>> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// The stored text of a list of parameters.
pub fn to_text(parameters: &[Parameter]) -> Result<String> {
    serde_json::to_string(parameters).map_err(Error::internal)
}

/// `base` overlaid by `given`, each name once.
pub fn overlay(base: Vec<Parameter>, given: Vec<Parameter>) -> Result<Vec<Parameter>> {
    let mut merged = base;
    let mut seen = std::collections::HashSet::new();
    for parameter in given {
        if !seen.insert(parameter.name.clone()) {
            return Err(Error::invalid("inParameters", format!("\"{}\" is given twice", parameter.name)));
        }
        match merged.iter_mut().find(|known| known.name == parameter.name) {
            Some(known) => known.value = parameter.value,
            None => merged.push(parameter),
        }
    }
    Ok(merged)
}

/// Checks names, sizes and the forms of values against what the package declares. `complete` asks for the required ones too.
pub fn check(parameters: &[Parameter], package: &PackageInfo, complete: bool) -> Result<()> {
    let size: usize = parameters.iter().map(|parameter| parameter.name.len() + parameter.value.len()).sum();
    if size > MAX_BYTES {
        return Err(Error::invalid("inParameters", format!("are {size} bytes; at most {MAX_BYTES} are allowed")));
    }
    if parameters.iter().any(|parameter| parameter.name.is_empty() || parameter.name.contains(['\0', '='])) {
        return Err(Error::invalid("inParameters", "a name is empty or holds a NUL or ="));
    }
    let declared = &package.in_parameters;
    if !declared.is_empty() {
        let unknown = parameters.iter().find(|parameter| !declared.iter().any(|known| known.name == parameter.name));
        if let Some(unknown) = unknown {
            let names: Vec<&str> = declared.iter().map(|known| known.name.as_str()).collect();
            let reason = format!("\"{}\" is not a parameter of the package; it has {}", unknown.name, names.join(", "));
            return Err(Error::invalid("inParameters", reason));
        }
    }
    let given = |known: &ParameterSpec| parameters.iter().find(|given| given.name == known.name);
    for known in declared {
        let Some(value) = given(known).map(|given| given.value.as_str()) else { continue };
        if let Err(reason) = check_text(value, known.kind.into()) {
            return Err(Error::invalid("inParameters", format!("\"{}\" {reason}", known.name)));
        }
    }
    let missing = declared.iter().find(|known| {
        known.required
            && known.default.is_none()
            && given(known).is_none_or(|given| is_none_given(&given.value, known.kind.into()))
    });
    match missing {
        Some(missing) if complete => Err(Error::invalid(
            "inParameters",
            format!("\"{}\" is required by the package and not given", missing.name),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_goes_over_what_is_set() {
        let base = vec![Parameter::new("a", "1"), Parameter::new("b", "2")];
        let merged = overlay(base.clone(), vec![Parameter::new("b", "3"), Parameter::new("c", "4")]);
        let pairs: Vec<_> = merged.unwrap().into_iter().map(|p| format!("{}={}", p.name, p.value)).collect();
        assert_eq!(pairs, ["a=1", "b=3", "c=4"]);
        assert!(overlay(base, vec![Parameter::new("x", "1"), Parameter::new("x", "2")]).is_err());
    }

    #[test]
    fn values_have_the_form_that_is_declared() {
        let info: PackageInfo = serde_json::from_value(serde_json::json!({
            "kind": { "kind": "command", "command": ["true"] }, "tasks": [], "outParameters": [], "retrySafe": false,
            "sha256": "", "size": 0, "files": 0, "inParameters": [
                { "name": "tolerance", "type": "decimal" }, { "name": "count", "type": "integer", "required": true },
                { "name": "strict", "type": "boolean" }, { "name": "day", "type": "date" },
                { "name": "rows", "type": "list" }, { "name": "map", "type": "object" }, { "name": "note" },
            ],
        }))
        .unwrap();
        let of = |name: &str, value: &str| check(&[Parameter::new(name, value)], &info, false);
        for (name, value) in [
            ("tolerance", "0.10"),
            ("tolerance", ""),
            ("count", "1,200"),
            ("strict", "是"),
            ("day", "2024-02-29"),
            ("rows", "[1]"),
            ("map", "{}"),
            ("note", ""),
        ] {
            assert!(of(name, value).is_ok(), "{name} {value}");
        }
        for (name, value) in
            [("count", "1.5"), ("strict", "maybe"), ("day", "2023-02-29"), ("rows", "{}"), ("map", "x")]
        {
            assert!(matches!(of(name, value), Err(Error::Invalid { field, .. }) if field == "inParameters"), "{name}");
        }
        let refused = of("tolerance", "abc").unwrap_err().to_string();
        assert_eq!(refused, "inParameters: \"tolerance\" must be a number such as 1234.50, but is \"abc\"");
        let empty = check(&[Parameter::new("count", " ")], &info, true).unwrap_err().to_string();
        assert!(empty.contains("\"count\" is required"), "{empty}");
    }
}
