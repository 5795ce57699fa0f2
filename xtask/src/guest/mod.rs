// SPDX-License-Identifier: GPL-2.0-only

//! Guests: what is in them, how they are booted, and what they say.

pub mod applications;
pub mod camera;
pub mod cpio;
pub mod dtb;
pub mod initramfs;
pub mod kmod;
pub mod libcamera;
pub mod libraries;
pub mod program;
pub mod qemu;
pub mod userland;
