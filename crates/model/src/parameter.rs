//! In- and out-parameters of a task: the standard prints both as a list of name and value, both strings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One parameter by name; its value as text, whatever its type in the flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// 参数名
    pub name: String,
    /// 参数值
    pub value: String,
}

impl Parameter {
    /// A parameter.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
