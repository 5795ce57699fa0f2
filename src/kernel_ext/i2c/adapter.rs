// SPDX-License-Identifier: GPL-2.0-only

//! I2C adapters: the side of the bus that performs transfers.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h)

use crate::kernel_ext::{
    bindings,
    compat::this_module, //
};
use core::{
    marker::PhantomPinned,
    ptr::addr_of_mut,
    slice, //
};
use kernel::{
    container_of,
    device::{
        property::FwNode,
        Bound,
        Device, //
    },
    error::to_result,
    ffi::{
        c_int,
        c_ulong,
        c_void, //
    },
    prelude::*,
    sync::aref::ARef,
    types::Opaque, //
};

/// One message of a transfer.
///
/// # Invariants
///
/// `buf` is valid for reads and writes of `len` bytes.
#[repr(transparent)]
pub struct Message(bindings::i2c_msg);

impl Message {
    /// Returns the address of the target: 7 bits, or 10 bits when [`Message::is_ten_bit`].
    pub fn address(&self) -> u16 {
        self.0.addr
    }

    /// Returns whether the address has ten bits.
    pub fn is_ten_bit(&self) -> bool {
        u32::from(self.0.flags) & bindings::I2C_M_TEN != 0
    }

    /// Returns whether the target sends the bytes.
    pub fn is_read(&self) -> bool {
        u32::from(self.0.flags) & bindings::I2C_M_RD != 0
    }

    /// Returns the bytes that were sent, or the space for those that are to be received.
    pub fn data(&self) -> &[u8] {
        if self.0.len == 0 {
            return &[];
        }
        // SAFETY: By the type invariant `buf` is valid for reads of `len` bytes, and `len` is not
        // 0.
        unsafe { slice::from_raw_parts(self.0.buf, usize::from(self.0.len)) }
    }

    /// Returns the space for received bytes.
    pub fn data_mut(&mut self) -> &mut [u8] {
        if self.0.len == 0 {
            return &mut [];
        }
        // SAFETY: By the type invariant `buf` is valid for writes of `len` bytes, and `len` is not
        // 0. The I2C core gives the adapter exclusive access to the buffer during the transfer.
        unsafe { slice::from_raw_parts_mut(self.0.buf, usize::from(self.0.len)) }
    }
}

/// The transfers of an adapter. The I2C core emulates SMBus commands with them.
pub trait Algorithm: Send + Sync + 'static {
    /// Performs the messages in order, under the bus lock. May sleep.
    ///
    /// Returns the number of messages that were performed. Errors are those of
    /// Documentation/i2c/fault-codes.rst: `ENXIO` for an address without answer, `EAGAIN` for a
    /// lost arbitration, `ETIMEDOUT`, `EIO`.
    fn transfer(&self, messages: &mut [Message]) -> Result<usize>;

    /// Called when a device is added to the bus, or to the bus of a mux behind it. It is registered
    /// but not probed yet.
    fn added(&self, client: &Device) {
        let _ = client;
    }
}

/// The limits of an adapter's hardware; the I2C core refuses what exceeds them.
#[derive(Clone, Copy, Default)]
pub struct Limits {
    /// Most bytes in one write message, address of a register included.
    pub max_write_bytes: Option<u16>,
    /// Most bytes in one read message.
    pub max_read_bytes: Option<u16>,
}

