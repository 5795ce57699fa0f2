// SPDX-License-Identifier: GPL-2.0-only

//! From scene and settings to rows of a frame.
//!
//! QEMU interprets every instruction of the guest, so the work is put into tables when settings
//! change: two neighbouring photosites cost one look-up, of both. Binning and scaling average light
//! of one colour, so they look up the photosites that they use, and add:
//!
//! * binning: the four photosites of a colour in a 4x4 cell, sum / 4, rounded down;
//! * scaling: with `q` the pixel's number among those of its colour on an axis, the pixels q * M
//!   / 16 to (q + 1) * M / 16 (exclusive, both rounded down) of that colour; of more than four per
//!   axis, four that are evenly spread; sum / number, rounded down.

use super::{
    defects::DEFECTS,
    frame::FrameSettings,
    level::full_scale,
    light,
    pack::{
        fill_tables,
        pack,
        pack_codes,
        Coded,
        MemoryFormat, //
    },
    pairs::{
        add_scaled,
        divide_scaled,
        expose,
        expose_binned,
        fill_table,
        pair,
        with_pixel,
        HeadTable,
        PairTable,
        CODE_PAIRS,
        LINE_PAIRS,
        SAMPLES_MAX, //
    },
    patterns::{
        faded,
        fill_bars,
        fill_pn9,
        fill_pn9_table,
        fill_solid,
        Pattern, //
    },
    scene::Scene, //
};
use crate::virtual_board::model::program::{
    bayer::Colour,
    readout::Axis, //
};
use core::ops::{
    DerefMut,
    Range, //
};

/// Codes of the scene.
const CODES: usize = 256;
const COLOURS: [Colour; 4] = [Colour::R, Colour::Gr, Colour::Gb, Colour::B];
const CODE_TABLES: usize = COLOURS.len() * CODES;

/// 32-bit words of storage that [`Renderer::new`] needs: the pixels of each pair of codes, for both
/// kinds of rows.
pub const RENDERER_WORDS: usize = 2 * CODE_PAIRS;
/// 64-bit words of storage that it needs, for packed pixels of 10 bits.
pub const RENDERER_DOUBLE_WORDS: usize = 2 * CODE_PAIRS;
/// 16-bit words of storage that it needs: the pixels of each code.
pub const RENDERER_HALF_WORDS: usize = CODE_TABLES;
/// 32-bit words that a [`Room`] needs: two lines.
pub const ROOM_WORDS: usize = 2 * LINE_PAIRS;
/// 16-bit words that it needs: two rows of a scene that is computed.
pub const ROOM_HALF_WORDS: usize = 2 * LINE_PAIRS;

/// Renders frames row by row, each as if it were the only one: several threads may share the work.
///
/// `D`, `W` and `H` are storage of at least [`RENDERER_DOUBLE_WORDS`], [`RENDERER_WORDS`] and
/// [`RENDERER_HALF_WORDS`], of any content; with less, nothing is rendered.
#[derive(Debug)]
pub struct Renderer<D, W, H> {
    double_words: D,
    words: W,
    half_words: H,
    image: Option<Image>,
}

/// Room for the row that a thread renders.
///
/// `W` and `H` are at least [`ROOM_WORDS`] and [`ROOM_HALF_WORDS`], of any content; with less,
/// nothing is rendered.
#[derive(Debug)]
pub struct Room<W, H> {
    /// 32-bit words.
    pub words: W,
    /// 16-bit words.
    pub half_words: H,
}

/// What is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Image {
    settings: FrameSettings,
    format: MemoryFormat,
}

impl Image {
    /// Returns whether each pair of its pixels is that of a pair of photosites, and goes into packed
    /// rows as it comes from the table.
    fn is_packed_by_table(&self) -> bool {
        let FrameSettings {
            readout,
            pattern,
            defects_corrected,
            ..
        } = &self.settings;

        self.format == MemoryFormat::Packed
            && *pattern == Pattern::Off
            && *defects_corrected
            && !readout.x.binned
            && !readout.is_scaled()
    }
}

