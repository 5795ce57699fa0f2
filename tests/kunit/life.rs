// SPDX-License-Identifier: GPL-2.0-only

//! Ends of a sub-device's life: in use by files, pipelines and runtime PM.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::kernel_ext::{
    compat::{
        self,
        this_module, //
    },
    i2c::client::{
        Adapter,
        PowerManaged, //
    },
    media::v4l2::{
        ctrls::{
            Controls,
            Id,
            Locked, //
        },
        subdev::{
            state::State,
            Operations,
            Subdev, //
        }, //
    },
    pm_runtime::Usage,
    testing::bench::{
        module_references,
        Bench, //
    }, //
};
use kernel::{
    device::{
        Core,
        Device, //
    },
    driver,
    faux,
    i2c::{
        self,
        I2cAdapter,
        I2cBoardInfo,
        I2cClient, //
    },
    prelude::*,
    sync::{
        aref::ARef,
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

/// A driver that asks at the end whether its device could still be powered up.
struct Managed;

/// The errors that powering up ended with when the driver was unbound, and when its data was dropped;
/// 0 is success.
static AT_UNBIND: Atomic<i32> = Atomic::new(1);
static LAST_WISH: Atomic<i32> = Atomic::new(1);

struct ManagedData(ARef<Device>);

impl ManagedData {
    fn power_up(&self, result: &Atomic<i32>) {
        let error = Usage::resume(&self.0).err();

        result.store(error.map_or(0, Error::to_errno), Relaxed);
    }
}

impl Drop for ManagedData {
    fn drop(&mut self) {
        self.power_up(&LAST_WISH);
    }
}

compat::i2c_device_table!(
    MANAGED_IDS,
    (),
    [(i2c::DeviceId::new(c"imx412-managed"), ())]
);

impl i2c::Driver for Managed {
    type IdInfo = ();
    type Data<'bound> = ManagedData;

    const I2C_ID_TABLE: Option<i2c::IdTable<Self::IdInfo>> = Some(&MANAGED_IDS);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let dev: &Device<Core<'_>> = client.as_ref();

        Ok(ManagedData(ARef::from(&***dev)))
    }

    fn unbind<'bound>(_client: &'bound I2cClient<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.power_up(&AT_UNBIND);
    }
}

impl PowerManaged for Managed {
    const AUTOSUSPEND_DELAY: i32 = 0;

    fn runtime_suspend(_data: Pin<&ManagedData>) -> Result {
        Ok(())
    }

    fn runtime_resume(_data: Pin<&ManagedData>) -> Result {
        Ok(())
    }
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
    fn a_close_that_is_under_way_keeps_its_sub_device() -> Result {
        let (bench, watch) = (Bench::new()?, Watch::new()?);
        let subdev = bench.plug(Fake(watch))?;

        // The node is gone already, and `release` not called yet, as in a patched kernel.
        ensure!(!subdev.user_is_over(false));
        // Whoever has the sub-device, its device takes it along.
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

    #[test]
    fn runtime_pm_ends_before_the_data_that_its_callbacks_reach() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let adapter = I2cAdapter::get(fixture.bus_number()?)?;
        let owner = faux::Registration::new(c"imx412-managed-owner", None)?;
        let driver = KBox::pin_init(
            driver::Registration::<Adapter<Managed>>::new(
                c"imx412_managed",
                this_module::<crate::LocalModule>(),
            ),
            GFP_KERNEL,
        )?;
        let client = KBox::pin_init(
            i2c::Registration::new(
                &adapter,
                &I2cBoardInfo::new(c"imx412-managed", 0x60),
                compat::faux_device(&owner),
            ),
            GFP_KERNEL,
        )?;

        drop(client);
        drop(driver);
        ensure_eq!(AT_UNBIND.load(Relaxed), EACCES.to_errno());
        ensure_eq!(LAST_WISH.load(Relaxed), EACCES.to_errno());
        Ok(())
    }
}
