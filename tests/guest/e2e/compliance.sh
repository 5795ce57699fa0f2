# SPDX-License-Identifier: GPL-2.0-only
#
# v4l2-compliance on every device node, for each preset, with streaming where there is something to
# stream. What it finds and the list beside this file does not have is a failure.

grep -v -e '^#' -e '^$' /guest/e2e/explained >/tmp/explained

# Runs it, and shows what needs an explanation.
nothing_unexplained() {
	v4l2-compliance "$@" >/tmp/compliance 2>&1
	grep 'Total for .* Failed: ' /tmp/compliance || {
		echo "it did not run to its end"
		return 1
	}
	! grep -e 'fail:' -e 'warn:' /tmp/compliance | grep -vE -f /tmp/explained
}

reset_controls
for size in $PRESETS; do
	set_format RG10 "$size"
	check "v4l2-compliance, $size: sub-device" nothing_unexplained -u "$sensor"
	check "v4l2-compliance, $size: all of the media device" nothing_unexplained -m /dev/media0
done
for size in 4056x3040 1920x1080 640x480; do
	set_format RG10 "$size"
	check "v4l2-compliance, $size: video, streaming" nothing_unexplained -d "$video" -s5
done
