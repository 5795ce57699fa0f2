// SPDX-License-Identifier: GPL-2.0-only

//! Exact rates: a fraction of two 64-bit integers.

/// A rate in Hz. The denominator is never 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    num: u64,
    den: u64,
}

impl Ratio {
    /// `num / den`, or `None` if either is 0: a clock that stands still.
    pub(super) const fn new(num: u64, den: u64) -> Option<Self> {
        if num == 0 || den == 0 {
            return None;
        }
        Some(Self { num, den })
    }

    /// This rate times `num / den`.
    pub(super) fn scale(self, num: u64, den: u64) -> Option<Self> {
        Self::new(self.num.checked_mul(num)?, self.den.checked_mul(den)?)
    }

    /// Half of this rate.
    pub(super) const fn half(self) -> Self {
        Self {
            num: self.num,
            den: self.den.saturating_mul(2),
        }
    }

    /// The nearest integer.
    pub(super) const fn round(self) -> u64 {
        self.num.saturating_add(self.den / 2) / self.den
    }

    /// Above `hz`?
    pub(super) const fn exceeds(self, hz: u64) -> bool {
        self.num as u128 > hz as u128 * self.den as u128
    }

    /// Below `hz`?
    pub(super) const fn falls_short_of(self, hz: u64) -> bool {
        (self.num as u128) < hz as u128 * self.den as u128
    }

    /// How long `cycles` periods last, in ns, rounded down; saturates.
    pub(super) fn duration_ns(self, cycles: u64) -> u64 {
        mul_div(cycles.saturating_mul(self.den), 1_000_000_000, self.num)
    }
}

/// `a * b / c` without overflow in between, rounded down; saturates. `c` is not 0 and is below
/// 2^63; else the result is `u64::MAX`.
///
/// Long multiplication by the bits of `b`: the kernel links no 128-bit division.
pub(super) fn mul_div(a: u64, b: u64, c: u64) -> u64 {
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
