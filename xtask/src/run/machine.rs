// SPDX-License-Identifier: GPL-2.0-only

//! A guest with the virtual board: modules built, overlay merged, scene in place.

use super::setup::Environment;
use crate::env::command;
use crate::env::once::Once;
use crate::guest::applications;
use crate::guest::dtb;
use crate::guest::initramfs::Initramfs;
use crate::guest::qemu::{Guest, Pace};
use crate::kernel::modules;
use crate::kernel::release::Series;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Copies modules, `$2` and on, into the folder `$1`, without debug information.
const STRIP: &str = r#"
set -e
folder=$1
shift
for module; do
    aarch64-linux-gnu-strip --strip-debug -o "$folder/${module##*/}" "$module"
done
"#;

/// The overlay that demo guests boot with.
pub const OVERLAY: &str = "dts/qemu-virt-cam0-4lane.dtso";
/// The same board with a receiver that libcamera takes.
pub const WITH_APPLICATIONS: &str = "dts/qemu-virt-cam0-applications.dtso";

/// The modules for each series of kernels.
static MODULES: Once<Series, Vec<PathBuf>> = Once::new();

/// The system of a guest, independent of its board.
#[derive(Debug, Clone)]
pub struct System {
    /// The kernel's `Image` or `vmlinuz`.
    pub kernel: PathBuf,
    /// Its `uname -r`.
    pub release: String,
    /// Prepared archives of its first root file system.
    pub archives: Vec<PathBuf>,
    /// The project's modules.
    pub modules: Vec<PathBuf>,
    /// Programs of the project.
    pub programs: Vec<PathBuf>,
    /// The guest's clock.
    pub pace: Pace,
    /// A disk with applications, in which the script runs.
    pub disk: Option<PathBuf>,
}

impl System {
    /// Debian's kernel, with the modules built; its time goes on with its instructions, so that what the host does
    /// meanwhile changes nothing.
    ///
    /// # Errors
    ///
    /// They do not build.
    pub fn debian(environment: &Environment) -> Result<Self> {
        let found = &environment.found;
        Ok(Self {
            kernel: found.binaries.join("vmlinuz"),
            release: found.release.name.clone(),
            archives: found.archives.clone(),
            modules: modules_of(environment)?,
            programs: Vec::new(),
            pace: Pace::Instructions,
            disk: None,
        })
    }

    /// Returns the same, with libcamera, GStreamer, OpenCV and Python.
    ///
    /// # Errors
    ///
    /// As [`Self::debian`], or the packages cannot be had.
    pub fn with_applications(environment: &Environment) -> Result<Self> {
        let disk = applications::prepare(&environment.paths, &environment.tree)?;
        Ok(Self {
            disk: Some(disk),
            ..Self::debian(environment)?
        })
    }
}

/// A virtual machine with a virtual board: all that a guest boots from.
#[derive(Debug)]
pub struct Machine<'a> {
    environment: &'a Environment,
    system: System,
    dtb: PathBuf,
    forward: Option<u16>,
}

impl<'a> Machine<'a> {
    /// Builds the modules and the device tree.
    ///
    /// # Errors
    ///
    /// Either does not build.
    pub fn prepare(environment: &'a Environment) -> Result<Self> {
        Self::with_overlays(environment, &[OVERLAY])
    }

    /// Returns the same with other overlays than the demo's, applied one after the other.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`].
    pub fn with_overlays(
        environment: &'a Environment,
        overlays: &[impl AsRef<Path>],
    ) -> Result<Self> {
        Self::running(System::debian(environment)?, environment, overlays)
    }

    /// Returns the same with a system of its own.
    ///
    /// # Errors
    ///
    /// The device tree does not build.
    pub fn running(
        system: System,
        environment: &'a Environment,
        overlays: &[impl AsRef<Path>],
    ) -> Result<Self> {
        let Environment { paths, tree, found } = environment;
        let dtb = dtb::with_overlays(paths, tree, system.pace, &found.source, overlays)?;
        Ok(Self {
            environment,
            system,
            dtb,
            forward: None,
        })
    }

    /// Returns the same board with other modules: those of `modules` take the place of ones of the
    /// same name.
    #[must_use]
    pub fn with_modules(mut self, modules: Vec<PathBuf>) -> Self {
        self.system.modules.retain(|built| {
            modules
                .iter()
                .all(|new| new.file_name() != built.file_name())
        });
        self.system.modules.extend(modules);
        self
    }

    /// Returns the same board with a port of the host's 127.0.0.1 that leads to the guest's 8080.
    #[must_use]
    pub fn forwarding(mut self, port: u16) -> Self {
        self.forward = Some(port);
        self
    }

