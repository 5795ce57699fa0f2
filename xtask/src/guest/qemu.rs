// SPDX-License-Identifier: GPL-2.0-only

//! Boots guests. The kernel's console goes to a log; a script's output goes through a second,
//! virtual console, so that neither tears the other's lines apart.

use crate::env::command;
use crate::env::paths::Paths;
use crate::env::tree::Tree;
use anyhow::{bail, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Text of the guest's init on the kernel's console when its script has ended, before the exit
/// status.
const STATUS: &str = "guest: status ";
/// Its text when it starts.
const STARTED: &str = "guest: started";
/// Exit status of timeout(1) when it had to end the program.
const TIMED_OUT: i32 = 124;
/// On a busy machine the board's module comes later than the kernel waits for drivers. It would then give up the
/// links by which regulators go before the board that switches them, for good.
const PATIENT: &str = "deferred_probe_timeout=-1";
/// Lines of the console that an error message repeats.
const QUOTED_LINES: usize = 15;

/// The clock of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As the host's does.
    Host,
    /// By a nanosecond with each instruction, and to the next timer when there is nothing to do (without a
    /// disk): what takes no longer than before is the same, whatever else the host does. One processor.
    Instructions,
}

/// One guest to boot.
#[derive(Debug)]
pub struct Guest<'a> {
    /// The kernel's `Image` or `vmlinuz`.
    pub kernel: &'a Path,
    /// Its first root file system.
    pub initramfs: &'a Path,
    /// The machine's device tree with the overlay merged in; QEMU's own if there is none.
    pub dtb: Option<&'a Path>,
    /// Additions to the kernel's command line.
    pub parameters: &'a str,
    /// The folder that the guest sees as `/out`.
    pub share: Option<&'a Path>,
    /// A disk with more programs, which is not written to.
    pub disk: Option<&'a Path>,
    /// File for the kernel's console.
    pub console: &'a Path,
    /// A port of the host's 127.0.0.1 that leads to the guest's 8080.
    pub forward: Option<u16>,
    /// After which time a guest counts as hanging.
    pub limit: Duration,
    /// Its clock.
    pub pace: Pace,
}

/// QEMU with the machine that guests of that pace have; with `dump`, it writes that machine's device
/// tree and ends.
///
/// # Errors
///
/// The tree cannot be entered.
pub fn machine(paths: &Paths, tree: &Tree, pace: Pace, dump: Option<&Path>) -> Result<Command> {
    let mut qemu = tree.command(&paths.repo, "qemu-system-aarch64")?;
    Processor::of_host(paths, tree, pace)?.hardware(&mut qemu, dump);
    Ok(qemu)
}

/// The processor of guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Processor {
    /// QEMU, on any host.
    Interpreted,
    /// The same, which counts them.
    Counted,
    /// An arm64 host's own, by KVM.
    Host,
}

impl Processor {
    /// Returns the fastest one that this host has for the pace. Whoever may use KVM outside of the
    /// Debian tree need not inside: groups are left at its door.
    fn of_host(paths: &Paths, tree: &Tree, pace: Pace) -> Result<Self> {
        Self::choose(std::env::consts::ARCH, pace, || {
            let mut test = tree.command(&paths.repo, "test")?;
            Ok(test.args(["-w", "/dev/kvm"]).status()?.success())
        })
    }

    fn choose(host: &str, pace: Pace, may_use_kvm: impl FnOnce() -> Result<bool>) -> Result<Self> {
        Ok(match pace {
            Pace::Instructions => Self::Counted,
            Pace::Host if host == "aarch64" && may_use_kvm()? => Self::Host,
            Pace::Host => Self::Interpreted,
        })
    }

    /// Arguments for the machine, the accelerator and the processor. The interrupt controller has to
    /// be of the host's version where the host's is used.
    fn hardware(self, command: &mut Command, dump: Option<&Path>) {
        let dump = dump.map_or(String::new(), |file| format!(",dumpdtb={}", file.display()));
        let (machine, arguments): (&str, &[&str]) = match self {
            Self::Interpreted => (
                "virt",
                &["-accel", "tcg,thread=multi", "-cpu", "cortex-a57"],
            ),
            Self::Counted => (
                "virt",
                &["-accel", "tcg,thread=single", "-cpu", "cortex-a57"],
            ),
            Self::Host => ("virt,gic-version=host", &["-accel", "kvm", "-cpu", "host"]),
        };
        command.arg("-machine").arg(format!("{machine}{dump}"));
        command.args(arguments).args(["-smp", "2", "-m", "2G"]);
        // The network card of this machine needs a ROM that nothing else here does.
        command.args(["-nic", "none"]);
    }
}

