//! Keys on an X11 display: grabbed on its root window, so that they come here whatever window has the focus. On a thread of its
//! own, which ends when it is dropped; a display that is not there, or goes, is looked for again.

use std::{
    os::fd::AsFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc::UnboundedSender;
use x11rb::{
    connection::Connection,
    errors::{ConnectionError, ReplyError},
    protocol::{
        Event,
        xproto::{ConnectionExt, GrabMode, ModMask},
    },
    rust_connection::RustConnection,
};

use super::keys::Chord;

/// So often it is looked whether the thread is to end.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };
/// So many looks pass before a display that is not there is looked for again.
const ROUNDS: usize = 10;
/// Locks that may be on while keys are pressed: caps lock, num lock, both.
const LOCKS: [u16; 4] = [0, 2, 16, 18];
/// The modifiers that count.
const COUNT: u16 = 1 | 4 | 8 | 64;

/// Grabbed keys.
pub(super) struct Hotkeys {
    is_over: Arc<AtomicBool>,
    _thread: Option<JoinHandle<()>>,
}

impl Hotkeys {
    /// Grabs the keys of each trigger on `display`, or on the one of the agent's environment; a trigger's id is sent for each
    /// press.
    pub(super) fn grab(keys: Vec<(i64, String)>, display: Option<String>, pressed: UnboundedSender<i64>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let chords: Vec<(i64, Chord)> =
            keys.into_iter().filter_map(|(id, keys)| Some((id, Chord::parse(&keys).ok()?))).collect();
        let over = Arc::clone(&is_over);
        let listening = std::thread::Builder::new().name("hotkeys".to_owned()).spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if let Err(error) = listen(&chords, display.as_deref(), &pressed, &over) {
                    tracing::warn!(error, "hotkeys are not heard: it is tried again");
                }
                (0..ROUNDS).take_while(|_| !over.load(Ordering::Relaxed)).for_each(|_| {
                    let _ = poll(&mut [], Some(&LOOK));
                });
            }
        });
        let thread = listening.inspect_err(|error| tracing::error!(%error, "hotkeys are not heard")).ok();
        Self { is_over, _thread: thread }
    }
}

impl Drop for Hotkeys {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Listens until it is over or the display is gone.
fn listen(
    chords: &[(i64, Chord)],
    display: Option<&str>,
    pressed: &UnboundedSender<i64>,
    over: &AtomicBool,
) -> Result<(), String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let (connection, screen) = x11rb::connect(display).map_err(|error| text(&error))?;
    let root = connection.setup().roots[screen].root;
    let keys = numbers(&connection).map_err(|error| text(&error))?;
    for (_, chord) in chords {
        for code in keys.iter().filter(|(symbol, _)| *symbol == chord.symbol).map(|(_, code)| *code) {
            for lock in LOCKS {
                let modifiers = ModMask::from(chord.modifiers | lock);
                let grab = connection.grab_key(false, root, modifiers, code, GrabMode::ASYNC, GrabMode::ASYNC);
                let grabbed = grab.map_err(|error| text(&error))?.check();
                if let Err(error) = grabbed {
                    tracing::warn!(%error, "a key is taken by another program of this display");
                }
            }
        }
    }
    while !over.load(Ordering::Relaxed) {
        while let Some(event) = connection.poll_for_event().map_err(|error| text(&error))? {
            let Event::KeyPress(press) = event else { continue };
            let modifiers = u16::from(press.state) & COUNT;
            let is_it = |chord: &Chord| chord.modifiers == modifiers && keys.contains(&(chord.symbol, press.detail));
            for (id, _) in chords.iter().filter(|(_, chord)| is_it(chord)) {
                if pressed.send(*id).is_err() {
                    return Ok(());
                }
            }
        }
        let stream = connection.stream().as_fd();
        let _ = poll(&mut [PollFd::new(&stream, PollFlags::IN)], Some(&LOOK));
    }
    Ok(())
}

/// Which symbol each key's number stands for, without other keys held down. A letter's symbol is the small one.
fn numbers(connection: &RustConnection) -> Result<Vec<(u32, u8)>, ReplyError> {
    let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
    let count = last.saturating_sub(first).saturating_add(1);
    let asked =
        connection.get_keyboard_mapping(first, count).map_err(|error: ConnectionError| ReplyError::from(error))?;
    let mapping = asked.reply()?;
    let width = usize::from(mapping.keysyms_per_keycode).max(1);
    let rows = mapping.keysyms.chunks(width).zip(first..=last);
    Ok(rows.filter_map(|(symbols, code)| Some((*symbols.first()?, code))).collect())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader},
        process::{Child, Command, Stdio},
        time::Duration,
    };

    use x11rb::protocol::{
        xproto::{KEY_PRESS_EVENT, KEY_RELEASE_EVENT},
        xtest::ConnectionExt as _,
    };
    use x11rb::wrapper::ConnectionExt as _;

    use super::*;

    /// A display without a screen that anybody sees; it ends with the test.
    struct Display(Child, String);

    impl Display {
        fn open() -> Self {
            let mut server = Command::new("Xvfb");
            server.args(["-displayfd", "1", "-screen", "0", "320x200x24", "-nolisten", "tcp"]);
            let mut server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb is there (xvfb)");
            let mut number = String::new();
            BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
            Self(server, format!(":{}", number.trim()))
        }
    }

    impl Drop for Display {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// Presses keys one after the other and lets them go again, as somebody before the display would.
    fn press(connection: &RustConnection, codes: &[u8]) {
        for code in codes {
            connection.xtest_fake_input(KEY_PRESS_EVENT, *code, 0, x11rb::NONE, 0, 0, 0).unwrap();
        }
        for code in codes.iter().rev() {
            connection.xtest_fake_input(KEY_RELEASE_EVENT, *code, 0, x11rb::NONE, 0, 0, 0).unwrap();
        }
        connection.sync().unwrap();
    }

    #[tokio::test]
    async fn a_press_is_heard_whatever_locks_are_on_and_other_keys_are_not() {
        let display = Display::open();
        let (connection, _) = x11rb::connect(Some(&display.1)).unwrap();
        let keys = numbers(&connection).unwrap();
        let code = |symbol: u32| keys.iter().find(|(found, _)| *found == symbol).unwrap().1;
        let (control, alt, caps, letter, other) = (code(0xffe3), code(0xffe9), code(0xffe5), code(0x72), code(0x73));
        let (pressed, mut presses) = tokio::sync::mpsc::unbounded_channel();
        let chosen = vec![(7, "ctrl+alt+r".to_owned()), (8, "F5".to_owned())];
        let _hotkeys = Hotkeys::grab(chosen, Some(display.1.clone()), pressed);
        // Until the keys are grabbed a press goes to nobody.
        let mut rhythm = tokio::time::interval(Duration::from_millis(20));
        let first = async {
            loop {
                rhythm.tick().await;
                press(&connection, &[code(0xffc2)]);
                if let Ok(id) = presses.try_recv() {
                    return id;
                }
            }
        };
        assert_eq!(tokio::time::timeout(Duration::from_secs(30), first).await.expect("F5 is heard"), 8);
        press(&connection, &[control, alt, other]);
        press(&connection, &[letter]);
        press(&connection, &[caps]);
        press(&connection, &[control, alt, letter]);
        let heard = async {
            loop {
                // Presses of F5 from before may still come.
                if let Some(7) = presses.recv().await {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), heard).await.expect("the keys are heard with caps lock on");
        assert!(presses.try_recv().is_err(), "once");
    }
}
