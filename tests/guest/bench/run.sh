# SPDX-License-Identifier: GPL-2.0-only
#
# Measures the driver, then mainline's, on the same board. board.sh has loaded the former.

# Without frequencies or governors there is one speed; without a log nobody waits for the console.
dmesg -n 1

# take_over OLD NEW: the sensor gets another driver. The receiver keeps that of a bound one loaded.
take_over() {
	for client in /sys/bus/i2c/drivers/"$1"/*-*; do
		echo "${client##*/}" >"/sys/bus/i2c/drivers/$1/unbind"
	done
	rmmod "$1" && modprobe "$2" || return 1
	tries=100
	until [ "$(sensors)" -ge 1 ]; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			echo "$2 did not take the sensor over; the kernel says:"
			dmesg | tail -n 20
			return 1
		fi
		usleep 50000
	done
}

sensors() {
	cat /sys/class/video4linux/v4l-subdev*/name 2>/dev/null | grep -c '^imx'
}

measure() {
	echo "driver $1"
	imx412-stress bench cam0 "$1"
}

measure fsm_imx412 && take_over fsm_imx412 imx412 && measure imx412
