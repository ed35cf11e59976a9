//! Answers that are files.

use std::fmt::Write;

use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};

/// An answer that is a file of this content type, to be saved under `name`.
#[must_use]
pub fn attachment(body: Body, kind: &str, name: &str) -> Response {
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
