// SPDX-License-Identifier: GPL-2.0-only

//! The sensor's arithmetic and register programs, against programs of public drivers and over the
//! whole configuration space.

mod agreement;
mod board;
mod bursts;
mod clock;
mod config;
mod controls;
mod decode;
mod groups;
mod intervals;
mod known;
mod long;
mod map;
mod modes;
mod negotiation;
mod programs;
mod rates;
mod readouts;
mod strategies;
mod vectors;
