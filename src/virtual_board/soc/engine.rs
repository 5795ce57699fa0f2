// SPDX-License-Identifier: GPL-2.0-only

//! From the frames of a sensor to the memory that a receiver's driver has provided.
//!
//! A timer expires at each frame start and at the end of its readout, and queues `work`. When the
//! sensor stops, the write that stops it is not acknowledged before the work has come to rest:
//! receivers stop the sensor before they give buffers back.

use super::{
    LinkSetting, //
    Memory,
    ReceiverHardware,
};
use crate::{
    kernel_ext::{
        absent_hardware::{
            AbsentDevice,
            DmaTarget, //
        },
        media::v4l2::video_device::ioctl::PixelFormat,
        workqueue::OrderedQueue, //
    },
    virtual_board::{
        board::{
            EmulatedSensor,
            StreamListener, //
        },
        clock::now_ns,
        look::Look,
        model::{
            MemoryFormat,
            StartedFrame,
            StreamDescription, //
        },
        receiver::{
            canvas::Canvas,
            formats,
            referee::Shown, //
        }, //
    },
};
use kernel::{
    dev_err,
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        ArcBorrow,
        Mutex, //
    },
    time::{
        hrtimer::{
            ArcHrTimerHandle,
            HrTimer,
            HrTimerCallback,
            HrTimerCallbackContext,
            HrTimerPointer,
            HrTimerRestart,
            RelativeMode, //
        },
        Delta,
        Monotonic, //
    },
    workqueue::{
        new_work,
        Work,
        WorkItem, //
    }, //
};

/// Frames since the receiver was bound.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    /// Stored, and the driver was notified.
    pub(crate) stored: u64,
    /// The driver wanted none.
    pub(crate) unwanted: u64,
    /// The driver had not dealt with the one before.
    pub(crate) overrun: u64,
    /// Started and ended between two looks.
    pub(crate) missed: u64,
    /// Did not fit what the receiver is set to.
    pub(crate) unfit: u64,
    /// Could not be rendered or stored.
    pub(crate) lost: u64,
}

/// A frame that is being read out.
struct FrameReadout {
    started: StartedFrame,
    stream: StreamDescription,
    target: Option<DmaTarget>,
    end_ns: u64,
}

struct State {
    receiver: KBox<dyn ReceiverHardware>,
    streaming: bool,
    /// Sequence number of the frame that is expected next.
    expected: u32,
    readout: Option<FrameReadout>,
    timer: Option<ArcHrTimerHandle<Engine>>,
    counters: Counters,
}

/// A receiver and what feeds it.
#[pin_data]
pub(crate) struct Engine {
    board: Arc<EmulatedSensor>,
    device: AbsentDevice,
    #[pin]
    state: Mutex<State>,
    /// Made at the first frame.
    #[pin]
    canvas: Mutex<Option<Canvas>>,
    #[pin]
    timer: HrTimer<Self>,
    #[pin]
    work: Work<Self>,
    queue: OrderedQueue,
}

kernel::impl_has_hr_timer! {
    impl HasHrTimer<Self> for Engine {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

kernel::workqueue::impl_has_work! {
    impl HasWork<Self> for Engine { self.work }
}

impl HrTimerCallback for Engine {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, _ctx: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        // Work that is queued already looks at the same time.
        let _ = this.queue.enqueue::<Arc<Self>, 0>(this.into());
        HrTimerRestart::NoRestart
    }
}

/// The next step of the work.
#[expect(clippy::large_enum_variant, reason = "it lives on the stack only")]
enum Step {
    Store(FrameReadout),
    Wait(u64),
    Rest,
}

impl WorkItem for Engine {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        loop {
            match this.step() {
                Step::Store(readout) => this.store(&readout),
                Step::Wait(delay_ns) => return this.arm(delay_ns),
                Step::Rest => return,
            }
        }
    }
}

