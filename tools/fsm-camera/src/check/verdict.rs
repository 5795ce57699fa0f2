// SPDX-License-Identifier: GPL-2.0-only

//! From what was seen to what is likely wrong: a pure function.

mod link;
mod machine;

use super::observe::{FramesSeen, LinkSeen, Observations};
use link::link;
use machine::{receiver, unbound};
use serde::Serialize;

/// Something that is likely wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suspect {
    /// Names the kind, for programs.
    pub id: &'static str,
    /// Certainty, 0 to 100.
    pub weight: u32,
    /// One line for a person.
    pub title: String,
    /// The observation.
    pub because: String,
    /// The change to make.
    pub change: String,
}

/// Frequencies of oscillators that are sold, Hz.
const OSCILLATORS: [u64; 16] = [
    6_000_000, 8_000_000, 10_000_000, 12_000_000, 12_288_000, 13_000_000, 16_000_000, 18_000_000,
    19_200_000, 20_000_000, 24_000_000, 25_000_000, 26_000_000, 27_000_000, 37_125_000, 48_000_000,
];
/// INCKs that the driver takes, Hz.
const INCKS: [u64; 5] = [6_000_000, 12_000_000, 18_000_000, 24_000_000, 27_000_000];
/// Tolerated deviation of a rate from the promised one: less than the distance of any two
/// oscillators, 26 and 27 MHz.
pub(super) const RATE_OFF: f64 = 0.03;
/// Tolerated deviation from that of an oscillator.
const RATE_NEAR: f64 = 0.01;
/// Of the range above black, what is as good as no light.
const DARK: f64 = 0.01;

/// Returns the suspects, the likeliest first.
pub fn suspects(seen: &Observations) -> Vec<Suspect> {
    let mut found = Vec::new();
    found.extend(seen.tree.iter().filter_map(unbound));
    if seen.tree.is_empty() && seen.part.is_none() {
        found.push(Suspect {
            id: "no-node",
            weight: 95,
            title: "the device tree has no sensor".into(),
            because: "no node has a compatible of sony,imx412, imx577, imx477 or imx378".into(),
            change: "apply the overlay of this board and port (make overlays lists them)".into(),
        });
    }
    found.extend(receiver(seen));
    found.extend(bus(seen));
    found.extend(
        seen.frames
            .as_ref()
            .into_iter()
            .flat_map(|frames| stream(seen, frames)),
    );
    found.extend(link(&seen.patterns));
    found.extend(light(seen));
    found.extend(rest(seen));
    found.sort_by_key(|suspect| std::cmp::Reverse(suspect.weight));
    found
}

/// Returns a bus that fails now and then.
fn bus(seen: &Observations) -> Option<Suspect> {
    let failures = seen.bus_failures.len();
    let lost_power = seen
        .frames
        .is_some_and(|frames| frames.answers == Some(false));
    if failures == 0 || lost_power {
        return None;
    }
    let shown: Vec<_> = seen.bus_failures.iter().take(3).cloned().collect();
    Some(Suspect {
        id: "i2c",
        weight: 88,
        title: "the I2C bus fails now and then".into(),
        because: format!(
            "{failures} of {} operations failed, although the sensor answered to others: {}",
            seen.operations,
            shown.join("; ")
        ),
        change: "look at SDA and SCL: pull-ups to the sensor's 1.8 V, long wires, another device at the address; try clock-frequency = <100000> for the adapter".into(),
    })
}

