// SPDX-License-Identifier: GPL-2.0-only

//! Video nodes that capture frames into memory.
//!
//! C header: [`include/media/v4l2-dev.h`](srctree/include/media/v4l2-dev.h)

pub mod ioctl;
mod queue;

use super::{
    device,
    device::V4l2Device,
    remote::{
        self,
        PadFormat,
        RemoteSubdev, //
    }, //
};
use crate::kernel_ext::{
    bindings,
    compat::this_module,
    media::{
        device::Graph,
        videobuf2::{
            Buffer,
            Buffers, //
        }, //
    }, //
};
use core::{
    marker::PhantomPinned,
    ops::Deref,
    ptr::NonNull, //
};
use ioctl::Formats;
use kernel::{
    container_of,
    error::to_result,
    ffi::{
        c_int,
        c_ulong, //
    },
    prelude::*,
    static_lock_class,
    sync::{
        aref::{
            ARef,
            AlwaysRefCounted, //
        },
        new_mutex,
        Arc,
        ArcBorrow,
        Mutex, //
    },
    types::{
        ForeignOwnable,
        NotThreadSafe,
        Opaque, //
    },
};

/// The callbacks of a capture driver.
pub trait Capture: Formats + Send + Sync + Sized + 'static {
    /// Checks that frames of `source` match the format of the node, before a stream starts. Returns
    /// `EPIPE` if they do not.
    fn validate_link(&self, source: PadFormat) -> Result;

    /// Returns the bytes of a frame in the format of the node.
    fn image_size(&self) -> u32;

    /// Starts filling the buffers of [`VideoDevice::next_buffer`].
    ///
    /// On an error the pipeline is stopped, and all buffers are returned to the queue.
    fn start_streaming(this: ArcBorrow<'_, Self>, start: &Starting<'_, Self>) -> Result;

    /// Stops filling buffers. Afterwards the pipeline is stopped, and all buffers are returned to
    /// user space.
    fn stop_streaming(&self);
}

/// A call of [`Capture::start_streaming`], during which the node is registered.
pub struct Starting<'a, T: Capture> {
    video: &'a VideoDevice<T>,
    _not_send: NotThreadSafe,
}

impl<T: Capture> Starting<'_, T> {
    /// Returns the node.
    pub fn video(&self) -> &VideoDevice<T> {
        self.video
    }

    /// Starts the media pipeline that ends at the node: validates its links and locks them.
    ///
    /// It is stopped when the stream stops, the start fails, or an entity of it is unregistered.
    ///
    /// Returns the error of [`Capture::validate_link`], `ENOLINK` if there is no source, and
    /// `EBUSY` if the node is part of a pipeline already.
    pub fn start_pipeline(&self) -> Result {
        let vdev = self.video.vdev.get();
        let pad = self.video.pad.get();
        let graph = self.video.graph();

        // SAFETY: videobuf2 calls `start_streaming` with the lock of the node held, while the node
        // is registered: unregistering it takes that lock. A registered node keeps its V4L2 device
        // and with it the media device registered, so that the entity is in the graph, whose mutex
        // is held. `pipe` is the node's own, and not running, as its pad is in no pipeline.
        to_result(unsafe {
            if !graph.contains(&raw const (*vdev).entity) {
                return Err(ENODEV);
            }
            if !(*pad).pipe.is_null() {
                return Err(EBUSY);
            }
            bindings::__media_pipeline_start(pad, &raw mut (*vdev).pipe)
        })
    }
}

/// Calls [`Capture::start_streaming`]; on an error, stops the pipeline and returns the buffers.
///
/// # Safety
///
/// Must be called by videobuf2's callback of that name.
unsafe fn start_streaming<T: Capture>(video: &VideoDevice<T>) -> Result {
    let start = Starting {
        video,
        _not_send: NotThreadSafe,
    };

    T::start_streaming(video.driver.as_arc_borrow(), &start).inspect_err(|_| {
        video.stop_pipeline();
        video
            .buffers
            .lock()
            .revoke(bindings::vb2_buffer_state_VB2_BUF_STATE_QUEUED);
    })
}

/// Calls [`Capture::stop_streaming`], then stops the pipeline and returns all buffers.
fn stop_streaming<T: Capture>(video: &VideoDevice<T>) {
    video.driver.stop_streaming();
    video.stop_pipeline();
    video
        .buffers
        .lock()
        .revoke(bindings::vb2_buffer_state_VB2_BUF_STATE_ERROR);
}

