# SPDX-License-Identifier: GPL-2.0-only
#
# What end-to-end scripts say to the host. Lines other than these explain the next result.

# check NAME COMMAND...: a test that passes if the command succeeds. Its output is shown if it does
# not.
check() {
	check_name=$1
	shift
	if check_output=$("$@" 2>&1); then
		echo "ok $check_name"
	else
		echo "$check_output"
		echo "not ok $check_name"
	fi
}

# value NAME: what a control of the sensor is now.
value() {
	v4l2-ctl -d "$sensor" --get-ctrl "$1" | sed 's/.*: //'
}

# limit NAME min|max|default: one of its limits.
limit() {
	v4l2-ctl -d "$sensor" -l | sed -n "s/^ *$1 0x.* $2=\([0-9-]*\).*/\1/p"
}

# equal WHAT FOUND WANTED
equal() {
	[ "$2" = "$3" ] || {
		echo "$1 is $2 instead of $3"
		return 1
	}
}

# set_control NAME VALUE
set_control() {
	v4l2-ctl -d "$sensor" --set-ctrl "$1=$2"
}

# frames COUNT: streams that many frames and throws them away. v4l2-ctl's exit status does not tell
# whether they came.
frames() {
	timeout 60 v4l2-ctl -d "$video" --stream-mmap=3 --stream-count="$1" --verbose >/tmp/stream 2>&1
	grep 'returned -1' /tmp/stream
	equal "the number of frames" "$(grep -c 'dqbuf:' /tmp/stream)" "$1"
}

# Waits until autosuspend has put the sensor to sleep.
until_asleep() {
	tries=400
	until grep -qx suspended "/sys/class/video4linux/${sensor##*/}/device/power/runtime_status"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "the sensor does not go to sleep"
			return 1
		}
		usleep 50000
	done
}

# The presets, in the order in which the driver enumerates them.
PRESETS="4056x3040 4056x2160 3840x2160 2028x1520 1920x1440 2028x1080 1920x1080 1600x1200 1352x1012 1332x990 1280x720
	1024x768 800x600 640x480 640x360 320x240"
