//! Displays of our own, with a real Xvfb.

use std::os::unix::net::UnixStream;

use baigong_model::SeededRandom;
use x11rb::{
    connection::Connection,
    protocol::xproto::{ConnectionExt, CreateWindowAux, WindowClass},
    rust_connection::{DefaultStream, RustConnection},
    wrapper::ConnectionExt as _,
};

use super::*;

/// A display of our own, not started.
pub(crate) fn display(folder: &Path, change: impl FnOnce(&mut ScreenOptions)) -> Arc<Display> {
    let size = Size { width: 400, height: 300, depth: 24 };
    let mut options = ScreenOptions { display: DisplayChoice::Own, size: Some(size), ..ScreenOptions::default() };
    change(&mut options);
    Display::new(options, folder, &SeededRandom::new(1))
}

/// A window over all of a display, white while this lives.
pub(crate) struct White {
    _connection: RustConnection,
}

impl White {
    pub(crate) fn on(display: &Display) -> Self {
        let connection = connect(display.number(), &display.cookie).unwrap();
        let root = &connection.setup().roots[0];
        let window = connection.generate_id().unwrap();
        let look = CreateWindowAux::new().background_pixel(root.white_pixel).override_redirect(1);
        let (depth, width, height) = (root.root_depth, root.width_in_pixels, root.height_in_pixels);
        let kind = WindowClass::INPUT_OUTPUT;
        connection.create_window(depth, window, root.root, 0, 0, width, height, 0, kind, 0, &look).unwrap();
        connection.map_window(window).unwrap();
        connection.sync().unwrap();
        Self { _connection: connection }
    }
}

fn connect(number: u32, cookie: &[u8]) -> Result<RustConnection, String> {
    let stream = UnixStream::connect(format!("/tmp/.X11-unix/X{number}")).map_err(|error| error.to_string())?;
    let (stream, _) = DefaultStream::from_unix_stream(stream).map_err(|error| error.to_string())?;
    let kind = screen::COOKIE_KIND.as_bytes().to_vec();
    RustConnection::connect_to_stream_with_auth_info(stream, 0, kind, cookie.to_vec())
        .map_err(|error| error.to_string())
}

impl Display {
    pub(crate) fn number(&self) -> u32 {
        self.shown.borrow().number
    }

    /// Kills its server, as if it had crashed.
    pub(crate) fn kill(&self) {
        let authority = self.authority.to_string_lossy().into_owned();
        let is_ours = |id: &i32| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == authority.as_bytes())
        };
        let ids = std::fs::read_dir("/proc").unwrap();
        let mut ids = ids.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<i32>().ok());
        let id = Pid::from_raw(ids.find(is_ours).expect("the server runs")).unwrap();
        kill_process(id, Signal::KILL).unwrap();
    }
}

use rustix::process::{Pid, Signal, kill_process};

fn brightness(picture: &Picture) -> u8 {
    let [darkest, brightest] =
        [picture.pixels.chunks(4).map(|p| p[0]).min(), picture.pixels.chunks(4).map(|p| p[0]).max()];
    assert_eq!(darkest, brightest, "it is of one colour");
    darkest.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_the_size_that_is_wanted_and_lets_in_who_has_the_cookie() {
    let folder = tempfile::tempdir().unwrap();
    let display = display(folder.path(), |options| options.size = None);
    assert!(display.picture().await.err().unwrap().contains("no display"), "it is not started before it is wanted");
    display.wants(Size { width: 641, height: 481, depth: 32 });
    let authority = folder.path().join("run.auth");
    let variables = display.ready(&authority).await.unwrap().unwrap();
    let expected = [
        ("DISPLAY".to_owned(), format!(":{}", display.number())),
        ("XAUTHORITY".to_owned(), authority.display().to_string()),
    ];
    assert_eq!(variables, expected);
    let picture = display.picture().await.unwrap();
    assert_eq!((picture.width, picture.height, brightness(&picture)), (641, 481, 0));
    let _white = White::on(&display);
    assert_eq!(brightness(&display.picture().await.unwrap()), 255);
    assert!(connect(display.number(), &[0; 16]).is_err(), "a wrong cookie lets nobody in");
    assert!(connect(display.number(), &[]).is_err(), "nor does none");
    let number = display.number();
    assert_eq!(display.ready(&authority).await.unwrap().unwrap()[0].1, format!(":{number}"), "it is started once");
    display.end().await;
    assert!(connect(number, &display.cookie).is_err(), "it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_covered_screen_is_black_in_every_picture() {
    let folder = tempfile::tempdir().unwrap();
    let display = display(folder.path(), |_| ());
    display.ready(&folder.path().join("run.auth")).await.unwrap();
    let _white = White::on(&display);
    let cover = display.covers().cover();
    assert_eq!(brightness(&display.picture().await.unwrap()), 0);
    drop(cover);
    assert_eq!(brightness(&display.picture().await.unwrap()), 255);
    display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_vanishes_comes_back_under_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let display = display(folder.path(), |_| ());
    let authority = folder.path().join("run.auth");
    display.ready(&authority).await.unwrap();
    let (number, mut shown) = (display.number(), display.watch());
    display.kill();
    shown.wait_for(|shown| shown.vanished == 1 && shown.screen.is_some()).await.unwrap();
    assert_eq!(display.number(), number);
    assert_eq!(brightness(&display.picture().await.unwrap()), 0);
    drop(shown);
    drop(display);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_nobody_uses_ends_and_the_next_who_wants_it_has_one_again() {
    let folder = tempfile::tempdir().unwrap();
    let display = display(folder.path(), |options| options.rest = Duration::from_millis(50));
    let authority = folder.path().join("run.auth");
    let (one, two) = (display.hold(), display.hold());
    display.ready(&authority).await.unwrap();
    drop(one);
    let mut shown = display.watch();
    let gone = shown.wait_for(|shown| shown.screen.is_none());
    assert!(tokio::time::timeout(Duration::from_millis(500), gone).await.is_err(), "somebody still uses it");
    drop(two);
    shown.wait_for(|shown| shown.screen.is_none()).await.unwrap();
    assert!(connect(display.number(), &display.cookie).is_err(), "its server has ended");
    assert_eq!(display.watch().borrow().vanished, 0, "in order");
    let _three = display.hold();
    display.ready(&authority).await.unwrap();
    assert!(connect(display.number(), &display.cookie).is_ok());
    display.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_server_a_robot_goes_without_unless_it_must_not() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("run.auth");
    let with = |choice| {
        display(folder.path(), |options| {
            options.display = choice;
            options.xvfb = "/nowhere/Xvfb".into();
        })
    };
    assert_eq!(with(DisplayChoice::None).ready(&authority).await, Ok(None));
    let refused = with(DisplayChoice::Own).ready(&authority).await.unwrap_err();
    assert!(refused.contains("/nowhere/Xvfb is not installed"), "{refused}");
    let mut by_itself = Arc::into_inner(with(DisplayChoice::Auto)).unwrap();
    by_itself.machine = None;
    assert_eq!(Arc::new(by_itself).ready(&authority).await, Ok(None));
}

#[test]
fn a_picture_becomes_a_png_and_a_jpeg() {
    let pixels = [[0, 0, 255, 0], [0, 255, 0, 0]].concat();
    let picture = Picture { width: 2, height: 1, pixels };
    let png = picture.png().unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut rgb = vec![0; 6];
    reader.next_frame(&mut rgb).unwrap();
    assert_eq!(rgb, [255, 0, 0, 0, 255, 0], "red and green");
    assert!(picture.jpeg().unwrap().starts_with(&[0xff, 0xd8, 0xff]));
}