/// A video node with its buffer queue.
///
/// Reference counted: it lives until the last file is closed, which may be long after its
/// [`Registration`] is gone.
///
/// # Invariants
///
/// `vdev` was registered, its release callback is [`VideoDevice::release_callback`], and the object
/// lives in a [`KBox`] that the callback frees. `queue`, `lock`, `pad` and `fops` are what `vdev`
/// refers to.
#[pin_data]
pub struct VideoDevice<T: Capture> {
    driver: Arc<T>,
    // `vdev` refers to it.
    device: ARef<V4l2Device>,
    fops: bindings::v4l2_file_operations,
    #[pin]
    pad: Opaque<bindings::media_pad>,
    #[pin]
    lock: Opaque<bindings::mutex>,
    #[pin]
    buffers: Mutex<Buffers>,
    #[pin]
    queue: Opaque<bindings::vb2_queue>,
    #[pin]
    vdev: Opaque<bindings::video_device>,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: The last reference may be dropped on any thread; `Capture` is `Send` and `Sync`.
unsafe impl<T: Capture> Send for VideoDevice<T> {}
// SAFETY: The C structures have their own locks.
unsafe impl<T: Capture> Sync for VideoDevice<T> {}

// SAFETY: The count is that of the embedded `struct device`, whose release ends in
// `release_callback`, which frees the object.
unsafe impl<T: Capture> AlwaysRefCounted for VideoDevice<T> {
    fn inc_ref(&self) {
        // SAFETY: The device is valid, and a shared reference means that its count is not zero.
        unsafe { bindings::get_device(&raw mut (*self.vdev.get()).dev) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller owns a reference to a valid object.
        unsafe { bindings::put_device(&raw mut (*obj.as_ref().vdev.get()).dev) };
    }
}

impl<T: Capture> VideoDevice<T> {
    const ENTITY_OPS: bindings::media_entity_operations = bindings::media_entity_operations {
        link_validate: Some(Self::link_validate_callback),
        ..pin_init::zeroed()
    };

    fn new(device: &ARef<V4l2Device>, name: &CStr, driver: Arc<T>) -> Result<Pin<KBox<Self>>> {
        KBox::pin_init(
            try_pin_init!(&this in Self {
                driver,
                device: device.clone(),
                fops: bindings::v4l2_file_operations {
                    owner: this_module::<crate::LocalModule>().as_ptr(),
                    open: Some(bindings::v4l2_fh_open),
                    release: Some(bindings::vb2_fop_release),
                    mmap: Some(bindings::vb2_fop_mmap),
                    poll: Some(bindings::vb2_fop_poll),
                    unlocked_ioctl: Some(bindings::video_ioctl2),
                    ..pin_init::zeroed()
                },
                pad <- Opaque::ffi_init(|pad: *mut bindings::media_pad| {
                    // SAFETY: `pad` is valid for writes.
                    unsafe {
                        pad.write(pin_init::zeroed());
                        (*pad).flags = (bindings::MEDIA_PAD_FL_SINK
                            | bindings::MEDIA_PAD_FL_MUST_CONNECT)
                            as c_ulong;
                    }
                }),
                lock <- Opaque::ffi_init(|lock: *mut bindings::mutex| {
                    // SAFETY: `lock` is valid for writes; name and class are static.
                    unsafe {
                        bindings::__mutex_init(
                            lock,
                            c"VideoDevice::lock".as_char_ptr(),
                            static_lock_class!().as_ptr(),
                        )
                    };
                }),
                buffers <- new_mutex!(Buffers::new(), "VideoDevice::buffers"),
                queue <- Opaque::try_ffi_init(|queue: *mut bindings::vb2_queue| {
                    // SAFETY: `queue` is valid for writes, and zeros are a valid value. `this` is
                    // the structure under construction, which is pinned; the addresses of its
                    // fields do not change.
                    let queue = unsafe {
                        queue.write_bytes(0, 1);
                        (*queue).lock = (*this.as_ptr()).lock.get();
                        (*queue).drv_priv = this.as_ptr().cast();
                        &mut *queue
                    };
                    queue::Callbacks::<T>::describe(queue);
                    // SAFETY: All fields that the function asks for are set.
                    to_result(unsafe { bindings::vb2_queue_init(queue) })
                }),
                vdev <- Opaque::try_ffi_init(|vdev: *mut bindings::video_device| {
                    // SAFETY: `vdev` is valid for writes, and zeros are a valid value. `this` is
                    // the structure under construction, which is pinned: `fops`, `lock` and `queue`
                    // stay where they are.
                    let vdev = unsafe {
                        vdev.write_bytes(0, 1);
                        let this = this.as_ptr();
                        (*vdev).fops = &raw const (*this).fops;
                        (*vdev).lock = (*this).lock.get();
                        (*vdev).queue = (*this).queue.get();
                        &mut *vdev
                    };
                    for (to, from) in vdev.name.iter_mut().zip(name.to_bytes().iter().take(63)) {
                        *to = *from;
                    }
                    vdev.v4l2_dev = device.as_raw();
                    vdev.ioctl_ops = &ioctl::Callbacks::<T>::OPS;
                    vdev.release = Some(Self::release_callback);
                    vdev.device_caps = bindings::V4L2_CAP_VIDEO_CAPTURE
                        | bindings::V4L2_CAP_STREAMING
                        | bindings::V4L2_CAP_IO_MC;
                    vdev.entity.ops = &Self::ENTITY_OPS;
                    // SAFETY: The entity is zeroed but for its operations; the pad is initialised
                    // and lives as long.
                    to_result(unsafe {
                        bindings::media_entity_pads_init(
                            &mut vdev.entity,
                            1,
                            (*this.as_ptr()).pad.get(),
                        )
                    })
                }),
                _pin: PhantomPinned,
            }? Error),
            GFP_KERNEL,
        )
    }

