# SPDX-License-Identifier: GPL-2.0-only
#
# A camera streams while its neighbour comes and goes. Sourced after cameras.sh.

driver=/sys/bus/i2c/drivers/fsm_imx412

# Starts a stream in slot $1 whose frames take 0.7 s, with which a guest keeps up: every frame that is
# lost was lost by the sensor.
slow_stream() {
	use_camera "$1" && set_format RG10 640x480 &&
		set_control vertical_blanking 200000 && start_stream "$1" 100000
}

# Sequence numbers of the frames of slot $1 that do not follow the one before.
gaps() {
	sed -n 's/.*dqbuf:.* seq: *\([0-9]*\) .*/\1/p' "/tmp/stream-$1" |
		awk 'NR > 1 && $1 != last + 1 { print last " " $1 } { last = $1 }'
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
	"$@"
	result=$?
	lines_of "$streaming" | diff /tmp/lines - || result=1
	await_frames "$streaming" $(($(grep -c 'dqbuf:' "/tmp/stream-$streaming") + 3)) || result=1
	kill "$(cat "/tmp/stream-$streaming.pid")"
	wait
	equal "what the stream of $streaming lost" "$(gaps "$streaming")" "" && return $result
}

# Binds, streams, idles until it is powered down, and unbinds; twice.
comes_and_goes() {
	client=$(client_of "$1")
	for round in 1 2; do
		echo "$client" >"$driver/unbind" && echo "$client" >"$driver/bind" || return 1
		await_camera "$1" && set_format RG10 640x480 && frames 3 || return 1
		sleep 2
		equal "the runtime state" "$(cat "/sys/bus/i2c/devices/$client/power/runtime_status")" suspended ||
			return 1
	done
}

# Waits until the camera in slot $1 is complete again.
await_camera() {
	tries=100
	until use_camera "$1"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "the camera in $1 did not come back"
			return 1
		}
		usleep 50000
	done
}
