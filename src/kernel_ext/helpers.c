// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Rust cannot call: inline functions and macros of C, each as a function
 * named rust_helper_ and what it wraps, as rust/helpers does it. Only what
 * rust/helpers does not have; bindings/Makefile makes bindings of them.
 *
 * Sorted by header.
 */

#include <linux/device.h>
#include <linux/i2c.h>
#include <linux/pm_runtime.h>
#include <linux/rcupdate.h>
#include <media/v4l2-subdev.h>

void rust_helper_device_lock(struct device *dev)
{
	device_lock(dev);
}

void rust_helper_device_unlock(struct device *dev)
{
	device_unlock(dev);
}

u32 rust_helper_i2c_get_functionality(struct i2c_adapter *adap)
{
	return i2c_get_functionality(adap);
}

int rust_helper_pm_runtime_set_active(struct device *dev)
{
	return pm_runtime_set_active(dev);
}

int rust_helper_pm_runtime_set_suspended(struct device *dev)
{
	return pm_runtime_set_suspended(dev);
}

void rust_helper_pm_runtime_use_autosuspend(struct device *dev)
{
	pm_runtime_use_autosuspend(dev);
}

void rust_helper_pm_runtime_dont_use_autosuspend(struct device *dev)
{
	pm_runtime_dont_use_autosuspend(dev);
}

void rust_helper_pm_runtime_disable(struct device *dev)
{
	pm_runtime_disable(dev);
}

int rust_helper_pm_runtime_get_sync(struct device *dev)
{
	return pm_runtime_get_sync(dev);
}

void rust_helper_pm_runtime_mark_last_busy(struct device *dev)
{
	pm_runtime_mark_last_busy(dev);
}

int rust_helper_pm_request_autosuspend(struct device *dev)
{
	return pm_request_autosuspend(dev);
}

int rust_helper___pm_runtime_put_autosuspend(struct device *dev)
{
	return __pm_runtime_put_autosuspend(dev);
}

void rust_helper_synchronize_rcu_tasks(void)
{
	synchronize_rcu_tasks();
}

int rust_helper_v4l2_subdev_init_finalize(struct v4l2_subdev *sd)
{
	return v4l2_subdev_init_finalize(sd);
}
