//! 邮件、短信、电话 (3.5): messages that leave the platform. Success says that one is stored and will be sent; it is tried
//! again while the other side does not take it.

use baigong_core::{
    Platform,
    messages::{self, Mail, Text},
};
use baigong_model::{Result, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Caller, wire::Data};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailSend {
    /// 邮件地址
    send_to: Vec<String>,
    /// 标题
    subject: String,
    /// 内容: never in the log of calls
    content: Secret<String>,
}

impl From<EmailSend> for Mail {
    fn from(it: EmailSend) -> Self {
        Self { to: it.send_to, subject: it.subject, content: it.content.expose().clone() }
    }
}

pub(crate) async fn email(platform: Platform, caller: Caller, body: EmailSend) -> Result<Data<()>> {
    email_batch(platform, caller, vec![body]).await
}

pub(crate) async fn email_batch(platform: Platform, caller: Caller, body: Vec<EmailSend>) -> Result<Data<()>> {
    messages::send_mails(&platform, &caller, body.into_iter().map(Mail::from).collect()).await?;
    Ok(Data::of(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaptchaSend {
    /// 发送手机号
    send_to: String,
    /// 验证码内容
    content: Secret<String>,
}

pub(crate) async fn captcha(platform: Platform, caller: Caller, body: CaptchaSend) -> Result<Data<()>> {
    let text = Text { to: vec![body.send_to], content: body.content, is_captcha: true };
    messages::send_text(&platform, &caller, text).await?;
    Ok(Data::of(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SmsSend {
    /// 接受手机号集合
    send_to_list: Vec<String>,
    /// 短信内容
    content: Secret<String>,
}

pub(crate) async fn sms(platform: Platform, caller: Caller, body: SmsSend) -> Result<Data<()>> {
    let text = Text { to: body.send_to_list, content: body.content, is_captcha: false };
    messages::send_text(&platform, &caller, text).await?;
    Ok(Data::of(()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemplateSend {
    /// 通道代码
    channl_code: String,
    /// 通道名称
    channl_name: String,
    /// 模板 Id: the gateway's
    template_id: String,
    /// 工号
    user_names: Vec<String>,
}

pub(crate) async fn template(platform: Platform, caller: Caller, body: TemplateSend) -> Result<Data<()>> {
    let channel = (body.channl_code, body.channl_name);
    messages::send_template(&platform, &caller, channel, body.template_id, body.user_names).await?;
    Ok(Data::of(()))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Call {
    /// 发送人
    form: String,
    /// 接收人
    to: String,
}

pub(crate) async fn call(platform: Platform, caller: Caller, body: Call) -> Result<Data<()>> {
    messages::call(&platform, &caller, body.form, body.to).await?;
    Ok(Data::of(()))
}
