# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that nothing points to any more, says the kernel. Comes last.

no_memory_is_lost() {
	# What was allocated in the last seconds is not looked at, and an object may hide from one look.
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >/tmp/leaks
	[ ! -s /tmp/leaks ] || {
		head -n 60 /tmp/leaks
		return 1
	}
}

check "leaks: no memory is lost" no_memory_is_lost
