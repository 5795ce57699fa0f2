// SPDX-License-Identifier: GPL-2.0-only

//! A virtual board for the time of a test.

use crate::{
    driver::{
        Imx412,
        Imx412Driver, //
    },
    kernel_ext::{
        compat::this_module,
        media::v4l2::{
            subdev::Subdev,
            video_device::VideoDevice, //
        },
        testing::{
            i2c_lookup,
            of_overlay::{
                wait_for_probes,
                Overlay, //
            }, //
        }, //
    },
    sensor::{
        program::{
            self,
            Extent, //
        },
        Activity,
        Config,
        RegisterImage, //
    },
    virtual_board::{
        board::EmulatedSensor,
        faults::Fault,
        model::StreamState,
        receiver::Receiver,
        registry,
        VirtualBoard, //
    }, //
};
use kernel::{
    device::Device,
    driver,
    platform,
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// Fails the test that it stands in, which must return a `Result`, and lets it clean up.
///
/// KUnit's own assertions end the test's thread at once, and would leave the board behind for all
/// tests that follow.
macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            ::kernel::pr_err!(
                "{}:{}: expected {}\n",
                file!(),
                line!(),
                stringify!($condition)
            );
            return Err(::kernel::error::code::EINVAL);
        }
    };
}
pub(crate) use ensure;

/// As [`ensure!`], for two values that should be equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) => {
                if left != right {
                    ::kernel::pr_err!(
                        "{}:{}: {} is {:?}, expected {:?}\n",
                        file!(),
                        line!(),
                        stringify!($left),
                        left,
                        right
                    );
                    return Err(::kernel::error::code::EINVAL);
                }
            }
        }
    };
}
pub(crate) use ensure_eq;

/// The overlay tests/kunit/boards/`$name`.dtso, compiled by Kbuild.
macro_rules! overlay {
    ($name:literal) => {
        include_bytes!(concat!(env!("FSM_IMX412_BOARDS"), "/", $name, ".dtbo"))
    };
}
pub(crate) use overlay;

const BOARD: &CStr = c"imx412-test-board";

/// Paths of the sensors of boards.
const SENSORS: [&CStr; 2] = [
    c"/imx412-test-board/i2c/sensor@1a",
    c"/imx412-test-board/i2c/sensor@1b",
];

/// Number of polls for the end of probes, one per millisecond.
const PATIENCE: u32 = 10_000;

/// Devices of a board whose drivers a sensor may wait for, or more: its lines, supplies, clocks and bus.
const DEVICES: u32 = 16;

/// The driver of virtual boards.
pub(crate) struct BoardDriver(
    #[expect(dead_code, reason = "it is there to be dropped")]
    Pin<KBox<driver::Registration<platform::Adapter<VirtualBoard>>>>,
);

impl BoardDriver {
    pub(crate) fn register() -> Result<Self> {
        KBox::pin_init(
            driver::Registration::new(c"imx412_test_board", this_module::<crate::LocalModule>()),
            GFP_KERNEL,
        )
        .map(Self)
    }
}

/// A board that was added to the device tree, and goes from it when this is dropped.
pub(crate) struct Fixture {
    pub(crate) board: Arc<EmulatedSensor>,
    // The driver comes after the device tree and goes before it. Were it there when the overlay is
    // applied, it would register the I2C bus in the middle of that, and I2C core would take nodes
    // of the board that are still to come for clients of the bus.
    _driver: BoardDriver,
    _overlay: Overlay,
}

impl Fixture {
    /// Adds a board and waits until its devices are probed, with success or without.
    pub(crate) fn new(overlay: &[u8]) -> Result<Self> {
        let overlay = Overlay::apply(overlay)?;
        let driver = BoardDriver::register()?;
        let fixture = Self {
            board: registry::find(BOARD).ok_or(ENODEV)?,
            _driver: driver,
            _overlay: overlay,
        };
        settle(&*fixture.client()?)?;
        Ok(fixture)
    }

    /// Returns the board's video node.
    pub(crate) fn video(&self) -> Result<ARef<VideoDevice<Receiver>>> {
        registry::find_video(BOARD).ok_or(ENODEV)
    }

