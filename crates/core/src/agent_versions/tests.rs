//! Versions of the robot are stored as they were sent, once each, by those who may.

use baigong_model::Error;
use futures_util::TryStreamExt;

use super::*;
use crate::{
    agent_rollouts,
    testing::{World, all, assert_not_found, on_both},
};

/// What looks like a program for this kind of machine.
pub(crate) fn program(machine: u8, text: &str) -> Vec<u8> {
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(18, 0);
    program.extend([machine, 0]);
    program.extend(text.as_bytes());
    program
}

fn new(world: &World, version: &str, bytes: &[u8]) -> NewAgentVersion {
    let file = world.folder().join("upload");
    std::fs::write(&file, bytes).unwrap();
    NewAgentVersion {
        department_id: world.north,
        version: version.into(),
        sha256: None,
        signature: None,
        remark: None,
        file,
    }
}

/// A stored version.
pub(crate) async fn version(world: &World, number: &str) -> i64 {
    create(&world.platform, &world.norths, new(world, number, &program(0x3e, number))).await.unwrap()
}

#[tokio::test]
async fn a_version_is_a_program_with_a_number_once() {
    on_both(async |world| {
        let platform = &world.platform;
        let bytes = program(0x3e, "one");
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let id = create(platform, &world.norths, new(world, "0.2.0", &bytes)).await.unwrap();
        let arm = create(platform, &world.norths, new(world, "0.2.0", &program(0xb7, "arm"))).await.unwrap();
        let listed = list(platform, &world.norths, &all()).await.unwrap();
        let told: Vec<_> = listed.rows.iter().map(|row| (row.id, &*row.system, &*row.sha256)).collect();
        assert_eq!(told[0], (id, "linux-x86_64", &*sha256));
        assert_eq!((told[1].0, told[1].1), (arm, "linux-aarch64"));

        let again = create(platform, &world.norths, new(world, "0.2.0", &bytes)).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");
        for (number, bytes, field) in
            [("two", &bytes[..], "version"), ("0.3.0", b"#!/bin/sh", "agent"), ("0.3.0", b"", "agent")]
        {
            match create(platform, &world.norths, new(world, number, bytes)).await {
                Err(Error::Invalid { field: wrong, .. }) => assert_eq!(wrong, field),
                other => panic!("{number}: {other:?}"),
            }
        }
        let other_hash = NewAgentVersion { sha256: Some("00".repeat(32)), ..new(world, "0.3.0", &bytes) };
        assert!(matches!(create(platform, &world.norths, other_hash).await, Err(Error::Invalid { .. })));
        let right = NewAgentVersion { sha256: Some(sha256.to_uppercase()), ..new(world, "0.3.0", &bytes) };
        create(platform, &world.norths, right).await.unwrap();
        let kept: Vec<String> = platform.blobs.list("agent-version").try_collect().await.unwrap();
        assert_eq!(kept.len(), 3, "what was refused leaves nothing behind");

        assert_not_found(delete(platform, &world.souths, id).await, "delete");
        delete(platform, &world.norths, id).await.unwrap();
        create(platform, &world.norths, new(world, "0.2.0", &bytes)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_a_robot_that_is_asked_gets_the_program() {
    on_both(async |world| {
        let platform = &world.platform;
        let robot = world.robot(world.north, "r").await.id;
        let row = baigong_store::robots::find(&platform.store, &Scope::All, robot).await.unwrap().unwrap();
        let id = version(world, "0.2.0").await;
        assert_not_found(open_for_robot(platform, &row, id).await.map(drop), "the program");
        let rollout = agent_rollouts::tests::rollout(world, id, vec![robot]);
        agent_rollouts::create(platform, &world.norths, rollout).await.unwrap();
        let deleted = delete(platform, &world.norths, id).await;
        assert!(matches!(deleted, Err(Error::Conflict(_))), "{deleted:?}");
        let got = open_for_robot(platform, &row, id).await.unwrap();
        let bytes: Vec<u8> =
            got.body.try_fold(Vec::new(), async |all, part| Ok([all, part.to_vec()].concat())).await.unwrap();
        assert_eq!(bytes, program(0x3e, "0.2.0"));
    })
    .await;
}
