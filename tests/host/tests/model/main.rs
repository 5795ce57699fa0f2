// SPDX-License-Identifier: GPL-2.0-only

//! The emulated IMX412 on its own: what it accepts, what it refuses and what it shows.

mod bands;
mod broken;
mod bus;
mod clocks;
mod defects;
mod geometry;
mod hold;
mod latency;
mod light;
mod packing;
mod patterns;
mod picture;
mod power;
mod programs;
mod rig;
mod rules;
mod streams;
mod topology;
mod vectors;
mod wire;
mod xvs;
