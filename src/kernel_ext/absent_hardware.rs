// SPDX-License-Identifier: GPL-2.0-only

//! Registers, DMA and interrupts of hardware that a virtual machine does not have.
//!
//! A driver of an absent device can run with plain memory as its registers. An [`AbsentDevice`]
//! acts as the device on the other side of that memory: it reads and writes the registers, stores
//! to the DMA addresses in them, and raises interrupts.
//!
//! C headers: [`include/linux/io.h`](srctree/include/linux/io.h),
//! [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h)

use super::{
    bindings,
    compat, //
};
use core::ptr::NonNull;
use kernel::{
    device::Bound,
    error::to_result,
    ffi::c_void,
    platform,
    prelude::*, //
};

/// `compatible` of the root node of QEMU's virt machine, which no real board has.
const MACHINE: &CStr = c"linux,dummy-virt";

/// Registers made of memory.
///
/// # Invariants
///
/// `base` maps `size` bytes that are no memory of the kernel's.
struct Window {
    base: NonNull<c_void>,
    size: usize,
}

impl Window {
    /// Maps a region, which must not be memory that the kernel uses.
    fn new(start: u64, size: usize) -> Result<Self> {
        if !is_disjoint_from_ram(start, size) {
            return Err(EINVAL);
        }
        // SAFETY: The region was checked to hold nothing of the kernel's.
        let base = NonNull::new(unsafe { bindings::ioremap(start, size) }).ok_or(ENOMEM)?;

        // INVARIANT: Just mapped, and checked.
        Ok(Self { base, size })
    }

    /// Returns the address of the 32-bit register at `offset`.
    fn register(&self, offset: usize) -> Option<*mut c_void> {
        let end = offset.checked_add(size_of::<u32>())?;

        (end <= self.size && offset % size_of::<u32>() == 0).then(|| {
            // SAFETY: The register lies within the mapping.
            unsafe { self.base.as_ptr().byte_add(offset) }
        })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // SAFETY: Mapped in `new()`, and nothing refers to it any more.
        unsafe { bindings::iounmap(self.base.as_ptr()) };
    }
}

// SAFETY: A mapping belongs to no thread.
unsafe impl Send for Window {}
// SAFETY: Accesses are single loads and stores of the device memory type.
unsafe impl Sync for Window {}

fn is_disjoint_from_ram(start: u64, size: usize) -> bool {
    intersection(start, size) == bindings::REGION_DISJOINT as i32
}

fn intersection(start: u64, size: usize) -> i32 {
    // SAFETY: May be called with any region.
    unsafe {
        bindings::region_intersects(
            start,
            size,
            bindings::IORESOURCE_SYSTEM_RAM as usize,
            bindings::IORES_DESC_NONE as usize,
        )
    }
}

/// DMA memory that a driver has given its device to write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DmaTarget {
    /// DMA address, as written to a register by the driver.
    pub address: u64,
    /// Size in bytes.
    pub size: usize,
    /// Distance between the starts of two rows, in bytes.
    pub stride: usize,
}

/// An absent device, from the side of its hardware.
///
/// # Invariants
///
/// The machine is QEMU's virt machine.
pub struct AbsentDevice {
    windows: KVec<Window>,
    interrupts: KVec<u32>,
}

impl AbsentDevice {
    /// Takes over all regions and interrupts of `device`, whose node lists those of the absent one.
    ///
    /// Returns `ENODEV` on any machine but QEMU's virt machine, and `EINVAL` if a region is memory
    /// that the kernel uses.
    pub fn new(device: &platform::Device<Bound>) -> Result<Self> {
        if !is_virtual_machine() {
            return Err(ENODEV);
        }
        // CAST: `platform::Device` is transparent over `struct platform_device`.
        let raw = core::ptr::from_ref(device)
            .cast_mut()
            .cast::<bindings::platform_device>();
        let mut windows = KVec::new();
        let mut interrupts = KVec::new();

        for index in 0.. {
            // SAFETY: `raw` is a valid platform device.
            let resource =
                unsafe { bindings::platform_get_resource(raw, bindings::IORESOURCE_MEM, index) };
            // SAFETY: Null, or a resource of the device, which is bound.
            let Some(resource) = (unsafe { resource.as_ref() }) else {
                break;
            };
            let size = resource
                .end
                .saturating_sub(resource.start)
                .saturating_add(1);

            windows.push(
                Window::new(resource.start, usize::try_from(size)?)?,
                GFP_KERNEL,
            )?;
        }
        for index in 0.. {
            // SAFETY: `raw` is a valid platform device.
            let irq = unsafe { bindings::platform_get_irq_optional(raw, index) };

            if irq == -(bindings::ENXIO as i32) {
                break;
            }
            to_result(irq)?;
            interrupts.push(u32::try_from(irq)?, GFP_KERNEL)?;
        }
        // INVARIANT: Checked above.
        Ok(Self {
            windows,
            interrupts,
        })
    }

