// SPDX-License-Identifier: GPL-2.0-only

//! From scene and settings to rows of a frame.
//!
//! QEMU interprets every instruction of the guest, so the work is put into tables when settings
//! change and a pixel of an unscaled row costs one look-up. Binning and scaling average light of
//! one colour, so they make and add one value per photosite that they use:
//!
//! * binning: the four photosites of a colour in a 4x4 cell, sum / 4, rounded down;
//! * scaling: with `q` the pixel's number among those of its colour on an axis, the pixels q * M
//!   / 16 to (q + 1) * M / 16 (exclusive, both rounded down) of that colour; of more than four per
//!   axis, four that are evenly spread; sum / number, rounded down.

use super::{
    defects::DEFECTS,
    frame::FrameSettings,
    level::full_scale,
    light::fill_table,
    pack::{
        pack,
        MemoryFormat, //
    },
    patterns::{
        faded,
        fill_bars,
        fill_pn9,
        fill_pn9_table,
        fill_solid,
        Pattern, //
    },
    scene::{
        RowSink,
        Scene, //
    }, //
};
use crate::virtual_board::model::program::{
    bayer::Colour,
    readout::{
        Axis, //
        ARRAY_WIDTH,
    }, //
};
use core::ops::{
    DerefMut,
    Range, //
};

const TABLE: usize = 256;
const TABLES: usize = 4 * TABLE;
const LINE: usize = ARRAY_WIDTH as usize;

/// 16-bit words of storage that [`Renderer::new`] needs: tables and two lines.
pub const RENDERER_WORDS: usize = TABLES + 2 * LINE;

/// Samples per axis that the scaler averages at most: 4 x 4 of 12 bits add up in 16 bits.
const SAMPLES_MAX: u32 = 4;

/// Renders frames row by row.
///
/// `L` is storage of at least [`RENDERER_WORDS`] words, of any content; with less, rows are
/// rendered black or cut short.
#[derive(Debug)]
pub struct Renderer<L> {
    storage: L,
    settings: Option<FrameSettings>,
}

impl<L: DerefMut<Target = [u16]>> Renderer<L> {
    /// Creates a renderer that has yet to be prepared.
    pub const fn new(storage: L) -> Self {
        Self {
            storage,
            settings: None,
        }
    }

    /// Takes the settings of a frame; cheap if they are those that it has.
    pub fn prepare(&mut self, settings: &FrameSettings) {
        if self.settings.as_ref() == Some(settings) {
            return;
        }
        self.settings = Some(*settings);
        if settings.pattern == Pattern::Pn9 {
            fill_pn9_table(&mut self.storage, settings.bits);
            return;
        }
        let colours = [Colour::R, Colour::Gr, Colour::Gb, Colour::B];
        for (table, colour) in self.storage.chunks_exact_mut(TABLE).zip(colours) {
            fill_table(settings, settings.digital_gains.of(colour), table);
        }
    }

    /// Renders row `y` of the frame prepared into `out`, in `format`. What does not fit into
    /// `out` is cut; padding is not written.
    pub fn render_row(&mut self, scene: Scene<'_>, y: u32, format: MemoryFormat, out: &mut [u8]) {
        let Some(settings) = self.settings else {
            return;
        };
        let Some((tables, lines)) = self.storage.split_at_mut_checked(TABLES) else {
            return;
        };
        let Some((line, sums)) = lines.split_at_mut_checked(LINE) else {
            return;
        };
        let readout = &settings.readout;
        let width = usize::try_from(readout.width()).unwrap_or(usize::MAX);
        let Some(row) = sums.get_mut(..width) else {
            return;
        };

        let bits = settings.bits;
        let order = readout.bayer_order();
        match settings.pattern {
            Pattern::Off => Exposed {
                settings: &settings,
                tables,
                scene,
            }
            .render(y, line, row),
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
            Pattern::Pn9 => fill_pn9(row, tables, bits, y),
        }
        pack(row, bits, format, out);
    }
}

/// The scene through the settings.
struct Exposed<'a> {
    settings: &'a FrameSettings,
    tables: &'a [u16],
    scene: Scene<'a>,
}

