// SPDX-License-Identifier: GPL-2.0-only

//! Runs other programs: output goes to a log, its lines move a progress bar, and a failure quotes
//! the end of it.

use super::progress::Progress;
use anyhow::{bail, Context, Result};
use rustix::pipe::{pipe_with, PipeFlags};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Lines of a failed program's log that its error message repeats.
const QUOTED_LINES: usize = 12;

/// Runs `command` with both output streams in the file `log`; `what` names it in the error message.
///
/// # Errors
///
/// The program is missing or fails; the message then has the last lines of its output and the log's
/// path.
pub fn logged(what: &str, mut command: Command, log: &Path, progress: &Progress) -> Result<()> {
    let status = each_line(&mut command, log, |line| progress.advance(line))?;
    if !status.success() {
        bail!(
            "{what} failed ({status}):\n{}\nthe whole log is {}",
            last_lines(log, QUOTED_LINES),
            log.display()
        );
    }
    Ok(())
}

/// Runs `command`, writes every line of both output streams to `log` and hands it to `seen` as it
/// comes.
///
/// # Errors
///
/// The program cannot be started or the log not be written. A failing program is no error here.
pub fn each_line(
    command: &mut Command,
    log: &Path,
    mut seen: impl FnMut(&str),
) -> Result<ExitStatus> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file =
        File::create(log).with_context(|| format!("cannot write the log {}", log.display()))?;
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot run {}", name(command)))?;
    // The command keeps copies of the writing end; without this the reader below would never see
    // the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut reader = BufReader::new(File::from(reader));
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        file.write_all(&bytes)?;
        seen(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
    Ok(child.wait()?)
}

/// Runs `command` and returns what it printed on standard output.
///
/// # Errors
///
/// The program is missing or fails; the message then has what it wrote on standard error.
pub fn output(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&bytes(command)?).into_owned())
}

/// Returns the same for output that is no text.
///
/// # Errors
///
/// As [`output`].
pub fn bytes(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", name(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed ({}): {}",
            name(command),
            output.status,
            stderr.trim()
        );
    }
    Ok(output.stdout)
}

/// Returns the last `count` lines of a file, or nothing if it cannot be read.
pub fn last_lines(path: &Path, count: usize) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
