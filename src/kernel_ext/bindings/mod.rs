// SPDX-License-Identifier: GPL-2.0-only

//! C bindings that `kernel::bindings` lacks, and those it has.
//!
//! The generated file holds the media types, functions and constants; everything it refers to
//! comes from [`kernel::bindings`], so that a `struct device` is one type in both.

#![allow(
    unknown_lints,
    clippy::all,
    clippy::as_underscore,
    clippy::cast_lossless,
    clippy::ptr_as_ptr,
    clippy::ref_as_ptr,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    non_snake_case,
    improper_ctypes,
    unnecessary_transmutes,
    unused_imports,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]

use kernel::ffi;
use pin_init::{MaybeZeroable, Zeroable};

pub use kernel::bindings::*;

type __kernel_size_t = usize;
type __kernel_ssize_t = isize;
type __kernel_ptrdiff_t = isize;

// Only ever seen behind a pointer, and missing from `kernel::bindings` in most configurations.
#[repr(C)]
pub struct spi_device {
    _opaque: [u8; 0],
}

// Exported by Kbuild, which generates the file.
include!(env!("FSM_IMX412_BINDINGS"));
