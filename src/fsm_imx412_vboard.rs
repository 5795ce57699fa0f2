// SPDX-License-Identifier: GPL-2.0-only

//! A virtual FSM-IMX412 board, to run and test the sensor driver without hardware.

// Private rooms are libraries: what this module does not use is not compiled into it.
#[allow(dead_code, unreachable_pub, unused_imports)]
mod kernel_ext;
pub mod virtual_board;

kernel::module_platform_driver! {
    type: virtual_board::VirtualBoard,
    name: "fsm_imx412_vboard",
    authors: ["fsm-imx412 contributors"],
    description: "Virtual board with a Sony IMX412 image sensor",
    license: "GPL v2",
    firmware: ["fsm-imx412/scene.raw"],
}
