//! Robots are upgraded between two programs that were built: in waves, after a health check, back again where the other one
//! is not well; and restarted, and their machines told to reboot, by whoever may.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    ground::{Ground, until},
    program::{Serving, path},
};

/// The version of the second program, as `src/version.rs` has it.
const NEXT: &str = "9.8.7";
const OWN: &str = env!("CARGO_PKG_VERSION");

/// A program that says it is version 9.9.9 and then does this.
fn impostor(folder: &Path, what_it_does: &str) -> Vec<u8> {
    let (source, program) = (folder.join("impostor.c"), folder.join("impostor"));
    let text = format!(
        "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\nint main(int n, char **words) {{\n\
         if (n > 1 && !strcmp(words[1], \"version\")) {{ puts(\"baigong 9.9.9 (linux x)\"); return 0; }}\n{what_it_does}\n}}\n"
    );
    std::fs::write(&source, text).unwrap();
    let built = Command::new("cc").arg(&source).arg("-o").arg(&program).status().unwrap();
    assert!(built.success());
    std::fs::read(program).unwrap()
}

impl Ground {
    async fn robot_row(&self) -> Value {
        self.admin.data("robot/list", json!({})).await.unwrap()["robots"][0].clone()
    }

    async fn department(&self) -> Value {
        self.admin.data("department/list", json!({})).await.unwrap()["departments"][0]["depId"].clone()
    }

    /// Begins to upgrade the robot; the rolling upgrade.
    async fn upgrade(&self, version: &str, program: Vec<u8>) -> i64 {
        let department = self.department().await;
        let texts = [("version", version), ("depId", &department.to_string())];
        let texts = texts.map(|(name, text)| (name, text));
        let made = self.admin.upload("agent-version/create", &texts, "agent", program).await.unwrap();
        let rollout = json!({
            "rolloutName": format!("to {version}, {}", made["agentVersionId"]), "depId": department, "agentVersionId": made["agentVersionId"],
            "robotIds": [self.robot_row().await["robotId"]], "drainSeconds": 60,
        });
        self.admin.create("agent-rollout/create", "rolloutId", rollout).await.unwrap()
    }

    /// Waits until a rolling upgrade is over; what there is to know of it.
    async fn over(&self, rollout: i64) -> Value {
        let mut seen = Value::Null;
        until("the rolling upgrade is over", async || {
            seen = self.admin.data("agent-rollout/query", json!({ "rolloutId": rollout })).await.unwrap();
            seen["state"] != "running"
        })
        .await;
        seen
    }

    /// Asks the robot for something; how it ended.
    async fn operate(&self, what: &str) -> (String, String) {
        let robot = self.robot_row().await["robotId"].clone();
        let body = json!({ "robotId": robot });
        let id = self.admin.create(&format!("robot/{what}"), "operationId", body.clone()).await.unwrap();
        let mut found = Value::Null;
        until("the operation is over", async || {
            let list = self.admin.data("robot/operation/list", body.clone()).await.unwrap();
            let rows = list["operations"].as_array().unwrap();
            found = rows.iter().find(|row| row["operationId"] == id).unwrap().clone();
            found["endTime"] != ""
        })
        .await;
        (found["state"].as_str().unwrap().to_owned(), found["detail"].as_str().unwrap().to_owned())
    }

    /// The version that the robot's agent said it is.
    async fn version(&self) -> String {
        let details = self.admin.data("robot/query", json!({ "robotId": self.robot_row().await["robotId"] })).await;
        details.unwrap()["robotVersion"].as_str().unwrap_or_default().to_owned()
    }
}

async fn works(ground: &Ground) {
    assert_eq!(ground.run("echo at work").await["taskState"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_goes_to_another_version_and_back_from_one_that_is_not_well() {
    let ground = Ground::new().await;
    let robot = ground.robot(&["--upgrade-deadline", "8"]);
    works(&ground).await;

    // What is not well is left again: one that ends, and one that does nothing.
    for (what, why) in [("return 7;", "ended before it was well"), ("for (;;) pause();", "not well after 8 s")] {
        let rollout = ground.upgrade("9.9.9", impostor(ground.folder.path(), what)).await;
        let seen = ground.over(rollout).await;
        let operation = &seen["robots"][0];
        assert_eq!((&seen["state"], &operation["state"]), (&json!("stopped"), &json!("failed")), "{seen}");
        let detail = operation["detail"].as_str().unwrap();
        assert!(detail.contains(why) && detail.contains(&format!("version {OWN} runs again")), "{detail}");
        assert_eq!(operation["versionBefore"], OWN);
        works(&ground).await;
        let versions = ground.admin.data("agent-version/list", json!({})).await.unwrap();
        let id = versions["agentVersions"][0]["agentVersionId"].clone();
        ground.admin.data("agent-version/delete", json!({ "agentVersionId": id })).await.unwrap();
    }

    // Running tasks end first; then the other version is at work.
    let slow = ground.task("sleep 2; echo slow").await;
    let rollout = ground.upgrade(NEXT, std::fs::read(env!("CARGO_BIN_EXE_baigong-next")).unwrap()).await;
    let seen = ground.over(rollout).await;
    assert_eq!((&seen["state"], &seen["robots"][0]["state"]), (&json!("done"), &json!("done")), "{seen}");
    assert_eq!(ground.ended(slow).await["taskState"], "succeeded");
    assert_eq!(ground.version().await, NEXT);
    works(&ground).await;

    // It stays in force when the robot is started again as before.
    assert_eq!(robot.terminate(), Some(0));
    let robot = ground.robot(&[]);
    assert_eq!(ground.version().await, NEXT);
    works(&ground).await;
    assert_eq!(robot.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_restarts_and_reboots_its_machine_only_as_its_own_settings_say() {
    let ground = Ground::new().await;
    let told = ground.folder.path().join("told");
    let command = format!("touch {}", path(&told));
    let robot = ground.robot(&["--reboot-command", &command]);
    let (state, detail) = ground.operate("restart").await;
    assert_eq!((&*state, &*detail), ("done", "it has started again"));
    works(&ground).await;
    assert_eq!(ground.operate("reboot").await.0, "done");
    assert!(told.exists(), "the machine was told");
    works_after_the_machine(&ground, robot).await;
}

async fn works_after_the_machine(ground: &Ground, robot: Serving) {
    let (state, detail) = ground.operate("shutdown").await;
    assert_eq!(state, "refused");
    assert!(detail.contains("no command that shuts its machine down"), "{detail}");
    assert_eq!(robot.terminate(), Some(0));
}
