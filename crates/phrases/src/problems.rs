//! What is wrong with a package or a flow, in Chinese: lines of the form `place: cause. Remedy`, where the place is that of a
//! check, `main.flow.yaml:4:9, step "a"`, or of a run, `main.flow.yaml, line 4, column 9, step "a" (way)`.

use super::{PLACED, phrase};

/// So much of a phrase's own words makes it one of ours where no line of a document is named.
const OUR_OWN: usize = 14;

/// What may stand in a line beside what is wrong.
struct Place<'t> {
    file: &'t str,
    line: Option<&'t str>,
    column: Option<&'t str>,
    step: Option<&'t str>,
}

/// The Chinese of `text`, where a line of it is known.
pub(super) fn chinese(text: &str) -> Option<String> {
    let lines: Vec<_> = text.lines().map(|line| (line, of_line(line))).collect();
    lines.iter().any(|(_, known)| known.is_some()).then(|| {
        let lines = lines.into_iter().map(|(line, known)| known.unwrap_or_else(|| line.to_owned()));
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn of_line(line: &str) -> Option<String> {
    let (line, code) = match line.strip_suffix(']').and_then(|line| line.rsplit_once(" [")) {
        Some((line, code)) if code.chars().all(|letter| letter.is_ascii_alphanumeric()) => (line, format!(" [{code}]")),
        _ => (line, String::new()),
    };
    // A file's name may hold what stands between a place and what is wrong.
    let placed = line.match_indices(": ").find_map(|(at, mark)| {
        let place = Place::read(&line[..at])?;
        let least = if place.line.is_some() { 0 } else { OUR_OWN };
        Some(format!("{}：{}{code}", place.shown(), sentences(&line[at + mark.len()..], least)?))
    });
    placed.or_else(|| Some(sentences(line, 2 * OUR_OWN)? + &code))
}

/// One sentence that is known, and what follows it, known or not.
fn sentences(text: &str, least: usize) -> Option<String> {
    let split = || {
        text.match_indices(". ").filter_map(|(at, mark)| {
            let (first, rest) = (phrase(PLACED, &text[..at], least)?, &text[at + mark.len()..]);
            Some((first, rest, sentences(rest, 0)))
        })
    };
    // What stands at the end of a phrase would take the next sentence for its own.
    if let Some((first, _, Some(rest))) = split().find(|(.., rest)| rest.is_some()) {
        return Some(format!("{first}。{rest}"));
    }
    let bare = text.strip_suffix('.').unwrap_or(text);
    let whole = phrase(PLACED, text, least).or_else(|| phrase(PLACED, bare, least));
    whole.or_else(|| split().next().map(|(first, rest, _)| format!("{first}。{rest}")))
}

impl<'t> Place<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let text = match text.rsplit_once(" (") {
            Some((before, way)) if way.ends_with(')') && before.contains(", line ") => before,
            _ => text,
        };
        let (text, step) = match text.split_once(", step \"") {
            Some((before, step)) => (before, Some(step.strip_suffix('"')?)),
            None => (text, None),
        };
        if let Some((file, rest)) = text.split_once(", line ") {
            let (line, column) = rest.split_once(", column ")?;
            return Some(Self { file, line: Some(line), column: Some(column), step });
        }
        let mut parts = text.rsplitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(column), Some(line), Some(file)) if is_number(line) && is_number(column) => {
                Some(Self { file, line: Some(line), column: Some(column), step })
            }
            _ if text.contains(", ") => None,
            _ => Some(Self { file: text, line: None, column: None, step }),
        }
    }

    fn shown(&self) -> String {
        let mut shown = self.file.to_owned();
        if let (Some(line), Some(column)) = (self.line, self.column) {
            shown.push_str(&format!(" 第 {line} 行第 {column} 列"));
        }
        if let Some(step) = self.step {
            shown.push_str(&format!("，步骤“{step}”"));
        }
        shown
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::chinese;

    #[test]
    fn a_problem_is_told_with_its_place_and_its_remedy() {
        for (english, expected) in [
            (
                "main.flow.yaml:4:9, step \"a\": there is no action \"exel.readRange\". Did you mean \"excel.readRange\"?",
                "main.flow.yaml 第 4 行第 9 列，步骤“a”：没有动作“exel.readRange”。应为“excel.readRange”？",
            ),
            (
                "../evil.txt: the path leads out of the package by ... Use plain relative names with / between folders",
                "../evil.txt：路径中的 .. 指向流程包之外。请使用普通的相对名称，文件夹之间用 / 分隔",
            ),
            ("C:/evil: the path names a drive", "C:/evil：路径含有盘符"),
            (
                "f.yaml:1:2: \"1 +\" is not an expression: the expression ends too early: something is missing at its end. Correct \
                 the expression",
                "f.yaml 第 1 行第 2 列：“1 +”不是表达式：表达式不完整，结尾缺少内容。请更正表达式",
            ),
            (
                "main.flow.yaml, line 53, column 5, step \"compare\" (main.flow.yaml › compare): d.csv: 证券代码 000001 stands \
                 twice, in rows 2 and 4. Delete or merge one of them. [invalidData]",
                "main.flow.yaml 第 53 行第 5 列，步骤“compare”：d.csv：证券代码 000001 重复，位于第 2 行和第 4 行，请删除或合并其中一行 \
                 [invalidData]",
            ),
            (
                "zip: the file is not a zip. A package is a zip file\nzip: what nobody knows",
                "zip：文件不是 zip。流程包应为 zip 文件\nzip: what nobody knows",
            ),
        ] {
            assert_eq!(chinese(english), expected);
        }
    }

    #[test]
    fn what_others_said_stays_as_it_is() {
        for own in [
            "Traceback: no such file: x",
            "a: b. c",
            "x [y]",
            ": ",
            "main.py:3:1: SyntaxError",
            "KeyError: a is missing",
            "x is missing",
        ] {
            assert_eq!(chinese(own), own);
        }
    }
}
