//! The table of actions: the one place that says which there are, what each does to the world, and its sentence in English
//! and Chinese. Parameters and results come from the types of the functions.

use baigong_flow::{
    ActionEffect::{Irreversible, None, Reads, Writes},
    ActionTable,
};

use crate::{
    archive, asset, command, credential, csv, date, delay, excel, file, http, json, log, queue, regex, tables, text,
};

/// All actions a flow can use.
#[must_use]
pub fn table() -> ActionTable {
    let groups = [general, files, sheets, tabular, texts, values, outside, platform];
    groups.into_iter().fold(ActionTable::new(), |table, group| group(table))
}

fn general(table: ActionTable) -> ActionTable {
    table.action("log", None, "Log {message}", "记录日志：{message}", log::run).action(
        "delay",
        None,
        "Wait {seconds} seconds",
        "等待 {seconds} 秒",
        delay::run,
    )
}

fn files(table: ActionTable) -> ActionTable {
    table
        .action("file.read", Reads, "Read the text of {file}", "读取 {file} 的文本", file::read::run)
        .action("file.write", Writes, "Write a text into {file}", "把文本写入 {file}", file::write::run)
        .action("file.copy", Writes, "Copy {from} to {to}", "把 {from} 复制到 {to}", file::copy::run)
        .action("file.move", Writes, "Move {from} to {to}", "把 {from} 移动到 {to}", file::relocate::run)
        .action("file.list", Reads, "List the files in {folder}", "列出 {folder} 中的文件", file::list::run)
        .action("file.delete", Writes, "Delete {file}", "删除 {file}", file::delete::run)
        .action("zip.create", Writes, "Pack {files} into {file}", "把 {files} 打包为 {file}", archive::create::run)
        .action("zip.extract", Writes, "Unpack {file} into {into}", "把 {file} 解压到 {into}", archive::extract::run)
}

fn sheets(table: ActionTable) -> ActionTable {
    table
        .action("csv.read", Reads, "Read the table in {file}", "读取 CSV 文件 {file}", csv::read::run)
        .action("csv.write", Writes, "Write {table} into {file}", "把 {table} 写入 CSV 文件 {file}", csv::write::run)
        .action("excel.sheets", Reads, "List the sheets of {file}", "列出 {file} 的工作表", excel::sheets::run)
        .action(
            "excel.readRange",
            Reads,
            "Read {range} of sheet {sheet} in {file}",
            "读取 {file} 工作表 {sheet} 的区域 {range}",
            excel::read_range::run,
        )
        .action(
            "excel.writeRange",
            Writes,
            "Write {table} into the workbook {file}",
            "把 {table} 写入工作簿 {file}",
            excel::write_range::run,
        )
}

fn tabular(table: ActionTable) -> ActionTable {
    table
        .action(
            "table.filter",
            None,
            "Keep the rows of {table} that meet {conditions}",
            "保留 {table} 中满足 {conditions} 的行",
            tables::filter::run,
        )
        .action(
            "table.join",
            None,
            "Join {left} and {right} by {key}",
            "按 {key} 连接 {left} 与 {right}",
            tables::join::run,
        )
        .action("table.group", None, "Group {table} by {by}", "按 {by} 汇总 {table}", tables::group::run)
        .action("table.sort", None, "Sort {table} by {by}", "按 {by} 排序 {table}", tables::sort::run)
        .action(
            "table.diff",
            None,
            "Compare {left} with {right} by {key}",
            "按 {key} 核对 {left} 与 {right} 的差异",
            tables::diff::run,
        )
}

fn texts(table: ActionTable) -> ActionTable {
    table
        .action("text.trim", None, "Cut the blanks around {text}", "去除 {text} 两端的空白", text::trim::run)
        .action(
            "text.replace",
            None,
            "Replace {find} in {text} with {with}",
            "把 {text} 中的 {find} 替换为 {with}",
            text::replace::run,
        )
        .action("text.split", None, "Split {text} at {separator}", "按 {separator} 拆分 {text}", text::split::run)
        .action(
            "text.join",
            None,
            "Put {parts} together with {separator}",
            "用 {separator} 连接 {parts}",
            text::join::run,
        )
        .action(
            "text.pad",
            None,
            "Fill {text} up to {length} characters",
            "把 {text} 补足到 {length} 位",
            text::pad::run,
        )
        .action("text.upper", None, "Write {text} in capitals", "把 {text} 转为大写", text::case::upper)
        .action("text.lower", None, "Write {text} in small letters", "把 {text} 转为小写", text::case::lower)
        .action("text.contains", None, "Look for {part} in {text}", "判断 {text} 是否包含 {part}", text::contains::run)
        .action("text.number", None, "Read {text} as an exact number", "把 {text} 读作精确的数", text::number::run)
        .action(
            "regex.match",
            None,
            "Look for {pattern} in {text}",
            "判断 {text} 是否匹配 {pattern}",
            regex::matches::run,
        )
        .action(
            "regex.replace",
            None,
            "Replace {pattern} in {text} with {with}",
            "把 {text} 中匹配 {pattern} 的部分替换为 {with}",
            regex::replace::run,
        )
        .action(
            "regex.extract",
            None,
            "Extract {pattern} from {text}",
            "从 {text} 中提取 {pattern}",
            regex::extract::run,
        )
}

fn values(table: ActionTable) -> ActionTable {
    table
        .action("json.parse", None, "Read {text} as JSON", "把 {text} 解析为 JSON", json::parse::run)
        .action("json.format", None, "Write {value} as JSON", "把 {value} 写成 JSON", json::format::run)
        .action("json.get", None, "Take {path} of {value}", "取 {value} 中的 {path}", json::get::run)
        .action("date.now", Reads, "What time it is", "当前时间", date::now::run)
        .action("date.parse", None, "Read {text} as a date", "把 {text} 读作日期", date::parse::run)
        .action("date.format", None, "Write {date} as {format}", "把 {date} 写成 {format}", date::format::run)
        .action("date.add", None, "Add {days} days to {date}", "{date} 加 {days} 天", date::add::run)
}

fn outside(table: ActionTable) -> ActionTable {
    table
        .action("http.get", Reads, "Fetch {url}", "获取 {url}", http::get::run)
        .action("http.request", Irreversible, "Send {method} to {url}", "向 {url} 发送 {method} 请求", http::run)
        .action("command.run", Irreversible, "Run {command}", "运行命令 {command}", command::run)
}

fn platform(table: ActionTable) -> ActionTable {
    table
        .action(
            "queue.push",
            Writes,
            "Put items into the queue {queue}",
            "向数据队列 {queue} 放入数据",
            queue::push::run,
        )
        .action(
            "queue.pop",
            Writes,
            "Take an item from the queue {queue}",
            "从数据队列 {queue} 取一条数据",
            queue::pop::run,
        )
        .action(
            "queue.finish",
            Writes,
            "Finish {item} as {outcome}",
            "以 {outcome} 结束数据 {item}",
            queue::finish::run,
        )
        .action("asset.get", Reads, "Get the asset {name}", "读取资产 {name}", asset::get)
        .action("credential.get", Reads, "Get the credential {name}", "读取凭据 {name}", credential::get)
}

#[cfg(test)]
mod tests;
