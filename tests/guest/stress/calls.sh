# SPDX-License-Identifier: GPL-2.0-only
#
# Each call of a function of the kernel fails once.

modprobe imx412_injectable

# fail OPERATIONS FUNCTION...
fail() {
	operations=$1
	shift
	for function; do
		imx412-stress walk cam0 "$operations" "$function" 1 1000
	done
}

fail bind regulator_bulk_get regulator_bulk_enable clk_get clk_prepare clk_enable gpiod_get_optional \
	gpiod_set_value_cansleep i2c_transfer __i2c_transfer __pm_runtime_set_status v4l2_fwnode_device_parse \
	v4l2_fwnode_endpoint_alloc_parse media_entity_pads_init __v4l2_subdev_init_finalize \
	__v4l2_async_register_subdev media_device_register_entity media_create_pad_link \
	__v4l2_device_register_subdev_nodes __video_register_device
fail cold-start,temperature regulator_bulk_enable clk_prepare clk_enable gpiod_set_value_cansleep i2c_transfer \
	__i2c_transfer __pm_runtime_resume
fail warm-start,controls i2c_transfer __i2c_transfer
fail controls,formats __v4l2_ctrl_modify_range
