// SPDX-License-Identifier: GPL-2.0-only

//! A sub-device with its own device and a receiver without hardware, for tests of V4L2's handling
//! of sub-devices.
//!
//! C headers: [`include/media/v4l2-async.h`](srctree/include/media/v4l2-async.h),
//! [`include/media/media-entity.h`](srctree/include/media/media-entity.h)

use crate::kernel_ext::{
    bindings,
    compat::{
        faux_device,
        this_module, //
    },
    media::v4l2::{
        ctrls::Builder,
        subdev::{
            Operations,
            Subdev, //
        }, //
    }, //
};
use core::{
    marker::PhantomPinned,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    container_of,
    device::Device,
    error::{
        from_err_ptr,
        to_result, //
    },
    faux,
    ffi::{
        c_int,
        c_uint,
        c_ulong, //
    },
    new_mutex,
    prelude::*,
    str::CString,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
    types::Opaque, //
};

/// An open device node of a sub-device.
///
/// Kernel threads, which tests are, see no device nodes. So this does what `v4l2_open()` and
/// `v4l2_release()` do, with a file of its own.
///
/// # Invariants
///
/// `file` was opened by the operation of `node`, to which this owns a reference.
pub struct OpenNode {
    node: NonNull<bindings::video_device>,
    file: KBox<Opaque<bindings::file>>,
    _inode: KBox<Opaque<bindings::inode>>,
}

// SAFETY: A file may be used and closed from any thread.
unsafe impl Send for OpenNode {}

impl OpenNode {
    /// Opens the node of a sub-device; `ENXIO` if it has none.
    ///
    /// # Safety
    ///
    /// `sd` must be a valid sub-device. Its node must not be released before the call has taken a
    /// reference to it.
    unsafe fn open(sd: *mut bindings::v4l2_subdev) -> Result<Self> {
        let file = KBox::new(Opaque::zeroed(), GFP_KERNEL)?;
        let inode = KBox::new(Opaque::zeroed(), GFP_KERNEL)?;
        // SAFETY: `sd` is valid by the requirement above.
        let node = NonNull::new(unsafe { (*sd).devnode }).ok_or(ENXIO)?;

        // SAFETY: The node is there by the requirement above, and has operations. The operation
        // looks at the number of the inode, and fills in what else it needs of the file.
        let result = unsafe {
            let dev = &raw mut (*node.as_ptr()).dev;
            let inode: *mut bindings::inode = inode.get();
            let file: *mut bindings::file = file.get();

            bindings::get_device(dev);
            (*inode).i_rdev = (*dev).devt;
            (*file).f_inode = inode;
            to_result((*(*node.as_ptr()).fops).open.map_or(0, |open| open(file)))
                .inspect_err(|_| bindings::put_device(dev))
        };

        result?;
        // INVARIANT: Opened, and referred to.
        Ok(Self {
            node,
            file,
            _inode: inode,
        })
    }
}

impl Drop for OpenNode {
    fn drop(&mut self) {
        // SAFETY: By the type invariant there is a file to close, and a reference to give back.
        unsafe {
            if let Some(release) = (*(*self.node.as_ptr()).fops).release {
                release(self.file.get());
            }
            bindings::put_device(&raw mut (*self.node.as_ptr()).dev);
        }
    }
}

/// Number of benches created, for the names of their devices.
static COUNT: Atomic<i32> = Atomic::new(0);

