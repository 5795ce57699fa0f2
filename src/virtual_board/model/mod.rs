// SPDX-License-Identifier: GPL-2.0-only

//! An IMX412 made of registers: the referee of the virtual board.
//!
//! This is the sensor behind the emulated I2C bus. It knows what public sources say about the
//! sensor (mainline's imx412.c, FRAMOS' fr_imx412.c, Intel's kmb-imx412.c, Raspberry Pi's
//! imx477.c and its maintainer's statements) and nothing about the driver under test, so a
//! mistake in the driver's view of the sensor cannot cancel out. It is `core`-only, does not
//! allocate, uses no floats and cannot panic.
//!
//! # Who calls what
//!
//! The owner wraps one [`Sensor`] in a lock and hands in the time, a monotonic count of ns:
//!
//! | side | calls |
//! |---|---|
//! | GPIO lines | [`Sensor::set_line`] for AVDD, DVDD, DOVDD, INCK and XCLR |
//! | I2C adapter | [`Sensor::write`] and [`Sensor::read`], one call per message |
//! | CSI-2 receiver | [`Sensor::stream`] after each write (did it start, stop, fault?), [`Sensor::frame_start`] at each frame start, then [`Renderer`] outside of the lock |
//! | debugfs | [`Sensor::registers`], [`Sensor::register_bytes`], [`Sensor::violations`], [`Sensor::power_events`] |
//!
//! `tests/host/tests/model/rig.rs` has a sensor that is powered, programmed and read in this way.
//!
//! Between adapter and sensor there may be a [`Tca9548`], next to the sensor a [`Tca6408`] that drives
//! its lines.
//!
//! # Violations
//!
//! A broken rule is counted under its name ([`Violation`]), and a streaming sensor goes into
//! [`StreamState::Faulted`]: it sends no more frames until it is put into standby (0x0100 = 0),
//! reset or powered off, and the rules are judged again at the next start.

mod config;
mod frame_clock;
mod image;
mod neighbours;
pub mod part;
mod power;
mod program;
mod registers;
mod sensor;
mod violations;

pub use config::Surroundings;
pub use frame_clock::{
    FrameClock,
    StartedFrame, //
};
pub use image::defects::{
    Defect, //
    DEFECTS,
};
pub use image::frame::{
    DigitalGains,
    Frame,
    FrameSettings, //
};
pub use image::light::REFERENCE_EXPOSURE_NS;
pub use image::pack::MemoryFormat;
pub use image::patterns::Pattern;
pub use image::render::{
    Renderer,
    Room, //
    RENDERER_DOUBLE_WORDS,
    RENDERER_HALF_WORDS,
    RENDERER_WORDS,
    ROOM_HALF_WORDS,
    ROOM_WORDS,
};
pub use image::scene::Scene;
pub use image::wire::{
    Damage,
    LaneFault,
    WireFaults, //
    WIRE_LINE_BYTES,
};
pub use neighbours::eeprom::Eeprom;
pub use neighbours::target::Target;
pub use neighbours::tca6408::Tca6408;
pub use neighbours::tca9548::{
    Tca9548, //
    CHANNELS,
};
pub use neighbours::xvs::{
    XvsTap,
    XvsWire, //
};
pub use part::Part;
pub use power::{
    Line,
    PowerEvent, //
};
pub use program::bayer::{
    BayerOrder,
    Colour, //
};
pub use program::readout::{
    Readout, //
    ARRAY_HEIGHT,
    ARRAY_WIDTH,
};
pub use program::stream::{
    Content,
    Packets,
    StreamDescription, //
};
pub use program::strobe::Strobe;
pub use program::sync::SyncRole;
pub use registers::file::{
    StorageTooSmall, //
    STORAGE_BYTES,
};
pub use registers::latency::Latency;
pub use sensor::{
    Ack,
    Sensor,
    StreamState,
    WrittenLengths, //
    SECOND_ADDRESS,
};
pub use violations::{
    Finding,
    Violation,
    Violations, //
};
