// SPDX-License-Identifier: GPL-2.0-only

//! Members of a group after failures, and when one of them is unbound or slow.

use super::{
    Pair,
    BROADCAST,
    COARSE_INTEG_TIME,
    EXPOSURE,
    SECOND, //
};
use crate::{
    driver::Imx412Driver,
    kernel_ext::{
        bindings,
        i2c::client::PowerManaged,
        media::v4l2::ctrls::Id,
        testing::i2c_lookup, //
    },
    tests::fixture::{
        ensure,
        ensure_eq, //
    },
    virtual_board::faults::{
        Fault,
        FaultKind, //
    }, //
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    workqueue, //
};

const GRP_PARAM_HOLD: u16 = 0x0104;
const SYNCHRONISATION: Id = Id(bindings::V4L2_CID_FSM_IMX412_SYNCHRONISATION);
const SOURCE: i32 =
    bindings::v4l2_fsm_imx412_synchronisation_V4L2_FSM_IMX412_SYNCHRONISATION_SOURCE as i32;

/// Number of times that the controls of the second camera were found free, and taken.
static FREE: Atomic<u32> = Atomic::new(0);
static TAKEN: Atomic<u32> = Atomic::new(0);

fn look_at_the_second() {
    let free = i2c_lookup::find(SECOND).and_then(|client| {
        i2c_lookup::with_bound::<Imx412Driver, _>(&client, |camera| {
            camera.subdev().user_controls_are_free()
        })
    });
    let count = match free {
        Some(true) => &FREE,
        _ => &TAKEN,
    };

    count.fetch_add(1, Relaxed);
}

/// Number of polls for the cut, one per millisecond.
const PATIENCE: u32 = 10_000;

/// Whether the power of the second camera was cut: 0 is no, 1 that it is being cut, 2 yes.
static CUT: Atomic<u32> = Atomic::new(0);

/// Cuts it, as system sleep does. In another thread: this one holds the first sensor.
fn cut_the_second() {
    if CUT.cmpxchg(0, 1, Relaxed).is_err() {
        return;
    }
    let spawned = workqueue::system_unbound().try_spawn(GFP_KERNEL, || {
        if let Some(client) = i2c_lookup::find(SECOND) {
            i2c_lookup::with_bound::<Imx412Driver, _>(&client, |camera| {
                Imx412Driver::runtime_suspend(camera)
            });
        }
        CUT.store(2, Relaxed);
    });

    for _ in 0..PATIENCE {
        if spawned.is_err() || CUT.load(Relaxed) == 2 {
            break;
        }
        fsleep(Delta::from_millis(1));
    }
}

/// Starts both; the last message of that fails.
fn fail_the_last_message_of_a_start(pair: &Pair) -> Result {
    let [first, second] = &pair.cameras;

    // The number of messages that start the second one from its known contents.
    let mut messages = 0;
    for _ in 0..2 {
        first.start()?;
        let before = first.board.bus().messages;
        second.start()?;
        messages = first.board.bus().messages.wrapping_sub(before);
        pair.stop()?;
    }

    first.start()?;
    first.board.set_fault(Some(Fault {
        message: u32::try_from(messages)?,
        kind: FaultKind::Io,
    }));
    let failed = second.start();

    first.board.set_fault(None);
    ensure_eq!(failed, Err(EIO));
    ensure!(!first.streams());
    ensure!(!second.streams());
    second.start()?;
    ensure!(first.streams());
    ensure!(second.streams());
    pair.stop()
}

