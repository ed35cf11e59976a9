//! Getting another version of the program: compared, fetched, and believed only with the right hash, the right signature
//! where one is asked for, and the right answer to the question which version it is.

use std::{
    fs,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use baigong_protocol::{AgentVersion, VersionRef};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::trial::VERSIONS;
use crate::{robot::Robot, timer, transfer::TransferError};

/// The largest program, in bytes.
const LARGEST: u64 = 1 << 30;
/// So often it is fetched.
const TRIES: u32 = 5;
/// It must say which version it is within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the robot does not go to this version, if it does not.
pub(super) fn may(robot: &Robot, version: Option<&VersionRef>) -> Result<(), String> {
    let version = version.ok_or("the platform named no version")?;
    let Ok(to) = version.version.parse::<AgentVersion>() else {
        return Err(format!("\"{}\" is no version", version.version));
    };
    let is_hash = version.sha256.len() == 64 && version.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash || version.size > LARGEST {
        return Err("the platform named a version without a proper hash and size".to_owned());
    }
    if let Ok(own) = robot.options.version.parse::<AgentVersion>()
        && to < own
        && !version.allows_older
    {
        return Err(format!("version {to} is older than {own}, which runs: an upgrade must say that this is meant"));
    }
    robot.options.operations.upgrade_key.as_deref().map_or(Ok(()), |key| check_signature(key, version))
}

fn check_signature(key: &str, version: &VersionRef) -> Result<(), String> {
    let Some(signature) = &version.signature else {
        return Err("this robot believes only versions that are signed, and this one is not".to_owned());
    };
    let key =
        hex::decode(key.trim().trim_start_matches("ed25519:")).map_err(|_| "the robot's own upgrade key is wrong")?;
    let signed = VersionRef::signed_text(&version.version, &version.sha256);
    let signature = BASE64.decode(signature).unwrap_or_default();
    let verified = UnparsedPublicKey::new(&ED25519, key).verify(signed.as_bytes(), &signature);
    verified.map_err(|_| "the version's signature is not that of the key this robot believes".to_owned())
}

/// Gets the version's program; none when it is the one that runs.
pub(super) async fn fetch(robot: &Arc<Robot>, version: &VersionRef) -> Result<Option<PathBuf>, String> {
    if version.version == robot.options.version {
        return Ok(None);
    }
    // The number has been looked at: it names no other folder.
    let folder = robot.folder.path().join(VERSIONS).join(&version.version);
    let program = folder.join("baigong");
    let text = |error: io::Error| format!("the version cannot be kept: {error}");
    fs::create_dir_all(&folder).map_err(text)?;
    let program = folder.canonicalize().map(|folder| folder.join("baigong")).map_err(text).unwrap_or(program);
    if hash_of(program.clone()).await.ok().as_deref() != Some(version.sha256.as_str()) {
        let part = program.with_extension("part");
        download(robot, version, &part).await?;
        let hash = hash_of(part.clone()).await.map_err(text)?;
        if hash != version.sha256 {
            return Err(format!("the program has SHA-256 {hash}, not {}: it was changed on the way", version.sha256));
        }
        fs::set_permissions(&part, fs::Permissions::from_mode(0o755)).map_err(text)?;
        fs::File::open(&part).and_then(|file| file.sync_all()).map_err(text)?;
        fs::rename(&part, &program).map_err(text)?;
    }
    ask(&program, &version.version).await.map(|()| Some(program))
}

async fn download(robot: &Robot, version: &VersionRef, into: &Path) -> Result<(), String> {
    let mut attempt = 0;
    loop {
        match robot.transfer.download(&version.path, version.size, into).await {
            Ok(()) => return Ok(()),
            Err(TransferError::Later(error)) if attempt + 1 < TRIES => {
                tracing::warn!(version = version.version, %error, "a version cannot be fetched yet");
                timer::after(timer::jitter(&robot.options.timing, attempt, &*robot.options.random)).await;
                attempt += 1;
            }
            Err(error) => return Err(format!("the version could not be fetched: {error}")),
        }
    }
}

async fn hash_of(file: PathBuf) -> io::Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        let (mut file, mut hash, mut part) = (fs::File::open(file)?, Sha256::new(), vec![0; 256 * 1024]);
        loop {
            match file.read(&mut part)? {
                0 => return Ok(hex::encode(hash.finalize())),
                count => hash.update(&part[..count]),
            }
        }
    });
    hashed.await.map_err(io::Error::other)?
}

/// Has the program say which version it is: one for another kind of machine, or for a newer system, cannot.
async fn ask(program: &Path, version: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg("version").stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let said = tokio::time::timeout(PATIENCE, command.output()).await;
    let said = said.map_err(|_| "the program does not say which version it is".to_owned())?;
    let said = said.map_err(|error| format!("the program cannot be started on this machine: {error}"))?;
    let text = String::from_utf8_lossy(&said.stdout);
    match text.split_whitespace().nth(1) {
        Some(is) if said.status.success() && is == version => Ok(()),
        Some(is) if said.status.success() => Err(format!("the program says that it is version {is}, not {version}")),
        _ => {
            let words = String::from_utf8_lossy(&said.stderr);
            Err(format!("the program does not run on this machine: {}", words.trim()))
        }
    }
}