    /// Reads the register at `offset` of a window. Registers that do not exist read as 0.
    pub fn read(&self, window: usize, offset: usize) -> u32 {
        self.register(window, offset).map_or(0, |register| {
            // SAFETY: A register of a mapped window.
            unsafe { bindings::readl(register) }
        })
    }

    /// Writes the register at `offset` of a window, after all stores before it.
    pub fn write(&self, window: usize, offset: usize, value: u32) {
        if let Some(register) = self.register(window, offset) {
            // SAFETY: A register of a mapped window.
            unsafe { bindings::writel(value, register) }
        }
    }

    fn register(&self, window: usize, offset: usize) -> Option<*mut c_void> {
        self.windows.get(window)?.register(offset)
    }

    /// Orders all accesses before against all after it.
    pub fn barrier(&self) {
        compat::smp_mb();
    }

    /// Makes an interrupt pending, as an edge does.
    pub fn raise(&self, interrupt: usize) -> Result {
        let irq = *self.interrupts.get(interrupt).ok_or(EINVAL)?;

        // SAFETY: The interrupt is mapped, as `platform_get_irq_optional()` returned it.
        to_result(unsafe {
            bindings::irq_set_irqchip_state(
                irq,
                bindings::irqchip_irq_state_IRQCHIP_STATE_PENDING,
                true,
            )
        })
    }

    /// Returns whether the driver's handler has served the last raised interrupt.
    pub fn is_served(&self, interrupt: usize) -> Result<bool> {
        let irq = *self.interrupts.get(interrupt).ok_or(EINVAL)?;
        let is_set = |which| {
            let mut state = false;

            // SAFETY: The interrupt is mapped; `state` is valid for the call.
            to_result(unsafe { bindings::irq_get_irqchip_state(irq, which, &raw mut state) })
                .map(|()| state)
        };

        Ok(!is_set(bindings::irqchip_irq_state_IRQCHIP_STATE_PENDING)?
            && !is_set(bindings::irqchip_irq_state_IRQCHIP_STATE_ACTIVE)?)
    }

    /// Stores `rows`, each `row_bytes` long, to `target`.
    ///
    /// Data beyond its size is dropped. Returns `EFAULT` if any of the target is not memory of the
    /// kernel.
    pub fn store(&self, target: DmaTarget, rows: &[u8], row_bytes: usize) -> Result {
        if target.size == 0 || row_bytes == 0 {
            return Ok(());
        }
        if intersection(target.address, target.size) != bindings::REGION_INTERSECTS as i32 {
            return Err(EFAULT);
        }
        // SAFETY: The region is RAM from end to end, so this is the kernel's own mapping of it.
        let base = unsafe {
            bindings::memremap(target.address, target.size, bindings::MEMREMAP_WB as usize)
        };
        let base = NonNull::new(base).ok_or(ENOMEM)?.cast::<u8>();
        let mut offset: usize = 0;

        for row in rows.chunks(row_bytes) {
            let room = target.size.saturating_sub(offset);
            let bytes = row.len().min(target.stride).min(room);

            // SAFETY: `offset + bytes` is within the mapping. The memory is what the driver gave
            // its device to write to: by the type invariant there is no other device, and nothing
            // else may rely on what it holds meanwhile, which user space may even have mapped. So
            // it is written as raw bytes, without a reference to it.
            unsafe {
                core::ptr::copy_nonoverlapping(row.as_ptr(), base.as_ptr().add(offset), bytes)
            };
            offset = offset.saturating_add(target.stride);
            if offset >= target.size {
                break;
            }
        }
        // SAFETY: Mapped above.
        unsafe { bindings::memunmap(base.as_ptr().cast()) };
        Ok(())
    }
}

fn is_virtual_machine() -> bool {
    let compatibles = [MACHINE.as_char_ptr(), core::ptr::null()];

    // SAFETY: A list of NUL-terminated strings that ends with null.
    unsafe { bindings::of_machine_compatible_match(compatibles.as_ptr()) }
}
