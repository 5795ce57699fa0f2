// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's options that a module needs, from what it calls, against those that Kconfig and
//! dkms.conf name.

use super::elf::{Object, Target};
use super::symbol;
use anyhow::{bail, ensure, Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Prefixes of the kernel's names, and the options that bring them; the longest match
/// counts.
const OPTIONS: [(&str, &str); 30] = [
    ("__media_", "MEDIA_CONTROLLER"),
    ("__pm_runtime_", "PM"),
    ("__v4l2_", "VIDEO_DEV"),
    ("__v4l2_async_", "V4L2_ASYNC"),
    ("__v4l2_subdev_", "VIDEO_V4L2_SUBDEV_API"),
    ("__video_", "VIDEO_DEV"),
    ("clk_", "COMMON_CLK"),
    ("debugfs_", "DEBUG_FS"),
    ("gpiochip_", "GPIOLIB"),
    ("gpiod_", "GPIOLIB"),
    ("i2c_", "I2C"),
    ("kernel::clk::", "COMMON_CLK"),
    ("kernel::debugfs::", "DEBUG_FS"),
    ("kernel::firmware::", "RUST_FW_LOADER_ABSTRACTIONS"),
    ("kernel::i2c::", "I2C"),
    ("media_", "MEDIA_CONTROLLER"),
    ("of_", "OF"),
    ("of_overlay_", "OF_OVERLAY"),
    ("pm_", "PM"),
    ("pm_runtime_", "PM"),
    ("regulator_", "REGULATOR"),
    ("release_firmware", "RUST_FW_LOADER_ABSTRACTIONS"),
    ("v4l2_", "VIDEO_DEV"),
    ("v4l2_async_", "V4L2_ASYNC"),
    ("v4l2_fwnode_", "V4L2_FWNODE"),
    ("v4l2_subdev_", "VIDEO_V4L2_SUBDEV_API"),
    ("vb2_", "VIDEOBUF2_V4L2"),
    ("vb2_vmalloc_", "VIDEOBUF2_VMALLOC"),
    ("video_", "VIDEO_DEV"),
    ("video_ioctl2", "VIDEO_DEV"),
];

/// Checks that Kconfig has the options that `module` needs, below `entry`, and with `dkms` also
/// dkms.conf. `symvers` is the kernel's `Module.symvers`.
///
/// # Errors
///
/// An option is missing there, or in the table above.
pub fn check(repo: &Path, symvers: &Path, module: &Path, entry: &str, dkms: bool) -> Result<()> {
    let read =
        |file: &Path| fs::read_to_string(file).with_context(|| format!("cannot read {file:?}"));
    let symvers = read(symvers)?;
    let modular = modular(&symvers);
    let object = Object::read(module)?;
    let mut needs = BTreeSet::from(["RUST", "OF"]);
    for reference in &object.references {
        if let Target::Outside(name) = &reference.target {
            needs.extend(option(name, &modular)?);
        }
    }
    let kconfig = read(&repo.join("Kconfig"))?;
    let named = kconfig_names(&kconfig, entry);
    let missing: Vec<_> = needs.difference(&named).copied().collect();
    ensure!(
        missing.is_empty(),
        "{entry} in Kconfig neither depends on nor selects {}",
        missing.join(", ")
    );
    if dkms {
        let conf = read(&repo.join("dkms.conf"))?;
        let named = dkms_names(&conf);
        let missing: Vec<_> = needs.difference(&named).copied().collect();
        ensure!(
            missing.is_empty(),
            "BUILD_EXCLUSIVE_CONFIG in dkms.conf lacks {}",
            missing.join(", ")
        );
    }
    Ok(())
}

/// Names that modules of the kernel's define, and which module.
fn modular(symvers: &str) -> BTreeMap<&str, &str> {
    symvers
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(_, module)| *module != "vmlinux")
        .collect()
}

