// SPDX-License-Identifier: GPL-2.0-only

//! Built modules, looked at: what they call, and how much of the stack they take.

pub mod calls;
mod elf;
pub mod frames;
pub mod needs;
pub mod panics;
mod symbol;
