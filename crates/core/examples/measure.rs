//! Throwaway.
#![allow(warnings, clippy::all)]
use baigong_core::*;
use baigong_model::*;
use std::sync::Arc;
use std::time::Instant;
async fn rate(name: &str, tasks: usize, each: usize, f: impl AsyncFn() + Clone) {
    let t = Instant::now();
    let futs = (0..tasks).map(|_| {
        let f = f.clone();
        async move {
            for _ in 0..each {
                f().await
            }
        }
    });
    futures_util::future::join_all(futs).await;
    let n = (tasks * each) as f64;
    println!("{name}: {:.0}/s", n / t.elapsed().as_secs_f64());
}
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().to_owned());
    if let Some(url) = std::env::args().nth(1) {
        config.database.url = url;
    }
    let t = Instant::now();
    let platform = Platform::open(
        config,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
        Arc::new(baigong_flow::ActionTable::new()),
    )
    .await
    .unwrap();
    let pw = Secret::new("pw".to_string());
    bootstrap::bootstrap(&platform, Some(pw.clone())).await.unwrap();
    println!("open+bootstrap {:?}", t.elapsed());
    let t = Instant::now();
    let signed = accounts::sign_in(&platform, "admin", &pw, None).await.unwrap();
    println!("sign in {:?}", t.elapsed());
    let token = signed.token.expose().clone();
    let admin = accounts::authenticate(&platform, &token).await.unwrap();
    let m = machines::create(&platform, &admin, machines::NewMachine { name: "m".into(), remark: None }).await.unwrap();
    let t = Instant::now();
    for chunk in 0..40 {
        let all = (0..250).map(|n| {
            let (platform, admin) = (platform.clone(), admin.clone());
            async move {
                robots::create(
                    &platform,
                    &admin,
                    robots::NewRobot {
                        department_id: 1,
                        name: format!("robot {chunk} {n}"),
                        robot_type: 0,
                        machine_id: m,
                        machine_name: "PC".into(),
                        machine_username: "u".into(),
                        machine_password: None,
                        remark: Some("备注".into()),
                        desktop_type: None,
                        resolution_width: None,
                        resolution_height: None,
                        resolution_depth: None,
                        is_auto_unlock_enabled: None,
                        log_level: None,
                        max_tasks: None,
                    },
                )
                .await
                .unwrap();
            }
        });
        futures_util::future::join_all(all).await;
    }
    println!("10,000 robots {:?}", t.elapsed());
    for round in 0..3 {
        let p = platform.clone();
        let tk = token.clone();
        rate("authenticate", 64, 20_000, async move || {
            accounts::authenticate(&p, &tk).await.unwrap();
        })
        .await;
        for conns in [1, 8, 64] {
            let (p, a) = (platform.clone(), admin.clone());
            let filter = Arc::new(robots::Filter::all(ListInput::all(Page::new(Some(3), Some(100)).unwrap())));
            let t = Instant::now();
            let n = 6000 / conns;
            let hs: Vec<_> = (0..conns)
                .map(|_| {
                    let (p, a, f) = (p.clone(), a.clone(), filter.clone());
                    tokio::spawn(async move {
                        for _ in 0..n {
                            assert_eq!(robots::list(&p, &a, &f).await.unwrap().rows.len(), 100);
                        }
                    })
                })
                .collect();
            for h in hs {
                h.await.unwrap();
            }
            println!("robot list x{conns}: {:.0}/s", (n * conns) as f64 / t.elapsed().as_secs_f64());
        }
    }
}
