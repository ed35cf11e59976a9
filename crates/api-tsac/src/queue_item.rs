//! 数据队列消息 (extensions to 6.2.8; 5.5): the items of data queues. This page lists their operations.

mod change;
mod finish;
mod list;
mod shown;
mod table;
mod work;

use baigong_api_kit::Table;
use baigong_model::Permission;

use crate::Tsac;

/// What is done with items.
pub(crate) fn operations() -> Table<Tsac> {
    hot().join(owners())
}

/// By those who fill queues and those who work them off.
fn hot() -> Table<Tsac> {
    Table::new()
        .post(
            "/api/platform/data-queue/item/push",
            Permission::QueueUse,
            "放入数据: push one item or up to 1000 (extension)",
            work::push,
        )
        .created()
        .post(
            "/api/platform/data-queue/item/pop",
            Permission::QueueUse,
            "取出数据: take the next items (extension)",
            work::pop,
        )
        .post(
            "/api/platform/data-queue/item/finish",
            Permission::QueueUse,
            "完成数据: end the work on one item or up to 1000 (extension)",
            finish::finish,
        )
        .post(
            "/api/platform/data-queue/item/renew",
            Permission::QueueUse,
            "续租数据: keep an item longer (extension)",
            work::renew,
        )
        .post(
            "/api/platform/data-queue/item/release",
            Permission::QueueUse,
            "放回数据: give an item back, now or for later (extension)",
            work::release,
        )
        .multipart(
            "/api/platform/data-queue/item/import",
            Permission::QueueUse,
            "导入数据: push the rows of a CSV file or a workbook (extension)",
            "file",
            table::import,
        )
        .created()
}

/// By those who look after a queue.
fn owners() -> Table<Tsac> {
    Table::new()
        .post(
            "/api/platform/data-queue/item/list",
            Permission::QueueRead,
            "查询数据列表: list and search items (extension)",
            list::list,
        )
        .post(
            "/api/platform/data-queue/item/query",
            Permission::QueueRead,
            "查询数据: show an item (extension)",
            list::query,
        )
        .post(
            "/api/platform/data-queue/item/update",
            Permission::QueueWrite,
            "更新数据: change an item (extension)",
            change::update,
        )
        .post(
            "/api/platform/data-queue/item/delete",
            Permission::QueueWrite,
            "删除数据: take items out (extension)",
            change::delete,
        )
        .post(
            "/api/platform/data-queue/item/requeue",
            Permission::QueueWrite,
            "重新放入数据: begin ended items anew (extension)",
            change::requeue,
        )
        .file(
            "/api/platform/data-queue/item/export",
            Permission::QueueRead,
            "导出数据: items as a CSV file or a workbook (extension)",
            table::export,
        )
}
