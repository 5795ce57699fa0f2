# SPDX-License-Identifier: GPL-2.0-only
#
# Loads the project's modules and waits until the virtual board's video node is there. Sourced.

board_up() {
	# "fixed" is the regulator-fixed driver; with udev it would come by itself.
	modprobe fixed && modprobe fsm_imx412_vboard && modprobe fsm_imx412 || return 1
	# Probing waits for suppliers, in no order that a script could know.
	tries=100
	until [ -e /dev/video0 ] && [ -e /dev/v4l-subdev0 ]; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			echo "the virtual board did not come up; the kernel says:"
			dmesg | tail -n 20
			cat /sys/kernel/debug/devices_deferred
			return 1
		fi
		usleep 50000
	done
}

board_up
