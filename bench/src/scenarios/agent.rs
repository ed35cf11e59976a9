//! The robot as a program: how soon it is ready, what it takes at rest, alone and as one of twenty on a machine, and how soon
//! a task runs that its platform is asked for. Beside it another agent that waits for tasks, a Celery worker, and bare
//! fork/exec.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use baigong_testkit::TestClient;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::figure::{Figure, Unit};
use crate::options::Options;
use crate::place::Place;
use crate::process::{self, Program};
use crate::stage::{Engine, Stage, zipped};
use crate::{stats, time};

const AGENTS: usize = 20;
const TASKS: usize = 200;
/// How long a process rests before its memory is read.
const REST: Duration = Duration::from_secs(2);
/// What must have happened by then does not happen any more.
const PATIENCE: f64 = 120.0;
const PAUSE: Duration = Duration::from_millis(1);

/// The program of a task, and of bare fork/exec beside it: it does nothing but write down when it runs.
const NOTES: &str = "date +%s%N > \"$BAIGONG_PARAM_FILE\"";
/// Celery with one process for each worker, and folders instead of a server.
const CELERY: &[(&str, &str)] = &[("requirements.txt", "celery==5.7.0\n")];
const WORKER: &str = "import os\nfrom celery import Celery\n\nhere = os.path.dirname(__file__)\n\
    app = Celery(\"tasks\", broker=\"filesystem://\", broker_transport_options={\n    \
    \"data_folder_in\": here, \"data_folder_out\": here, \"control_folder\": here})\n";

pub(super) async fn run(options: &Options, engine: Engine) -> Result<Vec<Figure>> {
    let count = options.part_of(AGENTS);
    let figure = |what: &str, unit, most| Figure::new(format!("agent: {what}"), engine, unit).at_most(most, most);
    let mut fresh = figure("start to ready, fresh folder", Unit::Milliseconds, 500.0);
    let mut existing = figure("start to ready, existing folder", Unit::Milliseconds, 500.0);
    let mut memory = figure("memory at rest", Unit::Megabytes, 25.0);
    let mut many = figure(&format!("{count} on one machine, memory at rest"), Unit::Megabytes, 600.0);
    let mut task = figure("no-op task, create → it runs, beyond bare fork/exec, p50", Unit::Milliseconds, 15.0);
    let ground = Ground::new(engine).await?;
    let celery = Place::new()?.python(CELERY).await?;
    for _ in 0..options.runs() {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("robot");
        let (program, seconds) = Program::robot(&data, ground.address(), &ground.secret).await?;
        fresh.add(seconds * 1000.0);
        program.stop().await?;
        let (program, seconds) = Program::robot(&data, ground.address(), &ground.secret).await?;
        existing.add(seconds * 1000.0);
        time::after(REST).await;
        memory.add(program.memory()?);
        let (ours, bare) = ground.tasks(options.part_of(TASKS)).await?;
        task.add(stats::milliseconds(ours.saturating_sub(bare)));
        task.beside("bare fork/exec", stats::milliseconds(bare));
        program.stop().await?;

        let (worker, seconds) = Worker::start(&celery).await?;
        for figure in [&mut fresh, &mut existing] {
            figure.beside("Celery worker", seconds * 1000.0);
        }
        time::after(REST).await;
        memory.beside("Celery worker", process::memory(worker.id()?)?);
        drop(worker);

        many.add(ground.fleet(count).await?);
        many.beside("as many Celery workers", workers(&celery, count).await?);
    }
    ground.stage.close().await;
    Ok(vec![fresh, existing, memory, many, task])
}

/// A platform with one robot whose tasks write down when they run, and with many that only wait.
struct Ground {
    stage: Stage,
    admin: TestClient,
    folder: TempDir,
    /// The file with the one's secret.
    secret: PathBuf,
    process: i64,
}

