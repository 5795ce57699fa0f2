// SPDX-License-Identifier: GPL-2.0-only

//! The boards that the camera fits, as `dts/boards.list` has them: what is listed, checked and
//! documented of them comes from there.

use anyhow::{bail, ensure, Context, Result};
use std::fmt::{self, Display};
use std::sync::OnceLock;

/// The list's path in the checkout.
const FILE: &str = "dts/boards.list";
const LIST: &str = include_str!("../../../dts/boards.list");
/// Folder of the compiled overlays, below `build/`.
pub const FOLDER: &str = "dtbs";

/// A board with an adapter for sensor modules.
#[derive(Debug, PartialEq, Eq)]
pub struct Board {
    /// Prefix of its overlays' names.
    pub name: &'static str,
    /// Its maker's name for it.
    pub title: &'static str,
    /// The alternatives to plug in. None if the board has a camera.
    pub adapters: Vec<Adapter>,
    /// The file in `dts/` that describes its wiring. Nothing if the camera is in the kernel's trees.
    include: &'static str,
    /// The kernel's device trees that the overlays are made for, the most common one first.
    pub trees: Vec<&'static str>,
    /// Future names of the kernel's trees of this board; until then `trees` are another board's.
    pub awaits: Option<&'static str>,
    /// Connectors for sensor modules.
    pub ports: Vec<Port>,
    /// The receiver of their images.
    pub receiver: Receiver,
    /// The fastest link that receiver and carrier board take, in Hz: half the bit rate of a lane.
    pub link_max_hz: u64,
    /// The kernel modules that it takes and Debian's kernel lacks.
    pub modules: Vec<&'static str>,
}

/// FRAMOS' processor adapter, or a module.
#[derive(Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Part of its overlays' names. Empty for the first adapter of most boards.
    pub name: &'static str,
    /// Its maker's name for it.
    pub title: &'static str,
}

impl Adapter {
    /// Returns its name, if it takes one, and title.
    pub fn described(&self) -> String {
        match self.name {
            "" => format!("none ({})", self.title),
            name => format!("{name} ({})", self.title),
        }
    }
}

/// A connector for one module.
#[derive(Debug, PartialEq, Eq)]
pub struct Port {
    pub name: &'static str,
    /// The numbers of data lanes that can be chosen from.
    pub lanes: Vec<u8>,
    /// Number of the receiver's input.
    pub input: u8,
    /// Its name in the SoC's documentation, and its peculiarities.
    pub wiring: &'static str,
}

/// A receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// `tegra-video`, in the kernel's staging area.
    Tegra210,
    /// `qcom-camss`.
    Camss,
    /// `rp1-cfe`.
    Rp1Cfe,
    /// `bcm2835-unicam`.
    Unicam,
    /// `imx-mipi-csis`, and `imx7-media-csi` behind it.
    MipiCsis,
    /// Linux has none: the overlay ends at the sensor's endpoint.
    Missing,
}

impl Receiver {
    /// Returns the one whose driver has this name.
    fn named(driver: &str) -> Option<Self> {
        match driver {
            "tegra-video" => Some(Self::Tegra210),
            "qcom-camss" => Some(Self::Camss),
            "rp1-cfe" => Some(Self::Rp1Cfe),
            "bcm2835-unicam" => Some(Self::Unicam),
            "imx-mipi-csis" => Some(Self::MipiCsis),
            "none" => Some(Self::Missing),
            _ => None,
        }
    }

    /// Returns whether Linux has a driver for it.
    pub fn is_there(self) -> bool {
        self != Self::Missing
    }

    /// Returns the state of the overlay, as shown by `make overlays`.
    pub fn state(self) -> &'static str {
        if self.is_there() {
            "streams"
        } else {
            "waits for receiver"
        }
    }
}

/// One overlay: an adapter or a module at one port, on so many lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlay {
    pub board: &'static Board,
    pub adapter: &'static Adapter,
    pub port: &'static Port,
    pub lanes: u8,
}

impl Overlay {
    /// Returns the compiled overlay, relative to the checkout.
    pub fn file(&self) -> String {
        format!("build/{}/{self}.dtbo", FOLDER)
    }

    /// Returns its name among those of its board: `p22-cam0-2lane`.
    pub fn short(&self) -> String {
        let Self {
            adapter,
            port,
            lanes,
            ..
        } = self;
        let dash = if adapter.name.is_empty() { "" } else { "-" };
        format!("{}{dash}{}-{lanes}lane", adapter.name, port.name)
    }
}

