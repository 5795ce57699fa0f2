// SPDX-License-Identifier: GPL-2.0-only

//! I2C client drivers with power management, and raw transfers.
//!
//! `kernel::i2c` registers drivers and names clients, but has no `dev_pm_ops` and no transfers yet.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h)

use crate::kernel_ext::{
    bindings,
    compat,
    pm_runtime, //
};
use core::marker::PhantomData;
use kernel::{
    acpi,
    device::{
        self,
        Bound,
        Core,
        CoreInternal,
        Device, //
    },
    driver,
    error::{
        from_result,
        to_result, //
    },
    i2c::{
        self,
        I2cClient, //
    },
    of,
    prelude::*,
    sync::aref::ARef,
    types::Opaque, //
};

/// An I2C driver whose device is powered on demand.
///
/// [`Adapter`] manages runtime PM of the device: it enables it before [`i2c::Driver::probe`], which
/// must leave the device powered, and disables it before the driver's data is dropped, which must
/// power the device off.
///
/// The callbacks are called by runtime PM, never concurrently for one device, and at system sleep
/// if the device is active. During probe, before there is data, a suspend is deferred.
pub trait PowerManaged: i2c::Driver {
    /// Time that an idle device stays powered, in ms.
    const AUTOSUSPEND_DELAY: i32;

    /// Powers the device down. On an error it remains powered; `EBUSY` and `EAGAIN` request another
    /// try later.
    fn runtime_suspend(data: Pin<&Self::Data<'_>>) -> Result;

    /// Powers the device up.
    fn runtime_resume(data: Pin<&Self::Data<'_>>) -> Result;
}

/// Registers `T` like [`i2c::Adapter`] and manages its power.
///
/// # Examples
///
/// `Managed` in `tests/kunit/runtime_pm.rs` is a whole driver; `src/fsm_imx412.rs` makes a module of
/// one.
pub struct Adapter<T: PowerManaged>(PhantomData<T>);

/// The data of a driver for a device, and the runtime PM whose callbacks use it.
///
/// Created and dropped by rust/kernel. Runtime PM is enabled first and disabled first.
#[pin_data]
pub struct Managed<D> {
    runtime_pm: pm_runtime::Enabled,
    #[pin]
    data: D,
}

impl<D> Managed<D> {
    fn data(self: Pin<&Self>) -> Pin<&D> {
        // SAFETY: `data` is structurally pinned.
        unsafe { self.map_unchecked(|this| &this.data) }
    }
}

/// Wraps the data of `T` in its power management, for [`i2c::Adapter`].
struct Inner<T: PowerManaged>(PhantomData<T>);

impl<T: PowerManaged> i2c::Driver for Inner<T> {
    type IdInfo = T::IdInfo;
    type Data<'bound> = Managed<T::Data<'bound>>;

    const I2C_ID_TABLE: Option<i2c::IdTable<Self::IdInfo>> = T::I2C_ID_TABLE;
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = T::OF_ID_TABLE;
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = T::ACPI_ID_TABLE;

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let dev: &'bound Device<Bound> = client.as_ref();

        try_pin_init!(Managed {
            runtime_pm: pm_runtime::Enabled::new_active(dev, T::AUTOSUSPEND_DELAY)?,
            data <- T::probe(client, info),
        }? Error)
        .pin_chain(|this| {
            this.runtime_pm.allow_suspend();
            Ok(())
        })
    }

    fn shutdown<'bound>(client: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        T::shutdown(client, this.data());
    }

    fn unbind<'bound>(client: &'bound I2cClient<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        // Before rust/kernel drops the data.
        this.runtime_pm.disable();
        T::unbind(client, this.data());
    }
}

// SAFETY: As for `i2c::Adapter<Inner<T>>`, to which registration is left: the same C type, the same
// data, the same offset.
unsafe impl<T: PowerManaged> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::i2c_driver;
    type DriverData<'bound> = Managed<T::Data<'bound>>;
    const DEVICE_DRIVER_OFFSET: usize = core::mem::offset_of!(bindings::i2c_driver, driver);
}

