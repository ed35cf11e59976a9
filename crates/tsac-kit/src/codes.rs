//! The business codes of Annex A and ours beside them, each with its HTTP status, and which failure gets which.

use axum::http::StatusCode;
use baigong_api_kit::{Code, Failure, Limit, Problem, ProblemKind};
use baigong_model::Error;
use baigong_phrases::chinese;

/// Every code there is.
pub const ALL: &[Code] = &[
    code("00000", 200, "无业务异常"),
    code("10001", 401, "token 无效"),
    code("10002", 400, "接口版本信息不支持"),
    code("10003", 401, "用户未注册"),
    code("10004", 401, "用户密码错误"),
    code("10005", 400, "参数为空"),
    code("10006", 400, "参数不全"),
    code("10007", 400, "参数类型错误"),
    code("10008", 404, "资源不存在"),
    code("10009", 409, "名称已存在或状态冲突"),
    code("10010", 429, "请求过多"),
    code("10011", 400, "参数取值错误"),
    code("10012", 400, "请求体格式错误"),
    code("10013", 403, "账号已锁定"),
    code("10101", 409, "任务已取消"),
    code("10102", 409, "任务已停止"),
    code("10201", 409, "文件名称已存在"),
    code("10202", 500, "文件保存失败"),
    code("10203", 404, "文件不存在或文件密码不正确"),
    code("10301", 400, "时间格式不正确"),
    code("10401", 400, "日志等级不存在"),
    code("11001", 409, "机器人状态异常"),
    code("11002", 403, "机器人许可过期"),
    code("20001", 500, "服务器状态异常"),
    code("30001", 403, "接口调用权限不足"),
];

const fn code(code: &'static str, status: u16, meaning: &'static str) -> Code {
    Code { code, status, meaning }
}

/// The HTTP status of a code, and what it means.
#[must_use]
pub fn about(wanted: &str) -> (StatusCode, &'static str) {
    let found = ALL.iter().find(|it| it.code == wanted);
    let status = found.and_then(|it| StatusCode::from_u16(it.status).ok());
    (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), found.map_or("", |it| it.meaning))
}

/// What an answer says of an error that is one of several in it.
#[must_use]
pub fn said(error: Error) -> String {
    let (code, detail) = of(&Failure::Error(error));
    if detail.is_empty() { about(code).1.to_owned() } else { detail }
}

/// The code of a failure and what it says beyond the code's meaning.
#[must_use]
pub fn of(failure: &Failure) -> (&'static str, String) {
    match failure {
        Failure::Shape(problem) => shape(problem),
        Failure::Header { name, kind: ProblemKind::Empty } => ("10005", format!("请求头 {name}")),
        Failure::Header { name, .. } => ("10006", format!("缺少请求头 {name}")),
        Failure::MalformedBody(reason) => ("10012", chinese(reason)),
        Failure::ContentType { expected } => ("10012", format!("content-type 应为 {expected}，编码 UTF-8")),
        Failure::TooLarge(limit) => ("10012", format!("请求体超过 {limit} 字节")),
        Failure::NotStored => ("10202", "服务器磁盘可能已满".to_owned()),
        Failure::NoSuchOperation => ("10008", "没有这个接口".to_owned()),
        Failure::WrongMethod => ("10008", "接口只接受 POST 请求".to_owned()),
        Failure::Dialect { code, detail } => (code, detail.clone()),
        Failure::Fault { id } => ("20001", format!("编号 {id}")),
        Failure::Error(error) => of_error(error),
    }
}

fn shape(problem: &Problem) -> (&'static str, String) {
    let field = &problem.field;
    match &problem.kind {
        ProblemKind::Absent => ("10006", format!("缺少 {field}")),
        ProblemKind::Empty => ("10005", field.clone()),
        ProblemKind::Mistyped { expected } => ("10007", format!("{field} 应为 {expected}")),
        ProblemKind::OutOfRange(Limit::Between(least, i64::MAX)) if *least > i64::MIN => {
            ("10011", format!("{field} 应不小于 {least}"))
        }
        ProblemKind::OutOfRange(Limit::Between(least, most)) => {
            ("10011", format!("{field} 应在 {least} 与 {most} 之间"))
        }
        ProblemKind::OutOfRange(Limit::Characters(most)) => ("10011", format!("{field} 最多 {most} 个字符")),
        ProblemKind::OutOfRange(Limit::NoNul) => ("10011", format!("{field} 不得含有字符 U+0000")),
        ProblemKind::Unknown => ("10011", format!("{field} 不是本接口的参数")),
    }
}

