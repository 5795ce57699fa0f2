# SPDX-License-Identifier: GPL-2.0-only
#
# fsm-camera check finds nothing wrong with the cameras of this guest.

good_camera() {
	fsm-camera check --camera "$1" --size 640x480 --restarts 5 --plain --report /tmp/report >/tmp/check || {
		cat /tmp/check
		return 1
	}
	grep -qx 'Nothing is wrong.' /tmp/check
}

# Those that scripts before this one have put into a group wait for each other.
for node in /dev/v4l-subdev*; do
	v4l2-ctl -d "$node" --set-ctrl broadcast=0 >/dev/null 2>&1
done
cameras=$(fsm-camera list --json | grep -c '"number"')
number=0
while [ "$number" -lt "$cameras" ]; do
	check "camera: check finds nothing wrong with camera $number" good_camera "$number"
	number=$((number + 1))
done
check "camera: as many are listed as have nodes" equal "the number of cameras" "$cameras" "$(cat /sys/class/video4linux/v4l-subdev*/name | grep -c '^imx')"