/// The bench.
///
/// # Invariants
///
/// All C structures are initialised, and `notifier` is registered, unless coming back failed, which
/// unregistering it again tolerates.
#[pin_data(PinnedDrop)]
pub struct Bench {
    // The device of the sub-device; `None` after it was unplugged.
    #[pin]
    sensor: Mutex<Option<faux::Registration>>,
    // The firmware node by which the receiver finds `sensor`.
    fwnode: NonNull<bindings::fwnode_handle>,
    // The node that the receiver opened before it refused the sub-device.
    #[pin]
    opened: Mutex<Option<OpenNode>>,
    refuses: Atomic<bool>,
    receiver: faux::Registration,
    #[pin]
    media: Opaque<bindings::media_device>,
    #[pin]
    v4l2: Opaque<bindings::v4l2_device>,
    #[pin]
    notifier: Opaque<bindings::v4l2_async_notifier>,
    #[pin]
    sink: Opaque<bindings::media_entity>,
    #[pin]
    pad: Opaque<bindings::media_pad>,
    #[pin]
    pipe: Opaque<bindings::media_pipeline>,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: The C structures may be used and freed from any thread.
unsafe impl Send for Bench {}
// SAFETY: The C structures have their own locks.
unsafe impl Sync for Bench {}

fn raw(dev: &Device) -> *mut bindings::device {
    ptr::from_ref(dev).cast_mut().cast()
}

impl Bench {
    const NOTIFIER_OPS: bindings::v4l2_async_notifier_operations =
        bindings::v4l2_async_notifier_operations {
            bound: None,
            complete: Some(Self::complete_callback),
            unbind: None,
            destroy: None,
        };

    /// Creates a bench without a sub-device.
    pub fn new() -> Result<Arc<Self>> {
        let number = COUNT.fetch_add(1, Relaxed);
        let device = |name: &CStr| {
            let name = CString::try_from_fmt(fmt!("imx412-bench-{name}.{number}"))?;

            faux::Registration::new(&name, None)
        };
        let sensor = device(c"sensor")?;
        let receiver = device(c"receiver")?;
        // SAFETY: A software node needs neither properties nor a parent.
        let fwnode = from_err_ptr(unsafe {
            bindings::fwnode_create_software_node(ptr::null(), ptr::null())
        })?;
        let fwnode = NonNull::new(fwnode).ok_or(ENOMEM)?;
        let dev = faux_device(&receiver);
        let raw_dev = raw(dev);
        let this = Arc::pin_init(
            try_pin_init!(Self {
                fwnode,
                refuses: Atomic::new(false),
                opened <- new_mutex!(None),
                media <- Opaque::ffi_init(move |media: *mut bindings::media_device| {
                    // SAFETY: `media` is valid for writing; zeros are what the function expects,
                    // but for the device.
                    unsafe {
                        media.write(pin_init::zeroed());
                        (*media).dev = raw_dev;
                        bindings::media_device_init(media);
                    }
                }),
                v4l2 <- Opaque::ffi_init(|v4l2: *mut bindings::v4l2_device| {
                    // SAFETY: `v4l2` is valid for writing; zeros are what V4L2 expects.
                    unsafe { v4l2.write(pin_init::zeroed()) };
                }),
                notifier <- Opaque::ffi_init(|notifier: *mut bindings::v4l2_async_notifier| {
                    // SAFETY: `notifier` is valid for writing; zeros are what V4L2 expects.
                    unsafe { notifier.write(pin_init::zeroed()) };
                }),
                sink <- Opaque::ffi_init(|sink: *mut bindings::media_entity| {
                    // SAFETY: `sink` is valid for writing; zeros are what the media core expects.
                    unsafe {
                        sink.write(Default::default());
                        (*sink).name = c"sink".as_char_ptr();
                        (*sink).function = bindings::MEDIA_ENT_F_IO_V4L;
                    }
                }),
                pad <- Opaque::ffi_init(|pad: *mut bindings::media_pad| {
                    // SAFETY: `pad` is valid for writing.
                    unsafe {
                        pad.write(bindings::media_pad {
                            flags: bindings::MEDIA_PAD_FL_SINK as c_ulong,
                            ..Default::default()
                        })
                    };
                }),
                pipe <- Opaque::ffi_init(|pipe: *mut bindings::media_pipeline| {
                    // SAFETY: `pipe` is valid for writing; zeros are a pipeline that is not
                    // started.
                    unsafe { pipe.write(pin_init::zeroed()) };
                }),
                sensor <- new_mutex!(Some(sensor)),
                receiver,
                _pin: PhantomPinned,
            }? Error),
            GFP_KERNEL,
        )?;

        this.set_up()?;
        Ok(this)
    }

