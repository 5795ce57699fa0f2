// SPDX-License-Identifier: GPL-2.0-only

//! What the part is.

pub mod blocks;