// SAFETY: `unregister` undoes what `register` did through the same `i2c::Adapter<Inner<T>>`.
unsafe impl<T: PowerManaged> driver::RegistrationOps for Adapter<T> {
    unsafe fn register(
        drv: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        // SAFETY: `drv` is not registered yet, so that there is no other access to the field; the
        // table is static.
        unsafe { (*drv.get()).driver.pm = &raw const Self::PM_OPS.0 };

        // SAFETY: The caller guarantees that `drv` stays until it is unregistered. `i2c::Adapter`
        // does not touch `driver.pm`.
        unsafe { <i2c::Adapter<Inner<T>> as driver::RegistrationOps>::register(drv, name, module) }
    }

    unsafe fn unregister(drv: &Opaque<Self::DriverType>) {
        // SAFETY: The caller guarantees that `drv` was registered by the function above.
        unsafe { <i2c::Adapter<Inner<T>> as driver::RegistrationOps>::unregister(drv) }
    }
}

/// `dev_pm_ops` in a static.
struct PmOps(bindings::dev_pm_ops);

#[cfg(CONFIG_PM_SLEEP)]
const SYSTEM_SLEEP_OPS: bindings::dev_pm_ops = bindings::dev_pm_ops {
    suspend: Some(bindings::pm_runtime_force_suspend),
    resume: Some(bindings::pm_runtime_force_resume),
    freeze: Some(bindings::pm_runtime_force_suspend),
    thaw: Some(bindings::pm_runtime_force_resume),
    poweroff: Some(bindings::pm_runtime_force_suspend),
    restore: Some(bindings::pm_runtime_force_resume),
    ..pin_init::zeroed()
};

#[cfg(not(CONFIG_PM_SLEEP))]
const SYSTEM_SLEEP_OPS: bindings::dev_pm_ops = pin_init::zeroed();