/// The tables, and room for a row.
struct Rooms<'a> {
    /// For rows with red, and for rows with blue.
    tables: [&'a PairTable; 2],
    /// The same.
    heads: [&'a HeadTable; 2],
    codes: &'a [u16],
    row: &'a mut [u32],
    line: &'a mut [u32],
    scene: &'a mut [u16],
}

impl<D, W, H> Renderer<D, W, H>
where
    D: DerefMut<Target = [u64]>,
    W: DerefMut<Target = [u32]>,
    H: DerefMut<Target = [u16]>,
{
    /// Creates a renderer that has yet to be prepared.
    pub const fn new(double_words: D, words: W, half_words: H) -> Self {
        Self {
            double_words,
            words,
            half_words,
            image: None,
        }
    }

    /// Takes the settings of a frame, and how its rows are to be in memory; cheap if they are those
    /// that it has.
    pub fn prepare(&mut self, settings: &FrameSettings, format: MemoryFormat) {
        let image = Image {
            settings: *settings,
            format,
        };
        if self.image == Some(image) {
            return;
        }
        self.image = Some(image);
        self.fill(&image);
    }

    /// Fills the tables; `None` without storage for them.
    fn fill(&mut self, image: &Image) -> Option<()> {
        let (red_heads, double_words) = self.double_words.split_first_chunk_mut()?;
        let (blue_heads, _) = double_words.split_first_chunk_mut()?;
        let (red, words) = self.words.split_first_chunk_mut()?;
        let (blue, _) = words.split_first_chunk_mut()?;
        let codes = self.half_words.get_mut(..CODE_TABLES)?;
        let settings = &image.settings;

        match settings.pattern {
            Pattern::Off => {}
            Pattern::Pn9 => {
                fill_pn9_table(codes, settings.bits);
                return Some(());
            }
            Pattern::Solid { .. } | Pattern::Bars | Pattern::FadeToGrey => return Some(()),
        }
        for (table, colour) in codes.chunks_exact_mut(CODES).zip(COLOURS) {
            light::fill_table(settings, settings.digital_gains.of(colour), table);
        }
        let rows = codes.chunks_exact(2 * CODES);
        for ((table, heads), codes) in [(red, red_heads), (blue, blue_heads)].into_iter().zip(rows)
        {
            let (left, right) = codes.split_at_checked(CODES)?;
            let reversed = settings.readout.x.reversed;
            if image.is_packed_by_table() {
                fill_tables((left, right), reversed, settings.bits, table, heads);
            } else {
                fill_table(left, right, reversed, pair, table);
            }
        }
        Some(())
    }

    /// Returns the tables, and `room` in parts.
    fn rooms<'a>(
        &'a self,
        room: &'a mut Room<impl DerefMut<Target = [u32]>, impl DerefMut<Target = [u16]>>,
    ) -> Option<Rooms<'a>> {
        let (red_heads, double_words) = self.double_words.split_first_chunk()?;
        let (blue_heads, _) = double_words.split_first_chunk()?;
        let (red, words) = self.words.split_first_chunk()?;
        let (blue, _) = words.split_first_chunk()?;
        let (row, words) = room.words.split_at_mut_checked(LINE_PAIRS)?;

        Some(Rooms {
            tables: [red, blue],
            heads: [red_heads, blue_heads],
            codes: self.half_words.get(..CODE_TABLES)?,
            row,
            line: words.get_mut(..LINE_PAIRS)?,
            scene: room.half_words.get_mut(..ROOM_HALF_WORDS)?,
        })
    }

    /// Renders row `y` of the frame prepared into `out`: bytes from the lowest of each word on. It
    /// takes [`MemoryFormat::row_words`]; what there is behind them is not written, and with less
    /// nothing is.
    pub fn render_row(
        &self,
        scene: Scene<'_>,
        y: u32,
        room: &mut Room<impl DerefMut<Target = [u32]>, impl DerefMut<Target = [u16]>>,
        out: &mut [u32],
    ) {
        let Some(image) = &self.image else {
            return;
        };
        let Image { settings, format } = image;
        let (width, bits) = (settings.readout.width(), settings.bits);
        let Some(out) = out.get_mut(..format.row_words(width, bits)) else {
            return;
        };
        let Some(mut rooms) = self.rooms(room) else {
            return;
        };
        match format {
            MemoryFormat::Words => rooms.render(settings, scene, y, out),
            MemoryFormat::Packed if image.is_packed_by_table() => {
                rooms.render_packed(settings, scene, y, out);
            }
            MemoryFormat::Packed => {
                let pairs = usize::try_from(width / 2).unwrap_or(usize::MAX);
                // Taken out: the other rooms are needed to fill it.
                let Some(row) = core::mem::take(&mut rooms.row).get_mut(..pairs) else {
                    return;
                };
                rooms.render(settings, scene, y, row);
                pack(row, bits, out);
            }
        }
    }
}

