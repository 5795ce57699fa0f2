// SPDX-License-Identifier: GPL-2.0-only

//! Size of a module, as size(1) counts it.

use anyhow::{Context, Result};
use goblin::elf::section_header::{SHF_ALLOC, SHF_WRITE, SHT_NOBITS};
use goblin::elf::Elf;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// Bytes of a module that are loaded.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Code and constants.
    pub text: u64,
    /// Initialised writable data in bytes.
    pub data: u64,
    /// Zero-initialised data in bytes.
    pub bss: u64,
}

impl Size {
    /// Reads a module.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn of(module: &Path) -> Result<Self> {
        let bytes =
            fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
        let elf = Elf::parse(&bytes).with_context(|| format!("{}", module.display()))?;
        let mut size = Self::default();
        for section in &elf.section_headers {
            if section.sh_flags & u64::from(SHF_ALLOC) == 0 {
                continue;
            }
            let kind = if section.sh_flags & u64::from(SHF_WRITE) == 0 {
                &mut size.text
            } else if section.sh_type == SHT_NOBITS {
                &mut size.bss
            } else {
                &mut size.data
            };
            *kind += section.sh_size;
        }
        Ok(size)
    }
}