impl<T: PowerManaged> Adapter<T> {
    // As C's `DEFINE_RUNTIME_DEV_PM_OPS()`: system sleep powers an awake device down and up again
    // through its runtime callbacks.
    const PM_OPS: &'static PmOps = &PmOps(bindings::dev_pm_ops {
        runtime_suspend: Some(Self::runtime_suspend_callback),
        runtime_resume: Some(Self::runtime_resume_callback),
        ..SYSTEM_SLEEP_OPS
    });

    /// Returns the driver's data for `dev`; `None` if it is not bound to it.
    ///
    /// # Safety
    ///
    /// `dev` must be a valid device whose lock is held, throughout `'a`.
    pub unsafe fn data_of<'a>(dev: *mut bindings::device) -> Option<Pin<&'a T::Data<'a>>> {
        // SAFETY: By the requirement above the device is neither bound nor unbound meanwhile. The
        // power management of a driver identifies it.
        let is_ours = unsafe {
            (*dev)
                .driver
                .as_ref()
                .is_some_and(|drv| core::ptr::eq(drv.pm, &Self::PM_OPS.0))
        };

        if !is_ours {
            return None;
        }
        // SAFETY: The device is bound to this driver, or being bound, and that ends with its lock.
        unsafe { Self::stored(dev) }
    }

    /// Returns the data that probe has stored for `dev`; `None` before it has.
    ///
    /// # Safety
    ///
    /// `dev` must be a valid device whose driver is this one, and unbinding must not get as far as
    /// dropping the driver's data during `'a`.
    unsafe fn stored<'a>(dev: *mut bindings::device) -> Option<Pin<&'a T::Data<'a>>> {
        // SAFETY: `dev` is valid by the requirement above.
        if unsafe { bindings::dev_get_drvdata(dev) }.is_null() {
            return None;
        }
        // SAFETY: `dev` is valid, and `Device` is transparent over `struct device`.
        let dev = unsafe { &*dev.cast::<Device<CoreInternal<'a>>>() };

        // SAFETY: The data of a device of this driver is what `i2c::Adapter<Inner<T>>` stored, a
        // `Managed<T::Data>`. By the requirement above it stays.
        Some(unsafe { dev.drvdata_borrow::<Managed<T::Data<'a>>>() }.data())
    }

    extern "C" fn runtime_suspend_callback(dev: *mut bindings::device) -> i32 {
        // SAFETY: Runtime PM calls this for devices of this driver.
        unsafe { Self::with_data(dev, T::runtime_suspend) }
    }

    extern "C" fn runtime_resume_callback(dev: *mut bindings::device) -> i32 {
        // SAFETY: Runtime PM calls this for devices of this driver.
        unsafe { Self::with_data(dev, T::runtime_resume) }
    }

    /// Calls `f` with the driver's data, or returns `-EBUSY` while probe has not stored it yet.
    ///
    /// # Safety
    ///
    /// `dev` must be a device that this driver binds or has bound, in a callback of runtime PM.
    unsafe fn with_data(
        dev: *mut bindings::device,
        f: impl FnOnce(Pin<&T::Data<'_>>) -> Result,
    ) -> i32 {
        from_result(|| {
            // SAFETY: The device is this driver's by the requirement above. Callbacks come from
            // runtime PM, which `Inner::unbind()` disables before the data is dropped, and so waits
            // for them; or from system sleep, which holds the lock that unbinding needs.
            f(unsafe { Self::stored(dev) }.ok_or(EBUSY)?)?;
            Ok(0)
        })
    }
}

/// One message of a transfer.
#[repr(transparent)]
pub struct Message<'a>(bindings::i2c_msg, PhantomData<&'a mut [u8]>);

impl<'a> Message<'a> {
    /// Writes `data` to the device.
    pub fn write(client: &I2cClient, data: &'a [u8]) -> Result<Self> {
        // The core does not write through `buf` without `I2C_M_RD`.
        Self::new(client, data.as_ptr().cast_mut(), data.len(), 0)
    }

    /// Writes `data` to all devices at the 7-bit `address`.
    pub fn write_to(address: u16, data: &'a [u8]) -> Result<Self> {
        // The core does not write through `buf` without `I2C_M_RD`.
        Self::to(address, data.as_ptr().cast_mut(), data.len(), 0)
    }

    /// Reads as many bytes as `data` has from the device.
    pub fn read(client: &I2cClient, data: &'a mut [u8]) -> Result<Self> {
        Self::new(
            client,
            data.as_mut_ptr(),
            data.len(),
            bindings::I2C_M_RD as u16,
        )
    }

    fn new(client: &I2cClient, buf: *mut u8, len: usize, flags: u16) -> Result<Self> {
        // SAFETY: `client` is valid, and its address never changes.
        Self::to(unsafe { (*raw_client(client)).addr }, buf, len, flags)
    }

    fn to(addr: u16, buf: *mut u8, len: usize, flags: u16) -> Result<Self> {
        Ok(Self(
            bindings::i2c_msg {
                addr,
                flags,
                len: u16::try_from(len)?,
                buf,
            },
            PhantomData,
        ))
    }
}

fn raw_client<Ctx: device::DeviceContext>(client: &I2cClient<Ctx>) -> *mut bindings::i2c_client {
    // CAST: `I2cClient` is `#[repr(transparent)]` over `struct i2c_client`.
    core::ptr::from_ref(client).cast_mut().cast()
}

/// The bus of a client, for transfers.
///
/// Delays the removal of the adapter: a driver must drop it when it is unbound.
///
/// # Invariants
///
/// `adapter_dev` is the device embedded in the adapter of `client`.
pub struct Bus {
    client: ARef<I2cClient>,
    // `i2c_del_adapter()` waits for the last reference to this device, so the adapter stays valid.
    _adapter_dev: ARef<Device>,
}

impl Bus {
    /// Returns the bus of `client`; `EOPNOTSUPP` if its adapter supports SMBus only.
    pub fn new(client: &I2cClient<device::Bound>) -> Result<Self> {
        // SAFETY: `client` is valid; the adapter of a client never changes.
        let adapter = unsafe { (*raw_client(client)).adapter };

        // SAFETY: The client is bound, hence its adapter is registered and valid, with the
        // operations of its driver.
        let functionality = unsafe {
            (*(*adapter).algo)
                .functionality
                .map_or(0, |functionality| functionality(adapter))
        };

        if functionality & bindings::I2C_FUNC_I2C == 0 {
            return Err(compat::eopnotsupp());
        }
        Ok(Self {
            client: ARef::from(&**client),
            // SAFETY: The adapter is valid, and so is the device embedded in it.
            _adapter_dev: unsafe { Device::get_device(&raw mut (*adapter).dev) },
        })
    }

    fn adapter(&self) -> *mut bindings::i2c_adapter {
        // SAFETY: `client` is valid, and its adapter is kept by the type invariant.
        unsafe { (*raw_client(&self.client)).adapter }
    }

    /// Returns the client whose bus this is.
    pub fn client(&self) -> &I2cClient {
        &self.client
    }

    /// Returns the client's address.
    pub fn address(&self) -> u16 {
        // SAFETY: `client` is valid, and its address never changes.
        unsafe { (*raw_client(&self.client)).addr }
    }

    /// Returns the number of the adapter, which is unique while this exists.
    pub fn adapter_number(&self) -> i32 {
        // SAFETY: The adapter is valid by the type invariant, and its number never changes.
        unsafe { (*self.adapter()).nr }
    }

    /// Returns the adapter's limit for one write message, in bytes, if it has one.
    pub fn max_write_len(&self) -> Option<u16> {
        // SAFETY: The adapter is valid by the type invariant, and its quirks as long as it is.
        unsafe { (*self.adapter()).quirks.as_ref() }
            .map(|quirks| quirks.max_write_len)
            .filter(|&len| len != 0)
    }

    /// Returns the adapter's limit for one read message, in bytes, if it has one.
    pub fn max_read_len(&self) -> Option<u16> {
        // SAFETY: The adapter is valid by the type invariant, and its quirks as long as it is.
        let quirks = unsafe { (*self.adapter()).quirks.as_ref() }?;
        let behind_write = if quirks.flags & bindings::I2C_AQ_COMB != 0 {
            quirks.max_comb_2nd_msg_len
        } else {
            0
        };

        match (quirks.max_read_len, behind_write) {
            (0, 0) => None,
            (0, len) | (len, 0) => Some(len),
            (len, behind_write) => Some(len.min(behind_write)),
        }
    }

    /// Returns the adapter's limit for the number of writes in one transfer, if it has one.
    pub fn max_writes(&self) -> Option<usize> {
        // SAFETY: The adapter is valid by the type invariant, and its quirks as long as it is.
        let quirks = unsafe { (*self.adapter()).quirks.as_ref() }?;

        if quirks.flags & bindings::I2C_AQ_COMB != 0 {
            // Several messages are supported for a write followed by a read only.
            return Some(1);
        }
        usize::try_from(quirks.max_num_msgs)
            .ok()
            .filter(|&count| count != 0)
    }

    /// Sends `messages` as one transfer, with repeated starts between them.
    ///
    /// Returns the error of the adapter, or `EIO` if it performed only some of the messages.
    pub fn transfer(&self, messages: &mut [Message<'_>]) -> Result {
        let count = i32::try_from(messages.len())?;

        // SAFETY: The adapter is valid by the type invariant. `Message` is transparent over `struct
        // i2c_msg`, and the borrows in it keep the buffers valid during the call.
        let done =
            unsafe { bindings::i2c_transfer(self.adapter(), messages.as_mut_ptr().cast(), count) };
        to_result(done)?;
        if done != count {
            return Err(EIO);
        }
        Ok(())
    }
}
