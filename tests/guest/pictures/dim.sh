# SPDX-License-Identifier: GPL-2.0-only
#
# Automatic exposure in a third of the light, from a short exposure: it has to become a long one.

dark_scenes_get_longer_exposures() {
	set_controls exposure=100,analogue_gain=0 || return 1
	capture_to /tmp/dim-#.ppm 360 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata ExposureTime | uniq | paste -sd ' '
	judge mean "$(early_file)" 1 60 && judge mean "$newest" 100 215 &&
		[ "$(metadata ExposureTime | tail -n 1)" -gt $((8 * $(metadata ExposureTime | head -n 1))) ]
}

check "libcamera: a dark scene gets a longer exposure" dark_scenes_get_longer_exposures
check "the emulated sensor has nothing to object to" no_violation
