# SPDX-License-Identifier: GPL-2.0-only
#
# Loads the project's modules and waits until the cameras of all virtual boards are there. Sourced.

# How many there are of $1, a pattern.
count() {
	set -- $1
	[ -e "$1" ] && echo $# || echo 0
}

# How many sensors have a node, which receivers make when all they wait for is there.
sensors() {
	cat /sys/class/video4linux/v4l-subdev*/name 2>/dev/null | grep -c '^imx'
}

board_up() {
	# What udev would load when it sees the devices: regulator-fixed, and what adapters have.
	modprobe -a fixed i2c-mux-pca954x at24
	modprobe fsm_imx412_vboard play_receivers=1 && modprobe fsm_imx412 || return 1
	modprobe -a $(cat /sys/bus/platform/devices/*/modalias | grep '^of:.*C\(\(fsl\|raspberrypi\|qcom\|rockchip\|brcm\|nvidia\),\|fsm-imx412,stubs\)') 2>/dev/null
	# Probing waits for suppliers, in no order that a script could know.
	boards=$(count '/sys/firmware/devicetree/base/fsm-imx412-*')
	# Boards that are wrong on purpose need not come.
	boards=$((boards - $(count '/sys/firmware/devicetree/base/fsm-imx412-*/stress,case')))
	# tegra-video makes no node for a sensor.
	nodes=$((boards - $(count '/sys/firmware/devicetree/base/host1x@*')))
	tries=200
	until [ "$(count '/dev/video*')" -ge "$boards" ] && [ "$(sensors)" -ge "$nodes" ]; do
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
