// SPDX-License-Identifier: GPL-2.0-only

//! Stack frame of each function, from its machine code.

use super::elf::Object;
use super::symbol;
use anyhow::{ensure, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Bytes of the stack that a function may take. The kernel's is 16 KiB and the driver's callbacks
/// are called from deep inside of it.
const LIMIT: u64 = 1024;

/// Checks that the stack frames of all functions are within the limit.
///
/// # Errors
///
/// Some do not, and which.
pub fn check(module: &Path) -> Result<()> {
    let large: BTreeMap<String, u64> = Object::read(module)?
        .functions
        .iter()
        .map(|function| (symbol::path(&function.symbol), size(&function.code)))
        .filter(|(_, size)| *size > LIMIT)
        .collect();
    let wrong: Vec<String> = large
        .iter()
        .map(|(function, size)| format!("{function} takes {size} bytes of the stack"))
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Returns the sum of all that the code subtracts from `sp`. Rust has no `alloca()`, so what is not
/// in the prologue is a second prologue on another path at worst: the sum is never too small.
fn size(code: &[u8]) -> u64 {
    code.chunks_exact(4)
        .filter_map(|word| word.try_into().ok().map(u32::from_le_bytes))
        .map(taken)
        .sum()
}

/// Returns the number that an instruction subtracts from `sp` (Arm Architecture Reference Manual,
/// C6.2).
fn taken(instruction: u32) -> u64 {
    const SP: u32 = 31;
    let target = instruction & 0x1f;
    let base = instruction >> 5 & 0x1f;
    // SUB (immediate), 64 bits: sf=1 op=1 S=0 100010 sh imm12 Rn Rd
    if instruction & 0xff80_0000 == 0xd100_0000 && target == SP && base == SP {
        let value = u64::from(instruction >> 10 & 0xfff);
        return value << if instruction & 1 << 22 == 0 { 0 } else { 12 };
    }
    // STP, pre-index, 64 bits: 10 101 0 011 0 imm7 Rt2 Rn Rt; with bit 26 for SIMD registers,
    // which the kernel does not have
    if instruction & 0xffc0_0000 == 0xa980_0000 && base == SP {
        let offset = (instruction >> 15 & 0x7f) as i32;
        return negative(offset, 7) * 8;
    }
    // STR (immediate), pre-index, 64 bits: 11 111 0 00 00 0 imm9 11 Rn Rt
    if instruction & 0xffe0_0c00 == 0xf800_0c00 && base == SP {
        let offset = (instruction >> 12 & 0x1ff) as i32;
        return negative(offset, 9);
    }
    0
}

/// Returns the amount of a signed field of `bits` bits if it is negative, else 0.
fn negative(field: i32, bits: u32) -> u64 {
    let shift = 32 - bits;
    let value = field << shift >> shift;
    if value < 0 {
        u64::from(value.unsigned_abs())
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As aarch64-linux-gnu-as assembles them.
    #[test]
    fn prologues_are_added_up() {
        for (instruction, bytes, text) in [
            (0xd102_03ff_u32, 128, "sub sp, sp, #0x80"),
            (0xd140_07ff, 4096, "sub sp, sp, #0x1, lsl #12"),
            (0xa9ba_7bfd, 96, "stp x29, x30, [sp, #-96]!"),
            (0xf81f_0ff3, 16, "str x19, [sp, #-16]!"),
            (0xa901_4ff4, 0, "stp x20, x19, [sp, #16]"),
            (0x9102_03ff, 0, "add sp, sp, #0x80"),
            (0xa8c6_7bfd, 0, "ldp x29, x30, [sp], #96"),
            (0xd102_03e0, 0, "sub x0, sp, #0x80"),
            (0xd503_233f, 0, "paciasp"),
        ] {
            assert_eq!(taken(instruction), bytes, "{text}");
        }
        let code: Vec<u8> = [0xa9ba_7bfd_u32, 0xd140_07ff, 0xd102_03ff]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        assert_eq!(size(&code), 96 + 4096 + 128);
    }
}
