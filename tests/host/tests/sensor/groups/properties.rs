// SPDX-License-Identifier: GPL-2.0-only

//! What holds for all members, whatever they hold and are to do.

use std::collections::BTreeMap;

use imx412_host::sensor::regs::{self, Phase};
use imx412_host::sensor::{
    program::{self, Extent},
    Activity, Board, Config, Known, RegisterImage, Setting, WriteLimit,
};
use imx412_host::virtual_board::model::{Ack, Line, Sensor, StreamState, STORAGE_BYTES};
use proptest::prelude::*;

use super::super::strategies::{activity, board, emulated, live_step, step, Step};
use super::{reaches, send, with, writes, writes_of, Member, ALL};

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
