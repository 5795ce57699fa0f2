# SPDX-License-Identifier: GPL-2.0-only
#
# What tests of several cameras at once have in common. Sourced.

# For what goes past the driver.
modprobe i2c-dev

# Lists the cameras' slots.
slots() {
	for slot in /sys/firmware/devicetree/base/fsm-imx412-*; do
		echo "${slot##*fsm-imx412-}"
	done
}

# The I2C client of the sensor of slot $1.
client_of() {
	use_camera "$1" && media-ctl -d "$media" -p | sed -n 's/^- entity [0-9]*: imx[0-9]* \([0-9a-f-]*\) .*/\1/p'
}

# in_all FUNCTION: calls it with every camera in use, and its slot as argument.
in_all() {
	for slot in $(slots); do
		use_camera "$slot" && "$1" "$slot" || {
			echo "camera $slot"
			return 1
		}
	done
}

# start_stream SLOT COUNT: streams in the background and keeps what v4l2-ctl says.
start_stream() {
	use_camera "$1" || return 1
	# Emptied here: who waits for frames next must not find those of the stream before.
	: >"/tmp/stream-$1"
	timeout 200 v4l2-ctl -d "$video" --stream-mmap=3 --stream-count="$2" --verbose >>"/tmp/stream-$1" 2>&1 &
	echo $! >"/tmp/stream-$1.pid"
}

# Waits for the end of the stream of slot $1, which must have had $2 frames.
finish_stream() {
	wait "$(cat "/tmp/stream-$1.pid")"
	grep 'returned -1' "/tmp/stream-$1"
	equal "the number of frames of $1" "$(grep -c 'dqbuf:' "/tmp/stream-$1")" "$2"
}

# A number from a debugfs file of slot $1.
counted() {
	sed -n "s/^$3 //p" "/sys/kernel/debug/fsm-imx412/fsm-imx412-$1/$2"
}

# The register at address $2 (hexadecimal) of slot $1's sensor, as the model holds it.
held() {
	dd if="/sys/kernel/debug/fsm-imx412/fsm-imx412-$1/registers.bin" bs=1 skip=$((0x$2)) count=1 2>/dev/null |
		od -An -t x1 | tr -d ' '
}

# Ends the stream of slot $1, whatever has come.
end() {
	kill "$(cat "/tmp/stream-$1.pid")"
	wait "$(cat "/tmp/stream-$1.pid")"
	! grep 'returned -1' "/tmp/stream-$1" && equal "MODE_SEL of $1" "$(held "$1" 0100)" 00
}

# Waits until the stream of slot $1 has delivered $2 frames.
await_frames() {
	tries=600
	until [ "$(grep -c 'dqbuf:' "/tmp/stream-$1")" -ge "$2" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "no $2 frames came from $1"
			tail -n 3 "/tmp/stream-$1"
			return 1
		}
		usleep 50000
	done
}

all_stream_at_the_same_time() {
	for slot in $(slots); do
		use_camera "$slot" && set_format RG10 640x480 && start_stream "$slot" 20 || return 1
	done
	for slot in $(slots); do
		finish_stream "$slot" 20 || return 1
	done
}

no_violations() {
	grep -q '^total 0$' "$board/violations" || {
		cat "$board/violations"
		return 1
	}
}

# A picture of each camera for the host to judge, each with an exposure of its own. $1 is the rate
# that the board's INCK and lanes give at this format.
pictures() {
	exposure=300
	for slot in $(slots); do
		exposure=$((exposure + 250))
		echo "$slot RG10 1280x720 $1 vertical_blanking=2372,exposure=$exposure" >/tmp/pictures
		use_camera "$slot"
		take_frames /tmp/pictures
	done
}
