// SPDX-License-Identifier: GPL-2.0-only

//! Examples that the documentation of kernel_ext refers to: compiled, and run.

use super::fixture::{
    ensure,
    ensure_eq, //
};
use crate::kernel_ext::{
    bindings,
    media::v4l2::{
        ctrls::{
            Controls,
            Id,
            Locked,
            Name,
            Range, //
        },
        subdev::{
            state::{
                Format,
                State,
                StreamId, //
            },
            Operations, //
        }, //
    },
    testing::bench::Bench, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};

const GAIN: Name = Name::standard(bindings::V4L2_CID_ANALOGUE_GAIN);
const EXPOSURE: Name = Name::standard(bindings::V4L2_CID_EXPOSURE);
const VBLANK: Name = Name::standard(bindings::V4L2_CID_VBLANK);

/// The pad that frames come from.
const SOURCE: StreamId = StreamId::new(0, 0);

/// Returns a range that starts at its default.
const fn from(min: i64, max: i64) -> Range {
    Range {
        min,
        max,
        step: 1,
        default: min,
    }
}

/// Writes to a sensor: controls and their values.
#[pin_data]
struct Registers {
    #[pin]
    writes: Mutex<KVec<(u32, i64)>>,
}

impl Registers {
    fn take(&self) -> KVec<(u32, i64)> {
        core::mem::replace(&mut *self.writes.lock(), KVec::new())
    }
}

/// A sensor of one format, with a gain, and with an exposure that the frame length limits.
struct Sensor(Arc<Registers>);

impl Controls for Sensor {
    fn set_control(&self, first: Id, _state: &mut State, controls: &Locked<'_>) -> Result {
        let mut writes = self.0.writes.lock();

        writes.push((first.0, controls.value(first)?), GFP_KERNEL)?;
        // V4L2 calls once for the two.
        if first == EXPOSURE.id() {
            let blanking = controls.value(VBLANK.id())?;

            writes.push((VBLANK.id().0, blanking), GFP_KERNEL)?;
        }
        Ok(())
    }
}

#[vtable]
impl Operations for Sensor {
    fn init_state(&self, state: &mut State) -> Result {
        *state.format(SOURCE)? = Format::raw(bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 640, 480);
        Ok(())
    }

    fn media_bus_code(&self, state: &mut State, at: StreamId, index: u32) -> Result<u32> {
        match index {
            0 => Ok(state.format(at)?.code()),
            _ => Err(EINVAL),
        }
    }

    fn unbind(&self) {}
}

#[kunit_tests(imx412_examples)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_device_with_controls_of_its_own() -> Result {
        let bench = Bench::new()?;
        let registers = Arc::pin_init(
            pin_init!(Registers {
                writes <- new_mutex!(KVec::new()),
            }),
            GFP_KERNEL,
        )?;
        let subdev = bench.plug_with(Sensor(registers.clone()), |add| {
            add.integer(GAIN, &from(0, 978))?;
            add.cluster(|add| {
                add.integer(EXPOSURE, &from(1, 500))?;
                add.integer(VBLANK, &from(20, 1000))
            })
        })?;

        // V4L2 cuts an integer to its range.
        subdev.user_set_controls(&[(GAIN.id(), 2000)])?;
        ensure_eq!(registers.take().as_slice(), [(GAIN.id().0, 978)].as_slice());

        // Each control for itself, a cluster once.
        subdev.user_set_controls(&[(GAIN.id(), 5), (VBLANK.id(), 60), (EXPOSURE.id(), 300)])?;
        let mut writes = registers.take();

        writes.sort_unstable();
        let mut expected = [
            (EXPOSURE.id().0, 300),
            (VBLANK.id().0, 60),
            (GAIN.id().0, 5),
        ];

        expected.sort_unstable();
        ensure_eq!(writes.as_slice(), expected.as_slice());

        // The driver's own changes reach it if it wants them to.
        subdev.with_controls(|controls| {
            controls.set_range(EXPOSURE.id(), &from(1, 100), false)?;
            ensure_eq!(controls.value(EXPOSURE.id())?, 100);
            controls.set_value(GAIN.id(), 7, true)
        })?;
        ensure_eq!(registers.take().as_slice(), [(GAIN.id().0, 7)].as_slice());

        // Operations that there are not are V4L2's own, or missing.
        ensure_eq!(
            subdev.user_codes()?.as_slice(),
            [bindings::MEDIA_BUS_FMT_SRGGB10_1X10].as_slice()
        );
        ensure_eq!(
            subdev.user_format()?,
            (bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 640, 480)
        );
        ensure!(subdev.user_enable().is_err());
        Ok(())
    }
}
