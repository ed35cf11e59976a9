//! A connection to an X server that only looks: pictures of the whole screen.

use std::{
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use x11rb::{
    connection::Connection,
    protocol::xproto::{ConnectionExt, ImageFormat, ImageOrder, Window},
    rust_connection::{DefaultStream, RustConnection},
};

use super::picture::Picture;

/// The name of the one kind of cookie.
pub(super) const COOKIE_KIND: &str = "MIT-MAGIC-COOKIE-1";

/// The screen of a display.
pub(crate) struct Screen {
    connection: RustConnection,
    root: Window,
    width: u16,
    height: u16,
}

impl Screen {
    /// The screen of a display of our own, by its number and its cookie.
    pub(super) fn own(number: u32, cookie: &[u8]) -> Result<Self, String> {
        let path: PathBuf = Path::new("/tmp/.X11-unix").join(format!("X{number}"));
        let cannot = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let stream = UnixStream::connect(&path).map_err(|error| cannot(&error))?;
        let (stream, _) = DefaultStream::from_unix_stream(stream).map_err(|error| cannot(&error))?;
        let (kind, cookie) = (COOKIE_KIND.as_bytes().to_vec(), cookie.to_vec());
        let connection = RustConnection::connect_to_stream_with_auth_info(stream, 0, kind, cookie);
        Self::of(connection.map_err(|error| cannot(&error))?, 0)
    }

    /// The screen of the display that this process was started on.
    pub(super) fn of_machine(name: &str) -> Result<Self, String> {
        let connected = RustConnection::connect(Some(name));
        let (connection, screen) = connected.map_err(|error| format!("DISPLAY={name}: {error}"))?;
        Self::of(connection, screen)
    }

    fn of(connection: RustConnection, screen: usize) -> Result<Self, String> {
        let setup = connection.setup();
        let of = setup.roots.get(screen).ok_or("the display has no screen")?;
        let format = setup.pixmap_formats.iter().find(|format| format.depth == of.root_depth);
        if format.is_none_or(|format| format.bits_per_pixel != 32) || setup.image_byte_order != ImageOrder::LSB_FIRST {
            return Err(format!("the display has {} bits of colour; pictures can be taken of 24 or 32", of.root_depth));
        }
        let (root, width, height) = (of.root, of.width_in_pixels, of.height_in_pixels);
        Ok(Self { connection, root, width, height })
    }

    /// Takes a picture. Waits for the server.
    pub(super) fn picture(&self) -> Result<Picture, String> {
        let (width, height) = (self.width, self.height);
        let asked = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, u32::MAX);
        let answer = asked.map_err(|error| error.to_string())?.reply().map_err(|error| error.to_string())?;
        let pixels = answer.data;
        if pixels.len() != usize::from(width) * usize::from(height) * 4 {
            return Err("the display has given half a picture".to_owned());
        }
        Ok(Picture { width, height, pixels })
    }
}
