# SPDX-License-Identifier: GPL-2.0-only
#
# A bus that fails, and formats that do not match: the stream is refused with a reason, and the next
# one works.

bus_failure_stops_the_start_and_the_next_works() {
	until_asleep || return 1
	echo "20 $1" >"$board/fail"
	if frames 1; then
		echo "a stream started over a failing bus"
		return 1
	fi
	echo off >"$board/fail"
	frames 2
}

formats_that_differ_are_refused() {
	set_format RG10 "$FULL_SIZE" &&
		v4l2-ctl -d "$video" --set-fmt-video width=4056,height=3040,pixelformat=RG12 || return 1
	if frames 1; then
		echo "a 10-bit sensor streamed to a 12-bit node"
		return 1
	fi
	set_format RG10 "$FULL_SIZE" && frames 2
}

set_up RG10 "$FULL_SIZE"
for kind in nack timeout arbitration eio; do
	check "faults: $kind stops the start, and the next works" bus_failure_stops_the_start_and_the_next_works $kind
done
check "faults: formats that differ are refused" formats_that_differ_are_refused