/// Frames that do not come, or not as they should.
fn stream(seen: &Observations, frames: &FramesSeen) -> Vec<Suspect> {
    let mut found = Vec::new();
    if frames.came < frames.wanted && frames.answers == Some(false) {
        found.push(Suspect {
            id: "supply",
            weight: 90,
            title: "a supply drops (or INCK stops) while the sensor streams".into(),
            because: format!(
                "{} of {} frames came, then the sensor did not answer on its bus any more; it answers again after it was powered down and up",
                frames.came, frames.wanted
            ),
            change: "measure AVDD, DVDD and DOVDD at the module while it streams: regulators that are too weak, their current limits, connectors; then INCK".into(),
        });
    } else if frames.came == 0 && seen.no_start.is_none() {
        found.push(no_frames(seen));
    } else if frames.came < frames.wanted {
        found.push(Suspect {
            id: "frames-stop",
            weight: 80,
            title: "frames stop coming".into(),
            because: format!(
                "{} of {} frames came; the sensor still answers",
                frames.came, frames.wanted
            ),
            change: "the kernel's log may have errors of the receiver: CRC, ECC, overflow of its buffers".into(),
        });
    }
    found.extend(rate(seen, frames));
    if frames.dropped_slowly.is_some_and(|dropped| dropped > 0) {
        found.push(Suspect {
            id: "dropped",
            weight: 50,
            title: "frames are dropped, at any rate".into(),
            because: format!(
                "{} numbers were left out, and {} at a tenth of the rate",
                frames.dropped,
                frames.dropped_slowly.unwrap_or(0)
            ),
            change: "the kernel's log may have errors of the receiver; look for other users of the memory's bandwidth".into(),
        });
    }
    if frames.damaged > 0 {
        found.push(Suspect {
            id: "damaged",
            weight: 60,
            title: "the receiver marks frames as damaged".into(),
            because: format!("{} of {} frames have the error flag", frames.damaged, frames.came),
            change: "errors on the link: see the patterns below, and the kernel's log for CRC and ECC errors".into(),
        });
    }
    if frames.short > 0 {
        found.push(short_frames(format!(
            "{} of {} frames have fewer bytes than their format",
            frames.short, frames.came
        )));
    }
    found
}

fn short_frames(because: String) -> Suspect {
    Suspect {
        id: "short-frames",
        weight: 86,
        title: "frames end too early".into(),
        because,
        change: "the receiver expects more lines than it gets, or loses packets: compare the size of each pad (fsm-camera list --graph), look for CRC and overflow errors in the kernel's log".into(),
    }
}

/// Nothing arrives although the sensor says that it streams.
fn no_frames(seen: &Observations) -> Suspect {
    let link = seen.link.clone().unwrap_or_default();
    let LinkSeen {
        lanes,
        receiver_lanes,
        frequency,
        virtual_channel,
    } = &link;
    let mut causes = Vec::new();
    let works: Vec<_> = seen
        .other_links
        .iter()
        .filter(|(_, came)| *came)
        .map(|(hz, _)| format!("{} MHz", *hz as f64 / 1e6))
        .collect();
    if !works.is_empty() {
        causes.push(format!(
            "frames come at a link frequency of {}: list that first in link-frequencies",
            works.join(" and ")
        ));
    }
    if let Some(others) = receiver_lanes {
        if others.len() != lanes.len() {
            causes.push(format!(
                "the two endpoints have different data-lanes: {} at the sensor, {} at the receiver",
                lanes.len(),
                others.len()
            ));
        }
    }
    let mhz = frequency.map_or_else(String::new, |hz| {
        format!(
            " ({} MHz, {} Mbit/s a lane)",
            hz as f64 / 1e6,
            2 * hz / 1_000_000
        )
    });
    causes.push(format!(
        "the link frequency{mhz}: try a lower one of link-frequencies; the receiver may not go as far, or its PHY be set for another"
    ));
    causes.push(format!(
        "the {} lanes: all wired, in order, in the receiver's data-lanes",
        lanes.len()
    ));
    causes.push("polarity: lanes that the board inverts belong into the receiver's lane-polarities, clock first".into());
    causes.push(format!(
        "the virtual channel: the sensor sends on {virtual_channel}"
    ));
    causes.push("the field of every pad: \"none\" (this program has set it)".into());
    Suspect {
        id: "no-frames",
        weight: 87,
        title: "the sensor streams, and nothing arrives".into(),
        because: match seen.other_links.len() {
            0 => "the start succeeded and the sensor answers on its bus, but no frame came".into(),
            tried => format!(
                "the start succeeded and the sensor answers on its bus, but no frame came; {} of {tried} other link frequencies bring some",
                works.len()
            ),
        },
        change: causes.join("; "),
    }
}

