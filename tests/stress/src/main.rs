// SPDX-License-Identifier: GPL-2.0-only

//! Tries to break the modules from user space, in a guest, and measures them. `docs/reliability.md` says
//! what each command does, `docs/performance.md` what `bench`, `bench-frames` and `bench-group` measure.
//!
//! Lines of its output: `ok NAME` and `not ok NAME` for what it checked, `count NAME N` for what it
//! did; everything else explains the next result.

mod bench;
mod camera;
mod command;
mod control;
mod cycles;
mod faults;
mod files;
mod gate;
mod memory;
mod races;
mod random;
mod report;
mod rng;
mod stream;
mod sys;
mod trees;
mod v4l2;
mod walk;

fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match command::run(&words) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
