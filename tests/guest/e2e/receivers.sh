# SPDX-License-Identifier: GPL-2.0-only
#
# The receivers of four SoCs by their own drivers, on stub clocks, power domains and interrupts: all but
# frames. See docs/receivers.md for what is missing.

# tegra-video's devices are host1x' children, which udev would load it for.
modprobe tegra_video

# Takes up a receiver: the slot of its camera, then what soc.sh asks for.
receiver() {
	RECEIVER=$2 NODE=$3 PADS=$4 SYNC=none
	. /guest/e2e/soc.sh
	board=/sys/kernel/debug/fsm-imx412/fsm-imx412-$1
	device=$(basename "$(readlink -f "/sys/bus/platform/devices/fsm-imx412-$1/"i2c-*)")
	device=/sys/bus/i2c/devices/${device#i2c-}-001a
}

# Whether the emulated sensor streams: its MODE_SEL.
streams() {
	grep -q '^0100: 01' "$board/registers"
}

until_it() {
	tries=100
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "it never came to: $*"
			return 1
		}
		usleep 50000
	done
}

asleep() {
	grep -qx suspended "$device/power/runtime_status"
}

# The receiver has taken the sensor: $1 is the entity that it sends to.
is_bound() {
	media-ctl -d "$media" -p >/tmp/graph
	sed -n "/^- entity [0-9]*: $sensor_entity /,/^\$/p" /tmp/graph | grep -F -e "-> \"$1\":0" || {
		cat /tmp/graph
		return 1
	}
}

# STREAMON with pixel format $1, and STREAMOFF, three times.
starts_and_stops_without_frames() {
	set_format "$1" 1920x1080 || return 1
	cycle=0
	while [ "$cycle" -lt 3 ]; do
		cycle=$((cycle + 1))
		v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=1 --verbose >/tmp/stream 2>&1 &
		stream=$!
		until_it streams || {
			cat /tmp/stream
			kill "$stream"
			return 1
		}
		kill "$stream"
		wait "$stream"
		! streams && until_it asleep || {
			echo "the sensor still runs after cycle $cycle"
			return 1
		}
	done
	equal "violations" "$(sed -n 's/^total //p' "$board/violations")" 0
}

# Pads of other sizes or codes than the sensor's do not start.
refuses() {
	set_format "$1" 1920x1080 || return 1
	for other in "$1 1280x720" "$2 1920x1080"; do
		# shellcheck disable=SC2086 # two words
		set_sensor_format $other || return 1
		timeout 10 v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=1 >/tmp/stream 2>&1
		grep -q 'STREAMON returned -1 (Broken pipe)' /tmp/stream || {
			echo "with $other at the sensor:"
			cat /tmp/stream
			return 1
		}
		! streams || return 1
	done
}

receiver cam0 qcom-camss msm_vfe0_video0 'msm_csiphy0:0 msm_csid0:0 msm_ispif0:0 msm_vfe0_rdi0:0'
media-ctl -d "$media" -l '"msm_csiphy0":1->"msm_csid0":0[1],"msm_csid0":1->"msm_ispif0":0[1],"msm_ispif0":1->"msm_vfe0_rdi0":0[1]'
check "qcom-camss: the sensor is bound" is_bound msm_csiphy0
check "qcom-camss: start and stop, 10 bits" starts_and_stops_without_frames pRAA
check "qcom-camss: start and stop, 12 bits" starts_and_stops_without_frames pRCC
check "qcom-camss: formats that do not fit" refuses pRAA pRCC

receiver cam1 rkisp1 rkisp1_mainpath 'rkisp1_csi:0 rkisp1_csi:1 rkisp1_isp:0+crop rkisp1_isp:2+crop rkisp1_resizer_mainpath:0 rkisp1_resizer_mainpath:1'
# It takes YUV only, and its link is on.
media-ctl -d "$media" -l '"rkisp1_isp":2->"rkisp1_resizer_selfpath":0[0]'
check "rkisp1: the sensor is bound" is_bound rkisp1_csi
check "rkisp1: start and stop, 10 bits" starts_and_stops_without_frames RG10
check "rkisp1: start and stop, 12 bits" starts_and_stops_without_frames RG12
check "rkisp1: formats that do not fit" refuses RG10 RG12

