// SPDX-License-Identifier: GPL-2.0-only

//! The receiver side: what a driver may do wrong, and what happens while others act.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    BoardDriver,
    Fixture, //
};
use crate::{
    kernel_ext::{
        bindings,
        compat,
        media::{
            v4l2::{
                ctrls::Id,
                device,
                remote::{
                    Csi2Stream,
                    PadFormat, //
                },
                video_device::{
                    self,
                    ioctl::{
                        Formats,
                        PixelFormat,
                        SizeRange, //
                    },
                    Capture,
                    Starting,
                    VideoDevice, //
                }, //
            },
            videobuf2::{
                Buffer,
                FrameStamp, //
            }, //
        },
        testing::{
            bench::has_driver_data,
            of_overlay::Overlay, //
        }, //
    },
    virtual_board::{
        mismatch::MismatchKind,
        registry, //
    }, //
};
use kernel::{
    faux,
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        ArcBorrow,
        Mutex, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// Number of polls for a frame, one per millisecond.
const PATIENCE: u32 = 60_000;

const CODE: u32 = bindings::MEDIA_BUS_FMT_SRGGB10_1X10;
const CODE_12: u32 = bindings::MEDIA_BUS_FMT_SRGGB12_1X12;
const SMALL: (u32, u32) = (640, 480);
const STAMP: FrameStamp = FrameStamp {
    sequence: 0,
    start_ns: 0,
};

/// A receiver that takes a buffer at its start, keeps it, and then fails or not.
#[pin_data]
struct Hoarder {
    #[pin]
    kept: Mutex<Option<Buffer>>,
    #[pin]
    pipeline: Mutex<Option<Result>>,
    fails: bool,
}

impl Formats for Hoarder {
    const CARD: &'static CStr = c"hoarder";

    fn driver(&self) -> &CStr {
        c"hoarder"
    }

    fn pixel_format(&self, _index: u32, _media_bus_code: Option<u32>) -> Option<u32> {
        None
    }

    fn frame_sizes(&self, _fourcc: u32) -> Option<SizeRange> {
        None
    }

    fn adjust(&self, wanted: PixelFormat) -> PixelFormat {
        wanted
    }

    fn format(&self) -> PixelFormat {
        PixelFormat {
            width: 16,
            height: 16,
            fourcc: 0,
            bytes_per_line: 32,
            size: 512,
        }
    }

    fn set_format(&self, _format: PixelFormat) {}

    fn log_status(&self) {}
}

impl Capture for Hoarder {
    fn validate_link(&self, _source: PadFormat) -> Result {
        Ok(())
    }

    fn image_size(&self) -> u32 {
        512
    }

    fn start_streaming(this: ArcBorrow<'_, Self>, start: &Starting<'_, Self>) -> Result {
        *this.kept.lock() = start.video().next_buffer();
        *this.pipeline.lock() = Some(start.start_pipeline());
        if this.fails {
            Err(EIO)
        } else {
            Ok(())
        }
    }

    fn stop_streaming(&self) {}
}

/// A video node of a [`Hoarder`] on a device of its own.
struct Node {
    video: video_device::Registration<Hoarder>,
    _device: faux::Registration,
}

impl Node {
    fn new(fails: bool) -> Result<Self> {
        let faux = faux::Registration::new(c"imx412-test-receiver", None)?;
        let device = device::Registration::new(compat::faux_device(&faux), c"hoarder", c"Hoarder")?;
        let hoarder = Arc::pin_init(
            pin_init!(Hoarder {
                kept <- new_mutex!(None),
                pipeline <- new_mutex!(None),
                fails,
            }),
            GFP_KERNEL,
        )?;
        let video = video_device::Registration::new(device.registration(), c"hoarder", hoarder)?;

        device.publish()?;
        Ok(Self {
            video,
            _device: faux,
        })
    }

    fn kept(&self) -> Result<Buffer> {
        self.video.driver().kept.lock().take().ok_or(ENODEV)
    }
}

impl Fixture {
    /// Sets a small format on sensor and node, and queues buffers.
    fn prepare_frames(&self) -> Result {
        self.prepare_frames_of(b"RG10", (CODE, SMALL.0, SMALL.1))
    }

    /// Sets a format of the sensor, and that of the node as far as the node goes along.
    fn prepare_frames_of(&self, pixels: &[u8; 4], format: (u32, u32, u32)) -> Result {
        let video = self.video()?;
        let receiver = video.driver();
        let (_, width, height) = self.with_subdev(|subdev| subdev.user_set_format(format))?;
        let wanted = PixelFormat {
            width,
            height,
            fourcc: u32::from_le_bytes(*pixels),
            ..receiver.format()
        };

        receiver.set_format(receiver.adjust(wanted));
        video.user_allocate(3)?;
        for index in 0..3 {
            video.user_queue(index)?;
        }
        Ok(())
    }
}

/// Waits for the next frame.
fn dequeue<T: Capture>(video: &VideoDevice<T>) -> Result<(u32, bool)> {
    for _ in 0..PATIENCE {
        match video.user_dequeue() {
            Err(EAGAIN) => fsleep(Delta::from_millis(1)),
            result => return result,
        }
    }
    Err(ETIMEDOUT)
}

#[kunit_tests(imx412_receiver)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_kept_past_the_stop_is_revoked() -> Result {
        let node = Node::new(false)?;
        let video = &node.video;

        video.user_allocate(2)?;
        video.user_queue(0)?;
        video.user_queue(1)?;
        video.user_stream_on()?;
        let mut kept = node.kept()?;
        kept.fill(&[1; 512])?;
        video.user_stream_off()?;
        // Its memory goes here.
        video.user_allocate(0)?;
        ensure_eq!(kept.fill(&[2; 512]), Err(compat::ecanceled()));
        ensure_eq!(kept.deliver(STAMP), Err(compat::ecanceled()));
        Ok(())
    }

    #[test]
    fn a_revoked_buffer_is_not_that_of_the_next_stream() -> Result {
        let node = Node::new(false)?;
        let video = &node.video;

        video.user_allocate(2)?;
        video.user_queue(0)?;
        video.user_stream_on()?;
        let old = node.kept()?;
        video.user_stream_off()?;
        video.user_queue(0)?;
        video.user_stream_on()?;
        ensure_eq!(old.deliver(STAMP), Err(compat::ecanceled()));
        ensure_eq!(video.user_dequeue(), Err(EAGAIN));
        node.kept()?.deliver(STAMP)?;
        ensure_eq!(video.user_dequeue(), Ok((0, true)));
        video.user_stream_off()?;
        video.user_allocate(0)
    }

    #[test]
    fn a_dropped_buffer_comes_back_as_failed() -> Result {
        let node = Node::new(false)?;
        let video = &node.video;

        video.user_allocate(2)?;
        video.user_queue(1)?;
        video.user_stream_on()?;
        drop(node.kept()?);
        ensure_eq!(video.user_dequeue(), Ok((1, false)));
        video.user_stream_off()?;
        video.user_allocate(0)
    }

    #[test]
    fn a_start_that_fails_gives_all_buffers_back() -> Result {
        let node = Node::new(true)?;
        let video = &node.video;

        video.user_allocate(3)?;
        video.user_queue(0)?;
        video.user_queue(1)?;
        ensure_eq!(video.user_stream_on(), Err(EIO));
        let mut kept = node.kept()?;
        ensure_eq!(kept.fill(&[1; 512]), Err(compat::ecanceled()));
        ensure!(video.next_buffer().is_none());
        // They are queued for the next start.
        ensure_eq!(video.user_stream_on(), Err(EIO));
        ensure!(node.kept()?.fill(&[1; 512]).is_err());
        video.user_stream_off()?;
        video.user_allocate(0)
    }

    #[test]
    fn no_pipeline_starts_without_a_registered_node() -> Result {
        let node = Node::new(false)?;
        let video = (*node.video).clone();

        video.user_allocate(2)?;
        video.user_stream_on()?;
        // The node is registered, and with it its media device, whose only holder it is.
        ensure_eq!(
            video.driver().pipeline.lock().take(),
            Some(Err(Error::from_errno(-(bindings::ENOLINK as i32))))
        );
        drop(node);
        video.user_allocate(2)?;
        video.user_stream_on()?;
        ensure_eq!(video.driver().pipeline.lock().take(), Some(Err(ENODEV)));
        video.user_stream_off()?;
        video.user_allocate(0)
    }

    #[test]
    fn a_v4l2_device_leaves_the_data_of_a_driver_alone() -> Result {
        let faux = faux::Registration::new(c"imx412-test-receiver", None)?;
        let dev = compat::faux_device(&faux);
        let _device = device::Registration::new(dev, c"hoarder", c"Hoarder")?;

        ensure!(!has_driver_data(dev));
        Ok(())
    }

    #[test]
    fn a_sensor_is_not_linked_to_a_node_of_another_media_device() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let node = Node::new(false)?;
        let video = fixture.video()?;

        let linked = video
            .driver()
            .source()
            .with(|sensor| node.video.link_from(sensor, sensor.source_pad()?))
            .ok_or(ENODEV)?;
        ensure_eq!(linked, Err(EXDEV));
        let linked = video
            .driver()
            .source()
            .with(|sensor| video.link_from(sensor, 1))
            .ok_or(ENODEV)?;
        ensure_eq!(linked, Err(EINVAL));
        Ok(())
    }

    #[test]
    fn a_sensor_leaves_the_pipeline_before_it_goes() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let video = fixture.video()?;

        for _ in 0..2 {
            fixture.prepare_frames()?;
            video.user_stream_on()?;
            ensure!(video.is_in_pipeline());
            fixture.unbind()?;
            ensure!(!video.is_in_pipeline());
            video.user_stream_off()?;
            ensure_eq!(video.user_stream_on(), Err(ENODEV));
            video.user_allocate(0)?;
            fixture.rebind()?;
        }
        ensure!(fixture.is_bound());
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn widths_that_are_no_multiples_of_four_are_filmed() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let video = fixture.video()?;

        for pixels in [b"RG12", b"pRCC"] {
            fixture.prepare_frames_of(pixels, (CODE_12, 1438, 1080))?;
            ensure_eq!(
                fixture.with_subdev(|subdev| subdev.user_format())?,
                (CODE_12, 1438, 1080)
            );
            video.user_stream_on()?;
            ensure!(matches!(dequeue(&video)?, (0, true)));
            video.user_stream_off()?;
            video.user_allocate(0)?;
        }
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn frames_are_found_by_virtual_channel_and_data_type() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let video = fixture.video()?;
        let (embedded, raw_8, raw_10) = (0x12, 0x2a, 0x2b);

        for (virtual_channel, data_type) in [(1, raw_10), (0, raw_8), (0, embedded)] {
            fixture.prepare_frames()?;
            video.driver().set_filter(Some(Csi2Stream {
                virtual_channel,
                data_type,
            }));
            ensure_eq!(video.user_stream_on(), Err(EIO));
            ensure_eq!(fixture.board.mismatch(MismatchKind::Packets), 1);
            fixture.board.clear_violations();
            video.user_stream_off()?;
            video.user_allocate(0)?;
        }

        video.driver().set_filter(None);
        let found = video.driver().source().with(|sensor| sensor.csi2_stream(0));
        ensure_eq!(
            found.ok_or(ENODEV)??,
            Some(Csi2Stream {
                virtual_channel: 0,
                data_type: raw_10,
            })
        );
        fixture.prepare_frames()?;
        video.user_stream_on()?;
        ensure!(matches!(dequeue(&video)?, (0, true)));
        video.user_stream_off()?;
        video.user_allocate(0)?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_format_set_while_a_stream_starts_is_no_mismatch() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let video = fixture.video()?;
        let client = fixture.client()?;

        fixture.prepare_frames()?;
        video.driver().set_interlude(Some(KBox::new(
            move || {
                let set = crate::kernel_ext::testing::i2c_lookup::with_bound::<
                    crate::driver::Imx412Driver,
                    _,
                >(&client, |camera| {
                    camera.subdev().user_set_format((CODE, 1280, 720))
                });
                if !matches!(set, Some(Ok(_))) {
                    pr_err!("the format was not set\n");
                }
            },
            GFP_KERNEL,
        )?));
        let started = video.user_stream_on();
        video.driver().set_interlude(None);

        ensure_eq!(started, Err(EPIPE));
        ensure!(!video.is_in_pipeline());
        ensure_eq!(fixture.board.violations(), 0);
        ensure_eq!(
            fixture.with_subdev(|subdev| subdev.user_format())?,
            (CODE, 1280, 720)
        );
        video.user_stream_off()?;
        video.user_allocate(0)
    }

    #[test]
    fn a_control_set_in_a_frame_is_no_mismatch() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let video = fixture.video()?;
        let blanking = Id(bindings::V4L2_CID_VBLANK);

        fixture.prepare_frames()?;
        // A frame of seconds: none starts before the end of the test.
        fixture.with_subdev(|subdev| subdev.user_set_controls(&[(blanking, 500_000)]))?;
        video.user_stream_on()?;
        fixture.with_subdev(|subdev| subdev.user_set_controls(&[(blanking, 400_000)]))?;
        let judged = video
            .driver()
            .source()
            .with(|sensor| video.driver().judge(sensor, 0))
            .ok_or(ENODEV)?;

        video.user_stream_off()?;
        video.user_allocate(0)?;
        ensure_eq!(judged, Ok(()));
        ensure_eq!(fixture.board.frames().started, 0);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn the_name_of_the_media_driver_fits_and_can_be_chosen() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        ensure_eq!(
            fixture.video()?.driver().driver().to_bytes(),
            b"fsm-imx412-csi2"
        );
        drop(fixture);

        let fixture = Fixture::new(overlay!("media-driver"))?;
        ensure_eq!(fixture.video()?.driver().driver().to_bytes(), b"imx7-csi");
        drop(fixture);

        let _overlay = Overlay::apply(overlay!("media-driver-too-long"))?;
        let _driver = BoardDriver::register()?;
        ensure!(registry::find(c"imx412-test-board").is_none());
        Ok(())
    }
}
