# SPDX-License-Identifier: GPL-2.0-only
#
# v4l2-compliance on every device node, with streaming where there is something to stream. A warning
# that the list beside this file does not have is a failure of its own.

grep -v -e '^#' -e '^$' /guest/e2e/explained-warnings >/tmp/explained-warnings

compliance() {
	name=$1
	shift
	v4l2-compliance "$@" >"/out/compliance-$name" 2>&1
	total=$(tail -n 1 "/out/compliance-$name")
	grep 'fail:' "/out/compliance-$name"
	echo "$total"
	case $total in
	*", Failed: 0, "*) echo "ok v4l2-compliance, $name: no failure" ;;
	*) echo "not ok v4l2-compliance, $name: no failure" ;;
	esac
	if grep 'warn:' "/out/compliance-$name" | grep -vE -f /tmp/explained-warnings; then
		echo "not ok v4l2-compliance, $name: no unexplained warning"
	else
		echo "ok v4l2-compliance, $name: no unexplained warning"
	fi
}

reset_controls
set_format RG10
compliance media -m /dev/media0
compliance sub-device -u "$sensor"
compliance video -d "$video" -s5
