// SPDX-License-Identifier: GPL-2.0-only

//! Calls of functions that panic, and whose calls they are once inlining is undone.

use super::elf::{Function, Object, Target};
use super::symbol;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian};
use addr2line::Context;
use anyhow::{ensure, Context as _, Result};
use std::collections::BTreeSet;
use std::ops::Range;

/// A function that was inlined, or the one that the others were inlined into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its path, without generic arguments.
    pub function: String,
    /// Path of its source, as given to the compiler.
    pub file: String,
    /// The line; none where the compiler has made one call of several.
    pub line: Option<u32>,
}

/// A line of source that a panic would name.
pub type Line = (String, u32);

/// A call that ends in a panic.
#[derive(Debug)]
pub struct Call {
    /// The called panic function.
    pub panic: String,
    /// The callers, innermost first.
    pub frames: Vec<Frame>,
    /// Address of the whole function.
    pub function: u64,
    /// Lines that the panics of the whole function would name.
    pub lines: BTreeSet<Line>,
}

/// Returns all calls in the object that end in a panic.
///
/// # Errors
///
/// The object has no debug information, without which inlined code cannot be told apart.
pub fn of_panics(object: &Object) -> Result<Vec<Call>> {
    ensure!(
        !object.section(".debug_info").is_empty(),
        "the module has no debug information: its kernel needs CONFIG_DEBUG_INFO"
    );
    let dwarf = Dwarf::load(|id| {
        let content = object.section(id.name());
        Ok::<_, addr2line::gimli::Error>(EndianSlice::new(content, LittleEndian))
    })?;
    let context = Context::from_dwarf(dwarf)?;
    let mut calls = Vec::new();
    for reference in &object.references {
        let Target::Outside(called) = &reference.target else {
            continue;
        };
        let panic = symbol::path(called);
        if !symbol::panics(&panic) {
            continue;
        }
        let mut frames = Vec::new();
        let mut found = context.find_frames(reference.address).skip_all_loads()?;
        while let Some(frame) = found.next()? {
            let location = frame.location.as_ref();
            frames.push(Frame {
                function: match &frame.function {
                    Some(name) => symbol::path(&name.raw_name()?),
                    None => String::new(),
                },
                file: location
                    .and_then(|location| location.file)
                    .unwrap_or_default()
                    .to_owned(),
                line: location.and_then(|location| location.line),
            });
        }
        ensure!(
            !frames.is_empty(),
            "the debug information lacks the code at {:#x}, which calls {panic}",
            reference.address
        );
        let function = object
            .functions
            .iter()
            .find(|function| function.addresses.contains(&reference.address))
            .with_context(|| format!("{panic} is called by no function"))?;
        calls.push(Call {
            panic,
            frames,
            function: function.addresses.start,
            lines: lines(object, function),
        });
    }
    Ok(calls)
}

/// Returns the lines that panics in the function would name: its `core::panic::Location`s.
fn lines(object: &Object, function: &Function) -> BTreeSet<Line> {
    object
        .references
        .iter()
        .filter(|reference| function.addresses.contains(&reference.address))
        .filter_map(|reference| match reference.target {
            Target::Inside(address) => location(object, address),
            Target::Outside(_) => None,
        })
        .collect()
}

/// Reads a `Location { file: &str, line: u32, column: u32 }`, if there is one.
fn location(object: &Object, address: u64) -> Option<Line> {
    let data = object.data(address)?;
    let word = |range: Range<usize>| Some(u64::from_le_bytes(data.get(range)?.try_into().ok()?));
    let line = u32::from_le_bytes(data.get(16..20)?.try_into().ok()?);
    let length = usize::try_from(word(8..16)?).ok()?;
    let file = object.data(word(0..8)?)?.get(..length)?;
    let file = std::str::from_utf8(file).ok()?;
    (file.ends_with(".rs") && line > 0).then(|| (file.to_owned(), line))
}
