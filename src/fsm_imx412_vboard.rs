// SPDX-License-Identifier: GPL-2.0-only

//! A virtual FSM-IMX412 board, to run and test the sensor driver without hardware.

pub mod kernel_ext {
    //! What rust/kernel does not have yet.

    pub mod bindings;
    pub mod dev_printk;
    pub mod device_link;
    pub mod fwnode;
    pub mod global;
    pub mod gpio_driver;
    pub mod i2c_adapter;
    pub mod media_device;
    pub mod v4l2_device;
    pub mod v4l2_ioctl;
    pub mod v4l2_notifier;
    pub mod v4l2_remote;
    pub mod video_device;
    pub mod videobuf2;
    pub mod workqueue;
}

pub mod virtual_board;

kernel::module_platform_driver! {
    type: virtual_board::VirtualBoard,
    name: "fsm_imx412_vboard",
    authors: ["fsm-imx412 contributors"],
    description: "Virtual board with a Sony IMX412 image sensor",
    license: "GPL v2",
    firmware: ["fsm-imx412/scene.raw"],
}
