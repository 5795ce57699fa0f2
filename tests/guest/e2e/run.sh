# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the named end-to-end scripts one after the other; each is a file beside this one. Afterwards
# the kernel's log goes to the host, which judges it.

. /guest/camera.sh
. /guest/e2e/lib.sh

dmesg -n 1
for script in "$@"; do
	. "/guest/e2e/$script.sh"
	echo "finished $script"
done
dmesg >/out/dmesg
