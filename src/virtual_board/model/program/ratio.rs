// SPDX-License-Identifier: GPL-2.0-only

//! Exact rates: a fraction of two 64-bit integers.

use core::{
    cmp::Ordering,
    num::NonZeroU64, //
};

/// A rate in Hz, above 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    num: NonZeroU64,
    den: NonZeroU64,
}

impl Ratio {
    /// `num / den`, or `None` if either is 0: a clock that stands still.
    pub(crate) fn new(num: u64, den: u64) -> Option<Self> {
        Some(Self {
            num: NonZeroU64::new(num)?,
            den: NonZeroU64::new(den)?,
        })
    }

    /// This rate times `num / den`.
    pub(crate) fn scale(self, num: u64, den: u64) -> Option<Self> {
        Self::new(
            self.num.get().checked_mul(num)?,
            self.den.get().checked_mul(den)?,
        )
    }

    /// Returns the nearest integer.
    pub(crate) fn round(self) -> u64 {
        self.num.get().saturating_add(self.den.get() / 2) / self.den
    }

    /// Returns the nearest integer to half of this rate.
    pub(crate) fn half(self) -> u64 {
        self.num.get().saturating_add(self.den.get()) / self.den / 2
    }

    /// Returns how this rate compares with `hz`.
    pub(crate) fn cmp_hz(self, hz: u64) -> Ordering {
        let (num, den) = (self.num.get(), self.den);
        (num / den).cmp(&hz).then((num % den).cmp(&0))
    }

    /// Returns how long `cycles` periods last, in ns, rounded down; saturates.
    pub(crate) fn duration_ns(self, cycles: u64) -> u64 {
        let cycles = cycles.saturating_mul(self.den.get());
        mul_div(cycles, 1_000_000_000, self.num.get())
    }
}

/// `a * b / c` without overflow in between, rounded down; saturates. `c` is not 0 and is below
/// 2^63; else the result is `u64::MAX`.
///
/// Long multiplication by the bits of `b`: the kernel links no 128-bit division.
pub(crate) fn mul_div(a: u64, b: u64, c: u64) -> u64 {
    let (Some(whole), Some(part)) = (a.checked_div(c), a.checked_rem(c)) else {
        return u64::MAX;
    };
    if c > u64::MAX / 2 {
        return u64::MAX;
    }
    let (mut quotient, mut remainder) = (0u64, 0u64);
    for bit in (0..u64::BITS.saturating_sub(b.leading_zeros())).rev() {
        quotient = quotient.saturating_mul(2);
        // Both remainders are below c, so their sums are below 2^64.
        (quotient, remainder) = carry(quotient, remainder.saturating_mul(2), c);
        if b >> bit & 1 == 1 {
            quotient = quotient.saturating_add(whole);
            (quotient, remainder) = carry(quotient, remainder.saturating_add(part), c);
        }
    }
    quotient
}

const fn carry(quotient: u64, remainder: u64, c: u64) -> (u64, u64) {
    if remainder >= c {
        (quotient.saturating_add(1), remainder.saturating_sub(c))
    } else {
        (quotient, remainder)
    }
}
