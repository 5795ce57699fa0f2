// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's options that a module needs, from what it calls, against those that Kconfig and
//! dkms.conf name.

use super::elf::{Object, Target};
use super::symbol;
use anyhow::{ensure, Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What names of the kernel's begin with, and the option that brings them; the longest match
/// counts.
const OPTIONS: [(&str, &str); 28] = [
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
    ("of_overlay_", "OF_OVERLAY"),
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

/// The same of names that every kernel has which has Rust.
const ALWAYS: [&str; 64] = [
    "BUG",
    "IS_ERR",
    "PTR_ERR",
    "REFCOUNT_INIT",
    "__dev_fwnode",
    "__flush_workqueue",
    "__list_",
    "__mutex_init",
    "__platform_driver_",
    "__rcu_",
    "__spin_",
    "__this_module",
    "_dev_",
    "_printk",
    "alloc_workqueue",
    "atomic",
    "bindings::",
    "cancel_",
    "clear_bit",
    "complete",
    "core::",
    "default_llseek",
    "destroy_workqueue",
    "dev_",
    "device_",
    "devm_",
    "flush_",
    "fwnode_",
    "get_device",
    "hrtimer_",
    "init_work",
    "ioremap",
    "iounmap",
    "irq_",
    "kernel::",
    "krealloc",
    "ktime_",
    "kvrealloc",
    "mem",
    "msleep",
    "mutex_",
    "of_machine_",
    "platform_",
    "pin_init::",
    "put_device",
    "queue_work",
    "rcu_",
    "readl",
    "refcount_",
    "region_",
    "seq_",
    "set_bit",
    "simple_open",
    "single_",
    "smp_",
    "snprintf",
    "spin_",
    "str",
    "synchronize_",
    "system_",
    "test_bit",
    "usleep",
    "wait_for_",
    "writel",
];

/// Whether Kconfig has what `module` needs, below `entry`, and dkms.conf too if `dkms`.
///
/// # Errors
///
/// An option is missing, or a name is in neither of the tables above.
pub fn check(repo: &Path, module: &Path, entry: &str, dkms: bool) -> Result<()> {
    let object = Object::read(module)?;
    let mut needs = BTreeSet::from(["RUST", "OF"]);
    for reference in &object.references {
        if let Target::Outside(name) = &reference.target {
            needs.extend(option(&symbol::path(name))?);
        }
    }
    let read = |file: &str| {
        fs::read_to_string(repo.join(file)).with_context(|| format!("cannot read {file}"))
    };
    let kconfig = read("Kconfig")?;
    let named = kconfig_names(&kconfig, entry);
    let missing: Vec<_> = needs.difference(&named).copied().collect();
    ensure!(
        missing.is_empty(),
        "{entry} in Kconfig neither depends on nor selects {}",
        missing.join(", ")
    );
    if dkms {
        let conf = read("dkms.conf")?;
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

/// The option that brings a name of the kernel's, none if every kernel has it.
fn option(name: &str) -> Result<Option<&'static str>> {
    let name = name
        .trim_start_matches('<')
        .trim_start_matches("rust_helper_");
    // `<u32 as kernel::fmt::Display>::fmt`: the trait says whose it is.
    let name = match name.split_once(" as ") {
        Some((own, of)) if !own.contains("::") => of,
        _ => name,
    };
    let found = OPTIONS
        .iter()
        .filter(|(prefix, _)| name.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len());
    match found {
        Some((_, option)) => Ok(Some(option)),
        None if ALWAYS.iter().any(|prefix| name.starts_with(prefix)) => Ok(None),
        None => anyhow::bail!(
            "which of the kernel's options brings {name}? Add it to the tables of {}",
            file!()
        ),
    }
}

/// What an entry depends on or selects.
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
        for (name, expected) in [
            ("regulator_bulk_get", Some("REGULATOR")),
            ("rust_helper_clk_prepare_enable", Some("COMMON_CLK")),
            ("v4l2_ctrl_find", Some("VIDEO_DEV")),
            ("v4l2_fwnode_device_parse", Some("V4L2_FWNODE")),
            ("vb2_vmalloc_memops", Some("VIDEOBUF2_VMALLOC")),
            ("<kernel::clk::common_clk::Clk>::get", Some("COMMON_CLK")),
            ("<u32 as kernel::fmt::Display>::fmt", None),
            ("mutex_lock", None),
        ] {
            assert_eq!(option(name).unwrap(), expected, "{name}");
        }
        let error = option("iio_channel_get").unwrap_err().to_string();
        assert!(error.contains("iio_channel_get"), "{error}");
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
