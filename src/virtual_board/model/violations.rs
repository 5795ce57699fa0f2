// SPDX-License-Identifier: GPL-2.0-only

//! Violations of the sensor's rules by a driver, by name, and their counts.

use core::fmt;

macro_rules! violations {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// A rule of the sensor that a register program or a power sequence broke.
        ///
        /// The name ([`Violation::name`]) is stable: tests and debugfs readers compare it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Violation {
            $($(#[$doc])* $variant,)*
        }

        impl Violation {
            /// Every rule, in the order in which they are listed to users.
            pub const ALL: &'static [Violation] = &[$(Violation::$variant,)*];

            /// Returns the rule's name in kebab case.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Violation::$variant => $name,)*
                }
            }
        }

        const RULES: usize = [$($name,)*].len();
    };
}

violations! {
    /// INCK started while AVDD, DVDD or DOVDD was off. Value: bit mask of the supplies that were on.
    InckBeforeSupplies => "inck-before-supplies",
    /// XCLR went high while a supply was off. Value: bit mask of the supplies that were on.
    XclrBeforeSupplies => "xclr-before-supplies",
    /// XCLR went high while INCK stood still.
    XclrBeforeInck => "xclr-before-inck",
    /// A supply went off while INCK ran. Value: bit mask of the supplies still on.
    SupplyOffWhileInckOn => "supply-off-while-inck-on",
    /// A supply went off while XCLR was high. Value: bit mask of the supplies still on.
    SupplyOffWhileXclrHigh => "supply-off-while-xclr-high",
    /// INCK stopped while XCLR was high.
    InckOffWhileXclrHigh => "inck-off-while-xclr-high",
    /// Supply, clock or XCLR was taken away while the sensor streamed (0x0100 was 1).
    PowerOffWhileStreaming => "power-off-while-streaming",
    /// 0x0100 was set before the sensor had settled. Value and limit: ns since XCLR went high.
    StreamBeforeSettled => "stream-before-settled",
    /// A write to a read-only register. Value: its address.
    ReadOnlyWritten => "read-only-written",
    /// A register that needs standby was written while streaming. Value: its address.
    StructuralWhileStreaming => "structural-while-streaming",
    /// The XVS outputs (0x3040, 0x4B81) were left on in standby until the next start, or until
    /// power was taken away. Value: the two registers.
    XvsDrivenInStandby => "xvs-driven-in-standby",
    /// A source started with its thermometer (0x0138) on: pulses too many may go to XVS. Value: the
    /// register.
    ThermometerOnAtStart => "thermometer-on-at-start",
    /// Two sensors drive the same XVS wire: the one that began later has this.
    XvsDrivenTwice => "xvs-driven-twice",
    /// Group hold (0x0104) stayed set over too many frame starts. Value and limit: frames.
    GroupHoldLeftOpen => "group-hold-left-open",
    /// EXCK_FREQ (0x0136) is not the INCK of the board. Value and limit: MHz in 8.8 fixed point.
    ExckFreqWrong => "exck-freq-wrong",
    /// A clock divider or multiplier has a value that the sensor does not take. Value: address of
    /// the register, limit: its value.
    ClockDividerInvalid => "clock-divider-invalid",
    /// The VT PLL runs outside of 1.2 to 2.1 GHz. Value: Hz, limit: the bound that is broken.
    VtPllOutOfRange => "vt-pll-out-of-range",
    /// The OP PLL (0x0310 = 1) runs outside of 1.2 to 2.1 GHz. Value: Hz, limit: the bound.
    OpPllOutOfRange => "op-pll-out-of-range",
    /// More than 2.1 Gbps per lane. Value and limit: bps.
    LaneRateTooHigh => "lane-rate-too-high",
    /// REQ_LINK_BIT_RATE (0x0820) is not lanes times lane rate. Value (written) and limit
    /// (computed): Mbps in 16.16 fixed point.
    LinkBitRateWrong => "link-bit-rate-wrong",
    /// DPHY_CTRL (0x0808) is neither 0 nor, with a timing that a public program has at this lane rate, 2.
    /// Value: address of the register, limit: its value.
    DphyTimingWrong => "dphy-timing-wrong",
    /// CSI_LANE_MODE (0x0114) is neither 1 (two lanes) nor 3 (four). Value: the register.
    LaneModeInvalid => "lane-mode-invalid",
    /// CSI_DT_FMT (0x0112, 0x0113) names no depth that the sensor outputs. Value: the register.
    CsiFormatInvalid => "csi-format-invalid",
    /// IOP_PXCK_DIV (0x0309) is not the output depth. Value: the register, limit: the depth.
    OpPixelDividerWrong => "op-pixel-divider-wrong",
    /// ADBIT_MODE (0x3F0D) does not fit the output depth. Value: the register, limit: the depth.
    AdcDepthWrong => "adc-depth-wrong",
    /// The line ends before the link has carried it. Value and limit: pck.
    LineTooShortForLink => "line-too-short-for-link",
    /// The line ends before the ADC has converted it. Value and limit: pck.
    LineTooShortForAdc => "line-too-short-for-adc",
    /// Fewer than 52 lines of vertical blanking. Value and limit: lines.
    FrameTooShort => "frame-too-short",
    /// Coarse integration time of zero lines.
    ExposureZero => "exposure-zero",
    /// Coarse integration time above frame length - 22. Value and limit: lines.
    ExposureBeyondFrame => "exposure-beyond-frame",
    /// CIT_LSHIFT or FLL_LSHIFT (0x3100, 0x3210) above 7. Value: the register.
    LengthShiftInvalid => "length-shift-invalid",
    /// Analogue gain code above 978. Value and limit: code.
    AnalogueGainInvalid => "analogue-gain-invalid",
    /// A digital gain below 0x0100 (1x). Value and limit: code.
    DigitalGainInvalid => "digital-gain-invalid",
    /// TP_MODE above 4. Value: the register.
    TestPatternInvalid => "test-pattern-invalid",
    /// The manual black level (0x3032) is above what FRAMOS' driver writes. Value and limit: on the
    /// scale of 12 bits.
    BlackLevelInvalid => "black-level-invalid",
    /// MAP_COUP_CORR_EN and SING_DEF_CORR_EN (0x0B05, 0x0B06) are not both 0 or both 1. Value: both.
    DefectCorrectionInvalid => "defect-correction-invalid",
    /// MC_MODE, MASTER_SLAVE_SEL, XVS_IO_CTRL and EXTOUT_EN (0x3F0B, 0x3041, 0x3040, 0x4B81) make no
    /// role together. Value: the four registers, one byte each.
    SyncRoleInvalid => "sync-role-invalid",
    /// The strobe is triggered (0x0C1B) with a mode, width, multiplier or delay that no public source has.
    /// Value: address of the register, limit: its value.
    StrobeInvalid => "strobe-invalid",
    /// The analogue crop ends outside of the active array or before it starts. Value: last
    /// column or row, limit: the bound.
    CropOutsideArray => "crop-outside-array",
    /// The analogue crop does not start and end on a whole Bayer (binned: double Bayer) cell.
    /// Value: first column or row, limit: size.
    CropMisaligned => "crop-misaligned",
    /// Sub-sampling increments (0x0381 to 0x0387) other than 1. Value: address of the register.
    SubsamplingUnsupported => "subsampling-unsupported",
    /// BINNING_MODE (0x0900) or BINNING_TYPE (0x0901) has no known meaning. Value: both.
    BinningInvalid => "binning-invalid",
    /// SCALE_MODE (0x0401) above 2 or SCALE_M (0x0404) below 16. Value: mode, limit: M.
    ScalerInvalid => "scaler-invalid",
    /// The digital crop leaves the (binned) analogue crop. Value: right or bottom, limit: size.
    DigitalCropOutside => "digital-crop-outside",
    /// The digital crop does not start and end on a whole Bayer cell. Value: offset, limit: size.
    DigitalCropMisaligned => "digital-crop-misaligned",
    /// X_OUT_SIZE or Y_OUT_SIZE is not what crop, binning and scaling give. Value and limit:
    /// pixels.
    OutputSizeWrong => "output-size-wrong",
    /// A register of the manufacturer's global block has not its value. Value: address, limit:
    /// the value expected.
    GlobalBlockWrong => "global-block-wrong",
    /// A manufacturer register that follows the readout has not its value. Value: address,
    /// limit: the value expected.
    ReadoutBlockWrong => "readout-block-wrong",
    /// DOL-HDR is enabled (0x00E3), which this model does not show.
    DolNotEmulated => "dol-not-emulated",
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One broken rule with the figures that broke it.
///
/// The meaning of `value` and `limit` is given with each [`Violation`]; a rule without figures
/// has zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub violation: Violation,
    /// The value found.
    pub value: u64,
    /// The correct value, or the bound that was crossed.
    pub limit: u64,
}

