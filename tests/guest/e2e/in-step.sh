# SPDX-License-Identifier: GPL-2.0-only
#
# Two cameras that XVS joins. The second one has sony,always-on.

. /guest/e2e/cameras.sh

STANDALONE=0 SOURCE=1 SINK=2

# prepare SLOT ROLE: a small picture, slow enough for the guest, 23.6 frames per second.
prepare() {
	use_camera "$1" && reset_controls && set_format RG10 640x480 &&
		set_control vertical_blanking 11500 && set_control synchronisation "$2"
}

# Waits until the sensor of slot $1 streams.
await_start() {
	tries=100
	until [ "$(held "$1" 0100)" = 01 ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "$1 does not start"
			return 1
		}
		usleep 20000
	done
}

# begin SLOT COUNT: streams in the background; returns when the sensor does.
begin() {
	start_stream "$1" "$2" && await_start "$1"
}

# Number and time of each frame that user space got from slot $1.
received() {
	sed -n 's/.*dqbuf: .*seq: *\([0-9]*\) .* ts: \([0-9.]*\) .*/\1 \2/p' "/tmp/stream-$1"
}

# Number and time in ns of the newest frames that the sensor of slot $1 started.
started() {
	sed 's/.* sequence=\([0-9]*\) start=\([0-9]*\) .*/\1 \2/' "/sys/kernel/debug/fsm-imx412/fsm-imx412-$1/trace" |
		tail -n 30
}

# agree COUNT FIRST SECOND: at least that many frames have the same number in both files, and then
# the same time.
agree() {
	awk -v least="$1" '
		NR == FNR { time[$1] = $2; next }
		$1 in time { common++ }
		$1 in time && time[$1] != $2 { print "frame " $1 ": " time[$1] " and " $2; differ = 1 }
		END {
			if (common < least) print "only " common " frames have the same number"
			exit differ || common < least
		}' "$2" "$3"
}

source_and_sink_run_in_step() {
	# Listing the controls asks for the temperature. A source that goes back to sleep after that pulls the
	# wire once more, which a sink that waits already takes for a frame.
	prepare cam0 $SOURCE && until_asleep && prepare cam1 $SINK && begin cam1 60 && begin cam0 1000 &&
		await_frames cam1 40 || return 1
	started cam0 >/tmp/started-cam0
	started cam1 >/tmp/started-cam1
	finish_stream cam1 60 && end cam0 || return 1
	received cam0 >/tmp/received-cam0
	received cam1 >/tmp/received-cam1
	agree 25 /tmp/started-cam0 /tmp/started-cam1 && agree 30 /tmp/received-cam0 /tmp/received-cam1 &&
		equal "the number of the sink's first frame" "$(sed -n '1s/ .*//p' /tmp/received-cam1)" 0
}

outputs_are_parked() {
	prepare cam0 $SOURCE && begin cam0 1000 || return 1
	equal "XVS_IO_CTRL of a source" "$(held cam0 3040)" 01 &&
		equal "EXTOUT_EN of a source" "$(held cam0 4b81)" 01
	driven=$?
	end cam0 && [ "$driven" = 0 ] &&
		equal "XVS_IO_CTRL in standby" "$(held cam0 3040)" 00 &&
		equal "EXTOUT_EN in standby" "$(held cam0 4b81)" 00
}

# Keeps the sensor of slot $1 powered, or lets it sleep: "on" or "auto". Waits until that is so.
power() {
	client=/sys/bus/i2c/devices/$(client_of "$1")/power
	echo "$2" >"$client/control"
	[ "$2" = on ] || sleep 2
}

a_sink_without_pulses_delivers_nothing_and_stops() {
	power cam0 auto
	prepare cam1 $SINK && begin cam1 5 || return 1
	sleep 2
	end cam1 && equal "the number of frames" "$(received cam1 | wc -l)" 0 &&
		prepare cam1 $STANDALONE && frames 3
}

triggers_make_frames() {
	power cam0 on
	prepare cam1 $SINK && begin cam1 3 || return 1
	for trigger in 1 2 3; do
		usleep 200000
		echo 1 >"$board/xvs"
	done
	finish_stream cam1 3
	result=$?
	power cam0 auto
	return "$result"
}

# The first sensor loses its supply while the second waits for pulses.
loss_of_power_is_a_pulse() {
	power cam0 on
	prepare cam1 $SINK && begin cam1 5 || return 1
	before=$(counted cam1 xvs taken)
	power cam0 auto
	after=$(counted cam1 xvs taken)
	end cam1 && equal "the number of pulses" $((after - before)) 1
}

# The second one never does, so nothing disturbs the first.
a_sensor_that_stays_powered_makes_no_pulse() {
	prepare cam1 $STANDALONE && frames 2 && prepare cam0 $SINK && begin cam0 5 || return 1
	before=$(counted cam0 xvs taken)
	power cam1 auto
	after=$(counted cam0 xvs taken)
	# The wire is free, as a trigger shows.
	echo 1 >/sys/kernel/debug/fsm-imx412/fsm-imx412-cam0/xvs
	triggered=$(counted cam0 xvs taken)
	end cam0 && equal "the number of pulses" $((after - before)) 0 &&
		equal "the number of triggers" $((triggered - after)) 1
}

two_sources_are_refused() {
	prepare cam0 $SOURCE && prepare cam1 $SOURCE && use_camera cam0 && begin cam0 1000 && use_camera cam1 || return 1
	if frames 1; then
		echo "two sources drive one wire"
		end cam0
		return 1
	fi
	grep -q '^xvs-driven-twice 1$' "$board/violations"
	found=$?
	echo clear >"$board/violations"
	end cam0 && return "$found"
}

for test in source_and_sink_run_in_step outputs_are_parked a_sink_without_pulses_delivers_nothing_and_stops \
	triggers_make_frames loss_of_power_is_a_pulse a_sensor_that_stays_powered_makes_no_pulse \
	two_sources_are_refused; do
	check "in step: $(echo "$test" | tr _ ' ')" "$test"
done
in_all reset_controls
check "in step: no violations" in_all no_violations
