//! What flows say when a step of them fails: of files, tables and parameters.

pub(crate) const PHRASES: &[(&str, &str)] = &[
    // Tables.
    (
        "{}: {} {} stands twice, in rows {} and {}. Delete or merge one of them.",
        "{}：{} {} 重复，位于第 {} 行和第 {} 行，请删除或合并其中一行",
    ),
    ("{}, row {}: {} is blank. Fill it in or delete the row.", "{} 第 {} 行：{} 为空，请填写或删除此行"),
    (
        "{}, row {}, column {}: “{}” is not a number. Write it like 1234.50 or 1,234.50.",
        "{} 第 {} 行“{}”列：“{}”不是数值，应如 1234.50 或 1,234.50",
    ),
    (
        "{}, row {}, column {}: “{}” has more than 28 digits. Shorten it, or keep it as text.",
        "{} 第 {} 行“{}”列：“{}”超过 28 位数字，请缩短或作为文本处理",
    ),
    (
        "{}, row {}, column {}: there is no number. Write 0 if it is meant.",
        "{} 第 {} 行“{}”列：没有数值，如为 0 请填写 0",
    ),
    (
        "{} has no column “{}”. Its columns are: {}. Correct the heading in the file or the column in the flow.",
        "{} 没有“{}”列，现有的列：{}。请更正文件中的标题或流程中的列名",
    ),
    (
        "{}, row {}, column {}: “{}” stands under no heading. Add the heading, or put quotes around a value that contains the \
         delimiter (\"1,234.50\").",
        "{} 第 {} 行第 {} 列：“{}”没有对应的标题，请补上标题；含有分隔符的值请加引号（\"1,234.50\"）",
    ),
    (
        "{}, row {}: the heading “{}” stands twice, in columns {} and {}. Rename one.",
        "{} 第 {} 行：标题“{}”重复，位于 {} 列和 {} 列，请改名",
    ),
    (
        "{}, row {}: no headings. Delete the rows above the headings, or set skipBlankRows: true.",
        "{} 第 {} 行没有标题，请删除标题之上的行，或设置 skipBlankRows: true",
    ),
    ("{} is empty: there is not even a row of headings. Check the file.", "{} 为空，没有标题行，请检查文件"),
    ("{} has no sheet “{}”. Its sheets are: {}.", "{} 没有工作表“{}”，现有的工作表：{}"),
    ("“{}” is not a range. Write it like A1:C100, A:C or B2.", "“{}”不是单元格区域，应如 A1:C100、A:C 或 B2"),
    (
        "{} is a spreadsheet, not text. Read it with excel.readRange, or save it as CSV.",
        "{} 是表格文件，请用 excel.readRange 读取，或另存为 CSV",
    ),
    (
        "{}, row {}: the character “{}” cannot be written in {}. Use gb18030 or utf-8.",
        "{} 第 {} 行：字符“{}”不能用 {} 编码，请用 gb18030 或 utf-8",
    ),
    ("{} must end in .xlsx", "{} 应以 .xlsx 结尾"),
    (
        "“{}” cannot be the name of a sheet. It has 1 to 31 characters, none of [ ] : * ? / \\ and no ' at either end.",
        "“{}”不能作为工作表名称：应有 1 至 31 个字符，不得含有 [ ] : * ? / \\，首尾不得为单引号",
    ),
    ("the tolerance of {} must not be negative", "“{}”的容差不得为负"),
    // Files.
    (
        "there is no file {}: it is neither among this run's artifacts nor in the package. For a file elsewhere give the whole \
         path, such as {}.",
        "没有文件 {}：运行产物和流程包中都没有。其他位置的文件请给出完整路径，如 {}",
    ),
    (
        "cannot read {}: No such file or directory (os error 2). Check the name and the folder.",
        "无法读取 {}：文件不存在，请检查名称和文件夹",
    ),
    (
        "cannot find {}: No such file or directory (os error 2). Check the name and the folder.",
        "找不到 {}，请检查名称和文件夹",
    ),
    (
        "cannot read {}: Is a directory (os error 21). This is a folder; name a file in it.",
        "无法读取 {}：这是文件夹，请给出其中的文件",
    ),
    (
        "cannot write {}: File exists (os error 17). Choose another name, or set overwrite: true.",
        "无法写入 {}：文件已存在，请换名或设置 overwrite: true",
    ),
    (
        "the path {} leads out of its folder. Write it without “..”, or give the whole path from the root.",
        "路径 {} 超出所在文件夹，请去掉 ..，或给出从根目录开始的完整路径",
    ),
    // Parameters, expressions, programs.
    ("the flow has no in-parameter \"{}\" (the in-parameters are: {})", "流程没有入参“{}”（现有入参：{}）"),
    (
        "the in-parameter \"{}\" must be a number such as 1234.50, but is \"{}\"",
        "入参“{}”应为数值，如 1234.50，给出的是“{}”",
    ),
    (
        "the in-parameter \"{}\" must be a whole number such as 12, but is \"{}\"",
        "入参“{}”应为整数，如 12，给出的是“{}”",
    ),
    ("the in-parameter \"{}\" must be true or false, but is \"{}\"", "入参“{}”应为 true 或 false，给出的是“{}”"),
    (
        "the in-parameter \"{}\" must be a day such as 2026-11-21, but is \"{}\"",
        "入参“{}”应为日期，如 2026-11-21，给出的是“{}”",
    ),
    ("the in-parameter \"{}\" must be given", "缺少入参“{}”"),
    ("\"{}\" cannot be computed: {}", "“{}”无法计算：{}"),
    ("the program ended with exit code {}. Its last words: {}", "程序以退出码 {} 结束，最后输出：{}"),
    (
        "the program did not end within {} seconds and was stopped. Raise timeoutSeconds if it needs longer.",
        "程序未在 {} 秒内结束，已停止；需要更长时间请增大 timeoutSeconds",
    ),
    (
        "the service answered with status {}. Set acceptErrors: true to look at such an answer in the flow.",
        "服务返回状态 {}；如需在流程中处理此类应答，请设置 acceptErrors: true",
    ),
    (
        "the service could not be reached: {}. Check the address, the network and the proxy.",
        "无法连接服务：{}。请检查地址、网络和代理",
    ),
    (
        "no whole answer came within {} seconds. Try later or raise timeoutSeconds.",
        "{} 秒内未收到完整应答，请稍后再试或增大 timeoutSeconds",
    ),
];
