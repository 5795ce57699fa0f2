// SPDX-License-Identifier: GPL-2.0-only

//! Supplies, INCK and XCLR as the sensor sees them.

use super::fixture::{ensure, ensure_eq, overlay, Fixture};
use crate::virtual_board::model::{Line, PowerEvent};
use kernel::{
    prelude::*,
    time::{delay::fsleep, Delta},
};

/// From XCLR to the first stream (Raspberry Pi's imx477.c), in ns.
const SETTLING_NS: u64 = 8_000_000;

/// Longer than the driver's autosuspend delay of one second.
const IDLE: Delta = Delta::from_millis(1500);

fn position(events: &[PowerEvent], line: Line, on: bool) -> Option<usize> {
    events
        .iter()
        .rposition(|event| event.line == line && event.on == on)
}

#[kunit_tests(imx412_power)]
mod tests {
    use super::*;

    #[test]
    fn up_and_down_in_order() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.rebind()?;
        fixture.unbind()?;
        let events = fixture.board.power_events()?;
        let at = |line, on| position(&events, line, on).ok_or(ENOENT);

        for supply in [Line::Avdd, Line::Dvdd, Line::Dovdd] {
            ensure!(at(supply, true)? < at(Line::Inck, true)?);
            ensure!(at(supply, false)? > at(Line::Inck, false)?);
        }
        ensure!(at(Line::Inck, true)? < at(Line::Xclr, true)?);
        ensure!(at(Line::Xclr, false)? < at(Line::Inck, false)?);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_idle_sensor_is_powered_down_and_comes_back() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fsleep(IDLE);
        ensure!(fixture.is_powered_down()?);

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            let events = fixture.board.power_events()?;
            let up = position(&events, Line::Xclr, true).ok_or(ENOENT)?;
            let xclr = events.get(up).ok_or(ENOENT)?.at_ns;
            let crate::virtual_board::model::StreamState::Streaming(stream) =
                fixture.board.stream()
            else {
                return Err(EIO);
            };
            ensure!(stream.started_ns - xclr >= SETTLING_NS);
            subdev.user_disable()
        })?;

        fsleep(IDLE);
        ensure!(fixture.is_powered_down()?);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_streaming_sensor_stays_up() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            fsleep(IDLE);
            ensure!(fixture.is_streaming());
            subdev.user_disable()
        })
    }
}
