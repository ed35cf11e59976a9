//! 终端: what a robot and a designer look like in lists. Their ids and times are texts.

use baigong_core::{
    Platform,
    departments::Tree,
    directory::{self, Directory, Wanted},
    licenses, robots,
    rows::robot,
};
use baigong_model::{Error, PageOf, Result, RobotState, ids::RobotId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::time_or_empty;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agent {
    /// 终端 id
    id: String,
    /// 创建时间
    create_time: String,
    /// 修改时间
    modify_time: String,
    /// 机器人终端编号
    agent_no: String,
    /// 机器码
    agent_dcode: String,
    /// 终端 IP
    agent_ip: String,
    /// 是否管理者绑定
    is_manager: String,
    /// 终端类型: 1 robot, 2 studio
    agent_type: i64,
    /// 终端类型 (extension): "robot" or "studio"
    agent_type_name: &'static str,
    /// 终端别名
    agent_alias: String,
    /// 终端系统登录用户名
    user_name: String,
    /// 终端系统域名
    user_domain: String,
    /// 机器名
    agent_name: String,
    /// 部门 id
    org_id: String,
    /// 部门名称
    org_name: String,
    /// 所属部门编号: the cascade
    org_code: String,
    /// 当前部门名称
    cur_org_name: String,
    /// RPA 系统用户名
    rpa_user_name: String,
    /// 终端操作系统
    agent_os: String,
    /// 终端机器人版本
    agent_version: String,
    /// 桌面类型
    desktop_type: String,
    /// 上次心跳时刻
    last_heart_time: String,
    /// 描述信息
    description: String,
    /// 下次动作
    next_action: String,
    /// 机器人运行状态: busy 运行, free 空闲, offline 离线, unbound 未绑定
    data_status: &'static str,
    /// 状态
    status: String,
    /// RDP 端口
    rdp_port: String,
    /// 通信 token: never shown
    comm_token: String,
    /// 许可号
    lic_sn: String,
    /// 许可状态: 0 有效 1 无效
    lic_status: String,
    /// 许可到期时间
    lic_date_expiry: String,
    /// 上次登录时间
    last_login_time: String,
}

/// The agents `ids` in these states.
pub(crate) async fn shown(platform: &Platform, page: PageOf<(RobotId, RobotState)>) -> Result<PageOf<Agent>> {
    let ids: Vec<i64> = page.rows.iter().map(|(id, _)| *id).collect();
    let directory = Directory::look_up(platform, Wanted { robots: ids.clone(), ..Wanted::default() }).await?;
    let makers = directory.robots.values().map(|robot| robot.created_by).collect();
    let makers = Directory::look_up(platform, Wanted { users: makers, ..Wanted::default() }).await?;
    let changed = directory::changed_at(platform, "robot", &ids).await?;
    let rows = page.rows.iter().filter_map(|(id, state)| {
        let robot = directory.robots.get(id)?;
        let changed = changed.get(id).copied().unwrap_or(robot.created_at);
        Some(agent(platform, robot, *state, changed, (&directory.tree, makers.user(robot.created_by))))
    });
    Ok(PageOf { rows: rows.collect(), total: page.total })
}

/// The one agent `id`.
pub(crate) async fn one(platform: &Platform, id: RobotId, state: RobotState) -> Result<Agent> {
    let page = shown(platform, PageOf { rows: vec![(id, state)], total: 1 }).await?;
    page.rows.into_iter().next().ok_or_else(|| Error::not_found("robot", id))
}

fn agent(
    platform: &Platform,
    robot: &robot::Model,
    state: RobotState,
    changed: i64,
    (tree, maker): (&Tree, &str),
) -> Agent {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let department = robot.department_id;
    let name = tree.get(department).map(|row| row.name.clone()).unwrap_or_default();
    let is_studio = robot.robot_type == robots::STUDIO;
    Agent {
        id: robot.id.to_string(),
        create_time: robot.created_at.to_string(),
        modify_time: changed.to_string(),
        agent_no: robot.id.to_string(),
        agent_dcode: robot.machine_id.to_string(),
        agent_ip: text(&robot.ip),
        is_manager: false.to_string(),
        agent_type: if is_studio { 2 } else { 1 },
        agent_type_name: if is_studio { "studio" } else { "robot" },
        agent_alias: robot.name.clone(),
        user_name: robot.machine_username.clone(),
        user_domain: String::new(),
        agent_name: robot.machine_name.clone(),
        org_id: department.to_string(),
        org_name: tree.cascade_name(department),
        org_code: tree.cascade_code(department),
        cur_org_name: name,
        rpa_user_name: maker.to_owned(),
        agent_os: text(&robot.system),
        agent_version: text(&robot.agent_version),
        desktop_type: robot.desktop_type.to_string(),
        last_heart_time: robot.online_at.map(|at| at.to_string()).unwrap_or_default(),
        description: text(&robot.remark),
        next_action: String::new(),
        data_status: match state {
            _ if robot.online_at.is_none() => "unbound",
            RobotState::Offline => "offline",
            RobotState::Idle => "free",
            RobotState::Running => "busy",
        },
        status: i32::from(robot.deleted_at.is_some()).to_string(),
        rdp_port: String::new(),
        comm_token: String::new(),
        lic_sn: String::new(),
        lic_status: i32::from(!licenses::has_seat(platform, robot.id)).to_string(),
        lic_date_expiry: String::new(),
        last_login_time: time_or_empty(platform, robot.online_at),
    }
}

/// An id that came as text.
pub(crate) fn id_of(text: &str, kind: &'static str) -> Result<i64> {
    text.trim().parse().map_err(|_| Error::not_found(kind, text))
}
