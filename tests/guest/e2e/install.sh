# SPDX-License-Identifier: GPL-2.0-only
#
# What boards are given, on Debian's kernel: every symbol resolves, and the aliases are those that a
# board's device tree asks for. Sourced by run.sh, with the camera up and its driver made by dkms.

# loads_by ALIAS MODULE: modprobe knows a device by its alias, and the kernel takes the module.
loads_by() {
	modprobe "$1" && grep "^$2 " /proc/modules || {
		dmesg | tail -n 5
		return 1
	}
}

# The driver's aliases as the kernel asks for them: "of:N<node>T<type>C<compatible>".
driver_is_dkms_made() {
	loads_by of:NcameraTCsony,imx412 fsm_imx412 && loads_by of:NcameraTCsony,imx577 fsm_imx412 &&
		frames 2
}

tegra_video_loads() {
	loads_by of:NviTCnvidia,tegra210-vi tegra_video && loads_by of:NcsiTCnvidia,tegra210-csi tegra_video &&
		rmmod tegra_video
}

unicam_loads() {
	loads_by of:NcsiTCbrcm,bcm2835-unicam bcm2835_unicam && rmmod bcm2835_unicam
}

# Through the mux, the sensor says what it is: a read of 2 bytes at 0x0016.
chip_id_through() {
	adapter=$(basename "$(readlink -f /sys/bus/platform/devices/i2c-mux/channel-"$1")")
	i2ctransfer -f -y "${adapter#i2c-}" w2@0x1a 0x00 0x16 r2
}

gpio_mux_leads_to_the_sensor() {
	loads_by of:Ni2c-muxTCi2c-mux-gpio i2c_mux_gpio && modprobe i2c-dev || return 1
	power=/sys/bus/i2c/drivers/fsm_imx412/$(basename "$(find /sys/bus/i2c/drivers/fsm_imx412/ -name '*-001a')")/power
	echo on >"$power/control"
	equal "the ID on channel 0" "$(chip_id_through 0)" "0x05 0x77" &&
		equal "the ID on channel 1" "$(chip_id_through 1)" "0x05 0x77"
	result=$?
	echo auto >"$power/control"
	return "$result"
}

check "dkms' module drives the camera" driver_is_dkms_made
check "tegra-video loads by its devices' names" tegra_video_loads
check "bcm2835-unicam loads by its device's name" unicam_loads
check "i2c-mux-gpio loads and leads to the sensor" gpio_mux_leads_to_the_sensor
