# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the named scripts one after the other; each is a file beside this one, in ../stress or in ../pictures, or a list
# of frames to take. A word NAME=VALUE sets a variable for those that follow. Afterwards the kernel's
# log goes to the host, which judges it.

. /guest/camera.sh
. /guest/e2e/lib.sh
. /guest/e2e/frames.sh

run_scripts() {
	for script; do
		case $script in
		*=*)
			export "$script"
			continue
			;;
		esac
		if [ -e "/guest/e2e/$script.list" ]; then
			take_frames "/guest/e2e/$script.list"
		elif [ -e "/guest/stress/$script.sh" ]; then
			. "/guest/stress/$script.sh"
		elif [ -e "/guest/pictures/$script.sh" ]; then
			. /guest/pictures/lib.sh
			. "/guest/pictures/$script.sh"
		else
			. "/guest/e2e/$script.sh"
		fi
	done
	echo "every script ran"
}

# Makes KTAP (Documentation/dev-tools/ktap.rst) of what scripts and programs say: numbers results, and
# gives their number at the end, as it is not known before.
ktap() {
	number=0
	echo "KTAP version 1"
	while IFS= read -r line; do
		case $line in
		"ok "*)
			number=$((number + 1))
			echo "ok $number ${line#ok }"
			;;
		"not ok "*)
			number=$((number + 1))
			echo "not ok $number ${line#not ok }"
			;;
		"captured "*)
			number=$((number + 1))
			echo "# $line"
			echo "ok $number frame ${line#captured }"
			;;
		"every script ran") echo "1..$number" ;;
		*) echo "# $line" ;;
		esac
	done
}

dmesg -n 1
run_scripts "$@" | ktap
if grep -q ' /out ' /proc/mounts; then
	dmesg >/out/dmesg
else
	{
		echo "guest: log begins"
		dmesg
		echo "guest: log ends"
	} >/dev/console
fi
