//! The recording of one run: pictures of the display, a few in a second, through the encoder into sealed chunks. A display
//! that vanishes or an encoder that fails ends a part, and the next begins when there are pictures again.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use baigong_model::{Clock, LogLevel, Random};
use baigong_protocol::{RecordingHead, RecordingKey, RecordingRef, recording::MAX_PARTS};
use tokio::{
    io::AsyncReadExt,
    process::ChildStdout,
    time::{MissedTickBehavior, interval},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    caption::{Caption, CaptionFile},
    encoder::{Encoder, Format},
    mp4::Cutter,
    register::Register,
    spool::{Part, Spool},
};
use crate::{
    display::{Display, Picture, ScreenOptions},
    spool::TaskLog,
    timer,
};

/// Between two parts.
const PAUSE: Duration = Duration::from_secs(1);
/// A recording that fails so often in a row is given up.
const TRIES: u32 = 5;
/// A screen that stays as it is is shown again after this, so that the time in the picture goes on.
const STILL: i64 = 1000;
/// The last chunks have so long to be kept.
const PARTING: Duration = Duration::from_secs(10);

/// What a recorder works with.
pub(super) struct Work {
    pub(super) options: ScreenOptions,
    pub(super) display: Arc<Display>,
    pub(super) spool: Arc<Spool>,
    pub(super) register: Register,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) log: Arc<TaskLog>,
    pub(super) caption: Caption,
    pub(super) font: Option<PathBuf>,
    /// The run; its part is set here.
    pub(super) name: RecordingRef,
    pub(super) ticket: String,
    /// Whose key it is sealed to.
    pub(super) public: String,
}

/// A recording in progress. Dropped, it breaks off.
pub(crate) struct Recorder {
    work: Arc<Work>,
    stop: CancellationToken,
    running: AbortOnDropHandle<()>,
}

/// Why a part ended.
enum Ended {
    Stopped,
    Failed(String),
}

impl Recorder {
    /// Begins to record.
    pub(super) fn start(work: Work) -> Self {
        let (work, stop) = (Arc::new(work), CancellationToken::new());
        let running = tokio::spawn(keep_recording(Arc::clone(&work), stop.clone()));
        Self { work, stop, running: AbortOnDropHandle::new(running) }
    }

    /// The run is at this step now.
    pub(super) fn step(&self, title: &str) {
        self.work.caption.step(title);
    }

    /// Ends it in order.
    pub(super) async fn end(self) {
        self.stop.cancel();
        if tokio::time::timeout(PARTING, self.running).await.is_err() {
            self.work.log.write(LogLevel::Warn, "the end of the recording is lost: the encoder did not end in time");
        }
    }
}

async fn keep_recording(work: Arc<Work>, stop: CancellationToken) {
    let mut failures = 0;
    for part in 1..=MAX_PARTS {
        let (ended, pictures) = work.part(part, &stop).await;
        let Ended::Failed(reason) = ended else { return };
        failures = if pictures > 0 { 1 } else { failures + 1 };
        if failures > TRIES {
            let message = format!("the recording is given up: {reason}");
            return work.log.write(LogLevel::Warn, &message);
        }
        work.log.write(LogLevel::Warn, &format!("the recording was interrupted: {reason}"));
        tokio::select! {
            () = stop.cancelled() => return,
            () = timer::after(PAUSE) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = work.display.back() => {}
        }
    }
}

impl Work {
    /// Records one part; how it ended, and how many pictures it has.
    async fn part(&self, part: i32, stop: &CancellationToken) -> (Ended, u64) {
        let begun = async {
            let first = self.display.picture().await?;
            self.begin(part, &first).map(|begun| (first, begun)).map_err(|error| error.to_string())
        };
        let (first, (mut encoder, output, part, mut caption)) = match begun.await {
            Ok(begun) => begun,
            Err(reason) => return (Ended::Failed(reason), 0),
        };
        let row = self.register.began(self.name.task_id, self.name.fence, part.folder(), self.clock.now()).await;
        let keeping =
            AbortOnDropHandle::new(tokio::spawn(keep(part, output, Arc::clone(&self.clock), Arc::clone(&self.log))));
        let (ended, pictures) = self.feed(&mut encoder, &mut caption, first, stop).await;
        let complaint = encoder.end().await;
        let now = self.clock.now();
        let in_order = matches!(ended, Ended::Stopped) && complaint.is_empty();
        let mut size = 0;
        match keeping.await {
            Ok(part) => {
                size = part.size();
                if let Err(error) = part.end(now, in_order) {
                    tracing::error!(%error, task = self.name.task_id, "the end of a recording is not written");
                }
            }
            Err(error) => tracing::error!(%error, "a recording broke off"),
        }
        self.register.ended(row, now, size).await;
        match (ended, complaint.as_str()) {
            (Ended::Stopped, "") => (Ended::Stopped, pictures),
            (Ended::Stopped, complaint) => {
                self.log.write(LogLevel::Warn, &format!("the recording may lack its end: {complaint}"));
                (Ended::Stopped, pictures)
            }
            (Ended::Failed(reason), "") => (Ended::Failed(reason), pictures),
            (Ended::Failed(reason), complaint) => (Ended::Failed(format!("{reason}; ffmpeg: {complaint}")), pictures),
        }
    }

