// SPDX-License-Identifier: GPL-2.0-only

//! Ends of a sub-device's life: in use by files and pipelines.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::kernel_ext::{
    compat,
    media::v4l2::{
        ctrls::{
            Controls,
            Id,
            Locked, //
        },
        subdev::{
            group::Group,
            state::State,
            Operations,
            Subdev, //
        }, //
    },
    testing::bench::{
        module_references,
        Bench, //
    }, //
};
use kernel::{
    faux,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Completion, //
    },
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    },
    workqueue, //
};

/// Number of polls for an event, one per millisecond.
const PATIENCE: u32 = 10_000;

/// Longest time in which a state spins: a sub-device leaves in much less.
const SPIN: Delta = Delta::from_millis(200);

/// A test's view of a [`Fake`].
#[pin_data]
struct Watch {
    dropped: Atomic<bool>,
    // Makes the next state wait.
    stops: Atomic<bool>,
    // Makes the next state spin, without sleeping, until `left`.
    spins: Atomic<bool>,
    left: Atomic<bool>,
    // `left` while a state was spinning.
    overtaken: Atomic<bool>,
    #[pin]
    stopped: Completion,
    #[pin]
    go_on: Completion,
}

impl Watch {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                dropped: Atomic::new(false),
                stops: Atomic::new(false),
                spins: Atomic::new(false),
                left: Atomic::new(false),
                overtaken: Atomic::new(false),
                stopped <- Completion::new(),
                go_on <- Completion::new(),
            }),
            GFP_KERNEL,
        )
    }

    fn is_dropped(&self) -> bool {
        self.dropped.load(Relaxed)
    }
}

/// A sub-device that has nothing but its life.
struct Fake(Arc<Watch>);

impl Drop for Fake {
    fn drop(&mut self) {
        self.0.dropped.store(true, Relaxed);
    }
}

impl Controls for Fake {
    fn set_control(&self, _first: Id, _state: &mut State, _controls: &Locked<'_>) -> Result {
        Ok(())
    }
}

#[vtable]
impl Operations for Fake {
    fn init_state(&self, _state: &mut State) -> Result {
        if self.0.stops.xchg(false, Relaxed) {
            self.0.stopped.complete_all();
            self.0.go_on.wait_for_completion();
        }
        if self.0.spins.xchg(false, Relaxed) {
            let start = Instant::<Monotonic>::now();

            self.0.stopped.complete_all();
            while start.elapsed() < SPIN && !self.0.overtaken.load(Relaxed) {
                self.0.overtaken.store(self.0.left.load(Relaxed), Relaxed);
            }
        }
        Ok(())
    }

    fn unbind(&self) {}
}

/// Has what is over freed: that is looked at when a sub-device goes.
fn sweep() -> Result {
    let bench = Bench::new()?;

    bench.plug(Fake(Watch::new()?))?;
    bench.unplug();
    Ok(())
}

/// Number of polls for the end of a released object. CONFIG_DEBUG_KOBJECT_RELEASE delays nodes for
/// up to 4 s, and the sub-devices and modules that they refer to with them.
const LOOKS: u32 = if cfg!(CONFIG_DEBUG_KOBJECT_RELEASE) {
    100
} else {
    1
};

/// Returns the result of `is_so`, once no release is delayed any more.
fn in_time(mut is_so: impl FnMut() -> Result<bool>) -> Result<bool> {
    for _ in 0..LOOKS {
        if is_so()? {
            return Ok(true);
        }
        fsleep(Delta::from_millis(100));
    }
    Ok(false)
}

/// Returns the references to this module, once no release is delayed any more.
fn settled_references() -> i32 {
    if LOOKS > 1 {
        fsleep(Delta::from_millis(5_000));
    }
    module_references()
}

/// Returns whether a sub-device is freed by a sweep.
fn is_freed(watch: &Watch) -> Result<bool> {
    in_time(|| {
        sweep()?;
        Ok(watch.is_dropped())
    })
}

/// Runs `f` in a thread of its own; the result tells when it is done.
fn spawn(f: impl FnOnce() + Send + 'static) -> Result<Arc<Completion>> {
    let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
    let signal = done.clone();

    workqueue::system_unbound().try_spawn(GFP_KERNEL, move || {
        f();
        signal.complete_all();
    })?;
    Ok(done)
}

/// Opens and closes a node in a thread of its own. The number is that of the error, or 0.
fn open(subdev: Arc<Subdev<Fake>>) -> Result<(Arc<Completion>, Arc<Atomic<i32>>)> {
    let result = Arc::new(Atomic::new(1), GFP_KERNEL)?;
    let other = result.clone();
    let done = spawn(move || {
        let error = subdev.user_open().err();

        other.store(error.map_or(0, Error::to_errno), Relaxed);
    })?;

    Ok((done, result))
}

#[kunit_tests(imx412_life)]
mod tests {
    use super::*;

