//! Writes a table as an OpenAPI 3.1 document.

use std::collections::BTreeMap;

use axum::http::Method;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{Access, Code, Dialect, Operation, Table, table::SchemaOf};

impl<D: Dialect> Table<D> {
    /// The OpenAPI document of this table.
    #[must_use]
    pub fn openapi(&self) -> Value {
        let settings = SchemaSettings::draft2020_12().with(|it| {
            it.meta_schema = None;
            it.definitions_path = "/components/schemas".into();
        });
        let mut requests = settings.clone().for_deserialize().into_generator();
        let mut responses = settings.for_serialize().into_generator();
        let description = D::describe();
        let mut paths = Map::new();
        for operation in self.operations() {
            let entry = paths.entry(operation.path).or_insert_with(|| json!({}));
            entry[operation.method.as_str().to_ascii_lowercase()] =
                describe(operation, description.codes, &mut requests, &mut responses);
        }
        let mut schemas = requests.take_definitions(true);
        schemas.extend(responses.take_definitions(true));
        let open = |is_credential| description.headers.iter().filter(move |it| it.is_credential == is_credential);
        let parameters: Map<_, _> = open(false)
            .map(|it| {
                let schema = json!({ "type": "string" });
                let about = it.about;
                let parameter =
                    json!({ "name": it.name, "in": "header", "required": true, "description": about, "schema": schema });
                (it.name.to_owned(), parameter)
            })
            .collect();
        let credentials: Map<_, _> = open(true)
            .map(|it| {
                let scheme = json!({ "type": "apiKey", "in": "header", "name": it.name, "description": it.about });
                (it.name.to_owned(), scheme)
            })
            .collect();
        json!({
            "openapi": "3.1.0",
            "info": { "title": description.title, "description": description.about, "version": description.version },
            "paths": paths,
            "components": {
                "schemas": schemas,
                "parameters": parameters,
                "securitySchemes": credentials,
                "responses": failures::<D>(description.codes),
            },
        })
    }
}

/// One operation as OpenAPI puts it.
fn describe<D: Dialect>(
    operation: &Operation<D>,
    codes: &[Code],
    requests: &mut SchemaGenerator,
    responses: &mut SchemaGenerator,
) -> Value {
    let name = operation.path.strip_prefix(D::PREFIX).unwrap_or(operation.path).trim_start_matches('/');
    let headers = D::describe().headers;
    let credentials: Map<_, _> =
        headers.iter().filter(|it| it.is_credential).map(|it| (it.name.to_owned(), json!([]))).collect();
    let parameters: Vec<_> = headers
        .iter()
        .filter(|it| !it.is_credential && operation.request.is_some())
        .map(|it| json!({ "$ref": format!("#/components/parameters/{}", it.name) }))
        .chain(in_path(operation.path))
        .collect();
    let (permission, security) = match operation.access {
        Access::Open => (Value::Null, json!([])),
        Access::Known => (Value::Null, json!([credentials])),
        Access::With(permission) => (permission.as_str().into(), json!([credentials])),
    };
    let success = match operation.response {
        Some(schema) => {
            let envelope = D::envelope(schema(responses).to_value());
            json!({ "description": "Success", "content": { "application/json": { "schema": envelope } } })
        }
        None => json!({ "description": "Success" }),
    };
    let mut answers = Map::from_iter([(operation.status.as_str().to_owned(), success)]);
    for code in codes.iter().filter(|code| code.status >= 400) {
        let status = code.status.to_string();
        let reference = json!({ "$ref": format!("#/components/responses/{status}") });
        answers.insert(status, reference);
    }
    let mut entry = json!({
        "operationId": operation_id(operation, name),
        "tags": [name.split('/').next().unwrap_or_default()],
        "summary": operation.summary,
        "x-clause": operation.clause,
        "x-permission": permission,
        "security": security,
        "parameters": parameters,
        "responses": answers,
    });
    if operation.method == Method::GET && operation.request.is_some() {
        let query = in_query(operation);
        entry["parameters"].as_array_mut().into_iter().for_each(|known| known.extend(query.clone()));
    } else if let Some(schema) = operation.request.filter(|_| has_body(operation)) {
        let schema = match path_names(operation.path).next() {
            None => schema(requests).to_value(),
            Some(_) => beside_path(operation.path, inline(schema)),
        };
        let (content, schema) = match operation.file {
            None => ("application/json", schema),
            Some(file) => {
                let part = json!({ "type": "string", "format": "binary" });
                let required = if operation.file_is_optional { json!([]) } else { json!([file]) };
                let file = json!({ "type": "object", "properties": { file: part }, "required": required });
                ("multipart/form-data", json!({ "allOf": [schema, file] }))
            }
        };
        let example = beside_path(operation.path, operation.shape.sample(false));
        let is_required = D::POST_NEEDS_BODY || !schema["required"].as_array().is_none_or(Vec::is_empty);
        entry["requestBody"] =
            json!({ "required": is_required, "content": { content: { "schema": schema, "example": example } } });
    }
    entry
}

