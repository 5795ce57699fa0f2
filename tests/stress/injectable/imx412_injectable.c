// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the kernel's fault injection (Documentation/fault-injection) of functions
 * that the modules call and that may fail in real life, so that
 * /sys/kernel/debug/fail_function can make them. It does nothing else.
 */

#include <linux/clk.h>
#include <linux/error-injection.h>
#include <linux/gpio/consumer.h>
#include <linux/gpio/driver.h>
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/regulator/consumer.h>
#include <media/media-device.h>
#include <media/v4l2-async.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>
#include <media/v4l2-fwnode.h>
#include <media/v4l2-subdev.h>
#include <media/videobuf2-v4l2.h>

ALLOW_ERROR_INJECTION(regulator_bulk_get, ERRNO);
ALLOW_ERROR_INJECTION(regulator_enable, ERRNO);
ALLOW_ERROR_INJECTION(regulator_bulk_enable, ERRNO);
ALLOW_ERROR_INJECTION(clk_get, ERRNO);
ALLOW_ERROR_INJECTION(clk_prepare, ERRNO);
ALLOW_ERROR_INJECTION(clk_enable, ERRNO);
ALLOW_ERROR_INJECTION(gpiod_get_optional, ERRNO);
ALLOW_ERROR_INJECTION(gpiod_set_value_cansleep, ERRNO);
ALLOW_ERROR_INJECTION(i2c_transfer, ERRNO);
ALLOW_ERROR_INJECTION(__i2c_transfer, ERRNO);
ALLOW_ERROR_INJECTION(__pm_runtime_resume, ERRNO);
ALLOW_ERROR_INJECTION(__pm_runtime_set_status, ERRNO);
ALLOW_ERROR_INJECTION(v4l2_fwnode_device_parse, ERRNO);
ALLOW_ERROR_INJECTION(v4l2_fwnode_endpoint_alloc_parse, ERRNO);
ALLOW_ERROR_INJECTION(media_entity_pads_init, ERRNO);
ALLOW_ERROR_INJECTION(__v4l2_subdev_init_finalize, ERRNO);
ALLOW_ERROR_INJECTION(__v4l2_async_register_subdev, ERRNO);
ALLOW_ERROR_INJECTION(media_device_register_entity, ERRNO);
ALLOW_ERROR_INJECTION(media_create_pad_link, ERRNO);
ALLOW_ERROR_INJECTION(__v4l2_device_register_subdev_nodes, ERRNO);
ALLOW_ERROR_INJECTION(__video_register_device, ERRNO);
ALLOW_ERROR_INJECTION(__v4l2_ctrl_modify_range, ERRNO);
ALLOW_ERROR_INJECTION(__media_device_register, ERRNO);
ALLOW_ERROR_INJECTION(v4l2_device_register, ERRNO);
ALLOW_ERROR_INJECTION(v4l2_async_nf_register, ERRNO);
ALLOW_ERROR_INJECTION(vb2_queue_init, ERRNO);
ALLOW_ERROR_INJECTION(video_device_pipeline_start, ERRNO);
ALLOW_ERROR_INJECTION(v4l2_subdev_enable_streams, ERRNO);
ALLOW_ERROR_INJECTION(i2c_add_adapter, ERRNO);
ALLOW_ERROR_INJECTION(gpiochip_add_data_with_key, ERRNO);

MODULE_DESCRIPTION("Lets functions fail that the IMX412 modules call");
MODULE_LICENSE("GPL");
