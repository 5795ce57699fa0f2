// SPDX-License-Identifier: GPL-2.0-only

//! A relocatable arm64 object, laid out and relocated as a loaded module is.

use anyhow::{ensure, Context, Result};
use goblin::elf::header::EM_AARCH64;
use goblin::elf::section_header::{SHF_ALLOC, SHF_EXECINSTR, SHN_UNDEF, SHT_NOBITS};
use goblin::elf::sym::STT_FUNC;
use goblin::elf::{Elf, SectionHeader, Sym};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Relocations of data, from "ELF for the Arm 64-bit Architecture", 5.7.
const R_AARCH64_ABS64: u32 = 257;
const R_AARCH64_ABS32: u32 = 258;

/// Alignment of the assigned section addresses. Sections that are not loaded start at 0, as debug
/// sections refer to each other by offsets.
const ALIGNMENT: u64 = 0x1_0000;

#[derive(Debug)]
struct Section {
    name: String,
    address: u64,
    is_code: bool,
    content: Vec<u8>,
}

/// A function that the object defines.
#[derive(Debug)]
pub struct Function {
    /// Its symbol, mangled.
    pub symbol: String,
    /// Its addresses.
    pub addresses: Range<u64>,
    /// Its machine code.
    pub code: Vec<u8>,
}

/// Target of a reference in the code.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A symbol of the kernel's, mangled.
    Outside(String),
    /// An address in the object.
    Inside(u64),
}

/// A place in the code that is relocated when the module is loaded.
#[derive(Debug)]
pub struct Reference {
    /// The instruction's address.
    pub address: u64,
    /// Target of the instruction.
    pub target: Target,
}

/// The object.
#[derive(Debug)]
pub struct Object {
    sections: Vec<Section>,
    /// Functions that it defines.
    pub functions: Vec<Function>,
    /// References of its code.
    pub references: Vec<Reference>,
}

impl Object {
    /// Reads an object.
    ///
    /// # Errors
    ///
    /// It cannot be read or is none of arm64's.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&bytes).with_context(|| format!("{} is no module", path.display()))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let elf = Elf::parse(bytes)?;
        ensure!(elf.header.e_machine == EM_AARCH64, "it is not for arm64");
        let mut sections = sections(&elf, bytes)?;
        let functions = functions(&elf, &sections)?;
        let references = relocate(&elf, &mut sections)?;
        Ok(Self {
            sections,
            functions,
            references,
        })
    }

    /// Returns a section's content, empty if there is no such section.
    pub fn section(&self, name: &str) -> &[u8] {
        self.sections
            .iter()
            .find(|section| section.name == name)
            .map_or(&[], |section| section.content.as_slice())
    }

    /// Returns the loaded data from `address` to the end of its section.
    pub fn data(&self, address: u64) -> Option<&[u8]> {
        self.sections
            .iter()
            .filter(|section| section.address > 0 && !section.is_code)
            .find_map(|section| {
                let offset = usize::try_from(address.checked_sub(section.address)?).ok()?;
                section.content.get(offset..)
            })
            .filter(|data| !data.is_empty())
    }
}

fn sections(elf: &Elf<'_>, bytes: &[u8]) -> Result<Vec<Section>> {
    let mut next = ALIGNMENT;
    elf.section_headers
        .iter()
        .map(|header| {
            let is_loaded = header.sh_flags & u64::from(SHF_ALLOC) != 0;
            let address = if is_loaded { next } else { 0 };
            if is_loaded {
                next += (header.sh_size / ALIGNMENT + 1) * ALIGNMENT;
            }
            Ok(Section {
                name: text(&elf.shdr_strtab, header.sh_name),
                address,
                is_code: header.sh_flags & u64::from(SHF_EXECINSTR) != 0,
                content: content(bytes, header)?.to_vec(),
            })
        })
        .collect()
}

fn text(table: &goblin::strtab::Strtab<'_>, offset: usize) -> String {
    table.get_at(offset).unwrap_or_default().to_owned()
}

fn content<'a>(bytes: &'a [u8], section: &SectionHeader) -> Result<&'a [u8]> {
    if section.sh_type == SHT_NOBITS {
        return Ok(&[]);
    }
    let range = section.file_range().unwrap_or_default();
    bytes.get(range).context("a section lies beyond the file")
}

fn is_outside(symbol: &Sym) -> bool {
    symbol.st_shndx == SHN_UNDEF as usize
}

fn functions(elf: &Elf<'_>, sections: &[Section]) -> Result<Vec<Function>> {
    elf.syms
        .iter()
        .filter(|symbol| symbol.st_type() == STT_FUNC && !is_outside(symbol))
        .map(|symbol| {
            let section = sections
                .get(symbol.st_shndx)
                .context("a function without a section")?;
            let start = usize::try_from(symbol.st_value)?;
            let code = section
                .content
                .get(start..start + usize::try_from(symbol.st_size)?)
                .context("a function lies beyond its section")?;
            let address = section.address + symbol.st_value;
            Ok(Function {
                symbol: text(&elf.strtab, symbol.st_name),
                addresses: address..address + symbol.st_size,
                code: code.to_vec(),
            })
        })
        .collect()
}

/// Fills in the addresses that data has of other data; returns what code refers to.
fn relocate(elf: &Elf<'_>, sections: &mut [Section]) -> Result<Vec<Reference>> {
    let mut references = Vec::new();
    for (index, relocations) in &elf.shdr_relocs {
        let section = elf.section_headers[*index].sh_info as usize;
        for relocation in relocations {
            let symbol = elf
                .syms
                .get(relocation.r_sym)
                .context("a relocation without its symbol")?;
            let value = sections
                .get(symbol.st_shndx)
                .map_or(0, |section| section.address)
                .wrapping_add(symbol.st_value)
                .wrapping_add_signed(relocation.r_addend.unwrap_or_default());
            let section = sections
                .get_mut(section)
                .context("relocations of no section")?;
            if section.is_code {
                references.push(Reference {
                    address: section.address + relocation.r_offset,
                    target: if is_outside(&symbol) {
                        Target::Outside(text(&elf.strtab, symbol.st_name))
                    } else {
                        Target::Inside(value)
                    },
                });
                continue;
            }
            let length = match relocation.r_type {
                R_AARCH64_ABS64 => 8,
                R_AARCH64_ABS32 => 4,
                _ => continue,
            };
            let offset = usize::try_from(relocation.r_offset)?;
            section
                .content
                .get_mut(offset..offset + length)
                .context("a relocation lies beyond its section")?
                .copy_from_slice(&value.to_le_bytes()[..length]);
        }
    }
    Ok(references)
}
