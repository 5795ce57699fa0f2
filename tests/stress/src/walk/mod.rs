// SPDX-License-Identifier: GPL-2.0-only

//! Failures one after the other: an operation runs with its first allocation failing, then with its
//! second, until it has no more. Each time it may fail with the failure's own error or do without;
//! afterwards it works.

mod groups;
mod injection;
mod operation;
pub mod operations;

use crate::report;
pub use injection::Failure;
use injection::{Callers, Injection};
pub use operation::Operation;
use std::collections::BTreeMap;
use std::io;

/// Failures after which a walk counts as endless.
const ENDLESS: u32 = 20_000;

/// Walks through an operation: the first failure and every `step`th one from there on, at most `most` of them.
fn run(operation: &mut dyn Operation, failure: &Failure, step: u32, most: u32) {
    let name = format!("{failure} in {}", operation.name());
    let mut walked = Walked::default();
    let result = walk(operation, failure, step, most, &mut walked);
    report::count(failure.plural(), walked.injected);
    println!("{name}: {}", walked.summary());
    report::check(&name, result);
}

/// Results of a walk.
#[derive(Default)]
struct Walked {
    injected: u64,
    withstood: u64,
    errors: BTreeMap<i32, u64>,
    is_whole: bool,
}

impl Walked {
    fn summary(&self) -> String {
        let whole = if self.is_whole {
            "all of them"
        } else {
            "not to the end"
        };
        format!(
            "{} failures, {whole}; {} were withstood",
            self.injected, self.withstood
        )
    }
}

fn walk(
    operation: &mut dyn Operation,
    failure: &Failure,
    step: u32,
    most: u32,
    walked: &mut Walked,
) -> Result<(), String> {
    let needs_nothing = *failure == Failure::Allocation && operation.needs_no_memory();
    let mut number = 1;
    loop {
        if number > ENDLESS {
            return Err("there is no end to them".into());
        }
        operation
            .prepare()
            .map_err(|e| format!("before failure {number}: {e}"))?;
        let callers = match (failure, operation.entry()) {
            // A function that fails has no frame yet, so that its caller is not on the trace.
            (Failure::Call(_), Some(entry)) => Callers::Function(entry),
            _ => operation.module().map_or(Callers::All, Callers::Module),
        };
        let injection = Injection::start(failure, callers, operation.camera())?;
        injection.arm(number).map_err(|e| format!("arming: {e}"))?;
        let acted = operation.act();
        let was_injected = injection.disarm().map_err(|e| format!("disarming: {e}"))?;
        drop(injection);
        if !was_injected {
            acted.map_err(|e| format!("without a failure: {e}"))?;
            operation
                .settle(true)
                .map_err(|e| format!("without a failure: {e}"))?;
            if number == 1 && !needs_nothing {
                return Err("there is nothing that could fail".into());
            }
            walked.is_whole = true;
            break;
        }
        walked.injected += 1;
        if needs_nothing {
            return Err("there is something that could fail".into());
        }
        match &acted {
            Ok(()) => walked.withstood += 1,
            Err(error) => {
                let code = error.raw_os_error().unwrap_or(0);
                *walked.errors.entry(code).or_default() += 1;
                if !failure.explains(error, operation.makes_nodes()) {
                    return Err(format!("failure {number}: the error is \"{error}\""));
                }
            }
        }
        operation
            .settle(acted.is_ok())
            .map_err(|e| format!("after failure {number} ({}): {e}", outcome(&acted)))?;
        if walked.injected >= u64::from(most) {
            break;
        }
        number += step;
    }
    Ok(())
}

fn outcome(acted: &io::Result<()>) -> String {
    match acted {
        Ok(()) => "which was withstood".into(),
        Err(error) => error.to_string(),
    }
}

/// Walks through the operations of these names on the camera in `slot`.
pub fn operations(
    slot: &str,
    names: &[String],
    failures: &[Failure],
    step: u32,
    most: u32,
) -> Result<(), String> {
    for name in names {
        for failure in failures {
            // Anew each time: what went wrong with one failure is not to spoil the next.
            let mut operation = operations::by_name(slot, name)?;
            run(operation.as_mut(), failure, step, most);
        }
    }
    Ok(())
}
