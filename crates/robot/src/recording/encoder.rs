//! ffmpeg as a child: pictures go in, a fragmented MP4 comes out, nothing of it touches the disk. It ends when its input
//! does, also when the agent is killed.

use std::{io, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
};
use tokio_util::task::AbortOnDropHandle;

/// It has so long to take a picture, and to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// What it says of a failure is kept up to so many bytes.
const LONGEST_TROUBLE: u64 = 2000;

/// A running encoder. Dropped, it is killed.
pub(super) struct Encoder {
    child: Child,
    input: ChildStdin,
    trouble: AbortOnDropHandle<String>,
}

/// What is encoded, and how.
pub(super) struct Format<'a> {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) frames_per_second: u32,
    /// How long a fragment lasts.
    pub(super) fragment: Duration,
    pub(super) caption: &'a Path,
    /// The font of the caption.
    pub(super) font: Option<&'a Path>,
}

impl Encoder {
    /// Starts it; the MP4 comes out of the second value.
    pub(super) fn start(program: &Path, format: &Format<'_>) -> io::Result<(Self, ChildStdout)> {
        let mut command = Command::new(program);
        command.args(arguments(format)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A signal to the agent's terminal is for the agent: it ends its recordings in order.
        let mut child = command.kill_on_drop(true).process_group(0).spawn()?;
        let pipe = || io::Error::other("it has no pipe");
        let input = child.stdin.take().ok_or_else(pipe)?;
        let output = child.stdout.take().ok_or_else(pipe)?;
        let trouble = child.stderr.take().ok_or_else(pipe)?;
        let trouble = AbortOnDropHandle::new(tokio::spawn(words_of(trouble)));
        Ok((Self { child, input, trouble }, output))
    }

    /// Gives it a picture.
    pub(super) async fn put(&mut self, pixels: &[u8]) -> io::Result<()> {
        let written = tokio::time::timeout(PATIENCE, self.input.write_all(pixels)).await;
        written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Ends it in order: what it holds comes out. Says what it had to complain of.
    pub(super) async fn end(self) -> String {
        let Self { mut child, input, trouble } = self;
        drop(input);
        let ending = async {
            let status = child.wait().await;
            (status, trouble.await.unwrap_or_default())
        };
        match tokio::time::timeout(PATIENCE, ending).await {
            Ok((Ok(status), words)) if status.success() => words,
            Ok((Ok(status), words)) => format!("{status}: {words}"),
            Ok((Err(error), words)) => format!("{error}: {words}"),
            Err(_) => "it does not end".to_owned(),
        }
    }
}

/// What it complains of, read to the end so that it never waits for a reader.
async fn words_of(mut trouble: ChildStderr) -> String {
    let mut words = Vec::new();
    // What it says is for the log: that it cannot be read is no reason to fail.
    let _ = (&mut trouble).take(LONGEST_TROUBLE).read_to_end(&mut words).await;
    let _ = tokio::io::copy(&mut trouble, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&words).trim().to_owned()
}

fn arguments(format: &Format<'_>) -> Vec<String> {
    let Format { width, height, frames_per_second, fragment, caption, font } = format;
    let caption = escaped(&caption.to_string_lossy());
    let font =
        font.map_or_else(|| "font=Sans".to_owned(), |file| format!("fontfile={}", escaped(&file.to_string_lossy())));
    let draw = format!(
        "pad=ceil(iw/2)*2:ceil(ih/2)*2,drawtext={font}:textfile={caption}:reload=1:expansion=none:x=6:\
         y=h-th-8:fontsize=18:fontcolor=white:box=1:boxcolor=black@0.7:boxborderw=6,format=yuv420p"
    );
    let keys = format!("expr:gte(t,n_forced*{})", fragment.as_secs_f64());
    let (size, rate) = (format!("{width}x{height}"), frames_per_second.to_string());
    let words = [
        "-hide_banner -nostats -loglevel error -probesize 32 -analyzeduration 0 -fflags nobuffer",
        "-use_wallclock_as_timestamps 1 -f rawvideo -pixel_format bgr0",
    ];
    let mut arguments: Vec<String> = words.iter().flat_map(|words| words.split(' ')).map(str::to_owned).collect();
    arguments
        .extend(["-video_size", &size, "-framerate", &rate, "-i", "pipe:0", "-an", "-vf", &draw].map(str::to_owned));
    let coded = "-vsync vfr -c:v libx264 -preset ultrafast -tune zerolatency -crf 30 -threads 1";
    arguments.extend(coded.split(' ').map(str::to_owned));
    arguments.extend(["-force_key_frames", &keys].map(str::to_owned));
    let file = "-movflags +frag_keyframe+empty_moov+default_base_moof+skip_trailer -flush_packets 1 -f mp4 pipe:1";
    arguments.extend(file.split(' ').map(str::to_owned));
    arguments
}

/// A path within the description of a filter, which is read twice (ffmpeg, "Notes on filtergraph escaping").
fn escaped(text: &str) -> String {
    let once = |text: &str, special: &str| {
        text.chars().fold(String::new(), |mut escaped, letter| {
            if special.contains(letter) {
                escaped.push('\\');
            }
            escaped.push(letter);
            escaped
        })
    };
    once(&once(text, "\\':"), "\\'[],;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_both_readings() {
        assert_eq!(escaped("/a/b.txt"), "/a/b.txt");
        assert_eq!(escaped("/a:b"), "/a\\\\:b");
        assert_eq!(escaped("/a'b[1],c"), "/a\\\\\\'b\\[1\\]\\,c");
    }
}
