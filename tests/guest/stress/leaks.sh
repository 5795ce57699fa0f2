# SPDX-License-Identifier: GPL-2.0-only
#
# Memory that nothing points to any more, says the kernel. Comes last.

# unknown_leaks: of kmemleak's report, what is lost but for one thing. __video_register_device() (v4l2-dev.c) does not
# give back a device that could not be registered, as it says in a comment; what is lost with it is its name, once for
# each of its messages about that.
unknown_leaks() {
	dmesg | awk '
		function judge() {
			if (report == "")
				return
			if (report ~ /\(size (8|16)\)/ && report ~ /dev_set_name\+[^\n]*\n[^\n]*__video_register_device\+/ && names > 0)
				names--
			else
				printf "%s", report
			report = ""
		}
		FILENAME == "-" {
			if (/__video_register_device: device_register failed/)
				names++
			next
		}
		/^unreferenced object/ { judge() }
		{ report = report $0 "\n" }
		END { judge() }
	' - "$1"
}

no_memory_is_lost() {
	# What was allocated in the last seconds is not looked at, and an object may hide from one look.
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >/tmp/leaks
	unknown_leaks /tmp/leaks >/tmp/unknown-leaks
	[ ! -s /tmp/unknown-leaks ] || {
		head -n 60 /tmp/unknown-leaks
		return 1
	}
}

check "leaks: no memory is lost" no_memory_is_lost
