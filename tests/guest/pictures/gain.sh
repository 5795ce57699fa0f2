# SPDX-License-Identifier: GPL-2.0-only
#
# Automatic gain in the dark, with a helper that knows the sensor's gain: libcamera's own for the IMX477.

the_gain_becomes_high() {
	capture_to /tmp/night-#.ppm 420 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata AnalogueGain | uniq | paste -sd ' '
	judge mean "$newest" 100 215 &&
		metadata AnalogueGain | awk '{ last = $1 } END { exit !(last > 10) }'
	tail -n 1 "$board/trace"
}

check "libcamera: automatic gain becomes high in the dark" the_gain_becomes_high
check "the emulated sensor has nothing to object to" no_violation
