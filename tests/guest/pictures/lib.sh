# SPDX-License-Identifier: GPL-2.0-only
#
# Finds the camera and drives it through libcamera. Sourced by run.sh ahead of each script here.

export LIBCAMERA_SOFTISP_MODE=cpu LIBCAMERA_LOG_LEVELS=*:WARN LIBCAMERA_LOG_NO_COLOR=1

for media in /dev/media*; do
	media-ctl -d "$media" -p 2>/dev/null | grep -q '^- entity [0-9]*: imx' && break
done
sensor=$(entity_node 'imx[0-9]* ')
board=/sys/kernel/debug/fsm-imx412/fsm-imx412-cam0

# capture_to FILES COUNT STREAM...: the newest of them is the variable `newest`.
capture_to() {
	files=$1 count=$2
	shift 2
	rm -f ${files%%#*}*
	timeout 120 cam -c1 "$@" --capture="$count" --metadata --file="$files" >/tmp/cam 2>&1 || {
		cat /tmp/cam
		return 1
	}
	newest=$(ls ${files%%#*}* | tail -n 1)
	[ -s "$newest" ] || {
		cat /tmp/cam
		return 1
	}
}

# The fourth of them: earlier ones may be black, as nothing is known yet to process them with.
early_file() {
	ls ${files%%#*}* | sed -n 4p
}

# judge WHAT FILE [ARGUMENT...]: what a picture shows; see judge.py.
judge() {
	what=$1
	shift
	python3 /guest/pictures/judge.py "$what" "$(readout)" "$@"
}

# How large the sensor sends its frames, and what of the array is in them: WIDTH,HEIGHT,LEFT,TOP,WIDTH,HEIGHT.
readout() {
	v4l2-ctl -d "$sensor" --get-subdev-selection pad=0,target=crop --get-subdev-fmt 0 |
		sed -n -e 's/^Selection.*Left \([0-9]*\), Top \([0-9]*\), Width \([0-9]*\), Height \([0-9]*\).*/\1,\2,\3,\4/p' \
			-e 's/.*Width\/Height *: \([0-9]*\)\/\([0-9]*\)/\1,\2/p' | paste -sd ,
}

# metadata NAME: the values of all frames that cam has captured, in order.
metadata() {
	sed -n "s/^\t$1 = \(.*\)/\1/p" /tmp/cam
}

no_violation() {
	equal "the number of violations" "$(sed -n 's/^total //p' "$board/violations")" 0
}