impl Finding {
    /// Creates a finding with its figures.
    pub const fn new(violation: Violation, value: u64, limit: u64) -> Self {
        Self {
            violation,
            value,
            limit,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: value {} ({:#x}), limit {} ({:#x})",
            self.violation.name(),
            self.value,
            self.value,
            self.limit,
            self.limit
        )
    }
}

/// Number of violations of each rule since the model was created or the counts were cleared.
#[derive(Clone, Debug)]
pub struct Violations {
    counts: [u32; RULES],
    last: Option<Finding>,
}

impl Violations {
    pub(super) const fn new() -> Self {
        Self {
            counts: [0; RULES],
            last: None,
        }
    }

    pub(super) fn record(&mut self, finding: Finding) {
        if let Some(count) = self.counts.get_mut(finding.violation as usize) {
            *count = count.saturating_add(1);
        }
        self.last = Some(finding);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Returns how often `violation` happened.
    pub fn count(&self, violation: Violation) -> u32 {
        self.counts.get(violation as usize).copied().unwrap_or(0)
    }

    /// Returns how often any rule was broken.
    pub fn total(&self) -> u32 {
        self.counts.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Returns the rules that were broken, with their counts, in the order of [`Violation::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Violation, u32)> + '_ {
        Violation::ALL
            .iter()
            .map(|violation| (*violation, self.count(*violation)))
            .filter(|(_, count)| *count > 0)
    }

    /// Returns the newest finding.
    pub fn last(&self) -> Option<Finding> {
        self.last
    }
}