impl Rooms<'_> {
    /// Renders row `y` into `out`, packed.
    fn render_packed(
        &mut self,
        settings: &FrameSettings,
        scene: Scene<'_>,
        y: u32,
        out: &mut [u32],
    ) {
        let readout = &settings.readout;
        let row = site(&readout.y, readout.y.digital_start.saturating_add(y));
        let ([red, blue], [red_heads, blue_heads]) = (self.tables, self.heads);
        let (table, heads) = if row & 1 == 0 {
            (red, red_heads)
        } else {
            (blue, blue_heads)
        };
        let row = Coded {
            codes: scene.row(row, site_range(&readout.x), self.scene),
            reversed: readout.x.reversed,
            table,
            heads,
        };

        pack_codes(&row, settings.bits, out);
    }

    /// Renders row `y` into `row`, which is as long as rows are.
    fn render(&mut self, settings: &FrameSettings, scene: Scene<'_>, y: u32, row: &mut [u32]) {
        let bits = settings.bits;
        let readout = &settings.readout;
        let order = readout.bayer_order();

        match settings.pattern {
            Pattern::Off => {
                let exposed = Exposed {
                    settings,
                    tables: self.tables,
                    codes: self.codes,
                    scene,
                };
                exposed.render(y, self.scene, self.line, row);
            }
            Pattern::Solid { r, gr, b, gb } => {
                let value = |colour| match colour {
                    Colour::R => r,
                    Colour::Gr => gr,
                    Colour::Gb => gb,
                    Colour::B => b,
                };
                fill_solid(row, value, order, y);
            }
            Pattern::Bars => fill_bars(row, (full_scale(bits), 0), order, y),
            Pattern::FadeToGrey => fill_bars(row, faded(bits, y, readout.height()), order, y),
            Pattern::Pn9 => fill_pn9(row, self.codes, bits, y),
        }
    }
}

/// The scene through the settings.
struct Exposed<'a> {
    settings: &'a FrameSettings,
    tables: [&'a PairTable; 2],
    codes: &'a [u16],
    scene: Scene<'a>,
}

