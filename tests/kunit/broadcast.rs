// SPDX-License-Identifier: GPL-2.0-only

//! Two sensors on one bus that change and start together.

mod failures;

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    settle,
    BoardDriver,
    Fixture, //
};
use crate::{
    driver::{
        Imx412,
        Imx412Driver, //
    },
    kernel_ext::{
        bindings,
        media::v4l2::{
            ctrls::Id,
            subdev::Subdev, //
        },
        testing::{
            i2c_lookup,
            of_overlay::Overlay, //
        }, //
    },
    virtual_board::{
        board::EmulatedSensor,
        model::StreamState,
        registry, //
    }, //
};
use kernel::{
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    }, //
};

const BROADCAST: Id = Id(bindings::V4L2_CID_FSM_IMX412_BROADCAST);
const EXPOSURE: Id = Id(bindings::V4L2_CID_EXPOSURE);
const ANALOGUE_GAIN: Id = Id(bindings::V4L2_CID_ANALOGUE_GAIN);
const VBLANK: Id = Id(bindings::V4L2_CID_VBLANK);
const HFLIP: Id = Id(bindings::V4L2_CID_HFLIP);
const TEST_PATTERN: Id = Id(bindings::V4L2_CID_TEST_PATTERN);
const TEST_PATTERN_RED: Id = Id(bindings::V4L2_CID_TEST_PATTERN_RED);
const DIGITAL_GAIN: Id = Id(bindings::V4L2_CID_DIGITAL_GAIN);
const HBLANK: Id = Id(bindings::V4L2_CID_HBLANK);
const BLACK_LEVEL: Id = Id(bindings::V4L2_CID_FSM_IMX412_BLACK_LEVEL);

const SECOND: &CStr = c"/fsm-imx412-cam0/i2c/camera@10";

const COARSE_INTEG_TIME: u16 = 0x0202;
const TP_MODE: u16 = 0x0600;
const SLAVE_ADD_EN_2ND: u16 = 0x3010;

/// The cameras of dts/qemu-virt-one-bus-4lane.dtso.
struct Pair {
    cameras: [Camera; 2],
    // The order matters, see `Fixture`.
    _driver: BoardDriver,
    _overlay: Overlay,
}

struct Camera {
    board: Arc<EmulatedSensor>,
    client: ARef<kernel::device::Device>,
}

impl Camera {
    fn find(name: &CStr, path: &CStr) -> Result<Self> {
        let client = i2c_lookup::find(path).ok_or(ENODEV)?;

        settle(&client)?;
        Ok(Self {
            board: registry::find(name).ok_or(ENODEV)?,
            client,
        })
    }

    fn with<R>(&self, f: impl FnOnce(&Subdev<Imx412>) -> Result<R>) -> Result<R> {
        i2c_lookup::with_bound::<Imx412Driver, _>(&self.client, |camera| f(camera.subdev()))
            .ok_or(ENODEV)?
    }

    fn set(&self, values: &[(Id, i32)]) -> Result {
        self.with(|subdev| subdev.user_set_controls(values))
    }

    fn get(&self, id: Id) -> Result<i32> {
        self.with(|subdev| subdev.user_control(id))
    }

    fn start(&self) -> Result {
        self.with(|subdev| subdev.user_enable())
    }

    fn stop(&self) -> Result {
        self.with(|subdev| subdev.user_disable())
    }

    fn streams(&self) -> bool {
        matches!(self.board.stream(), StreamState::Streaming(_))
    }

    fn register_u16(&self, address: u16) -> i32 {
        let high = self.board.register(address);
        let low = self.board.register(address.wrapping_add(1));

        i32::from(u16::from_be_bytes([high, low]))
    }
}

impl Pair {
    fn new() -> Result<Self> {
        let overlay = Overlay::apply(overlay!("pair"))?;
        let driver = BoardDriver::register()?;

        Ok(Self {
            cameras: [
                Camera::find(c"fsm-imx412-cam0", c"/fsm-imx412-cam0/i2c/camera@1a")?,
                Camera::find(c"fsm-imx412-cam1", SECOND)?,
            ],
            _driver: driver,
            _overlay: overlay,
        })
    }

