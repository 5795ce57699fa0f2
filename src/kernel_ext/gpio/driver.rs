// SPDX-License-Identifier: GPL-2.0-only

//! GPIO controllers whose lines are outputs.
//!
//! C header: [`include/linux/gpio/driver.h`](srctree/include/linux/gpio/driver.h)

use crate::kernel_ext::bindings;
use core::marker::PhantomPinned;
use kernel::{
    device::property::FwNode,
    error::to_result,
    ffi::{
        c_int,
        c_uint, //
    },
    prelude::*,
    static_lock_class,
    sync::aref::ARef,
    types::Opaque, //
};

/// A bank of output lines. All calls may sleep.
pub trait Outputs: Send + Sync + 'static {
    /// The label of the chip.
    const LABEL: &'static CStr;
    /// The number of lines. Firmware names them (`gpio-line-names`).
    const LINES: u16;

    /// Drives line `offset`, which is below the number of lines.
    fn set(&self, offset: u32, high: bool);

    /// Returns the level that line `offset` is driven to.
    fn get(&self, offset: u32) -> bool;
}

/// A registered GPIO controller.
///
/// # Examples
///
/// `src/virtual_board/lines.rs` has the lines of a controller, which `src/virtual_board/mod.rs`
/// registers.
///
/// # Invariants
///
/// `chip` is registered from the end of construction to the drop.
#[pin_data(PinnedDrop)]
pub struct Chip<T: Outputs> {
    outputs: T,
    // The GPIO device refers to it without counting.
    _fwnode: ARef<FwNode>,
    #[pin]
    chip: Opaque<bindings::gpio_chip>,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: A chip may be removed from any thread, and `Outputs` is `Send`.
unsafe impl<T: Outputs> Send for Chip<T> {}
// SAFETY: No method of a shared `Chip` touches the C structure; `Outputs` is `Sync`.
unsafe impl<T: Outputs> Sync for Chip<T> {}

impl<T: Outputs> Chip<T> {
    /// Registers the lines as the GPIO controller that `fwnode` describes.
    ///
    /// The controller has no parent device, so that consumers of its lines do not keep the parent's
    /// module loaded: gpiolib disconnects them from a controller that is removed, and waits for
    /// calls into it.
    pub fn new<'a>(fwnode: ARef<FwNode>, outputs: T) -> impl PinInit<Self, Error> + 'a
    where
        T: 'a,
    {
        let raw_fwnode: *mut bindings::fwnode_handle =
            core::ptr::from_ref::<FwNode>(&fwnode).cast_mut().cast();

        try_pin_init!(&this in Self {
            outputs,
            _fwnode: fwnode,
            chip <- Opaque::try_ffi_init(|chip: *mut bindings::gpio_chip| {
                // SAFETY: `chip` is valid for writes; a chip of zeros is a valid value.
                unsafe { chip.write(pin_init::zeroed()) };
                // SAFETY: `chip` was just initialised and is not shared yet.
                let chip = unsafe { &mut *chip };
                chip.label = T::LABEL.as_char_ptr();
                chip.fwnode = raw_fwnode;
                chip.base = -1;
                chip.ngpio = T::LINES;
                chip.can_sleep = true;
                chip.get_direction = Some(Self::get_direction_callback);
                chip.direction_output = Some(Self::direction_output_callback);
                chip.get = Some(Self::get_callback);
                chip.set = Some(Self::set_callback);

                // SAFETY: `this` points to the structure under construction: `outputs` is
                // initialised and pinned, so that the pointer stays good until `drop` removes the
                // chip. The lock classes are static.
                to_result(unsafe {
                    bindings::gpiochip_add_data_with_key(
                        chip,
                        (&raw mut (*this.as_ptr()).outputs).cast(),
                        static_lock_class!().as_ptr(),
                        static_lock_class!().as_ptr(),
                    )
                })
            }),
            _pin: PhantomPinned,
        })
    }

    /// # Safety
    ///
    /// `chip` must be registered by [`Chip::new`] of this type.
    unsafe fn outputs<'a>(chip: *mut bindings::gpio_chip) -> &'a T {
        // SAFETY: By the requirement above `new` gave gpiolib a pointer to the `T`, which lives as
        // long as the chip is registered.
        unsafe { &*bindings::gpiochip_get_data(chip).cast::<T>() }
    }

    extern "C" fn get_direction_callback(
        _chip: *mut bindings::gpio_chip,
        _offset: c_uint,
    ) -> c_int {
        bindings::GPIO_LINE_DIRECTION_OUT as c_int
    }

    extern "C" fn direction_output_callback(
        chip: *mut bindings::gpio_chip,
        offset: c_uint,
        value: c_int,
    ) -> c_int {
        Self::set_callback(chip, offset, value)
    }

    extern "C" fn get_callback(chip: *mut bindings::gpio_chip, offset: c_uint) -> c_int {
        // SAFETY: gpiolib calls `get` for a chip that `new` registered, and waits for the call
        // before it removes the chip.
        unsafe { Self::outputs(chip) }.get(offset).into()
    }

    extern "C" fn set_callback(
        chip: *mut bindings::gpio_chip,
        offset: c_uint,
        value: c_int,
    ) -> c_int {
        // SAFETY: gpiolib calls `set`, as well as `direction_output`, for a chip that `new`
        // registered, and waits for the call before it removes the chip.
        unsafe { Self::outputs(chip) }.set(offset, value != 0);
        0
    }
}

#[pinned_drop]
impl<T: Outputs> PinnedDrop for Chip<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant, the chip is registered.
        unsafe { bindings::gpiochip_remove(self.chip.get()) };
    }
}
