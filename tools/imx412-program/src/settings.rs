// SPDX-License-Identifier: GPL-2.0-only

//! The generated table of docs/controls.md.

use anyhow::Result;
use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::regs::{self, Latch};
use imx412_host::sensor::{Board, Config, Kind, Limits, Setting};

use crate::document::between_marks;

/// `document` with its table made anew.
///
/// # Errors
///
/// The document does not have the two marks between which the table is.
pub fn regenerate(document: &str) -> Result<String> {
    between_marks(document, "settings", &table()?)
}

fn table() -> Result<String> {
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let config = Config::default_for(&board);
    let mut text = String::from(
        "\n| setting | type, unit | range, step | default | set | takes effect | what follows | register |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for &setting in Setting::ALL {
        text += &row(setting, &config);
    }
    Ok(text + "\n")
}

fn row(setting: Setting, config: &Config) -> String {
    let limits = config.limits(setting);
    let kind = match setting.kind() {
        Kind::Number => setting.unit().into(),
        Kind::Level => format!("{}, range of all depths", setting.unit()),
        Kind::Switch => "boolean".into(),
        Kind::Menu(items) => {
            let items: Vec<_> = items.iter().map(|item| item.to_string_lossy()).collect();
            format!("menu: {}", items.join(", "))
        }
    };
    let register = setting.register();
    format!(
        "| {setting} | {kind} | {} | {} | {} | {} | {} | {} {:#06x} |\n",
        range(setting, limits, config),
        limits.default,
        if setting.is_live() {
            "any time"
        } else {
            "not while streaming"
        },
        match setting.latch() {
            Latch::Frame => "frame",
            Latch::Standby(_) => "start",
            Latch::Immediate(_) | Latch::ReadOnly => "at once",
        },
        setting.follows(),
        regs::find(register.address).map_or("", |register| register.name),
        register.address,
    )
}

fn range(setting: Setting, limits: Limits, config: &Config) -> String {
    let Limits { min, max, step, .. } = match setting.kind() {
        Kind::Level => setting.widest_limits(config.part()),
        _ => limits,
    };
    match (setting.kind(), step) {
        (Kind::Switch, _) => String::new(),
        (_, 1) => format!("{min} to {max}"),
        _ => format!("{min} to {max}, {step}"),
    }
}
