// SPDX-License-Identifier: GPL-2.0-only

//! The devices that a board has besides its sensor.

pub(super) mod eeprom;
pub(super) mod target;
pub(super) mod tca6408;
pub(super) mod tca9548;
pub(super) mod xvs;
