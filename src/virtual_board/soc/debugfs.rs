// SPDX-License-Identifier: GPL-2.0-only

//! The files of a played receiver in debugfs, below `fsm-imx412/<device>`.
//!
//! | file | content |
//! |---|---|
//! | `settings` | `name SET ARRIVES` for each setting while the sensor streams, SET a value or a range |
//! | `frames` | `stored N`, `unwanted N`, `overrun N`, `missed N`, `unfit N`, `lost N` |

use super::engine::{
    Counters,
    Engine, //
};
use kernel::{
    debugfs::{
        Dir,
        Scope,
        ScopedDir, //
    },
    fmt,
    prelude::*,
    sync::Arc, //
};

/// Creates the files of a receiver, which are removed with the scope.
pub(super) fn files<'a>(
    dir: &'a Dir,
    engine: Arc<Engine>,
    name: &'a CStr,
) -> impl PinInit<Scope<Arc<Engine>>> + 'a {
    dir.scope(engine, name, add_files)
}

fn add_files<'data>(engine: &'data Arc<Engine>, dir: &ScopedDir<'data, '_>) {
    dir.read_callback_file(c"settings", engine, &show_settings);
    dir.read_callback_file(c"frames", engine, &show_frames);
}

fn show_settings(engine: &Arc<Engine>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut result = Ok(());

    engine.settings(|setting| {
        let (low, high) = (setting.set.start(), setting.set.end());
        let written = if low == high {
            writeln!(f, "{} {low} {}", setting.name, setting.arrives)
        } else {
            writeln!(f, "{} {low}-{high} {}", setting.name, setting.arrives)
        };
        result = result.and(written);
    });
    result
}

fn show_frames(engine: &Arc<Engine>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Counters {
        stored,
        unwanted,
        overrun,
        missed,
        unfit,
        lost,
    } = engine.counters();

    writeln!(f, "stored {stored}")?;
    writeln!(f, "unwanted {unwanted}")?;
    writeln!(f, "overrun {overrun}")?;
    writeln!(f, "missed {missed}")?;
    writeln!(f, "unfit {unfit}")?;
    writeln!(f, "lost {lost}")
}