/// Returns a rate that is off.
fn rate(seen: &Observations, frames: &FramesSeen) -> Option<Suspect> {
    let measured = frames.measured?;
    let ratio = measured.0 / frames.promised.0;
    if (ratio - 1.0).abs() < RATE_OFF {
        return None;
    }
    let told = format!(
        "{measured} instead of {}: {ratio:.4} of it",
        frames.promised
    );
    let said = seen.inck.as_ref().map(|inck| inck.hz);
    let near = |said: u64| {
        let real = said as f64 * ratio;
        OSCILLATORS
            .into_iter()
            .find(|hz| (real / *hz as f64 - 1.0).abs() < RATE_NEAR)
            .map(|hz| (said, hz))
    };
    let pairs: Vec<(u64, u64)> = match said {
        Some(said) => near(said).into_iter().collect(),
        None => INCKS.into_iter().filter_map(near).collect(),
    };
    let mhz = |hz: u64| format!("{} MHz", hz as f64 / 1e6);
    let explained: Vec<_> = pairs
        .iter()
        .map(|(said, real)| format!("{} where the tree says {}", mhz(*real), mhz(*said)))
        .collect();
    Some(if explained.is_empty() {
        Suspect {
            id: "rate",
            weight: 70,
            title: "the frame rate is off, by no ratio of usual oscillators".into(),
            because: told,
            change: match said {
                Some(said) => format!(
                    "measure INCK: {} MHz would explain it, the tree says {}",
                    crate::units::short(said as f64 * ratio / 1e6),
                    mhz(said)
                ),
                None => "measure INCK and compare it with the clock in the device tree".into(),
            },
        }
    } else {
        Suspect {
            id: "inck",
            weight: 92,
            title: format!("INCK is {}", explained.join(", or ")),
            because: told,
            change: match seen.inck.as_ref() {
                Some(inck) => format!(
                    "correct the rate ({}), or the oscillator; the link runs at another rate, too",
                    inck.source
                ),
                None => "correct the rate of the sensor's clock, or the oscillator".into(),
            },
        }
    })
}

/// Light, exposure, gain.
fn light(seen: &Observations) -> Vec<Suspect> {
    let mut found = Vec::new();
    let Some(light) = seen.light else {
        return found;
    };
    // With errors on the link, pixels do not show the light.
    if !link(&seen.patterns).is_empty() {
        return found;
    }
    if light.brightest < DARK {
        found.push(Suspect {
            id: "dark",
            weight: 84,
            title: "no light reaches the sensor".into(),
            because: format!(
                "at the longest exposure and 16 times the gain the mean is {:.2} % of the range above black; test patterns arrive",
                light.brightest * 100.0
            ),
            change: "take the cap off, open the lens' iris, switch a light on; a module that stays dark has lost AVDD".into(),
        });
        return found;
    }
    let raised = i32::from(light.dark_raised) - i32::from(light.dark);
    if light.mean > DARK && (light.half / light.mean > 0.85 || light.half / light.mean < 0.2) {
        found.push(Suspect {
            id: "exposure",
            weight: 60,
            title: "the exposure time does not do what it should".into(),
            because: format!(
                "half of {} has {:.2} of the light",
                light.exposure,
                light.half / light.mean
            ),
            change: "was the light constant? Lamps on mains flicker: take multiples of 10 ms (8.33 ms at 60 Hz). Otherwise attach this report to an issue".into(),
        });
    }
    if light.half > DARK && light.gained < 0.9 && light.gained / light.half < 1.3 {
        found.push(Suspect {
            id: "gain",
            weight: 58,
            title: "the gain does not do what it should".into(),
            because: format!(
                "twice the gain has {:.2} times the mean",
                light.gained / light.half
            ),
            change: "was the light constant? Otherwise attach this report to an issue".into(),
        });
    }
    if light.dark < u16::MAX / 2
        && (raised - i32::from(light.raised)).abs() > i32::from(light.raised / 2)
    {
        found.push(Suspect {
            id: "black-level",
            weight: 40,
            title: "the black level does not do what it should".into(),
            because: format!(
                "raised by {}, the darkest pixels rise by {raised}",
                light.raised
            ),
            change: "attach this report to an issue".into(),
        });
    }
    found
}

