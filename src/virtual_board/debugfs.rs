// SPDX-License-Identifier: GPL-2.0-only

//! The files of a board in debugfs, below `fsm-imx412/<device>`.
//!
//! | file | content |
//! |---|---|
//! | `registers` | lines `address: 16 bytes`, without lines of zeros |
//! | `registers.bin` | 64 KiB, one byte per register |
//! | `violations` | `total N`, then `name count` for each; any write clears |
//! | `bus` | `messages N`, `bytes N`, `transfers N`, `busy N`: ns that emulating them took |
//! | `heard` | `messages N`, `broadcasts N`: what of it reached the sensor |
//! | `frames` | `started N`, `delivered N`, `dropped N`, `rendering N` and `copying N`: ns that they took |
//! | `trace` | a line of `name=value` for each of the newest frames: its values |
//! | `xvs` | `sent N`, `taken N`, `ignored N`: pulses; any write sends one |
//! | `power` | `ns line on|off` for the newest changes of the sensor's lines |
//! | `broken` | what is wrong with the hardware, a line each, or `off`; a line breaks one thing more |
//! | `fail` | a failure to come: `N nack|timeout|arbitration|eio|partial`, or `off` |

use super::{
    board::EmulatedSensor,
    faults::Fault, //
};
use kernel::{
    debugfs::{
        BinaryWriter,
        Dir,
        Scope,
        ScopedDir, //
    },
    fmt,
    fs::file,
    prelude::*,
    sync::Arc,
    uaccess::{
        UserSliceReader,
        UserSliceWriter, //
    }, //
};

/// Creates the files of a board below `dir`, which are removed with the scope.
pub(crate) fn files<'a>(
    dir: &'a Dir,
    board: Arc<EmulatedSensor>,
    name: &'a CStr,
) -> impl PinInit<Scope<View>> + 'a {
    let view = View {
        registers: RegisterBytes(board.clone()),
        board,
    };

    dir.scope(view, name, View::add_files)
}

/// The data behind the files.
pub(crate) struct View {
    board: Arc<EmulatedSensor>,
    registers: RegisterBytes,
}

impl View {
    fn add_files<'data>(&'data self, dir: &ScopedDir<'data, '_>) {
        dir.read_callback_file(c"registers", &self.board, &show_registers);
        dir.read_binary_file(c"registers.bin", &self.registers);
        dir.read_write_callback_file(
            c"violations",
            &self.board,
            &show_violations,
            &clear_violations,
        );
        dir.read_callback_file(c"bus", &self.board, &show_bus);
        dir.read_callback_file(c"heard", &self.board, &show_heard);
        dir.read_callback_file(c"frames", &self.board, &show_frames);
        dir.read_callback_file(c"trace", &self.board, &show_trace);
        dir.read_write_callback_file(c"xvs", &self.board, &show_pulses, &send_pulse);
        dir.read_callback_file(c"power", &self.board, &show_power);
        dir.read_write_callback_file(c"broken", &self.board, &show_broken, &set_broken);
        dir.read_write_callback_file(c"fail", &self.board, &show_fault, &set_fault);
    }
}

fn show_registers(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    board.with(|state, _| {
        let lines = state.sensor.register_bytes().chunks(16);
        for (address, line) in (0u32..).step_by(16).zip(lines) {
            if line.iter().all(|byte| *byte == 0) {
                continue;
            }
            write!(f, "{address:04x}:")?;
            for byte in line {
                write!(f, " {byte:02x}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    })
}

fn show_violations(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    board.with(|state, _| {
        let total = state
            .violations()
            .fold(0u32, |sum, (_, count)| sum.saturating_add(count));
        writeln!(f, "total {total}")?;
        for (name, count) in state.violations() {
            writeln!(f, "{name} {count}")?;
        }
        Ok(())
    })
}

fn clear_violations(board: &Arc<EmulatedSensor>, reader: &mut UserSliceReader) -> Result {
    reader.skip(reader.len())?;
    board.clear_violations();
    Ok(())
}

fn show_bus(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let bus = board.bus();
    writeln!(f, "messages {}", bus.messages)?;
    writeln!(f, "bytes {}", bus.bytes)?;
    writeln!(f, "transfers {}", bus.transfers)?;
    writeln!(f, "busy {}", bus.busy_ns)
}

fn show_heard(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let heard = board.heard();
    writeln!(f, "messages {}", heard.messages)?;
    writeln!(f, "broadcasts {}", heard.broadcasts)
}

fn show_frames(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let frames = board.frames();
    let work = board.with(|state, _| state.work);
    writeln!(f, "started {}", frames.started)?;
    writeln!(f, "delivered {}", frames.delivered)?;
    writeln!(f, "dropped {}", frames.dropped)?;
    writeln!(f, "rendering {}", work.rendering_ns)?;
    writeln!(f, "copying {}", work.copying_ns)
}

fn show_trace(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    board.with(|state, _| {
        for started in state.trace.iter() {
            writeln!(f, "{started}")?;
        }
        Ok(())
    })
}

fn show_pulses(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let pulses = board.pulses();
    writeln!(f, "sent {}", pulses.sent)?;
    writeln!(f, "taken {}", pulses.taken)?;
    writeln!(f, "ignored {}", pulses.ignored)
}

fn send_pulse(board: &Arc<EmulatedSensor>, reader: &mut UserSliceReader) -> Result {
    reader.skip(reader.len())?;
    board.trigger();
    Ok(())
}

fn show_power(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    board.with(|state, _| {
        for event in state.sensor.power_events() {
            let level = if event.on { "on" } else { "off" };
            writeln!(f, "{} {} {level}", event.at_ns, event.line.name())?;
        }
        Ok(())
    })
}

fn show_fault(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match board.fault() {
        Some(fault) => writeln!(f, "{} {}", fault.message, fault.kind.name()),
        None => writeln!(f, "off"),
    }
}

fn set_fault(board: &Arc<EmulatedSensor>, reader: &mut UserSliceReader) -> Result {
    let mut room = [0; 32];

    board.set_fault(Fault::parse(line(reader, &mut room)?)?);
    Ok(())
}

fn show_broken(board: &Arc<EmulatedSensor>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    board.broken().show(f)
}

fn set_broken(board: &Arc<EmulatedSensor>, reader: &mut UserSliceReader) -> Result {
    let mut room = [0; 32];
    let broken = board.broken().with(line(reader, &mut room)?)?;

    board.wire().set_weakness(broken.bus);
    board.with(|state, _| {
        state.broken = broken;
        state.sensor.set_real_inck(broken.inck_hz);
    });
    Ok(())
}

/// Returns the text written by user space, if there is room for it.
fn line<'a>(reader: &mut UserSliceReader, room: &'a mut [u8]) -> Result<&'a str> {
    let length = reader.len();
    let text = room.get_mut(..length).ok_or(EINVAL)?;

    reader.read_slice(text)?;
    core::str::from_utf8(text).map_err(|_| EINVAL)
}

/// The register file as bytes.
struct RegisterBytes(Arc<EmulatedSensor>);

impl BinaryWriter for RegisterBytes {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut file::Offset,
    ) -> Result<usize> {
        // Copied out first: a page fault may take long, and the sensor's time must go on.
        let mut bytes = KVVec::new();
        self.0
            .with(|state, _| bytes.extend_from_slice(state.sensor.register_bytes(), GFP_KERNEL))?;
        writer.write_slice_file(&bytes, offset)
    }
}
