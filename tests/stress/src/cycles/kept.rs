// SPDX-License-Identifier: GPL-2.0-only

//! Memory of the kernel, counted in objects by cache: pages do not tell a leak from caches that are
//! filled unevenly, nor from memory that a sanitizer keeps for itself.

use crate::files;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

const SLABS: &str = "/sys/kernel/slab";
/// Variable with the seconds for which the kernel keeps released memory; none if it is not set.
const AFTERLIFE: &str = "STRESS_AFTERLIFE";
/// Time for memory that is freed after a grace period, and for counters that each processor adds up
/// by itself.
const SETTLING: Duration = Duration::from_secs(3);
/// Caches that tell nothing: kmemleak's, with an object for each of others, and that of the places of
/// vmalloc(), which the kernel frees tens of MiB at a time. `VmallocUsed` has what is in use.
const BOOKKEEPING: [&str; 3] = ["kmemleak_object", "kmemleak_scan_area", "vmap_area"];
/// Lines of a cache's traces that are shown.
const TRACES: usize = 40;
const PAGE_KIB: u64 = 4;

/// Numbers of objects of each cache, and sizes in KiB of memory that is in no cache.
#[derive(Debug, Clone, Default)]
pub struct Kept(BTreeMap<String, u64>);

impl Kept {
    /// Counts the memory that is kept now.
    pub fn now() -> Result<Self, String> {
        let afterlife = std::env::var(AFTERLIFE).map_or(Ok(0), |seconds| seconds.parse());
        let afterlife = afterlife.map_err(|e| format!("{AFTERLIFE}: {e}"))?;
        thread::sleep(Duration::from_secs(afterlife) + SETTLING);
        // Freed memory remains in KASAN's quarantine until its cache is shrunk.
        for cache in fs::read_dir(SLABS).into_iter().flatten().flatten() {
            let _ = files::write(cache.path().join("shrink"), "1");
        }
        let slabs = files::read("/proc/slabinfo").map_err(|e| e.to_string())?;
        let mut kept = Self::of(&slabs, is_judged);
        let of = |name: &str| {
            files::number("/proc/meminfo", name).ok_or(format!("/proc/meminfo has no {name}"))
        };
        for name in ["KernelStack", "VmallocUsed", "Percpu"] {
            kept.0.insert(format!("KiB of {name}"), of(name)?);
        }
        // Allocations that are too large for a cache.
        let large = of("Slab")?.saturating_sub(pages(&slabs) * PAGE_KIB);
        kept.0.insert("KiB of large allocations".into(), large);
        Ok(kept)
    }

    /// Counts the objects of /proc/slabinfo in the caches for which `is_judged`.
    fn of(slabs: &str, is_judged: impl Fn(&str) -> bool) -> Self {
        let objects = caches(slabs).filter_map(|words| {
            let name = *words.first()?;
            let active = words.get(1)?.parse().ok()?;
            is_judged(name).then(|| (name.to_owned(), active))
        });
        Self(objects.collect())
    }

    /// Returns what there is more of than `before`, and by how much.
    fn beyond<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = (&'a str, u64)> {
        self.0.iter().filter_map(|(name, now)| {
            let before = before.0.get(name).copied().unwrap_or(0);
            let more = now.checked_sub(before).filter(|more| *more > 0)?;
            Some((name.as_str(), more))
        })
    }
}

/// Returns what there is more of, by `least` or more, after each of two equal runs. Memory that is
/// taken once, or comes and goes, does not grow twice.
pub fn grown([start, middle, end]: [&Kept; 3], least: u64) -> Vec<String> {
    for (name, more) in end.beyond(start) {
        println!("kernel memory: {name}: {more} more");
    }
    let first: BTreeMap<&str, u64> = middle.beyond(start).collect();
    end.beyond(middle)
        .filter_map(|(name, more)| {
            let before = *first.get(name)?;
            (before >= least && more >= least).then(|| {
                let file = format!("/sys/kernel/debug/slab/{name}/alloc_traces");
                let traces = fs::read_to_string(file).unwrap_or_default();
                let traces: Vec<&str> = traces.lines().take(TRACES).collect();
                format!(
                    "{}\n{name}: {before} more, and {more} more",
                    traces.join("\n")
                )
            })
        })
        .collect()
}

/// Returns whether a cache counts: not one of [`BOOKKEEPING`], nor one that the kernel empties when it
/// needs the memory.
fn is_judged(cache: &str) -> bool {
    let reclaimable = Path::new(SLABS).join(cache).join("reclaim_account");
    !BOOKKEEPING.contains(&cache) && files::read(reclaimable).map_or(true, |text| text == "0")
}

/// Returns the words of each line of /proc/slabinfo that is about a cache.
fn caches(slabs: &str) -> impl Iterator<Item = Vec<&str>> {
    slabs
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("slabinfo"))
        .map(|line| line.split_whitespace().collect())
}

/// Returns the number of pages in all caches.
fn pages(slabs: &str) -> u64 {
    caches(slabs)
        .filter_map(|words| {
            let number = |at: usize| words.get(at)?.parse::<u64>().ok();
            Some(number(5)? * number(14)?)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLABINFO: &str = "slabinfo - version: 2.1\n\
        # name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables\n\
        kmalloc-64 120 128 320 12 1 : tunables 0 0 0 : slabdata 11 11 0\n\
        dentry 900 910 400 10 2 : tunables 0 0 0 : slabdata 91 91 0\n";

    #[test]
    fn objects_and_pages_are_read() {
        let kept = Kept::of(SLABINFO, |name| name != "dentry");
        assert_eq!(kept.0, BTreeMap::from([("kmalloc-64".to_owned(), 120)]));
        assert_eq!(pages(SLABINFO), 11 + 2 * 91);
    }

    #[test]
    fn what_grows_twice_is_a_leak() {
        let grown = |objects: [u64; 3]| {
            let kept =
                objects.map(|objects| Kept(BTreeMap::from([("kmalloc-64".into(), objects)])));
            grown(kept.each_ref(), 10)
        };
        assert!(grown([0, 10, 20])[0].ends_with("kmalloc-64: 10 more, and 10 more"));
        for harmless in [
            [100, 109, 120],
            [100, 500, 500],
            [100, 100, 500],
            [100, 50, 500],
        ] {
            assert!(grown(harmless).is_empty(), "{harmless:?}");
        }
    }
}
