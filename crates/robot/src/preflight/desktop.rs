//! What automations of a desktop need: a display, a browser, fonts; and a Python for those that are written in it.

use std::{
    env,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use crate::{DisplayChoice, ScreenOptions, display::is_installed};

const BROWSERS: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "firefox", "firefox-esr"];
/// What the files of fonts with Chinese letters have in their names.
const CHINESE: [&str; 9] = ["cjk", "wqy", "uming", "ukai", "sourcehan", "fallback", "simsun", "simhei", "fandol"];
/// Deeper than fonts lie.
const DEEPEST: usize = 6;

/// The program's place on the PATH.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// What is wrong with the screen that tasks are to find.
pub(super) fn display(screen: &ScreenOptions) -> Option<String> {
    let machine = env::var("DISPLAY").ok().filter(|display| !display.is_empty());
    display_of(screen, machine.as_deref())
}

fn display_of(screen: &ScreenOptions, machine: Option<&str>) -> Option<String> {
    let hint = "install Xvfb (Debian: apt-get install xvfb), so that the robot makes one of its own";
    match (screen.display, machine) {
        (DisplayChoice::None, _) => None,
        // The robot takes the machine's where there is one, and makes none of its own beside it.
        (DisplayChoice::Auto, Some(display)) => {
            let silent = answers(display).err()?;
            Some(format!("DISPLAY={display} does not answer ({silent}): start it, or choose --display own"))
        }
        _ => (!is_installed(&screen.xvfb)).then(|| format!("there is no display: {hint}")),
    }
}

/// Whether somebody listens behind a display of this machine, `:0` or `unix:0.0`; those of others are believed.
fn answers(display: &str) -> std::io::Result<()> {
    let number = display.strip_prefix("unix").unwrap_or(display).strip_prefix(':');
    let number = number.and_then(|rest| rest.split('.').next()).filter(|number| number.parse::<u32>().is_ok());
    number.map_or(Ok(()), |number| UnixStream::connect(format!("/tmp/.X11-unix/X{number}")).map(drop))
}

pub(super) fn browser() -> Option<String> {
    let none = BROWSERS.iter().all(|name| find(name).is_none());
    none.then(|| "no browser was found: install one (Debian: chromium) where automations use web pages".to_owned())
}

pub(super) fn python() -> Option<String> {
    find("python3").is_none().then(|| "no python3 was found: packages written in Python cannot run".to_owned())
}

pub(super) fn fonts() -> Option<String> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let homes = home.iter().flat_map(|home| [home.join(".fonts"), home.join(".local/share/fonts")]);
    let mut places = vec![PathBuf::from("/usr/share/fonts"), PathBuf::from("/usr/local/share/fonts")];
    places.extend(homes);
    let (mut any, mut chinese) = (false, false);
    for place in places {
        look(&place, DEEPEST, &mut any, &mut chinese);
    }
    match (any, chinese) {
        (_, true) => None,
        (true, false) => {
            Some("no font with Chinese letters was found (Debian: fonts-noto-cjk): they show as boxes".to_owned())
        }
        (false, false) => Some("no fonts were found (Debian: fonts-noto-cjk): text shows as boxes".to_owned()),
    }
}

fn look(folder: &Path, depth: usize, any: &mut bool, chinese: &mut bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if [".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz"].iter().any(|end| name.ends_with(end)) {
            *any = true;
            *chinese |= CHINESE.iter().any(|part| name.replace(['-', '_'], "").contains(part));
        } else if depth > 0 && !*chinese && entry.path().is_dir() {
            look(&entry.path(), depth - 1, any, chinese);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_found_where_they_lie() {
        let folder = tempfile::tempdir().unwrap();
        let looked = || {
            let (mut any, mut chinese) = (false, false);
            look(folder.path(), DEEPEST, &mut any, &mut chinese);
            (any, chinese)
        };
        assert_eq!(looked(), (false, false));
        std::fs::create_dir_all(folder.path().join("truetype/dejavu")).unwrap();
        std::fs::write(folder.path().join("truetype/dejavu/DejaVuSans.ttf"), "").unwrap();
        assert_eq!(looked(), (true, false));
        std::fs::write(folder.path().join("truetype/NotoSansCJK-Regular.ttc"), "").unwrap();
        assert_eq!(looked(), (true, true));
    }

    #[test]
    fn the_display_is_the_one_that_tasks_will_find() {
        let screen = |display, xvfb: &str| ScreenOptions { display, xvfb: xvfb.into(), ..ScreenOptions::default() };
        let (auto, own, none) = (DisplayChoice::Auto, DisplayChoice::Own, DisplayChoice::None);
        for (screen, machine, trouble) in [
            (screen(none, "/nowhere"), Some(":4711"), None),
            (screen(own, "/bin/sh"), Some(":4711"), None),
            (screen(own, "/nowhere"), None, Some("there is no display")),
            (screen(auto, "/bin/sh"), None, None),
            (screen(auto, "/nowhere"), None, Some("there is no display")),
            (screen(auto, "/bin/sh"), Some(":4711"), Some("DISPLAY=:4711 does not answer")),
        ] {
            let found = display_of(&screen, machine);
            assert_eq!(found.is_some(), trouble.is_some(), "{screen:?} {machine:?}: {found:?}");
            assert!(found.unwrap_or_default().contains(trouble.unwrap_or_default()), "{screen:?} {machine:?}");
        }
    }

    #[test]
    fn a_display_without_a_server_does_not_answer() {
        assert!(answers(":4711").is_err());
        assert!(answers("elsewhere:0").is_ok(), "a display of another machine is believed");
    }
}
