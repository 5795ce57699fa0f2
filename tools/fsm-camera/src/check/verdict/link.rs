// SPDX-License-Identifier: GPL-2.0-only

//! Causes that test patterns show.

use super::{short_frames, Suspect};
use crate::check::signal::PatternSeen;

/// Of the bits of a lane, what another layout of a pattern makes wrong at least.
const NOISE: f64 = 0.3;

/// Returns the suspects from test patterns.
pub(super) fn link(patterns: &[PatternSeen]) -> Vec<Suspect> {
    let solid_right = patterns
        .iter()
        .any(|seen| seen.name.starts_with("solid") && seen.is_right())
        && !patterns
            .iter()
            .any(|seen| seen.name.starts_with("solid") && !seen.is_right());
    let wrong: Vec<&PatternSeen> = patterns
        .iter()
        .filter(|seen| !(seen.is_right() || solid_right && is_noise(seen)))
        .collect();
    let mut found = Vec::new();
    if let Some((first, second)) = agreed(&wrong, |seen| seen.swapped) {
        found.push(Suspect {
            id: "lanes-swapped",
            weight: 91,
            title: format!("lanes {first} and {second} have changed places"),
            because: format!(
                "{} right in every pixel once the two are exchanged",
                names(&wrong)
            ),
            change: format!(
                "exchange {first} and {second} in data-lanes of the receiver's endpoint (the sensor cannot swap lanes), or on the board"
            ),
        });
        return found;
    }
    if let Some(order) = agreed(&wrong, |seen| seen.order) {
        found.push(Suspect {
            id: "bayer-order",
            weight: 89,
            title: format!("the order of colours is {}", order.name()),
            because: "a solid colour has all of its four values, and each at another place of the cell than the format says".into(),
            change: "the first line or column is lost or added on the way (a crop of the receiver that begins at an odd place), or a driver names the wrong media bus code for the flips".into(),
        });
        return found;
    }
    if let Some(line) = agreed(&wrong, |seen| seen.cut_at) {
        found.push(short_frames(format!(
            "patterns are right up to line {line} and wrong from there on"
        )));
        return found;
    }
    let lanes = wrong.iter().map(|seen| seen.lanes.len()).max().unwrap_or(0);
    for lane in 0..lanes {
        let of_lane: Vec<_> = wrong
            .iter()
            .filter_map(|seen| seen.lanes.get(lane))
            .collect();
        let bits: u64 = of_lane.iter().map(|seen| seen.bits).sum();
        let errors: u64 = of_lane.iter().map(|seen| seen.wrong).sum();
        if errors == 0 {
            continue;
        }
        let number = lane + 1;
        let stuck = of_lane
            .iter()
            .filter(|seen| seen.wrong > 0)
            .map(|seen| seen.stuck)
            .reduce(|a, b| if a == b { a } else { None })
            .flatten();
        found.push(match stuck {
            Some(high) => Suspect {
                id: "lane-stuck",
                weight: 91,
                title: format!("lane {number} is stuck at {}", u8::from(high)),
                because: format!("all of its bits are {} in {}", u8::from(high), names(&wrong)),
                change: format!(
                    "look at the pair of data lane {number}: an open or shorted wire, a bad contact of the flat cable"
                ),
            },
            None => Suspect {
                id: "lane-errors",
                weight: 90,
                title: format!("lane {number} has bit errors"),
                because: format!(
                    "{errors} of {bits} bits of lane {number} are wrong, about 1 in {}",
                    bits / errors.max(1)
                ),
                change: format!(
                    "look at the pair of data lane {number} (contacts, length, bends); a lower link frequency helps, and so may the settle time of the receiver's PHY"
                ),
            },
        });
    }
    // More lanes than one that are equally bad are no matter of a wire.
    if found.len() == lanes && lanes > 1 {
        found.insert(
            0,
            Suspect {
                id: "link-errors",
                weight: 91,
                title: "all lanes have bit errors".into(),
                because: format!("{} are wrong on each lane", names(&wrong)),
                change: "a lower link frequency; the settle time of the receiver's PHY; the clock lane; DOVDD".into(),
            },
        );
    }
    found
}

/// As wrong as a pattern of another layout is.
fn is_noise(seen: &PatternSeen) -> bool {
    seen.swapped.is_none()
        && seen.cut_at.is_none()
        && seen
            .lanes
            .iter()
            .all(|lane| lane.stuck.is_none() && lane.wrong as f64 > NOISE * lane.bits as f64)
}

/// Returns the value on which all that have one agree.
fn agreed<T: PartialEq>(
    patterns: &[&PatternSeen],
    what: impl Fn(&PatternSeen) -> Option<T>,
) -> Option<T> {
    let mut said = patterns.iter().filter_map(|seen| what(seen));
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

fn names(patterns: &[&PatternSeen]) -> String {
    let names: Vec<_> = patterns.iter().map(|seen| seen.name.as_str()).collect();
    names.join(", ")
}
