// SPDX-License-Identifier: GPL-2.0-only

//! Supplies, INCK and XCLR as the sensor sees them.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::virtual_board::{
    faults::{
        Fault,
        FaultKind, //
    },
    model::{
        Line,
        PowerEvent, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
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

/// Starts a stream that the driver cannot stop: the bus fails, and the power stays.
fn stream_on(fixture: &Fixture) -> Result {
    fixture.with_subdev(|subdev| {
        subdev.user_enable()?;
        fixture.board.set_fault(Some(Fault {
            message: 1,
            kind: FaultKind::Nack,
        }));
        subdev.user_disable()
    })?;
    ensure!(fixture.is_streaming());
    Ok(())
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

    #[test]
    fn a_sensor_with_a_reset_line_of_its_own_is_not_reset_by_software() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        // The chip ID.
        ensure_eq!(fixture.board.bus().transfers, 1);
        Ok(())
    }

    #[test]
    fn a_sensor_that_could_not_be_stopped_starts_anew() -> Result {
        let fixture = Fixture::new(overlay!("kept-up"))?;

        stream_on(&fixture)?;
        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            ensure!(fixture.is_streaming());
            subdev.user_disable()
        })?;
        ensure!(!fixture.is_streaming());
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_sensor_that_streams_already_is_put_into_standby_by_the_probe() -> Result {
        let fixture = Fixture::new(overlay!("kept-up"))?;

        stream_on(&fixture)?;
        fixture.rebind()?;
        ensure!(fixture.is_bound());
        ensure!(!fixture.is_streaming());
        // What the program of the stream before left.
        ensure_eq!(fixture.board.register(0x0202), 0);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_sensor_that_does_not_take_the_reset_is_not_bound() -> Result {
        let fixture = Fixture::new(overlay!("kept-up"))?;

        // After two messages for the chip ID: standby, then the reset.
        for message in [3, 4] {
            fixture.rebind_with(Some(Fault {
                message,
                kind: FaultKind::Timeout,
            }))?;
            ensure!(!fixture.is_bound());
        }
        fixture.rebind()?;
        ensure!(fixture.is_bound());
        Ok(())
    }
}
