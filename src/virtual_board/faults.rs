// SPDX-License-Identifier: GPL-2.0-only

//! Failures of the bus, on demand.

use kernel::prelude::*;

/// A way in which an I2C message fails. The errors are those of Documentation/i2c/fault-codes.rst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The address is not acknowledged: `ENXIO`.
    Nack,
    /// The clock is held low for too long: `ETIMEDOUT`.
    Timeout,
    /// Another master wins the bus: `EAGAIN`.
    Arbitration,
    /// The controller reports an error: `EIO`. Nothing of the message has arrived.
    Io,
    /// As [`FaultKind::Io`], but the first half of the message has arrived.
    Partial,
}

impl FaultKind {
    const ALL: &'static [(&'static str, Self)] = &[
        ("nack", Self::Nack),
        ("timeout", Self::Timeout),
        ("arbitration", Self::Arbitration),
        ("eio", Self::Io),
        ("partial", Self::Partial),
    ];

    /// Returns the kind of this name: `nack`, `timeout`, `arbitration`, `eio` or `partial`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }

    /// Returns the name that [`FaultKind::from_name`] takes.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| *name)
    }

    /// Returns the error of the transfer.
    pub fn error(self) -> Error {
        match self {
            Self::Nack => ENXIO,
            Self::Timeout => ETIMEDOUT,
            Self::Arbitration => EAGAIN,
            Self::Io | Self::Partial => EIO,
        }
    }
}

/// Messages of which every Nth fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EveryNth {
    messages: u32,
    left: u32,
    kind: FaultKind,
}

impl EveryNth {
    /// Returns a failure of the last one of every `messages`; `None` if that is 0.
    pub(super) fn new(messages: u32, kind: FaultKind) -> Option<Self> {
        (messages > 0).then_some(Self {
            messages,
            left: messages,
            kind,
        })
    }

    /// Returns the number of messages per failure.
    pub fn messages(&self) -> u32 {
        self.messages
    }

    /// The kind of the failure.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Counts a message, and returns how it fails if it does.
    pub(super) fn count(&mut self) -> Option<FaultKind> {
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return None;
        }
        self.left = self.messages;
        Some(self.kind)
    }
}

/// A failure to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counts down: 1 is the next message, 0 each one from now on.
    pub message: u32,
    /// The kind of the failure.
    pub kind: FaultKind,
}

impl Fault {
    /// Parses what a user writes: `N kind`, or `off` for no failure.
    pub(super) fn parse(text: &str) -> Result<Option<Self>> {
        let text = text.trim();
        if text == "off" {
            return Ok(None);
        }
        let (message, kind) = text.split_once(' ').ok_or(EINVAL)?;
        let message = message.parse().map_err(|_| EINVAL)?;
        let kind = FaultKind::from_name(kind.trim()).ok_or(EINVAL)?;
        if message == 0 {
            return Err(EINVAL);
        }
        Ok(Some(Self { message, kind }))
    }

    /// Counts a message: whether it is the one that fails, and what is still to come.
    pub(super) fn count(self) -> (Option<FaultKind>, Option<Self>) {
        match self.message {
            0 => (Some(self.kind), Some(self)),
            1 => (Some(self.kind), None),
            message => {
                let message = message.saturating_sub(1);
                (None, Some(Self { message, ..self }))
            }
        }
    }
}
