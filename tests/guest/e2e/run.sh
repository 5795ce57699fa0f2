# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the named end-to-end scripts one after the other; each is a file beside this one, or a list
# of frames to take. Afterwards the kernel's log goes to the host, which judges it.

. /guest/camera.sh
. /guest/e2e/lib.sh
. /guest/e2e/frames.sh

dmesg -n 1
for script in "$@"; do
	if [ -e "/guest/e2e/$script.list" ]; then
		take_frames "/guest/e2e/$script.list"
	else
		. "/guest/e2e/$script.sh"
	fi
	echo "finished $script"
done
dmesg >/out/dmesg
