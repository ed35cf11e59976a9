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
    /// Grabs the keys of each trigger; its id is sent for each press.
    pub(super) fn grab(keys: Vec<(i64, String)>, pressed: UnboundedSender<i64>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let chords: Vec<(i64, Chord)> =
            keys.into_iter().filter_map(|(id, keys)| Some((id, Chord::parse(&keys).ok()?))).collect();
        let over = Arc::clone(&is_over);
        let listening = std::thread::Builder::new().name("hotkeys".to_owned()).spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if let Err(error) = listen(&chords, &pressed, &over) {
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
fn listen(chords: &[(i64, Chord)], pressed: &UnboundedSender<i64>, over: &AtomicBool) -> Result<(), String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let (connection, screen) = x11rb::connect(None).map_err(|error| text(&error))?;
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
