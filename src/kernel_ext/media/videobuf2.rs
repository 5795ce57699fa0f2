// SPDX-License-Identifier: GPL-2.0-only

//! Video buffers in virtually contiguous memory, and their ownership.
//!
//! C header: [`include/media/videobuf2-v4l2.h`](srctree/include/media/videobuf2-v4l2.h)

use crate::kernel_ext::{
    bindings,
    compat, //
};
use core::ptr::NonNull;
use kernel::{
    ffi::c_uint,
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        Mutex, //
    }, //
};

/// A buffer that user space has queued for the driver to fill.
///
/// [`Buffer::deliver`] returns it with a frame; dropping it returns it as failed. When the stream
/// stops, or its start fails, the queue revokes it: methods then return `ECANCELED`. All methods,
/// and the drop, may sleep.
///
/// # Examples
///
/// `tests/kunit/receiver.rs` fills and delivers buffers.
pub struct Buffer {
    lease: Arc<Lease>,
    /// Value of [`Lent::count`] when this was lent: it has been revoked if they differ.
    count: u64,
}

/// Number and time of a frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameStamp {
    /// Number of the frame in its stream, where dropped frames count.
    pub sequence: u32,
    /// Frame start on the monotonic clock, in ns.
    pub start_ns: u64,
}

impl Buffer {
    /// Copies `image` to the start of the buffer and sets its payload.
    ///
    /// Returns `EOVERFLOW` if the buffer is too small, and `ENOMEM` if it has no memory mapped.
    pub fn fill(&mut self, image: &[u8]) -> Result {
        let bytes = u32::try_from(image.len()).map_err(|_| EOVERFLOW)?;
        let lent = self.lease.lent.lock();
        let vb = lent.buffer(self.count).ok_or_else(compat::ecanceled)?.vb2();

        // SAFETY: The buffer is the driver's while `lent` is locked, so that its memory does not
        // change. Plane 0 exists in every buffer.
        let (to, size) = unsafe {
            (
                bindings::vb2_plane_vaddr(vb, 0).cast::<u8>(),
                (*vb).planes[0].length,
            )
        };
        if bytes > size {
            return Err(EOVERFLOW);
        }
        if to.is_null() {
            return Err(ENOMEM);
        }

        // SAFETY: `to` is mapped for `size` bytes, of which `bytes` are written. No reference to
        // the memory is made, because user space may have it mapped too.
        unsafe {
            core::ptr::copy_nonoverlapping(image.as_ptr(), to, image.len());
            (*vb).planes[0].bytesused = bytes;
        }
        Ok(())
    }

    /// Returns the buffer to user space as a complete frame.
    pub fn deliver(self, stamp: FrameStamp) -> Result {
        let mut lent = self.lease.lent.lock();
        let buffer = lent
            .buffer(self.count)
            .ok_or_else(compat::ecanceled)?
            .0
            .as_ptr();

        // SAFETY: The buffer is the driver's while `lent` is locked.
        unsafe {
            (*buffer).sequence = stamp.sequence;
            (*buffer).field = bindings::v4l2_field_V4L2_FIELD_NONE;
            (*buffer).vb2_buf.timestamp = stamp.start_ns;
        }
        lent.end(bindings::vb2_buffer_state_VB2_BUF_STATE_DONE);
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut lent = self.lease.lent.lock();

        if lent.buffer(self.count).is_some() {
            lent.end(bindings::vb2_buffer_state_VB2_BUF_STATE_ERROR);
        }
    }
}

/// A buffer of a queue, and its loan to the driver, if there is one.
#[pin_data]
pub(crate) struct Lease {
    #[pin]
    lent: Mutex<Lent>,
}

impl Lease {
    fn new() -> Result<Arc<Self>> {
        let lent = Lent {
            active: None,
            count: 0,
        };

        Arc::pin_init(
            pin_init!(Self {
                lent <- new_mutex!(lent, "Lease::lent"),
            }),
            GFP_KERNEL,
        )
    }
}