impl Ground {
    async fn new(engine: Engine) -> Result<Self> {
        let stage = Stage::open(engine).await?;
        let (admin, folder) = (stage.admin().await?, tempfile::tempdir()?);
        let machine = admin.create("machine/create", "machineId", json!({"machineName": "agents"})).await?;
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets)?;
        let mut first = None;
        for number in 0..=AGENTS {
            let robot = json!({"depId": stage.department, "robotName": format!("agent {number}"), "robotType": 0,
                "machineId": machine, "machineName": "agents", "machineUsername": "bench"});
            let robot = admin.data("robot/create", robot).await?;
            let secret = robot["robotSecret"].as_str().context("robot/create gave no secret")?;
            // The first stands outside the folder of those that are started together.
            let file = if number == 0 { folder.path().join("first") } else { secrets.join(format!("{number:02}")) };
            fs::write(file, secret)?;
            first.get_or_insert(robot["robotId"].clone());
        }
        let process = process_of(&admin, stage.department, first.context("no robot")?).await?;
        let secret = folder.path().join("first");
        Ok(Self { stage, admin, folder, secret, process })
    }

    fn address(&self) -> SocketAddr {
        self.stage.address
    }

    /// How long from asking until a program runs, p50 of `count`, microseconds: as a task, and started bare.
    async fn tasks(&self, count: usize) -> Result<(u64, u64)> {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for number in 0..=count {
            let file = self.folder.path().join(format!("task-{number}"));
            let parameters = json!([{"name": "file", "value": file.display().to_string()}]);
            let body = json!({"processId": self.process, "priority": 1, "isRecord": false, "inParameters": parameters});
            let begun = time::clock();
            let task = self.admin.data("task/create", body).await?["taskIds"][0].clone();
            let taken = noted(&file).await?.saturating_sub(begun);
            self.ended(&task).await?;
            let begun = time::clock();
            let mut command = Command::new("sh");
            command.args(["-c", NOTES]).env("BAIGONG_PARAM_FILE", &file).stdin(Stdio::null());
            ensure!(command.status().await?.success(), "the program failed");
            let by_hand = noted(&file).await?.saturating_sub(begun);
            fs::remove_file(&file)?;
            // The first fetches the package and starts the display.
            if number > 0 {
                ours.push(u64::try_from(taken / 1000)?);
                bare.push(u64::try_from(by_hand / 1000)?);
            }
        }
        Ok((stats::percentile(&mut ours, 0.5), stats::percentile(&mut bare, 0.5)))
    }

    async fn ended(&self, task: &Value) -> Result<()> {
        let begun = time::now();
        loop {
            let seen = self.admin.data("task/query", json!({"taskId": task})).await?;
            match seen["taskState"].as_str() {
                Some("succeeded") => return Ok(()),
                Some("queued" | "assigned" | "running") => time::after(PAUSE).await,
                _ => anyhow::bail!("a task did not succeed: {seen}"),
            }
            ensure!(time::seconds_since(begun) < PATIENCE, "a task does not end: {seen}");
        }
    }

    /// What so many robots take at rest, all below one process, megabytes.
    async fn fleet(&self, count: usize) -> Result<f64> {
        let (data, secrets) = (tempfile::tempdir()?, tempfile::tempdir()?);
        for file in fs::read_dir(self.folder.path().join("secrets"))?.take(count) {
            let file = file?;
            fs::copy(file.path(), secrets.path().join(file.file_name()))?;
        }
        let fleet = Program::fleet(data.path(), self.address(), secrets.path())?;
        let begun = time::now();
        while self.online().await? < count {
            ensure!(time::seconds_since(begun) < PATIENCE, "not all of the robots are on line");
            time::after(PAUSE * 50).await;
        }
        time::after(REST).await;
        let memory = fleet.memory_of_all()?;
        fleet.stop().await?;
        Ok(memory)
    }

    async fn online(&self) -> Result<usize> {
        let list = self.admin.data("robot/list", json!({"robotStatus": 0, "pageSize": 1000})).await?;
        Ok(list["robots"].as_array().map_or(0, Vec::len))
    }
}

/// A process of the robot whose tasks write down when they run.
async fn process_of(admin: &TestClient, department: i64, robot: Value) -> Result<i64> {
    let group = json!({"depId": department, "robotGroupName": "agents"});
    let group = admin.create("robot-group/create", "robotGroupId", group).await?;
    admin.data("robot-group/append", json!({"robotGroupId": group, "robotIds": [robot]})).await?;
    let process = json!({"processName": "notes", "depId": department, "robotGroupId": group, "isRecord": false});
    let process = admin.create("process/create", "processId", process).await?;
    let manifest = json!({"kind": "command", "name": "notes", "command": ["sh", "-c", NOTES],
        "parameters": {"in": [{"name": "file", "type": "text", "required": true}]}});
    let department = department.to_string();
    let texts = [("packageName", "notes"), ("packageVersion", "1"), ("depId", department.as_str())];
    let package = admin.upload("package/create", &texts, "package", zipped(&manifest.to_string())?).await?;
    let activation = json!({"processId": process, "packageId": package["packageId"]});
    admin.data("process/activate-package-version", activation).await?;
    Ok(process)
}

/// When a program ran, as it has noted it in the file: waits until it has.
async fn noted(file: &Path) -> Result<u128> {
    let begun = time::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if let Some(number) = text.strip_suffix('\n') {
            return Ok(number.parse()?);
        }
        ensure!(time::seconds_since(begun) < PATIENCE, "{} is not written", file.display());
        time::after(PAUSE).await;
    }
}

/// A Celery worker that waits for tasks.
struct Worker {
    child: Child,
    _words: Lines<BufReader<ChildStderr>>,
    _folder: TempDir,
}

impl Worker {
    /// Starts it and waits until it is ready; how many seconds that took.
    async fn start(python: &Path) -> Result<(Self, f64)> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("tasks.py"), WORKER)?;
        let mut command = Command::new(python);
        command.args(["-m", "celery", "-A", "tasks", "worker", "--pool", "solo", "--loglevel", "INFO"]);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let begun = time::now();
        let mut child = command.kill_on_drop(true).spawn()?;
        let mut words = BufReader::new(child.stderr.take().context("its output")?).lines();
        while !words.next_line().await?.context("the worker ended at once")?.ends_with(" ready.") {}
        Ok((Self { child, _words: words, _folder: folder }, time::seconds_since(begun)))
    }

    fn id(&self) -> Result<u32> {
        self.child.id().context("the worker has ended")
    }
}

/// What so many workers take at rest, megabytes.
async fn workers(python: &Path, count: usize) -> Result<f64> {
    let mut workers = Vec::new();
    for _ in 0..count {
        workers.push(Worker::start(python).await?.0);
    }
    time::after(REST).await;
    let each = workers.iter().map(|worker| process::memory_of_all(worker.id()?));
    each.sum()
}