impl Guest<'_> {
    /// Boots the guest and runs its script to the end; `seen` gets every line of the script's
    /// output, which also goes to the file `log`. Returns the script's exit status.
    ///
    /// # Errors
    ///
    /// The guest does not boot, dies before its script ends, or takes longer than its limit.
    pub fn run(
        &self,
        paths: &Paths,
        tree: &Tree,
        log: &Path,
        seen: impl FnMut(&str),
    ) -> Result<u8> {
        let mut command = tree.command(&paths.repo, "timeout")?;
        command
            .args(["--foreground", "--kill-after=5"])
            .arg(self.limit.as_secs().to_string())
            .arg("qemu-system-aarch64");
        self.devices(&mut command, Processor::of_host(paths, tree, self.pace)?);
        crate::env::paths::remove(self.console)?;
        let status = command::each_line(&mut command, log, seen)?;
        if status.code() == Some(TIMED_OUT) {
            bail!(
                "the guest did not end within {} s: its console is in {}, its script's output in {}",
                self.limit.as_secs(),
                self.console.display(),
                log.display()
            );
        }
        self.verdict(log)
    }

    /// Boots the guest with the user's terminal as its console. Returns the shell's exit status.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub fn interact(&self, paths: &Paths, tree: &Tree) -> Result<u8> {
        let mut command = tree.command(&paths.repo, "qemu-system-aarch64")?;
        self.devices(&mut command, Processor::of_host(paths, tree, self.pace)?);
        crate::env::paths::remove(self.console)?;
        command.status().context("cannot run QEMU")?;
        self.verdict(self.console)
    }

    fn devices(&self, command: &mut Command, processor: Processor) {
        processor.hardware(command, None);
        if processor == Processor::Counted {
            // While the guest waits for its disk there is nothing to do either: leaping, it would be minutes
            // later when the disk answers.
            let idle = if self.disk.is_some() { "on" } else { "off" };
            command.args(["-icount", &format!("shift=0,sleep={idle}")]);
        }
        command.args(["-display", "none", "-monitor", "none", "-no-reboot"]);
        command
            .arg("-kernel")
            .arg(self.kernel)
            .arg("-initrd")
            .arg(self.initramfs);
        if let Some(dtb) = self.dtb {
            command.arg("-dtb").arg(dtb);
        }
        command.arg("-append").arg(format!(
            "console=ttyAMA0 panic=-1 quiet loglevel=5 {PATIENT} {} {}",
            match self.pace {
                Pace::Host => "",
                Pace::Instructions => "maxcpus=1",
            },
            self.parameters
        ));
        command
            .arg("-serial")
            .arg(format!("file:{}", self.console.display()));
        command.args([
            "-device",
            "virtio-serial-pci",
            "-chardev",
            "stdio,id=script,signal=off",
        ]);
        command.args(["-device", "virtconsole,chardev=script"]);
        if let Some(disk) = self.disk {
            command.arg("-drive").arg(format!(
                "file={},format=raw,if=none,id=disk,readonly=on",
                disk.display()
            ));
            command.args(["-device", "virtio-blk-pci,drive=disk"]);
        }
        if let Some(port) = self.forward {
            command
                .arg("-netdev")
                .arg(format!("user,id=net,hostfwd=tcp:127.0.0.1:{port}-:8080"))
                // The ROM is for booting from it.
                .args(["-device", "virtio-net-pci,netdev=net,romfile="]);
        }
        if let Some(share) = self.share {
            command.arg("-virtfs").arg(format!(
                "local,path={},mount_tag=out,security_model=none",
                share.display()
            ));
        }
    }

    fn verdict(&self, log: &Path) -> Result<u8> {
        let console =
            String::from_utf8_lossy(&fs::read(self.console).unwrap_or_default()).into_owned();
        if let Some(status) = script_status(&console) {
            return Ok(status);
        }
        let (what, shown): (&str, PathBuf) = if console.contains(STARTED) {
            (
                "the guest died before its script ended",
                self.console.to_owned(),
            )
        } else if console.is_empty() {
            ("QEMU did not start the guest", log.to_owned())
        } else {
            ("the guest did not boot", self.console.to_owned())
        };
        bail!(
            "{what}; the last lines of {}:\n{}",
            shown.display(),
            command::last_lines(&shown, QUOTED_LINES)
        )
    }
}

/// Finds the status that init wrote, also behind a torn line.
fn script_status(console: &str) -> Option<u8> {
    let (_, rest) = console.rsplit_once(STATUS)?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kvm_where_the_host_is_arm64_and_lets_us() {
        let choose = |host, pace, kvm| Processor::choose(host, pace, || Ok(kvm)).unwrap();
        assert_eq!(choose("aarch64", Pace::Host, true), Processor::Host);
        assert_eq!(choose("aarch64", Pace::Host, false), Processor::Interpreted);
        // An amd64 host has KVM, too, for other guests.
        assert_eq!(choose("x86_64", Pace::Host, true), Processor::Interpreted);
        // KVM counts no instructions.
        assert_eq!(
            choose("aarch64", Pace::Instructions, true),
            Processor::Counted
        );
    }

    #[test]
    fn the_host_s_processor_comes_with_its_interrupt_controller() {
        let mut command = Command::new("qemu");
        Processor::Host.hardware(&mut command, Some(Path::new("/x.dtb")));
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(
            arguments[..6],
            [
                "-machine",
                "virt,gic-version=host,dumpdtb=/x.dtb",
                "-accel",
                "kvm",
                "-cpu",
                "host"
            ]
        );
    }

    #[test]
    fn the_last_status_counts_wherever_it_stands() {
        assert_eq!(
            script_status("guest: started\r\nguest: status 3\r\n"),
            Some(3)
        );
        assert_eq!(
            script_status("[1.0] guest: status 0guest: status 7\r\n[ 2.0] reboot"),
            Some(7)
        );
        assert_eq!(script_status("guest: started\r\nKernel panic"), None);
    }
}