impl Engine {
    /// Creates an engine at rest, which feeds `receiver` from the sensor of `board`.
    pub(crate) fn new(
        board: Arc<EmulatedSensor>,
        device: AbsentDevice,
        receiver: KBox<dyn ReceiverHardware>,
    ) -> Result<Arc<Self>> {
        let queue = OrderedQueue::new(c"fsm-imx412-soc")?;
        let state = State {
            receiver,
            streaming: false,
            expected: 0,
            readout: None,
            timer: None,
            counters: Counters::default(),
        };

        Arc::pin_init(
            pin_init!(Self {
                board,
                device,
                state <- new_mutex!(state, "Engine::state"),
                canvas <- new_mutex!(None, "Engine::canvas"),
                timer <- HrTimer::new(),
                work <- new_work!("Engine::work"),
                queue,
            }),
            GFP_KERNEL,
        )
    }

    fn begin(self: Arc<Self>) {
        {
            let mut state = self.state.lock();

            state.receiver.begin(&self.device);
            state.streaming = true;
            state.expected = 0;
            state.readout = None;
        }
        // It cannot be queued already: streams stop with a flush.
        let _ = self.clone().queue.enqueue::<Arc<Self>, 0>(self);
    }

    /// Returns when nothing is stored any more.
    fn halt(&self) {
        {
            let mut state = self.state.lock();

            state.streaming = false;
            state.readout = None;
            state.timer = None;
        }
        self.queue.flush();
        // Work that was about to wait has found no stream, and armed nothing.
    }

    fn step(&self) -> Step {
        let mut state = self.state.lock();

        if !state.streaming {
            return Step::Rest;
        }
        loop {
            if let Some(readout) = state.readout.take() {
                let left = readout.end_ns.saturating_sub(now_ns());

                if left > 0 {
                    state.readout = Some(readout);
                    return Step::Wait(left);
                }
                return Step::Store(readout);
            }
            match self.board.look(state.expected) {
                Look::Frame {
                    started,
                    missed,
                    stream,
                } => {
                    let counters = &mut state.counters;
                    counters.missed = counters.missed.saturating_add(missed.into());
                    state.expected = started.sequence.wrapping_add(1);
                    let target = self.frame_start(&mut state, &started, &stream);
                    state.readout = Some(FrameReadout {
                        started,
                        stream,
                        target,
                        end_ns: started.start_ns.saturating_add(stream.readout_ns),
                    });
                }
                Look::Wait(delay_ns) => return Step::Wait(delay_ns),
                Look::Fault(finding) => {
                    dev_err!(self.board.device(), "stream broken: {}\n", Shown(finding));
                    return Step::Rest;
                }
                Look::Awaiting | Look::Silence => return Step::Rest,
            }
        }
    }

    fn frame_start(
        &self,
        state: &mut State,
        started: &StartedFrame,
        stream: &StreamDescription,
    ) -> Option<DmaTarget> {
        let mut fits = true;

        state
            .receiver
            .settings(&self.device, stream, &mut |setting| {
                if !setting.fits() {
                    fits = false;
                    if started.sequence == 0 {
                        dev_err!(
                            self.board.device(),
                            "the receiver is set to {} {:?}, and {} arrives\n",
                            setting.name,
                            setting.set,
                            setting.arrives
                        );
                    }
                }
            });
        let counters = &mut state.counters;
        if self.board.broken().wire.silent {
            return None;
        }
        if !fits {
            counters.unfit = counters.unfit.saturating_add(1);
            return None;
        }
        match state.receiver.frame_start(&self.device) {
            Ok(Some(target)) => Some(target),
            Ok(None) => {
                counters.unwanted = counters.unwanted.saturating_add(1);
                None
            }
            Err(error) => {
                dev_err!(self.board.device(), "frame start is lost: {:?}\n", error);
                counters.lost = counters.lost.saturating_add(1);
                None
            }
        }
    }

