# SPDX-License-Identifier: GPL-2.0-only
#
# The cameras of the device trees that Debian ships, each on a virtual board with the sensor's properties
# from its tree and with the limits of its I2C controller.

. /guest/e2e/cameras.sh

is_an_imx577() {
	media-ctl -d "$media" -p | grep '^- entity [0-9]*: imx577 '
}

for slot in $(slots); do
	use_camera "$slot"
	check "$slot: the driver takes it for an IMX577" is_an_imx577
	set_up RG10 4056x3040 vertical_blanking=506,exposure=1000
	# As link-600 in frames.list.
	take "$slot-rg10" 30.001 vertical_blanking=506,exposure=1000
done
