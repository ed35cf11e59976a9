//! The messages, in Chinese and English. `{name}` stands for a text of the notice; one that is not there is left empty.

use std::collections::BTreeMap;

use baigong_model::NoticeKind;

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

/// A message, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line.
    pub title: String,
    /// The whole text.
    pub text: String,
}

/// The texts of a notice by their names.
pub(super) type Texts = BTreeMap<String, String>;

/// Words a notice.
pub(super) fn message(language: Language, kind: NoticeKind, occurrences: i64, texts: &Texts) -> Message {
    let chinese = language == Language::Chinese;
    let (title, lines) = if chinese { in_chinese(kind) } else { in_english(kind) };
    let mut title = format!("[百工] {}", filled(title, texts));
    let lines = lines.iter().filter(|line| !stands_empty(line, texts));
    let mut text = lines.map(|line| filled(line, texts)).collect::<Vec<_>>().join("\n");
    if occurrences > 1 {
        let (mark, note) = if chinese {
            (format!("（共 {occurrences} 次）"), format!("\n\n一分钟内同类情况共 {occurrences} 次，合并为此通知。"))
        } else {
            (
                format!(" ({occurrences} times)"),
                format!("\n\nThis message stands for {occurrences} events of its kind."),
            )
        };
        title.push_str(&mark);
        text.push_str(&note);
    }
    // A line break in a title would be another header of a mail.
    Message { title: title.replace(|letter: char| letter.is_control(), " "), text }
}

/// Words why something happened. What others have said stays as it is.
pub(super) fn reason(language: Language, text: &str) -> String {
    match language {
        Language::Chinese => baigong_phrases::told(text),
        Language::English => text.to_owned(),
    }
}