    /// Stores a frame and notifies the driver. Called without the state's lock: rendering takes long.
    fn store(&self, readout: &FrameReadout) {
        let Some(target) = readout.target else {
            return self.pass(readout);
        };
        let stored = self.is_ready().and_then(|ready| {
            if !ready {
                return Ok(false);
            }
            self.render_to(readout, target)?;

            let mut state = self.state.lock();

            // The driver of a stream that was stopped meanwhile wants no interrupt.
            if state.streaming {
                state.receiver.frame_end(&self.device)?;
            }
            Ok(true)
        });
        let mut state = self.state.lock();
        let counters = &mut state.counters;

        match stored {
            Ok(true) => counters.stored = counters.stored.saturating_add(1),
            Ok(false) => counters.overrun = counters.overrun.saturating_add(1),
            Err(error) => {
                dev_err!(
                    self.board.device(),
                    "frame {} is lost: {:?}\n",
                    readout.started.sequence,
                    error
                );
                counters.lost = counters.lost.saturating_add(1);
            }
        }
    }

    /// A frame has ended that is stored nowhere.
    fn pass(&self, readout: &FrameReadout) {
        let mut state = self.state.lock();

        if !state.streaming {
            return;
        }
        if let Err(error) = state.receiver.frame_passed(&self.device) {
            dev_err!(
                self.board.device(),
                "the end of frame {} is lost: {:?}\n",
                readout.started.sequence,
                error
            );
        }
    }

    fn is_ready(&self) -> Result<bool> {
        self.state.lock().receiver.is_ready(&self.device)
    }

    fn render_to(&self, readout: &FrameReadout, target: DmaTarget) -> Result {
        let format = self.format(&readout.stream);
        let row_bytes = usize::try_from(format.bytes_per_line)?;
        let mut canvas = self.canvas.lock();
        let canvas = match &mut *canvas {
            Some(canvas) => canvas,
            none => none.insert(Canvas::new(self.board.device())?),
        };

        self.device.store(
            target,
            canvas.image(&readout.started.frame, &format, &self.board.broken())?,
            row_bytes,
        )
    }

    /// Returns the format of what the sensor sends, as the receiver stores it.
    fn format(&self, stream: &StreamDescription) -> PixelFormat {
        let memory = match self.state.lock().receiver.memory(&self.device) {
            Memory::Words if stream.bits > 8 => MemoryFormat::Words,
            Memory::Words | Memory::Packed => MemoryFormat::Packed,
        };

        formats::unpadded(memory, stream.bits, stream.width, stream.height)
    }

    /// Looks again after `delay_ns`.
    fn arm(self: Arc<Self>, delay_ns: u64) {
        let delay = Delta::from_nanos(i64::try_from(delay_ns).unwrap_or(i64::MAX));
        let mut state = self.state.lock();

        if state.streaming {
            // Cancelled before it is started again: a handle cancels when it is dropped.
            state.timer = None;
            state.timer = Some(self.clone().start(delay));
        }
    }

    /// Returns the frames so far.
    pub(crate) fn counters(&self) -> Counters {
        self.state.lock().counters
    }

    /// Calls `f` with the receiver's settings next to what arrives, if the sensor streams.
    pub(crate) fn settings(&self, mut f: impl FnMut(LinkSetting)) {
        let crate::virtual_board::model::StreamState::Streaming(stream) = self.board.stream()
        else {
            return;
        };

        self.state
            .lock()
            .receiver
            .settings(&self.device, &stream, &mut f);
    }
}

/// Notifies an engine of the streams of its board.
pub(crate) struct Listening(Arc<Engine>);

struct Ear(Arc<Engine>);

impl StreamListener for Ear {
    fn started(&self) {
        self.0.clone().begin();
    }

    fn stopped(&self) {
        self.0.halt();
    }
}

impl Listening {
    pub(crate) fn new(engine: Arc<Engine>) -> Result<Self> {
        let ear: Arc<dyn StreamListener> = Arc::new(Ear(engine.clone()), GFP_KERNEL)?;

        engine.board.listen(ear)?;
        Ok(Self(engine))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.board.forget_listener();
        self.0.halt();
    }
}