#[kunit_tests(imx412_broadcast_failures)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_at_any_message_leaves_both_as_they_were() -> Result {
        let pair = Pair::streaming()?;
        let [first, second] = &pair.cameras;
        let before = first.get(EXPOSURE)?;
        let kinds = [
            FaultKind::Nack,
            FaultKind::Timeout,
            FaultKind::Arbitration,
            FaultKind::Io,
            FaultKind::Partial,
        ];
        let mut failures = 0;

        // The hold, the exposure, and the release.
        for message in 1..=3 {
            for kind in kinds {
                first.board.set_fault(Some(Fault { message, kind }));
                ensure_eq!(first.set(&[(EXPOSURE, 555)]), Err(kind.error()));
                for camera in &pair.cameras {
                    ensure_eq!(camera.get(EXPOSURE)?, before);
                    ensure_eq!(camera.register_u16(COARSE_INTEG_TIME), before);
                    ensure_eq!(camera.board.register(GRP_PARAM_HOLD), 0);
                    ensure!(camera.streams());
                }
                failures += 1;
            }
        }
        ensure_eq!(failures, 15);
        second.set(&[(EXPOSURE, 666)])?;
        for camera in &pair.cameras {
            ensure_eq!(camera.get(EXPOSURE)?, 666);
            ensure_eq!(camera.register_u16(COARSE_INTEG_TIME), 666);
        }
        pair.stop()
    }

    #[test]
    fn the_rest_starts_when_the_last_one_waited_for_is_unbound() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.start()?;
        ensure!(!first.streams());
        i2c_lookup::unbind(&second.client);
        ensure!(first.streams());
        first.stop()?;
        ensure_eq!(first.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_start_that_fails_when_the_last_one_leaves_is_made_good() -> Result {
        for message in [1, 2] {
            for unbind in [false, true] {
                let pair = Pair::joined()?;
                let [first, second] = &pair.cameras;

                first.start()?;
                first.board.set_fault(Some(Fault {
                    message,
                    kind: FaultKind::Partial,
                }));
                match unbind {
                    true => i2c_lookup::unbind(&second.client),
                    false => second.set(&[(BROADCAST, 0)])?,
                }
                first.board.set_fault(None);
                ensure!(first.streams());
                first.stop()?;
                ensure_eq!(first.board.violations(), 0);
            }
        }
        Ok(())
    }

    #[test]
    fn a_start_that_goes_on_failing_is_tried_again_by_the_next_control() -> Result {
        let pair = Pair::joined()?;
        let [first, second] = &pair.cameras;

        first.start()?;
        first.board.set_fault(Some(Fault {
            message: 0,
            kind: FaultKind::Io,
        }));
        let left = second.set(&[(BROADCAST, 0)]);

        first.board.set_fault(None);
        left?;
        ensure!(!first.streams());
        first.set(&[(EXPOSURE, 321)])?;
        ensure!(first.streams());
        ensure_eq!(first.register_u16(COARSE_INTEG_TIME), 321);
        first.stop()
    }

    #[test]
    fn a_cold_start_leaves_the_others_their_controls() -> Result {
        let pair = Pair::new()?;
        let [first, _] = &pair.cameras;

        FREE.store(0, Relaxed);
        TAKEN.store(0, Relaxed);
        first.board.set_tap(Some(look_at_the_second));
        let started = first.start();

        first.board.set_tap(None);
        started?;
        // All of the program but for the last step, which is made with what was set meanwhile.
        ensure!(FREE.load(Relaxed) > 100);
        ensure!(TAKEN.load(Relaxed) <= 3);
        first.stop()
    }

    #[test]
    fn a_start_that_fails_leaves_the_others_waiting() -> Result {
        fail_the_last_message_of_a_start(&Pair::joined()?)
    }

    #[test]
    fn a_sensor_that_loses_its_power_in_a_change_is_not_taken_for_streaming() -> Result {
        let pair = Pair::streaming()?;
        let [first, second] = &pair.cameras;

        CUT.store(0, Relaxed);
        first.board.set_tap(Some(cut_the_second));
        let changed = first.set(&[(EXPOSURE, 555)]);

        first.board.set_tap(None);
        changed?;
        ensure_eq!(CUT.load(Relaxed), 2);
        ensure!(!second.streams());
        // Its frame was cut off with the power.
        second.board.clear_violations();
        // It has stopped already.
        ensure_eq!(pair.transfers(|| second.stop())?, 0);
        second.start()?;
        ensure!(second.streams());
        ensure_eq!(second.register_u16(COARSE_INTEG_TIME), 555);
        pair.stop()
    }

    #[test]
    fn a_start_that_fails_halfway_starts_none() -> Result {
        let pair = Pair::joined()?;
        let [_, second] = &pair.cameras;

        // The thermometer of a source is switched on after the start, which has reached both then.
        second.set(&[(SYNCHRONISATION, SOURCE)])?;
        fail_the_last_message_of_a_start(&pair)
    }
}
