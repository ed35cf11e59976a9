//! The operations give their reasons in English, this dialect's clients read Chinese. What stands here is translated,
//! anything else is passed on as it is: better in English than not at all.

mod cron;

/// English and Chinese; `{}` stands for whatever stands there, in the same order, `{:}` for the Chinese of it. Of
/// several that fit the one that says most is taken.
const PHRASES: &[(&str, &str)] = &[
    ("must be between {} and {}", "应在 {} 与 {} 之间"),
    ("must be 1 or more", "应不小于 1"),
    ("must be one line of 1 to {} letters", "应为单行文字，1 至 {} 个字符"),
    ("must have 1 to {} letters", "应有 1 至 {} 个字符"),
    ("must have at most {} letters and no NUL", "最多 {} 个字符，且不得含有 U+0000"),
    ("must be a number of minutes, 0 for no limit", "应为分钟数，0 表示不限"),
    ("must be 0 (high), 1 (middle) or 2 (low)", "应为 0（高）、1（中）或 2（低）"),
    ("must be 0 (mail), 1 (SMS) or 2 (IM)", "应为 0（邮件）、1（短信）或 2（IM）"),
    ("must be 0 (idle), 1 (running) or 2 (offline)", "应为 0（空闲）、1（运行）或 2（离线）"),
    ("must be mail, webhook, wecom, dingtalk or feishu", "应为 mail、webhook、wecom、dingtalk 或 feishu"),
    ("must be \"mail\" for mail and something else for SMS and IM", "邮件应为 mail，短信和 IM 应为其他格式"),
    ("must be tls, starttls or none", "应为 tls、starttls 或 none"),
    ("must be tls or starttls where somebody signs in", "需要登录时应为 tls 或 starttls"),
    ("must be the name or the address of a mail server", "应为邮件服务器的名称或地址"),
    ("must name at most {} addresses", "最多 {} 个地址"),
    ("must be an address that begins with https:// or http://", "应为以 https:// 或 http:// 开头的地址"),
    ("must be one of the documented words", "应为接口文档所列的值"),
    ("must be major.minor.patch, with a label behind a - if need be", "应为 major.minor.patch，可加 - 与标签"),
    (
        "is no program of a 64-bit Linux system: upload the file baigong itself",
        "不是 64 位 Linux 系统的程序，应上传 baigong 程序本身",
    ),
    ("is not the file's: {}", "与文件不符，文件的值为 {}"),
    ("the robot is being asked for this already: {}", "该机器人已有同样的操作尚未结束：{}"),
    ("the operation is {}: it cannot be taken back", "该操作状态为 {}，不能撤销"),
    ("the rolling upgrade is {} already", "该滚动升级已是 {} 状态"),
    (
        "robots are being upgraded to this version: wait, or stop the upgrade",
        "有机器人正在升级到该版本，应等待结束或停止升级",
    ),
    ("must name 1 to {} robots", "应给出 1 至 {} 个机器人"),
    ("the reference \"{}\" belongs to item {}", "唯一标识“{}”已属于数据 {}"),
    ("must be before the deadline", "应早于截止时间"),
    ("must not contain U+0000", "不得含有 U+0000"),
    ("is {} bytes; at most {} are allowed", "为 {} 字节，最多 {} 字节"),
    ("between {} and {} can be pushed at once", "一次可放入 {} 至 {} 条"),
    ("between {} and {} can be ended at once", "一次可完成 {} 至 {} 条"),
    ("must name 1 to {} items", "应给出 1 至 {} 条数据"),
    ("item {} is {}: it cannot be changed", "数据 {} 的状态为 {}，不能修改"),
    ("item {} is {}: nothing was done", "数据 {} 的状态为 {}，未作任何改动"),
    ("queue item {} is not held: it is {}", "数据 {} 未被占用，状态为 {}"),
    ("{} items of it are being worked on", "其中 {} 条数据正在处理"),
    ("the data queue is full: it takes {} more", "数据队列已满，还可接收 {} 条"),
    ("data queue {} sends its items here", "数据队列 {} 的数据会转入此队列"),
    ("must be another queue", "应为另一个数据队列"),
    (
        "the items would come back to this queue: forwarding must not go in a circle",
        "数据会回到此队列：转入关系不得成环",
    ),
    ("cannot be read at letter {}: {}", "第 {} 个字符处无法识别：{}"),
    ("must be one of {}", "应为其中之一：{}"),
    ("must be success, businessFailure or applicationFailure", "应为 success、businessFailure 或 applicationFailure"),
    ("must be csv or xlsx", "应为 csv 或 xlsx"),
    (
        "must be 0 (every robot), 1 (any robot) or 2 (the robots named)",
        "应为 0（全部机器人）、1（自动分配）或 2（指定机器人）",
    ),
    ("must be 0 (time) or 1 (data queue)", "应为 0（定时调度）或 1（数据队列调度）"),
    ("must name robots where assignType is 2", "assignType 为 2 时应指定机器人"),
    ("must name a data queue where triggerType is 1", "triggerType 为 1 时应指定数据队列"),
    ("must name a calendar where isDefineCalendar is true", "isDefineCalendar 为 true 时应指定日历"),
    ("must be given where no trigger is named", "未指定调度时必须给出"),
    ("fires when items wait, not at times", "为数据队列调度，有待处理数据项时触发，没有触发时间可预览"),
    ("must not be before startTime", "不得早于 startTime"),
    ("has no instant in the time to come: it would never fire", "今后没有触发时间，永远不会触发"),
    ("\"{}\" is not the IANA name of a zone, such as Asia/Shanghai", "“{}”不是 IANA 时区名称，正确的如 Asia/Shanghai"),
    ("must not contain /", "不得含有 /"),
    ("must look like name@example.com", "应为邮箱地址，如 name@example.com"),
    ("must be a phone number", "应为手机号码"),
    ("\"{}\" is given twice", "“{}”重复"),
    ("\"{}\" is required by the package and not given", "缺少流程包必需的“{}”"),
    ("\"{}\" is not a parameter of the package; it has {}", "流程包没有参数“{}”，它的参数为 {}"),
    ("\"{}\" is not a task of the package; it has {}", "流程包没有任务“{}”，它的任务为 {}"),
    (
        "must come encrypted: see account/public-key, or allow plain passwords in the configuration",
        "应加密传送：公钥见 account/public-key；或在配置中允许明文密码",
    ),
    (
        "cannot be read: encrypt it for \"{}\" with the key of account/public-key",
        "无法解密：请用 account/public-key 的公钥加密，用途为 {}",
    ),
    ("zip: the file is not a zip. {}", "不是 zip 文件"),
    ("the process has no activated package version: activate one first", "流程还没有激活的流程包版本，请先激活"),
    ("the task is paused already", "任务已处于暂停状态"),
    ("the task is not paused", "任务未处于暂停状态"),
    ("a robot that is {} cannot do this", "机器人当前服务状态为 {}，不能执行此操作"),
    ("the robot of the task is paused: resume the robot", "任务的机器人已暂停，请先继续机器人"),
    ("the robot of the task is in the maintenance window \"{}\"", "任务的机器人处于维护窗口“{}”中"),
    ("must be 0 (leave), 1 (pause) or 2 (cancel)", "应为 0（继续）、1（暂停）或 2（取消）"),
    ("must be 0 (robot), 1 (robot group) or 2 (department)", "应为 0（机器人）、1（机器人组）或 2（部门）"),
    ("must not be given together with {}", "不得与 {} 同时给出"),
    ("must be given with {}", "应与 {} 一同给出"),
    ("must be given, or {}", "应给出本参数或 {}"),
    ("must be later than the beginning", "应晚于开始时间"),
    ("must be an IANA time zone", "应为 IANA 时区名"),
    ("a task that is {} cannot do this", "任务当前状态为 {}，不能执行此操作"),
    ("must be 0 (text), 1 (boolean), 2 (number) or 3 (secret)", "应为 0（文本）、1（布尔）、2（数值）或 3（密值）"),
    ("must have at most {} bytes and no NUL", "最多 {} 字节，且不得含有 U+0000"),
    ("must not be empty", "不能为空"),
    ("must be true or false", "应为 true 或 false"),
    ("must be a number such as 12 or -0.5", "应为数值，如 12 或 -0.5"),
    ("must be a point of SM2, 04‖x‖y, in hexadecimal", "应为十六进制的 SM2 公钥（04‖x‖y）"),
    ("must have at most {} folders and {} letters", "最多 {} 级文件夹，{} 个字符"),
    (
        "names must have 1 to {} letters, none of them unseen or / or \\, no blank at either end and no . at the end",
        "名称应有 1 至 {} 个字符，不得含有不可见字符、/ 或 \\，首尾不得为空白，不得以 . 结尾",
    ),
    ("a folder cannot be put into itself", "文件夹不能移动到自身之内"),
    (
        "the folder is not empty: empty it, or delete it with all that is in it",
        "文件夹不为空：请先清空，或连同内容删除（recursive）",
    ),
    ("the folder holds what others have made", "文件夹中有他人创建的内容"),
    ("the root folder of a department stays where it is", "部门的根文件夹不能更改"),
    ("the file's password was changed meanwhile", "文件的访问密码已被更改，请重试"),
    ("too many wrong passwords for this file: try again later", "文件密码错误次数过多，请稍后再试"),
    ("a data scope that holds what is given", "不小于所授予范围的数据范围"),
    ("this is the last administrator: make another one first", "这是最后一个管理员，请先指定另一个管理员"),
    ("users have this role: give them another one first", "仍有用户属于此角色，请先为他们分配其他角色"),
    ("a built-in role stays as it is: make one of your own", "内置角色不可修改，请新建角色"),
    (
        "must be all, custom, department, department-and-below or self",
        "应为 all、custom、department、department-and-below 或 self",
    ),
    ("must name the departments of the data scope custom", "数据范围为 custom 时应给出部门"),
    ("\"{}\" is not a permission", "“{}”不是权限"),
    (
        "a cron expression has 6 or 7 fields (seconds minutes hours day-of-month month day-of-week [year]) or the 5 of Unix \
         cron (minutes hours day-of-month month day-of-week); this one has {}",
        "Cron 表达式应有 6 或 7 个字段（秒 分 时 日 月 星期 [年]），或 Unix cron 的 5 个字段（分 时 日 月 星期），现有 {} 个",
    ),
    ("a cron expression has at most {} characters", "Cron 表达式最多 {} 个字符"),
    (
        "day of month and day of week are both given; write ? in the one that does not matter",
        "日与星期不能同时指定，请将其中一个写成 ?",
    ),
    (
        "day of month and day of week are both ?; write * in day of month for every day",
        "日与星期不能同时为 ?，每天请将日写成 *",
    ),
    ("weekend", "周末"),
    ("non-working day", "非工作日"),
    ("must have at most {} days", "最多 {} 天"),
    ("give either calendarId or, for a new calendar, calendarName", "请给出 calendarId；新建日历时只给出 calendarName"),
    ("must be replace or add", "应为 replace（替换）或 add（追加）"),
    ("has no rows: write one day a row, such as 2026-10-01", "没有内容：每行一个日期，如 2026-10-01"),
    ("row {}: \"{}\" is not a date that looks like 2026-10-01", "第 {} 行：“{}”不是日期，应如 2026-10-01"),
    ("row {}: the name must be one line of at most {} letters", "第 {} 行：名称应为单行文字，最多 {} 个字符"),
    (
        "a calendar that comes with the platform cannot be changed or deleted: make one of your own",
        "内置日历不能修改或删除，请另建日历",
    ),
    ("the calendar is used by {} triggers: {}", "日历正被 {} 个调度使用：{}"),
    ("the calendar {} comes with a newer version of the platform", "日历 {} 属于更新版本的平台"),
    ("too many sign-ins at once: try again in a moment", "同时登录过多，请稍后再试"),
    ("too many calls with this token: try again in a moment", "该令牌调用过于频繁，请稍后再试"),
    ("too many calls from this address: try again in a moment", "该地址调用过于频繁，请稍后再试"),
    ("an address that may call", "允许的来源地址"),
    ("an address that the application may come from", "该应用允许的来源地址"),
    ("a person's own token", "用户本人的令牌"),
    ("its owner is deleted: give it a new secret first", "应用的所有者已删除，请先轮换密钥"),
    ("must name at most {} networks", "最多 {} 个网络"),
    ("\"{}\" is neither an address nor a network like 10.0.0.0/8", "“{}”不是地址，也不是如 10.0.0.0/8 的网络"),
    ("must name a department, or be left out for those of the owner", "应给出部门；不填则与所有者相同"),
    ("there is no e-mail that others could know you by: enter one first", "您没有邮箱，请先填写邮箱"),
    ("the department still has the application \"{}\"", "部门中还有应用“{}”"),
    ("the department still has the bridge \"{}\"", "部门中还有桥接“{}”"),
    ("the department still has the user \"{}\"", "部门中还有用户“{}”"),
    ("the department still has the robot \"{}\"", "部门中还有机器人“{}”"),
    ("the department still has the robot group \"{}\"", "部门中还有机器人组“{}”"),
    ("the department still has the process \"{}\"", "部门中还有流程“{}”"),
    ("the department still has the package \"{}\"", "部门中还有流程包“{}”"),
    ("the department still has the data queue \"{}\"", "部门中还有数据队列“{}”"),
    ("the department still has the asset \"{}\"", "部门中还有资产“{}”"),
    ("the department still has the credential \"{}\"", "部门中还有凭据“{}”"),
    ("the department still has the folder \"{}\"", "部门中还有文件夹“{}”"),
    ("the department still has the file \"{}\"", "部门中还有文件“{}”"),
    ("the department still has the trigger \"{}\"", "部门中还有调度“{}”"),
    ("the department still has the maintenance window \"{}\"", "部门中还有维护窗口“{}”"),
    ("the department still has the warn channel \"{}\"", "部门中还有告警渠道“{}”"),
    ("the department is not empty", "部门中还有其他资源"),
    ("the machine still has a robot of another department", "服务器上还有其他部门的机器人"),
    ("the root department cannot be moved", "根部门不能移动"),
    ("the root department cannot be deleted", "根部门不能删除"),
    ("a department cannot be moved below itself", "部门不能移到自己或下属部门之下"),
    ("the machine still has the robot \"{}\"", "服务器上还有机器人“{}”"),
    ("the robot holds task {}: cancel it or wait for its end", "机器人持有任务 {}，请取消或等待其结束"),
    ("the robot group of the process was deleted: give the process another", "流程的机器人组已删除，请更换机器人组"),
    ("no license for {} seats is valid now: import one", "没有有效的 {} 许可，请导入许可"),
    ("all {} {} seats are taken: reclaim one or import a license", "{} 个 {} 席位已用完，请回收席位或导入许可"),
    ("no license_public_key is configured: no license can be believed", "未配置 license_public_key，不能导入许可"),
    ("the signature is not by the license_public_key of this platform", "签名与本平台的 license_public_key 不符"),
    ("must be unattended, attended or designer", "应为 unattended、attended 或 designer"),
    ("must be given, or designer instead", "应给出 robotId 或 designer 之一"),
    ("\"{}\" is not a type of resource information", "“{}”不是资源信息类型"),
    ("too many writes are waiting: try again in a moment", "等待写入的请求过多，请稍后再试"),
    ("the disk is full: free some space and try again", "磁盘已满，请清理后再试"),
    ("the robot was stopped through its own interface: start it there", "机器人已通过其自身接口停止，请先启动"),
    (
        "the platform is not connected: only it holds its tasks and lets them go on",
        "未连接管理平台，平台的任务只能由平台暂停或继续",
    ),
    ("the platform has not answered yet: look again later", "管理平台尚未响应，请稍后查询"),
    ("the task is not on this robot any more: ask the platform", "任务已不在本机器人上，请在管理平台查询"),
    ("the task is stopping", "任务正在停止"),
    ("the task moved on meanwhile: try again", "任务状态刚刚变化，请重试"),
    ("task {} of this process has not ended: cancel it or wait for its end", "任务 {} 尚未结束，请取消或等待其结束"),
    ("\"{}\" is no folder", "“{}”不是文件夹"),
    ("\"{}\" is no file", "“{}”不是文件"),
    ("the file cannot be kept: {}", "文件保存失败：{}"),
    ("the package cannot be kept: {}", "流程包保存失败：{}"),
    ("cannot be read: encrypt it for \"{}\" with the key of public-key", "无法解密，请用 public-key 的公钥为“{}”加密"),
    (
        "must come encrypted: see public-key, or let the robot listen on the loopback address only",
        "必须加密传输，公钥见 public-key，或让机器人只监听本机地址",
    ),
    ("the disk of the database is full: free some space and try again", "数据库磁盘已满，请清理后再试"),
    ("the database does not answer at the moment: try again", "数据库暂时没有响应，请稍后再试"),
    ("the database does not take writes at the moment: try again", "数据库暂时不能写入，请稍后再试"),
    ("must have {} to {} letters", "应有 {} 至 {} 个字符"),
    ("must not be the name that the user signs in with", "不得与用户名相同"),
    ("must be in the time to come", "应晚于当前时间"),
    ("must have at most {} bytes", "最多 {} 字节"),
    ("must have 1 to {} bytes and no NUL", "应有 1 至 {} 字节，且不得含有 U+0000"),
    ("must be an object", "应为 JSON 对象"),
    ("the body must be a JSON object", "应为 JSON 对象"),
    ("the body did not arrive within {} s", "未能在 {} 秒内收到完整的请求体"),
    ("the body broke off: {}", "请求体中断：{}"),
    ("{} at line {} column {}", "{:}（第 {} 行第 {} 列）"),
    ("EOF while parsing a value", "内容不完整"),
    ("EOF while parsing an object", "对象不完整"),
    ("EOF while parsing a list", "列表不完整"),
    ("EOF while parsing a string", "字符串不完整"),
    ("expected value", "此处应为一个值"),
    ("expected ident", "此处应为 true、false 或 null"),
    ("expected `:`", "此处应为冒号"),
    ("expected `,` or `}`", "此处应为逗号或右花括号"),
    ("expected `,` or `]`", "此处应为逗号或右方括号"),
    ("key must be a string", "键应为字符串"),
    ("trailing characters", "结尾之后还有多余内容"),
    ("trailing comma", "多余的逗号"),
    ("invalid number", "数字无效"),
    ("number out of range", "数字超出范围"),
    ("invalid escape", "转义无效"),
    ("lone leading surrogate in hex escape", "转义中的代理项不成对"),
    ("unexpected end of hex escape", "转义不完整"),
    ("invalid unicode code point", "不是有效的 Unicode 字符"),
    ("control character (\\u0000-\\u001F) found while parsing a string", "字符串中有未转义的控制字符"),
    ("recursion limit exceeded", "嵌套层次过深"),
    ("a file is required", "应上传文件"),
    ("must be UTF-8", "应为 UTF-8"),
    ("is beyond every log", "超出日志范围"),
    ("and payload are not given together", "不得与 payload 同时给出"),
    ("is needed, unless items are given", "未给出 items 时必须给出"),
    (
        "the process \"{}\" has this package version activated: activate another",
        "流程“{}”正在使用此流程包版本，请先激活其他版本",
    ),
    (
        "task {} runs this package version: cancel it or wait for its end",
        "任务 {} 正在使用此流程包版本，请取消或等待其结束",
    ),
    ("it waited longer than its maximum waiting time", "超过最长等待时间"),
    ("it ran longer than its maximum run time", "超过最长运行时长"),
    ("its robot has not been heard of", "机器人失联"),
    ("its process was deleted", "流程已删除"),
    ("its robot group was deleted", "机器人组已删除"),
    ("its robot was deleted", "机器人已删除"),
    ("cancelled by {}", "由 {} 取消"),
    ("the robot was stopped by {}", "机器人由 {} 停止"),
    ("try {} of {} failed: {}", "第 {} 次运行（共 {} 次）失败：{:}"),
    ("it did not say why", "未说明原因"),
    ("robot {} turned it down: {}", "机器人 {} 拒绝接收：{:}"),
    ("the task has moved on: it is {}", "任务状态已变为 {}"),
    ("the task changes too fast: try again", "任务状态变化过快，请重试"),
    ("the trigger changes too fast: try again", "调度变化过快，请重试"),
    ("the task could not be stored: try again", "任务未能保存，请重试"),
    ("the write could not be done: try again", "未能写入，请重试"),
    ("the process of the trigger was deleted: give the trigger another process", "调度的流程已删除，请为调度更换流程"),
    ("a built-in role cannot be deleted", "内置角色不可删除"),
    ("the calendar does not know {}", "日历不包含 {} 年"),
    ("the calendar knows no day after {}", "日历只包含到 {} 的日期"),
    ("must not have more than {} brackets within each other", "括号最多嵌套 {} 层"),
    ("cannot be read: put words with special letters into quotation marks", "无法识别：含特殊字符的词请加引号"),
    ("must have at most {} conditions", "最多 {} 个条件"),
    ("a range and a set need a field in front: amount:[100 TO 500]", "范围和集合之前应有字段，如 amount:[100 TO 500]"),
    ("regular expressions are not supported: use * and ?", "不支持正则表达式，请使用 * 和 ?"),
    ("nearness (~) is not supported", "不支持邻近查询（~）"),
    (
        "{}: the time must look like 2026-11-21T08:30:00 or 2026-11-21",
        "{} 的时间应如 2026-11-21T08:30:00 或 2026-11-21",
    ),
    ("{} is a number, \"{}\" is not", "{} 为数值，“{}”不是数值"),
    ("state must be one of {}", "state 应为其中之一：{}"),
    ("a time is out of range", "时间超出范围"),
    ("\"{}\" is no field", "没有字段“{}”"),
    (
        "the data of these items has more than {} different fields: narrow the filter",
        "这些数据的字段超过 {} 个，请缩小筛选范围",
    ),
    ("has no rows below its headings", "标题行之下没有内容"),
    ("is empty: there are no headings", "内容为空，没有标题行"),
    ("has {} rows; at most {} are read at once", "有 {} 行，一次最多读取 {} 行"),
    ("row {}: the heading \"{}\" stands twice", "第 {} 行：标题“{}”重复"),
    ("there is no heading above column {}", "第 {} 列没有标题"),
    ("row {}: the reference \"{}\" stands in row {} already", "第 {} 行：唯一标识“{}”已在第 {} 行出现"),
    ("row {}: {}: {}", "第 {} 行：{} {:}"),
    ("the time must look like 2026-11-21 08:30:00", "时间应如 2026-11-21 08:30:00"),
    ("row {}: {}", "第 {} 行：{:}"),
    (
        "{} is not a spreadsheet that can be read (xlsx, xlsm, xlsb, xls, ods). If it has a password, save it without; if it \
         is text, read it as CSV.",
        "{} 不是可读取的表格文件（xlsx、xlsm、xlsb、xls、ods）；有密码的请去掉密码，文本请用 CSV",
    ),
    ("{} is larger than 512 MiB inside. Split it into smaller files.", "{} 解压后超过 512 MiB，请拆分"),
    ("{} cannot be read: {}. Open it in Excel and save it anew.", "{} 无法读取（{}），请用 Excel 打开后另存"),
    ("{} has more than {} cells. Give a range.", "{} 超过 {} 个单元格"),
    (
        "{} reaches from {} to {}, with hardly anything in between. Delete the stray cells or give a range.",
        "{} 从 {} 到 {} 之间几乎没有内容，请删除零散的单元格",
    ),
    (
        "{}, row {}: the file {} {} text, but this row is not. Say with which encoding the file was saved (gbk, gb18030, \
         utf-8, …).",
        "{} 第 {} 行：与文件的编码不符（{} {}），请指定保存时的编码（gbk、gb18030、utf-8 等）",
    ),
    (
        "{}, row {}: a cell begins with a quotation mark that is never closed. Close or remove it.",
        "{} 第 {} 行：单元格的引号没有结束，请补上或删除",
    ),
    (
        "there is no encoding “{}”. Use utf-8, gbk, gb18030, big5 or utf-16le.",
        "没有编码“{}”，请使用 utf-8、gbk、gb18030、big5 或 utf-16le",
    ),
    ("{} is too large", "{} 过大"),
    ("the version {} is not known: this platform reads {}", "不支持版本 {}，本平台支持 {}"),
    ("{} must be one line of 1 to 200 letters", "{} 应为单行文字，1 至 200 个字符"),
    ("seats must have 1 to {} entries", "seats 应有 1 至 {} 项"),
    ("quantity must be between 1 and {}", "quantity 应在 1 与 {} 之间"),
    ("validUntil must be after validFrom", "validUntil 应晚于 validFrom"),
    ("{} must look like 2026-11-21T00:00:00Z", "{} 应如 2026-11-21T00:00:00Z"),
    ("is no license: {}", "不是许可文件：{:}"),
    ("several departments have this code: give the whole cascade", "有多个部门使用此编码，请给出完整的级联编码"),
    ("must have 1 to {} letters, none of them blank or -", "应有 1 至 {} 个字符，不得含有空白或 -"),
    ("a name is empty or holds a NUL or =", "名称为空，或含有 U+0000 或 ="),
    ("must have at most {} entries", "一次最多 {} 项"),
    ("is required", "为必填项"),
    ("must be M, C or F", "应为 M、C 或 F"),
    ("must be 0 or 1", "应为 0 或 1"),
    ("must be 1, 2, 3, 4 or 5", "应为 1、2、3、4 或 5"),
    ("must have 1 to {} letters and no blanks", "应有 1 至 {} 个字符，不得含有空白"),
    ("a menu cannot be moved below itself", "菜单不能移到自身之下"),
    ("the menu \"{}\" has menus below it: delete those first", "菜单“{}”有下级菜单，请先删除下级菜单"),
    ("users have the role \"{}\": take it from them first", "角色“{}”已授权给用户，请先取消授权"),
    ("no mail channel is configured", "未配置邮件通道"),
    ("no SMS channel is configured", "未配置短信通道"),
    ("is not the name of the channel with this code", "与通道编码不符"),
    ("only gateways have templates: give a channel of type sms or webhook", "只有短信或网关通道支持模板"),
    ("\"{}\" has no phone number", "用户“{}”没有手机号"),
    ("nobody has an address for the channel {}", "接收人在通道 {} 上没有可用的地址"),
    ("the channel {} takes at most {} people", "通道 {} 一次最多 {} 人"),
    ("nobody would be told: those named have no users", "没有接收人：所指定的角色或部门下没有用户"),
    ("must not be before availableTimeStart", "不得早于 availableTimeStart"),
    ("must name somebody, or roleIds or deptIds must", "userIds、roleIds、deptIds 至少给出一个"),
    ("must name somebody", "不能为空"),
    ("must be one line", "应为单行文字"),
    ("must not be before startDate", "不得早于 startDate"),
    ("must look like 23:00", "应如 23:00"),
    ("must be 1, 2 or 3, with commas between", "应为 1、2、3，多个时用逗号分割"),
    ("must be numbers with commas between", "应为逗号分割的数字"),
    ("the file may not be seen", "无权查看该文件"),
    ("the file wants a password", "该文件需要密码"),
    ("the user does not have this role", "用户没有当前角色权限!"),
    ("a token of an application", "应用的令牌"),
    ("a token of the application or of one of its users", "本应用或其用户的令牌"),
    ("the application that put it on the agenda", "登记该日程的应用"),
    ("the body must be a JSON array", "请求体应为 JSON 数组"),
    ("what is written to the database is not there when it is read", "写入数据库的内容未能读出"),
];