/// Returns the option that brings a name of the kernel's, none if all kernels have it. What is in
/// no module and not in the table counts as that.
fn option(symbol: &str, modular: &BTreeMap<&str, &str>) -> Result<Option<&'static str>> {
    let path = symbol::path(symbol);
    let name = path
        .trim_start_matches('<')
        .trim_start_matches("rust_helper_");
    let found = OPTIONS
        .iter()
        .filter(|(prefix, _)| name.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len());
    match (found, modular.get(symbol)) {
        (Some((_, option)), _) => Ok(Some(option)),
        (None, None) => Ok(None),
        (None, Some(module)) => bail!(
            "which of the kernel's options brings {name} of {module}? Add it to the table of {}",
            file!()
        ),
    }
}

/// Returns the options that an entry depends on or selects.
fn kconfig_names<'a>(kconfig: &'a str, entry: &str) -> BTreeSet<&'a str> {
    kconfig
        .lines()
        .skip_while(|line| line.strip_prefix("config ") != Some(entry))
        .skip(1)
        .take_while(|line| !line.starts_with("config "))
        .filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("depends on ")
                .or_else(|| line.strip_prefix("select "))
        })
        // `A || B` is no promise of either.
        .filter(|condition| !condition.contains("||"))
        .flat_map(|condition| condition.split("&&"))
        .map(|word| word.trim().trim_end_matches("=y"))
        .filter(|word| !word.starts_with('!') && !word.ends_with("=n"))
        .collect()
}

fn dkms_names(conf: &str) -> BTreeSet<&str> {
    conf.lines()
        .filter_map(|line| line.strip_prefix("BUILD_EXCLUSIVE_CONFIG=\""))
        .flat_map(|list| list.trim_end_matches('"').split_whitespace())
        .filter_map(|word| word.strip_prefix("CONFIG_"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_options() {
        let modular = modular(
            "0x1\tv4l2_ctrl_find\tdrivers/media/v4l2-core/videodev\tEXPORT_SYMBOL\t\n\
             0x2\tiio_channel_get\tdrivers/iio/industrialio\tEXPORT_SYMBOL_GPL\t\n\
             0x3\tmutex_lock\tvmlinux\tEXPORT_SYMBOL\t\n",
        );
        for (name, expected) in [
            ("regulator_bulk_get", Some("REGULATOR")),
            ("rust_helper_clk_prepare_enable", Some("COMMON_CLK")),
            ("v4l2_ctrl_find", Some("VIDEO_DEV")),
            ("v4l2_fwnode_device_parse", Some("V4L2_FWNODE")),
            ("vb2_vmalloc_memops", Some("VIDEOBUF2_VMALLOC")),
            (
                "_RNvMs0_NtNtCsb5MLIFMWygY_6kernel3clk10common_clkNtB5_3Clk3get",
                Some("COMMON_CLK"),
            ),
            ("mutex_lock", None),
        ] {
            assert_eq!(option(name, &modular).unwrap(), expected, "{name}");
        }
        let error = option("iio_channel_get", &modular).unwrap_err().to_string();
        assert!(error.contains("drivers/iio/industrialio"), "{error}");
    }

    #[test]
    fn kconfig_is_read_entry_by_entry() {
        let text = "config A\n\ttristate \"A\"\n\tdepends on I2C=y && PM\n\tdepends on X || Y\n\
                    \tdepends on Z=n && !W\n\tselect V4L2_ASYNC\n\thelp\n\t  None.\n\n\
                    config B\n\tdepends on GPIOLIB\n";
        assert_eq!(
            kconfig_names(text, "A"),
            BTreeSet::from(["I2C", "PM", "V4L2_ASYNC"])
        );
        assert_eq!(kconfig_names(text, "B"), BTreeSet::from(["GPIOLIB"]));
        assert_eq!(kconfig_names(text, "C"), BTreeSet::new());
    }

    #[test]
    fn dkms_conf_is_read() {
        let text = "AUTOINSTALL=\"yes\"\nBUILD_EXCLUSIVE_CONFIG=\"CONFIG_RUST CONFIG_OF\"\n";
        assert_eq!(dkms_names(text), BTreeSet::from(["OF", "RUST"]));
    }
}
