// SPDX-License-Identifier: GPL-2.0-only

//! Ranges of values.

/// The valid range of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Smallest value.
    pub min: u32,
    /// Largest value.
    pub max: u32,
    /// Distance between valid values.
    pub step: u32,
    /// Default value.
    pub default: u32,
}

impl Limits {
    /// Off (0) and on (1), off by default.
    pub const OFF: Self = Self::new(0, 1, 0);
    /// Off (0) and on (1), on by default.
    pub const ON: Self = Self::new(0, 1, 1);
    /// Returns the limits of all values from `min` to `max`.
    pub(super) const fn new(min: u32, max: u32, default: u32) -> Self {
        Self {
            min,
            max,
            step: 1,
            default,
        }
    }

    /// Returns the valid value nearest to `value`; the larger one of two equally near.
    pub fn nearest(&self, value: u32) -> u32 {
        let offset = value.max(self.min).min(self.max).saturating_sub(self.min);
        let span = self.max.saturating_sub(self.min);
        let whole = |offset: u32| offset.saturating_sub(offset.checked_rem(self.step).unwrap_or(0));
        let nearest = whole(offset.saturating_add(self.step / 2)).min(whole(span));
        self.min.saturating_add(nearest)
    }

    /// Returns whether `value` is valid.
    pub fn holds(&self, value: u32) -> bool {
        let offset = value.wrapping_sub(self.min);
        (self.min..=self.max).contains(&value) && offset.checked_rem(self.step).unwrap_or(0) == 0
    }
}
