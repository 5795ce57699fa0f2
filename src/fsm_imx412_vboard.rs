// SPDX-License-Identifier: GPL-2.0-only

//! A virtual FSM-IMX412 board, to run and test the sensor driver without hardware.

// Private rooms are libraries: what this module does not use is not compiled into it.
#[allow(dead_code, unreachable_pub, unused_imports)]
mod kernel_ext;
pub mod virtual_board;

use kernel::{
    driver::Registration,
    platform,
    prelude::*,
    InPlaceModule, //
};
use kernel_ext::{
    compat::ModuleMetadata,
    media::v4l2::device::FreedAtExit, //
};
use virtual_board::{
    soc::AbsentReceiver,
    VirtualBoard, //
};

/// The module.
#[pin_data]
pub struct FsmImx412Vboard {
    #[pin]
    _receivers: Registration<platform::Adapter<AbsentReceiver>>,
    #[pin]
    _boards: Registration<platform::Adapter<VirtualBoard>>,
    _freed: FreedAtExit,
}

impl InPlaceModule for FsmImx412Vboard {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        init_global_locks!(virtual_board::registry::REGISTRY);
        try_pin_init!(Self {
            // First, so that it is also the last to go when another one fails.
            _freed: FreedAtExit::new(),
            _boards <- Registration::new(<Self as ModuleMetadata>::NAME, module),
            _receivers <- Registration::new(c"fsm_imx412_soc", module),
        })
    }
}

/// Returns whether SoCs' receivers may be played, see [`virtual_board::soc`].
fn plays_receivers() -> bool {
    // A method, as it is a reference before 7.3.
    module_parameters::play_receivers.value().ne(&0)
}

module! {
    type: FsmImx412Vboard,
    name: "fsm_imx412_vboard",
    authors: ["fsm-imx412 contributors"],
    description: "Virtual board with a Sony IMX412 image sensor",
    license: "GPL v2",
    firmware: ["fsm-imx412/scene.raw"],
    params: {
        play_receivers: u8 {
            default: 0,
            description: "Play the hardware of SoCs' receivers in virtual machines (default: 0)",
        },
    },
}
