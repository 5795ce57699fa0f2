// SPDX-License-Identifier: GPL-2.0-only

//! No function of ours may panic. Functions of the kernel's crates that do so when they are compiled into a module are
//! listed, with the reason.

use super::calls::{self, Call, Frame, Line};
use super::elf::Object;
use crate::exceptions::Exceptions;
use anyhow::{ensure, Result};
use std::collections::BTreeSet;
use std::path::Path;

/// The functions of the kernel's that are let pass.
const LIST: &str = "xtask/src/object/kernel-panics.list";

/// Whose a call is.
#[derive(Debug, PartialEq, Eq)]
enum Owner<'a> {
    /// A function of the kernel's crates, compiled into the module.
    Kernel(&'a Frame),
    /// Several calls became one; any of the function's panics may be it.
    Merged,
    /// A function of this checkout, or of `core` for its sake.
    Own,
}

/// Checks that no function of the checkout panics, and the kernel's only as listed.
///
/// # Errors
///
/// One does, and which.
pub fn check(repo: &Path, module: &Path) -> Result<()> {
    let list = std::fs::read_to_string(repo.join(LIST))?;
    let list = Exceptions::parse(LIST, &list)?;
    judge(&calls::of_panics(&Object::read(module)?)?, repo, &list)
}

fn judge(calls: &[Call], repo: &Path, list: &Exceptions<'_>) -> Result<()> {
    let mut listed = BTreeSet::new();
    let mut wrong = Vec::new();
    for call in calls {
        match owner(&call.frames) {
            Owner::Kernel(frame) => {
                if !list.has(&frame.function) {
                    wrong.push(format!(
                        "{}: {} of the kernel's is not in {LIST}",
                        describe(call, repo),
                        frame.function
                    ));
                }
                listed.insert(frame.function.clone());
            }
            Owner::Merged if is_kernels(call, calls) => {}
            Owner::Merged | Owner::Own => wrong.push(describe(call, repo)),
        }
    }
    wrong.extend(list.stale(&listed));
    wrong.sort();
    wrong.dedup();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Returns whether each of the calls that became one is a call of the kernel's: then all panics of
/// the function are. Other calls, which are told apart, say whose a line is. A line of the kernel's
/// is so everywhere, one of `core` in the function where a function of the kernel's uses it.
fn is_kernels(merged: &Call, calls: &[Call]) -> bool {
    let is_known = |(file, line): &Line| {
        calls.iter().any(|call| {
            let Owner::Kernel(owner) = owner(&call.frames) else {
                return false;
            };
            call.frames
                .iter()
                .filter(|frame| *frame == owner || call.function == merged.function)
                .take_while(|frame| is_core(frame) || *frame == owner)
                .any(|frame| frame.line == Some(*line) && is_same(&frame.file, file))
        })
    };
    !merged.lines.is_empty() && merged.lines.iter().all(is_known)
}

/// Debug information has whole paths, panics have what the compiler was called with.
fn is_same(path: &str, named: &str) -> bool {
    path.ends_with(named.trim_start_matches("../"))
}

/// Returns the innermost function that is not `core`'s, whose code runs for the sake of its
/// callers.
fn owner(frames: &[Frame]) -> Owner<'_> {
    // A merged frame may have any of the files that it was merged from.
    let decides = |frame: &&Frame| !is_core(frame) || frame.line.is_none();
    match frames.iter().find(decides) {
        None => Owner::Own,
        Some(Frame { line: None, .. }) => Owner::Merged,
        Some(frame) if is_kernel(frame) => Owner::Kernel(frame),
        Some(_) => Owner::Own,
    }
}

fn is_core(frame: &Frame) -> bool {
    frame.file.contains("/library/core/src/")
}

fn is_kernel(frame: &Frame) -> bool {
    ["/rust/kernel/", "/rust/pin-init/"]
        .iter()
        .any(|folder| frame.file.contains(folder))
}

