// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites: the driver and the virtual board in one module, so that tests can look inside.

// Private rooms are libraries: what this module does not use is not compiled into it.
pub mod driver;
#[allow(dead_code, unreachable_pub, unused_imports)]
mod kernel_ext;
#[allow(dead_code, unreachable_pub, unused_imports)]
mod sensor;
pub mod virtual_board;

#[path = "../tests/kunit/mod.rs"]
mod tests;

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

/// The suites do not use receivers of SoCs.
fn plays_receivers() -> bool {
    false
}

/// The module.
#[pin_data]
pub struct FsmImx412Kunit {
    #[pin]
    _driver: Registration<Adapter<Imx412Driver>>,
    _release: ReleaseAtExit,
}

impl InPlaceModule for FsmImx412Kunit {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        init_global_locks!(driver::device::BUSES, virtual_board::registry::REGISTRY);
        try_pin_init!(Self {
            _driver <- Registration::new(<Self as ModuleMetadata>::NAME, module),
            _release: ReleaseAtExit::new(),
        })
    }
}

module! {
    type: FsmImx412Kunit,
    name: "fsm_imx412_kunit",
    authors: ["fsm-imx412 contributors"],
    description: "KUnit suites of the IMX412 driver",
    license: "GPL v2",
}
