// SPDX-License-Identifier: GPL-2.0-only

//! Runtime PM never reaches a driver's data that is not there yet, or no more.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::kernel_ext::{
    compat::{
        self,
        this_module, //
    },
    i2c::client::{
        Adapter,
        PowerManaged, //
    },
    pm_runtime::Usage, //
};
use kernel::{
    device::{
        Core,
        Device, //
    },
    driver,
    faux,
    i2c::{
        self,
        I2cAdapter,
        I2cBoardInfo,
        I2cClient, //
    },
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{
            Atomic,
            Relaxed, //
        }, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// Number of polls for a suspend, one per millisecond.
const PATIENCE: u32 = 10_000;

/// A driver whose device is idle in probe, and that asks at the end whether it could still be powered
/// up.
struct Managed;

/// Number of suspends, and of those in probe.
static SUSPENDS: Atomic<i32> = Atomic::new(0);
static EARLY: Atomic<i32> = Atomic::new(0);
/// The errors that powering up ended with when the driver was unbound, and when its data was dropped;
/// 0 is success.
static AT_UNBIND: Atomic<i32> = Atomic::new(1);
static AT_DROP: Atomic<i32> = Atomic::new(1);

struct ManagedData(ARef<Device>);

impl ManagedData {
    fn power_up(&self, result: &Atomic<i32>) {
        let error = Usage::resume(&self.0).err();

        result.store(error.map_or(0, Error::to_errno), Relaxed);
    }
}

impl Drop for ManagedData {
    fn drop(&mut self) {
        self.power_up(&AT_DROP);
    }
}

compat::i2c_device_table!(
    MANAGED_IDS,
    (),
    [(i2c::DeviceId::new(c"imx412-managed"), ())]
);

impl i2c::Driver for Managed {
    type IdInfo = ();
    type Data<'bound> = ManagedData;

    const I2C_ID_TABLE: Option<i2c::IdTable<Self::IdInfo>> = Some(&MANAGED_IDS);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let dev: &Device<Core<'_>> = client.as_ref();

        // From here on the device is idle, with no delay of autosuspend.
        drop(Usage::resume(dev)?);
        fsleep(Delta::from_millis(20));
        EARLY.store(SUSPENDS.load(Relaxed), Relaxed);
        Ok(ManagedData(ARef::from(&***dev)))
    }

    fn unbind<'bound>(_client: &'bound I2cClient<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.power_up(&AT_UNBIND);
    }
}

impl PowerManaged for Managed {
    const AUTOSUSPEND_DELAY: i32 = 0;

    fn runtime_suspend(_data: Pin<&ManagedData>) -> Result {
        SUSPENDS.fetch_add(1, Relaxed);
        Ok(())
    }

    fn runtime_resume(_data: Pin<&ManagedData>) -> Result {
        Ok(())
    }
}

/// Returns whether the device was suspended, or is soon.
fn is_suspended() -> bool {
    for _ in 0..PATIENCE {
        if SUSPENDS.load(Relaxed) > 0 {
            return true;
        }
        fsleep(Delta::from_millis(1));
    }
    false
}

#[kunit_tests(imx412_runtime_pm)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_after_the_data_that_its_callbacks_reach_and_ends_before() -> Result {
        for count in [&SUSPENDS, &EARLY] {
            count.store(0, Relaxed);
        }
        for error in [&AT_UNBIND, &AT_DROP] {
            error.store(1, Relaxed);
        }
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let adapter = I2cAdapter::get(fixture.bus_number()?)?;
        let owner = faux::Registration::new(c"imx412-managed-owner", None)?;
        let driver = KBox::pin_init(
            driver::Registration::<Adapter<Managed>>::new(
                c"imx412_managed",
                this_module::<crate::LocalModule>(),
            ),
            GFP_KERNEL,
        )?;
        let client = KBox::pin_init(
            i2c::Registration::new(
                &adapter,
                &I2cBoardInfo::new(c"imx412-managed", 0x60),
                compat::faux_device(&owner),
            ),
            GFP_KERNEL,
        )?;

        ensure!(is_suspended());
        drop(client);
        drop(driver);
        ensure_eq!(EARLY.load(Relaxed), 0);
        ensure_eq!(AT_UNBIND.load(Relaxed), EACCES.to_errno());
        ensure_eq!(AT_DROP.load(Relaxed), EACCES.to_errno());
        Ok(())
    }
}
