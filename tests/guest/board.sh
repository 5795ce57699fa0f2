# SPDX-License-Identifier: GPL-2.0-only
#
# Loads the project's modules and waits until the cameras of all virtual boards are there. Sourced.

# How many there are of $1, a pattern.
count() {
	set -- $1
	[ -e "$1" ] && echo $# || echo 0
}

board_up() {
	# What udev would load when it sees the devices: regulator-fixed, and what adapters have.
	modprobe -a fixed i2c-mux-pca954x at24
	modprobe fsm_imx412_vboard && modprobe fsm_imx412 || return 1
	# Probing waits for suppliers, in no order that a script could know.
	boards=$(count '/sys/firmware/devicetree/base/fsm-imx412-*')
	tries=200
	until [ "$(count '/dev/video*')" = "$boards" ] && [ "$(count '/dev/v4l-subdev*')" = "$boards" ]; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			echo "$boards cameras did not all come up; the kernel says:"
			dmesg | tail -n 20
			cat /sys/kernel/debug/devices_deferred
			return 1
		fi
		usleep 50000
	done
}

board_up
