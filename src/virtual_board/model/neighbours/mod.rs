// SPDX-License-Identifier: GPL-2.0-only

//! Parts beside the sensor.

pub(super) mod tca6408;
pub(super) mod tca9548;
pub(super) mod xvs;
