// SPDX-License-Identifier: GPL-2.0-only

//! Several sensors on one bus, through the second address.

use std::collections::BTreeMap;

use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::regs::{self, Phase};
use imx412_host::sensor::wire::group;
use imx412_host::sensor::{
    program::{self, Extent},
    Activity, Board, Burst, Change, Config, Depth, Known, Readout, RegisterImage, Setting,
    Synchronisation, WriteLimit,
};
use imx412_host::virtual_board::model::{Ack, Line, Sensor, StreamState, STORAGE_BYTES};
use proptest::prelude::*;

use super::decode::{after_reset, Registers};
use super::strategies::{activity, board, emulated, live_step, step, Step};

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

/// Returns two to four members of one kind of board, and then steps of `next` that some of them take and some
/// all.
fn group<S: Strategy<Value = Step>>(
    next: fn() -> S,
) -> impl Strategy<Value = (Board, Vec<Vec<Step>>, Vec<(usize, Step)>)> {
    (2usize..5).prop_flat_map(move |members| {
        let own = prop::collection::vec(step(), 0..4);
        // Places beyond the last stand for all.
        let next = prop::collection::vec((0..members * 2, next()), 0..6);
        (board(), prop::collection::vec(own, members), next)
    })
}

/// Returns a member that listens to the second address.
fn listening() -> impl Strategy<Value = Activity> {
    prop_oneof![Just(Activity::Armed), Just(Activity::Streaming)]
}

