# SPDX-License-Identifier: GPL-2.0-only
#
# fsm-camera where something is in its way: a camera that is in use or gone, a place that takes no files.
# Its message has to name what was found and what to change. Command lines that are refused without a
# camera are in tools/fsm-camera/tests/command_line.rs.

# ends STATUS WORDS ARGUMENTS...: with that status, and a message that has the words.
ends() {
	status=$1 words=$2
	shift 2
	fsm-camera "$@" >/tmp/ended 2>&1
	equal "the status" "$?" "$status" && grep -q -e "$words" /tmp/ended && return
	cat /tmp/ended
	return 1
}

# What would take days is cut to the sensor's longest, not to what the lower 32 bits of it say.
longest() {
	timeout 20 fsm-camera capture --size 640x480 "$1" "$2" -o /tmp/x.raw 2>/tmp/notes
	cat /tmp/notes
	case $1 in
	--exposure) equal exposure "$(value exposure)" "$(limit exposure max)" || return 1 ;;
	esac
	equal "vertical blanking" "$(value vertical_blanking)" "$(limit vertical_blanking max)" &&
		grep -q "^note: ${1#--}: .* asked for, " /tmp/notes
}

# Another program's stream with a test pattern: it goes on as it is.
busy() {
	set_format RG10 640x480
	set_control test_pattern 2
	v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=1000000 >/dev/null 2>&1 &
	stream=$!
	until grep -q '^0100: 01' "$board/registers"; do usleep 50000; done
	ends 1 'streams for another program' capture --size 640x480 -o /tmp/x.raw &&
		equal "its test pattern" "$(value test_pattern)" "2 (100% Color Bars)" &&
		fsm-camera info >/tmp/info &&
		ends 1 '"id": "busy"' check --size 640x480 --json --report /tmp/report &&
		equal "its test pattern" "$(value test_pattern)" "2 (100% Color Bars)"
	good=$?
	kill "$stream"
	wait "$stream"
	set_control test_pattern 0
	return $good
}

# Whole frames only, however it ended.
no_halves() {
	for file in "$1"/*; do
		equal "the size of $file" "$(stat -c %s "$file")" $((640 * 480 * 2)) || return 1
	done
}

unplugged() {
	rm -rf /tmp/shots && mkdir /tmp/shots
	fsm-camera capture --size 640x480 --fps 30 --count 100000 -o /tmp/shots/x.raw >/tmp/ended 2>&1 &
	capture=$!
	until [ -e /tmp/shots/x-000003.raw ]; do usleep 50000; done
	echo 0-001a >/sys/bus/i2c/drivers/fsm_imx412/unbind
	wait "$capture"
	status=$?
	cat /tmp/ended
	equal "the status" "$status" 1 && grep -q 'the stream has ended: the camera was unplugged' /tmp/ended &&
		no_halves /tmp/shots && ends 1 'no media device has a sensor' capture -o /tmp/x.raw &&
		ends 1 'no camera: fsm-camera check' list && ends 1 'fsm-camera check looks' info &&
		ends 1 'fsm-camera check looks' live
	good=$?
	rm -rf /tmp/shots
	echo 0-001a >/sys/bus/i2c/drivers/fsm_imx412/bind
	until [ -e "$sensor" ]; do usleep 50000; done
	return $good
}

full_disk() {
	mkdir -p /tmp/small && mount -t tmpfs -o size=1m none /tmp/small || return 1
	ends 1 'cannot write /tmp/small/x-2.raw: No space left' capture --size 640x480 --count 5 -o /tmp/small/x.raw &&
		no_halves /tmp/small && equal "what is left" "$(ls /tmp/small)" x-1.raw &&
		ends 1 'cannot write /tmp/small/x.tiff: No space left on device (os error 28)$' \
			capture --size 640x480 -o /tmp/small/x.tiff && equal "what is left" "$(ls /tmp/small)" x-1.raw &&
		mount -o remount,ro /tmp/small &&
		ends 1 'cannot write into the folder /tmp/small: choose another by -o' capture -o /tmp/small/x.raw &&
		ends 1 'choose another by --report' check --report /tmp/small/report
	good=$?
	umount /tmp/small
	return $good
}

interrupted() {
	rm -rf /tmp/shots && mkdir /tmp/shots
	timeout -s INT 3 fsm-camera capture --size 640x480 --fps 30 --count 4294967295 -o /tmp/shots/x.raw >/tmp/ended 2>&1
	rm -f /tmp/shots/*.part
	[ -e /tmp/shots/x-0000000003.raw ] && no_halves /tmp/shots && rm -rf /tmp/shots && until_asleep &&
		fsm-camera capture --size 640x480 -o /tmp/x.raw
}

# In the middle of the test patterns, of which nothing may stay.
interrupted_check() {
	off=$(value test_pattern)
	rm -f /tmp/report.*
	fsm-camera check --size 640x480 --report /tmp/report >/tmp/ended 2>&1 &
	program=$!
	until [ "$(value test_pattern)" != "$off" ] || ! kill -0 "$program"; do usleep 20000; done
	kill -INT "$program"
	wait "$program"
	status=$?
	cat /tmp/ended
	equal "the status" "$status" 130 && grep -qx 'the check was ended before it was done; there is no report' /tmp/ended &&
		! grep -q BAD /tmp/ended && equal "the test pattern" "$(value test_pattern)" "$off" &&
		equal exposure "$(value exposure)" "$(limit exposure default)" &&
		[ ! -e /tmp/report.txt ] && until_asleep
}

takes_every_frame_into_a_pipe() {
	rm -f /tmp/pipe && mkfifo /tmp/pipe || return 1
	cat /tmp/pipe >/tmp/piped &
	reader=$!
	# Held open, so that one reader gets all.
	exec 3>/tmp/pipe
	fsm-camera capture --size 640x480 --count 3 --format raw -o /tmp/pipe
	good=$?
	exec 3>&-
	wait "$reader"
	[ "$good" = 0 ] && equal "the bytes that came" "$(stat -c %s /tmp/piped)" $((3 * 640 * 480 * 2))
}

check "camera: check of a camera that there is not" ends 1 '^error: there is no camera 7, but 0 (imx412 0-001a)$' \
	check --camera 7
check "camera: a node that there is not" ends 1 'its video nodes are: fsm-imx412 csi2' \
	capture --node /dev/video9 -o /tmp/x.raw
check "camera: the longest exposure" longest --exposure 100000s
check "camera: the lowest rate" longest --fps 0.000001
check "camera: another program's stream is left as it is" busy
check "camera: unplugged in the middle, it says so" unplugged
check "camera: a full disk, and a folder that takes nothing" full_disk
check "camera: Ctrl-C leaves whole frames and a sensor that sleeps" interrupted
check "camera: Ctrl-C ends a check, which leaves no test pattern" interrupted_check
check "camera: a pipe takes one frame after the other" takes_every_frame_into_a_pipe
check "camera: none of that breaks a rule of the sensor" equal violations "$(sed -n 's/^total //p' "$board/violations")" 0