impl Display for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.board.name, self.short())
    }
}

impl Board {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            title: "",
            adapters: Vec::new(),
            include: "",
            trees: Vec::new(),
            awaits: None,
            ports: Vec::new(),
            receiver: Receiver::Missing,
            link_max_hz: 0,
            modules: Vec::new(),
        }
    }

    fn complete(&self) -> Result<()> {
        let missing = [
            ("title", self.title.is_empty()),
            (
                "include",
                self.include.is_empty() && !self.adapters.is_empty(),
            ),
            (
                "adapter",
                self.adapters.is_empty() && !self.include.is_empty(),
            ),
            ("trees", self.trees.is_empty()),
            ("port", self.ports.is_empty()),
            ("link-max", self.link_max_hz == 0),
        ];
        for (key, missing) in missing {
            ensure!(!missing, "{FILE}: {} has no {key}", self.name);
        }
        Ok(())
    }

    /// Returns the needs of a stream in addition to the overlay, on Debian's kernel.
    pub fn needs(&self) -> String {
        let modules = self.modules.join(" and ");
        if self.awaits.is_some() {
            return "a device tree of the kernel's".into();
        }
        match (self.receiver, self.modules.is_empty()) {
            (Receiver::Missing, true) => "a driver for the SoC's receiver".into(),
            (Receiver::Missing, false) => format!("a driver for the SoC's receiver, {modules}"),
            (_, true) => "nothing".into(),
            (_, false) => format!("{modules}, which Debian does not build"),
        }
    }

    /// Returns whether the kernel's trees have a camera, so that there is no overlay.
    pub fn has_camera(&self) -> bool {
        self.include.is_empty()
    }

    /// Returns its overlays, none if the kernel's trees have a camera.
    pub fn overlays(&'static self) -> impl Iterator<Item = Overlay> {
        self.adapters.iter().flat_map(move |adapter| {
            self.ports.iter().flat_map(move |port| {
                port.lanes.iter().map(move |&lanes| Overlay {
                    board: self,
                    adapter,
                    port,
                    lanes,
                })
            })
        })
    }

    /// Overlays that are used together: a module at every port, on as many lanes as it has, and on
    /// two; each in both orders, as an overlay must not depend on those before it.
    pub fn combinations(&'static self) -> Vec<Vec<Overlay>> {
        let full = |adapter, lanes: fn(&Port) -> Option<u8>| -> Vec<Overlay> {
            let overlay = |port| {
                lanes(port).map(|lanes| Overlay {
                    board: self,
                    adapter,
                    port,
                    lanes,
                })
            };
            self.ports.iter().filter_map(overlay).collect()
        };
        let mut found: Vec<Vec<Overlay>> = Vec::new();
        for overlays in self.adapters.iter().flat_map(|adapter| {
            [
                full(adapter, |port| port.lanes.iter().copied().max()),
                full(adapter, |port| port.lanes.iter().copied().min()),
            ]
        }) {
            let backwards: Vec<Overlay> = overlays.iter().rev().copied().collect();
            for combination in [overlays, backwards] {
                if combination.len() > 1 && !found.contains(&combination) {
                    found.push(combination);
                }
            }
        }
        found
    }
}

/// Returns the boards, in the order of the documentation.
///
/// # Errors
///
/// A line of the list cannot be read; the message names it.
pub fn boards() -> Result<&'static [Board]> {
    static BOARDS: OnceLock<Vec<Board>> = OnceLock::new();
    if let Some(boards) = BOARDS.get() {
        return Ok(boards);
    }
    let boards = read(LIST)?;
    Ok(BOARDS.get_or_init(|| boards))
}

/// Returns the board of that name.
///
/// # Errors
///
/// There is none; the message names those that are.
pub fn named(name: &str) -> Result<&'static Board> {
    let boards = boards()?;
    let found = boards.iter().find(|board| board.name == name);
    found.with_context(|| {
        let names: Vec<&str> = boards.iter().map(|board| board.name).collect();
        format!("no board {name}; there are {}", names.join(", "))
    })
}

/// Returns all overlays of all boards.
///
/// # Errors
///
/// As [`boards`].
#[cfg(test)]
pub fn overlays() -> Result<impl Iterator<Item = Overlay>> {
    Ok(boards()?.iter().flat_map(Board::overlays))
}

