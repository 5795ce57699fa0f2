// SPDX-License-Identifier: GPL-2.0-only

//! Binding of the driver to an I2C client.

use super::{
    bus::RegisterBus,
    controls::publish,
    device::{
        Imx412,
        Place, //
    },
    firmware::Firmware,
    power::Power,
    sensor::{
        Hardware,
        Sensor, //
    }, //
};
use crate::{
    dev_err_probe,
    kernel_ext::{
        compat,
        i2c::client::PowerManaged,
        media::v4l2::subdev::Subdev,
        pm_runtime, //
    },
    sensor::{
        part::{
            WrongChip,
            IMX378,
            IMX412,
            IMX477,
            IMX577, //
        },
        Config,
        Part, //
    }, //
};
use kernel::{
    device::{
        Bound,
        Core,
        Device, //
    },
    fmt,
    i2c::{
        self,
        I2cClient, //
    },
    of,
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    }, //
};

compat::of_device_table!(
    OF_TABLE,
    <Imx412Driver as i2c::Driver>::IdInfo,
    [
        (of::DeviceId::new(c"sony,imx412"), &IMX412),
        (of::DeviceId::new(c"sony,imx577"), &IMX577),
        (of::DeviceId::new(c"sony,imx477"), &IMX477),
        (of::DeviceId::new(c"sony,imx378"), &IMX378),
    ]
);

/// The driver, for `module_driver!`.
pub struct Imx412Driver;

/// A bound sensor.
pub struct Camera {
    subdev: Arc<Subdev<Imx412>>,
    // Keeps an always-on sensor powered.
    _always_on: Option<pm_runtime::Usage>,
}

impl Camera {
    /// Identifies the sensor and registers its sub-device.
    ///
    /// Errors are reported here, and the sensor is powered down.
    fn new(client: &I2cClient<Bound>, part: &'static Part) -> Result<Self> {
        let dev: &Device<Bound> = client.as_ref();
        let firmware = Firmware::read(dev, part)?;
        let bus = RegisterBus::new(client).map_err(|e| {
            if e == EMSGSIZE {
                dev_err_probe!(
                    dev,
                    e,
                    "the I2C adapter cannot write the 3 bytes that a register takes\n"
                )
            } else {
                dev_err_probe!(dev, e, "the I2C adapter cannot do plain I2C transfers\n")
            }
        })?;
        let place = firmware
            .broadcast
            .then(|| Place::on(bus.adapter_number()))
            .transpose()?;
        let group = place.as_ref().map(|place| place.group().clone());
        let power = Power::get(dev, firmware.inck)?;
        let config = Config::default_for(&firmware.board);
        let mut sensor = Sensor::new(Hardware { bus, power }, firmware.always_on)?;

        sensor
            .supply()
            .map_err(|e| dev_err_probe!(dev, e, "cannot power the sensor up\n"))?;
        identify(dev, part, &sensor)?;
        sensor
            .power_on(&config)
            .map_err(|e| dev_err_probe!(dev, e, "cannot bring the sensor to a known state\n"))?;

        let always_on = firmware
            .always_on
            .then(|| pm_runtime::Usage::resume(dev))
            .transpose()?;
        let subdev = Subdev::new(
            dev,
            part.name,
            group,
            |add| {
                publish::add(
                    add,
                    &config,
                    &firmware.board,
                    &firmware.mounting,
                    firmware.broadcast,
                )
            },
            Imx412::new(
                ARef::from(&**dev),
                firmware.board.clone(),
                place,
                config,
                sensor,
            ),
        )
        .map_err(|e| dev_err_probe!(dev, e, "cannot set up the sub-device\n"))?;
        let subdev = Subdev::register(subdev, dev)
            .map_err(|e| dev_err_probe!(dev, e, "cannot register the sub-device\n"))?;

        Ok(Self {
            subdev,
            _always_on: always_on,
        })
    }

    /// Returns the sensor's sub-device.
    pub fn subdev(&self) -> &Subdev<Imx412> {
        &self.subdev
    }
}

/// Checks that the sensor is the one that the device tree names. Reports errors.
fn identify(dev: &Device, part: &'static Part, sensor: &Sensor) -> Result {
    let found = sensor.read_id().map_err(|e| {
        // Adapters return these if an address is not acknowledged, see
        // Documentation/i2c/fault-codes.rst.
        if e == ENXIO || e == compat::eremoteio() {
            dev_err_probe!(
                dev,
                e,
                "no answer from the sensor: check reg, the supplies, INCK and reset-gpios\n"
            )
        } else {
            dev_err_probe!(dev, e, "the I2C bus failed while the chip ID was read\n")
        }
    })?;

    if found == part.chip_id {
        return Ok(());
    }
    let wrong = WrongChip {
        found,
        expected: part,
    };

    Err(dev_err_probe!(dev, ENXIO, "{wrong}\n"))
}

// The kernel has its own `Display`.
impl fmt::Display for WrongChip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl i2c::Driver for Imx412Driver {
    type IdInfo = &'static Part;
    type Data<'bound> = Camera;

    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = Some(&OF_TABLE);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        part: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let part = part.copied().unwrap_or(&IMX412);

        Camera::new(client, part)
    }
}

impl PowerManaged for Imx412Driver {
    const AUTOSUSPEND_DELAY: i32 = 1000;

    fn runtime_suspend(camera: Pin<&Camera>) -> Result {
        camera.subdev().inner().power_off();
        Ok(())
    }

    fn runtime_resume(camera: Pin<&Camera>) -> Result {
        camera.subdev().inner().power_on()
    }
}
