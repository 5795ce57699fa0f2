# SPDX-License-Identifier: GPL-2.0-only
#
# The demo's part in the guest: shows the camera as the kernel presents it, then takes the pictures
# that the list beside this file asks for. The host develops each as soon as its name is announced.

. /guest/camera.sh

# Frames before the one that is kept: enough to measure a rate.
SKIP=2

media-ctl -p | tee /out/media-graph.txt
v4l2-ctl -d "$sensor" -L | tee /out/controls.txt

grep -v -e '^#' -e '^$' /guest/demo/captures | while read -r name format size controls; do
	set_up "$format" "$size" "$controls" && capture "$SKIP" "/out/$name" || {
		echo "capture $name failed"
		tail -n 5 "/out/$name/stream"
		dmesg | tail -n 10
		exit 1
	}
	sync
	echo "captured $name"
done