type Words = (&'static str, &'static [&'static str]);

/// What people tell one another is in their own words.
const OF_PEOPLE: Words = ("{title}", &["{text}"]);

fn in_chinese(kind: NoticeKind) -> Words {
    const TASK: &[&str] = &[
        "任务：{task}",
        "流程：{process}",
        "部门：{department}",
        "机器人：{robot}",
        "开始时间：{started}",
        "结束时间：{ended}",
        "原因：{message}",
    ];
    match kind {
        NoticeKind::TaskFailed => ("任务失败：{process}", TASK),
        NoticeKind::TaskRunExpired => ("任务运行超时：{process}", TASK),
        NoticeKind::TaskWaitExpired => ("任务等待超时：{process}", TASK),
        NoticeKind::TaskLost => ("任务失联，需人工处理：{process}", TASK),
        NoticeKind::CalendarEnding => (
            "日历即将到期：{calendar}",
            &["日历“{calendar}”只包含到 {until} 的日期，之后使用它的调度不再触发，请更新。"],
        ),
        NoticeKind::LicenseExpiring => ("许可即将到期：{license}", &["许可“{license}”将于 {until} 到期，请及时续期。"]),
        NoticeKind::TriggerSkipped => {
            ("调度未触发：{trigger}", &["调度“{trigger}”应于 {at} 触发但已跳过。", "原因：{reason}"])
        }
        NoticeKind::RobotOffline => ("机器人离线：{robot}", &["机器人“{robot}”自 {since} 起离线，至今没有恢复连接。"]),
        NoticeKind::Test => ("测试通知", &["这是通知渠道“{channel}”的测试消息，收到即表示配置正确。"]),
        NoticeKind::Message => OF_PEOPLE,
    }
}

fn in_english(kind: NoticeKind) -> Words {
    const TASK: &[&str] = &[
        "Task: {task}",
        "Process: {process}",
        "Department: {department}",
        "Robot: {robot}",
        "Started: {started}",
        "Ended: {ended}",
        "Reason: {message}",
    ];
    match kind {
        NoticeKind::TaskFailed => ("Task failed: {process}", TASK),
        NoticeKind::TaskRunExpired => ("Task ran too long: {process}", TASK),
        NoticeKind::TaskWaitExpired => ("Task waited too long: {process}", TASK),
        NoticeKind::TaskLost => ("Task lost, a person must decide: {process}", TASK),
        NoticeKind::CalendarEnding => (
            "Calendar ends soon: {calendar}",
            &["The calendar \"{calendar}\" knows no day after {until}: triggers with it will not fire from then on."],
        ),
        NoticeKind::LicenseExpiring => {
            ("License ends soon: {license}", &["The license \"{license}\" ends on {until}."])
        }
        NoticeKind::TriggerSkipped => (
            "Trigger skipped: {trigger}",
            &["The trigger \"{trigger}\" was due at {at} and did not fire.", "Reason: {reason}"],
        ),
        NoticeKind::RobotOffline => {
            ("Robot offline: {robot}", &["The robot \"{robot}\" has been offline since {since} and has not come back."])
        }
        NoticeKind::Test => ("Test", &["This tries out the warn channel \"{channel}\". It works."]),
        NoticeKind::Message => OF_PEOPLE,
    }
}

/// Puts the texts into their places, in one pass: what a text says is never taken for a place.
fn filled(line: &str, texts: &Texts) -> String {
    let mut parts = line.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or(("", part));
        out.push_str(texts.get(name).map_or("", String::as_str));
        out.push_str(rest);
    }
    out
}

/// Whether all that the line would show is missing.
fn stands_empty(line: &str, texts: &Texts) -> bool {
    let mut names = line.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).peekable();
    names.peek().is_some() && names.all(|name| texts.get(name).is_none_or(String::is_empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> Texts {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_message_names_what_is_known_and_nothing_else() {
        let known = texts(&[("process", "日终对账"), ("task", "7"), ("message", "{robot}"), ("robot", "")]);
        let message = message(Language::Chinese, NoticeKind::TaskFailed, 1, &known);
        assert_eq!(message.title, "[百工] 任务失败：日终对账");
        assert_eq!(message.text, "任务：7\n流程：日终对账\n原因：{robot}");
    }

    #[test]
    fn reasons_are_in_the_language_of_the_message() {
        for (english, chinese) in [
            ("2027-01-01: the calendar does not know 2027", "2027-01-01：日历不包含 2027 年"),
            ("it waited longer than its maximum waiting time", "超过最长等待时间"),
            (
                "main.flow.yaml, line 3, column 5, step \"read\" (main.flow.yaml › read): v.csv is empty: there is not even a row of \
                 headings. Check the file. [invalidData]",
                "main.flow.yaml 第 3 行第 5 列，步骤“read”：v.csv 为空，没有标题行，请检查文件 [invalidData]",
            ),
            ("Traceback (most recent call last)", "Traceback (most recent call last)"),
        ] {
            assert_eq!(reason(Language::Chinese, english), chinese);
            assert_eq!(reason(Language::English, english), english);
        }
    }

    #[test]
    fn a_title_stays_one_line_and_a_storm_is_counted() {
        let known = texts(&[("process", "a\r\nBcc: x@example.com")]);
        let message = message(Language::English, NoticeKind::TaskLost, 12, &known);
        assert_eq!(message.title, "[百工] Task lost, a person must decide: a  Bcc: x@example.com (12 times)");
        assert!(message.text.ends_with("12 events of its kind."), "{}", message.text);
    }

    #[test]
    fn both_languages_ask_for_the_same_texts() {
        let names = |(title, lines): Words| {
            let all = std::iter::once(title).chain(lines.iter().copied());
            all.flat_map(|line| line.split('{').skip(1))
                .map(|part| part.split('}').next().unwrap())
                .collect::<std::collections::BTreeSet<_>>()
        };
        for kind in NoticeKind::ALL {
            assert_eq!(names(in_chinese(kind)), names(in_english(kind)), "{}", kind.as_str());
        }
    }
}