    /// Both cameras in the group.
    fn joined() -> Result<Self> {
        let pair = Self::new()?;

        for camera in &pair.cameras {
            camera.set(&[(BROADCAST, 1)])?;
        }
        Ok(pair)
    }

    /// Both in the group, and streaming.
    fn streaming() -> Result<Self> {
        let pair = Self::joined()?;

        for camera in &pair.cameras {
            camera.start()?;
        }
        Ok(pair)
    }

    /// Returns the number of transfers `f` takes.
    fn transfers(&self, f: impl FnOnce() -> Result) -> Result<u64> {
        let [first, _] = &self.cameras;
        let before = first.board.bus().transfers;

        f()?;
        Ok(first.board.bus().transfers.wrapping_sub(before))
    }

    fn stop(&self) -> Result {
        for camera in &self.cameras {
            camera.stop()?;
            ensure_eq!(camera.board.violations(), 0);
        }
        Ok(())
    }
}

#[kunit_tests(imx412_broadcast)]
mod tests {
    use super::*;

    #[test]
    fn one_transfer_sets_both() -> Result {
        let pair = Pair::streaming()?;
        let [first, second] = &pair.cameras;

        let transfers = pair.transfers(|| first.set(&[(EXPOSURE, 1234), (ANALOGUE_GAIN, 321)]))?;

        ensure_eq!(transfers, 1);
        for camera in &pair.cameras {
            ensure_eq!(camera.register_u16(COARSE_INTEG_TIME), 1234);
            ensure_eq!(camera.get(EXPOSURE)?, 1234);
            ensure_eq!(camera.get(ANALOGUE_GAIN)?, 321);
        }
        // It works from either of them.
        ensure_eq!(pair.transfers(|| second.set(&[(EXPOSURE, 777)]))?, 1);
        ensure_eq!(first.register_u16(COARSE_INTEG_TIME), 777);
        ensure_eq!(first.get(EXPOSURE)?, 777);
        pair.stop()
    }

    #[test]
    fn all_start_with_one_write_once_all_were_asked() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.start()?;
        ensure!(!first.streams());
        ensure_eq!(first.set(&[(BROADCAST, 0)]), Err(EBUSY));
        let heard = first.board.heard();

        second.start()?;
        ensure!(first.streams());
        ensure!(second.streams());
        // Nothing was written to the first one only.
        let now = first.board.heard();

