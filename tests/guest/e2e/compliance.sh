# SPDX-License-Identifier: GPL-2.0-only
#
# v4l2-compliance on every device node, with streaming where there is something to stream. A warning is a failure of
# its own.

compliance() {
	name=$1
	shift
	v4l2-compliance "$@" >"/out/compliance-$name" 2>&1
	total=$(tail -n 1 "/out/compliance-$name")
	grep -E 'fail:|FAIL' "/out/compliance-$name"
	echo "$total"
	case $total in
	*", Failed: 0, "*) echo "ok v4l2-compliance, $name: no failure" ;;
	*) echo "not ok v4l2-compliance, $name: no failure" ;;
	esac
	grep -E 'warn:' "/out/compliance-$name"
	case $total in
	*", Warnings: 0") echo "ok v4l2-compliance, $name: no warning" ;;
	*) echo "not ok v4l2-compliance, $name: no warning" ;;
	esac
}

reset_controls
set_format RG10
compliance media -m /dev/media0
compliance sub-device -u "$sensor"
compliance video -d "$video" -s5
