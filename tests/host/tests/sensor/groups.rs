// SPDX-License-Identifier: GPL-2.0-only

//! Several sensors on one bus, through the second address.

mod properties;

use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::regs;
use imx412_host::sensor::wire::group;
use imx412_host::sensor::{
    program::{self, Extent},
    Activity, Board, Burst, Change, Config, Depth, Known, Readout, RegisterImage, Setting,
    Synchronisation, WriteLimit,
};

use super::decode::{after_reset, Registers};

/// A member of a group.
struct Member {
    known: Known,
    registers: Registers,
    image: RegisterImage,
    /// The configuration whose whole program it has.
    programmed: Option<Config>,
}

impl Member {
    /// One that comes out of reset.
    fn reset() -> Self {
        Self {
            known: Known::new(),
            registers: after_reset(),
            image: RegisterImage::new(),
            programmed: None,
        }
    }

    /// One that was brought to `activity` with `config`.
    fn holding(config: &Config, activity: Activity) -> Self {
        let mut member = Self::reset();
        member.want(config, activity);
        let bursts: Vec<_> = member
            .image
            .diff(&member.known)
            .bursts(WriteLimit::UNLIMITED)
            .collect();
        bursts.iter().for_each(|burst| member.receive(burst));
        member.known.commit(&member.image);
        member.programmed = Some(*config);
        member
    }

    fn want(&mut self, config: &Config, activity: Activity) {
        let has_program = |programmed: Config| programmed.stands_as(config);
        let extent = match self.programmed.is_some_and(has_program) {
            true => Extent::Change,
            false => Extent::Whole,
        };
        program::compose_into(config, activity, extent, &mut self.image);
    }

    fn receive(&mut self, burst: &Burst) {
        self.registers.extend(burst.bytes());
    }

    fn is_done(&self) -> bool {
        let mut entries = self.image.entries();
        self.image.diff(&self.known).is_empty()
            && entries.all(|entry| self.registers.get(&entry.address) == Some(&entry.value))
    }
}

const FIRST: u16 = 0x1a;
const SECOND: u16 = 0x10;
const ALL: u16 = regs::SECOND_ADDRESS;

/// Returns the I2C address of the member at a place.
fn address_of(place: usize) -> u16 {
    [FIRST, SECOND, 0x20, 0x21][place]
}

fn reaches(target: u16, place: usize) -> bool {
    target == ALL || target == address_of(place)
}

/// Returns the writes of a change: of all at once, or of one after the other.
fn writes_of<'a>(
    members: impl IntoIterator<Item = (&'a RegisterImage, &'a Known)>,
    limit: WriteLimit,
) -> Vec<(u16, Burst)> {
    let members: Vec<_> = members
        .into_iter()
        .enumerate()
        .map(|(place, (image, known))| group::Member {
            address: address_of(place),
            image: *image,
            known: *known,
        })
        .collect();
    match group::writes(&members, limit) {
        Some(writes) => writes.collect(),
        None => members
            .iter()
            .flat_map(|member| {
                let bursts = member.diff().bursts(limit);
                bursts.map(|burst| (member.address, burst))
            })
            .collect(),
    }
}

fn writes(members: &[Member], limit: WriteLimit) -> Vec<(u16, Burst)> {
    let members = members.iter().map(|member| (&member.image, &member.known));
    writes_of(members, limit)
}

fn send(members: &mut [Member], writes: &[(u16, Burst)]) {
    for (target, burst) in writes {
        for (place, member) in members.iter_mut().enumerate() {
            if reaches(*target, place) {
                member.receive(burst);
            }
        }
    }
    for member in members {
        member.known.commit(&member.image);
    }
}

fn with(config: Config, change: Change) -> Config {
    config
        .with(change)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the configuration of a member, in a group.
fn joined() -> Config {
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412).expect("a board");
    with(Config::default_for(&board), Setting::Broadcast.to(1))
}

/// Returns a member that streams with a configuration.
fn streaming(config: Config) -> (Config, Activity) {
    (config, Activity::Streaming)
}

/// Returns the writes that take two members from one pair of configurations and activities to the
/// next.
fn pair(before: [(Config, Activity); 2], after: [(Config, Activity); 2]) -> Vec<(u16, Vec<u8>)> {
    let mut members = before.map(|(config, activity)| Member::holding(&config, activity));
    for (member, (config, activity)) in members.iter_mut().zip(&after) {
        member.want(config, *activity);
    }
    writes(&members, WriteLimit::UNLIMITED)
        .into_iter()
        .map(|(target, burst)| (target, burst.wire().to_vec()))
        .collect()
}

#[test]
fn what_both_need_goes_out_once_in_one_hold() {
    let gain = with(joined(), Setting::AnalogueGain.to(500));
    let after = [1000, 2000].map(|lines| streaming(with(gain, Setting::Exposure.to(lines))));
    assert_eq!(
        pair([streaming(joined()); 2], after),
        [
            (ALL, vec![0x01, 0x04, 1]),
            (FIRST, vec![0x02, 0x02, 0x03, 0xE8]),
            (SECOND, vec![0x02, 0x02, 0x07, 0xD0]),
            (ALL, vec![0x02, 0x04, 0x01, 0xF4]),
            (ALL, vec![0x01, 0x04, 0]),
        ]
    );
}

#[test]
fn the_same_change_is_one_transfer_for_all() {
    let before = streaming(joined());
    let after = streaming(with(joined(), Setting::Exposure.to(1000)));
    assert_eq!(
        pair([before; 2], [after; 2]),
        [
            (ALL, vec![0x01, 0x04, 1]),
            (ALL, vec![0x02, 0x02, 0x03, 0xE8]),
            (ALL, vec![0x01, 0x04, 0]),
        ]
    );
    // One that has it already gets nothing but the hold.
    assert_eq!(
        pair([before, after], [after; 2]),
        [
            (ALL, vec![0x01, 0x04, 1]),
            (FIRST, vec![0x02, 0x02, 0x03, 0xE8]),
            (ALL, vec![0x01, 0x04, 0]),
        ]
    );
    assert_eq!(pair([after; 2], [after; 2]), []);
}

