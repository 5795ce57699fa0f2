# SPDX-License-Identifier: GPL-2.0-only
#
# Makes /system of the disk with applications: what it has, changes in memory, and the guest's own
# folders. Sourced.

system_up() {
	modprobe -a virtio_blk squashfs overlay || return 1
	mkdir -p /disk /changes /system
	mount -t squashfs -o ro /dev/vda /disk || return 1
	mount -t tmpfs changes /changes
	mkdir /changes/upper /changes/work
	mount -t overlay -o lowerdir=/disk,upperdir=/changes/upper,workdir=/changes/work system /system ||
		return 1
	for folder in dev guest lib/modules opt out proc sys tmp; do
		[ -d "/$folder" ] || continue
		mkdir -p "/system/$folder"
		mount -o rbind "/$folder" "/system/$folder"
	done
	mkdir -p /dev/shm
	mount -t tmpfs shm /dev/shm
	# Programs of the project, and busybox' where the disk has no other.
	cp /usr/bin/fsm-* /usr/bin/imx412-* /system/usr/bin/ 2>/dev/null
	chroot /system /usr/bin/busybox --install -s 2>/dev/null
	# libcamera takes devices that udev has seen.
	udev="chroot /system /usr/bin/env SYSTEMD_IGNORE_CHROOT=1"
	$udev /usr/lib/systemd/systemd-udevd --daemon 2>/dev/null &&
		$udev udevadm trigger --subsystem-match=media --subsystem-match=video4linux &&
		$udev udevadm settle
}

system_up
