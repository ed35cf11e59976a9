//! Downloads by signed address: what a plain `curl` fetches. Whoever was given the address was allowed to have the thing;
//! the signature says so, no header does.

use std::fmt::Write;

use axum::{
    RequestExt,
    body::Body,
    extract::{Path, Query, Request},
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};
use baigong_core::{
    Platform,
    downloads::{self, DownloadKind},
    queue_items::ExportFormat,
};
use baigong_model::{Error, Result, Secret};
use serde::Deserialize;

use crate::Caller;

/// The address, complete, under which `caller` can fetch the thing for a short time.
pub(crate) fn address(platform: &Platform, caller: &Caller, kind: DownloadKind, id: i64) -> String {
    format!("{}{}", caller.base, downloads::address(platform, kind, id, downloads::VALID_FOR))
}

#[derive(Deserialize)]
struct Signature {
    expires: i64,
    signature: String,
}

pub(crate) async fn download(platform: Platform, _: Option<Caller>, mut request: Request) -> Result<Response> {
    let path: Result<Path<(String, i64)>, _> = request.extract_parts().await;
    let Path((kind, id)) = path.map_err(|_| Error::not_found("download", request.uri().path()))?;
    let kind = DownloadKind::of(&kind).ok_or_else(|| Error::not_found("download", request.uri().path()))?;
    let Query(Signature { expires, signature }) = Query::try_from_uri(request.uri()).map_err(|_| Error::BadAddress)?;
    let password = password(&request)?;
    let download = downloads::open(&platform, kind, id, (expires, &signature), password.as_ref()).await?;
    let mut response = attachment(Body::from_stream(download.body), "application/octet-stream", &download.name);
    set(&mut response, CONTENT_LENGTH, &download.size.to_string());
    set(&mut response, ETAG, &format!("\"{}\"", download.sha256));
    Ok(response)
}

/// An answer that is a file.
pub(crate) fn attachment(body: Body, kind: &str, name: &str) -> Response {
    let mut response = Response::new(body);
    set(&mut response, CONTENT_TYPE, kind);
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{}", encoded(name)));
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What an export is asked to be, and its content type.
pub(crate) fn table_format(format: Option<&str>, bom: Option<bool>) -> Result<(ExportFormat, &'static str)> {
    match format.unwrap_or("csv") {
        "csv" => Ok((ExportFormat::Csv { mark: bom.unwrap_or(true) }, "text/csv; charset=utf-8")),
        "xlsx" => Ok((ExportFormat::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")),
        _ => Err(Error::invalid("format", "must be csv or xlsx")),
    }
}

/// The password of a file, in a header: an address is written down in too many places. UTF-8, or encrypted like any other.
fn password(request: &Request) -> Result<Option<Secret<String>>> {
    let Some(value) = request.headers().get("file-password") else { return Ok(None) };
    let text = String::from_utf8(value.as_bytes().to_vec());
    text.map(|text| Some(Secret::new(text))).map_err(|_| Error::invalid("file-password", "must be UTF-8"))
}

/// A file name as RFC 8187 wants it in a header; whoever saves it gets a name, never a path.
fn encoded(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_encoded_and_is_no_path() {
        assert_eq!(encoded("对账 1.zip"), "%E5%AF%B9%E8%B4%A6%201.zip");
        assert_eq!(encoded("../../etc/pass\"wd\r\n"), "pass%22wd%0D%0A");
        assert_eq!(encoded("a\\b.txt"), "b.txt");
    }
}
