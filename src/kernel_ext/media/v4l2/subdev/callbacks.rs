// SPDX-License-Identifier: GPL-2.0-only

//! The C operations of a sub-device, which call [`Operations`].
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use super::{
    ops::{
        FrameDescriptor,
        Operations,
        SelectionFlags,
        Which, //
    },
    state::{
        Format,
        Fraction,
        Rect,
        State,
        StreamId, //
    },
    Subdev, //
};
use crate::kernel_ext::{
    bindings,
    media::v4l2::ctrls::{
        Held,
        Id,
        Locked, //
    }, //
};
use kernel::{
    error::from_result,
    ffi::c_int,
    prelude::*, //
};

/// `Some($callback)` if the driver has `$operation`.
macro_rules! optional {
    ($has:expr, $callback:expr) => {
        if $has {
            Some($callback)
        } else {
            None
        }
    };
}

// Each table is a constant that is promoted to a static.
impl<T: Operations> Subdev<T> {
    const CORE_OPS: &'static bindings::v4l2_subdev_core_ops = &bindings::v4l2_subdev_core_ops {
        log_status: if T::HAS_LOG_STATUS {
            Some(Self::log_status_callback)
        } else {
            Some(bindings::v4l2_ctrl_subdev_log_status)
        },
        subscribe_event: Some(bindings::v4l2_ctrl_subdev_subscribe_event),
        unsubscribe_event: Some(bindings::v4l2_event_subdev_unsubscribe),
        ..pin_init::zeroed()
    };

    const VIDEO_OPS: &'static bindings::v4l2_subdev_video_ops = &bindings::v4l2_subdev_video_ops {
        // For receivers that do not call `enable_streams` yet.
        s_stream: optional!(T::HAS_ENABLE_STREAMS, bindings::v4l2_subdev_s_stream_helper),
        ..pin_init::zeroed()
    };

    const PAD_OPS: &'static bindings::v4l2_subdev_pad_ops = &bindings::v4l2_subdev_pad_ops {
        enum_mbus_code: optional!(T::HAS_MEDIA_BUS_CODE, Self::enum_mbus_code_callback),
        enum_frame_size: optional!(T::HAS_FRAME_SIZE, Self::enum_frame_size_callback),
        get_fmt: Some(bindings::v4l2_subdev_get_fmt),
        set_fmt: if T::HAS_SET_FORMAT {
            Some(Self::set_fmt_callback)
        } else {
            Some(bindings::v4l2_subdev_get_fmt)
        },
        get_selection: optional!(T::HAS_SELECTION, Self::get_selection_callback),
        set_selection: optional!(T::HAS_SET_SELECTION, Self::set_selection_callback),
        enum_frame_interval: optional!(
            T::HAS_OFFERED_FRAME_INTERVAL,
            Self::enum_frame_interval_callback
        ),
        get_frame_interval: optional!(T::HAS_FRAME_INTERVAL, Self::get_frame_interval_callback),
        set_frame_interval: optional!(T::HAS_SET_FRAME_INTERVAL, Self::set_frame_interval_callback),
        get_frame_desc: optional!(T::HAS_FRAME_DESCRIPTOR, Self::get_frame_desc_callback),
        get_mbus_config: optional!(T::HAS_BUS_CONFIG, Self::get_mbus_config_callback),
        enable_streams: optional!(T::HAS_ENABLE_STREAMS, Self::enable_streams_callback),
        disable_streams: optional!(T::HAS_DISABLE_STREAMS, Self::disable_streams_callback),
        ..pin_init::zeroed()
    };

    pub(crate) const OPS: &'static bindings::v4l2_subdev_ops = &bindings::v4l2_subdev_ops {
        core: Self::CORE_OPS,
        video: Self::VIDEO_OPS,
        pad: Self::PAD_OPS,
        ..pin_init::zeroed()
    };

    pub(crate) const INTERNAL_OPS: &'static bindings::v4l2_subdev_internal_ops =
        &bindings::v4l2_subdev_internal_ops {
            init_state: Some(Self::init_state_callback),
            open: Some(Self::open_callback),
            registered: Some(Self::registered_callback),
            unregistered: Some(Self::unregistered_callback),
            release: Some(Self::release_callback),
            ..pin_init::zeroed()
        };

    pub(crate) const CTRL_OPS: &'static bindings::v4l2_ctrl_ops = &bindings::v4l2_ctrl_ops {
        g_volatile_ctrl: Some(Self::g_volatile_ctrl_callback),
        try_ctrl: Some(Self::try_ctrl_callback),
        s_ctrl: Some(Self::s_ctrl_callback),
    };

    extern "C" fn init_state_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
    ) -> c_int {
        // SAFETY: The creator of a state uses the sub-device, which therefore is not freed. V4L2
        // holds the lock of the new state.
        let (this, state) = unsafe { (Self::from_raw(sd), State::from_raw(state)) };

        from_result(|| {
            this.life
                .initialise(|| this.inner.init_state(state))
                .map(|()| 0)
        })
    }

    extern "C" fn open_callback(
        sd: *mut bindings::v4l2_subdev,
        _fh: *mut bindings::v4l2_subdev_fh,
    ) -> c_int {
        // SAFETY: Who opens the node holds a reference to it: the sub-device is kept until then.
        let this = unsafe { Self::from_raw(sd) };

        this.life.opened();
        0
    }

    extern "C" fn registered_callback(sd: *mut bindings::v4l2_subdev) -> c_int {
        // SAFETY: A V4L2 device takes a sub-device that is registered for receivers to find, which
        // is not freed before it is unregistered.
        let this = unsafe { Self::from_raw(sd) };

        this.life.registered();
        0
    }

    extern "C" fn unregistered_callback(sd: *mut bindings::v4l2_subdev) {
        // SAFETY: A V4L2 device drops a sub-device that it has, before it releases it.
        let this = unsafe { Self::from_raw(sd) };

        this.life.unregistered();
    }

    extern "C" fn release_callback(sd: *mut bindings::v4l2_subdev) {
        // SAFETY: A sub-device is kept until its release was recorded, which is done here.
        let this = unsafe { Self::from_raw(sd) };

        this.life.released();
    }

    extern "C" fn log_status_callback(sd: *mut bindings::v4l2_subdev) -> c_int {
        // SAFETY: Who asks has the node open: the sub-device is kept until it is closed.
        let this = unsafe { Self::from_raw(sd) };

        this.inner.log_status();
        // SAFETY: `sd` is valid, and its handler is initialised.
        unsafe { bindings::v4l2_ctrl_subdev_log_status(sd) }
    }

    extern "C" fn enum_mbus_code_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        code: *mut bindings::v4l2_subdev_mbus_code_enum,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, code) = unsafe { Self::arguments(sd, state, code) };

        from_result(|| {
            let at = StreamId::new(code.pad, code.stream);

            code.code = this.inner.media_bus_code(state, at, code.index)?;
            Ok(0)
        })
    }

    extern "C" fn enum_frame_size_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        size: *mut bindings::v4l2_subdev_frame_size_enum,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, size) = unsafe { Self::arguments(sd, state, size) };

        from_result(|| {
            let at = StreamId::new(size.pad, size.stream);
            let sizes = this.inner.frame_size(state, at, size.code, size.index)?;

            (size.min_width, size.max_width) = sizes.width;
            (size.min_height, size.max_height) = sizes.height;
            Ok(0)
        })
    }

    extern "C" fn set_fmt_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        format: *mut bindings::v4l2_subdev_format,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, format) = unsafe { Self::arguments(sd, state, format) };
        let which = this.which(state, format.which);

        from_result(|| {
            let at = StreamId::new(format.pad, format.stream);
            let format = Format::from_raw(&mut format.format);

            this.inner.set_format(state, which, at, format).map(|()| 0)
        })
    }

    extern "C" fn get_selection_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        selection: *mut bindings::v4l2_subdev_selection,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, selection) = unsafe { Self::arguments(sd, state, selection) };

        from_result(|| {
            let at = StreamId::new(selection.pad, selection.stream);

            selection.r = this.inner.selection(state, at, selection.target)?.into();
            Ok(0)
        })
    }

    extern "C" fn set_selection_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        selection: *mut bindings::v4l2_subdev_selection,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, selection) = unsafe { Self::arguments(sd, state, selection) };
        let which = this.which(state, selection.which);

        from_result(|| {
            let at = StreamId::new(selection.pad, selection.stream);
            let flags = SelectionFlags::new(selection.flags);
            let mut rect = Rect::from(&selection.r);

            this.inner
                .set_selection(state, which, at, selection.target, flags, &mut rect)?;
            selection.r = rect.into();
            Ok(0)
        })
    }

    extern "C" fn enum_frame_interval_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        interval: *mut bindings::v4l2_subdev_frame_interval_enum,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, interval) = unsafe { Self::arguments(sd, state, interval) };

        from_result(|| {
            let at = StreamId::new(interval.pad, interval.stream);
            let size = (interval.width, interval.height);

            interval.interval = this
                .inner
                .offered_frame_interval(state, at, interval.code, size, interval.index)?
                .into();
            Ok(0)
        })
    }

    extern "C" fn get_frame_interval_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        interval: *mut bindings::v4l2_subdev_frame_interval,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, interval) = unsafe { Self::arguments(sd, state, interval) };
        let which = this.which(state, interval.which);

        from_result(|| {
            let at = StreamId::new(interval.pad, interval.stream);

            interval.interval = this.inner.frame_interval(state, which, at)?.into();
            Ok(0)
        })
    }

    extern "C" fn set_frame_interval_callback(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        interval: *mut bindings::v4l2_subdev_frame_interval,
    ) -> c_int {
        // SAFETY: These are the arguments of a pad operation.
        let (this, state, interval) = unsafe { Self::arguments(sd, state, interval) };
        let which = this.which(state, interval.which);

        from_result(|| {
            let at = StreamId::new(interval.pad, interval.stream);
            let mut requested = Fraction::from(&interval.interval);

            this.inner
                .set_frame_interval(state, which, at, &mut requested)?;
            interval.interval = requested.into();
            Ok(0)
        })
    }

    extern "C" fn enable_streams_callback(
        sd: *mut bindings::v4l2_subdev,
        _state: *mut bindings::v4l2_subdev_state,
        pad: u32,
        streams: u64,
    ) -> c_int {
        // SAFETY: This is such an operation.
        unsafe {
            Self::stream_operation(sd, |inner, controls| {
                inner.enable_streams(controls, pad, streams)
            })
        }
    }

    extern "C" fn disable_streams_callback(
        sd: *mut bindings::v4l2_subdev,
        _state: *mut bindings::v4l2_subdev_state,
        pad: u32,
        streams: u64,
    ) -> c_int {
        // SAFETY: This is such an operation.
        unsafe {
            Self::stream_operation(sd, |inner, controls| {
                inner.disable_streams(controls, pad, streams)
            })
        }
    }

    extern "C" fn get_frame_desc_callback(
        sd: *mut bindings::v4l2_subdev,
        pad: u32,
        desc: *mut bindings::v4l2_mbus_frame_desc,
    ) -> c_int {
        // SAFETY: The receiver that asks has the sub-device registered, and `desc` is its own.
        let (this, desc) = unsafe { (Self::from_raw(sd), &mut *desc) };

        from_result(|| {
            this.inner
                .frame_descriptor(pad, FrameDescriptor::from_raw(desc))
                .map(|()| 0)
        })
    }

    extern "C" fn get_mbus_config_callback(
        sd: *mut bindings::v4l2_subdev,
        pad: u32,
        raw: *mut bindings::v4l2_mbus_config,
    ) -> c_int {
        // SAFETY: The receiver that asks has the sub-device registered, and `raw` is its own.
        let (this, raw) = unsafe { (Self::from_raw(sd), &mut *raw) };

        from_result(|| {
            let config = this.inner.bus_config(pad)?;

            *raw = Default::default();
            raw.type_ = bindings::v4l2_mbus_type_V4L2_MBUS_CSI2_DPHY;
            raw.link_freq = config.link_freq;
            // SAFETY: By the type set above, this member of the union is in use.
            let csi2 = unsafe { raw.bus.mipi_csi2.as_mut() };

            csi2.num_data_lanes = config.lanes;
            for (position, lane) in (0..config.lanes).zip(&mut csi2.data_lanes) {
                *lane = position.saturating_add(1);
            }
            Ok(0)
        })
    }

    extern "C" fn g_volatile_ctrl_callback(ctrl: *mut bindings::v4l2_ctrl) -> c_int {
        // SAFETY: Only controls of a sub-device's handler have these operations; a caller that
        // reads one uses the handler, and with it the sub-device.
        let this = unsafe { Self::from_ctrl(ctrl) };
        // SAFETY: A valid control, whose number does not change.
        let id = Id(unsafe { (*ctrl).id });

        from_result(|| {
            // SAFETY: V4L2 holds the handler's lock, for the value of this control and what others
            // put into the same place, which is written below, with the lock held again.
            let mut held = unsafe { this.handler.assume_held() };
            let value = this.inner.volatile_value(id, &mut held)?;

            // SAFETY: A valid control, whose handler's lock V4L2 holds. Volatile controls are of 32
            // bits, see `Builder::volatile()`.
            unsafe { (*ctrl).val = value };
            Ok(0)
        })
    }

    extern "C" fn try_ctrl_callback(ctrl: *mut bindings::v4l2_ctrl) -> c_int {
        // SAFETY: This is such an operation.
        unsafe {
            Self::control_operation(ctrl, |inner, first, _, controls| {
                inner.try_control(first, controls)
            })
        }
    }

    extern "C" fn s_ctrl_callback(ctrl: *mut bindings::v4l2_ctrl) -> c_int {
        // SAFETY: This is such an operation.
        unsafe { Self::control_operation(ctrl, T::set_control) }
    }

    /// Converts the arguments of a pad operation.
    ///
    /// # Safety
    ///
    /// Must be called in a pad operation of a `Subdev<T>`, with its arguments: until the operation
    /// returns, the caller has the sub-device registered or its node open, V4L2 holds the lock of
    /// `state`, and no other thread uses `argument`.
    unsafe fn arguments<'a, A>(
        sd: *mut bindings::v4l2_subdev,
        state: *mut bindings::v4l2_subdev_state,
        argument: *mut A,
    ) -> (&'a Self, &'a mut State, &'a mut A) {
        // SAFETY: By the requirement above.
        unsafe { (Self::from_raw(sd), State::from_raw(state), &mut *argument) }
    }

    /// Starts or stops the streams.
    ///
    /// # Safety
    ///
    /// To be called in such an operation of a `Subdev<T>`: V4L2 holds the lock of the active state.
    unsafe fn stream_operation(
        sd: *mut bindings::v4l2_subdev,
        operation: impl FnOnce(&T, &mut Held<'_>) -> Result,
    ) -> c_int {
        // SAFETY: By the requirement above.
        let this = unsafe { Self::from_raw(sd) };
        // SAFETY: The lock of the active state is the handler's, see `Subdev::finalize()`. V4L2
        // keeps nothing of the state over the call but a pointer to it, which is valid as long as
        // the sub-device, and notes which streams are enabled behind it.
        let mut held = unsafe { this.handler.assume_held() };

        from_result(|| operation(&this.inner, &mut held).map(|()| 0))
    }

    /// Returns the configuration that a call concerns, by its `V4L2_SUBDEV_FORMAT_*`.
    fn which(&self, _state: &State, which: u32) -> Which<'_> {
        if which == bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_ACTIVE {
            // SAFETY: `state` is the active one, and locked as every `State`; its lock is the
            // handler's, see `Subdev::finalize()`.
            Which::Active(unsafe { self.handler.assume_locked(false) })
        } else {
            Which::Try
        }
    }

    /// # Safety
    ///
    /// To be called in a control operation of a `Subdev<T>`, with the control that it is about.
    unsafe fn control_operation(
        ctrl: *mut bindings::v4l2_ctrl,
        operation: impl FnOnce(&T, Id, &mut State, &Locked<'_>) -> Result,
    ) -> c_int {
        // SAFETY: By the requirement above; the caller that changes a control uses its handler, and
        // with it the sub-device.
        let this = unsafe { Self::from_ctrl(ctrl) };

        // SAFETY: V4L2 holds the handler's lock around control operations.
        if unsafe { this.handler.is_quiet() } {
            return 0;
        }
        // SAFETY: A valid control, whose number does not change.
        let first = Id(unsafe { (*ctrl).id });
        // SAFETY: V4L2 holds the handler's lock around control operations.
        let locked = unsafe { this.handler.assume_locked(true) };
        // SAFETY: There is an active state since `Subdev::finalize()`, before which nothing refers
        // to the controls. Its lock is the handler's, and there is no other reference to it.
        let state = unsafe { State::from_raw((*this.raw.get()).active_state) };

        from_result(|| operation(&this.inner, first, state, &locked).map(|()| 0))
    }
}
