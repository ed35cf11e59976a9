//! Whole platforms and robots in one process.

use baigong_testkit::{TestClient, TestDatabase, TestRobot, TestServer, on_both};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_lets_its_admin_in_keeps_its_data_over_a_restart_and_refuses_strangers() {
    on_both(async |database| {
        let server = TestServer::start(database).await.unwrap();
        let admin = server.admin().await.unwrap();
        let machine = admin.create("machine/create", "machineId", json!({"machineName": "m"})).await.unwrap();
        assert!(machine > 0);
        let server = server.restart().await.unwrap();
        let again = server.admin().await.unwrap().call("machine/create", json!({"machineName": "m"})).await.unwrap();
        assert_eq!((again.status, again.code()), (409, "10009"), "the name must still be taken: {again:?}");
        let stranger = TestClient::stranger(&server.url()).unwrap();
        let refused = stranger.call("machine/create", json!({"machineName": "n"})).await.unwrap();
        assert_eq!(refused.status, 400, "a stranger lacks the token header: {refused:?}");
        server.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_connects_and_comes_back_after_a_crash() {
    let server = TestServer::start(TestDatabase::sqlite().unwrap()).await.unwrap();
    let admin = server.admin().await.unwrap();
    let robot = TestRobot::start(&server, &admin, "r").await.unwrap();
    robot.connected().await;
    let query = json!({"robotId": robot.robot_id});
    assert_eq!(admin.data("robot/query", query.clone()).await.unwrap()["robotStatus"], 0, "idle");
    let robot = robot.crash_and_restart(&server).await.unwrap();
    robot.connected().await;
    assert_eq!(admin.data("robot/query", query).await.unwrap()["robotStatus"], 0, "idle");
    robot.stop().await;
    server.stop().await;
}
