// SPDX-License-Identifier: GPL-2.0-only

//! The driver's view of the sensor against the virtual board's, which was written without it.

use imx412_host::sensor::timing::FINE_INTEGRATION_PCK;
use imx412_host::sensor::{
    program::{self, Extent},
    Activity, BayerOrder, Board, Burst, Config, Known, RegisterImage, Synchronisation, WriteLimit,
};
use imx412_host::virtual_board::model::{
    Ack, BayerOrder as PartOrder, Frame, Latency, Line, Sensor, StreamState, Surroundings,
    SyncRole, STORAGE_BYTES,
};
use proptest::prelude::*;

use super::strategies::{activity, configured, emulated, live_step, step};

const ADDRESS: u8 = 0x1a;
const MS: u64 = 1_000_000;

/// An emulated sensor and what is known of it.
struct Bench {
    sensor: Sensor<Vec<u8>>,
    known: Known,
    image: RegisterImage,
    limit: WriteLimit,
}

impl Bench {
    /// Powered and settled.
    fn new(board: &Board, limit: WriteLimit) -> Self {
        let part = Surroundings {
            latency: Latency::NEXT_FRAME,
            ..emulated(board)
        };
        let mut sensor = Sensor::new(vec![0; STORAGE_BYTES], part).expect("enough storage");
        for line in [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck, Line::Xclr] {
            sensor.set_line(line, true, 0);
        }
        Self {
            sensor,
            known: Known::new(),
            image: RegisterImage::new(),
            limit,
        }
    }

    /// Brings the sensor to `activity` with `config`, by way of standby where that is needed.
    fn apply(&mut self, config: &Config, activity: Activity) {
        program::compose_into(config, activity, Extent::Whole, &mut self.image);
        if self.image.diff(&self.known).needs_stop() {
            self.apply(config, Activity::Standby);
            program::compose_into(config, activity, Extent::Whole, &mut self.image);
        }
        self.send();
    }

    fn send(&mut self) {
        let diff = self.image.diff(&self.known);
        let bursts: Vec<Burst> = diff.bursts(self.limit).collect();
        for burst in &bursts {
            assert_eq!(self.sensor.write(ADDRESS, burst.wire(), 10 * MS), Ack::Ack);
        }
        self.known.commit(&self.image);
    }

    /// Returns the next frame.
    fn next_frame(&mut self) -> Frame {
        let frame = self.sensor.frame_start();
        let broken: Vec<_> = self.sensor.violations().iter().collect();
        frame.unwrap_or_else(|| {
            panic!(
                "no frame: {broken:?}, {:?}",
                self.sensor.violations().last()
            )
        })
    }
}

/// Returns the model's equivalent.
fn role(synchronisation: Synchronisation) -> SyncRole {
    match synchronisation {
        Synchronisation::Standalone => SyncRole::Alone,
        Synchronisation::Source => SyncRole::Source,
        Synchronisation::Sink => SyncRole::Sink,
    }
}

/// Returns the model's equivalent.
fn order(order: BayerOrder) -> PartOrder {
    match order {
        BayerOrder::Rggb => PartOrder::Rggb,
        BayerOrder::Grbg => PartOrder::Grbg,
        BayerOrder::Gbrg => PartOrder::Gbrg,
        BayerOrder::Bggr => PartOrder::Bggr,
    }
}