fn configs(board: &Board, own: &[Vec<Step>], next: &[(usize, Step)]) -> Vec<[Config; 2]> {
    let start = Config::default_for(board);
    own.iter()
        .enumerate()
        .map(|(place, own)| {
            let before = own
                .iter()
                .fold(start, |config, step| step.apply(board, config));
            let after = next
                .iter()
                .filter(|(whose, _)| *whose == place || *whose >= own.len())
                .fold(before, |config, (_, step)| step.apply(board, config));
            [before, after]
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// However they start out and whatever they are to do, all members end up with exactly their
    /// images, and get nothing on the way that they neither need nor have.
    #[test]
    fn every_member_ends_up_with_its_image(
        (board, own, next) in group(step),
        activities in prop::collection::vec([activity(), activity()], 4),
        joined in prop::bool::weighted(0.9),
        limit in 3usize..80,
    ) {
        let limit = WriteLimit::new(limit).expect("at least 3");
        let join = |config| with(config, Setting::Broadcast.to(joined.into()));
        let configs = configs(&board, &own, &next);
        let mut members: Vec<_> =
            configs.iter().zip(&activities).map(|([before, _], [from, _])| {
                Member::holding(before, *from)
            }).collect();
        for ((member, [_, after]), [_, to]) in members.iter_mut().zip(&configs).zip(&activities) {
            member.want(&join(*after), *to);
        }
        let writes = writes(&members, limit);
        for (place, member) in members.iter().enumerate() {
            let wanted = |address| {
                member.image.entries().find(|e| e.address == address).map(|e| e.value)
            };
            for (_, burst) in writes.iter().filter(|(target, _)| reaches(*target, place)) {
                if burst.address() != regs::GRP_PARAM_HOLD.address {
                    for (address, value) in burst.bytes() {
                        prop_assert_eq!(wanted(address), Some(value));
                    }
                }
            }
        }
        send(&mut members, &writes);
        prop_assert!(members.iter().all(Member::is_done));
    }

    /// Nothing that is needed by all is written to each, and for no member do phases go backwards.
    #[test]
    fn common_bytes_go_out_once_and_phases_in_order(
        (board, own, next) in group(live_step), [from, to] in [listening(), listening()],
    ) {
        let join = |config| with(config, Setting::Broadcast.to(1));
        let configs = configs(&board, &own, &next);
        let mut members: Vec<_> = configs
            .iter()
            .map(|[before, _]| Member::holding(&join(*before), from))
            .collect();
        for (member, [_, after]) in members.iter_mut().zip(&configs) {
            member.want(&join(*after), to);
        }
        let writes = writes(&members, WriteLimit::UNLIMITED);

        let mut count = BTreeMap::new();
        for (place, member) in members.iter().enumerate() {
            let phase_of = |address| {
                let entry = member.image.entries().find(|e| e.address == address);
                entry.map(|entry| entry.phase)
            };
            let mut last = Phase::AnyTime;
            for (target, burst) in &writes {
                if reaches(*target, place) && burst.address() != regs::GRP_PARAM_HOLD.address {
                    let phase = phase_of(burst.address()).expect("a byte of the program");
                    prop_assert!(last <= phase);
                    last = phase;
                }
            }
            for entry in member.image.diff(&member.known).entries() {
                *count.entry((entry.phase, entry.address, entry.value)).or_insert(0) += 1;
            }
        }
        // What takes effect at once goes to each, ahead of all that may go to the second address.
        for ((phase, address, value), count) in count {
            let own = writes.iter().filter(|(target, burst)| {
                *target != ALL && burst.bytes().any(|byte| byte == (address, value))
            });
            if count == members.len() && phase != Phase::AnyTime {
                prop_assert_eq!(own.count(), 0, "{:#06x} is common", address);
            }
        }

        // A live change is in one hold of all.
        let holds: Vec<_> = writes
            .iter()
            .enumerate()
            .filter(|(_, (_, burst))| burst.address() == regs::GRP_PARAM_HOLD.address)
            .collect();
        let live = members.iter().flat_map(|m| m.image.diff(&m.known).entries().collect::<Vec<_>>())
            .any(|entry| entry.phase == Phase::Live);
        if [from, to] == [Activity::Streaming; 2] && live {
            prop_assert_eq!(holds.len(), 2);
            prop_assert!(holds.iter().all(|(_, (target, _))| *target == ALL));
            prop_assert_eq!(holds[1].0, writes.len() - 1);
        } else {
            prop_assert_eq!(holds.len(), 0);
        }
    }

    /// Emulated sensors on one bus start as announced, without breaking a rule.
    #[test]
    fn emulated_members_stream(
        (board, own, next) in group(step), limit in 3usize..80,
    ) {
        let limit = WriteLimit::new(limit).expect("at least 3");
        let join = |config: Config| with(config, Setting::Broadcast.to(1));
        let part = emulated(&board);
        let configs = configs(&board, &own, &next);
        let mut members: Vec<_> = configs
            .iter()
            .map(|_| {
                let mut sensor = Sensor::new(vec![0; STORAGE_BYTES], part).expect("enough storage");
                for line in [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck, Line::Xclr] {
                    sensor.set_line(line, true, 0);
                }
                (sensor, Known::new(), RegisterImage::new())
            })
            .collect();
        // Each its whole program, and then a start of all.
        for (activity, extent) in
            [(Activity::Armed, Extent::Whole), (Activity::Streaming, Extent::Change)]
        {
            for (member, [_, after]) in members.iter_mut().zip(&configs) {
                program::compose_into(&join(*after), activity, extent, &mut member.2);
            }
            let writes = writes_of(members.iter().map(|(_, known, image)| (image, known)), limit);
            let starts = writes.iter().filter(|(_, burst)| burst.wire() == [0x01, 0x00, 1]);
            let expected = if activity.is_streaming() { vec![ALL] } else { Vec::new() };
            prop_assert_eq!(starts.map(|(target, _)| *target).collect::<Vec<_>>(), expected);
            for (target, burst) in &writes {
                for (place, (sensor, ..)) in members.iter_mut().enumerate() {
                    // On the board each is by itself, at the first address.
                    let address = if *target == ALL { 0x36 } else { 0x1a };
                    if reaches(*target, place) {
                        prop_assert_eq!(sensor.write(address, burst.wire(), 10_000_000), Ack::Ack);
                    }
                }
            }
            for (_, known, image) in &mut members {
                known.commit(image);
            }
        }
        for (sensor, ..) in &mut members {
            prop_assert!(sensor.frame_start().is_some());
            prop_assert!(matches!(sensor.stream(), StreamState::Streaming(_)));
            prop_assert_eq!(sensor.violations().total(), 0);
        }
    }
}
