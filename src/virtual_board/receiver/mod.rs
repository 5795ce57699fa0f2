// SPDX-License-Identifier: GPL-2.0-only

//! The CSI-2 receiver: a video node that shows what the sensor's registers say.

pub(super) mod formats;
mod frames;
pub(super) mod picture;
pub(super) mod referee;

use super::{
    board::Board,
    model::StreamState, //
};
use crate::kernel_ext::{
    media::{
        v4l2::{
            device::V4l2Device,
            ioctl::{
                Formats,
                PixelFormat,
                SizeRange, //
            },
            notifier,
            remote::{
                PadFormat,
                RemoteSubdev,
                SourceSlot, //
            },
            video_device::{
                Capture,
                Pipeline,
                VideoDevice, //
            }, //
        },
        videobuf2::Buffer, //
    },
    workqueue::OrderedQueue, //
};
use formats::Format;
use kernel::{
    dev_err,
    dev_info,
    prelude::*,
    sync::{
        aref::ARef,
        new_mutex,
        Arc,
        ArcBorrow,
        Mutex, //
    },
    time::hrtimer::{
        ArcHrTimerHandle,
        HrTimer, //
    },
    workqueue::{
        new_work,
        Work, //
    }, //
};
use picture::Picture;
use referee::{
    Advertised,
    Shown, //
};

/// As many as videobuf2 gives a queue.
const BUFFERS_MAX: usize = 64;

/// A stream that runs.
pub(crate) struct Stream {
    pub(crate) pipeline: Pipeline<Receiver>,
    /// Expires at the next frame start.
    pub(crate) timer: Option<ArcHrTimerHandle<Receiver>>,
    /// Sequence number of the frame that is expected next.
    pub(crate) expected: u32,
    /// What the driver said, for a stream that had not started by then.
    pub(crate) unjudged: Option<Advertised>,
}

/// What the node's users and the frames share.
pub(crate) struct Engine {
    pub(crate) stream: Option<Stream>,
    /// Buffers to fill, oldest first.
    pub(crate) buffers: KVec<Buffer>,
}

/// The receiver.
///
/// A timer expires at each frame start and queues `work`, which renders the frame and delivers it.
/// Whatever takes longer than a frame delays the work, and the frames that started meanwhile count
/// as dropped.
#[pin_data]
pub(crate) struct Receiver {
    pub(crate) board: Arc<Board>,
    /// Data lanes that the board connects.
    lanes: u32,
    #[pin]
    source: SourceSlot,
    #[pin]
    pub(crate) format: Mutex<PixelFormat>,
    #[pin]
    pub(crate) engine: Mutex<Engine>,
    /// Made at the first stream.
    #[pin]
    pub(crate) picture: Mutex<Option<Picture>>,
    #[pin]
    pub(crate) timer: HrTimer<Self>,
    #[pin]
    pub(crate) work: Work<Self>,
    pub(crate) queue: OrderedQueue,
}

impl Receiver {
    /// A receiver that connects `lanes` data lanes of the board's sensor.
    pub(crate) fn new(board: Arc<Board>, lanes: u32) -> Result<Arc<Self>> {
        let queue = OrderedQueue::new(c"fsm-imx412-csi2")?;
        let buffers = KVec::with_capacity(BUFFERS_MAX, GFP_KERNEL)?;
        let engine = Engine {
            stream: None,
            buffers,
        };

        Arc::pin_init(
            pin_init!(Self {
                board,
                lanes,
                source <- SourceSlot::new(),
                format <- new_mutex!(formats::default_format(), "Receiver::format"),
                engine <- new_mutex!(engine, "Receiver::engine"),
                picture <- new_mutex!(None, "Receiver::picture"),
                timer <- HrTimer::new(),
                work <- new_work!("Receiver::work"),
                queue,
            }),
            GFP_KERNEL,
        )
    }

    /// Starts pipeline, sensor and frames.
    fn start(this: ArcBorrow<'_, Self>, video: &VideoDevice<Self>) -> Result {
        this.load_picture()?;
        this.source
            .with(|sensor| Self::start_source(this, video, sensor))
            .unwrap_or(Err(ENODEV))
    }

    fn start_source(
        this: ArcBorrow<'_, Self>,
        video: &VideoDevice<Self>,
        sensor: &RemoteSubdev,
    ) -> Result {
        let pipeline = video.start_pipeline()?;
        let pad = sensor.source_pad()?;
        let advertised = Advertised::ask(sensor, pad, this.lanes)?;

        sensor.enable_stream(pad)?;
        let mut unjudged = None;
        if this.board.awaits_others() {
            unjudged = Some(advertised.with_any_blanking());
        } else if let Err(error) = this.judge(&advertised) {
            this.disable(sensor, pad);
            return Err(error);
        }

        let mut engine = this.engine.lock();
        engine.stream = Some(Stream {
            pipeline,
            timer: None,
            expected: 0,
            unjudged,
        });
        drop(engine);
        Self::expect_frame(this.into());
        Ok(())
    }