impl Exposed<'_> {
    /// Renders row `y` into `row`, with the help of `room` for what is computed of the scene and of
    /// `line`.
    fn render(&self, y: u32, room: &mut [u16], line: &mut [u32], row: &mut [u32]) {
        let readout = &self.settings.readout;
        if !readout.is_scaled() {
            self.read_line(readout.y.digital_start.saturating_add(y), room, row);
            return;
        }

        row.fill(0);
        let pairs = usize::try_from(readout.x.digital_size / 2).unwrap_or(usize::MAX);
        let Some(line) = line.get_mut(..pairs) else {
            return;
        };
        let mut rows = 0u32;
        for source in samples(y, readout.y.scale_m) {
            self.read_line(readout.y.digital_start.saturating_add(source), room, line);
            add_scaled(line, readout.x.scale_m, row);
            rows = rows.saturating_add(1);
        }
        divide_scaled(rows, readout.x.scale_m, row);
    }

    /// Fills `line` with row `y` of the digital crop's neighbourhood: `y` counts rows after
    /// binning.
    fn read_line(&self, y: u32, room: &mut [u16], line: &mut [u32]) {
        let x_axis = &self.settings.readout.x;
        let y_axis = &self.settings.readout.y;
        let columns = site_range(x_axis);
        let [red, blue] = self.tables;
        let table = |row: u32| if row & 1 == 0 { red } else { blue };

        if !x_axis.binned {
            let row = site(y_axis, y);
            let codes = self.scene.row(row, columns.clone(), room);
            expose(codes, x_axis.reversed, table(row), line);
            self.spoil(&[row], &columns, line);
            return;
        }
        // Rows 4n and 4n + 2 make row 2n, their successors row 2n + 1.
        let upper = (y & !1).saturating_mul(2).saturating_add(y & 1);
        let rows = [upper, upper.saturating_add(2)].map(|row| site(y_axis, row));
        let Some((upper_room, lower_room)) = room.split_at_mut_checked(LINE_PAIRS) else {
            return;
        };
        let [upper, lower] = rows;
        let codes = [
            self.scene.row(upper, columns.clone(), upper_room),
            self.scene.row(lower, columns.clone(), lower_room),
        ];
        expose_binned(codes, x_axis.reversed, table(upper), line);
        self.spoil(&rows, &columns, line);
    }

    /// Puts what defects show in place of what the light gives in `line`, which was made of these
    /// rows and columns of the array.
    fn spoil(&self, rows: &[u32], columns: &Range<u32>, line: &mut [u32]) {
        if self.settings.defects_corrected {
            return;
        }
        let axis = &self.settings.readout.x;
        // In reading order.
        let column = |index: u32| {
            if axis.reversed {
                columns.end.saturating_sub(1).saturating_sub(index)
            } else {
                columns.start.saturating_add(index)
            }
        };
        let defects = DEFECTS.iter().filter(|defect| rows.contains(&defect.y));
        for defect in defects.filter(|defect| columns.contains(&defect.x)) {
            let index = if axis.reversed {
                columns.end.saturating_sub(1).saturating_sub(defect.x)
            } else {
                defect.x.saturating_sub(columns.start)
            };
            // Columns 4n and 4n + 2 make column 2n, their successors column 2n + 1.
            let (cell, sites) = if axis.binned {
                let first = index & !2;
                (index / 4, [first, first | 2])
            } else {
                (index / 2, [index; 2])
            };
            let mut sum = 0u16;
            let mut count = 0u16;
            for row in rows {
                for site in sites {
                    sum = sum.saturating_add(self.pixel(column(site), *row));
                    count = count.saturating_add(1);
                }
            }
            let pair = usize::try_from(cell).ok().and_then(|at| line.get_mut(at));
            if let Some(pair) = pair {
                let mean = sum.checked_div(count).unwrap_or(0);
                *pair = with_pixel(*pair, index & 1 == 1, mean);
            }
        }
    }

    /// Returns what one photosite shows.
    fn pixel(&self, x: u32, y: u32) -> u16 {
        let defect = DEFECTS.iter().find(|defect| (defect.x, defect.y) == (x, y));
        match defect {
            Some(defect) if defect.hot => full_scale(self.settings.bits),
            Some(_) => self.settings.pedestal,
            None => {
                let colour = Colour::at(x, y);
                let code = usize::from(self.scene.at(x, y));
                COLOURS
                    .iter()
                    .zip(self.codes.chunks_exact(CODES))
                    .find(|(of, _)| **of == colour)
                    .and_then(|(_, table)| table.get(code).copied())
                    .unwrap_or(0)
            }
        }
    }
}

/// Returns the row of the array that is the `index`th of the analogue crop in reading order.
fn site(axis: &Axis, index: u32) -> u32 {
    if axis.reversed {
        axis.start
            .saturating_add(axis.size)
            .saturating_sub(index)
            .saturating_sub(1)
    } else {
        axis.start.saturating_add(index)
    }
}

/// Returns the columns of the array that the digital crop leaves.
fn site_range(axis: &Axis) -> Range<u32> {
    let factor = if axis.binned { 2 } else { 1 };
    let skipped = axis.digital_start.saturating_mul(factor);
    let length = axis.digital_size.saturating_mul(factor);
    if axis.reversed {
        let end = axis.start.saturating_add(axis.size).saturating_sub(skipped);
        end.saturating_sub(length)..end
    } else {
        let start = axis.start.saturating_add(skipped);
        start..start.saturating_add(length)
    }
}

/// Returns the rows that the scaler averages for output row `index`.
fn samples(index: u32, m: u32) -> impl Iterator<Item = u32> {
    let plane = index / 2;
    let start = plane.saturating_mul(m) / 16;
    let end = plane.saturating_add(1).saturating_mul(m) / 16;
    let span = end.saturating_sub(start).max(1);
    let count = span.min(SAMPLES_MAX);
    (0..count).map(move |n| {
        start
            .saturating_add(n.saturating_mul(span).checked_div(count).unwrap_or(0))
            .saturating_mul(2)
            .saturating_add(index & 1)
    })
}
