// SPDX-License-Identifier: GPL-2.0-only

//! Synchronisation with other sensors through the XVS pin.

/// The source of frame starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronisation {
    /// The sensor itself; XVS is not used.
    #[default]
    Standalone,
    /// The sensor itself, which outputs a pulse on XVS with each frame.
    Source,
    /// Pulses on XVS, one for each frame.
    ///
    /// The frame length remains as set, as public drivers write nothing else for a sink. Pulses
    /// must not be faster than frames of that length; without pulses there are no frames.
    Sink,
}

/// Register values of a [`Synchronisation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// One of several sensors in step.
    pub multi_camera: bool,
    /// The sensor makes its own frame timing.
    pub master: bool,
    /// XVS is an output and driven.
    pub drives_xvs: bool,
}

impl Synchronisation {
    /// All values, in the order of [`Self::code`].
    pub const ALL: [Self; 3] = [Self::Standalone, Self::Source, Self::Sink];

    /// Returns the synchronisation with this code, or `None` for unused codes.
    pub fn new(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    /// Returns its index in [`Self::ALL`].
    pub const fn code(self) -> u32 {
        match self {
            Self::Standalone => 0,
            Self::Source => 1,
            Self::Sink => 2,
        }
    }

    /// Returns the register values while streaming or not (raspberrypi imx477.c).
    ///
    /// XVS is an output only while streaming: a sensor in standby must not trigger others.
    pub const fn recipe(self, streaming: bool) -> Recipe {
        match self {
            Self::Standalone => Recipe {
                multi_camera: false,
                master: true,
                drives_xvs: false,
            },
            Self::Source => Recipe {
                multi_camera: true,
                master: true,
                drives_xvs: streaming,
            },
            Self::Sink => Recipe {
                multi_camera: true,
                master: false,
                drives_xvs: false,
            },
        }
    }
}
