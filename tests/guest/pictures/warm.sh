# SPDX-License-Identifier: GPL-2.0-only
#
# Automatic exposure and white balance in warm light, from a frame that is far too bright.

bright_scenes_get_less() {
	set_controls exposure=3000,analogue_gain=978 || return 1
	capture_to /tmp/warm-#.ppm 360 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata ExposureTime | uniq | paste -sd ' '
	metadata AnalogueGain | uniq | paste -sd ' '
	judge darker "$(early_file)" "$newest" && judge mean "$newest" 100 215 &&
		metadata AnalogueGain | awk 'NR == 1 { first = $1 } END { exit !($1 < first / 2) }'
}

white_balance_makes_grey_of_it() {
	set_controls exposure=600,analogue_gain=0 &&
		capture_to /tmp/grey-#.ppm 24 -s width=1344,height=1008,pixelformat=XRGB8888 &&
		metadata ColourGains | tail -n 1 && judge grey "$newest"
}

check "libcamera: a scene that is too bright gets less" bright_scenes_get_less
check "libcamera: grey is grey in warm light" white_balance_makes_grey_of_it
check "the emulated sensor has nothing to object to" no_violation
