# SPDX-License-Identifier: GPL-2.0-only
#
# What the patches of integration/libcamera change, in a fortieth of the light: Debian's libcamera first, then the one
# that was built with them.

# Streams until the gain has changed 20 times.
twenty_steps() {
	capture_to /tmp/night-#.ppm 200 -s width=160,height=120,pixelformat=XRGB8888 || return 1
	metadata AnalogueGain >>/tmp/gains
	[ "$(uniq /tmp/gains | wc -l)" -gt 20 ]
}

# twentieth_step CONDITION: of the value $1 after 20 steps.
twentieth_step() {
	rm -f /tmp/gains
	set_controls exposure=1000,analogue_gain=0 && settles twenty_steps || return 1
	uniq /tmp/gains | sed -n 2,21p | paste -sd ' '
	uniq /tmp/gains | sed -n 21p | awk "{ exit !($1) }"
}

nothing_is_missing() {
	cam -l >/tmp/cameras 2>&1
	cat /tmp/cameras
	grep -q "External camera 'imx412'" /tmp/cameras && ! grep -E 'No static properties|Failed to create|No sensor delays|not found' /tmp/cameras
}

every_size_is_listed() {
	cam -c1 -I >/tmp/formats 2>&1
	head -n 3 /tmp/formats
	grep -q '(4052x3040)' /tmp/formats
}

# Codes, of which 40 is 1.04 times.
check "libcamera: Debian's automatic gain has hardly begun after 20 steps" twentieth_step '$1 <= 40'
export PATH=/opt/libcamera/bin:$PATH LD_LIBRARY_PATH=/opt/libcamera/lib
check "libcamera with patches: nothing is missing" nothing_is_missing
check "libcamera with patches: automatic gain is fourfold after 20 steps" twentieth_step '$1 > 4'
check "libcamera with patches: automatic gain becomes high in the dark" gain_becomes_high
check "libcamera with patches: every size is listed" every_size_is_listed
check "the emulated sensor has nothing to object to" no_violation
