// SPDX-License-Identifier: GPL-2.0-only

//! Operations of a camera.

use crate::camera::Camera;
use std::io;

/// An operation that is repeated with failures at each step.
pub trait Operation {
    fn name(&self) -> &'static str;

    /// Returns the module whose calls fail; `None` for those of all callers.
    fn module(&self) -> Option<&'static str> {
        Some("fsm_imx412")
    }

    /// Returns the function of the kernel that calls into the module, if it serves this operation only.
    fn entry(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether it allocates nothing.
    fn needs_no_memory(&self) -> bool {
        false
    }

    /// Returns whether the kernel registers device nodes for it.
    fn makes_nodes(&self) -> bool {
        false
    }

    fn camera(&self) -> &Camera;

    /// Prepares the operation.
    fn prepare(&mut self) -> Result<(), String>;

    /// Performs the operation.
    fn act(&mut self) -> io::Result<()>;

    /// Checks that it works without failures, whether it succeeded (`done`) or not, and undoes it.
    fn settle(&mut self, done: bool) -> Result<(), String>;
}