/// # Invariants
///
/// The driver owns `active` in the sense of videobuf2 (`VB2_BUF_STATE_ACTIVE`).
struct Lent {
    active: Option<Active>,
    /// Number of times that the buffer was lent.
    count: u64,
}

/// A buffer that is valid for as long as the driver owns it.
struct Active(NonNull<bindings::vb2_v4l2_buffer>);

// SAFETY: A buffer may be filled and returned from any thread.
unsafe impl Send for Active {}

impl Active {
    fn vb2(&self) -> *mut bindings::vb2_buffer {
        // SAFETY: By the invariant of `Lent` the buffer is valid; no reference is made.
        unsafe { &raw mut (*self.0.as_ptr()).vb2_buf }
    }
}

impl Lent {
    /// Returns the buffer, if it is still lent for the `count`th time.
    fn buffer(&self, count: u64) -> Option<&Active> {
        self.active.as_ref().filter(|_| self.count == count)
    }

    /// Returns the buffer to videobuf2, if it is lent.
    fn end(&mut self, state: bindings::vb2_buffer_state) {
        if let Some(active) = self.active.take() {
            // SAFETY: By the type invariant the driver owns the buffer, and gives it up here.
            unsafe { bindings::vb2_buffer_done(active.vb2(), state) };
        }
    }
}

/// The buffers of a queue.
pub(crate) struct Buffers {
    /// All allocated buffers, with their index.
    all: KVec<(c_uint, Arc<Lease>)>,
    /// Buffers that the driver can take, oldest first.
    waiting: KVec<Buffer>,
}

impl Buffers {
    pub(crate) const fn new() -> Self {
        Self {
            all: KVec::new(),
            waiting: KVec::new(),
        }
    }

    /// Takes the oldest buffer.
    pub(crate) fn next(&mut self) -> Option<Buffer> {
        self.waiting.remove(0).ok()
    }

    /// Revokes all buffers that the driver has or could take.
    pub(crate) fn revoke(&mut self, state: bindings::vb2_buffer_state) {
        for (_, lease) in &self.all {
            // Waits for a call that uses the buffer.
            lease.lent.lock().end(state);
        }
        self.waiting.clear();
    }

    /// Adds a buffer, and reserves room for it among the waiting ones.
    pub(crate) fn add(&mut self, index: c_uint) -> Result {
        self.remove(index);
        self.all.push((index, Lease::new()?), GFP_KERNEL)?;
        self.waiting.reserve(self.all.len(), GFP_KERNEL)?;
        Ok(())
    }

    /// Removes a buffer, whose memory is freed next.
    pub(crate) fn remove(&mut self, index: c_uint) {
        for (_, lease) in self.all.iter().filter(|(other, _)| *other == index) {
            lease.lent.lock().active = None;
        }
        self.all.retain(|(other, _)| *other != index);
    }

    /// Lends a buffer to the driver, or returns it as failed if that is not possible.
    ///
    /// # Safety
    ///
    /// The driver must own `vb`, and must not have lent it.
    pub(crate) unsafe fn lend(&mut self, index: c_uint, vb: NonNull<bindings::vb2_v4l2_buffer>) {
        let Some((_, lease)) = self.all.iter().find(|(other, _)| *other == index) else {
            // SAFETY: By the requirement above the driver owns the buffer, and gives it up here.
            unsafe {
                bindings::vb2_buffer_done(
                    Active(vb).vb2(),
                    bindings::vb2_buffer_state_VB2_BUF_STATE_ERROR,
                )
            };
            return;
        };
        let count = {
            let mut lent = lease.lent.lock();

            // INVARIANT: By the requirement above.
            lent.active = Some(Active(vb));
            lent.count = lent.count.wrapping_add(1);
            lent.count
        };
        let buffer = Buffer {
            lease: lease.clone(),
            count,
        };

        // Room is reserved for all buffers; without it the buffer would be dropped, and so
        // returned.
        let _ = self.waiting.push_within_capacity(buffer);
    }
}