    /// Returns the driver.
    pub fn driver(&self) -> &Arc<T> {
        &self.driver
    }

    /// Creates an immutable link to the pad of the node from `pad` of `source`.
    ///
    /// Returns `EINVAL` if `pad` is not a source pad, and `EXDEV` if the sub-device belongs to
    /// another media device.
    pub fn link_from(&self, source: &RemoteSubdev, pad: u32) -> Result {
        let pad = u16::try_from(pad).map_err(|_| EINVAL)?;
        if !source.is_source(pad) {
            return Err(EINVAL);
        }
        let graph = self.graph();

        // SAFETY: Both entities are valid and initialised: `source` is registered, and the node's
        // was initialised with it. In one graph, whose mutex is held, they may be linked; the pads
        // exist and have the directions of a link.
        to_result(unsafe {
            let source = &raw mut (*source.as_raw()).entity;
            let sink = &raw mut (*self.vdev.get()).entity;

            if !(graph.contains(source) && graph.contains(sink)) {
                return Err(EXDEV);
            }
            bindings::media_create_pad_link(
                source,
                pad,
                sink,
                0,
                bindings::MEDIA_LNK_FL_ENABLED | bindings::MEDIA_LNK_FL_IMMUTABLE,
            )
        })
    }

    /// Locks the graph that the node belongs to, or belonged to before its media device was
    /// unregistered.
    fn graph(&self) -> Graph<'_> {
        self.device.media().graph()
    }

    /// Returns the buffer queue.
    pub(crate) fn queue(&self) -> *mut bindings::vb2_queue {
        self.queue.get()
    }

    /// Returns whether buffers are allocated, so that the format must not change. Called under the
    /// lock of the node, as all ioctls are.
    fn has_buffers(&self) -> bool {
        // SAFETY: The queue is initialised by the type invariant.
        unsafe { (*self.queue.get()).is_busy() != 0 }
    }

    /// Takes the oldest buffer queued by user space; `None` if there is none. May sleep.
    pub fn next_buffer(&self) -> Option<Buffer> {
        self.buffers.lock().next()
    }

    /// Marks the stream as broken: waiting for a buffer fails with `EIO` until user space restarts
    /// the stream.
    pub fn fail_stream(&self) {
        // SAFETY: The queue is initialised by the type invariant.
        unsafe { bindings::vb2_queue_error(self.queue.get()) };
    }

    /// Returns whether the node is part of a started pipeline.
    pub fn is_in_pipeline(&self) -> bool {
        let _graph = self.graph();

        // SAFETY: The pad is initialised by the type invariant. Its pipeline changes only with the
        // graph's mutex held.
        unsafe { !(*self.pad.get()).pipe.is_null() }
    }

