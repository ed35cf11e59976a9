//! Keys as people write them: `ctrl+alt+r`, `super+F5`. Knows nothing of displays but the numbers that X11 gives to keys.

use baigong_model::{Error, Result};

/// A key and those held down with it, by X11's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chord {
    /// The bits of the modifiers.
    pub(super) modifiers: u16,
    /// The key's symbol.
    pub(super) symbol: u32,
}

const SHIFT: u16 = 1;
const CONTROL: u16 = 4;
const ALT: u16 = 8;
const SUPER: u16 = 64;

/// The names of keys that are no letters, and their symbols.
const NAMED: [(&str, u32); 19] = [
    ("space", 0x20),
    ("tab", 0xff09),
    ("enter", 0xff0d),
    ("return", 0xff0d),
    ("pause", 0xff13),
    ("scrolllock", 0xff14),
    ("escape", 0xff1b),
    ("home", 0xff50),
    ("left", 0xff51),
    ("up", 0xff52),
    ("right", 0xff53),
    ("down", 0xff54),
    ("pageup", 0xff55),
    ("pagedown", 0xff56),
    ("end", 0xff57),
    ("print", 0xff61),
    ("insert", 0xff63),
    ("delete", 0xffff),
    ("backspace", 0xff08),
];

impl Chord {
    /// Reads keys joined with `+`. A letter or digit needs a modifier, or nobody could type it any more.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: &str| Error::invalid("hotkey", reason);
        let mut chord = Self { modifiers: 0, symbol: 0 };
        for word in text.split('+').map(|word| word.trim().to_ascii_lowercase()) {
            chord.modifiers |= match word.as_str() {
                "ctrl" | "control" => CONTROL,
                "alt" => ALT,
                "shift" => SHIFT,
                "super" | "win" | "meta" => SUPER,
                key => {
                    let symbol =
                        symbol_of(key).ok_or_else(|| wrong("must be keys joined with +, such as ctrl+alt+r"))?;
                    if chord.symbol != 0 {
                        return Err(wrong("must have one key beside ctrl, alt, shift and super"));
                    }
                    chord.symbol = symbol;
                    0
                }
            };
        }
        match chord.symbol {
            0 => Err(wrong("must have one key beside ctrl, alt, shift and super")),
            0x20..=0x7e if chord.modifiers & !SHIFT == 0 => {
                Err(wrong("must hold ctrl, alt or super beside a key that is typed"))
            }
            _ => Ok(chord),
        }
    }
}

fn symbol_of(key: &str) -> Option<u32> {
    let mut letters = key.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return letter.is_ascii_alphanumeric().then_some(letter as u32);
    }
    if let Some(number) = key.strip_prefix('f').and_then(|number| number.parse::<u32>().ok()) {
        return (1..=24).contains(&number).then(|| 0xffbd + number);
    }
    NAMED.iter().find(|(name, _)| *name == key).map(|(_, symbol)| *symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them() {
        let read = |text: &str| Chord::parse(text).map(|chord| (chord.modifiers, chord.symbol)).ok();
        assert_eq!(read("Ctrl+Alt+R"), Some((CONTROL | ALT, 0x72)));
        assert_eq!(read("F5"), Some((0, 0xffc2)));
        assert_eq!(read(" super + shift + 1 "), Some((SUPER | SHIFT, 0x31)));
        assert_eq!(read("pause"), Some((0, 0xff13)));
        for wrong in ["", "r", "shift+r", "ctrl", "ctrl+a+b", "ctrl+", "ctrl+ä", "F25", "ctrl+nothing"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
