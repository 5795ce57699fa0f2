// SPDX-License-Identifier: GPL-2.0-only

//! KUnit suites: the driver and the virtual board in one module, so that tests can look inside.

pub mod kernel_ext {
    //! What rust/kernel does not have yet.

    pub mod bindings;
    pub mod dev_printk;
    pub mod device_link;
    pub mod fwnode;
    pub mod global;
    pub mod gpio_consumer;
    pub mod gpio_driver;
    pub mod i2c;
    pub mod i2c_adapter;
    pub mod i2c_lookup;
    pub mod media_device;
    pub mod of_overlay;
    pub mod pm_runtime;
    pub mod regulator_bulk;
    pub mod v4l2_ctrls;
    pub mod v4l2_ctrls_builder;
    pub mod v4l2_device;
    pub mod v4l2_fwnode;
    pub mod v4l2_ioctl;
    pub mod v4l2_notifier;
    pub mod v4l2_remote;
    pub mod v4l2_subdev;
    pub mod v4l2_subdev_deferred;
    pub mod v4l2_subdev_group;
    pub mod v4l2_subdev_ops;
    pub mod v4l2_subdev_state;
    pub mod v4l2_subdev_user;
    pub mod v4l2_subdev_user_state;
    pub mod video_device;
    pub mod videobuf2;
    pub mod workqueue;
}

pub mod driver;
pub mod sensor;
pub mod virtual_board;

#[path = "../tests/kunit/mod.rs"]
mod tests;

use driver::Imx412Driver;
use kernel::{driver::Registration, module::ModuleMetadata, prelude::*, InPlaceModule};
use kernel_ext::{i2c::Adapter, v4l2_subdev_deferred::ReleaseAtExit};

#[pin_data]
struct FsmImx412Kunit {
    #[pin]
    _driver: Registration<Adapter<Imx412Driver>>,
    _release: ReleaseAtExit,
}

impl InPlaceModule for FsmImx412Kunit {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _driver <- Registration::new(<Self as ModuleMetadata>::NAME, module),
            _release: ReleaseAtExit::new(module),
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