    /// Refuses a stream that is not what the driver says.
    pub(crate) fn judge(&self, advertised: &Advertised) -> Result {
        let (state, verdict) = self.board.with(|state, _| {
            let stream = state.sensor.stream();
            let verdict = advertised.compare(&stream, self.lanes);
            if let Err(mismatch) = &verdict {
                state.record(mismatch);
            }
            (stream, verdict)
        });

        let dev = self.board.device();
        match (verdict, state) {
            (Ok(()), _) => Ok(()),
            (Err(mismatch), StreamState::Faulted(finding)) => {
                dev_err!(
                    dev,
                    "stream refused: {}: {}\n",
                    mismatch.kind.name(),
                    Shown(finding)
                );
                Err(EIO)
            }
            (Err(mismatch), _) => {
                dev_err!(dev, "stream refused: {}\n", mismatch);
                Err(EIO)
            }
        }
    }

    fn disable(&self, sensor: &RemoteSubdev, pad: u32) {
        if let Err(error) = sensor.disable_stream(pad) {
            dev_err!(
                self.board.device(),
                "{} does not stop: {:?}\n",
                sensor.name(),
                error
            );
        }
    }

    /// Stops the frames. Returns the stream, if there was one; no work uses it any more.
    fn halt(&self) -> Option<Stream> {
        let stream = self.engine.lock().stream.take().map(|mut stream| {
            stream.timer = None;
            stream
        });
        // Work that runs may hold a buffer, and finds no stream the next time it looks.
        self.queue.flush();
        if let Some(stream) = &stream {
            self.count_unseen(stream.expected);
        }
        stream
    }

    fn load_picture(&self) -> Result {
        let mut picture = self.picture.lock();
        if picture.is_none() {
            *picture = Some(Picture::new(self.board.device())?);
        }
        Ok(())
    }
}

impl Capture for Receiver {
    fn validate_link(&self, source: PadFormat) -> Result {
        let format = *self.format.lock();
        let code = Format::find(format.fourcc).map_or(0, |format| format.code);

        if (source.code, source.width, source.height) == (code, format.width, format.height) {
            return Ok(());
        }
        dev_err!(
            self.board.device(),
            "the sensor's format is {}x{} {:#06x}, the video node's {}x{} {:#06x}\n",
            source.width,
            source.height,
            source.code,
            format.width,
            format.height,
            code
        );
        Err(EPIPE)
    }

    fn image_size(&self) -> u32 {
        self.format.lock().size
    }

    fn queue_buffer(&self, buffer: Buffer) {
        // With all places taken the buffer is dropped, that is returned as failed.
        let _ = self.engine.lock().buffers.push_within_capacity(buffer);
    }

    fn start_streaming(this: ArcBorrow<'_, Self>, video: &VideoDevice<Self>) -> Result {
        let started = Self::start(this, video);
        if started.is_err() {
            let mut engine = this.engine.lock();
            while let Ok(buffer) = engine.buffers.remove(0) {
                buffer.requeue();
            }
        }
        started
    }

    fn stop_streaming(&self) {
        let stream = self.halt();
        if stream.is_some() {
            self.source.with(|sensor| {
                if let Ok(pad) = sensor.source_pad() {
                    self.disable(sensor, pad);
                }
            });
        }
        self.engine.lock().buffers.clear();
    }
}

impl Formats for Receiver {
    const DRIVER: &'static CStr = c"fsm_imx412_vboard";
    const CARD: &'static CStr = c"FSM-IMX412 virtual board";

    fn pixel_format(&self, index: u32, media_bus_code: Option<u32>) -> Option<u32> {
        Format::nth(index, media_bus_code).map(|format| format.fourcc)
    }

    fn frame_sizes(&self, fourcc: u32) -> Option<SizeRange> {
        Format::find(fourcc).map(|_| formats::SIZES)
    }

    fn adjust(&self, wanted: PixelFormat) -> PixelFormat {
        formats::adjust(wanted)
    }

    fn format(&self) -> PixelFormat {
        *self.format.lock()
    }

    fn set_format(&self, format: PixelFormat) {
        *self.format.lock() = format;
    }

    fn log_status(&self) {
        let dev = self.board.device();
        let frames = self.board.frames();

        dev_info!(
            dev,
            "{} frames started, {} delivered, {} dropped\n",
            frames.started,
            frames.delivered,
            frames.dropped
        );
        match self.board.stream() {
            StreamState::Standby => dev_info!(dev, "sensor: standby\n"),
            StreamState::Faulted(finding) => dev_info!(dev, "sensor: {}\n", Shown(finding)),
            StreamState::Streaming(stream) => dev_info!(
                dev,
                "sensor: {}x{} {} bit, {} lanes at {} bps, {} pck x {} lines\n",
                stream.width,
                stream.height,
                stream.bits,
                stream.lanes,
                stream.lane_rate_bps,
                stream.line_length,
                stream.frame_length
            ),
        }
    }
}

/// The receiver's end of the link to the sensor.
pub(crate) struct Port {
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) video: ARef<VideoDevice<Receiver>>,
    pub(crate) device: ARef<V4l2Device>,
}

impl notifier::Operations for Port {
    fn source(&self) -> &SourceSlot {
        &self.receiver.source
    }

    fn bound(&self, sensor: &RemoteSubdev) -> Result {
        sensor.link_to(sensor.source_pad()?, self.video.entity())
    }

    fn complete(&self) -> Result {
        self.device.register_subdev_nodes()
    }

    fn unbound(&self) {
        // The pipeline must be stopped while the sensor's pads exist.
        if let Some(stream) = self.receiver.halt() {
            stream.pipeline.video().fail_stream();
        }
    }
}
