// SPDX-License-Identifier: GPL-2.0-only

//! Differences between the stream that a driver advertises and the one that its sensor sends.

use kernel::fmt;

macro_rules! mismatch_kinds {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// Reason why the receiver refuses a stream.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum MismatchKind {
            $($(#[$doc])* $variant,)*
        }

        impl MismatchKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name in kebab case, as debugfs shows it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

mismatch_kinds! {
    /// The driver reports success, and the sensor sends no frames.
    NotStreaming => "advertised-stream-missing",
    /// The sensor is in breach of one of its own rules.
    Faulted => "advertised-stream-faulted",
    /// The frame descriptor names a virtual channel and data type on which there is no image.
    Packets => "advertised-packets-wrong",
    /// The width of the active format is not that of the frames.
    Width => "advertised-width-wrong",
    /// The height of the active format is not that of the frames.
    Height => "advertised-height-wrong",
    /// The media bus code stands for another depth.
    Depth => "advertised-depth-wrong",
    /// The media bus code stands for another order of colours.
    BayerOrder => "advertised-bayer-order-wrong",
    /// The sensor drives more or fewer lanes.
    Lanes => "advertised-lanes-wrong",
    /// The sensor drives more or fewer lanes than the board has.
    BoardLanes => "board-lanes-wrong",
    /// V4L2_CID_LINK_FREQ is not half the lane rate.
    LinkFrequency => "advertised-link-freq-wrong",
    /// V4L2_CID_PIXEL_RATE is not the rate of the pixel clock.
    PixelRate => "advertised-pixel-rate-wrong",
    /// Width + V4L2_CID_HBLANK is not the line length.
    LineLength => "advertised-hblank-wrong",
    /// Height + V4L2_CID_VBLANK is not the frame length.
    FrameLength => "advertised-vblank-wrong",
}

/// A difference between the advertised stream and the one that the registers describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) kind: MismatchKind,
    /// The advertised value.
    pub(crate) advertised: u64,
    /// The value of the registers.
    pub(crate) actual: u64,
}

impl Mismatch {
    pub(crate) const fn new(kind: MismatchKind, advertised: u64, actual: u64) -> Self {
        Self {
            kind,
            advertised,
            actual,
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.kind.name();
        let (expected, actual) = (self.advertised, self.actual);

        if self.kind == MismatchKind::BoardLanes {
            // Not the driver's fault: one of two endpoints is wrong.
            return write!(
                f,
                "{name}: the receiver's data-lanes have {expected} lanes, the sensor drives {actual}"
            );
        }
        write!(f, "{name}: driver says {expected}, registers say {actual}")
    }
}