/// A path that is asked for by several methods has several ids.
fn operation_id<D: Dialect>(operation: &Operation<D>, name: &str) -> String {
    let name = name.replace('/', ".");
    match operation.method {
        Method::POST => name,
        ref method => format!("{name}.{}", method.as_str().to_ascii_lowercase()),
    }
}

/// Whether there is anything to say in a body.
fn has_body<D: Dialect>(operation: &Operation<D>) -> bool {
    let in_path: Vec<&str> = path_names(operation.path).collect();
    operation.method == Method::POST
        || operation.shape.object_fields().iter().any(|field| !in_path.contains(&field.name.as_str()))
}

/// What a GET asks, as parameters of its query.
fn in_query<D: Dialect>(operation: &Operation<D>) -> Vec<Value> {
    let in_path: Vec<&str> = path_names(operation.path).collect();
    let schema = operation.request.map(inline).unwrap_or_default();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let parameter = |(name, schema): (&String, &Value)| {
        let is_required = required.iter().any(|it| it == name);
        let mut parameter = json!({ "name": name, "in": "query", "required": is_required, "schema": schema });
        if let Some(about) = schema.get("description") {
            parameter["description"] = about.clone();
        }
        parameter
    };
    properties.filter(|(name, _)| !in_path.contains(&name.as_str())).map(parameter).collect()
}

/// The schema of a request in one piece.
fn inline(schema: SchemaOf) -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|it| it.inline_subschemas = true);
    schema(&mut settings.into_generator()).to_value()
}

/// A schema, or an example, without what stands in the path.
fn beside_path(path: &str, mut whole: Value) -> Value {
    for name in path_names(path) {
        for place in ["", "/properties"] {
            if let Some(fields) = whole.pointer_mut(place).and_then(Value::as_object_mut) {
                fields.remove(name);
            }
        }
        if let Some(names) = whole.get_mut("required").and_then(Value::as_array_mut) {
            names.retain(|it| it != name);
        }
    }
    whole
}

/// The names in a path: `{kind}` and `{id}`.
fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The parts of a path that stand for something: `/download/{kind}/{id}`.
fn in_path(path: &str) -> impl Iterator<Item = Value> {
    path_names(path).map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

/// The answers that say what went wrong, one per status.
fn failures<D: Dialect>(codes: &[Code]) -> Value {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for code in codes.iter().filter(|code| code.status >= 400) {
        by_status.entry(code.status).or_default().push(format!("{} {}", code.code, code.meaning));
    }
    let (kind, schema) = D::failure();
    let answer =
        |meanings: &[String]| json!({ "description": meanings.join("; "), "content": { kind: { "schema": schema } } });
    by_status.iter().map(|(status, meanings)| (status.to_string(), answer(meanings))).collect::<Map<_, _>>().into()
}