fn of_error(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound { kind: "file", id } => ("10203", id.clone()),
        Error::NotFound { kind, id } => ("10008", format!("{} {id}", in_chinese(kind))),
        Error::AlreadyExists { kind: "file", name } => ("10201", name.clone()),
        Error::AlreadyExists { kind, name } => ("10009", format!("{}“{name}”已存在", in_chinese(kind))),
        Error::Invalid { field, .. } if field == "logLevel" => {
            ("10401", "应为 trace、debug、info、warn 或 error".to_owned())
        }
        Error::Invalid { field, reason } => ("10011", format!("{field} {}", chinese(reason))),
        Error::InvalidTime { field } => ("10301", format!("{field} 应为 yyyy-MM-dd HH:mm:ss")),
        Error::InvalidDate { field, given } => ("10301", format!("{field} 中的“{given}”应为 yyyy-MM-dd")),
        Error::Conflict(reason) => ("10009", chinese(reason)),
        Error::AlreadyCancelled => ("10101", String::new()),
        Error::AlreadyEnded => ("10102", String::new()),
        Error::StaleFence { given, current } => ("10009", format!("租约已失效：给出的是 {given}，现在是 {current}")),
        Error::Unauthenticated | Error::TokenExpired => ("10001", String::new()),
        Error::Replayed => ("10009", "同一签名已用于另一请求".to_owned()),
        Error::BadAddress => ("30001", "下载地址无效或已过期，请重新获取".to_owned()),
        Error::UnknownUser => ("10003", String::new()),
        Error::WrongPassword => ("10004", String::new()),
        Error::Locked => ("10013", "密码错误次数过多，请稍后再试".to_owned()),
        Error::Forbidden(permission) => ("30001", format!("需要 {}", chinese(permission))),
        Error::LimitReached(reason) => ("10010", chinese(reason)),
        Error::RobotState(reason) => ("11001", chinese(reason)),
        Error::NotLicensed(reason) => ("11002", chinese(reason)),
        Error::Unavailable(reason) => ("20001", chinese(reason)),
        // An internal error says nothing of itself.
        Error::Internal(_) => ("20001", String::new()),
    }
}

/// The standard's word for a kind of thing.
#[must_use]
pub fn in_chinese(kind: &str) -> &str {
    match kind {
        "department" => "部门",
        "user" | "employee" => "用户",
        "machine" => "服务器",
        "robot" => "机器人",
        "robot group" => "机器人组",
        "package" => "流程包",
        "process" => "流程",
        "task" => "任务",
        "trigger" => "调度",
        "data queue" | "queue" => "数据队列",
        "queue item" => "数据队列消息",
        "asset" => "资产",
        "maintenance window" => "维护窗口",
        "credential" => "凭据",
        "folder" => "文件夹",
        "role" => "角色",
        "warn channel" => "通知渠道",
        "notice" => "通知",
        "calendar" => "日历",
        "license" => "许可",
        "license seat" => "许可席位",
        "recording" => "录屏",
        "application" => "应用",
        "application role" => "应用角色",
        "authorization" => "授权",
        "menu" => "菜单",
        "agenda item" => "日程",
        "message" => "消息",
        "bridge" => "桥接",
        "scene" => "场景",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_a_failure_can_get_is_in_the_table() {
        let source = include_str!("codes.rs");
        let used = source
            .split("(\"")
            .skip(1)
            .filter_map(|it| it.get(..5))
            .filter(|it| it.bytes().all(|b| b.is_ascii_digit()));
        for code in used {
            assert!(ALL.iter().any(|it| it.code == code), "{code} needs a line in ALL");
        }
    }

    #[test]
    fn a_failure_gets_its_code_and_its_status() {
        let of = |failure| (of(&failure).0, about(of(&failure).0).0.as_u16());
        assert_eq!(of(Failure::Error(Error::Unauthenticated)), ("10001", 401));
        assert_eq!(of(Failure::Error(Error::not_found("task", 1))), ("10008", 404));
        assert_eq!(of(Failure::Error(Error::not_found("file", 1))), ("10203", 404));
        assert_eq!(of(Failure::Error(Error::already_exists("file", "a"))), ("10201", 409));
        assert_eq!(of(Failure::Error(Error::invalid("logLevel", ""))), ("10401", 400));
        assert_eq!(of(Failure::Error(Error::invalid("pageSize", ""))), ("10011", 400));
        assert_eq!(of(Failure::Error(Error::AlreadyCancelled)), ("10101", 409));
        assert_eq!(of(Failure::Error(Error::AlreadyEnded)), ("10102", 409));
        assert_eq!(of(Failure::Error(Error::Locked)), ("10013", 403));
        assert_eq!(of(Failure::Error(Error::Forbidden(String::new()))), ("30001", 403));
        assert_eq!(of(Failure::Error(Error::internal("x"))), ("20001", 500));
        assert_eq!(of(Failure::Error(Error::LimitReached(String::new()))), ("10010", 429));
        assert_eq!(of(Failure::Error(Error::RobotState(String::new()))), ("11001", 409));
        assert_eq!(of(Failure::Error(Error::NotLicensed(String::new()))), ("11002", 403));
        assert_eq!(of(Failure::NotStored), ("10202", 500));
        assert_eq!(of(Failure::MalformedBody(String::new())), ("10012", 400));
    }
}
