// SPDX-License-Identifier: GPL-2.0-only

//! `fsm-camera live` of a guest, in a headless browser of the host.

use super::browser::Browser;
use super::tally::Tally;
use crate::env::progress::Progress;
use crate::guest::camera;
use crate::guest::qemu::Pace;
use crate::run::kernel_log;
use crate::run::machine::{Job, Machine, System, OVERLAY};
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use picture::scene;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const NAME: &str = "live";
/// Sources the script: it runs as the guest's only one.
const SCRIPT: &str = "exec sh /guest/live.sh\n";
const LIMIT: Duration = Duration::from_secs(600);
/// Time limit for booting and serving.
const BOOT: Duration = Duration::from_secs(240);
/// Keys of a keyboard, as Windows numbers them.
const HOME: (&str, u32) = ("Home", 36);
const END: (&str, u32) = ("End", 35);

/// Boots a guest that serves the page, and looks at it.
///
/// # Errors
///
/// The guest or the browser cannot be had.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let paths = &environment.paths;
    let mut system = System::debian(environment)?;
    system.pace = Pace::Host;
    system
        .programs
        .push(camera::build(paths, &environment.tree)?);
    let machine = Machine::running(system, environment, &[OVERLAY])?;
    let share = paths.empty_build_dir(NAME)?;
    // Free now; QEMU reports it if another process takes it meanwhile.
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let job = Job {
        name: NAME.into(),
        script: Some(SCRIPT.into()),
        scene: Some(scene::scene(None)?),
        share: share.clone(),
        limit: LIMIT,
    };
    let browser = Browser::start(environment, "browser")?;
    let progress = Progress::start("live in QEMU", 0);
    let mut printed = Vec::new();
    let (looked, status) = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let looked = look(browser, port, &share);
            // Whatever came of it, the guest need not wait for more.
            fs::write(share.join("finished"), "").map(|()| looked)
        });
        let status = machine.forwarding(port).run(&job, |line| {
            progress.advance(line);
            printed.push(line.to_owned());
        });
        (looking.join(), status)
    });
    progress.finish();
    let looked = looked.map_err(|_| anyhow::anyhow!("the browser's thread panicked"))??;
    for (name, result) in looked {
        tally.judge(&format!("live: {name}"), result);
    }
    let status = status?;
    tally.judge(
        "live: the stream stops when nobody looks, and no rule was broken",
        if status == 0 {
            Ok(())
        } else {
            Err(anyhow::anyhow!("{}", printed.join("\n")))
        },
    );
    tally.judge(
        "live: no warning in the kernel's log",
        kernel_log::is_clean(&share.join("dmesg")),
    );
    Ok(())
}

type Looked = Vec<(&'static str, Result<()>)>;

/// Looks at the page; each result stands for itself.
fn look(mut browser: Browser, port: u16, share: &Path) -> Looked {
    let url = format!("http://127.0.0.1:{port}/");
    if let Err(error) = until_serving(share) {
        return vec![("the guest serves the page", Err(error))];
    }
    let mut looked: Looked = Vec::new();
    let page = match browser.open(&url) {
        Ok(page) => page,
        Err(error) => return vec![("a browser opens the page", Err(error))],
    };
    // A pixel of the image is a cell of the frame's.
    let shows = "document.getElementById('picture').naturalWidth === 320 && \
        document.getElementById('camera').textContent === 'imx412 0-001a' && \
        document.getElementById('temperature').textContent === '42 \u{b0}C' && \
        document.getElementById('exposure') !== null";
    let tell = "document.body.innerText";
    looked.push((
        "the page shows the camera",
        browser.until(&page, shows, tell),
    ));
    looked.push(("the picture changes", changes(&mut browser, &page)));
    let moved = browser
        .press(&page, "exposure", HOME.0, HOME.1)
        .and_then(|()| browser.press(&page, "gain", END.0, END.1))
        .and_then(|()| traced(share, &["exposure=8 ", "analogue-gain=978 "]));
    looked.push(("moved sliders reach the sensor", moved));
    let units = "document.querySelector('output[for=exposure]').textContent.endsWith(' ms') && \
        document.querySelector('output[for=gain]').textContent === '51.0 dB'";
    let outputs = "[...document.querySelectorAll('output')].map(o => o.textContent).join()";
    looked.push(("sliders show units", browser.until(&page, units, outputs)));
    let flipped = browser
        .value(&page, "document.getElementById('hflip').click()")
        .and_then(|_| traced(share, &["bayer-order=Grbg "]))
        .and_then(|()| changes(&mut browser, &page));
    looked.push(("a flip starts the stream anew", flipped));
    looked.push((
        "two browsers have pictures, and one that goes leaves the other alone",
        {
            browser.open(&url).and_then(|second| {
                browser.until(&second, shows, tell)?;
                changes(&mut browser, &page)?;
                changes(&mut browser, &second)?;
                browser.close(&second)?;
                changes(&mut browser, &page)
            })
        },
    ));
    // For the documentation, with the sliders where a user would have them.
    let picture = ["exposure", "gain"]
        .iter()
        .try_for_each(|id| {
            let set = format!(
                "{{ const e = document.getElementById('{id}'); e.value = {}; e.dispatchEvent(new Event('input')); }}",
                if *id == "gain" { 0 } else { 780 }
            );
            browser.value(&page, &set).map(|_| ())
        })
        .and_then(|()| {
            thread::sleep(Duration::from_secs(2));
            browser.picture(&page)
        })
        .and_then(|picture| Ok(fs::write(share.join("page.png.base64"), picture)?));
    looked.push(("the page can be drawn", picture));
    looked
}

fn until_serving(share: &Path) -> Result<()> {
    let begun = Instant::now();
    while !share.join("serving").exists() {
        ensure!(
            begun.elapsed() < BOOT,
            "the guest does not serve within {BOOT:?}"
        );
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Pictures come: three more than now.
fn changes(browser: &mut Browser, page: &super::browser::Page) -> Result<()> {
    let number = "Number(document.getElementById('picture').dataset.shot)";
    let now = browser.value(page, number)?;
    let now = now.as_f64().context("the picture has no number")?;
    browser.until(page, &format!("{number} > {}", now + 2.0), number)
}

/// Waits until the emulated sensor's frames have had all of this, as the guest writes it down.
fn traced(share: &Path, words: &[&str]) -> Result<()> {
    let begun = Instant::now();
    loop {
        let trace = fs::read_to_string(share.join("trace")).unwrap_or_default();
        let missing: Vec<_> = words
            .iter()
            .filter(|word| !trace.contains(**word))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < Duration::from_secs(60),
            "no frame has had {missing:?}; the last ones:\n{}",
            trace.lines().rev().take(3).collect::<Vec<_>>().join("\n")
        );
        thread::sleep(Duration::from_millis(200));
    }
}
