// SPDX-License-Identifier: GPL-2.0-only

//! Boards whose device trees were changed, one property each: they work, or the kernel's log names
//! the property. What is wrong only for the other end of a link shows when a stream starts.

use crate::camera::Camera;
use crate::report;
use crate::stream;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

const TREE: &str = "/sys/firmware/devicetree/base";
/// Property of the board's node that describes a change: its name, and names of the property in
/// messages, with bars between.
const CASE: &str = "stress,case";
const PROPERTY: &str = "stress,property";
/// For how long nothing happens when all boards have probed.
const SETTLING: Duration = Duration::from_secs(15);

/// Looks at all boards of this machine.
pub fn run() -> Result<(), String> {
    let log = settled_log()?;
    let boards = boards().map_err(|e| format!("{TREE}: {e}"))?;
    let (mut working, mut refused) = (0, 0);
    for node in &boards {
        let (Some(case), Some(property)) = (text(&node.join(CASE)), text(&node.join(PROPERTY)))
        else {
            continue;
        };
        let name = node.file_name().unwrap_or_default().to_string_lossy();
        let slot = name.trim_start_matches("fsm-imx412-");
        let result = match Camera::find(slot) {
            Some(camera) => {
                let before = messages()?.len();
                match stream::plain(&camera) {
                    Ok(()) => {
                        working += 1;
                        Ok(())
                    }
                    Err(error) => names(messages()?.get(before..).unwrap_or(""), &name, &property)
                        .inspect(|()| refused += 1)
                        .map_err(|more| format!("{error}\n{more}")),
                }
            }
            None => names(&log, &name, &property).inspect(|()| refused += 1),
        };
        report::check(&format!("tree: {case}"), result);
    }
    report::count("changed trees that work", working);
    report::count("changed trees that are refused", refused);
    Ok(())
}

/// Returns the kernel's log when boards have come, or will not.
fn settled_log() -> Result<String, String> {
    let mut before = String::new();
    loop {
        thread::sleep(SETTLING);
        let deferred = fs::read_to_string("/sys/kernel/debug/devices_deferred").unwrap_or_default();
        let log = messages()? + &deferred;
        if log == before {
            return Ok(log);
        }
        before = log;
    }
}

/// Returns the kernel's log.
fn messages() -> Result<String, String> {
    let output = Command::new("dmesg").output().map_err(|e| e.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn boards() -> std::io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(TREE)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join(CASE).exists())
        .collect();
    found.sort();
    Ok(found)
}

/// Returns a string of the device tree.
fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim_end_matches('\0').to_owned())
}

/// Checks that a line of the log is about the board or its sensor, and names the property.
fn names(log: &str, board: &str, property: &str) -> Result<(), String> {
    let client = client_of(board);
    let about: Vec<&str> = log
        .lines()
        .filter(|line| {
            has_word(line, board) || client.as_ref().is_some_and(|client| has_word(line, client))
        })
        .collect();
    let words: Vec<&str> = property.split('|').collect();
    if about
        .iter()
        .any(|line| words.iter().any(|word| has_word(line, word)))
    {
        return Ok(());
    }
    Err(format!(
        "it does not work, and no line of the log names {}:\n{}",
        words.join(" or "),
        about.join("\n")
    ))
}

/// Returns whether a name stands in a line and does not go on: `t1` is not in `t10`.
fn has_word(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        !line[at + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric())
    })
}

/// Returns whether a device of the I2C bus is an adapter: `i2c-0`.
fn is_adapter(device: &Path) -> bool {
    let name = device.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with("i2c-")
}

/// Returns the I2C client of the board's sensor, if its node made one.
fn client_of(board: &str) -> Option<String> {
    fs::read_dir("/sys/bus/i2c/devices")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        // Adapters have the node above.
        .filter(|device| !is_adapter(device))
        .find(|device| {
            fs::canonicalize(device.join("of_node"))
                .is_ok_and(|node| node.to_string_lossy().contains(&format!("/{board}/")))
        })
        .map(|device| {
            device
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_own_board_and_its_property() {
        let log = "fsm-imx412-t10: clocks: no regulator\nOF: /fsm-imx412-t1/i2c: invalid reg";
        names(log, "fsm-imx412-t1", "reg").unwrap();
        names(log, "fsm-imx412-t1", "address|invalid reg").unwrap();
        names(log, "fsm-imx412-t1", "clocks").unwrap_err();
        names(log, "fsm-imx412-t10", "clocks").unwrap();
        names(log, "fsm-imx412-t10", "reg").unwrap_err();
    }
}
