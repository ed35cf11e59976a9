//! The codes of this dialect, and which failure gets which. The HTTP status of an understood request is 200: the code tells.

use axum::http::StatusCode;
use baigong_api_kit::{Code, Failure, Limit, Problem, ProblemKind};
use baigong_model::Error;
use baigong_tsac_kit::{codes::in_chinese, phrases::chinese};

pub(crate) const SIGNATURE_WRONG: &str = "4003";
pub(crate) const TIMESTAMP_OUT_OF_RANGE: &str = "4004";

/// The reason of what is missing, where the shape of a request cannot say it.
pub(crate) const MISSING: &str = "one of them must be given";

/// Every code there is.
pub(crate) const ALL: &[Code] = &[
    code("0", "操作成功"),
    code("4001", "缺少参数"),
    code("4002", "参数错误"),
    code("4003", "签名错误"),
    code("4004", "时间戳超出范围"),
    code("4005", "没有权限"),
    code("4006", "账号或密码错误"),
    code("4007", "Token 不合法"),
    code("4008", "Token 已过期"),
    code("4009", "请求重复"),
    code("4010", "请求过多"),
    code("10001", "文件不存在"),
    code("10002", "资源不存在"),
    code("10003", "资源冲突"),
    code("5000", "服务器错误"),
];

const fn code(code: &'static str, meaning: &'static str) -> Code {
    Code { code, status: 200, meaning }
}

/// What a code means.
pub(crate) fn meaning(wanted: &str) -> &'static str {
    ALL.iter().find(|it| it.code == wanted).map_or("", |it| it.meaning)
}

/// The HTTP status of a failure: only what is no request of this dialect gets another than 200.
pub(crate) fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::NoSuchOperation => StatusCode::NOT_FOUND,
        Failure::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::OK,
    }
}

/// The code of a failure and what it says beyond the code's meaning.
pub(crate) fn of(failure: &Failure) -> (&'static str, String) {
    match failure {
        Failure::Shape(problem) => shape(problem),
        Failure::Header { name, .. } => ("4001", format!("请求头 {name}")),
        Failure::MalformedBody(reason) => ("4002", reason.clone()),
        Failure::ContentType { expected } => ("4002", format!("content-type 应为 {expected}")),
        Failure::TooLarge(limit) => ("4002", format!("请求体超过 {limit} 字节")),
        Failure::NotStored => ("5000", "服务器磁盘可能已满".to_owned()),
        Failure::NoSuchOperation => ("10002", "没有这个接口".to_owned()),
        Failure::WrongMethod => ("10002", "接口不接受此请求方法".to_owned()),
        Failure::Dialect { code, detail } => (code, detail.clone()),
        Failure::Fault { id } => ("5000", format!("编号 {id}")),
        Failure::Error(error) => of_error(error),
    }
}

fn shape(problem: &Problem) -> (&'static str, String) {
    let field = &problem.field;
    match &problem.kind {
        ProblemKind::Absent | ProblemKind::Empty => ("4001", field.clone()),
        ProblemKind::Mistyped { expected } => ("4002", format!("{field} 应为 {expected}")),
        ProblemKind::OutOfRange(Limit::Between(least, most)) => {
            ("4002", format!("{field} 应在 {least} 与 {most} 之间"))
        }
        ProblemKind::OutOfRange(Limit::Characters(most)) => ("4002", format!("{field} 最多 {most} 个字符")),
        ProblemKind::OutOfRange(Limit::NoNul) => ("4002", format!("{field} 不得含有字符 U+0000")),
        ProblemKind::Unknown => ("4002", format!("{field} 不是本接口的参数")),
    }
}

fn of_error(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound { kind: "file", id } => ("10001", id.clone()),
        Error::NotFound { kind, id } => ("10002", format!("{} {id}", in_chinese(kind))),
        Error::AlreadyExists { kind, name } => ("10003", format!("{}“{name}”已存在", in_chinese(kind))),
        Error::Invalid { field, reason } if reason == MISSING => ("4001", field.clone()),
        Error::Invalid { field, reason } => ("4002", format!("{field} {}", chinese(reason))),
        Error::InvalidTime { field } => ("4002", format!("{field} 应为 yyyy-MM-dd HH:mm:ss")),
        Error::InvalidDate { field, given } => ("4002", format!("{field} 中的“{given}”应为 yyyy-MM-dd")),
        Error::Conflict(reason) | Error::RobotState(reason) | Error::NotLicensed(reason) => ("10003", chinese(reason)),
        Error::AlreadyCancelled => ("10003", "任务已取消".to_owned()),
        Error::AlreadyEnded => ("10003", "任务已结束".to_owned()),
        Error::StaleFence { .. } => ("10003", "已由他人处理".to_owned()),
        Error::Unauthenticated => ("4007", String::new()),
        Error::TokenExpired => ("4008", String::new()),
        Error::Replayed => ("4009", "同一签名已用于另一请求，或首次请求尚未完成".to_owned()),
        Error::UnknownUser | Error::WrongPassword => ("4006", String::new()),
        Error::Locked => ("4006", "密码错误次数过多，账号已锁定，请稍后再试".to_owned()),
        Error::BadAddress => ("4005", String::new()),
        Error::Forbidden(permission) => ("4005", format!("需要 {}", chinese(permission))),
        Error::LimitReached(reason) => ("4010", chinese(reason)),
        Error::Unavailable(reason) => ("5000", chinese(reason)),
        // An internal error says nothing of itself.
        Error::Internal(_) => ("5000", String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_a_failure_can_get_is_in_the_table() {
        let source = include_str!("codes.rs");
        let used = source.split("(\"").skip(1).filter_map(|it| it.split('"').next());
        for code in used.filter(|it| it.len() >= 4 && it.bytes().all(|byte| byte.is_ascii_digit())) {
            assert!(ALL.iter().any(|it| it.code == code), "{code} needs a line in ALL");
        }
    }
}
