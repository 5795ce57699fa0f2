// SPDX-License-Identifier: GPL-2.0-only

//! The suites.

mod arithmetic;
mod broadcast;
mod controls;
mod examples;
mod fixture;
mod frames;
mod intervals;
mod life;
mod power;
mod probe;
mod readout;
mod receiver;
mod recovery;
mod runtime_pm;
mod stream;
mod virtual_board;
