// SPDX-License-Identifier: GPL-2.0-only

//! Driver for Sony's IMX412, IMX577, IMX477 and IMX378 image sensors.
//!
//! Limitations:
//!
//! * One exposure per frame: no DOL-HDR.
//! * No embedded data.
//! * Not verified on hardware yet, see docs/user-guide.md.

// Private rooms are libraries: but for implementations of traits, what this module does not use is
// not compiled into it.
pub mod driver;
#[allow(dead_code, unreachable_pub, unused_imports)]
mod kernel_ext;
#[allow(dead_code, unreachable_pub, unused_imports)]
mod sensor;

use driver::Imx412Driver;
use kernel::{
    driver::Registration,
    prelude::*,
    InPlaceModule, //
};
use kernel_ext::{
    compat::ModuleMetadata,
    i2c::client::Adapter,
    media::v4l2::subdev::deferred::ReleaseAtExit, //
};

/// The module.
#[pin_data]
pub struct FsmImx412 {
    #[pin]
    _driver: Registration<Adapter<Imx412Driver>>,
    _release: ReleaseAtExit,
}

impl InPlaceModule for FsmImx412 {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        init_global_locks!(driver::device::BUSES);
        try_pin_init!(Self {
            _driver <- Registration::new(<Self as ModuleMetadata>::NAME, module),
            _release: ReleaseAtExit::new(),
        })
    }
}

module! {
    type: FsmImx412,
    name: "fsm_imx412",
    authors: ["fsm-imx412 contributors"],
    description: "Sony IMX412 family image sensor driver",
    license: "GPL v2",
}