    /// Returns the sensor's client.
    pub(crate) fn client(&self) -> Result<ARef<Device>> {
        SENSORS
            .iter()
            .find_map(|path| i2c_lookup::find(path))
            .ok_or(ENODEV)
    }

    /// Returns the number of the bus that the sensor is on.
    pub(crate) fn bus_number(&self) -> Result<i32> {
        i2c_lookup::adapter_number(&*self.client()?).ok_or(ENODEV)
    }

    /// Returns whether the driver is bound to the sensor.
    pub(crate) fn is_bound(&self) -> bool {
        self.client()
            .is_ok_and(|dev| i2c_lookup::with_bound::<Imx412Driver, _>(&dev, |_| ()).is_some())
    }

    /// Calls `f` with the sensor's sub-device.
    pub(crate) fn with_subdev<R>(&self, f: impl FnOnce(&Subdev<Imx412>) -> Result<R>) -> Result<R> {
        i2c_lookup::with_bound::<Imx412Driver, _>(&*self.client()?, |camera| f(camera.subdev()))
            .ok_or(ENODEV)?
    }

    /// Unbinds the sensor and probes it anew, with success or without.
    pub(crate) fn rebind(&self) -> Result {
        self.rebind_with(None)
    }

    /// As [`Fixture::rebind`], where a message fails, counted from the first one of the probe.
    ///
    /// The driver core may have a probe of its own to catch up on: each supplier that gets its driver puts
    /// the sensor on the list of deferred probes. Were that one to meet the fault, this one would not.
    pub(crate) fn rebind_with(&self, fault: Option<Fault>) -> Result {
        let client = self.client()?;

        i2c_lookup::unbind(&client);
        settle(&client)?;
        i2c_lookup::unbind(&client);
        self.board.set_fault(fault);
        i2c_lookup::probe(&client);
        Ok(())
    }

    /// Unbinds the sensor.
    pub(crate) fn unbind(&self) -> Result {
        i2c_lookup::unbind(&*self.client()?);
        Ok(())
    }

    /// Removes the board's driver, and with it all devices.
    pub(crate) fn without_board(self) -> Overlay {
        self._overlay
    }

    /// Returns whether the emulated sensor has no supply, no clock and is held in reset.
    pub(crate) fn is_powered_down(&self) -> Result<bool> {
        let mut on = [false; 5];

        for event in self.board.power_events()?.iter() {
            if let Some(line) = on.get_mut(event.line as usize) {
                *line = event.on;
            }
        }
        Ok(on == [false; 5])
    }

    /// Returns whether the emulated sensor sends frames.
    pub(crate) fn is_streaming(&self) -> bool {
        matches!(self.board.stream(), StreamState::Streaming(_))
    }

    /// Fails unless the register file holds the whole program of `config` at `activity`.
    pub(crate) fn expect_program(&self, config: &Config, activity: Activity) -> Result {
        let mut image = KBox::new(RegisterImage::new(), GFP_KERNEL)?;

        program::compose_into(config, activity, Extent::Whole, &mut image);
        for entry in image.entries() {
            let found = self.board.register(entry.address);

            if found != entry.value {
                pr_err!(
                    "register {:#06x} is {:#04x}, expected {:#04x}\n",
                    entry.address,
                    found,
                    entry.value
                );
                return Err(EINVAL);
            }
        }
        Ok(())
    }
}

/// Waits until a sensor has been probed, with success or without.
///
/// It is deferred until the supplies and the clock are there, which wait for the board's lines. For the driver core
/// it is also none of the deferred ones while it is being probed once more, and no wait is for a probe that begins
/// in the middle of it. Each begins because one more device got its driver, so that only as many can be missed.
pub(crate) fn settle(client: &Device) -> Result {
    let mut missed = 0;

    for _ in 0..PATIENCE {
        wait_for_probes();
        if i2c_lookup::is_deferred(client) {
            missed = 0;
            fsleep(Delta::from_millis(1));
        } else if missed == DEVICES {
            return Ok(());
        } else {
            missed += 1;
        }
    }
    Err(ETIMEDOUT)
}
