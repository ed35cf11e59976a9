//! Downloads by signed address: what a plain `curl` fetches. Whoever was given the address was allowed to have the thing;
//! the signature says so, no header does.

use axum::{
    RequestExt,
    body::Body,
    extract::{Path, Query, Request},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, RANGE},
    },
    response::Response,
};
use baigong_core::{
    Platform,
    downloads::{self, DownloadKind, Part, Range, Wanted},
    queue_items::ExportFormat,
};
use baigong_model::{Error, Result, Secret};
use serde::Deserialize;

pub(crate) use baigong_api_kit::attachment;

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
    let range = range(request.headers());
    let download = downloads::open(&platform, kind, id, (expires, &signature), password.as_ref(), range).await?;
    let is_video = kind == DownloadKind::Recording;
    let content = if is_video { "video/mp4" } else { "application/octet-stream" };
    let mut response = attachment(Body::from_stream(download.body), content, &download.name);
    set(&mut response, CONTENT_LENGTH, &download.size.to_string());
    set(&mut response, ETAG, &format!("\"{}\"", download.tag));
    if is_video {
        set(&mut response, ACCEPT_RANGES, "bytes");
    }
    match download.part {
        None => {}
        Some(Part::Bytes { from, to, total }) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            set(&mut response, CONTENT_RANGE, &format!("bytes {from}-{}/{total}", to - 1));
        }
        Some(Part::Beyond { total }) => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            set(&mut response, CONTENT_RANGE, &format!("bytes */{total}"));
        }
    }
    Ok(response)
}

/// The part that is asked for: one range of bytes (RFC 9110, 14.2). Several at once, and what is no range, mean the whole;
/// so does a range of another state of the thing.
fn range(headers: &HeaderMap) -> Option<Range> {
    let wanted = wanted(headers.get(RANGE)?.to_str().ok()?)?;
    let only_of = headers.get(IF_RANGE).map(|tag| tag.to_str().unwrap_or_default().trim_matches('"').to_owned());
    Some(Range { wanted, only_of })
}

fn wanted(range: &str) -> Option<Wanted> {
    let (from, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (from, last) {
        ("", last) => number(last).map(Wanted::Last),
        (from, "") => number(from).map(|from| Wanted::From(from, None)),
        (from, last) => {
            let (from, last) = (number(from)?, number(last)?);
            (from <= last).then_some(Wanted::From(from, Some(last)))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_understood() {
        assert_eq!(wanted("bytes=0-"), Some(Wanted::From(0, None)));
        assert_eq!(wanted("bytes=5-9"), Some(Wanted::From(5, Some(9))));
        assert_eq!(wanted("bytes=-7"), Some(Wanted::Last(7)));
        for whole in [
            "bytes=0-1,3-4",
            "bytes=9-5",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "lines=1-2",
            "bytes=+1-2",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(wanted(whole), None, "{whole}");
        }
        let mut headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-"))]);
        headers.insert(IF_RANGE, HeaderValue::from_static("\"x\""));
        assert_eq!(range(&headers), Some(Range { wanted: Wanted::From(0, None), only_of: Some("x".into()) }));
    }
}