    fn set_up(&self) -> Result {
        let dev = faux_device(&self.receiver);
        let notifier = self.notifier.get();

        if let Some(sensor) = &*self.sensor.lock() {
            // SAFETY: Both are valid; `unplug()` takes the node from the device before it goes.
            unsafe { bindings::device_set_node(raw(faux_device(sensor)), self.fwnode.as_ptr()) };
        }

        // SAFETY: The structures are as the functions expect them, and stay until `Drop`. The size
        // is that of the structure that the core itself needs.
        unsafe {
            (*self.v4l2.get()).mdev = self.media.get();
            to_result(bindings::v4l2_device_register(raw(dev), self.v4l2.get()))?;
            to_result(bindings::media_entity_pads_init(
                self.sink.get(),
                1,
                self.pad.get(),
            ))?;
            to_result(bindings::media_device_register_entity(
                self.media.get(),
                self.sink.get(),
            ))?;
            bindings::v4l2_async_nf_init(notifier, self.v4l2.get());
            (*notifier).ops = &Self::NOTIFIER_OPS;
            from_err_ptr(bindings::__v4l2_async_nf_add_fwnode(
                notifier,
                self.fwnode.as_ptr(),
                core::mem::size_of::<bindings::v4l2_async_connection>() as c_uint,
            ))?;
            to_result(bindings::v4l2_async_nf_register(notifier))
        }
    }

    /// Has the receiver leave, and come back.
    pub fn restart_receiver(&self) -> Result {
        let notifier = self.notifier.get();

        // SAFETY: The notifier is registered, and keeps what it waits for.
        to_result(unsafe {
            bindings::v4l2_async_nf_unregister(notifier);
            bindings::v4l2_async_nf_register(notifier)
        })
    }

    /// Makes the receiver open the node of the next sub-devices, and then refuse them.
    pub fn refuse(&self) {
        self.refuses.store(true, Relaxed);
    }

    /// Closes the node that the receiver opened.
    pub fn close_refused(&self) {
        let node = self.opened.lock().take();

        drop(node);
    }

    extern "C" fn complete_callback(notifier: *mut bindings::v4l2_async_notifier) -> c_int {
        // SAFETY: The notifier is part of a bench, which unregisters it before it goes.
        let this = unsafe { &*container_of!(Opaque::cast_from(notifier), Self, notifier) };
        let v4l2 = this.v4l2.get();

        // SAFETY: The V4L2 device is registered.
        let ret = unsafe { bindings::__v4l2_device_register_subdev_nodes(v4l2, false) };
        let result = to_result(ret).and_then(|()| {
            if !this.refuses.xchg(false, Relaxed) {
                return Ok(());
            }
            // SAFETY: The sub-device is the only one that the V4L2 device has, and stays with its
            // node during this call.
            let node = unsafe {
                let first = (*v4l2).subdevs.next;

                OpenNode::open(container_of!(first, bindings::v4l2_subdev, list))
            }?;

            *this.opened.lock() = Some(node);
            Err(EIO)
        });

        result.map_or_else(|error| error.to_errno(), |()| 0)
    }

    /// Creates and registers a sub-device without controls.
    pub fn plug<T: Operations>(&self, inner: T) -> Result<Arc<Subdev<T>>> {
        self.plug_with(inner, |_| Ok(()))
    }

