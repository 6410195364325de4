//! The disk is full: commands are told so and change nothing, players can be looked at, and when there is room again all goes on.
//!
//! The disk is a small tmpfs with a tablespace on it, and the database in that. The server's own files, its log of changes among
//! them, are elsewhere: a server that cannot write that stops by itself, which is not what is tried here.
//!
//! Mounting is done in a mount namespace of a process's own. With the last process in it the namespace is gone and the disk with
//! it, however the process ended, and nobody else ever sees it.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use levelkit::{Command as Act, Xp};
use levelkit_storage::{BlockingStore, NewPlayer};
use levelkit_test_postgres::{Database, Server, Settings};

use crate::check::{check, check_so_far};
use crate::crew::{Crew, keep_house};
use crate::plan::Plan;
use crate::summary::Summary;
use crate::{Wrong, prepare, work};

/// The word by which the program is told to be the process with the disk; the folder follows.
pub const WORD: &str = "full-disk";

/// How large the disk is, in MiB; about ten of them are what an empty database takes.
const SIZE: usize = 96;
/// How many bytes are free at first.
const ROOM: u64 = 256 << 10;
/// How often each worker is to have been told that the disk is full, in the mean.
const EACH: u64 = 5;
/// Who only ever does what has no room.
const WITNESS: &str = "witness";

/// Does the trial in a process of its own, whose program is `program`; what it said, if it may mount at all.
///
/// # Errors
/// Something was lost, half there or not told as it should be; or PostgreSQL is not installed.
pub fn run(program: &Path) -> Result<Option<String>, Wrong> {
    // Where the server's user, who is not root, can go.
    let folder = tempfile::Builder::new().prefix("levelkit-disk-").tempdir_in("/tmp")?;
    let can_mount = apart("mount").args(mount_arguments(folder.path(), 1)).output();
    if !can_mount.is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    let Output { status, stdout, stderr } = apart(program).arg(WORD).arg(folder.path()).output()?;
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).trim().to_owned();
    if status.success() { Ok(Some(said)) } else { Err(said.into()) }
}

/// A program in a mount namespace of its own.
fn apart(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private"]).arg(program);
    command
}

fn mount_arguments(folder: &Path, mebibytes: usize) -> Vec<String> {
    let options = format!("size={mebibytes}m,mode=0700");
    ["-t", "tmpfs", "-o", &options, "levelkit-disk"].map(str::to_owned).into_iter().chain([text(folder)]).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The trial itself, in the process with the disk; what happened.
///
/// # Errors
/// As [`run`].
pub fn fill(program: PathBuf, folder: &Path) -> Result<Summary, Wrong> {
    let plan = Plan { commands: 8_000, players: 30, processes: 2, threads: 4, faults: vec![], ..Plan::new(program) };
    let server = Server::start(&Settings::new())?;
    let disk = Disk::mount(folder, &server)?;
    let database = server.database()?;
    server.query(&format!("ALTER DATABASE {} SET TABLESPACE small", database.name()))?;
    let url = database.url();
    prepare(&plan, &url)?;
    BlockingStore::open(&url)?.create_player(&NewPlayer::new(WITNESS))?;
    disk.leave(ROOM)?;
    let crew = Crew::new(&plan, &url, &url);
    let over = AtomicBool::new(false);
    let acknowledged = std::thread::scope(|scope| {
        let keeper = scope.spawn(|| keep_house(&plan, &url, crew.started(), &over));
        let trial = scope.spawn(|| {
            let tried = when_full(&plan, &database, &crew, &over);
            // The workers would try for ever.
            disk.make_room().and(tried)
        });
        let acknowledged = crew.work();
        over.store(true, Ordering::Release);
        let tried = trial.join().map_err(|_| "the trial stopped with a panic")?;
        let kept = keeper.join().map_err(|_| "the housekeeping stopped with a panic")?;
        let acknowledged = acknowledged?;
        tried.and(kept).map(|()| acknowledged)
    })?;
    let checked = check(&plan, &database, &acknowledged)?;
    Ok(Summary::new([].into(), checked, acknowledged, &crew))
}

/// Waits until the disk is full for everybody, and looks.
fn when_full(plan: &Plan, database: &Database<'_>, crew: &Crew, over: &AtomicBool) -> Result<(), Wrong> {
    while crew.met().get("STORE_FULL").is_none_or(|met| *met < plan.workers() * EACH) {
        if over.load(Ordering::Acquire) {
            return Err("the workers were done before the disk was full".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    if let Some(other) = crew.met().keys().find(|code| !["STORE_FULL", "STORE_CONFLICT"].contains(&code.as_str())) {
        return Err(format!("on a full disk a worker met {other}").into());
    }
    let checked = check_so_far(plan, database, &crew.acknowledged())?;
    if !checked.wrong.is_empty() {
        return Err(format!("on a full disk: {}", checked.wrong.join("\n")).into());
    }
    let store = BlockingStore::open(&database.url())?;
    let before = store.state(WITNESS)?;
    let at = work::begin()?;
    // More than the last free pages can take.
    let much = |number: usize| {
        let id = format!("{WITNESS}-{number}");
        (at, Act::AdjustXp { id, amount: Xp(1), reason: "x".repeat(500) })
    };
    let told = store.execute_all(WITNESS, &(0..1_000).map(much).collect::<Vec<_>>());
    match told.map(drop).map_err(|error| error.code()) {
        Err("STORE_FULL") => {}
        other => return Err(format!("on a full disk a command ended with {other:?}").into()),
    }
    // What only reads goes on.
    if store.state(WITNESS)? != before {
        return Err("what there was no room for left something behind".into());
    }
    store.player(&work::player(0), None)?;
    store.ledger(&work::player(0), None, 10)?;
    store.leaderboard("spring", at, 0, 10)?;
    Ok(())
}

/// A small disk with the tablespace `small`, and a file that is in the way.
struct Disk {
    ballast: PathBuf,
}

impl Disk {
    fn mount(folder: &Path, server: &Server) -> Result<Self, Wrong> {
        let mounted = Command::new("mount").args(mount_arguments(folder, SIZE)).output()?;
        if !mounted.status.success() {
            return Err(format!("mount: {}", String::from_utf8_lossy(&mounted.stderr).trim()).into());
        }
        // It belongs to whoever the server runs as.
        let owner = std::fs::metadata(server.query("SHOW data_directory")?)?;
        chown(folder, Some(owner.uid()), Some(owner.gid()))?;
        server.query(&format!("CREATE TABLESPACE small LOCATION '{}'", text(folder)))?;
        Ok(Self { ballast: folder.join("ballast") })
    }

    /// Fills it but for so many bytes.
    fn leave(&self, room: u64) -> Result<(), Wrong> {
        let (mut file, block) = (File::create(&self.ballast)?, vec![0; 1 << 16]);
        loop {
            match file.write(&block) {
                Ok(_) => {}
                Err(full) if full.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error.into()),
            }
        }
        let length = file.metadata()?.len();
        Ok(file.set_len(length.saturating_sub(room))?)
    }

    fn make_room(&self) -> Result<(), Wrong> {
        Ok(std::fs::remove_file(&self.ballast)?)
    }
}