/// A source and its sink: each its own registers, then one write that starts both, and one that stops.
#[test]
fn a_stream_starts_and_stops_with_one_write() {
    let sync = |sync: Synchronisation| with(joined(), Setting::Synchronisation.to(sync.code()));
    let configs = [Synchronisation::Source, Synchronisation::Sink].map(sync);
    let armed = configs.map(|config| (config, Activity::Armed));
    let streaming = configs.map(streaming);
    assert_eq!(
        pair(armed, streaming),
        [
            (FIRST, vec![0x30, 0x40, 1]),
            (FIRST, vec![0x4B, 0x81, 1]),
            (ALL, vec![0x01, 0x00, 1]),
            (FIRST, vec![0x01, 0x38, 1]),
        ]
    );
    assert_eq!(
        pair(streaming, armed),
        [
            (FIRST, vec![0x01, 0x38, 0]),
            (ALL, vec![0x01, 0x00, 0]),
            (FIRST, vec![0x30, 0x40, 0]),
            (FIRST, vec![0x4B, 0x81, 0]),
        ]
    );
}

/// Sensors that come out of reset get the whole program, each by itself.
#[test]
fn members_get_their_program_alone() {
    let mut members = [(); 2].map(|()| Member::reset());
    for member in &mut members {
        member.want(&joined(), Activity::Streaming);
    }
    let writes = writes(&members, WriteLimit::UNLIMITED);
    let (first, second) = writes.split_at(writes.len() / 2);
    assert!(first.iter().all(|(target, _)| *target == FIRST));
    assert!(second.iter().all(|(target, _)| *target == SECOND));
    let bursts = |writes: &[(u16, Burst)]| writes.iter().map(|(_, burst)| *burst).collect();
    let (first, second): (Vec<_>, Vec<_>) = (bursts(first), bursts(second));
    assert_eq!(first, second);
}

/// A bridge over what all hold does not reach one that has just got something else there.
#[test]
fn a_bridge_does_not_take_back_what_one_has_got() {
    let with = |exposure, gain| {
        let exposed = with(joined(), Setting::Exposure.to(exposure));
        streaming(self::with(exposed, Setting::AnalogueGain.to(gain)))
    };
    let before = with(0x0801, 0x0000);
    // The low byte of the exposure stays in one, between two that change in both.
    let after = [with(0x0901, 0x0100), with(0x0902, 0x0100)];
    let mut members = [before; 2].map(|(config, activity)| Member::holding(&config, activity));
    for (member, (config, activity)) in members.iter_mut().zip(&after) {
        member.want(config, *activity);
    }
    let writes = writes(&members, WriteLimit::UNLIMITED);
    send(&mut members, &writes);
    assert!(members.iter().all(Member::is_done));
}

/// One that has not joined does not listen, one that streams must not get what needs standby, and one
/// alone needs no group.
#[test]
fn who_cannot_act_together_is_written_to_alone() {
    let left = with(joined(), Setting::Broadcast.to(0));
    let slow = |(config, activity)| (with(config, Setting::VerticalBlanking.to(1000)), activity);
    let (left, standby, streaming) = (
        streaming(left),
        (joined(), Activity::Standby),
        streaming(joined()),
    );
    let only_own = |writes: Vec<(u16, Vec<u8>)>| writes.iter().all(|(target, _)| *target != ALL);

    let writes = pair([streaming, left], [streaming, left].map(slow));
    assert!(writes.len() == 6 && only_own(writes));
    let writes = pair([streaming, standby], [streaming, standby].map(slow));
    assert!(writes.len() == 4 && only_own(writes));

    let mut alone = [Member::holding(&streaming.0, streaming.1)];
    alone[0].want(&slow(streaming).0, Activity::Streaming);
    let writes = self::writes(&alone, WriteLimit::UNLIMITED);
    assert!(writes.iter().all(|(target, _)| *target == FIRST));
    assert_eq!(self::writes(&[], WriteLimit::UNLIMITED), []);
}

/// What needs standby does not reach a streaming member because another needs it as well.
#[test]
fn a_streaming_member_gets_no_more_than_it_needs() {
    let twelve = joined().with_readout(Readout::full_frame(Depth::Twelve));
    let before = [(joined(), Activity::Standby), streaming(twelve)];
    let writes = pair(before, [streaming(twelve); 2]);
    assert!(!writes.is_empty());
    assert!(writes.iter().all(|(target, _)| *target == FIRST));
}

/// A change that was interrupted leaves a hold; the next one releases it before it takes its own.
#[test]
fn an_interrupted_hold_is_released_for_all() {
    let mut members = [(); 2].map(|()| Member::holding(&joined(), Activity::Streaming));
    for member in &mut members {
        member.want(
            &with(joined(), Setting::Exposure.to(1000)),
            Activity::Streaming,
        );
    }
    for member in &mut members {
        member.known.forget_difference(&member.image);
    }
    let wires: Vec<_> = writes(&members, WriteLimit::UNLIMITED)
        .into_iter()
        .map(|(target, burst)| (target, burst.wire().to_vec()))
        .collect();
    let hold = |value| (ALL, vec![0x01, 0x04, value]);
    let exposure = (ALL, vec![0x02, 0x02, 0x03, 0xE8]);
    assert_eq!(wires, [hold(0), hold(1), exposure, hold(0)]);
}
