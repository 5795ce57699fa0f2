# SPDX-License-Identifier: GPL-2.0-only
#
# Hardware that is broken, and the first suspect that fsm-camera check has to name for it.

. /guest/e2e/camera-faults-lib.sh

mended() {
	echo off >"$board/broken"
	fsm-camera check --size 640x480 --restarts 5 --plain --report /tmp/report >/tmp/check || {
		cat /tmp/check
		return 1
	}
}

without_driver() {
	# The receiver holds the module for as long as it has the sensor.
	echo 0-001a >/sys/bus/i2c/drivers/fsm_imx412/unbind
	rmmod fsm_imx412 && run_check && first_suspect no-driver "no driver"
}

refused() {
	echo "1 nack" >"$board/fail"
	modprobe fsm_imx412
	run_check && first_suspect probe-failed "driver is bound" && grep -q 'no answer from the sensor' /tmp/check
}

waiting() {
	echo cam0-avdd >/sys/bus/platform/drivers/reg-fixed-voltage/unbind
	echo 0-001a >/sys/bus/i2c/drivers_probe
	cat /sys/kernel/debug/devices_deferred
	run_check && first_suspect deferred "waits" && grep -q 'avdd' /tmp/check
	good=$?
	echo cam0-avdd >/sys/bus/platform/drivers/reg-fixed-voltage/bind
	return $good
}

until_bound() {
	tries=200
	until [ -e /sys/bus/i2c/drivers/fsm_imx412/0-001a ] && [ -e /dev/v4l-subdev0 ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		usleep 50000
	done
}

while IFS='|' read -r fault id words; do
	check "camera: broken by $fault, the first suspect is $id" names "$fault" "$id" "$words"
done <<-END
	inck 27000000|inck|27 MHz where the tree says 24 MHz
	inck 19200000|inck|19.2 MHz where the tree says 24 MHz
	lane-stuck 2 0|lane-stuck|lane 2 is stuck at 0
	lane-stuck 4 1|lane-stuck|lane 4 is stuck at 1
	lanes-swapped 1 3|lanes-swapped|lanes 1 and 3
	lane-errors 3 2000|lane-errors|lane 3 has bit errors
	no-frames|no-frames|nothing arrives
	short-frames 300|short-frames|too early
	first-line-lost|bayer-order|GBRG
	dark|dark|no light
	supply avdd 10|supply|a supply drops
	supply dovdd 0|supply|a supply drops
END
check "camera: check breaks no rule of the sensor" equal violations "$(sed -n 's/^total //p' "$board/violations")" 0
# A stop that the bus has failed ends with the power, in the middle of a stream.
for kind in nack timeout; do
	check "camera: broken by a bus that fails now and then ($kind), the first suspect is i2c" \
		names "bus 150 $kind" i2c "I2C bus fails"
done
check "camera: mended, nothing is wrong" mended
check "camera: without a driver, check says so" without_driver
check "camera: a probe that failed is told with its reason" refused
check "camera: a supplier that is missing is named" waiting
check "camera: it comes back" until_bound