/// Returns the call and who makes it, the innermost first.
fn describe(call: &Call, repo: &Path) -> String {
    let prefix = format!("{}/", repo.display());
    let callers: Vec<String> = call
        .frames
        .iter()
        .map(
            |Frame {
                 function,
                 file,
                 line,
             }| {
                let file = file.strip_prefix(&prefix).unwrap_or(file);
                let file = file.rsplit_once("/library/").map_or(file, |(_, file)| file);
                match line {
                    Some(line) => format!("{function} ({file}:{line})"),
                    None => format!("{function} ({file})"),
                }
            },
        )
        .collect();
    format!("{} is called by {}", call.panic, callers.join(", in "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPO: &str = "/home/me/fsm-imx412";

    fn frame(function: &str, file: &str, line: u32) -> Frame {
        Frame {
            function: function.into(),
            file: file.into(),
            line: (line > 0).then_some(line),
        }
    }

    fn own(line: u32) -> Frame {
        frame(
            "fsm_imx412::sensor::f",
            "/home/me/fsm-imx412/src/sensor/f.rs",
            line,
        )
    }

    fn push(line: u32) -> Frame {
        frame(
            "<kernel::Vec>::push",
            "/c/source/rust/kernel/alloc/kvec.rs",
            line,
        )
    }

    fn division() -> Frame {
        frame(
            "<u64>::div_ceil",
            "/usr/lib/rust/library/core/src/num/uint_macros.rs",
            3121,
        )
    }

    fn call(frames: &[Frame], lines: &[(&str, u32)]) -> Call {
        Call {
            panic: "core::panicking::panic".into(),
            frames: frames.to_vec(),
            function: 0,
            lines: lines
                .iter()
                .map(|(file, line)| ((*file).to_owned(), *line))
                .collect(),
        }
    }

    fn verdict(calls: &[Call], list: &str) -> String {
        let list = Exceptions::parse("list", list).unwrap();
        match judge(calls, Path::new(REPO), &list) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn own_functions_are_named_with_what_they_inline() {
        assert_eq!(
            verdict(&[call(&[division(), own(7)], &[])], ""),
            "core::panicking::panic is called by <u64>::div_ceil (core/src/num/uint_macros.rs:3121), \
             in fsm_imx412::sensor::f (src/sensor/f.rs:7)"
        );
    }

    #[test]
    fn a_function_of_core_that_was_not_inlined_counts_too() {
        assert!(verdict(&[call(&[division()], &[])], "").contains("div_ceil"));
    }

    #[test]
    fn the_kernels_functions_have_to_be_listed_and_met() {
        let calls = [call(&[push(355), own(7)], &[])];
        assert_eq!(verdict(&calls, "<kernel::Vec>::push  # reason"), "");
        assert!(verdict(&calls, "").contains("<kernel::Vec>::push of the kernel's is not in"));
        assert!(verdict(&[], "<kernel::Vec>::push  # reason").contains("is gone"));
    }

    #[test]
    fn calls_that_became_one_are_judged_by_all_that_may_be_meant() {
        let list = "<kernel::Vec>::push  # reason";
        let known = call(&[push(355), own(7)], &[]);
        let merged = |lines: &[(&str, u32)]| call(&[own(0)], lines);
        assert_eq!(
            verdict(
                &[
                    known,
                    merged(&[("../source/rust/kernel/alloc/kvec.rs", 355)])
                ],
                list
            ),
            ""
        );
        for lines in [
            &[][..],
            &[("../source/rust/kernel/alloc/kvec.rs", 356)],
            &[
                ("../source/rust/kernel/alloc/kvec.rs", 355),
                ("/x/src/sensor/f.rs", 7),
            ],
        ] {
            let known = call(&[push(355), own(7)], &[]);
            assert!(verdict(&[known, merged(lines)], list).contains("src/sensor/f.rs"));
        }
    }
}
