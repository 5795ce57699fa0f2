// SPDX-License-Identifier: GPL-2.0-only

//! Arithmetic that cannot panic, and that the compiler knows not to panic.

use core::num::NonZero;

/// Returns `value`, at least 1, as a divisor that needs no check.
pub(super) fn at_least_one(value: u64) -> NonZero<u64> {
    NonZero::new(value).unwrap_or(NonZero::<u64>::MIN)
}

/// Returns `dividend / divisor` rounded up; the divisor is 1 at least.
pub(super) fn div_ceil(dividend: u64, divisor: u64) -> u64 {
    let divisor = at_least_one(divisor);
    // A rest needs a divisor of 2 or more, with which there is room above the quotient.
    (dividend / divisor).saturating_add(u64::from(dividend % divisor > 0))
}

/// Returns `dividend / divisor` rounded to the nearest; the divisor is 1 at least.
pub(super) fn round_div(dividend: u64, divisor: u64) -> u64 {
    dividend.saturating_add(divisor / 2) / at_least_one(divisor)
}

/// Returns the smallest multiple of `step` that is not below `value`, or the largest `u32`; the
/// step is 1 at least.
pub(super) fn up_to_multiple(value: u32, step: u32) -> u32 {
    match value.checked_rem(step) {
        None | Some(0) => value,
        Some(rest) => value.saturating_add(step.saturating_sub(rest)),
    }
}

/// Returns `value`, or the largest `u32` if that is less.
pub(super) fn saturating_u32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Returns the greatest common divisor; 0 only of two zeros.
pub(super) fn gcd(mut a: u64, mut b: u64) -> u64 {
    while let Some(divisor) = NonZero::new(b) {
        (a, b) = (b, a % divisor);
    }
    a
}
