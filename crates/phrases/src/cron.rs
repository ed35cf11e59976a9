//! What is wrong with a cron expression, in Chinese: `field: what is wrong`.

use super::{ALONE, fill, holes};

const FIELDS: &[(&str, &str)] = &[
    ("seconds", "秒"),
    ("minutes", "分"),
    ("hours", "时"),
    ("day of month", "日"),
    ("month", "月"),
    ("day of week", "星期"),
    ("year", "年"),
];

const PROBLEMS: &[(&str, &str)] = &[
    ("`{}` is outside {} to {}", "“{}”应在 {} 至 {} 之间"),
    ("the step of `{}` must be 1 to {}", "“{}”的步长应为 1 至 {}"),
    ("`{}` has a comma too many", "“{}”中多了逗号"),
    ("`{}` must stand alone, not in a list; make one trigger for each", "“{}”不能写成列表，请分别创建调度"),
    ("`{}` ends before it begins", "“{}”的终点早于起点"),
    (
        "`{}` cannot be read; write 0 to 59, *, a list 0,30, a range 10-20 or a step 0/15",
        "无法识别“{}”，应为 0 至 59、*、列表 0,30、范围 10-20 或步长 0/15",
    ),
    (
        "`{}` cannot be read; write 0 to 23, *, a list 9,15, a range 9-17 or a step 0/2",
        "无法识别“{}”，应为 0 至 23、*、列表 9,15、范围 9-17 或步长 0/2",
    ),
    (
        "`{}` cannot be read; write 1 to 31, *, ?, L, L-3, LW, 15W, a list 1,15, a range 1-5 or a step 1/2",
        "无法识别“{}”，应为 1 至 31、*、?、L、L-3、LW、15W、列表 1,15、范围 1-5 或步长 1/2",
    ),
    (
        "`{}` cannot be read; write 1 to 12 or JAN to DEC, *, a list JAN,JUL, a range MAR-MAY or a step 1/3",
        "无法识别“{}”，应为 1 至 12 或 JAN 至 DEC、*、列表 JAN,JUL、范围 MAR-MAY 或步长 1/3",
    ),
    (
        "`{}` cannot be read; write 1 (SUN) to 7 (SAT) or SUN to SAT, *, ?, FRIL, FRI#3, a list MON,WED or a range MON-FRI",
        "无法识别“{}”，应为 1（SUN）至 7（SAT）或 SUN 至 SAT、*、?、FRIL、FRI#3、列表 MON,WED 或范围 MON-FRI",
    ),
    (
        "`{}` cannot be read; write 0 (SUN) to 6 (SAT) or SUN to SAT, *, a list MON,WED or a range MON-FRI",
        "无法识别“{}”，应为 0（SUN）至 6（SAT）或 SUN 至 SAT、*、列表 MON,WED 或范围 MON-FRI",
    ),
    (
        "`{}` cannot be read; write 1970 to 2199, *, a list, a range 2026-2030 or a step 2026/2",
        "无法识别“{}”，应为 1970 至 2199、*、列表、范围 2026-2030 或步长 2026/2",
    ),
];

/// The Chinese of `reason`, when it is about a field of an expression.
pub(super) fn chinese(reason: &str) -> Option<String> {
    let (field, problem) = reason.split_once(": ")?;
    let (_, field) = FIELDS.iter().find(|(english, _)| *english == field)?;
    PROBLEMS
        .iter()
        .find_map(|(english, chinese)| Some(format!("{field}：{}", fill(ALONE, chinese, &holes(english, problem)?))))
}
