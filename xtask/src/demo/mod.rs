// SPDX-License-Identifier: GPL-2.0-only

//! `make demo`: the camera as the kernel presents it, and images of what it sees.

mod processed;
mod sheet;
mod summary;

use crate::capture::Capture;
use crate::env::paths::{self, Paths};
use crate::env::progress::{print, Progress};
use crate::kernel::release::Series;
use crate::run::machine::{Job, Machine};
use crate::run::setup;
use crate::run::times;
use anyhow::{anyhow, bail, Context, Result};
use picture::develop::develop;
use picture::{file, scene, Picture};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use summary::Summary;

/// Seconds that the guest may take: several times what it needs on a slow machine.
const LIMIT: Duration = Duration::from_secs(600);
/// The script that the guest runs, and the list of captures beside it.
const SCRIPT: &str = ". /guest/demo/run.sh\n";
const CAPTURES: &str = "tests/guest/demo/captures";

/// A capture, developed.
struct Shot {
    name: String,
    capture: Capture,
    thumbnail: Picture,
}

/// Takes the pictures. `picture` replaces the chart as the scene.
///
/// # Errors
///
/// The environment cannot be prepared, the guest fails, or what it delivers is no frame.
pub fn run(paths: &Paths, series: Option<Series>, picture: Option<&Path>) -> Result<u8> {
    let start = Instant::now();
    let scene = scene::scene(picture)?;
    let names = names(&fs::read_to_string(paths.repo.join(CAPTURES))?);
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let machine = Machine::prepare(&environment)?;
    let folder = paths.empty_build_dir("demo")?;
    let job = Job {
        name: "demo".into(),
        script: Some(SCRIPT.into()),
        scene: Some(scene.clone()),
        share: folder.clone(),
        limit: LIMIT,
    };
    let processing = thread::spawn({
        let (environment, folder) = (environment.clone(), folder.clone());
        move || processed::take(&environment, &scene, &folder)
    });

    let (announce, announced) = mpsc::channel::<String>();
    let developing = develop_all(&folder, announced);
    let progress = Progress::start("virtual board in QEMU", names.len() as u64);
    let status = machine.run(&job, |line| match line.strip_prefix("captured ") {
        Some(name) => {
            progress.advance(name);
            // The developer ends early only on an error, which it then tells itself.
            let _ = announce.send(name.to_owned());
        }
        None => print(line),
    });
    drop(announce);
    let shots = developing
        .into_iter()
        .map(|one| {
            one.join()
                .unwrap_or_else(|_| Err(anyhow!("developing the frames panicked")))
        })
        .collect::<Result<Vec<_>>>();
    let status = status?;
    progress.finish();
    if status != 0 {
        bail!("the demo's script failed in the guest with status {status}");
    }
    let mut shots: Vec<Shot> = shots?.into_iter().flatten().collect();
    shots.sort_by_key(|shot| names.iter().position(|name| *name == shot.name));
    if shots.len() != names.len() {
        bail!(
            "the guest took {} pictures instead of {}",
            shots.len(),
            names.len()
        );
    }
    let processed = processing
        .join()
        .map_err(|_| anyhow::anyhow!("the guest with libcamera panicked"))?;
    let status = conclude(&folder, &environment.found.release.name, &shots, processed)?;
    times::keep(paths, "make demo", start.elapsed(), &[])?;
    Ok(status)
}

/// Develops what is announced, on as many threads as there are processors: the guest waits for none.
fn develop_all(folder: &Path, announced: Receiver<String>) -> Vec<JoinHandle<Result<Vec<Shot>>>> {
    let announced = Arc::new(Mutex::new(announced));
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let develop = |_| {
        let (folder, announced) = (folder.to_owned(), announced.clone());
        let next = move || {
            let announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
            announced.recv().ok()
        };
        thread::spawn(move || {
            std::iter::from_fn(next)
                .map(|name| shoot(&folder, name))
                .collect()
        })
    };
    (0..processors).map(develop).collect()
}

/// Develops one capture into `<name>.png` and keeps the camera's account of it beside it.
fn shoot(folder: &Path, name: String) -> Result<Shot> {
    let source = folder.join(&name);
    let capture = Capture::read(&source).with_context(|| format!("capture {name}"))?;
    let picture = develop(&capture.frame(&source)?)?;
    file::save(&picture, &folder.join(format!("{name}.png")))?;
    paths::remove(&source)?;
    Ok(Shot {
        name,
        capture,
        thumbnail: sheet::thumbnail(&picture),
    })
}

fn conclude(
    folder: &Path,
    kernel: &str,
    shots: &[Shot],
    processed: Result<Option<sheet::Cell>>,
) -> Result<u8> {
    let sheet: PathBuf = folder.join("contact-sheet.png");
    let without = matches!(processed, Ok(None));
    // The raw images are shown whatever became of this one.
    let (processed, failure) = match processed {
        Ok(processed) => (processed, None),
        Err(error) => (None, Some(error)),
    };
    let cells: Vec<_> = shots.iter().map(sheet::cell).chain(processed).collect();
    file::save(&sheet::contact_sheet(&cells), &sheet)?;
    let summary = Summary::new(kernel, shots);
    fs::write(
        folder.join("summary.json"),
        serde_json::to_string_pretty(&summary)? + "\n",
    )?;
    print("");
    for line in summary.table() {
        print(&line);
    }
    print(&format!(
        "\nPictures: {}\nAll of them at a glance: {}\nFigures: {}",
        folder.display(),
        sheet.display(),
        folder.join("summary.json").display()
    ));
    print(
        "\nTry next:\n  make demo SCENE=photo.png    what the sensor makes of your own picture\n  \
         make shell                   the same board, at your fingertips\n  \
         make test                    everything that is checked",
    );
    if without {
        print(
            "\nA picture processed by libcamera would be among them, but its packages are not there \
             (400 MB):\n  make test-pictures            gets them, and shows what else they can do",
        );
    }
    let objections = summary.objections();
    if objections > 0 {
        bail!("the emulated sensor objected {objections} times; summary.json says to what");
    }
    failure.map_or(Ok(0), Err)
}

fn names(list: &str) -> Vec<String> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}