fn read(list: &'static str) -> Result<Vec<Board>> {
    let mut boards = Vec::new();
    for (number, line) in list.lines().enumerate() {
        read_line(line, &mut boards).with_context(|| format!("{FILE}:{}: {line}", number + 1))?;
    }
    for board in &boards {
        board.complete()?;
    }
    Ok(boards)
}

fn read_line(line: &'static str, boards: &mut Vec<Board>) -> Result<()> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    let (key, value) = line.split_once(' ').context("there is no value")?;
    if key == "board" {
        ensure!(
            boards.iter().all(|board| board.name != value),
            "this board was there before"
        );
        boards.push(Board::new(value));
        return Ok(());
    }
    let board = boards.last_mut().context("no board was named before")?;
    match key {
        "title" => board.title = value,
        "adapter" => board.adapters.push(read_adapter(value)?),
        "include" => board.include = value,
        "trees" => board.trees = value.split(' ').collect(),
        "awaits" => board.awaits = Some(value),
        "receiver" => board.receiver = Receiver::named(value).context("no such receiver")?,
        "link-max" => board.link_max_hz = value.parse()?,
        "modules" => board.modules = value.split(' ').collect(),
        "port" => board.ports.push(read_port(value)?),
        _ => bail!("no such key"),
    }
    Ok(())
}

fn read_adapter(value: &'static str) -> Result<Adapter> {
    let mut words = value.splitn(3, ' ');
    let mut word = || words.next().context("a word is missing");
    let name = word()?;
    // The file that describes it is for the overlays' sources, which a script makes.
    word()?;
    Ok(Adapter {
        name: if name == "-" { "" } else { name },
        title: word()?,
    })
}

fn read_port(value: &'static str) -> Result<Port> {
    let mut words = value.splitn(4, ' ');
    let mut word = || words.next().context("a word is missing");
    Ok(Port {
        name: word()?,
        lanes: word()?
            .split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()?,
        input: word()?.parse()?,
        wiring: word()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::paths::checkout;
    use std::collections::BTreeSet;
    use std::fs;
    use std::process::Command;

    const BOARD: &str =
        "board b\ntitle t\nadapter - - a\ninclude i\ntrees t\nlink-max 1\nport cam0 2 0 CSI-A\n";

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        assert_eq!(read(BOARD).unwrap().len(), 1);
        for (line, word) in [
            ("colour blue", "dts/boards.list:1: colour blue"),
            ("board b\ncolour blue", "dts/boards.list:2: colour blue"),
            ("board b\nport cam0 2 CSI-A", "dts/boards.list:2: port"),
            ("board b\nadapter - a", "dts/boards.list:2: adapter"),
            ("board b\nboard b", "dts/boards.list:2: board b"),
            ("board b\nreceiver none\ntitle t", "b has no trees"),
        ] {
            let error = format!("{:#}", read(line).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn the_script_that_boards_use_makes_the_same_overlays() {
        let folder = std::env::temp_dir().join(format!("overlay-sources-{}", std::process::id()));
        let script = checkout().unwrap().join("scripts/overlay-sources.sh");
        let status = Command::new("sh").arg(script).arg(&folder).status();
        assert!(status.unwrap().success());
        let made: BTreeSet<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        fs::remove_dir_all(&folder).unwrap();
        let listed = overlays().unwrap().map(|overlay| format!("{overlay}.dtso"));
        assert_eq!(made, listed.collect());
    }

    #[test]
    fn combinations_fill_every_port_in_both_orders() {
        let nano: Vec<String> = named("jetson-nano")
            .unwrap()
            .combinations()
            .iter()
            .map(|overlays| {
                overlays
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("+")
            })
            .collect();
        assert_eq!(
            nano,
            [
                "jetson-nano-cam0-2lane+jetson-nano-cam1-2lane",
                "jetson-nano-cam1-2lane+jetson-nano-cam0-2lane",
            ]
        );
        let tx1 = named("jetson-tx1").unwrap().combinations();
        assert_eq!(tx1.len(), 4);
        assert!(tx1.iter().all(|overlays| overlays.len() == 4));
        // Each adapter by itself.
        let xavier = named("jetson-agx-xavier").unwrap().combinations();
        assert_eq!(xavier.len(), 8);
        assert!(xavier.iter().all(|overlays| overlays
            .iter()
            .all(|overlay| overlay.adapter == overlays[0].adapter)));
    }
}
