# SPDX-License-Identifier: GPL-2.0-only
#
# v4l2-compliance on every device node, for each preset, with streaming where there is something to
# stream. Warnings that the list "explained" does not have are failures; so is every failure but
# those of the list "tool-defects", which are the tool's own, and a defect that the tool lost.

for list in explained tool-defects; do
	grep -v -e '^#' -e '^$' "/guest/e2e/$list" >"/tmp/$list"
done

# What the tool failed, without line numbers.
failures() {
	sed -n 's/.*fail: \([^(]*\)([0-9]*): /\1: /p' /tmp/compliance
}

# Runs the tool, which must come to its end and count $1 failed tests, and shows what needs an
# explanation.
compliance() {
	wanted=$1
	shift
	v4l2-compliance "$@" >/tmp/compliance 2>&1
	equal "the number of failed tests" "$(sed -n 's/.*Total for .* Failed: \([0-9]*\),.*/\1/p' /tmp/compliance | tail -n 1)" "$wanted" &&
		! grep 'warn:' /tmp/compliance | grep -vE -f /tmp/explained
}

nothing_fails() {
	compliance 0 "$@" && equal "what it fails" "$(failures)" ""
}

# On all nodes, where the tool sees the sensor's pad.
only_the_tool_fails() {
	compliance 1 -m /dev/media0
	compliant=$?
	failures >/tmp/failures
	cmp -s /tmp/failures /tmp/tool-defects && return "$compliant"
	echo "it fails, with what it should:"
	diff /tmp/tool-defects /tmp/failures | sed -n -e '/^---/d' -e '/^+++/d' -e 's/^-/no longer: /p' -e 's/^+/new: /p'
	echo "If Debian mended the tool, take its defects from tests/guest/e2e/tool-defects and docs/user-guide.md."
	return 1
}

# Names longer than their fields would be cut.
the_receiver_has_one_name() {
	equal "the media driver" "$(media-ctl -d "$media" -p | sed -n 's/^driver   *//p')" fsm-imx412-csi2 &&
		equal "the video driver" "$(v4l2-ctl -d "$video" -D | sed -n '1,/Driver name/s/.*Driver name *: //p')" fsm-imx412-csi2
}

check "media device and video node have one driver name" the_receiver_has_one_name
reset_controls
# Buffers of small pictures take less time. Nothing is streamed yet.
set_format RG10 320x240
for size in $PRESETS; do
	set_sensor_format RG10 "$size"
	check "v4l2-compliance, $size: all of the media device" only_the_tool_fails
done
check "v4l2-compliance, the sub-device alone" nothing_fails -u "$sensor"
set_format RG10 1920x1080
check "v4l2-compliance, the video node, streaming" nothing_fails -d "$video" -s5
