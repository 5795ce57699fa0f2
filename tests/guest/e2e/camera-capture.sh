# SPDX-License-Identifier: GPL-2.0-only
#
# fsm-camera list, info and capture. Files of one frame go to the host, which opens them with programs
# that others wrote.

lists_all() {
	fsm-camera list --json >/tmp/list && cat /tmp/list &&
		grep -q '"device_tree": "/fsm-imx412-cam0/i2c/camera@1a"' /tmp/list &&
		grep -q '"lanes": 4' /tmp/list && grep -q "\"sensor\": \"$sensor\"" /tmp/list &&
		grep -q "\"video\": \"$video\"" /tmp/list && grep -q '1050000000' /tmp/list
}

informs() {
	set_control digital_gain 512
	fsm-camera info --plain >/tmp/info
	set_control digital_gain 256
	cat /tmp/info
	grep -q '^gain: analogue 1x (0.00 dB), digital 2x (6.02 dB)' /tmp/info &&
		grep -q '^temperature: 42 degrees Celsius$' /tmp/info && grep -q '^640x480 12 bits: ' /tmp/info
}

# The newest line of the board's trace that a stream left has what was asked for.
captures_as_asked() {
	fsm-camera capture --size 1920x1080 --depth 12 --exposure 10ms --gain 6dB --fps 30 --hflip true --count 3 \
		-o /tmp/shot.raw --json >/tmp/capture || return 1
	line=$(tail -n 1 "$board/trace")
	echo "$line"
	# 1024 - 1024 / 10^(6/20) = 510.8.
	case $line in
	*" analogue-gain=511 "*"bayer-order=Grbg"*) ;;
	*) return 1 ;;
	esac
	[ -s /tmp/shot-1.raw ] && [ -s /tmp/shot-3.raw ] && [ ! -e /tmp/shot-4.raw ] || return 1
	equal "bytes of a frame" "$(stat -c %s /tmp/shot-2.raw)" $((1920 * 1080 * 2)) &&
		grep -q '"pixel_format": "BA12"' /tmp/capture &&
		awk '/"exposure": / { good += $2 + 0 > 0.00999 && $2 + 0 < 0.01001 }
			/"fps": / { good += $2 + 0 > 29.99 && $2 + 0 < 30.01 } END { exit good != 2 }' /tmp/capture
}

tells_what_it_rounded() {
	fsm-camera capture --size 640x480 --fps 100000 -o /tmp/fast.raw 2>/tmp/notes || return 1
	cat /tmp/notes
	grep -q '^note: fps: 100000 fps asked for, ' /tmp/notes
}

finds_the_exposure() {
	fsm-camera capture --size 640x480 --fps 30 --auto -o /tmp/auto.raw || return 1
	# The mean above black of a gray card is 18 % of the range: 64 + 0.18 * 959.
	mean=$(od -v -An -tu2 -w2 /tmp/auto.raw | awk '{ sum += $1 } END { print int(sum / NR) }')
	echo "mean $mean"
	[ "$mean" -gt 225 ] && [ "$mean" -lt 250 ]
}

# refuses WORDS ARGUMENTS...: with a message that has the words.
refuses() {
	words=$1
	shift
	if fsm-camera "$@" >/tmp/refused 2>&1; then
		echo "it was taken"
		return 1
	fi
	cat /tmp/refused
	grep -q "$words" /tmp/refused
}

saves_files() {
	mkdir -p /out/files
	for file in frame.raw frame.png frame.tiff frame.dng raw.png; do
		format=
		[ "$file" = raw.png ] && format='--format png-raw'
		fsm-camera capture --size 640x480 --fps 30 --exposure 5ms --gain 1x --hflip false $format -o "/out/files/$file" ||
			return 1
	done
}

check "camera: list has place, lanes, links and nodes" lists_all
check "camera: info has units" informs
check "camera: capture sets what it is asked for" captures_as_asked
check "camera: capture tells what it rounded" tells_what_it_rounded
check "camera: --auto finds the exposure" finds_the_exposure
check "camera: a depth that there is not is refused" refuses "10 and 12" capture --depth 8 -o /tmp/x.png
check "camera: a camera that there is not is refused" refuses "0 (imx412 0-001a)" info --camera 7
check "camera: capture saves every format" saves_files
check "camera: nothing breaks a rule of the sensor" equal violations "$(sed -n 's/^total //p' "$board/violations")" 0
