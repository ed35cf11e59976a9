//! What of a request is signed. Only that is read: whatever else stands in the query, the body or the headers counts for
//! nothing. Clients differ in what they sign, so that what the signature fits decides.

use axum::http::{Method, header::CONTENT_TYPE, request::Parts};
use baigong_api_kit::{Failure, Received, Shape, form, object};
use baigong_core::first_answers::{Key, SIGNED_KEPT};
use baigong_protocol::request_signature::{Source, verify};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{codes, python};

/// How far a client's clock may be from ours, in milliseconds.
const LEEWAY: i64 = SIGNED_KEPT;
/// No signature is longer.
const MAX_SIGNATURE: usize = 128;

/// A request and its signature.
pub(crate) struct Signed {
    token: String,
    timestamp: String,
    signature: String,
    /// Until when it may come again.
    keep_until: i64,
    /// What the signature was found to fit.
    what: What,
    /// All of what it asks: its operation, what is signed, and the file beside it.
    asked: [u8; 32],
}

/// What is signed.
enum What {
    /// Parameters of a query or of a form.
    Parameters(Vec<(String, String)>),
    /// A JSON body.
    Body(Value),
    /// An upload, which is not there yet.
    Upload,
}

impl Signed {
    /// Reads the three headers. `now` is our time.
    pub(crate) fn of(parts: &Parts, now: i64) -> Result<Self, Failure> {
        let (token, timestamp, signature) =
            (header(parts, "accesstoken")?, header(parts, "timestamp")?, header(parts, "signature")?);
        let is_digits = timestamp.len() <= 18 && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let at = timestamp.parse::<i64>().ok().filter(|at| is_digits && (at - now).abs() <= LEEWAY);
        let refused = |code, detail: &str| Failure::Dialect { code, detail: detail.to_owned() };
        let at = at.ok_or_else(|| {
            refused(codes::TIMESTAMP_OUT_OF_RANGE, "timestamp 应为毫秒，且与服务器时间相差不超过 10 分钟")
        })?;
        if signature.len() > MAX_SIGNATURE {
            return Err(refused(codes::SIGNATURE_WRONG, ""));
        }
        Ok(Self {
            token: token.to_owned(),
            timestamp: timestamp.to_owned(),
            signature: signature.to_owned(),
            keep_until: at + LEEWAY,
            what: What::Upload,
            asked: [0; 32],
        })
    }