/// Returns the rest.
fn rest(seen: &Observations) -> Vec<Suspect> {
    let mut found = Vec::new();
    if let (Some(reason), true) = (&seen.no_start, seen.bus_failures.is_empty()) {
        found.push(Suspect {
            id: "no-start",
            weight: 80,
            title: "no stream starts".into(),
            because: reason.clone(),
            change: "the kernel's log says more (dmesg)".into(),
        });
    }
    let link_is_bad = !link(&seen.patterns).is_empty();
    for flip in &seen.flips {
        // A scene that is its own mirror image tells nothing.
        if !link_is_bad && flip.turned > flip.as_is * 1.5 && flip.turned > 0.01 {
            found.push(Suspect {
                id: "flip",
                weight: 45,
                title: format!("the {} does not turn the image", flip.name),
                because: format!(
                    "the image with it differs by {:.3} from the one without, and by {:.3} from that turned",
                    flip.as_is, flip.turned
                ),
                change: "did the scene move? Otherwise attach this report to an issue".into(),
            });
        }
    }
    if let Some((tried, good)) = seen.restarts {
        let explained =
            seen.frames.is_some_and(|f| f.came < f.wanted) || !seen.bus_failures.is_empty();
        if good < tried && !explained {
            found.push(Suspect {
                id: "restart",
                weight: 65,
                title: "not every start brings frames".into(),
                because: format!("{good} of {tried} starts did"),
                change: "a PHY that locks now and then: its settle time, a lower link frequency, the clock lane".into(),
            });
        }
    }
    if let Some((active, suspended)) = seen.power {
        if !active {
            found.push(Suspect {
                id: "runtime-pm",
                weight: 35,
                title: "the sensor is not powered while it streams".into(),
                because: "its runtime status is not active".into(),
                change: "attach this report to an issue".into(),
            });
        } else if !suspended && !seen.stays_powered {
            found.push(Suspect {
                id: "runtime-pm",
                weight: 30,
                title: "the sensor stays powered after its stream".into(),
                because: "its runtime status does not become suspended".into(),
                change: "another program may keep it: who has its nodes open (fuser /dev/v4l-subdev* /dev/video*)?".into(),
            });
        }
    }
    for supply in seen.tree.iter().flat_map(|node| &node.supplies) {
        if let Some((name, wanted)) = expected(&supply.name) {
            let off = |microvolts: u64| (microvolts as f64 / wanted as f64 - 1.0).abs() > 0.1;
            if let Some(microvolts) = supply.microvolts.filter(|found| off(*found)) {
                found.push(Suspect {
                    id: "voltage",
                    weight: 55,
                    title: format!("{name} has another voltage than the sensor wants"),
                    because: format!(
                        "its regulator says {} mV, the sensor wants {} mV",
                        microvolts / 1000,
                        wanted / 1000
                    ),
                    change: format!("correct the regulator of {}, or its node", supply.name),
                });
            }
        }
    }
    found
}

/// Returns the voltage of a supply, of FRAMOS' module as dts/ has it.
fn expected(name: &str) -> Option<(&'static str, u64)> {
    match name {
        "avdd-supply" | "VANA-supply" => Some(("AVDD", 2_800_000)),
        "dvdd-supply" | "VDIG-supply" => Some(("DVDD", 1_050_000)),
        "dovdd-supply" | "VDDL-supply" => Some(("DOVDD", 1_800_000)),
        _ => None,
    }
}