/// The registration of an adapter.
///
/// Registering it creates clients for the child nodes of its firmware node; dropping it removes
/// all its clients and waits until the last user has released it.
///
/// # Examples
///
/// `src/virtual_board/bus.rs` has an adapter with several targets, which `src/virtual_board/mod.rs`
/// registers.
///
/// # Invariants
///
/// `adapter` is registered, from the end of construction to the drop; `quirks`, `algorithm` and
/// `_fwnode` do not change meanwhile.
#[pin_data(PinnedDrop)]
pub struct Registration<T: Algorithm> {
    // Dropped before the algorithm, which it calls.
    #[pin]
    _watch: Watch<T>,
    algorithm: T,
    quirks: bindings::i2c_adapter_quirks,
    // The adapter's device refers to it without counting.
    _fwnode: ARef<FwNode>,
    #[pin]
    adapter: Opaque<bindings::i2c_adapter>,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: An adapter may be removed from any thread, and `Algorithm` is `Send`.
unsafe impl<T: Algorithm> Send for Registration<T> {}
// SAFETY: No method of a shared `Registration` touches the C structure; `Algorithm` is `Sync`.
unsafe impl<T: Algorithm> Sync for Registration<T> {}

impl<T: Algorithm> Registration<T> {
    const ALGORITHM: bindings::i2c_algorithm = bindings::i2c_algorithm {
        __bindgen_anon_1: bindings::i2c_algorithm__bindgen_ty_1 {
            xfer: Some(Self::xfer_callback),
        },
        functionality: Some(Self::functionality_callback),
        ..pin_init::zeroed()
    };

    /// Registers an adapter called `name` below `parent`, described by `fwnode`.
    pub fn new<'a>(
        parent: &'a Device<Bound>,
        fwnode: ARef<FwNode>,
        name: &'a CStr,
        limits: Limits,
        algorithm: T,
    ) -> impl PinInit<Self, Error> + 'a
    where
        T: 'a,
    {
        let raw_fwnode: *mut bindings::fwnode_handle =
            core::ptr::from_ref::<FwNode>(&fwnode).cast_mut().cast();

        try_pin_init!(&this in Self {
            algorithm,
            quirks: bindings::i2c_adapter_quirks {
                max_write_len: limits.max_write_bytes.unwrap_or(0),
                max_read_len: limits.max_read_bytes.unwrap_or(0),
                ..Default::default()
            },
            _fwnode: fwnode,
            // SAFETY: `this` points to the structure under construction, which is pinned.
            // `algorithm` is initialised, and dropped after the watch.
            _watch <- unsafe {
                Watch::new(
                    &raw const (*(*this.as_ptr()).adapter.get()).dev,
                    &raw const (*this.as_ptr()).algorithm,
                )
            },
            adapter <- Opaque::try_ffi_init(|adapter: *mut bindings::i2c_adapter| {
                // SAFETY: `adapter` is valid for writes; an adapter of zeros is a valid value.
                unsafe { adapter.write(pin_init::zeroed()) };
                // SAFETY: `adapter` was just initialised and is not shared yet. `this` points to
                // the structure under construction, whose fields above are initialised and stay
                // where they are, because the structure is pinned.
                unsafe {
                    (*adapter).owner = this_module::<crate::LocalModule>().as_ptr();
                    (*adapter).algo = &Self::ALGORITHM;
                    (*adapter).algo_data = addr_of_mut!((*this.as_ptr()).algorithm).cast();
                    (*adapter).quirks = &raw const (*this.as_ptr()).quirks;
                    (*adapter).dev.parent = core::ptr::from_ref(parent).cast_mut().cast();
                    for (to, from) in (*adapter).name.iter_mut().zip(name.to_bytes().iter().take(47)) {
                        *to = *from;
                    }
                    bindings::device_set_node(&raw mut (*adapter).dev, raw_fwnode);
                }
                // SAFETY: `adapter` has its owner, parent, name and algorithm, and stays pinned
                // until `drop` removes it.
                to_result(unsafe { bindings::i2c_add_adapter(adapter) })
            }),
            _pin: PhantomPinned,
        })
    }

