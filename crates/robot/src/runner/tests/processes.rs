//! What a process is given, what it gives back, and what its end means.

use std::sync::Arc;

use baigong_model::{LogLevel, ManualClock};

use super::desk::{Desk, failed, succeeded};
use crate::runner::{RunLimits, list_artifacts, run};

#[tokio::test]
async fn a_process_finds_its_parameters_and_gives_back_others() {
    let desk = Desk::new(&[
        (
            "baigong.yaml",
            "kind: command\ncommand: [sh, main.sh, 'two words', '$HOME']\nparameters:\n  in:\n    \
             - {name: tolerance, type: decimal, required: true}\n    - {name: dryRun, type: boolean, default: false}\n    \
             - {name: rows, type: integer}\n  out: [{name: total, type: decimal}, {name: note}]\n",
        ),
        (
            "main.sh",
            "echo \"$BAIGONG_PARAM_tolerance $BAIGONG_PARAM_TOLERANCE $BAIGONG_PARAM_dryRun $BAIGONG_TASK_ID $BAIGONG_PROCESS_ID\"\n\
             echo \"$1|$2\"\ncat \"$BAIGONG_PARAMS_FILE\"; echo\n\
             echo '{\"total\": 0.10, \"note\": \"a\\u4f30\", \"list\": [1, 2.50], \"none\": null}' > \"$BAIGONG_OUTPUT_FILE\"\n\
             mkdir -p \"$BAIGONG_ARTIFACTS/sub\"; echo x > \"$BAIGONG_ARTIFACTS/sub/result.txt\"\n\
             [ \"$PWD\" = \"$ROBOT_ROOT\" ] && [ \"$BAIGONG_ARTIFACTS\" = \"$ROBOT_ARTIFACTS\" ] && [ -f main.sh ]\n",
        ),
    ]);
    let out = succeeded(desk.run(&[("tolerance", "0.10"), ("rows", "3")]).await);
    let expected = [("total", "0.10"), ("note", "a估"), ("list", "[1, 2.50]"), ("none", "")];
    assert_eq!(out, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let lines = desk.listener.lines();
    assert_eq!(lines[..2], ["0.10 0.10 false 41 7", "two words|$HOME"]);
    let json: serde_json::Value = serde_json::from_str(&lines[2..].concat()).unwrap();
    assert_eq!(json, serde_json::json!({"tolerance": "0.10", "dryRun": false, "rows": 3}));
    let artifacts = list_artifacts(&desk.path("artifacts")).unwrap();
    assert_eq!(artifacts.iter().map(|one| (one.name.as_str(), one.size)).collect::<Vec<_>>(), [("sub/result.txt", 2)]);
}

#[tokio::test]
async fn the_agents_own_variables_stay_with_the_agent() {
    let desk = Desk::script("env\n");
    let mut request = desk.request(&[]);
    request.environment = vec![
        ("PATH".into(), std::env::var("PATH").unwrap()),
        ("BAIGONG_ROBOT_SECRET".into(), "bgr_1_secret".into()),
        ("BAIGONG_ADMIN_PASSWORD".into(), "secret".into()),
        ("baigong_anything".into(), "secret".into()),
        ("BAIGONG_RUN".into(), "mark".into()),
        ("BAIGONG_TASK_ID".into(), "99".into()),
    ];
    succeeded(run(request).await);
    let lines = desk.listener.lines();
    assert!(!lines.iter().any(|line| line.contains("secret")), "{lines:?}");
    assert!(
        lines.iter().any(|line| line == "BAIGONG_TASK_ID=41") && lines.iter().any(|line| line == "BAIGONG_RUN=mark")
    );

    let agent = [("HOME", "/h"), ("LC_ALL", "C"), ("BAIGONG_ROBOT_SECRET", "s"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let agent = agent.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(crate::runner::clean_environment(agent.clone()), agent[..2]);
    let full = crate::runner::full_environment(agent.clone());
    assert_eq!(
        full.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["HOME", "LC_ALL", "AWS_SECRET_ACCESS_KEY"]
    );
}

#[tokio::test]
async fn output_becomes_lines_with_levels() {
    let desk = Desk::script("echo out; echo err >&2; printf '\\271\\300\\326\\265\\n'; printf 'no newline'; exit 3");
    let message = failed(desk.run(&[]).await);
    assert_eq!(message, "the program ended with exit code 3; its last error line: err");
    let lines = desk.listener.leveled();
    for expected in [
        (LogLevel::Info, "out"),
        (LogLevel::Warn, "err"),
        (LogLevel::Info, "估值"),
        (LogLevel::Info, "no newline"),
        (LogLevel::Error, message.as_str()),
    ] {
        assert!(lines.iter().any(|(level, line)| (*level, line.as_str()) == expected), "{expected:?} not in {lines:?}");
    }
}

#[tokio::test]
async fn a_flood_is_bounded() {
    let desk = Desk::script(
        "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; head -c 3000000 /dev/zero | tr '\\0' x",
    );
    let mut request = desk.request(&[]);
    request.limits = RunLimits { lines_in_a_second: 100, line_length: 50, ..RunLimits::default() };
    request.clock = Arc::new(ManualClock::at(0));
    succeeded(run(request).await);
    let lines = desk.listener.lines();
    assert_eq!(lines.len(), 151);
    assert_eq!(lines[100], "… 19851 lines are left out here (more than 100 lines in a second) …");
    assert_eq!(lines[149], "line 19999");
    assert_eq!(lines[150], format!("{} … (2999950 bytes more)", "x".repeat(50)));
}

#[tokio::test]
async fn the_end_of_a_program_is_put_in_words() {
    let cases = [
        ("exit 250", "exit code 250"),
        ("sh -c 'kill -9 $$'; exit $?", "exit code 137 (128 + 9"),
        ("kill -9 $$", "killed by signal 9 (KILL): often the machine had no memory left"),
        ("kill -15 $$", "killed by signal 15 (TERM)"),
        ("echo '{' > $BAIGONG_OUTPUT_FILE", "are not JSON"),
        ("echo '[1]' > $BAIGONG_OUTPUT_FILE", "expected an object"),
        ("echo '{\"a\":1,\"a\":2}' > $BAIGONG_OUTPUT_FILE", "have \"a\" twice"),
        ("ln -s /etc/passwd $BAIGONG_OUTPUT_FILE", "not a plain file"),
        ("head -c 2000000 /dev/zero > $BAIGONG_OUTPUT_FILE", "larger than 1048576 bytes"),
    ];
    for (script, expected) in cases {
        let message = failed(Desk::script(script).run(&[]).await);
        assert!(message.contains(expected), "{script}: {message}");
    }
}

#[tokio::test]
async fn a_program_that_cannot_start_says_what_to_do() {
    let command = |command: &str, file: &str| {
        Desk::new(&[("baigong.yaml", &format!("kind: command\ncommand: [\"{command}\"]\n")), ("run.sh", file)])
    };
    for (desk, expected) in [
        (command("no-such-program", ""), "not on the PATH"),
        (command("run.sh", "#!/bin/sh"), "write ./run.sh"),
        (command("./run.sh", "#!/bin/sh"), "is not executable"),
    ] {
        let message = failed(desk.run(&[]).await);
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn parameters_are_checked_before_anything_starts() {
    let declared = "kind: command\ncommand: [sh, -c, 'echo started']\nparameters: {in: [{name: n, type: integer, required: true}]}\n";
    let desk = Desk::new(&[("baigong.yaml", declared)]);
    assert!(failed(desk.run(&[]).await).contains("\"n\" is missing"));
    assert!(failed(desk.run(&[("n", "1.5")]).await).contains("whole number"));
    assert!(failed(desk.run(&[("n", "1"), ("m", "1")]).await).contains("\"m\" is not known; the package takes n"));
    assert!(!desk.listener.lines().contains(&"started".to_owned()));
    let undeclared = Desk::script("echo $BAIGONG_PARAM_ANY_THING ${#BAIGONG_PARAM_BIG}; wc -c < $BAIGONG_PARAMS_FILE");
    succeeded(undeclared.run(&[("any-thing", "goes"), ("big", &"x".repeat(300_000))]).await);
    let lines = undeclared.listener.lines();
    assert!(lines[0].contains("\"big\" is in BAIGONG_PARAMS_FILE only"), "{lines:?}");
    assert_eq!(lines[1], "goes 0");
    assert!(lines[2].trim().parse::<usize>().unwrap() > 300_000);
}

const ROBOT: &str = "tasks:\n  Shell: {shell: sh main.sh 'two words'}\n  Command: {command: [tool, '']}\n  Suite: {robotTaskName: X}\n\
                     PATH: [bin]\nPYTHONPATH: [libraries, .]\nartifactsDir: out\npreRunScripts: [sh before.sh, sh before_windows.sh]\n";

fn robot(before: &str) -> Desk {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new(&[
        ("robot.yaml", ROBOT),
        (
            "main.sh",
            "echo \"main $1 $BAIGONG_PARAM_A\"; echo \"python $PYTHONPATH\"; mkdir -p out; echo r > out/log.html; cat prepared",
        ),
        ("bin/tool", "#!/bin/sh\necho \"tool $#\"\n"),
        ("before.sh", before),
        ("before_windows.sh", "echo windows"),
    ]);
    std::fs::set_permissions(desk.path("package/bin/tool"), std::fs::Permissions::from_mode(0o755)).unwrap();
    desk
}

#[tokio::test]
async fn robot_yaml_tasks_run_as_it_says() {
    let desk = robot("echo prepared > prepared");
    let mut request = desk.request(&[("A", "1")]);
    request.task_name = Some("Shell".into());
    succeeded(run(request).await);
    let root = desk.path("package").canonicalize().unwrap();
    let python = format!("python {0}/libraries:{0}/.:{1}", root.display(), desk.path("work/python").display());
    assert_eq!(desk.listener.lines(), ["main two words 1", &python, "prepared"]);
    assert!(desk.path("artifacts/log.html").is_file(), "results in artifactsDir are taken over");

    let desk = robot("true");
    let mut request = desk.request(&[]);
    request.task_name = Some("Command".into());
    succeeded(run(request).await);
    assert_eq!(desk.listener.lines(), ["tool 1"], "PATH of robot.yaml, an empty argument");
}

#[tokio::test]
async fn robot_yaml_refusals_are_clear() {
    let desk = robot("echo no licence >&2; exit 4");
    let with = |name: Option<&str>| {
        let mut request = desk.request(&[]);
        request.task_name = name.map(Into::into);
        run(request)
    };
    let before = failed(with(Some("Shell")).await);
    assert!(before.contains("preRunScripts, \"sh before.sh\"") && before.contains("exit code 4"), "{before}");
    assert!(!desk.listener.lines().iter().any(|line| line.starts_with("main")));
    assert!(failed(with(None).await).contains("several tasks, say which to run: \"Shell\", \"Command\", \"Suite\""));
    assert!(failed(with(Some("Shall")).await).contains("no task \"Shall\""));
}

#[tokio::test]
async fn scripts_on_the_packages_path_run_as_they_were_packed_elsewhere() {
    let desk = Desk::new(&[
        (
            "robot.yaml",
            "tasks: {A: {shell: 'say.sh one \"two three\"'}}\npreRunScripts: [bin/before.sh]\nPATH: [bin]\n",
        ),
        ("bin/say.sh", "#!/bin/sh\r\necho \"said $2\"\r\n"),
        ("bin/before.sh", "#!/bin/sh\necho before\n"),
        ("bin/data.txt", "no script\r\n"),
    ]);
    succeeded(desk.run(&[]).await);
    assert_eq!(desk.listener.lines(), ["before", "said two three"]);
    let data = desk.path("package/bin/data.txt");
    assert_eq!(std::fs::read_to_string(data).unwrap(), "no script\r\n", "what is no script stays as it is");
}