    /// Boots a guest that runs `script`, with the board bound if `bound`; files it puts into /out
    /// come to `share`. Its output goes to `output.log` beside the initial file system in
    /// `build/<name>/`, every line to `seen`. Returns the script's exit status.
    ///
    /// # Errors
    ///
    /// See [`Guest::run`].
    pub fn run(&self, job: &Job, seen: impl FnMut(&str)) -> Result<u8> {
        let Environment { paths, tree, .. } = self.environment;
        let (initramfs, console) = self.files(job)?;
        let guest = self.guest(job, &initramfs, &console, self.parameters());
        guest.run(
            paths,
            tree,
            &paths.build(&format!("logs/{}-output.log", job.name))?,
            seen,
        )
    }

    /// Boots a guest with a shell on the user's terminal.
    ///
    /// # Errors
    ///
    /// See [`Guest::interact`].
    pub fn interact(&self, job: &Job) -> Result<u8> {
        let Environment { paths, tree, .. } = self.environment;
        let (initramfs, console) = self.files(job)?;
        let parameters = format!("{} {}", self.parameters(), terminal_size());
        self.guest(job, &initramfs, &console, &parameters)
            .interact(paths, tree)
    }

    /// Words that tell the guest's init what to prepare.
    fn parameters(&self) -> &'static str {
        match self.system.disk {
            Some(_) => "guest.board guest.applications",
            None => "guest.board",
        }
    }

    /// Returns the modules that the guest gets.
    pub fn modules(&self) -> &[PathBuf] {
        &self.system.modules
    }

    fn files(&self, job: &Job) -> Result<(PathBuf, PathBuf)> {
        let paths = &self.environment.paths;
        let system = &self.system;
        let mut initramfs = Initramfs::new(paths, &system.archives)?;
        initramfs.modules(&system.release, &self.stripped(&job.name)?)?;
        initramfs.programs(&system.programs)?;
        if let Some(script) = &job.script {
            initramfs.job(script)?;
        }
        if let Some(scene) = &job.scene {
            initramfs.firmware("fsm-imx412/scene.raw", scene)?;
        }
        let file = paths.build(&format!("initramfs/{}.cpio", job.name))?;
        initramfs.write(&file)?;
        Ok((
            file,
            paths.build(&format!("logs/{}-console.log", job.name))?,
        ))
    }

    /// Returns the modules without what is for debuggers: 12 MB, which each guest would unpack and
    /// index.
    fn stripped(&self, name: &str) -> Result<Vec<PathBuf>> {
        let Environment { paths, tree, .. } = self.environment;
        let folder = paths.empty_build_dir(&format!("initramfs/{name}"))?;
        let mut strip = tree.command(&paths.repo, "sh")?;
        strip
            .args(["-c", STRIP, "strip"])
            .arg(&folder)
            .args(&self.system.modules);
        command::output(&mut strip)?;
        self.system
            .modules
            .iter()
            .map(|module| {
                let name = module.file_name().context("a module without a name")?;
                Ok(folder.join(name))
            })
            .collect()
    }

    fn guest<'b>(
        &'b self,
        job: &'b Job,
        initramfs: &'b Path,
        console: &'b Path,
        parameters: &'b str,
    ) -> Guest<'b> {
        Guest {
            kernel: &self.system.kernel,
            initramfs,
            dtb: Some(&self.dtb),
            parameters,
            share: Some(&job.share),
            disk: self.system.disk.as_deref(),
            console,
            forward: self.forward,
            limit: job.limit,
            pace: self.system.pace,
        }
    }
}

/// Returns the size of the user's terminal for the guest's init, as a serial line does not transmit
/// it.
fn terminal_size() -> String {
    match rustix::termios::tcgetwinsize(std::io::stdout()) {
        Ok(size) if size.ws_row > 0 && size.ws_col > 0 => {
            format!("guest.rows={} guest.columns={}", size.ws_row, size.ws_col)
        }
        _ => String::new(),
    }
}

/// A job for a guest.
#[derive(Debug)]
pub struct Job {
    /// Names its files below build/.
    pub name: String,
    /// The script it runs; a shell if there is none.
    pub script: Option<Vec<u8>>,
    /// Scene of the emulated sensor; `None` for its built-in one.
    pub scene: Option<Vec<u8>>,
    /// The folder that the guest sees as /out.
    pub share: PathBuf,
    /// After which time it counts as hanging.
    pub limit: Duration,
}

/// Returns the modules, built if this run of the program has not done so yet.
///
/// # Errors
///
/// They do not build.
pub fn modules_of(environment: &Environment) -> Result<Vec<PathBuf>> {
    let found = &environment.found;
    MODULES.get(found.release.series, || {
        modules::build(environment, &found.metadata, "modules", &[])
    })
}
