# SPDX-License-Identifier: GPL-2.0-only
#
# Serves fsm-camera's page to a browser on the host, which says by a file that it is done, and writes down
# what the sensor's frames have had.

. /guest/camera.sh
. /guest/e2e/lib.sh

modprobe virtio_net
ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0 || exit 1
fsm-camera live --address 10.0.2.15 --port 8080 --size 640x480 --fps 30 --width 640 >/tmp/live 2>&1 &
live=$!
tries=100
until grep -q 'open http://10.0.2.15:8080/' /tmp/live; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || {
		cat /tmp/live
		exit 1
	}
	usleep 100000
done
touch /out/serving
while [ ! -e /out/finished ]; do
	tail -n 1 "$board/trace" >>/out/trace
	usleep 300000
done
until_asleep || exit 1
kill "$live"
dmesg >/out/dmesg
cat "$board/violations"
grep -qx 'total 0' "$board/violations"
