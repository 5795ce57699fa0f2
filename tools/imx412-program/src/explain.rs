// SPDX-License-Identifier: GPL-2.0-only

//! Reasons for the values of a configuration.

use imx412_host::sensor::clock::ClockTree;
use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::Binning;
use imx412_host::sensor::timing::{self, long};
use imx412_host::sensor::{Config, Depth, Lanes, Readout, Scaling, Setting};
use serde::Serialize;

/// The reason for a value.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// The thing.
    pub what: &'static str,
    /// The reason.
    pub why: String,
}

/// Returns the reasons for everything that a configuration consists of.
pub fn reasons(config: &Config) -> Vec<Reason> {
    let readout = config.readout();
    let tree = config.link().tree();
    [
        ("crop", crop(readout)),
        ("readout", stages(readout)),
        ("PLLs", plls(tree)),
        ("pixel rate", pixel_rate(tree)),
        ("line", line(config)),
        ("frame", frame(config)),
        ("exposure", exposure(config)),
    ]
    .into_iter()
    .map(|(what, why)| Reason { what, why })
    .collect()
}

fn crop(readout: &Readout) -> String {
    let preset = PRESETS
        .iter()
        .any(|preset| preset.readout(readout.depth()) == *readout);
    if preset {
        "a preset, around the middle of the array".to_string()
    } else {
        format!(
            "no preset; positions are even and widths multiples of {}, so that the image begins with \
             a whole Bayer cell and CSI-2 can pack {} bits",
            readout.depth().width_step(),
            readout.depth().bits()
        )
    }
}

fn stages(readout: &Readout) -> String {
    let digital = readout.digital_crop().size;
    let output = readout.output();
    match (readout.binning(), readout.scaling() == Scaling::NONE) {
        (Binning::None, true) => "pixel by pixel: crop and image have the same size".to_string(),
        (Binning::TwoByTwo, true) => {
            "the image is half of the crop: binning does that, and reads half of the lines"
                .to_string()
        }
        (Binning::None, false) => format!(
            "the scaler makes {output} of {digital}: 16/{}, which comes out even",
            readout.scaling().m()
        ),
        (Binning::TwoByTwo, false) => format!(
            "binned to {digital} first, which is faster and has less noise, then {output} by 16/{}",
            readout.scaling().m()
        ),
    }
}

fn plls(tree: &ClockTree) -> String {
    let way = match tree.link_pll() {
        None => "one PLL makes both clocks",
        Some(_) => "two PLLs, because one would make the pixel rate follow the link",
    };
    let choice = if tree.is_known_good() {
        "a public driver runs exactly this tree"
    } else {
        "exact, within 1.2 to 2.1 GHz; of equal ones that with the highest comparison frequency"
    };
    format!("{way}; {choice}")
}

fn pixel_rate(tree: &ClockTree) -> String {
    let from = format!(
        "video PLL x 4 pipes / {} / 5 = {}",
        tree.video_divider(),
        tree.pixel_rate()
    );
    match (tree.is_known_good(), tree.link_pll()) {
        (true, None) => format!("{from}, as in the known-good tree"),
        _ => format!("{from}, the highest that INCK and the link allow"),
    }
}

fn line(config: &Config) -> String {
    let readout = config.readout();
    let link = config.link();
    let converters = timing::line_of_converters(config.part(), readout);
    let by_link = timing::line_of_link(config.part(), readout, link);
    let start = timing::line_length_min(config.part(), readout, link);
    let length = config.timing().line_length;
    let mut why = format!(
        "the converters need {converters} pck at {} bits{}, the link {by_link} ({} for packets included)",
        readout.depth().bits(),
        match (readout.binning(), readout.depth()) {
            (Binning::TwoByTwo, Depth::Eight | Depth::Ten) => " binned",
            _ => "",
        },
        config.part().timing.link_overhead_pck,
    );
    if link.lanes() == Lanes::Two && config.part().timing.two_lanes_factor == 2 {
        why +=
            "; on two lanes a line is twice as long as the converters need, as in public programs";
    }
    if length != start {
        why += &format!("; the shortest has {start}");
    }
    why
}

fn frame(config: &Config) -> String {
    let readout = config.readout();
    let scaled = if readout.scaling() == Scaling::NONE {
        ""
    } else {
        " (scaled: those of the whole array)"
    };
    format!(
        "{} lines are read{scaled} and at least {} are blank, so {} is the shortest; the rest is what the \
         frame rate asks for{}",
        readout.lines_read(),
        config.part().timing.vertical_blanking_min,
        timing::frame_length_floor(config.part(), readout),
        shifted(long::Lines::of(config.timing().frame_length)),
    )
}

/// Returns the register and shift for a number of lines, as text.
fn shifted(lines: long::Lines) -> String {
    let long::Lines { register, shift } = lines;
    match shift {
        0 => String::new(),
        _ => format!(
            "; the registers count {register} steps of {} lines",
            1 << shift
        ),
    }
}

fn exposure(config: &Config) -> String {
    format!(
        "at least {} lines, and {} less than the frame; {} pck come on top",
        config.part().timing.exposure_min,
        timing::EXPOSURE_MARGIN,
        timing::FINE_INTEGRATION_PCK,
    ) + if config.exposure() == config.limits(Setting::Exposure).max {
        "; the frame is too short for more"
    } else {
        ""
    } + &shifted(long::Lines::of_exposure(
        config.part().shifts,
        config.timing().frame_length,
        config.exposure(),
    ))
}
