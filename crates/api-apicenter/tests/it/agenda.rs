//! The agenda, as its examples send and show it. When people are reminded is tested in `core`.

use baigong_testkit::on_both;
use serde_json::json;

use crate::server::{Server, path};

#[tokio::test]
async fn an_item_is_put_on_an_agenda_changed_shown_and_taken_off() {
    on_both(async |database| {
        let server = Server::on(database).await;
        let item = json!({
            "userName": "admin", "content": "需求会议", "remind": true, "remindWay": "1,2", "remindTime": "23:00",
            "startDate": "2022-09-01", "endDate": "2022-09-01",
        });
        let made = server.get("POST", &path("msg/rcInfo"), item.clone()).await;
        assert_eq!(made["msg"], "操作成功");
        let id = made["data"].as_i64().unwrap();
        let asked = json!({
            "userName": "admin", "pageNum": 1, "pageSize": 10, "startDate": "2022-08-01", "endDate": "2022-10-01",
        });
        let list = server.get("GET", &path("msg/rcInfo/list"), asked.clone()).await;
        assert_eq!((&list["total"], &list["pageNum"], &list["currPage"]), (&json!(1), &json!(1), &json!(1)));
        let row = &list["rows"][0];
        assert_eq!(row["id"], id);
        for (name, value) in item.as_object().unwrap() {
            assert_eq!(row[name], *value, "{name}");
        }
        let mut change = item.clone();
        (change["id"], change["content"], change["remind"]) = (json!(id), json!("改期"), json!(false));
        let changed = server.get("POST", &path("msg/rcInfo"), change).await;
        assert_eq!(changed["data"], id);
        let info = server.get("GET", &path(&format!("msg/rcInfo/info/{id}")), json!({})).await;
        let data = &info["data"];
        assert_eq!(
            (&data["content"], &data["remind"], &data["userName"]),
            (&json!("改期"), &json!(false), &json!("admin"))
        );
        assert_eq!(
            server.get("GET", &path("msg/rcInfo/list"), asked.clone()).await["total"],
            1,
            "changed, not made anew"
        );
        server.get("GET", &path(&format!("msg/rcInfo/delete/{id}")), json!({})).await;
        assert_eq!(server.get("GET", &path("msg/rcInfo/list"), asked).await["total"], 0);
        let gone = server.call("GET", &path(&format!("msg/rcInfo/info/{id}")), json!({})).await;
        assert_eq!(gone.refusal(), format!("资源不存在：日程 {id}"));
    })
    .await;
}
