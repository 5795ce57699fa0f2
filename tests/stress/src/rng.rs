// SPDX-License-Identifier: GPL-2.0-only

//! Random numbers that a seed repeats: xorshift64*.

#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        // A state of zero would stay zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below `limit`, 0 if that is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        // The upper bits are the better ones.
        (self.next() >> 16).checked_rem(limit).unwrap_or(0)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Returns a number as programs get them wrong: small, at a border of its type, or anything.
    pub fn nasty(&mut self) -> u32 {
        match self.below(6) {
            0 => self.below(8) as u32,
            1 => u32::MAX - self.below(4) as u32,
            2 => i32::MAX as u32 ^ self.below(4) as u32,
            3 => 1 << self.below(32),
            4 => self.below(10_000) as u32,
            _ => self.next() as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_numbers_and_others_do_not() {
        let of = |seed| {
            let mut rng = Rng::new(seed);
            (0..100).map(|_| rng.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        assert!(of(7).iter().any(|n| *n >= 500) && of(7).iter().any(|n| *n < 500));
    }
}