    #[test]
    fn unbinding_frees_a_sub_device_that_nobody_uses() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);

        bench.plug(Fake(watch.clone()))?;
        ensure!(!watch.is_dropped());
        bench.unplug();
        // Nobody else has to go for it.
        ensure!(watch.is_dropped() || LOOKS > 1 && is_freed(&watch)?);
        Ok(())
    }

    #[test]
    fn an_open_node_keeps_its_sub_device() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let before = settled_references();
        let node = bench.plug(Fake(watch.clone()))?.user_open()?;

        bench.unplug();
        sweep()?;
        ensure!(!watch.is_dropped());

        drop(node);
        ensure!(is_freed(&watch)?);
        ensure!(in_time(|| Ok(module_references() == before))?);
        Ok(())
    }

    #[test]
    fn an_open_node_does_not_keep_the_bus() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let node = fixture.with_subdev(|subdev| subdev.user_open())?;
        // Removing the board waits for what keeps the bus.
        let overlay = fixture.without_board();

        drop(node);
        // The sub-device refers to a node of the device tree.
        sweep()?;
        drop(overlay);
        Ok(())
    }

    #[test]
    fn a_close_that_is_under_way_keeps_its_sub_device() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch))?;

        // The node is gone already, and `release` not called yet, as in a patched kernel.
        ensure!(!subdev.user_is_over(false));
        // It goes with its device, whether or not there are references to it.
        bench.unplug();
        ensure!(!subdev.user_is_registered());
        ensure!(subdev.user_is_over(false));
        // `release` was called, and the node is cleared next.
        ensure!(!subdev.user_is_over(true));
        Ok(())
    }

    #[test]
    fn another_device_does_not_register_a_sub_device() -> Result {
        let watch = Watch::new()?;
        let own = faux::Registration::new(c"imx412-own", None)?;
        let other = faux::Registration::new(c"imx412-other", None)?;
        let fake = Ok(Fake(watch.clone()));
        let subdev = Subdev::new(compat::faux_device(&own), c"own", None, |_| Ok(()), fake)?;
        let registered = Subdev::register(subdev, compat::faux_device(&other));

        ensure_eq!(registered.err(), Some(EINVAL));
        ensure!(watch.is_dropped());
        Ok(())
    }

    #[test]
    fn a_group_takes_its_own_lock_only() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch))?;
        let group = Group::<Fake>::new()?;
        let others = subdev.with_controls(|locked| group.others(locked, |_, _| Ok(())));

        ensure_eq!(others, Err(EINVAL));
        Ok(())
    }

    #[test]
    fn a_sub_device_can_be_opened_after_its_receiver_came_back() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch))?;

        bench.restart_receiver()?;
        ensure!(subdev.user_is_registered());
        drop(subdev.user_open()?);
        Ok(())
    }

    #[test]
    fn a_late_refusal_keeps_a_sub_device_whose_node_is_open() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let before = settled_references();

        bench.refuse();
        ensure_eq!(bench.plug(Fake(watch.clone())).err(), Some(EIO));
        sweep()?;
        ensure!(!watch.is_dropped());

        bench.close_refused();
        ensure!(is_freed(&watch)?);
        ensure!(in_time(|| Ok(module_references() == before))?);
        Ok(())
    }

    #[test]
    fn a_sub_device_that_is_leaving_cannot_be_opened() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch))?;

        // Unregistering stops at the graph's lock, with the node still there.
        let (unplugged, result) = bench.with_graph_locked(|| {
            let other = bench.clone();
            let unplugged = spawn(move || other.unplug())?;

            for _ in 0..PATIENCE {
                if !subdev.user_is_registered() {
                    break;
                }
                fsleep(Delta::from_millis(1));
            }

            // V4L2 takes the lock of its nodes around the graph's, and so not in here.
            let (opened, result) = open(subdev.clone())?;

            opened.wait_for_completion();
            Ok::<_, Error>((unplugged, result))
        })?;

        unplugged.wait_for_completion();
        ensure_eq!(result.load(Relaxed), ENODEV.to_errno());
        Ok(())
    }

    #[test]
    fn a_node_that_is_being_opened_when_its_sub_device_leaves_fails_to_open() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch.clone()))?;

        watch.stops.store(true, Relaxed);
        let (opened, result) = open(subdev)?;

        watch.stopped.wait_for_completion();
        bench.unplug();
        ensure!(!watch.is_dropped());

        watch.go_on.complete_all();
        opened.wait_for_completion();
        ensure_eq!(result.load(Relaxed), ENODEV.to_errno());
        ensure!(is_freed(&watch)?);
        Ok(())
    }

    #[test]
    fn a_sub_device_leaves_after_an_open_that_does_not_sleep() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch.clone()))?;

        watch.spins.store(true, Relaxed);
        let (opened, result) = open(subdev)?;

        watch.stopped.wait_for_completion();
        bench.unplug();
        watch.left.store(true, Relaxed);
        opened.wait_for_completion();
        ensure!(!watch.overtaken.load(Relaxed));
        ensure_eq!(result.load(Relaxed), ENODEV.to_errno());
        ensure!(is_freed(&watch)?);
        Ok(())
    }

    #[test]
    fn a_pipeline_keeps_the_pads_of_a_sub_device_that_has_left() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch.clone()))?;

        bench.start_pipeline(&subdev)?;
        drop(subdev);
        bench.unplug();
        sweep()?;
        ensure!(!watch.is_dropped());

        bench.stop_pipeline();
        ensure!(is_freed(&watch)?);
        Ok(())
    }
}
