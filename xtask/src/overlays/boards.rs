// SPDX-License-Identifier: GPL-2.0-only

//! The boards that have overlays. What is listed, checked and documented of them is here and
//! nowhere else; how they are wired is in `dts/`.

use std::fmt::{self, Display};

/// A board with an adapter for sensor modules.
#[derive(Debug, PartialEq, Eq)]
pub struct Board {
    /// What its overlays' names begin with.
    pub name: &'static str,
    /// What its maker calls it.
    pub title: &'static str,
    /// FRAMOS' processor adapter.
    pub adapter: &'static str,
    /// The kernel's device trees that the overlays are made for, the most common one first.
    pub trees: &'static [&'static str],
    /// Where modules are plugged in.
    pub ports: &'static [Port],
    /// What they send to.
    pub receiver: Receiver,
    /// The fastest link that receiver and carrier board take, in Hz: half the bit rate of a lane.
    pub link_max_hz: u64,
    /// What a stream needs beside the overlay, on Debian's kernel.
    pub needs: &'static str,
}

/// A connector for one module.
#[derive(Debug, PartialEq, Eq)]
pub struct Port {
    pub name: &'static str,
    /// The numbers of data lanes that can be chosen from.
    pub lanes: &'static [u8],
    /// Number of the receiver's input.
    pub input: u8,
    /// What the SoC's documentation calls it, and what is special about it.
    pub wiring: &'static str,
}

/// What receives the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// `tegra-video`, in the kernel's staging area.
    Tegra210,
    /// `qcom-camss`.
    Msm8916,
    /// Linux has none: the overlay ends at the sensor's endpoint.
    Missing,
}

impl Receiver {
    /// What can be expected of the overlay, in the words of `make overlays`.
    pub fn state(self) -> &'static str {
        match self {
            Self::Missing => "waits for receiver",
            Self::Tegra210 | Self::Msm8916 => "streams",
        }
    }
}

/// One overlay: a module at one port, on so many lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlay {
    pub board: &'static Board,
    pub port: &'static Port,
    pub lanes: u8,
}

impl Overlay {
    /// The source, relative to the checkout.
    pub fn source(&self) -> String {
        format!("dts/{self}.dtso")
    }
}

impl Display for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}-{}lane",
            self.board.name, self.port.name, self.lanes
        )
    }
}

impl Board {
    /// Its overlays.
    pub fn overlays(&'static self) -> impl Iterator<Item = Overlay> {
        self.ports.iter().flat_map(move |port| {
            port.lanes.iter().map(move |&lanes| Overlay {
                board: self,
                port,
                lanes,
            })
        })
    }

