# SPDX-License-Identifier: GPL-2.0-only
#
# A camera streams while its neighbour comes and goes. Sourced after cameras.sh.

driver=/sys/bus/i2c/drivers/fsm_imx412

# Starts a stream in slot $1 whose frames take 0.7 s, so that the newest that the board remembers are those of
# three quarters of a minute.
slow_stream() {
	use_camera "$1" && set_format RG10 640x480 &&
		set_control vertical_blanking 200000 && start_stream "$1" 100000
}

# The newest frames that the sensor of slot $1 has started: stream, number, time. What a busy guest has had no
# time to receive is among them.
started() {
	sed 's/^stream=\([0-9]*\) sequence=\([0-9]*\) start=\([0-9]*\) .*/\1 \2 \3/' \
		"/sys/kernel/debug/fsm-imx412/fsm-imx412-$1/trace"
}

# Where the frames on standard input, of stream $1 on, do not follow each other: another stream, a number that
# is missing, a frame that took longer or shorter than the one before.
breaks() {
	awk -v stream="$1" '
		$1 < stream { next }
		$1 != stream { print "stream " $1 " after " stream; exit }
		frames > 0 && $2 != number + 1 { print "frame " $2 " after " number }
		frames > 1 && $3 - start != period { print "frame " number " took " $3 - start " ns after " period }
		{ period = $3 - start; number = $2; start = $3; frames++ }
		END { if (frames < 3) print "there are " frames + 0 " frames" }'
}

# What the lines of slot $1's sensor did.
lines_of() {
	cat "/sys/kernel/debug/fsm-imx412/fsm-imx412-$1/power"
}

# undisturbed SLOT FUNCTION...: the stream of SLOT goes on without a gap, and without a change of its
# lines, while the function runs and afterwards.
undisturbed() {
	streaming=$1
	shift
	slow_stream "$streaming" && await_frames "$streaming" 3 || return 1
	lines_of "$streaming" >/tmp/lines
	stream=$(started "$streaming" | tail -n 1 | cut -d ' ' -f 1)
	"$@"
	result=$?
	lines_of "$streaming" | diff /tmp/lines - || result=1
	await_frames "$streaming" $(($(grep -c 'dqbuf:' "/tmp/stream-$streaming") + 3)) || result=1
	started "$streaming" >/tmp/started
	kill "$(cat "/tmp/stream-$streaming.pid")"
	wait
	equal "what broke the stream of $streaming" "$(breaks "$stream" </tmp/started)" "" && return $result
}

# Binds, streams, idles until it is powered down, and unbinds; twice.
comes_and_goes() {
	client=$(client_of "$1")
	for round in 1 2; do
		echo "$client" >"$driver/unbind" && echo "$client" >"$driver/bind" || return 1
		await_camera "$1" && set_format RG10 640x480 && frames 3 || return 1
		until_asleep || return 1
	done
}

# Waits until the camera in slot $1 is complete again.
await_camera() {
	tries=600
	until use_camera "$1"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "the camera in $1 did not come back"
			return 1
		}
		usleep 50000
	done
}
