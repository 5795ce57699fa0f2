// SPDX-License-Identifier: GPL-2.0-only

//! The program behind the Makefile: it prepares the environment (a Debian tree, kernels, guest
//! images), boots guests in QEMU and judges what they did. `make help` says what there is to run.

mod bench;
mod capture;
mod cli;
mod demo;
mod env;
mod exceptions;
mod guest;
mod house;
mod kernel;
mod object;
mod overlays;
mod run;
mod suite;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
