# SPDX-License-Identifier: GPL-2.0-only
#
# Controls that are set in one call take effect in one frame, in whatever order the call has them.

# Two states that differ in everything. Each one's exposure is out of the range that the other one's
# blanking gives, or would be without the new gains. 4.7 and 2.4 frames per 100 ms: the board
# remembers 64 of them.
NEAR="vertical_blanking=5500 exposure=300 analogue_gain=0 digital_gain=256 sensor_black_level=64 test_pattern=0"
FAR="vertical_blanking=11500 exposure=11900 analogue_gain=500 digital_gain=512 sensor_black_level=100 test_pattern=2"
NEAR_IN_FORCE="300 5980 0 256 64 0"
FAR_IN_FORCE="11900 11980 500 512 100 2"

# The states that the frames of the present stream have shown, in the order of their appearance:
# exposure, frame length, analogue gain, digital gain, black level, test pattern.
states_shown() {
	stream=$(sed -n '$s/^\(stream=[0-9]*\) .*/\1/p' "$board/trace")
	sed -n "s/^$stream sequence=.* exposure=\([0-9]*\) frame-length=\([0-9]*\) .* analogue-gain=\([0-9]*\) digital-gain=\([0-9]*\),.* black-level=\([0-9]*\) test-pattern=\([0-9]*\) .*/\1 \2 \3 \4 \5 \6/p" \
		"$board/trace" | uniq
}

# rotate COUNT SETTING...: the settings, beginning with another one.
rotate() {
	turns=$1
	shift
	while [ "$turns" -gt 0 ]; do
		first=$1
		shift
		set -- "$@" "$first"
		turns=$((turns - 1))
	done
	echo "$*"
}

# The settings $*, with the controls' numbers for their names.
numbered() {
	for setting; do
		sed -n "s/^ *${setting%%=*} \(0x[0-9a-f]*\) .*/\1=${setting#*=}/p" /tmp/ctrls
	done
}

start_near() {
	set_format RG10 640x480 && v4l2-ctl -d "$sensor" --set-ctrl "$(echo $NEAR | tr ' ' ,)" || return 1
	v4l2-ctl -d "$sensor" -l >/tmp/ctrls
	v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=10000 >/dev/null 2>&1 &
	streamer=$!
	usleep 800000
	equal "what is shown" "$(states_shown)" "$NEAR_IN_FORCE"
}

# set_at_once COUNT STATE IN_FORCE: sets a state in one call, and looks what frames show of it.
set_at_once() {
	before=$(sed -n 's/^transfers //p' "$board/bus")
	perl /guest/e2e/set-together.pl "$sensor" $(numbered $(rotate "$1" $2)) || return 1
	after=$(sed -n 's/^transfers //p' "$board/bus")
	usleep 200000
	states_shown >/tmp/states
	equal "the number of transfers" $((after - before)) 1 &&
		equal "what is shown in the end" "$(tail -n 1 /tmp/states)" "$3" &&
		! grep -v -x -e "$NEAR_IN_FORCE" -e "$FAR_IN_FORCE" /tmp/states || {
		echo "after $(rotate "$1" $2)"
		return 1
	}
}

in_every_order() {
	for turn in 0 1 2 3 4 5; do
		set_at_once "$turn" "$FAR" "$FAR_IN_FORCE" &&
			set_at_once "$turn" "$NEAR" "$NEAR_IN_FORCE" || return 1
	done
}

one_call_is_one_frame() {
	start_near && in_every_order
	result=$?
	kill "$streamer"
	wait "$streamer"
	return "$result"
}

# What the test above looks for is there to be seen.
several_calls_are_several_frames() {
	start_near || return 1
	states_shown >/tmp/states
	for setting in $FAR; do
		v4l2-ctl -d "$sensor" --set-ctrl "$setting"
		usleep 150000
		states_shown >>/tmp/states
	done
	kill "$streamer"
	wait "$streamer"
	equal "the number of states shown" "$(sort -u /tmp/states | wc -l)" 7
}

for test in one_call_is_one_frame several_calls_are_several_frames; do
	reset_controls
	check "controls: $(echo "$test" | tr _ ' ')" "$test"
done
reset_controls
