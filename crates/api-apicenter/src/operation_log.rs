//! 操作日志 (3.7): what the application writes down of what its users do.

use baigong_core::{
    Platform,
    operation_logs::{self, Entry, EntryQuery, NewEntry},
};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Caller,
    wire::{Data, PageQuery, Paged, beginning, end, parse_time, time},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperlogAdd {
    /// 操作模块
    title: Option<String>,
    /// 业务类型: 0 其它, 1 新增, 2 修改, 3 删除, 4 授权, 5 导出, 6 导入, 7 强退, 8 生成代码, 9 清空数据
    business_type: Option<i32>,
    /// 请求方法
    method: Option<String>,
    /// 请求方式
    request_method: Option<String>,
    /// 操作类别: 0 其它, 1 后台用户, 2 手机端用户
    operator_type: Option<i32>,
    /// 操作人员账号
    oper_name: Option<String>,
    /// 操作人员昵称
    oper_nick: Option<String>,
    /// 操作人员角色
    oper_role: Option<String>,
    /// 部门名称
    dept_name: Option<String>,
    /// 请求地址
    oper_url: Option<String>,
    /// 操作地址
    oper_ip: Option<String>,
    /// 请求参数: never in the log of calls
    oper_param: Option<Secret<String>>,
    /// 返回参数: never in the log of calls
    json_result: Option<Secret<String>>,
    /// 状态: 0 正常, 1 异常
    status: Option<i32>,
    /// 错误消息
    error_msg: Option<String>,
    /// 操作时间: yyyy-MM-dd HH:mm:ss; now when absent
    oper_time: Option<String>,
}

pub(crate) async fn add(platform: Platform, caller: Caller, body: OperlogAdd) -> Result<Data<()>> {
    let entry = NewEntry {
        operated_at: parse_time(&platform, "operTime", body.oper_time.as_deref())?,
        title: body.title,
        business_type: body.business_type,
        method: body.method,
        request_method: body.request_method,
        operator_type: body.operator_type,
        operator_name: body.oper_name,
        operator_nick: body.oper_nick,
        operator_role: body.oper_role,
        operator_department: body.dept_name,
        url: body.oper_url,
        ip: body.oper_ip,
        parameters: body.oper_param,
        result: body.json_result,
        status: body.status,
        error: body.error_msg,
    };
    operation_logs::add(&platform, &caller, entry).await?;
    Ok(Data::done(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperlogList {
    #[serde(flatten)]
    page: PageQuery,
    /// 操作模块: a part of it
    title: Option<String>,
    /// 业务类型
    business_type: Option<i32>,
    /// 操作人员账号: a part of it
    oper_name: Option<String>,
    /// 操作人员昵称: a part of it
    oper_nick: Option<String>,
    /// 状态
    status: Option<i32>,
    /// 开始时间: yyyy-MM-dd HH:mm:ss, or a day
    begin_time: Option<String>,
    /// 结束时间: yyyy-MM-dd HH:mm:ss, or a day; it is included
    end_time: Option<String>,
    /// 系统 id: the application
    app_id: Option<i64>,
    /// 系统组 id: the department of the application
    parent_id: Option<i64>,
}

/// 操作日志, newest first. Fields that the platform has nothing for are null.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operlog {
    search_value: Option<String>,
    /// 创建者: whose token wrote it
    create_by: String,
    /// 创建时间
    create_time: String,
    /// 更新者: nobody
    update_by: Option<String>,
    /// 更新时间: never
    update_time: Option<String>,
    /// 备注
    remark: Option<String>,
    params: Option<String>,
    /// 日志主键
    oper_id: i64,
    /// 模块标题
    title: String,
    /// 业务类型
    business_type: i32,
    business_types: Option<String>,
    /// 方法名称
    method: String,
    /// 请求方式
    request_method: String,
    /// 操作类别
    operator_type: i32,
    /// 操作人员账号
    oper_name: String,
    /// 操作人员昵称
    oper_nick: String,
    /// 操作人员角色名称
    oper_role: String,
    /// 操作人员 id: of the user who signs in as operName
    oper_user_id: Option<i64>,
    /// 部门名称
    dept_name: String,
    /// 请求 URL
    oper_url: String,
    /// 操作地址
    oper_ip: String,
    /// 主机地址: from where the application wrote it
    oper_location: String,
    /// 请求参数
    oper_param: String,
    /// 返回参数
    json_result: String,
    /// 操作状态: 0 正常, 1 异常
    status: i32,
    /// 错误消息
    error_msg: String,
    /// 操作时间
    oper_time: String,
    /// 删除标志: always 0
    del_flag: &'static str,
    /// 系统 id: the application
    app_id: i64,
    /// 系统名称
    app_name: String,
    /// 系统组 id: its department
    parent_id: i64,
    /// 系统组名称
    parent_name: String,
    /// 请求系统 id: the application that wrote it
    req_app_id: i64,
    req_server_type: Option<String>,
}

impl Operlog {
    fn of(platform: &Platform, Entry { row, application, department, writer }: Entry) -> Self {
        Self {
            search_value: None,
            create_by: writer,
            create_time: time(platform, row.created_at),
            update_by: None,
            update_time: None,
            remark: None,
            params: None,
            oper_id: row.id,
            title: row.title,
            business_type: row.business_type,
            business_types: None,
            method: row.method,
            request_method: row.request_method,
            operator_type: row.operator_type,
            oper_name: row.operator_name,
            oper_nick: row.operator_nick,
            oper_role: row.operator_role,
            oper_user_id: row.operator_id,
            dept_name: row.operator_department,
            oper_url: row.url,
            oper_ip: row.ip,
            oper_location: row.location,
            oper_param: row.parameters,
            json_result: row.result,
            status: row.status,
            error_msg: row.error,
            oper_time: time(platform, row.operated_at),
            del_flag: "0",
            app_id: row.application_id,
            app_name: application,
            parent_id: row.department_id,
            parent_name: department,
            req_app_id: row.application_id,
            req_server_type: None,
        }
    }
}

pub(crate) async fn list(platform: Platform, caller: Caller, body: OperlogList) -> Result<Paged<Operlog>> {
    let page = body.page.page()?;
    let query = EntryQuery {
        from: beginning(&platform, "beginTime", body.begin_time.as_deref())?,
        to: end(&platform, "endTime", body.end_time.as_deref())?,
        title: body.title,
        business_type: body.business_type,
        operator_name: body.oper_name,
        operator_nick: body.oper_nick,
        status: body.status,
        application_id: body.app_id,
        department_id: body.parent_id,
    };
    let found = operation_logs::list(&platform, &caller, query, page).await?;
    Ok(Paged::of(page, found.map(|entry| Operlog::of(&platform, entry))))
}
