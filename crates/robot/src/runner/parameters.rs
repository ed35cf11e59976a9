//! In-parameters checked against what the package declares, and out-parameters read from the file a process wrote.

use std::{fmt, fs::File, io::Read, path::Path};

use baigong_model::Parameter;
use baigong_package::{PackageInfo, ParameterSpec, ParameterType};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::Broken;

/// More out-parameters than this are an error.
const MOST_OUT_PARAMETERS: usize = 1000;

/// One in-parameter with the type it was declared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) kind: ParameterType,
}

impl Given {
    /// As JSON, for the file of parameters and for flows: decimals stay texts, since numbers of JSON are not exact.
    pub(crate) fn json(&self) -> Value {
        let parsed = match self.kind {
            ParameterType::Integer => self.value.parse::<i64>().ok().map(Value::from),
            ParameterType::Boolean => self.value.parse::<bool>().ok().map(Value::from),
            ParameterType::List | ParameterType::Object => serde_json::from_str(&self.value).ok(),
            ParameterType::Text | ParameterType::Decimal | ParameterType::Date | ParameterType::File => None,
        };
        parsed.unwrap_or_else(|| Value::from(self.value.clone()))
    }
}

/// The parameters a process gets: those given, and the defaults of the others. Flows look after theirs themselves.
pub(crate) fn resolve(info: &PackageInfo, given: &[Parameter]) -> Result<Vec<Given>, Broken> {
    let mut faults = Vec::new();
    let mut resolved: Vec<Given> = Vec::new();
    for parameter in given {
        let spec = info.in_parameters.iter().find(|spec| spec.name == parameter.name);
        let kind = spec.map_or(ParameterType::Text, |spec| spec.kind);
        let Parameter { name, value } = parameter;
        if spec.is_none() && !info.in_parameters.is_empty() {
            faults.push(unknown(name, &info.in_parameters));
        } else if resolved.iter().any(|one| one.name == *name) {
            faults.push(format!("in-parameter \"{name}\" is given twice"));
        } else if value.trim().is_empty() && kind != ParameterType::Text {
            // A form that was left empty gives an empty text: only a text can be empty.
        } else if let Err(fault) = kind.accepts(value) {
            faults.push(format!("in-parameter \"{name}\": {fault}"));
        } else {
            resolved.push(Given { name: name.clone(), value: value.clone(), kind });
        }
    }
    for spec in &info.in_parameters {
        let is_faulty = || faults.iter().any(|fault| fault.starts_with(&format!("in-parameter \"{}\"", spec.name)));
        if resolved.iter().any(|one| one.name == spec.name) || is_faulty() {
            continue;
        }
        match &spec.default {
            Some(value) => resolved.push(Given { name: spec.name.clone(), value: value.clone(), kind: spec.kind }),
            None if spec.required => faults.push(format!("in-parameter \"{}\" is missing", spec.name)),
            None => {}
        }
    }
    if faults.is_empty() { Ok(resolved) } else { Err(Broken::Failed(faults.join("; "))) }
}

fn unknown(name: &str, specs: &[ParameterSpec]) -> String {
    let names: Vec<_> = specs.iter().map(|spec| spec.name.as_str()).collect();
    format!("in-parameter \"{name}\" is not known; the package takes {}", names.join(", "))
}

/// The fields of a JSON object as they are written, in their order.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object such as {\"name\": \"value\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// Reads what the process wrote into its file of out-parameters; nothing when there is no such file.
pub(crate) fn read_output(path: &Path, specs: &[ParameterSpec], largest: u64) -> Result<Vec<Parameter>, String> {
    let fault = |what: String| format!("the out-parameters (BAIGONG_OUTPUT_FILE) {what}");
    let kind = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(format!("cannot be read: {error}"))),
        Ok(metadata) => metadata.file_type(),
    };
    if !kind.is_file() {
        return Err(fault("are not a plain file".into()));
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes));
    read.map_err(|error| fault(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > largest {
        return Err(fault(format!("are larger than {largest} bytes; put large results into BAIGONG_ARTIFACTS")));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Vec::new());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let fields: Fields = serde_json::from_slice(bytes).map_err(|error| fault(format!("are not JSON: {error}")))?;
    if fields.0.len() > MOST_OUT_PARAMETERS {
        return Err(fault(format!("are {}, more than {MOST_OUT_PARAMETERS}", fields.0.len())));
    }
    let mut out: Vec<Parameter> = Vec::new();
    for (name, raw) in fields.0 {
        if out.iter().any(|parameter| parameter.name == name) {
            return Err(fault(format!("have \"{name}\" twice")));
        }
        let value = as_text(&raw);
        let spec = specs.iter().find(|spec| spec.name == name);
        spec.map_or(Ok(()), |spec| spec.kind.accepts(&value)).map_err(|error| fault(format!("\"{name}\": {error}")))?;
        out.push(Parameter { name, value });
    }
    Ok(out)
}

/// Texts without their quotes, everything else as it is written: 0.10 stays 0.10.
fn as_text(raw: &RawValue) -> String {
    match serde_json::from_str::<Value>(raw.get()) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) => String::new(),
        _ => raw.get().to_owned(),
    }
}
