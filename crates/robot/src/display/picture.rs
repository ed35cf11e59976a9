//! A picture of a screen, and the files that can be made of it.

use png::{BitDepth, ColorType, Compression};

/// The pixels of a screen at a moment: rows from the top, each pixel blue, green, red and a byte without meaning.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// The same size, black.
    pub(crate) fn blacken(&mut self) {
        self.pixels.fill(0);
    }

    /// As PNG.
    pub(crate) fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, u32::from(self.width), u32::from(self.height));
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        let mut writer = encoder.write_header()?;
        let rgb: Vec<u8> = self.pixels.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        writer.write_image_data(&rgb)?;
        writer.finish()?;
        Ok(file)
    }

    /// As JPEG, small rather than fine.
    pub(crate) fn jpeg(&self) -> Result<Vec<u8>, jpeg_encoder::EncodingError> {
        let mut file = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut file, 60);
        encoder.encode(&self.pixels, self.width, self.height, jpeg_encoder::ColorType::Bgra)?;
        Ok(file)
    }
}
