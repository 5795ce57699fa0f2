// SPDX-License-Identifier: GPL-2.0-only

//! Test patterns, which the sensor generates.

/// A test pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TestPattern {
    /// None: the scene.
    #[default]
    Off,
    /// One colour, given by [`TestColours`].
    Solid,
    /// Eight bars of full colour.
    ColourBars,
    /// Eight bars that fade to grey.
    FadeToGrey,
    /// A pseudo-random sequence (PN9).
    Pn9,
}

impl TestPattern {
    /// All of them, in the order of the register's values.
    pub const ALL: [Self; 5] = [
        Self::Off,
        Self::Solid,
        Self::ColourBars,
        Self::FadeToGrey,
        Self::Pn9,
    ];

    /// Returns the pattern with this register value, or `None` for unused values.
    pub fn new(code: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    /// Returns the register value, which is the index in [`Self::ALL`].
    pub const fn code(self) -> u16 {
        match self {
            Self::Off => 0,
            Self::Solid => 1,
            Self::ColourBars => 2,
            Self::FadeToGrey => 3,
            Self::Pn9 => 4,
        }
    }
}

/// Component of the solid test pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Red.
    Red,
    /// Green in the lines of red.
    GreenRed,
    /// Blue.
    Blue,
    /// Green in the lines of blue.
    GreenBlue,
}

/// Colour of the solid test pattern; each component is 0 to [`TestColours::MAX`] at all depths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestColours {
    red: u16,
    green_red: u16,
    blue: u16,
    green_blue: u16,
}

impl TestColours {
    /// Largest component, on the scale of 12 bits.
    pub const MAX: u16 = 0x0fff;
    /// All components at their largest.
    pub const WHITE: Self = Self {
        red: Self::MAX,
        green_red: Self::MAX,
        blue: Self::MAX,
        green_blue: Self::MAX,
    };

    /// Returns the component of `channel`, 0 to [`TestColours::MAX`].
    pub const fn get(&self, channel: Channel) -> u16 {
        match channel {
            Channel::Red => self.red,
            Channel::GreenRed => self.green_red,
            Channel::Blue => self.blue,
            Channel::GreenBlue => self.green_blue,
        }
    }

    /// Sets the component of `channel`, clamped to [`TestColours::MAX`].
    pub fn set(&mut self, channel: Channel, value: u16) {
        *match channel {
            Channel::Red => &mut self.red,
            Channel::GreenRed => &mut self.green_red,
            Channel::Blue => &mut self.blue,
            Channel::GreenBlue => &mut self.green_blue,
        } = value.min(Self::MAX);
    }
}