    /// Overlays that are used together: a module at every port, on as many lanes as it has, and on
    /// two; each in both orders, as an overlay must not depend on those before it.
    pub fn combinations(&'static self) -> Vec<Vec<Overlay>> {
        let full = |lanes: fn(&Port) -> Option<u8>| -> Vec<Overlay> {
            let overlay = |port| {
                lanes(port).map(|lanes| Overlay {
                    board: self,
                    port,
                    lanes,
                })
            };
            self.ports.iter().filter_map(overlay).collect()
        };
        let mut found: Vec<Vec<Overlay>> = Vec::new();
        for overlays in [
            full(|port| port.lanes.iter().copied().max()),
            full(|port| port.lanes.iter().copied().min()),
        ] {
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

/// All overlays of all boards.
pub fn overlays() -> impl Iterator<Item = Overlay> {
    BOARDS.iter().flat_map(Board::overlays)
}

/// 1.5 Gbit/s in a lane.
const MBPS_1500: u64 = 750_000_000;
/// 2.5 Gbit/s in a lane.
const MBPS_2500: u64 = 1_250_000_000;
/// The CSID clocks of MSM8916 have steps of 100 and 200 MHz and take a quarter of the link frequency
/// with 5 % on top (`drivers/media/platform/qcom/camss/camss-csid.c`).
const MSM8916_MAX: u64 = 761_904_761;

const NO_RECEIVER: &str = "a driver for the SoC's receiver";
const TEGRA_VIDEO: &str = "tegra-video, which Debian does not build";

const fn port(name: &'static str, lanes: &'static [u8], input: u8, wiring: &'static str) -> Port {
    Port {
        name,
        lanes,
        input,
        wiring,
    }
}

/// J5 to J8 of the boards on which J7 and J8 have two lanes.
const P2597: &[Port] = &[
    port("j5", &[2, 4], 0, "CSI-A, CSI-B"),
    port("j6", &[2, 4], 2, "CSI-C, CSI-D"),
    port("j7", &[2], 4, "CSI-E"),
    port("j8", &[2], 5, "CSI-F"),
];

/// J5 to J8 of a Jetson AGX.
const AGX: &[Port] = &[
    port("j5", &[2, 4], 0, "CSI-A, CSI-B"),
    port("j6", &[2, 4], 2, "CSI-C, CSI-D"),
    port("j7", &[2, 4], 4, "CSI-E, CSI-F"),
    port("j8", &[2, 4], 6, "CSI-G, CSI-H"),
];

const XAVIER_TREES: &[&str] = &["nvidia/tegra194-p2972-0000"];
const ORIN_TREES: &[&str] = &["nvidia/tegra234-p3737-0000+p3701-0000"];

/// The boards, in the order of the documentation.
pub const BOARDS: &[Board] = &[
    Board {
        name: "jetson-nano",
        title: "Jetson Nano B01",
        adapter: "FPA-A/NVN",
        trees: &["nvidia/tegra210-p3450-0000"],
        ports: &[
            port("cam0", &[2], 0, "CSI-A"),
            port("cam1", &[2], 4, "CSI-E"),
        ],
        receiver: Receiver::Tegra210,
        link_max_hz: MBPS_1500,
        needs: "tegra-video and i2c-mux-gpio, which Debian does not build",
    },
    Board {
        name: "jetson-tx1",
        title: "Jetson TX1",
        adapter: "FPA-4.A/TXA",
        trees: &["nvidia/tegra210-p2371-2180"],
        ports: P2597,
        receiver: Receiver::Tegra210,
        link_max_hz: MBPS_1500,
        needs: TEGRA_VIDEO,
    },
    Board {
        name: "dragonboard-410c",
        title: "DragonBoard 410c",
        adapter: "FPA-2.A/96B",
        trees: &["qcom/apq8016-sbc"],
        ports: &[
            port("j3", &[2, 4], 0, "CSIPHY 0"),
            port("j4", &[2], 1, "CSIPHY 1"),
        ],
        receiver: Receiver::Msm8916,
        link_max_hz: MSM8916_MAX,
        needs: "nothing",
    },
    Board {
        name: "jetson-tx2",
        title: "Jetson TX2",
        adapter: "FPA-4.A/TXA",
        trees: &["nvidia/tegra186-p2771-0000"],
        ports: P2597,
        receiver: Receiver::Missing,
        link_max_hz: MBPS_1500,
        needs: NO_RECEIVER,
    },
    Board {
        name: "jetson-agx-xavier-txa",
        title: "Jetson AGX Xavier",
        adapter: "FPA-4.A/TXA",
        trees: XAVIER_TREES,
        ports: AGX,
        receiver: Receiver::Missing,
        link_max_hz: MBPS_1500,
        needs: NO_RECEIVER,
    },
    Board {
        name: "jetson-agx-xavier-agx",
        title: "Jetson AGX Xavier",
        adapter: "FPA-4.A/AGX",
        trees: XAVIER_TREES,
        ports: AGX,
        receiver: Receiver::Missing,
        link_max_hz: MBPS_1500,
        needs: NO_RECEIVER,
    },
    Board {
        name: "jetson-xavier-nx",
        title: "Jetson Xavier NX",
        adapter: "FPA-A/NVN",
        trees: &[
            "nvidia/tegra194-p3509-0000+p3668-0000",
            "nvidia/tegra194-p3509-0000+p3668-0001",
        ],
        ports: &[
            port("cam0", &[2], 0, "CSI-A"),
            port("cam1", &[2], 2, "CSI-C"),
        ],
        receiver: Receiver::Missing,
        link_max_hz: MBPS_2500,
        needs: "a driver for the SoC's receiver, i2c-mux-gpio",
    },
    Board {
        name: "jetson-agx-orin-txa",
        title: "Jetson AGX Orin",
        adapter: "FPA-4.A/TXA",
        trees: ORIN_TREES,
        ports: AGX,
        receiver: Receiver::Missing,
        link_max_hz: MBPS_2500,
        needs: NO_RECEIVER,
    },
    Board {
        name: "jetson-agx-orin-agx",
        title: "Jetson AGX Orin",
        adapter: "FPA-4.A/AGX",
        trees: ORIN_TREES,
        ports: AGX,
        receiver: Receiver::Missing,
        link_max_hz: MBPS_2500,
        needs: NO_RECEIVER,
    },
    Board {
        name: "jetson-orin-nano",
        title: "Jetson Orin Nano, Orin NX",
        adapter: "FPA-A/P22",
        trees: &[
            "nvidia/tegra234-p3768-0000+p3767-0005",
            "nvidia/tegra234-p3768-0000+p3767-0000",
        ],
        ports: &[
            port("cam0", &[2], 1, "CSI-B, lane polarity 6"),
            port("cam1", &[2, 4], 2, "CSI-C, CSI-D"),
        ],
        receiver: Receiver::Missing,
        link_max_hz: MBPS_2500,
        needs: "a driver for the SoC's receiver, i2c-mux-gpio",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_overlay_has_its_file_and_every_file_its_board() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dts");
        let files: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("dts/{}", entry.unwrap().file_name().to_string_lossy()))
            // The machine without hardware has no board here.
            .filter(|name| name.ends_with(".dtso") && !name.starts_with("dts/qemu-"))
            .collect();
        let listed: BTreeSet<String> = overlays().map(|overlay| overlay.source()).collect();
        assert_eq!(files, listed);
    }

    #[test]
    fn combinations_fill_every_port_in_both_orders() {
        let nano: Vec<String> = BOARDS[0]
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
        let tx1 = BOARDS[1].combinations();
        assert_eq!(tx1.len(), 4);
        assert!(tx1.iter().all(|overlays| overlays.len() == 4));
    }
}