    /// The access token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Finds out what of the request is signed; fails if nothing is.
    pub(crate) fn check(&mut self, parts: &Parts, body: &[u8]) -> Result<(), Failure> {
        if parts.method != Method::GET && is_multipart(parts) {
            return Ok(());
        }
        let query = form(parts.uri.query().unwrap_or_default().as_bytes());
        self.what = match parts.method {
            Method::GET => self.of_get(query, body)?,
            _ => self.of_write(query, body)?,
        };
        let signed = match &self.what {
            What::Parameters(parameters) => serde_json::to_vec(parameters).unwrap_or_default(),
            _ => body.to_vec(),
        };
        self.asked = digest(&[parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), &signed]);
        Ok(())
    }

    /// The query; where there is none, the JSON body as it stands or its fields as parameters.
    fn of_get(&self, query: Result<Vec<(String, String)>, Failure>, body: &[u8]) -> Result<What, Failure> {
        let query = query?;
        if (!query.is_empty() || body.is_empty()) && self.fits_parameters(&query) {
            return Ok(What::Parameters(query));
        }
        if self.fits(Source::Body(body)) {
            return Ok(What::Body(object(body)?));
        }
        let fields = object(body).map(|body| texts(&body)).unwrap_or_default();
        match self.fits_parameters(&fields) {
            true => Ok(What::Parameters(fields)),
            false => Err(wrong()),
        }
    }

    /// The body as it stands, or as a form; the query only where it is what is signed.
    fn of_write(&self, query: Result<Vec<(String, String)>, Failure>, body: &[u8]) -> Result<What, Failure> {
        let is_json = body.trim_ascii_start().starts_with(b"{");
        if !body.is_empty() {
            let as_form = if is_json { Ok(Vec::new()) } else { form(body) };
            if self.fits(Source::Body(body)) {
                return if is_json { fields_of(body).map(What::Body) } else { as_form.map(What::Parameters) };
            }
            if let Ok(parameters) = as_form
                && !is_json
                && self.fits_parameters(&parameters)
            {
                return Ok(What::Parameters(parameters));
            }
        }
        match query {
            Ok(query) if (!query.is_empty() || body.is_empty()) && self.fits_parameters(&query) => {
                Ok(What::Parameters(query))
            }
            _ => Err(wrong()),
        }
    }

    /// The same of an upload: its texts, with or without the name of its file, or the query.
    pub(crate) fn check_upload(&mut self, parts: &Parts, received: &Received, file: &str) -> Result<(), Failure> {
        let upload = received.upload.as_ref().ok();
        let name = upload.and_then(|upload| upload.name.clone()).unwrap_or_default();
        let with_name: Vec<_> = received.texts.iter().cloned().chain([(file.to_owned(), name)]).collect();
        let query = form(parts.uri.query().unwrap_or_default().as_bytes())?;
        let fits = self.fits_parameters(&received.texts)
            || self.fits_parameters(&with_name)
            || !query.is_empty()
                && received.texts.iter().all(|text| query.contains(text))
                && self.fits_parameters(&query);
        if !fits {
            return Err(wrong());
        }
        let texts = serde_json::to_vec(&received.texts).unwrap_or_default();
        let hash = upload.and_then(|upload| upload.sha256).unwrap_or_default();
        self.asked = digest(&[parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), &texts, &hash]);
        Ok(())
    }

    /// What is asked, in values of the printed types. `path` is the operation's.
    pub(crate) fn read(&self, path: &str, shape: &Shape) -> Result<Value, Failure> {
        let mut fields = match &self.what {
            What::Parameters(parameters) => {
                parameters.iter().map(|(name, text)| (name.clone(), Value::String(text.clone()))).collect()
            }
            What::Body(Value::Object(fields)) => fields.clone(),
            What::Body(_) | What::Upload => return Err(wrong()),
        };
        fit(path, shape, &mut fields);
        Ok(Value::Object(fields))
    }

    /// What tells it from every other request.
    pub(crate) fn key(&self) -> Key<'_> {
        Key {
            key: self.signature.as_bytes(),
            request: &self.asked,
            signed_at: self.keep_until - LEEWAY,
            keep_until: self.keep_until,
        }
    }

    fn fits(&self, source: Source<'_>) -> bool {
        verify(&self.token, &self.timestamp, source, &self.signature)
    }

    fn fits_parameters(&self, parameters: &[(String, String)]) -> bool {
        if parameters.is_sorted_by(|one, other| one.0 <= other.0) {
            return self.fits(Source::Parameters(parameters));
        }
        let mut sorted = parameters.to_vec();
        sorted.sort();
        self.fits(Source::Parameters(&sorted))
    }
}

/// The fields of a body that is a JSON object, or as good as one.
fn fields_of(body: &[u8]) -> Result<Value, Failure> {
    object(body).or_else(|wrong| python::json(body).and_then(|json| object(json.as_bytes()).ok()).ok_or(wrong))
}

fn wrong() -> Failure {
    Failure::Dialect { code: codes::SIGNATURE_WRONG, detail: String::new() }
}

fn header<'p>(parts: &'p Parts, name: &'static str) -> Result<&'p str, Failure> {
    use baigong_api_kit::ProblemKind::{Absent, Empty};
    let value = parts.headers.get(name).ok_or(Failure::Header { name, kind: Absent })?;
    match value.to_str().unwrap_or("?").trim() {
        "" => Err(Failure::Header { name, kind: Empty }),
        value => Ok(value),
    }
}

fn is_multipart(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// The fields of a flat JSON object as a client would write them into a query.
fn texts(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    body.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Fields under the operation's own names, and of the printed types: numbers come as texts as often as texts as numbers.
pub(crate) fn fit(path: &str, shape: &Shape, fields: &mut Map<String, Value>) {
    let known = shape.object_fields();
    crate::spelling::settle(path, |name| known.iter().any(|field| field.name == name), fields);
    for field in known {
        let Some(value) = fields.get_mut(&field.name) else { continue };
        match (&field.shape, &*value) {
            (Shape::String { .. }, Value::Number(number)) => *value = Value::String(number.to_string()),
            (Shape::String { .. }, Value::Bool(truth)) => *value = Value::String(truth.to_string()),
            (Shape::Integer { .. }, Value::String(text)) => match text.trim().parse::<i64>() {
                Ok(number) => *value = number.into(),
                Err(_) if text.is_empty() && !field.is_required => *value = Value::Null,
                Err(_) => {}
            },
            (Shape::Any, Value::String(text)) => {
                if let Ok(read) = serde_json::from_str::<Value>(text) {
                    *value = read;
                }
            }
            _ => {}
        }
    }
}