receiver cam2 unicam unicam-image 'unicam:0 unicam:1'
check "bcm2835-unicam: the sensor is bound" is_bound unicam
check "bcm2835-unicam: start and stop, 10 bits" starts_and_stops_without_frames RG10
check "bcm2835-unicam: start and stop, 12 bits" starts_and_stops_without_frames pRCC
check "bcm2835-unicam: formats that do not fit" refuses RG10 RG12

# No sub-devices' nodes: the video node has the sensor's controls, and passes the size on.
receiver cam3 tegra-video b0180000.vi-output-0 ''
set_format() {
	v4l2-ctl -d "$video" --set-fmt-video "width=${2%x*},height=${2#*x},pixelformat=$1"
}

tegra_passes_formats_on() {
	set_format RG10 1280x720 && v4l2-ctl -d "$video" --get-fmt-video >/tmp/format && cat /tmp/format &&
		grep -q 'Width/Height *: 1280/720' /tmp/format && grep -q "'RG10'" /tmp/format &&
		v4l2-ctl -d "$video" --set-ctrl exposure=777 &&
		equal "the exposure" "$(v4l2-ctl -d "$video" --get-ctrl exposure)" "exposure: 777" &&
		v4l2-ctl -d "$video" --list-formats >/tmp/formats && cat /tmp/formats &&
		grep -q "'RG10'" /tmp/formats && grep -q "'RG12'" /tmp/formats
}

check "tegra-video: the sensor is bound" is_bound channel@0
check "tegra-video: formats and controls reach the sensor" tegra_passes_formats_on
check "tegra-video: start and stop, 10 bits" starts_and_stops_without_frames RG10
check "tegra-video: start and stop, 12 bits" starts_and_stops_without_frames RG12

# fsm-camera, as far as that goes without frames.
camera_of() {
	fsm-camera list --json |
		awk -v receiver="$1" '/"number":/ { number = $2 + 0 } /"receiver":/ && index($0, receiver) { print number }'
}

lists_all() {
	fsm-camera list --json >/tmp/list
	cat /tmp/list
	for receiver in qcom-camss rkisp1 unicam tegra-video; do
		grep -q "\"receiver\": \"$receiver\"" /tmp/list || return 1
	done
	equal "the number with four lanes" "$(grep -c '"lanes": 4' /tmp/list)" 4 &&
		equal "the number with a place" "$(grep -c '"device_tree": "/fsm-imx412-cam[0-3]/i2c/camera@1a"' /tmp/list)" 4
}

informs() {
	fsm-camera info --camera "$(camera_of "$1")" --plain >/tmp/info
	cat /tmp/info
	grep -q '^1920x1080 12 bits: ' /tmp/info && grep -q '^temperature: 42 degrees Celsius$' /tmp/info
}

# The pipeline is set up from sensor to node: it starts, and waits for the frame that nobody sends.
sets_up() {
	number=$(camera_of "$1")
	for depth in 10 12; do
		fsm-camera capture --camera "$number" --size 1280x720 --depth "$depth" -o /tmp/x.raw >/tmp/set-up 2>&1
		cat /tmp/set-up
		grep -q '^error: no frame came within' /tmp/set-up || return 1
	done
}

says_why_not() {
	fsm-camera info --camera "$(camera_of tegra-video)" >/tmp/refused 2>&1
	equal "the status" "$?" 1 && grep -q 'has not made the nodes of its sub-devices' /tmp/refused
}

check "fsm-camera: lists the cameras of all four" lists_all
for receiver in qcom-camss rkisp1 unicam; do
	check "fsm-camera: shows modes and controls behind $receiver" informs "$receiver"
	check "fsm-camera: sets the pipeline of $receiver up" sets_up "$receiver"
done
check "fsm-camera: says why tegra-video's camera is only listed" says_why_not
