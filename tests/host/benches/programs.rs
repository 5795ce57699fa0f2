// SPDX-License-Identifier: GPL-2.0-only

//! Time to compose a program and to compare it with the known contents of a sensor, per byte:
//! `cargo bench -p imx412-host`.

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::program::{self, Extent};
use imx412_host::sensor::{
    Activity,
    Board,
    Config,
    Known,
    RegisterImage,
    Setting,
    WriteLimit, //
};
use std::hint::black_box;

fn config() -> Config {
    let board = Board::new(24_000_000, 4, &[600_000_000], &IMX412).expect("a board");
    Config::default_for(&board)
}

fn image(config: &Config, activity: Activity, extent: Extent) -> RegisterImage {
    let mut image = RegisterImage::new();
    program::compose_into(config, activity, extent, &mut image);
    image
}

/// Returns a sensor that streams with `config`.
fn streaming(config: &Config) -> Known {
    let mut known = Known::new();
    known.commit(&image(config, Activity::Streaming, Extent::Whole));
    known
}

fn compose(criterion: &mut Criterion) {
    let config = config();
    let mut group = criterion.benchmark_group("compose");
    for (name, extent) in [("whole", Extent::Whole), ("change", Extent::Change)] {
        let mut composed = image(&config, Activity::Streaming, extent);
        group.throughput(Throughput::Elements(composed.entries().count() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                program::compose_into(
                    black_box(&config),
                    Activity::Streaming,
                    extent,
                    &mut composed,
                );
            });
        });
    }
}

fn diff(criterion: &mut Criterion) {
    let config = config();
    let next = config
        .with(Setting::Exposure.to(1234))
        .expect("an exposure");
    let cases = [
        (
            "from cold",
            Known::new(),
            image(&config, Activity::Standby, Extent::Whole),
        ),
        (
            "exposure",
            streaming(&config),
            image(&next, Activity::Streaming, Extent::Change),
        ),
    ];
    let mut group = criterion.benchmark_group("diff");
    for (name, known, image) in cases {
        group.throughput(Throughput::Elements(image.entries().count() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let bursts = black_box(&image).diff(&known).bursts(WriteLimit::UNLIMITED);
                bursts.map(|burst| burst.data().len()).sum::<usize>()
            });
        });
    }
}

criterion_group!(benches, compose, diff);
criterion_main!(benches);
