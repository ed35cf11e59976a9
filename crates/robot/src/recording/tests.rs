//! Recordings as they are made: with a real Xvfb and a real ffmpeg, and looked at as a viewer would.

use std::{collections::HashSet, time::Duration};

use baigong_model::{LogLevel, SystemClock, SystemRandom};
use baigong_protocol::{Assign, PackageRef, RecordingKey, TaskRef};
use baigong_robot_store::RobotStore;

use super::{
    run::{BEFORE, SCREENSHOT},
    *,
};
use crate::{
    display::{DisplayChoice, RecordWhen, tests::White},
    spool::TaskLog,
};

/// A robot's recordings in a folder of their own.
struct Studio {
    folder: tempfile::TempDir,
    recordings: Recordings,
    log: Arc<TaskLog>,
}

const TASK: TaskRef = TaskRef { task_id: 7, fence: 1 };

impl Studio {
    async fn new(change: impl FnOnce(&mut ScreenOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = ScreenOptions {
            display: DisplayChoice::Own,
            size: Some(baigong_protocol::Screen { width: 320, height: 240, depth: 24 }),
            record: RecordWhen::Always,
            frames_per_second: 10,
            chunk: Duration::from_millis(500),
            ..ScreenOptions::default()
        };
        change(&mut options);
        let register = Register(RobotStore::open(&folder.path().join("robot.db")).await.unwrap());
        let parts: (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let recordings = Recordings::open(options, folder.path(), register, (1, TimeZone::UTC), parts.clone()).unwrap();
        let logs = folder.path().join("spool");
        let logs = crate::spool::Spool::open(&logs, 1 << 20, &HashSet::new(), parts.0).unwrap();
        let log = Arc::new(logs.log_of(TASK, LogLevel::Debug).unwrap());
        Self { folder, recordings, log }
    }

    /// The colours of a picture among the artifacts.
    fn artifact(&self, name: &str) -> Vec<u8> {
        let file = std::fs::File::open(self.folder.path().join("work/artifacts").join(name)).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
        let mut rgb = vec![0; 320 * 240 * 3];
        reader.next_frame(&mut rgb).unwrap();
        rgb
    }

    async fn screen(&self) -> Result<RunScreen, String> {
        self.recordings.screen_of(&assign(), &self.folder.path().join("work"), &self.log).await
    }

    /// The parts of the recording, each as its file was meant to be.
    fn films(&self) -> Vec<Vec<u8>> {
        let parts = self.recordings.spool.parts().unwrap();
        parts.iter().map(|part| self.film(part)).collect()
    }

    fn film(&self, part: &Path) -> Vec<u8> {
        let head = spool::head(part).unwrap();
        let key = RecordingKey::open_from(&self.recordings.own_key, head.recording, &head.sealed_key).unwrap();
        let chunks = spool::entries(part).unwrap().into_iter().map(|entry| {
            let sealed = std::fs::read(&entry.path).unwrap();
            assert!(!sealed.windows(4).any(|four| four == b"moof" || four == b"ftyp"), "it is sealed");
            key.open(head.recording, entry.number, &sealed).unwrap()
        });
        chunks.collect::<Vec<_>>().concat()
    }

    fn count(&self) -> usize {
        let parts = self.recordings.spool.parts().unwrap();
        parts.iter().map(|part| spool::entries(part).map_or(0, |entries| entries.len())).sum()
    }

    /// Waits until there are `more` chunks than now.
    async fn chunks(&self, more: usize) {
        let wanted = self.count() + more;
        until("there are more chunks", async || self.count() >= wanted).await;
    }
}

fn assign() -> Assign {
    Assign {
        task_id: TASK.task_id,
        fence: TASK.fence,
        process_id: 1,
        process_name: "p".into(),
        package: PackageRef { package_id: 1, sha256: "ab".repeat(32), size: 1, path: "/p".into() },
        in_parameters: Vec::new(),
        task_name: None,
        max_run_seconds: None,
        log_level: LogLevel::Info,
        retry_safe: false,
        record: true,
        operator: "张三".into(),
        recording_ticket: String::new(),
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while !holds().await {
            rhythm.tick().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), looking).await.is_ok(), "{what}");
}

/// How bright each frame of a film is above its caption, from 0 to 255; and how bright the brightest point of the caption.
async fn frames(film: &[u8]) -> Vec<(u8, u8)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), film).unwrap();
    let mut command = tokio::process::Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(file.path()).args([
        "-vsync",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
        "-",
    ]);
    let decoded = command.output().await.unwrap();
    assert!(decoded.status.success(), "{}", String::from_utf8_lossy(&decoded.stderr));
    assert!(decoded.stdout.len().is_multiple_of(320 * 240), "whole frames");
    let above = 320 * 200;
    let one = |frame: &[u8]| {
        let sum: u64 = frame[..above].iter().map(|point| u64::from(*point)).sum();
        (u8::try_from(sum / above as u64).unwrap(), frame[above..].iter().copied().max().unwrap())
    };
    decoded.stdout.chunks(320 * 240).map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_a_film_with_a_caption_and_black_where_the_screen_was_covered() {
    let studio = Studio::new(|_| ()).await;
    let screen = studio.screen().await.unwrap();
    let _white = White::on(&studio.recordings.display);
    screen.step("读取表格");
    studio.chunks(3).await;
    let cover = screen.cover().expect("there is a screen");
    studio.chunks(3).await;
    drop(cover);
    studio.chunks(3).await;
    screen.close().await;
    let films = studio.films();
    assert_eq!(films.len(), 1);
    let frames = frames(&films[0]).await;
    let shades: Vec<u8> = frames.iter().map(|(above, _)| *above).collect();
    let white = |shade: &u8| *shade > 240;
    let black = |shade: &u8| *shade < 20;
    // The first pictures may be from before the window was there.
    let start = shades.iter().position(white).expect("the white window");
    let covered = start + shades[start..].iter().position(black).expect("the cover");
    let open = covered + shades[covered..].iter().position(white).expect("the screen again");
    assert!(shades[start..covered].iter().all(white) && shades[covered..open].iter().all(black), "{shades:?}");
    assert!(shades[open..].iter().all(white) && open - covered >= 2, "{shades:?}");
    assert!(frames.iter().all(|(_, caption)| *caption > 200), "every picture has its caption, black ones too");
    studio.recordings.display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_covers_the_screen_with_a_file() {
    let studio = Studio::new(|options| options.record = RecordWhen::Never).await;
    let screen = studio.screen().await.unwrap();
    let _white = White::on(&studio.recordings.display);
    let folder = screen.variables().iter().find(|(name, _)| name == "BAIGONG_COVER_FOLDER").unwrap().1.clone();
    let file = Path::new(&folder).join("typing");
    std::fs::write(&file, "").unwrap();
    let covered = studio.recordings.display.picture().await.unwrap();
    assert!(covered.pixels.iter().all(|byte| *byte == 0));
    std::fs::remove_file(file).unwrap();
    let open = studio.recordings.display.picture().await.unwrap();
    assert!(open.pixels.chunks(4).all(|pixel| pixel[0] == 255));
    screen.close().await;
    studio.recordings.display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_display_that_vanishes_does_not_end_the_recording_and_a_failure_says_so() {
    let studio = Studio::new(|_| ()).await;
    let screen = studio.screen().await.unwrap();
    studio.chunks(2).await;
    let (display, mut shown) = (&studio.recordings.display, studio.recordings.display.watch());
    let before = studio.count();
    display.kill();
    shown.wait_for(|shown| shown.vanished == 1).await.unwrap();
    display.back().await;
    drop(shown);
    until("it goes on", async || studio.count() > before + 2).await;
    until("it is told", async || screen.explain("it failed".into()).contains("display has vanished")).await;
    screen.close().await;
    for film in &studio.films() {
        assert!(!frames(film).await.is_empty(), "each part can be watched");
    }
    let last = studio.recordings.spool.parts().unwrap().pop().unwrap();
    assert!(spool::end(&last).unwrap().unwrap().in_order);
    studio.recordings.display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_behind_a_lost_chunk_can_be_watched() {
    let studio = Studio::new(|_| ()).await;
    let screen = studio.screen().await.unwrap();
    let _white = White::on(&studio.recordings.display);
    studio.chunks(6).await;
    screen.close().await;
    let whole = frames(&studio.films()[0]).await.len();
    let part = studio.recordings.spool.parts().unwrap().remove(0);
    std::fs::remove_file(&spool::entries(&part).unwrap()[2].path).unwrap();
    let rest = frames(&studio.film(&part)).await;
    assert!(rest.len() < whole && rest.len() > whole / 2, "{} of {whole}", rest.len());
    assert!(rest.last().is_some_and(|(shade, _)| *shade > 240), "its end is there");
    studio.recordings.display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_encoder_a_task_runs_unrecorded_or_not_at_all() {
    let missing = |options: &mut ScreenOptions| options.ffmpeg = "/nowhere/ffmpeg".into();
    let studio = Studio::new(missing).await;
    assert_eq!(studio.recordings.refuses(true).await, None);
    studio.screen().await.unwrap().close().await;
    assert!(studio.recordings.spool.parts().unwrap().is_empty());
    studio.recordings.display.end().await;
    let strict = Studio::new(|options| {
        missing(options);
        (options.recording_required, options.record) = (true, RecordWhen::Asked);
    });
    let strict = strict.await;
    assert_eq!(strict.recordings.refuses(false).await, None);
    let refused = strict.recordings.refuses(true).await.unwrap();
    assert!(refused.contains("/nowhere/ffmpeg is not installed"), "{refused}");
    assert!(strict.screen().await.err().unwrap().contains("is to be recorded"));
    strict.recordings.display.end().await;
    let wrong = Studio::new(|options| options.ffmpeg = "/bin/true".into()).await;
    assert!(wrong.recordings.missing().await.unwrap().contains("libx264"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_seen_once_among_the_artifacts() {
    let studio = Studio::new(|options| options.record = RecordWhen::Never).await;
    let screen = studio.screen().await.unwrap();
    let white = White::on(&studio.recordings.display);
    screen.look_at_end().await;
    drop(white);
    screen.look_at_end().await;
    assert!(studio.artifact(SCREENSHOT).iter().all(|byte| *byte == 255), "as it was the first time");
    screen.close().await;
    studio.recordings.display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_has_taken_along_is_seen_as_it_was_before() {
    let studio = Studio::new(|options| options.record = RecordWhen::Never).await;
    let screen = studio.screen().await.unwrap();
    let white = White::on(&studio.recordings.display);
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    while !screen.has_looked() {
        rhythm.tick().await;
    }
    drop(white);
    screen.look_at_end().await;
    assert!(studio.artifact(BEFORE).iter().all(|byte| *byte == 255), "with its window");
    assert!(studio.artifact(SCREENSHOT).iter().all(|byte| *byte == 0), "without it");
    screen.close().await;
    studio.recordings.display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_of_own_tasks_go_with_their_tasks() {
    let studio = Studio::new(|_| ()).await;
    let screen = studio.screen().await.unwrap();
    studio.chunks(1).await;
    screen.close().await;
    studio.recordings.forget(&[TASK.task_id + 1]).await;
    assert_eq!(studio.recordings.spool.parts().unwrap().len(), 1);
    studio.recordings.forget(&[TASK.task_id]).await;
    assert!(studio.recordings.spool.parts().unwrap().is_empty());
    studio.recordings.display.end().await;
}