/// The Chinese of `reason`, as far as it is known.
pub fn chinese(reason: &str) -> String {
    if let Some((first, rest)) = reason.starts_with("row ").then(|| reason.split_once("; row ")).flatten() {
        return format!("{}；{}", chinese(first), chinese(&format!("row {rest}")));
    }
    let fitting = PHRASES.iter().filter_map(|(english, chinese)| {
        let values = holes(english, reason)?;
        Some((english.len() - 2 * values.len(), fill(chinese, &values)))
    });
    let translated = fitting.max_by_key(|(said, _)| *said).map(|(_, chinese)| chinese);
    translated.or_else(|| cron::chinese(reason)).unwrap_or_else(|| reason.to_owned())
}

/// The Chinese of what a row says of something: a reason, or one behind a field or a day, `2026-10-01: …` or `2026-10-01 …`.
pub fn told(text: &str) -> String {
    let whole = chinese(text);
    if whole != text {
        return whole;
    }
    for (mark, shown) in [(": ", "："), (" ", " ")] {
        if let Some((head, rest)) = text.split_once(mark).filter(|(head, _)| !head.contains(' ')) {
            let known = chinese(rest);
            if known != rest {
                return format!("{head}{shown}{known}");
            }
        }
    }
    text.to_owned()
}

/// What stands in `text` where `phrase` has `{}`; `None` when it is not that phrase.
fn holes<'t>(phrase: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = phrase.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let end = if is_last { rest.len().checked_sub(part.len())? } else { rest.find(part)? };
        if !rest.is_char_boundary(end) || &rest[end..end + part.len()] != part {
            return None;
        }
        found.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(found)
}