    /// Stops the pipeline of the node, unless it was stopped because an entity was unregistered.
    fn stop_pipeline(&self) {
        let _graph = self.graph();

        // SAFETY: The pad is initialised by the type invariant. Its pipeline changes only with the
        // graph's mutex held; a pipeline that is set is started, as the function expects. Entities
        // leave their pipelines before they leave the graph, so that all its pads exist.
        unsafe {
            let pad = self.pad.get();
            if core::ptr::eq((*pad).pipe, &raw const (*self.vdev.get()).pipe) {
                bindings::__media_pipeline_stop(pad);
            }
        }
    }

    /// # Safety
    ///
    /// `vdev` must be part of a `VideoDevice<T>`, throughout `'a`.
    unsafe fn from_raw<'a>(vdev: *mut bindings::video_device) -> &'a Self {
        let vdev = Opaque::cast_from(vdev);
        // SAFETY: `vdev` is a field of a `VideoDevice<T>` by the requirement above.
        unsafe { &*container_of!(vdev, Self, vdev) }
    }

    extern "C" fn link_validate_callback(link: *mut bindings::media_link) -> c_int {
        // SAFETY: The media core passes a link whose sink is the pad of a node of ours, and whose
        // source is a pad of a registered entity. The C function checks that the latter is a
        // sub-device.
        unsafe {
            let sink = (*link).__bindgen_anon_2.sink;
            let entity = (*sink).entity;
            let vdev = container_of!(entity, bindings::video_device, entity);
            let source = (*link).__bindgen_anon_1.source;

            match remote::source_format(source)
                .and_then(|format| Self::from_raw(vdev).driver.validate_link(format))
            {
                Ok(()) => 0,
                Err(error) => error.to_errno(),
            }
        }
    }

    extern "C" fn release_callback(vdev: *mut bindings::video_device) {
        let vdev = Opaque::cast_from(vdev);
        // SAFETY: By the type invariant, `vdev` is a field of a `VideoDevice<T>`.
        let this = unsafe { container_of!(vdev, Self, vdev) };
        // SAFETY: By the type invariant the object is in a box that `Registration::new` gave up.
        // The last reference is gone.
        drop(unsafe { Pin::<KBox<Self>>::from_foreign(this.cast_mut().cast()) });
    }
}

/// Keeps a video node registered.
///
/// Dropping it stops a running stream, and makes all further calls by user space fail with
/// `ENODEV`.
///
/// # Examples
///
/// `Node` in `tests/kunit/receiver.rs` is a video node with its driver, `Hoarder`.
pub struct Registration<T: Capture> {
    video: ARef<VideoDevice<T>>,
    // Keeps the device registered longer than the node.
    _device: Arc<device::Registration>,
}

impl<T: Capture> Registration<T> {
    /// Creates a node `/dev/videoN` called `name` (at most 63 bytes are used).
    pub fn new(device: &Arc<device::Registration>, name: &CStr, driver: Arc<T>) -> Result<Self> {
        let video = VideoDevice::new(device.device(), name, driver)?;

        // SAFETY: All fields are set up; after an error the C function leaves nothing behind that
        // refers to the node, and the box frees it.
        to_result(unsafe {
            bindings::__video_register_device(
                video.vdev.get(),
                bindings::vfl_devnode_type_VFL_TYPE_VIDEO,
                -1,
                1,
                this_module::<crate::LocalModule>().as_ptr(),
            )
        })?;

        let raw = video.into_foreign().cast::<VideoDevice<T>>();
        // SAFETY: `into_foreign` of a box returns the address of its content, never null. The
        // registration set the count to one, which the `ARef` now owns.
        // INVARIANT: Registered above, and in a box that was given up.
        let video = unsafe { ARef::from_raw(NonNull::new_unchecked(raw)) };
        Ok(Self {
            video,
            _device: device.clone(),
        })
    }
}

impl<T: Capture> Deref for Registration<T> {
    type Target = ARef<VideoDevice<T>>;

    fn deref(&self) -> &Self::Target {
        &self.video
    }
}

impl<T: Capture> Drop for Registration<T> {
    fn drop(&mut self) {
        let vdev = self.video.vdev.get();

        // The C function drops the registration's reference, which `self.video` owns: take another.
        self.video.inc_ref();
        // SAFETY: The node is registered, and unregistered nowhere else.
        unsafe { bindings::vb2_video_unregister_device(vdev) };
    }
}
