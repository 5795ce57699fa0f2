// SPDX-License-Identifier: GPL-2.0-only

//! `fsm-camera info`.

use super::screen::Screen;
use super::Global;
use anyhow::Result;
use fsm_camera::controls::{self, id, Control};
use fsm_camera::sensor::{analogue, digital, Mode, State};
use fsm_camera::units::{Gain, Seconds};
use serde::Serialize;
use std::process::ExitCode;

/// Description of a camera.
#[derive(Serialize)]
struct Info {
    name: String,
    state: State,
    /// From the shortest to the longest exposure at the current frame rate.
    exposure_range: Option<(Seconds, Seconds)>,
    gain_range: (Gain, Gain),
    /// Degrees Celsius, or why it cannot be measured.
    temperature: Result<i64, String>,
    modes: Vec<Mode>,
    controls: Vec<Control>,
}

pub fn run(screen: &Screen, global: &Global) -> Result<ExitCode> {
    let camera = global.find()?;
    let sensor = camera.sensor();
    let controls = controls::list(sensor.device());
    let state = sensor.state()?;
    let range = |id| {
        let found = controls.iter().find(|control| control.id == id)?;
        Some((found.minimum, found.maximum))
    };
    let most = |id, unit: fn(i64) -> Gain| range(id).map_or(1.0, |(_, most)| unit(most).0);
    let info = Info {
        name: camera.entity()?.name.clone(),
        exposure_range: range(id::EXPOSURE)
            .map(|(least, most)| (state.timing.exposure(least), state.timing.exposure(most))),
        gain_range: (
            Gain(1.0),
            Gain(most(id::ANALOGUE_GAIN, analogue) * most(id::DIGITAL_GAIN, digital)),
        ),
        temperature: sensor
            .get(id::TEMPERATURE)
            .map_err(|error| format!("{error:#}")),
        modes: sensor.modes(),
        state,
        controls,
    };
    if screen.json {
        screen.json(&info)?;
    } else {
        show(screen, &info)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(screen: &Screen, info: &Info) -> Result<()> {
    let state = &info.state;
    screen.line(&info.name)?;
    screen.pair(
        "format",
        &format!(
            "{}, {} bits, {}",
            state.size,
            state.bits,
            state.order.name()
        ),
    )?;
    screen.pair("frame rate", &state.fps.to_string())?;
    let exposure = match info.exposure_range {
        Some((least, most)) => format!("{} (from {least} to {most})", state.exposure),
        None => state.exposure.to_string(),
    };
    screen.pair("exposure", &exposure)?;
    screen.pair(
        "gain",
        &format!(
            "analogue {}, digital {} (together to {})",
            state.analogue_gain, state.digital_gain, info.gain_range.1
        ),
    )?;
    if let Some(black) = state.black_level {
        screen.pair("black level", &black.to_string())?;
    }
    if let Some(hz) = state.link_frequency {
        screen.pair("link frequency", &format!("{} MHz", hz as f64 / 1e6))?;
    }
    let temperature = match &info.temperature {
        Ok(celsius) => format!("{celsius} degrees Celsius"),
        Err(error) => format!("not measured: {error}"),
    };
    screen.pair("temperature", &temperature)?;
    screen.line("modes, at their fastest")?;
    for mode in &info.modes {
        let name = format!("{} {} bits", mode.size, mode.bits);
        let rate = match mode.fastest {
            Some(fps) => fps.to_string(),
            None => "rate not told".to_owned(),
        };
        screen.pair(&name, &rate)?;
    }
    screen.line("controls, as v4l2-ctl has them")?;
    for control in &info.controls {
        screen.pair(&control.name, &describe(control))?;
    }
    Ok(())
}

fn describe(control: &Control) -> String {
    let mut text = match control.value {
        Some(value) => match control.items.iter().find(|(index, _)| *index == value) {
            Some((_, item)) => format!("{value} ({item})"),
            None => value.to_string(),
        },
        None => "measured when read".to_owned(),
    };
    if control.read_only {
        text.push_str(", read-only");
    } else {
        text.push_str(&format!(
            ", {} to {}, default {}",
            control.minimum, control.maximum, control.default
        ));
    }
    text
}
