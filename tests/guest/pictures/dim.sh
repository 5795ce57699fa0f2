# SPDX-License-Identifier: GPL-2.0-only
#
# Automatic exposure in a third of the light, from a short exposure: it has to become a long one.

it_is_bright_enough() {
	capture_to /tmp/dim-#.ppm 120 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata ExposureTime | uniq | paste -sd ' '
	judge mean "$newest" 100 215 && last_metadata ExposureTime '$1 > 8000'
}

dark_scenes_get_longer_exposures() {
	set_controls exposure=100,analogue_gain=0 &&
		capture_to /tmp/dim-#.ppm 12 -s width=160,height=120,pixelformat=XRGB8888 &&
		judge mean "$newest" 1 60 && settles it_is_bright_enough
}

check "libcamera: a dark scene gets a longer exposure" dark_scenes_get_longer_exposures
check "the emulated sensor has nothing to object to" no_violation