/// `phrase` with the values in its places.
fn fill(phrase: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(phrase.len());
    let mut values = values.iter();
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let (kind, after) = after.split_once('}').unwrap_or(("", after));
        let value = values.next().copied().unwrap_or_default();
        filled.push_str(before);
        filled.push_str(&if kind == ":" { chinese(value) } else { value.to_owned() });
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_translated_with_its_values() {
        assert_eq!(chinese("must be between 1 and 1000"), "应在 1 与 1000 之间");
        assert_eq!(chinese("must be 1 or more"), "应不小于 1");
        assert_eq!(
            chinese("must be given, or designer instead"),
            "应给出 robotId 或 designer 之一",
            "the one that says most"
        );
        assert_eq!(chinese("\"金额\" is given twice"), "“金额”重复");
        let known = "\"a\" is not a parameter of the package; it has b, c";
        assert_eq!(chinese(known), "流程包没有参数“a”，它的参数为 b, c");
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        for text in ["", "no such phrase", "must be between 1", "must be 1 or more than that", "\"金"] {
            assert_eq!(chinese(text), text);
        }
    }

    #[test]
    fn both_sides_of_a_phrase_have_the_same_values() {
        for (english, chinese) in PHRASES.iter().filter(|(english, _)| !english.starts_with("zip")) {
            let places = chinese.matches("{}").count() + chinese.matches("{:}").count();
            assert_eq!(english.matches("{}").count(), places, "{english}");
        }
    }

    #[test]
    fn what_stands_within_is_translated_where_it_says_so() {
        assert_eq!(
            chinese("row 3: priority: must be 1 or more; row 4: a; b"),
            "第 3 行：priority 应不小于 1；第 4 行：a; b"
        );
        assert_eq!(chinese("expected value at line 1 column 2"), "此处应为一个值（第 1 行第 2 列）");
        assert_eq!(
            chinese("try 2 of 3 failed: its robot has not been heard of"),
            "第 2 次运行（共 3 次）失败：机器人失联"
        );
        assert_eq!(chinese("\"{}\" is given twice"), "“{}”重复", "a value is no place");
    }

    #[test]
    fn what_a_row_says_is_translated_behind_its_field_or_day() {
        assert_eq!(told("2027-01-16 weekend"), "2027-01-16 周末");
        assert_eq!(told("2027-01-01: the calendar does not know 2027"), "2027-01-01：日历不包含 2027 年");
        let known = "inParameters: \"limit\" is required by the package and not given";
        assert_eq!(told(known), "inParameters：缺少流程包必需的“limit”");
        for own in ["2027-01-16 long weekend", "Traceback: no such file", "", "a b"] {
            assert_eq!(told(own), own, "what others have said stays as it is");
        }
    }

    #[test]
    fn no_phrase_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for (english, _) in PHRASES {
            assert!(seen.insert(english), "{english}");
        }
    }
}
