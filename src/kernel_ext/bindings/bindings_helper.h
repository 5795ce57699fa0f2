/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every C header behind src/kernel_ext, in one place. bindgen reads this file
 * with the flags of a kernel object; what it may take from it is listed in
 * bindgen_parameters.
 */

#include <linux/bitops.h>
#include <linux/clk.h>
#include <linux/device.h>
#include <linux/gpio/consumer.h>
#include <linux/gpio/driver.h>
#include <linux/i2c.h>
#include <linux/mod_devicetable.h>
#include <linux/of.h>
#include <linux/pm_runtime.h>
#include <linux/property.h>
#include <linux/rcupdate.h>
#include <linux/regulator/consumer.h>
#include <media/media-device.h>
#include <media/media-entity.h>
#include <media/mipi-csi2.h>
#include <media/v4l2-async.h>
#include <media/v4l2-common.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>
#include <media/v4l2-event.h>
#include <media/v4l2-fwnode.h>
#include <media/v4l2-ioctl.h>
#include <media/v4l2-mc.h>
#include <media/v4l2-subdev.h>
#include <media/videobuf2-v4l2.h>
#include <media/videobuf2-vmalloc.h>

#include "../../../include/uapi/linux/fsm-imx412.h"

/* `BIT()` is more than bindgen evaluates. */
const u64 RUST_CONST_HELPER_I2C_AQ_COMB = I2C_AQ_COMB;
const u32 RUST_CONST_HELPER_DL_FLAG_AUTOPROBE_CONSUMER =
	DL_FLAG_AUTOPROBE_CONSUMER;
