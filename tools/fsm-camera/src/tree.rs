// SPDX-License-Identifier: GPL-2.0-only

//! Nodes of the device tree, as sysfs shows them.

use crate::PARTS;
use std::fs;
use std::path::{Path, PathBuf};

/// The kernel's device tree in sysfs.
pub const ROOT: &str = "/sys/firmware/devicetree/base";
/// A clock's parents are followed no further than this.
const DEEPEST_CLOCK: usize = 6;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    root: PathBuf,
    folder: PathBuf,
}

/// Input clock of a sensor.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Inck {
    /// Its rate.
    pub hz: u64,
    /// The property or clock that it is from.
    pub source: String,
}

impl Node {
    /// Returns the node of a device in sysfs.
    pub fn of_device(device: &Path) -> Option<Self> {
        let folder = fs::canonicalize(device.join("of_node")).ok()?;
        let root = fs::canonicalize(ROOT).ok()?;
        folder.starts_with(&root).then_some(Self { root, folder })
    }

    /// Nodes of sensors of the family, below the tree's root.
    pub fn sensors(root: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        let Ok(root) = fs::canonicalize(root) else {
            return found;
        };
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let node = Self {
                root: root.clone(),
                folder: folder.clone(),
            };
            // /__symbols__ and the like have no compatible.
            if node.part().is_some() {
                found.push(node);
            }
            folders.extend(subfolders(&folder));
        }
        found.sort_by(|a, b| a.folder.cmp(&b.folder));
        found
    }

    /// Returns its path in the tree.
    pub fn path(&self) -> String {
        let path = self.folder.strip_prefix(&self.root).unwrap_or(&self.folder);
        format!("/{}", path.display())
    }

    /// Returns its folder in sysfs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn child(&self, name: &str) -> Option<Self> {
        let folder = self.folder.join(name);
        folder.is_dir().then(|| Self {
            root: self.root.clone(),
            folder,
        })
    }

    /// Returns the node above.
    pub fn parent(&self) -> Option<Self> {
        if self.folder == self.root {
            return None;
        }
        Some(Self {
            root: self.root.clone(),
            folder: self.folder.parent()?.to_owned(),
        })
    }

    /// Returns a property's bytes.
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(name)).ok()
    }

    /// Returns a property of cells of 32 bits.
    pub fn cells(&self, name: &str) -> Option<Vec<u32>> {
        let bytes = self.bytes(name)?;
        let cells = bytes.chunks_exact(4);
        Some(
            cells
                .filter_map(|cell| cell.try_into().ok().map(u32::from_be_bytes))
                .collect(),
        )
    }

    /// Returns a property of cells of 64 bits.
    pub fn wide_cells(&self, name: &str) -> Option<Vec<u64>> {
        let bytes = self.bytes(name)?;
        let cells = bytes.chunks_exact(8);
        Some(
            cells
                .filter_map(|cell| cell.try_into().ok().map(u64::from_be_bytes))
                .collect(),
        )
    }

    /// Returns a property of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let bytes = self.bytes(name).unwrap_or_default();
        bytes
            .split(|byte| *byte == 0)
            .filter(|text| !text.is_empty())
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect()
    }

    /// Returns the sensor that its `compatible` names.
    pub fn part(&self) -> Option<&'static str> {
        let compatible = self.texts("compatible");
        PARTS.into_iter().find(|part| {
            compatible
                .iter()
                .any(|name| *name == format!("sony,{part}"))
        })
    }

    /// Checks that it and all nodes above it are enabled.
    ///
    /// # Errors
    ///
    /// The path of the first one, from the node on, that is not, and its status.
    pub fn enabled(&self) -> Result<(), (String, String)> {
        let mut node = Some(self.clone());
        while let Some(at) = node {
            if let Some(status) = at.texts("status").pop() {
                if status != "okay" && status != "ok" {
                    return Err((at.path(), status));
                }
            }
            node = at.parent();
        }
        Ok(())
    }

    /// Returns the endpoint of a sensor, which leads to its receiver.
    pub fn endpoint(&self) -> Option<Self> {
        ["port", "ports/port@0", "ports/port"]
            .into_iter()
            .find_map(|port| {
                let port = self.child(port)?;
                let mut names: Vec<_> = subfolders(&port.folder);
                names.sort();
                let folder = names.into_iter().find(|folder| {
                    folder
                        .file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with("endpoint"))
                })?;
                Some(Self {
                    root: self.root.clone(),
                    folder,
                })
            })
    }

    /// Returns the endpoint at the other end.
    pub fn remote(&self) -> Option<Self> {
        self.reference("remote-endpoint")
    }

    /// Returns the node that the first cell of a property refers to.
    pub fn reference(&self, name: &str) -> Option<Self> {
        let handle = *self.cells(name)?.first()?;
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let node = Self {
                root: self.root.clone(),
                folder: folder.clone(),
            };
            if node.cells("phandle").is_some_and(|cells| cells == [handle]) {
                return Some(node);
            }
            folders.extend(subfolders(&folder));
        }
        None
    }

    /// Lanes of an endpoint.
    pub fn lanes(&self) -> Option<usize> {
        Some(self.cells("data-lanes")?.len())
    }

    /// Returns the clock of a sensor: what the tree assigns to it, or the fixed clock at the end of
    /// its parents. `None` if only a driver knows the rate.
    pub fn inck(&self) -> Option<Inck> {
        if let Some(hz) = self
            .cells("assigned-clock-rates")
            .and_then(|rates| rates.first().copied())
            .filter(|hz| *hz > 0)
        {
            return Some(Inck {
                hz: hz.into(),
                source: format!("assigned-clock-rates of {}", self.path()),
            });
        }
        let mut node = self.clone();
        for _ in 0..DEEPEST_CLOCK {
            node = node.reference("clocks")?;
            if let Some(hz) = node
                .cells("clock-frequency")
                .and_then(|cells| cells.first().copied())
            {
                return Some(Inck {
                    hz: hz.into(),
                    source: format!("clock-frequency of {}", node.path()),
                });
            }
        }
        None
    }
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        // Links in sysfs lead elsewhere.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a tree below a folder of its own: pairs of a property's path and its bytes.
    fn tree(name: &str, properties: &[(&str, &[u8])]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("fsm-camera-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (path, bytes) in properties {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        root
    }

    const CAMERA: &[(&str, &[u8])] = &[
        ("i2c/status", b"okay\0"),
        ("i2c/camera@1a/compatible", b"sony,imx577\0sony,imx412\0"),
        ("i2c/camera@1a/clocks", &[0, 0, 0, 7]),
        (
            "i2c/camera@1a/port/endpoint/data-lanes",
            &[0, 0, 0, 1, 0, 0, 0, 2],
        ),
        (
            "i2c/camera@1a/port/endpoint/link-frequencies",
            &[0, 0, 0, 0, 0x23, 0xc3, 0x46, 0],
        ),
        ("gate/phandle", &[0, 0, 0, 7]),
        ("gate/clocks", &[0, 0, 0, 9]),
        ("oscillator/phandle", &[0, 0, 0, 9]),
        ("oscillator/clock-frequency", &24_000_000u32.to_be_bytes()),
    ];

    #[test]
    fn finds_sensors_and_follows_their_clocks() {
        let root = tree("clocks", CAMERA);
        let sensors = Node::sensors(&root);
        let [sensor] = &sensors[..] else {
            panic!("{sensors:?}");
        };
        assert_eq!(sensor.path(), "/i2c/camera@1a");
        assert_eq!(sensor.part(), Some("imx412"));
        assert_eq!(sensor.enabled(), Ok(()));
        let inck = sensor.inck().unwrap();
        assert_eq!(inck.hz, 24_000_000);
        assert!(inck.source.contains("/oscillator"), "{}", inck.source);
        let endpoint = sensor.endpoint().unwrap();
        assert_eq!(endpoint.lanes(), Some(2));
        assert_eq!(
            endpoint.wide_cells("link-frequencies"),
            Some(vec![600_000_000])
        );
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn names_the_node_that_is_disabled() {
        let mut properties = CAMERA.to_vec();
        properties[0].1 = b"disabled\0";
        let root = tree("disabled", &properties);
        let sensors = Node::sensors(&root);
        assert_eq!(
            sensors[0].enabled(),
            Err(("/i2c".to_owned(), "disabled".to_owned()))
        );
        fs::remove_dir_all(root).unwrap();
    }
}
