// SPDX-License-Identifier: GPL-2.0-only

//! Messages of the program to the host.

use std::fmt::Display;

/// Tells how a check went; what went wrong comes first.
pub fn check<E: Display>(name: &str, result: Result<(), E>) {
    match result {
        Ok(()) => println!("ok {name}"),
        Err(error) => println!("{error}\nnot ok {name}"),
    }
}

/// Tells how often something was done.
pub fn count(name: &str, number: u64) {
    println!("count {name} {number}");
}