        ensure_eq!(now.broadcasts.wrapping_sub(heard.broadcasts), 1);
        ensure_eq!(now.messages.wrapping_sub(heard.messages), 1);
        pair.stop()?;
        for camera in &pair.cameras {
            // In standby it must not hear what is meant for others.
            ensure_eq!(camera.board.register(SLAVE_ADD_EN_2ND), 0);
        }
        Ok(())
    }

    #[test]
    fn what_differs_goes_to_each_in_the_same_transfer() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        // The second one has fewer lines to expose in.
        second.with(|subdev| {
            subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 1920, 1080))
        })?;
        let least = second.with(|subdev| subdev.user_range(VBLANK))?.min;
        second.set(&[(VBLANK, least.try_into()?)])?;
        first.start()?;
        second.start()?;
        let most = second.with(|subdev| subdev.user_range(EXPOSURE))?.max;

        ensure!(most < 2500);
        ensure_eq!(
            pair.transfers(|| first.set(&[(EXPOSURE, 2500), (ANALOGUE_GAIN, 100)]))?,
            1
        );
        ensure_eq!(first.register_u16(COARSE_INTEG_TIME), 2500);
        ensure_eq!(i64::from(second.register_u16(COARSE_INTEG_TIME)), most);
        ensure_eq!(i64::from(second.get(EXPOSURE)?), most);
        ensure_eq!(second.get(ANALOGUE_GAIN)?, 100);
        pair.stop()
    }

    #[test]
    fn limits_of_the_others_follow() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.set(&[(VBLANK, 5000), (EXPOSURE, 8000)])?;
        ensure_eq!(second.get(VBLANK)?, 5000);
        ensure_eq!(second.get(EXPOSURE)?, 8000);
        ensure_eq!(second.with(|subdev| subdev.user_range(EXPOSURE))?.max, 8018);
        Ok(())
    }

    #[test]
    fn who_has_not_joined_is_left_alone() -> Result {
        let pair = Pair::new()?;
        let [first, second] = &pair.cameras;
        let exposure = second.get(EXPOSURE)?;

        first.set(&[(BROADCAST, 1)])?;
        // Nobody else is in the group: it starts at once.
        first.start()?;
        ensure!(first.streams());
        second.start()?;
        first.set(&[(EXPOSURE, 999)])?;
        ensure_eq!(second.get(EXPOSURE)?, exposure);
        ensure_eq!(second.register_u16(COARSE_INTEG_TIME), exposure);
        pair.stop()
    }

    #[test]
    fn what_needs_standby_is_each_ones_own() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.set(&[(HFLIP, 1)])?;
        ensure_eq!(second.get(HFLIP)?, 0);
        Ok(())
    }

    #[test]
    fn the_rest_starts_when_the_last_one_waited_for_leaves() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.start()?;
        ensure!(!first.streams());
        second.set(&[(BROADCAST, 0)])?;
        ensure!(first.streams());
        first.stop()?;
        ensure_eq!(first.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_armed_sensor_can_be_stopped_and_started_again() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.start()?;
        first.stop()?;
        second.start()?;
        ensure!(!second.streams());
        first.start()?;
        ensure!(first.streams());
        ensure!(second.streams());
        // One goes and comes back while the other goes on.
        first.stop()?;
        ensure!(second.streams());
        first.start()?;
        ensure!(first.streams());
        pair.stop()
    }

    #[test]
    fn every_live_setting_reads_back_what_each_sensor_does() -> Result {
        let pair = Pair::streaming()?;
        let [first, second] = &pair.cameras;

        for (id, value) in [
            (TEST_PATTERN, 1),
            (TEST_PATTERN_RED, 77),
            (VBLANK, 1234),
            (HBLANK, 2000),
            (EXPOSURE, 1000),
            (ANALOGUE_GAIN, 33),
            (DIGITAL_GAIN, 0x0180),
            (BLACK_LEVEL, 32),
            (TEST_PATTERN, 2),
        ] {
            first.set(&[(id, value)])?;
            ensure_eq!(first.get(id)?, value);
            ensure_eq!(second.get(id)?, value);
        }
        ensure_eq!(second.register_u16(TP_MODE), 2);
        // So that turning it off again, on the other one, is a change.
        second.set(&[(TEST_PATTERN, 0)])?;
        for camera in &pair.cameras {
            ensure_eq!(camera.get(TEST_PATTERN)?, 0);
            ensure_eq!(camera.register_u16(TP_MODE), 0);
        }
        pair.stop()
    }

    #[test]
    fn an_address_that_the_part_does_not_have_is_refused() -> Result {
        let fixture = Fixture::new(overlay!("wrong-broadcast"))?;

        ensure!(!fixture.is_bound());
        ensure!(fixture.is_powered_down()?);
        Ok(())
    }

    #[test]
    fn without_the_address_there_is_no_control() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_control(BROADCAST), Err(EINVAL));
            Ok(())
        })
    }

    #[test]
    fn who_is_unbound_is_no_member() -> Result {
        let pair = Pair::streaming()?;
        let [first, second] = &pair.cameras;

        i2c_lookup::unbind(&second.client);
        ensure_eq!(pair.transfers(|| first.set(&[(EXPOSURE, 1000)]))?, 1);
        ensure!(first.streams());
        first.stop()?;
        i2c_lookup::probe(&second.client);
        ensure_eq!(second.get(BROADCAST)?, 0);
        ensure_eq!(first.board.violations(), 0);
        ensure_eq!(second.board.violations(), 0);
        Ok(())
    }
}
