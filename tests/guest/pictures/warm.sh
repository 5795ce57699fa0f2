# SPDX-License-Identifier: GPL-2.0-only
#
# Automatic exposure and white balance in warm light, from a frame that is far too bright.

it_is_dark_enough() {
	capture_to /tmp/warm-#.ppm 120 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata AnalogueGain | uniq | paste -sd ' '
	# Codes, as libcamera knows no better: 978 is 22 times, 800 is 4.6 times.
	judge darker "$bright" "$newest" && judge mean "$newest" 100 215 && last_metadata AnalogueGain '$1 < 800'
}

bright_scenes_get_less() {
	set_controls exposure=3000,analogue_gain=978 &&
		capture_to /tmp/bright-#.ppm 12 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	bright=$newest
	settles it_is_dark_enough
}

it_is_grey() {
	capture_to /tmp/grey-#.ppm 24 -s width=1344,height=1008,pixelformat=XRGB8888 || return 1
	metadata ColourGains | tail -n 1
	judge grey "$newest"
}

white_balance_makes_grey_of_it() {
	set_controls exposure=600,analogue_gain=0 && settles it_is_grey
}

check "libcamera: a scene that is too bright gets less" bright_scenes_get_less
check "libcamera: grey is grey in warm light" white_balance_makes_grey_of_it
check "the emulated sensor has nothing to object to" no_violation
