// SPDX-License-Identifier: GPL-2.0-only

//! Driver for Sony's IMX412 and IMX577 image sensors.
//!
//! Limits: one exposure per frame, no embedded data.

pub mod kernel_ext {
    //! What rust/kernel does not have yet.

    pub mod bindings;
    pub mod dev_printk;
    pub mod global;
    pub mod gpio_consumer;
    pub mod i2c;
    pub mod pm_runtime;
    pub mod regulator_bulk;
    pub mod v4l2_ctrls;
    pub mod v4l2_ctrls_builder;
    pub mod v4l2_fwnode;
    pub mod v4l2_subdev;
    pub mod v4l2_subdev_deferred;
    pub mod v4l2_subdev_group;
    pub mod v4l2_subdev_ops;
    pub mod v4l2_subdev_state;
}

pub mod driver;
pub mod sensor;

use driver::Imx412Driver;
use kernel::{driver::Registration, module::ModuleMetadata, prelude::*, InPlaceModule};
use kernel_ext::{i2c::Adapter, v4l2_subdev_deferred::ReleaseAtExit};

#[pin_data]
struct FsmImx412 {
    #[pin]
    _driver: Registration<Adapter<Imx412Driver>>,
    _release: ReleaseAtExit,
}

impl InPlaceModule for FsmImx412 {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _driver <- Registration::new(<Self as ModuleMetadata>::NAME, module),
            _release: ReleaseAtExit::new(module),
        })
    }
}

module! {
    type: FsmImx412,
    name: "fsm_imx412",
    authors: ["fsm-imx412 contributors"],
    description: "Sony IMX412 and IMX577 image sensor driver",
    license: "GPL v2",
}
