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

# settles COMMAND...: streams again and again until it succeeds. How many frames the soft ISP draws conclusions from is a
# matter of the machine; it goes on where the stream before has left exposure and gain.
settles() {
	rounds=12
	until settled=$("$@" 2>&1); do
		echo "$settled"
		rounds=$((rounds - 1))
		[ "$rounds" -gt 0 ] || return 1
	done
	echo "$settled"
}

# last_metadata NAME AWK-CONDITION: of the last frame's value, $1.
last_metadata() {
	metadata "$1" | tail -n 1 | awk "{ exit !($2) }"
}

# judge WHAT FILE [ARGUMENT...]: what an image shows; see judge.py.
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

it_is_bright_at_a_high_gain() {
	capture_to /tmp/night-#.ppm 240 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata AnalogueGain | uniq | paste -sd ' '
	judge mean "$newest" 100 215 && last_metadata AnalogueGain '$1 > 10'
}

# In a fortieth of the light, where libcamera knows the sensor's gain.
gain_becomes_high() {
	set_controls exposure=1000,analogue_gain=0 && settles it_is_bright_at_a_high_gain
}
