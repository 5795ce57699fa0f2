// SPDX-License-Identifier: GPL-2.0-only

//! The CSI-2 receiver: a video node that shows what the sensor's registers say.

pub(crate) mod canvas;
pub(super) mod formats;
mod frames;
pub(super) mod referee;

use super::{
    board::EmulatedSensor,
    mismatch::Mismatch,
    model::StreamState, //
};
use crate::kernel_ext::{
    media::{
        v4l2::{
            notifier,
            remote::{
                Csi2Stream,
                PadFormat,
                RemoteSubdev,
                SourceSlot, //
            },
            video_device::{
                ioctl::{
                    Formats,
                    PixelFormat,
                    SizeRange, //
                },
                Capture,
                Starting,
                VideoDevice, //
            }, //
        }, //
    },
    workqueue::OrderedQueue, //
};
use canvas::Canvas;
use formats::Format;
use kernel::{
    dev_err,
    dev_info,
    prelude::*,
    str::CString,
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
use referee::{
    Advertised,
    Shown, //
};

/// Maximum number of reads of a driver's settings while they change.
const JUDGEMENTS_MAX: usize = 16;

/// The name of the receiver's driver in media device and video node, as long as their fields allow.
const DRIVER: &CStr = c"fsm-imx412-csi2";

/// `media_device_info.driver` and `v4l2_capability.driver` hold 16 bytes, the last of which is zero.
const DRIVER_BYTES_MAX: usize = 15;

/// The device-tree property with another name for the driver.
pub(crate) const DRIVER_PROPERTY: &CStr = c"fsm-imx412,media-driver";

/// A running stream.
pub(crate) struct RunningStream {
    pub(crate) video: ARef<VideoDevice<Receiver>>,
    /// Expires at the next frame start.
    pub(crate) timer: Option<ArcHrTimerHandle<Receiver>>,
    /// Sequence number of the frame that is expected next.
    pub(crate) expected: u32,
    /// The packets in which its frames are looked for.
    pub(crate) packets: Csi2Stream,
    /// The stream waits for others to start, and is judged then.
    pub(crate) unjudged: bool,
}

/// The receiver.
///
/// A timer expires at each frame start and queues `work`, which renders the frame and delivers it.
/// Whatever takes longer than a frame delays the work, and the frames that started meanwhile count
/// as dropped.
#[pin_data]
pub struct Receiver {
    pub(crate) board: Arc<EmulatedSensor>,
    /// Data lanes that the board connects.
    lanes: u32,
    /// The name of the receiver's driver, by which applications know how to use it.
    driver_name: CString,
    source: Arc<SourceSlot>,
    #[pin]
    pub(crate) format: Mutex<PixelFormat>,
    #[pin]
    pub(crate) stream: Mutex<Option<RunningStream>>,
    #[pin]
    filter: Mutex<Option<Csi2Stream>>,
    #[pin]
    interlude: Mutex<Option<KBox<dyn Fn() + Send>>>,
    /// Made at the first stream.
    #[pin]
    pub(crate) canvas: Mutex<Option<Canvas>>,
    #[pin]
    pub(crate) timer: HrTimer<Self>,
    #[pin]
    pub(crate) work: Work<Self>,
    pub(crate) queue: OrderedQueue,
}

impl Receiver {
    /// Returns the slot of the sensor.
    pub(crate) fn source(&self) -> &Arc<SourceSlot> {
        &self.source
    }

    /// Creates a receiver that connects `lanes` data lanes of the board's sensor.
    ///
    /// `driver_name` replaces [`DRIVER`]; `EINVAL` if it does not fit into its field.
    pub(crate) fn new(
        board: Arc<EmulatedSensor>,
        lanes: u32,
        driver_name: Option<CString>,
    ) -> Result<Arc<Self>> {
        let driver_name = driver_name.map_or_else(|| CString::try_from(DRIVER), Ok)?;
        if !(1..=DRIVER_BYTES_MAX).contains(&driver_name.count_bytes()) {
            dev_err!(
                board.device(),
                "{}: '{}' is not 1 to {} bytes long\n",
                DRIVER_PROPERTY,
                &*driver_name,
                DRIVER_BYTES_MAX
            );
            return Err(EINVAL);
        }

        let queue = OrderedQueue::new(c"fsm-imx412-csi2")?;
        let source = Arc::pin_init(SourceSlot::new(), GFP_KERNEL)?;

        Arc::pin_init(
            pin_init!(Self {
                board,
                lanes,
                driver_name,
                source,
                format <- new_mutex!(formats::default_format(), "Receiver::format"),
                stream <- new_mutex!(None, "Receiver::stream"),
                filter <- new_mutex!(None, "Receiver::filter"),
                interlude <- new_mutex!(None, "Receiver::interlude"),
                canvas <- new_mutex!(None, "Receiver::canvas"),
                timer <- HrTimer::new(),
                work <- new_work!("Receiver::work"),
                queue,
            }),
            GFP_KERNEL,
        )
    }

    /// Starts pipeline, sensor and frames.
    fn start(
        this: ArcBorrow<'_, Self>,
        start: &Starting<'_, Self>,
        sensor: &RemoteSubdev,
    ) -> Result {
        start.start_pipeline()?;
        let pad = sensor.source_pad()?;
        if let Some(interlude) = &*this.interlude.lock() {
            interlude();
        }
        sensor.enable_stream(pad)?;

        // Only now the driver keeps its format.
        let unjudged = this.board.awaits_others();
        let packets = this.packets(sensor, pad);
        let refused = sensor
            .active_format(pad)
            .and_then(|format| this.validate_link(format))
            .and_then(|()| match unjudged {
                true => Ok(()),
                false => this.judge(sensor, pad),
            });
        let packets = match refused.and(packets) {
            Ok(packets) => packets,
            Err(error) => {
                this.disable(sensor, pad);
                return Err(error);
            }
        };

        *this.stream.lock() = Some(RunningStream {
            video: start.video().into(),
            timer: None,
            expected: 0,
            packets,
            unjudged,
        });
        Self::expect_frame(this.into());
        Ok(())
    }

    /// Returns the packets that are the sensor's image: those of the frame descriptor, and without one what
    /// the format stands for, on the first virtual channel.
    fn packets(&self, sensor: &RemoteSubdev, pad: u32) -> Result<Csi2Stream> {
        if let Some(filter) = *self.filter.lock() {
            return Ok(filter);
        }
        if let Some(packets) = sensor.csi2_stream(pad)? {
            return Ok(packets);
        }
        let format = Format::of_code(sensor.active_format(pad)?.code).ok_or(EPIPE)?;

        Ok(Csi2Stream {
            virtual_channel: 0,
            data_type: format.data_type(),
        })
    }

    /// Has the receiver look for the image in these packets, whatever the sensor's driver says, as one does
    /// that is set up wrongly, from the next start on.
    pub fn set_filter(&self, filter: Option<Csi2Stream>) {
        *self.filter.lock() = filter;
    }

    /// Refuses a stream whose sensor does not do what its driver advertises.
    ///
    /// Controls may be set meanwhile: what the driver advertises holds if it is the same before and
    /// after the look at the registers.
    pub(crate) fn judge(&self, sensor: &RemoteSubdev, pad: u32) -> Result {
        let ask = || Advertised::ask(sensor, pad, self.lanes, self.packets(sensor, pad)?);
        let mut advertised = ask()?;

        for _ in 0..JUDGEMENTS_MAX {
            let (state, written) = self
                .board
                .with(|state, _| (state.sensor.stream(), state.sensor.written_lengths()));
            let verdict = advertised.compare(&state, written, self.lanes);
            let now = ask()?;

            if now == advertised {
                return verdict.map_err(|mismatch| self.refuse(&mismatch, state));
            }
            advertised = now;
        }
        // Controls are being set all the time; the next stream is judged again.
        Ok(())
    }

    /// Counts and logs a stream that is refused.
    fn refuse(&self, mismatch: &Mismatch, state: StreamState) -> Error {
        let dev = self.board.device();

        self.board.with(|state, _| state.record(mismatch));
        match state {
            StreamState::Faulted(finding) => dev_err!(
                dev,
                "stream refused: {}: {}\n",
                mismatch.kind.name(),
                Shown(finding)
            ),
            _ => dev_err!(dev, "stream refused: {}\n", mismatch),
        }
        EIO
    }

    /// Has `interlude` called in each start, between the validation of the link and the sensor's
    /// start, or nothing: tests make races certain by it.
    pub fn set_interlude(&self, interlude: Option<KBox<dyn Fn() + Send>>) {
        *self.interlude.lock() = interlude;
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
    fn halt(&self) -> Option<RunningStream> {
        let stream = self.stream.lock().take().map(|mut stream| {
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

    fn load_canvas(&self) -> Result {
        let mut canvas = self.canvas.lock();
        if canvas.is_none() {
            *canvas = Some(Canvas::new(self.board.device())?);
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

    fn start_streaming(this: ArcBorrow<'_, Self>, start: &Starting<'_, Self>) -> Result {
        this.load_canvas()?;
        this.source
            .with(|sensor| Self::start(this, start, sensor))
            .unwrap_or(Err(ENODEV))
    }

    fn stop_streaming(&self) {
        if self.halt().is_some() {
            self.source.with(|sensor| {
                if let Ok(pad) = sensor.source_pad() {
                    self.disable(sensor, pad);
                }
            });
        }
    }
}

impl Formats for Receiver {
    const CARD: &'static CStr = c"FSM-IMX412 virtual board";

    fn driver(&self) -> &CStr {
        &self.driver_name
    }

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
}

impl notifier::Operations for Port {
    fn bound(&self, sensor: &RemoteSubdev) -> Result {
        self.video.link_from(sensor, sensor.source_pad()?)
    }

    fn complete(&self, completion: &notifier::Completion<'_>) -> Result {
        completion.register_subdev_nodes()
    }

    fn unbound(&self) {
        if let Some(stream) = self.receiver.halt() {
            stream.video.fail_stream();
        }
    }
}