impl Exposed<'_> {
    /// Renders row `y` into `row`, with the help of `line`.
    fn render(&self, y: u32, line: &mut [u16], row: &mut [u16]) {
        let readout = &self.settings.readout;
        if readout.x.scale_m == 16 && readout.y.scale_m == 16 {
            self.read_line(readout.y.digital_start.saturating_add(y), row);
            return;
        }

        row.fill(0);
        let width = usize::try_from(readout.x.digital_size).unwrap_or(usize::MAX);
        let Some(line) = line.get_mut(..width) else {
            return;
        };
        let mut rows = 0u16;
        for source in samples(y, readout.y.scale_m) {
            self.read_line(readout.y.digital_start.saturating_add(source), line);
            add_scaled(line, readout.x.scale_m, row);
            rows = rows.saturating_add(1);
        }
        divide_scaled(rows, readout.x.scale_m, row);
    }

    /// Fills `line` with row `y` of the digital crop's neighbourhood: `y` counts rows after
    /// binning.
    fn read_line(&self, y: u32, line: &mut [u16]) {
        let x_axis = &self.settings.readout.x;
        let y_axis = &self.settings.readout.y;
        let columns = site_range(x_axis);
        let reversed = x_axis.reversed;
        let first_column = if reversed {
            columns.end.saturating_sub(1)
        } else {
            columns.start
        };
        let tables = |row: u32| {
            Some((
                self.table(Colour::at(first_column, row))?,
                self.table(Colour::at(first_column ^ 1, row))?,
            ))
        };

        if !x_axis.binned {
            let row = site(y_axis, y);
            if let Some((even, odd)) = tables(row) {
                let sites = columns.clone();
                let expose = Expose { line, even, odd };
                self.scene.read_row(row, sites, reversed, expose);
            }
            self.spoil(row, &columns, line);
            return;
        }
        line.fill(0);
        // Rows 4n and 4n + 2 make row 2n, their successors row 2n + 1.
        let upper = (y & !1).saturating_mul(2).saturating_add(y & 1);
        for row in [upper, upper.saturating_add(2)] {
            let row = site(y_axis, row);
            if let Some((even, odd)) = tables(row) {
                let bin = Bin { line, even, odd };
                self.scene.read_row(row, columns.clone(), reversed, bin);
            }
            self.spoil(row, &columns, line);
        }
        for pixel in line {
            *pixel /= 4;
        }
    }

    /// Puts what defects show in place of what the light gives in row `row` of the array, of which
    /// `columns` have been added to `line`.
    fn spoil(&self, row: u32, columns: &Range<u32>, line: &mut [u16]) {
        let settings = self.settings;
        if settings.defects_corrected {
            return;
        }
        let axis = &settings.readout.x;
        let defects = DEFECTS.iter().filter(|defect| defect.y == row);
        for defect in defects.filter(|defect| columns.contains(&defect.x)) {
            let site = if axis.reversed {
                columns.end.saturating_sub(1).saturating_sub(defect.x)
            } else {
                defect.x.saturating_sub(columns.start)
            };
            // Columns 4n and 4n + 2 make column 2n, their successors column 2n + 1.
            let column = if axis.binned {
                (site / 4).saturating_mul(2) | site & 1
            } else {
                site
            };
            let shown = if defect.hot {
                full_scale(settings.bits)
            } else {
                settings.pedestal
            };
            let healthy = self
                .table(Colour::at(defect.x, defect.y))
                .map_or(0, |table| look_up(table, self.scene.at(defect.x, defect.y)));
            let pixel = usize::try_from(column).ok().and_then(|x| line.get_mut(x));
            if let Some(pixel) = pixel {
                *pixel = pixel.saturating_sub(healthy).saturating_add(shown);
            }
        }
    }

    fn table(&self, colour: Colour) -> Option<&[u16; TABLE]> {
        let slot = match colour {
            Colour::R => 0,
            Colour::Gr => 1,
            Colour::Gb => 2,
            Colour::B => 3,
        };
        self.tables.chunks_exact(TABLE).nth(slot)?.try_into().ok()
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

/// Returns the rows or columns that the scaler averages for output row or column `index`.
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

/// Adds to each pixel of `row` its samples of `line`.
fn add_scaled(line: &[u16], m: u32, row: &mut [u16]) {
    for (x, sum) in (0..ARRAY_WIDTH).zip(row) {
        for sample in samples(x, m) {
            let value = usize::try_from(sample).ok().and_then(|x| line.get(x));
            *sum = sum.saturating_add(value.copied().unwrap_or(0));
        }
    }
}

/// Turns sums over `rows` rows into means.
fn divide_scaled(rows: u16, m: u32, row: &mut [u16]) {
    for (x, sum) in (0..ARRAY_WIDTH).zip(row) {
        let columns = u16::try_from(samples(x, m).count()).unwrap_or(1);
        *sum = sum.checked_div(rows.saturating_mul(columns)).unwrap_or(0);
    }
}

/// One look-up per photosite.
struct Expose<'a> {
    line: &'a mut [u16],
    even: &'a [u16; TABLE],
    odd: &'a [u16; TABLE],
}

impl RowSink for Expose<'_> {
    fn take(self, pairs: impl Iterator<Item = [u8; 2]>) {
        for (pixels, [a, b]) in self.line.chunks_exact_mut(2).zip(pairs) {
            pixels.copy_from_slice(&[look_up(self.even, a), look_up(self.odd, b)]);
        }
    }
}

/// Adds the photosites of one colour in each four columns.
struct Bin<'a> {
    line: &'a mut [u16],
    even: &'a [u16; TABLE],
    odd: &'a [u16; TABLE],
}

impl RowSink for Bin<'_> {
    fn take(self, mut pairs: impl Iterator<Item = [u8; 2]>) {
        for pixels in self.line.chunks_exact_mut(2) {
            let (Some([a, b]), Some([c, d])) = (pairs.next(), pairs.next()) else {
                return;
            };
            if let [even, odd] = pixels {
                *even = even
                    .saturating_add(look_up(self.even, a))
                    .saturating_add(look_up(self.even, c));
                *odd = odd
                    .saturating_add(look_up(self.odd, b))
                    .saturating_add(look_up(self.odd, d));
            }
        }
    }
}

fn look_up(table: &[u16; TABLE], code: u8) -> u16 {
    table.get(usize::from(code)).copied().unwrap_or(0)
}