    /// Creates and registers a sub-device with the controls that `controls` adds.
    pub fn plug_with<T: Operations>(
        &self,
        inner: T,
        controls: impl FnOnce(&mut Builder<'_>) -> Result,
    ) -> Result<Arc<Subdev<T>>> {
        let sensor = self.sensor.lock();
        let dev = faux_device(sensor.as_ref().ok_or(ENODEV)?);

        Subdev::register(Subdev::new(dev, c"bench", None, controls, Ok(inner))?, dev)
    }

    /// Unbinds the device of the sub-device.
    pub fn unplug(&self) {
        let Some(sensor) = self.sensor.lock().take() else {
            return;
        };

        // The driver core would drop a reference that it only takes of nodes which exist when the
        // device is added.
        //
        // SAFETY: The device is valid. Registering the sub-device was what needed the node.
        unsafe { bindings::device_set_node(raw(faux_device(&sensor)), ptr::null_mut()) };
        drop(sensor);
    }

    /// Calls `f` with the media graph locked.
    pub fn with_graph_locked<R>(&self, f: impl FnOnce() -> R) -> R {
        // SAFETY: The media device is initialised.
        let lock = unsafe { &raw mut (*self.media.get()).graph_mutex };

        // SAFETY: `lock` is the mutex of an initialised media device.
        unsafe { bindings::mutex_lock(lock) };
        let result = f();
        // SAFETY: Taken above.
        unsafe { bindings::mutex_unlock(lock) };
        result
    }

    /// Starts a pipeline from a sub-device to the receiver.
    pub fn start_pipeline<T: Operations>(&self, subdev: &Subdev<T>) -> Result {
        // SAFETY: Both entities are initialised, and registered with the same media device.
        unsafe {
            to_result(bindings::media_create_pad_link(
                &raw mut (*subdev.raw.get()).entity,
                0,
                self.sink.get(),
                0,
                bindings::MEDIA_LNK_FL_ENABLED | bindings::MEDIA_LNK_FL_IMMUTABLE,
            ))?;
            to_result(bindings::media_pipeline_start(
                self.pad.get(),
                self.pipe.get(),
            ))
        }
    }

    /// Stops the pipeline.
    pub fn stop_pipeline(&self) {
        // SAFETY: The pad is initialised; without a pipeline the function only complains.
        unsafe { bindings::media_pipeline_stop(self.pad.get()) };
    }
}

impl<T: Operations> Subdev<T> {
    /// Opens the node of the sub-device; `ENXIO` if it has none. It must not be unregistered
    /// meanwhile.
    pub fn user_open(&self) -> Result<OpenNode> {
        // SAFETY: `raw` is initialised. The test knows that the node stays until it is open.
        unsafe { OpenNode::open(self.raw.get()) }
    }

    /// Returns whether the sub-device would be taken for unused if its node was there, or not, as at
    /// the steps of a close.
    pub fn user_is_over(&self, has_node: bool) -> bool {
        self.is_over_with(has_node)
    }

    /// Returns whether the sub-device is registered with a V4L2 device.
    pub fn user_is_registered(&self) -> bool {
        // SAFETY: `raw` is initialised. The field is a word, which V4L2 may change meanwhile.
        !unsafe { (&raw const (*self.raw.get()).v4l2_dev).read_volatile() }.is_null()
    }
}

/// Returns whether a driver's data is stored with `dev`.
pub fn has_driver_data(dev: &Device) -> bool {
    // SAFETY: `dev` is valid.
    !unsafe { bindings::dev_get_drvdata(raw(dev)) }.is_null()
}

/// Returns the number of references to this module; 0 for built-in code.
pub fn module_references() -> i32 {
    let module = this_module::<crate::LocalModule>().as_ptr();

    if module.is_null() {
        return 0;
    }
    // SAFETY: The pointer of a `ThisModule` is null or valid.
    unsafe { bindings::module_refcount(module) }
}

#[pinned_drop]
impl PinnedDrop for Bench {
    fn drop(self: Pin<&mut Self>) {
        self.close_refused();
        self.unplug();
        // SAFETY: The structures are initialised, and there are no references to them after these
        // calls. Those that were not registered are not touched.
        unsafe {
            bindings::v4l2_async_nf_unregister(self.notifier.get());
            bindings::v4l2_async_nf_cleanup(self.notifier.get());
            bindings::v4l2_device_unregister(self.v4l2.get());
            bindings::media_device_unregister_entity(self.sink.get());
            bindings::media_device_cleanup(self.media.get());
            bindings::fwnode_remove_software_node(self.fwnode.as_ptr());
        }
    }
}