    fn begin(&self, part: i32, first: &Picture) -> io::Result<(Encoder, ChildStdout, Part, CaptionFile)> {
        let recording = RecordingRef { part, ..self.name };
        let key = RecordingKey::generate(&*self.random);
        let sealed_key = key.seal_to(&*self.random, &self.public, recording);
        let sealed_key = sealed_key.ok_or_else(|| io::Error::other("the platform's key for recordings is none"))?;
        let started_at = self.clock.now();
        let head = RecordingHead { recording, ticket: self.ticket.clone(), started_at, sealed_key };
        let part = self.spool.begin(&head, key)?;
        let mut caption = CaptionFile::new(part.folder());
        caption.write(self.caption.at(started_at))?;
        let format = Format {
            width: first.width,
            height: first.height,
            frames_per_second: self.options.frames_per_second,
            fragment: self.options.chunk,
            caption: caption.path(),
            font: self.font.as_deref(),
        };
        let (encoder, output) = Encoder::start(&self.options.ffmpeg, &format)?;
        Ok((encoder, output, part, caption))
    }

    /// Gives the encoder pictures until the run ends or there are none.
    async fn feed(
        &self,
        encoder: &mut Encoder,
        caption: &mut CaptionFile,
        first: Picture,
        stop: &CancellationToken,
    ) -> (Ended, u64) {
        let mut pace = interval(Duration::from_secs(1) / self.options.frames_per_second.clamp(1, 30));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (size, mut shown, mut shown_at, mut pictures) = ((first.width, first.height), None, 0, 0);
        loop {
            // The last moment of a run is in its recording too.
            let is_last = tokio::select! {
                () = stop.cancelled() => true,
                _ = pace.tick() => false,
            };
            let picture = match self.display.picture().await {
                Ok(picture) if (picture.width, picture.height) == size => picture,
                Ok(_) => return (Ended::Failed("the display has another size now".to_owned()), pictures),
                Err(_) if is_last => return (Ended::Stopped, pictures),
                Err(reason) => return (Ended::Failed(reason), pictures),
            };
            let now = self.clock.now();
            if is_last || now - shown_at >= STILL || shown.as_ref() != Some(&picture) {
                let put = async {
                    caption.write(self.caption.at(now))?;
                    encoder.put(&picture.pixels).await
                };
                if let Err(error) = put.await {
                    return (Ended::Failed(format!("the encoder takes no picture: {error}")), pictures);
                }
                (shown, shown_at, pictures) = (Some(picture), now, pictures + 1);
            }
            if is_last {
                return (Ended::Stopped, pictures);
            }
        }
    }
}

/// Keeps what the encoder makes, chunk by chunk, until it ends.
async fn keep(mut part: Part, mut output: ChildStdout, clock: Arc<dyn Clock>, log: Arc<TaskLog>) -> Part {
    let (mut cutter, mut bytes, mut since, mut is_losing) = (Cutter::default(), vec![0; 64 * 1024], clock.now(), false);
    while let Ok(count @ 1..) = output.read(&mut bytes).await {
        let Ok(pieces) = cutter.take(&bytes[..count]) else {
            log.write(LogLevel::Warn, "the recording ends here: the encoder made what is no recording");
            break;
        };
        for piece in pieces {
            let now = clock.now();
            let kept = tokio::task::spawn_blocking(move || {
                let kept = part.add(&piece, (since, now));
                (part, kept)
            });
            let kept = match kept.await {
                Ok((same, kept)) => {
                    part = same;
                    kept
                }
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
            since = now;
            // Said once when it begins, not for every chunk.
            if let Err(reason) = &kept
                && !is_losing
            {
                log.write(LogLevel::Warn, &format!("a part of the recording is lost: {reason}"));
            }
            is_losing = kept.is_err();
        }
    }
    part
}
