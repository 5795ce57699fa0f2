// SPDX-License-Identifier: GPL-2.0-only

//! The command line.

use crate::faults::KINDS;
use crate::walk::{self, Failure};
use crate::{bench, cycles, memory, races, random, trees};
use std::str::FromStr;

const USAGE: &str = "imx412-stress random SLOT CALLS SEED
imx412-stress walk SLOT OPERATION,OPERATION... FAILURE,FAILURE... STEP MOST
    FAILURE: allocations, nack, timeout, arbitration, eio, partial, or a function of the kernel
imx412-stress races SLOT ROUNDS SEED
imx412-stress cycles SLOT BINDS STREAMS
imx412-stress memory SLOT
imx412-stress trees
imx412-stress bench SLOT DRIVER
imx412-stress bench-group SLOT,SLOT...
imx412-stress bench-frames SLOT";

pub fn run(words: &[String]) -> Result<(), String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["random", slot, calls, seed] => random::run(slot, number(calls)?, number(seed)?),
        ["walk", slot, operations, failures, step, most] => walk::operations(
            slot,
            &list(operations),
            &list(failures).into_iter().map(failure).collect::<Vec<_>>(),
            number(step)?,
            number(most)?,
        ),
        ["races", slot, rounds, seed] => races::run(slot, number(rounds)?, number(seed)?),
        ["cycles", slot, binds, streams] => cycles::run(slot, number(binds)?, number(streams)?),
        ["memory", slot] => memory::run(slot),
        ["trees"] => trees::run(),
        ["bench", slot, driver] => bench::run(slot, driver),
        ["bench-frames", slot] => bench::frames::run(slot),
        ["bench-group", slots] => bench::group::run(&list(slots)),
        _ => Err(format!("usage:\n{USAGE}")),
    }
}

fn number<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}

fn list(words: &str) -> Vec<String> {
    words.split(',').map(str::to_owned).collect()
}

fn failure(name: String) -> Failure {
    match name.as_str() {
        "allocations" => Failure::Allocation,
        kind if KINDS.contains(&kind) => Failure::Message(name),
        _ => Failure::Call(name),
    }
}
