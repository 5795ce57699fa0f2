// SPDX-License-Identifier: GPL-2.0-only

//! The KUnit suites, loaded as a module into a guest with a kernel of our own configuration.

use super::tally::Tally;
use crate::env::command;
use crate::env::progress::{print, Progress};
use crate::guest::initramfs::Initramfs;
use crate::guest::qemu::{Guest, Pace};
use crate::kernel::{kunit, modules, own::Own};
use crate::run::kernel_log;
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A guest for the suites.
#[derive(Debug)]
pub struct Place {
    /// The first part of the names of files and tests.
    pub name: &'static str,
    pub kernel: &'static Own,
    /// After which time the guest counts as hanging.
    pub limit: Duration,
    /// The guest's clock.
    pub pace: Pace,
}

/// The guest of `make test`.
pub const SMALL: Place = Place {
    name: "kunit",
    kernel: &kunit::KERNEL,
    limit: Duration::from_secs(900),
    pace: Pace::Instructions,
};

/// Folder of the module in the guest, below a release that no kernel has, as nothing must load it
/// by itself.
const FOLDER: &str = "kunit";
pub const MODULE: &str = "fsm_imx412_kunit.ko";

/// Builds what it takes, runs the suites and counts their tests.
///
/// # Errors
///
/// A build fails or the guest does.
pub fn run(environment: &Environment, place: &Place, tally: &mut Tally) -> Result<()> {
    let Environment { paths, tree, found } = environment;
    let name = place.name;
    let kernel = place.kernel.build(environment)?;
    let built = build(environment, place, &kernel, tally)?;
    let module = built
        .into_iter()
        .find(|file| file.ends_with(MODULE))
        .with_context(|| format!("the build made no {MODULE}"))?;

    let mut initramfs = Initramfs::new(paths, std::slice::from_ref(&found.userland))?;
    initramfs.modules(FOLDER, &[module])?;
    initramfs.job(
        format!("exec sh /guest/kunit.sh /lib/modules/{FOLDER}/extra/{MODULE}\n").as_bytes(),
    )?;
    let file = paths.build(&format!("initramfs/{name}.cpio"))?;
    initramfs.write(&file)?;

    let console = paths.build(&format!("logs/{name}-console.log"))?;
    let guest = Guest {
        kernel: &kernel.join("arch/arm64/boot/Image"),
        initramfs: &file,
        dtb: None,
        parameters: "guest.console=ttyAMA0 kunit.enable=1 kunit.autorun=1",
        share: None,
        disk: None,
        console: &console,
        forward: None,
        limit: place.limit,
        pace: place.pace,
    };
    let progress = Progress::start(&format!("{name} in QEMU"), 0);
    let output = paths.build(&format!("logs/{name}-output.log"))?;
    let status = guest.run(paths, tree, &output, |_| {})?;
    progress.finish();
    ensure!(
        status == 0,
        "the module could not be loaded:\n{}",
        command::last_lines(&console, 15)
    );

    let log = paths.build(&format!("logs/{name}-dmesg.log"))?;
    fs::write(
        &log,
        kernel_log::between_marks(&fs::read_to_string(&console)?)?,
    )?;
    let report = paths.build(&format!("logs/{name}-report.log"))?;
    let (passed, failed) = parse(environment, &log, &report)?;
    tally.add(name, passed, failed, &log.display().to_string());
    tally.judge(
        &format!("{name}: refusals name the property and what is wrong with it"),
        kernel_log::has_lines_of(&log, &paths.repo.join("tests/kunit/messages.list")),
    );
    tally.judge(
        &format!("{name}: no warning in the kernel's log"),
        kernel_log::is_clean(&log),
    );
    Ok(())
}

/// Builds the modules, strictly first: a lint is a separate failure and does not keep the user from
/// running the suites.
fn build(
    environment: &Environment,
    place: &Place,
    kernel: &Path,
    tally: &mut Tally,
) -> Result<Vec<PathBuf>> {
    let Environment { paths, tree, found } = environment;
    let against = modules::Against {
        kernel,
        target: place.kernel.target,
    };
    let build = |name: &str, arguments: &[&str]| {
        let name = format!("{name}-{}", found.release.series);
        modules::build_from(paths, tree, &against, (&name, &paths.repo), arguments)
    };
    let test = format!(
        "{}: modules build without a warning, clippy included",
        place.name
    );
    match build(place.name, &modules::STRICT) {
        Ok(built) => {
            tally.pass(&test);
            Ok(built)
        }
        Err(error) => {
            tally.fail(&test, &format!("{error:#}"));
            build(&format!("{}-lenient", place.name), &[])
        }
    }
}

/// Has the kernel's own parser read the log.
fn parse(environment: &Environment, log: &Path, report: &Path) -> Result<(u64, u64)> {
    let Environment { tree, found, .. } = environment;
    let mut parser = tree.command(&found.source, "python3")?;
    parser
        .args(["tools/testing/kunit/kunit.py", "parse"])
        .arg(log);
    command::each_line(&mut parser, report, |_| {})?;
    let text = fs::read_to_string(report)?;
    let (passed, failed) = totals(&text).with_context(|| {
        format!(
            "kunit.py found no tests:\n{}",
            command::last_lines(report, 15)
        )
    })?;
    if failed > 0 {
        print(&text);
    }
    Ok((passed, failed))
}

/// Reads "Testing complete. Ran 25 tests: passed: 24, failed: 1".
fn totals(report: &str) -> Option<(u64, u64)> {
    let (_, counts) = report.rsplit_once("Testing complete. Ran ")?;
    let count = |name: &str| -> u64 {
        let Some((_, rest)) = counts.split_once(&format!("{name}: ")) else {
            return 0;
        };
        rest.split(|c: char| !c.is_ascii_digit())
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    };
    let failed = count("failed") + count("crashed") + count("errors");
    (count("passed") + failed > 0).then_some((count("passed"), failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_parsers_last_line() {
        let good = "[11:00:00] Testing complete. Ran 25 tests: passed: 25\n";
        assert_eq!(totals(good), Some((25, 0)));
        let bad = "Testing complete. Ran 25 tests: passed: 20, failed: 2, crashed: 1, errors: 2";
        assert_eq!(totals(bad), Some((20, 5)));
        assert_eq!(totals("Testing complete. Ran 0 tests: errors: 0"), None);
        assert_eq!(totals("no kunit output"), None);
    }
}
