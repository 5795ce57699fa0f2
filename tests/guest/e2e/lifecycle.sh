# SPDX-License-Identifier: GPL-2.0-only
#
# Coming and going, many times: nothing is left behind, and the camera still works. Comes last, as
# device nodes may have other names afterwards.

ROUNDS=20

driver=/sys/bus/i2c/drivers/fsm_imx412
client=$(basename "$(find "$driver"/ -maxdepth 1 -name '*-001a' | head -n 1)")

# What a sensor has that has just been bound: the receiver's node has to go with it.
set_format RG10 4056x3040

# The first node with a name like $1, a pattern of the shell. Quicker than to ask the media device.
node_named() {
	for entry in /sys/class/video4linux/*; do
		read -r name <"$entry/name"
		case $name in
		$1)
			echo "/dev/${entry##*/}"
			return
			;;
		esac
	done
}

# Waits until the camera is complete again, half a minute at most: a look costs next to nothing here,
# and probing takes its time on a busy machine.
camera_is_back() {
	tries=600
	until sensor=$(node_named 'imx[0-9]* *') && [ -e "$sensor" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "the camera did not come back"
			return 1
		}
		usleep 50000
	done
	video=$(node_named 'fsm-imx412 csi2*')
}

bind_and_unbind() {
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		echo "$client" >"$driver/unbind" && echo "$client" >"$driver/bind" && camera_is_back || return 1
	done
	frames 2
}

load_and_unload_the_driver() {
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		# A receiver that shows the sub-device holds its module.
		echo "$client" >"$driver/unbind" && rmmod fsm_imx412 && modprobe fsm_imx412 &&
			camera_is_back || return 1
	done
	frames 2
}

load_and_unload_both() {
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		rmmod fsm_imx412_vboard && rmmod fsm_imx412 && modprobe fsm_imx412_vboard &&
			modprobe fsm_imx412 && camera_is_back || return 1
	done
	frames 2
}

# Regulators that were left behind would switch lines that are gone.
supplies_go_with_their_board() {
	host=/sys/bus/platform/drivers/fsm_imx412_vboard
	echo fsm-imx412-cam0 >"$host/unbind" || return 1
	for supply in avdd dvdd dovdd; do
		[ ! -e "/sys/bus/platform/devices/cam0-$supply/driver" ] || {
			echo "$supply is still bound"
			return 1
		}
	done
	echo fsm-imx412-cam0 >"$host/bind" && camera_is_back && frames 2
}

unbind_while_streaming() {
	v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=1000 >/dev/null 2>&1 &
	streamer=$!
	usleep 800000
	echo "$client" >"$driver/unbind"
	usleep 200000
	kill "$streamer" 2>/dev/null
	wait "$streamer"
	echo "$client" >"$driver/bind" && camera_is_back && frames 2
}

# As udev, v4l2-ctl --list-devices and libcamera's enumerator do it, at the worst of times.
open_while_unbinding() {
	openers=
	for opener in 1 2; do
		perl -e 'while (1) { foreach (@ARGV) { open(my $file, "+<", $_); } }' \
			/dev/v4l-subdev0 /dev/v4l-subdev1 /dev/v4l-subdev2 &
		openers="$openers $!"
	done
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		echo "$client" >"$driver/unbind" && echo "$client" >"$driver/bind" && camera_is_back || break
	done
	# shellcheck disable=SC2086 # several numbers
	kill $openers
	[ "$round" = "$ROUNDS" ] && camera_is_back && frames 2
}

everything_is_off_when_idle() {
	until_asleep || return 1
	for supply in avdd dvdd dovdd; do
		state=$(cat "$(dirname "$(grep -l "cam0-$supply" /sys/class/regulator/*/name)")/state")
		equal "$supply" "$state" disabled || return 1
	done
}

check "lifecycle: bind and unbind, $ROUNDS times" bind_and_unbind
check "lifecycle: supplies go with their board" supplies_go_with_their_board
check "lifecycle: unbind while streaming" unbind_while_streaming
check "lifecycle: bind and unbind while the node is opened, $ROUNDS times" open_while_unbinding
check "lifecycle: everything is off when idle" everything_is_off_when_idle
check "lifecycle: load and unload the driver, $ROUNDS times" load_and_unload_the_driver
check "lifecycle: load and unload both modules, $ROUNDS times" load_and_unload_both