/// Asserts that the sensor does what the configuration announces.
fn check(frame: &Frame, config: &Config) -> Result<(), TestCaseError> {
    let Frame {
        settings,
        stream: frame,
        ..
    } = frame;
    let output = config.readout().output();
    let timing = config.timing();
    prop_assert_eq!(frame.width, u32::from(output.width));
    prop_assert_eq!(frame.height, u32::from(output.height));
    prop_assert_eq!(frame.bits, u32::from(config.readout().depth().bits()));
    prop_assert_eq!(frame.lanes, u32::from(config.link().lanes().count()));
    prop_assert_eq!(frame.link_freq_hz, config.link_freq());
    prop_assert_eq!(frame.pixel_rate_hz, config.pixel_rate());
    prop_assert_eq!(
        frame.line_length,
        output.width as u32 + config.horizontal_blanking()
    );
    prop_assert_eq!(
        frame.frame_length,
        output.height as u32 + config.vertical_blanking()
    );
    prop_assert_eq!(frame.embedded_lines, 0);
    prop_assert!(!frame.clock_stops_in_blanking);
    prop_assert_eq!(frame.sync, role(config.synchronisation()));
    prop_assert_eq!(frame.bayer_order, order(config.bayer_order()));
    let ns = |pck: u64| u128::from(pck) * 1_000_000_000 / u128::from(timing.pixel_rate);
    let pck = |lines: u32| u64::from(timing.line_length) * u64::from(lines);
    // The driver's pixel rate is a whole number, which that of a rounded INCK is not.
    let close = |found: u64, expected: u128| {
        u128::from(found).abs_diff(expected) <= 1 + expected / 100_000_000
    };
    prop_assert!(close(frame.frame_period_ns, ns(pck(timing.frame_length))));
    let exposure = pck(config.exposure()) + u64::from(FINE_INTEGRATION_PCK);
    prop_assert!(close(settings.exposure_ns, ns(exposure)));
    prop_assert_eq!(u32::from(settings.pedestal), config.black_level());

    let wanted = config.strobe();
    let line = u32::from(wanted.delay_lines);
    let fits = line < timing.frame_length;
    prop_assert_eq!(frame.strobe.is_some(), wanted.enabled && fits);
    if let Some(pulse) = frame.strobe {
        prop_assert_eq!((pulse.line, pulse.continuous), (line, true));
        // The pulse ends with its frame, and is as long as requested or up to 255 periods of INCK longer.
        let rest = ns(pck(timing.frame_length - line));
        let duration = u128::from(wanted.duration_us) * 1000;
        let period = 1_000_000_000 / u128::from(config.link().tree().inck().hz()) + 1;
        let width = u128::from(pulse.width_ns);
        prop_assert!(width + 1 >= duration.min(rest) || close(pulse.width_ns, rest));
        prop_assert!(width <= duration + 255 * period);
    }
    Ok(())
}

proptest! {
    /// Any configuration starts on the emulated sensor, with the size and rates announced.
    #[test]
    fn every_configuration_streams_as_announced(
        (board, config) in configured(), limit in 3usize..80,
    ) {
        let limit = WriteLimit::new(limit).expect("at least 3");
        let mut bench = Bench::new(&board, limit);
        bench.apply(&config, Activity::Streaming);
        check(&bench.next_frame(), &config)?;
        prop_assert_eq!(bench.sensor.violations().total(), 0);
    }

    /// Controls take effect at the next frame, without a stop and without breaking a rule.
    #[test]
    fn live_changes_take_effect_in_the_next_frame(
        (board, config) in configured(),
        steps in prop::collection::vec(live_step(), 1..10),
        limit in 3usize..80,
    ) {
        let limit = WriteLimit::new(limit).expect("at least 3");
        let mut bench = Bench::new(&board, limit);
        let mut config = config;
        bench.apply(&config, Activity::Streaming);
        let first = bench.next_frame();
        for step in &steps {
            config = step.apply(&board, config);
            bench.apply(&config, Activity::Streaming);
            let frame = bench.next_frame();
            check(&frame, &config)?;
            prop_assert_eq!(frame.stream.epoch, first.stream.epoch, "the stream was restarted");
        }
        prop_assert_eq!(bench.sensor.violations().total(), 0);
    }

    /// From any configuration to any other, streaming or not.
    #[test]
    fn every_change_keeps_the_rules(
        (board, config) in configured(),
        steps in prop::collection::vec((step(), activity()), 1..10),
    ) {
        let mut bench = Bench::new(&board, WriteLimit::UNLIMITED);
        let mut config = config;
        bench.apply(&config, Activity::Standby);
        for (step, activity) in &steps {
            config = step.apply(&board, config);
            bench.apply(&config, *activity);
            if activity.is_streaming() {
                check(&bench.next_frame(), &config)?;
            } else {
                prop_assert_eq!(bench.sensor.stream(), StreamState::Standby);
            }
            prop_assert_eq!(bench.sensor.violations().total(), 0);
        }
    }
}