    extern "C" fn xfer_callback(
        adapter: *mut bindings::i2c_adapter,
        messages: *mut bindings::i2c_msg,
        count: c_int,
    ) -> c_int {
        // SAFETY: `new` put a pointer to the `T` there, which lives as long as the adapter is
        // registered; transfers happen only in that time.
        let algorithm = unsafe { &*(*adapter).algo_data.cast::<T>() };
        let Ok(count) = usize::try_from(count) else {
            return EINVAL.to_errno();
        };
        if count == 0 {
            return 0;
        }

        // SAFETY: The I2C core passes `count` messages, exclusively during the call. `Message` is
        // transparent over `i2c_msg`; its invariant is what the core demands of its callers.
        let messages = unsafe { slice::from_raw_parts_mut(messages.cast::<Message>(), count) };
        match algorithm.transfer(messages) {
            Ok(done) => c_int::try_from(done).unwrap_or(c_int::MAX),
            Err(error) => error.to_errno(),
        }
    }

    extern "C" fn functionality_callback(_adapter: *mut bindings::i2c_adapter) -> u32 {
        bindings::I2C_FUNC_I2C | bindings::I2C_FUNC_SMBUS_EMUL
    }
}

#[pinned_drop]
impl<T: Algorithm> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant, the adapter is registered.
        unsafe { bindings::i2c_del_adapter(self.adapter.get()) };
    }
}

/// Calls [`Algorithm::added`] for devices that are added to the bus.
///
/// # Invariants
///
/// `block` is registered with the I2C bus from the end of construction to the drop, and `algorithm`
/// is valid meanwhile.
#[pin_data(PinnedDrop)]
struct Watch<T: Algorithm> {
    /// The adapter's device, for comparison only.
    adapter: *const bindings::device,
    algorithm: *const T,
    #[pin]
    block: Opaque<bindings::notifier_block>,
    #[pin]
    _pin: PhantomPinned,
}

impl<T: Algorithm> Watch<T> {
    /// # Safety
    ///
    /// `algorithm` must be valid until the value is dropped.
    unsafe fn new(
        adapter: *const bindings::device,
        algorithm: *const T,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            adapter,
            algorithm,
            block <- Opaque::try_ffi_init(|block: *mut bindings::notifier_block| {
                // SAFETY: `block` is valid for writes, and stays pinned until `drop` unregisters
                // it. The callback uses only the fields above, which are initialised.
                to_result(unsafe {
                    block.write(bindings::notifier_block {
                        notifier_call: Some(Self::notifier_callback),
                        ..pin_init::zeroed()
                    });
                    bindings::bus_register_notifier(&raw const bindings::i2c_bus_type, block)
                })
            }),
            _pin: PhantomPinned,
        })
    }

    /// Returns whether `device` is below the adapter's.
    ///
    /// # Safety
    ///
    /// `device` must be valid.
    unsafe fn covers(&self, device: *const bindings::device) -> bool {
        // SAFETY: `device` is valid by the requirement above, and a device keeps its parent.
        let mut ancestor = unsafe { (*device).parent.cast_const() };

        while !ancestor.is_null() && !core::ptr::eq(ancestor, self.adapter) {
            // SAFETY: It is an ancestor of `device`, each of which keeps its parent.
            ancestor = unsafe { (*ancestor).parent.cast_const() };
        }
        !ancestor.is_null()
    }

    extern "C" fn notifier_callback(
        block: *mut bindings::notifier_block,
        action: c_ulong,
        data: *mut c_void,
    ) -> c_int {
        if action == bindings::bus_notifier_event_BUS_NOTIFY_ADD_DEVICE as c_ulong {
            let block = Opaque::cast_from(block);
            // SAFETY: By the type invariant the chain has `block`, which is a field of a
            // `Watch<T>`, and `algorithm` is valid. The driver core passes the device that it adds.
            unsafe {
                let watch = &*container_of!(block, Self, block);
                if watch.covers(data.cast()) {
                    (*watch.algorithm).added(&*data.cast());
                }
            }
        }
        bindings::NOTIFY_DONE as c_int
    }
}

#[pinned_drop]
impl<T: Algorithm> PinnedDrop for Watch<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant `block` is registered. The function waits for calls that
        // run.
        unsafe {
            bindings::bus_unregister_notifier(&raw const bindings::i2c_bus_type, self.block.get())
        };
    }
}
