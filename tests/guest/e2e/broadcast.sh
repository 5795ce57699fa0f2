# SPDX-License-Identifier: GPL-2.0-only
#
# Two cameras on one bus that change and start together, through the second address.

. /guest/e2e/cameras.sh

# V4L2_CID_EXPOSURE and V4L2_CID_ANALOGUE_GAIN.
EXPOSURE=0x00980911 ANALOGUE_GAIN=0x009e0903

# The newest frame of slot $1: exposure and analogue gain.
shown() {
	sed -n '$s/.* exposure=\([0-9]*\) .* analogue-gain=\([0-9]*\) .*/\1 \2/p' \
		"/sys/kernel/debug/fsm-imx412/fsm-imx412-$1/trace"
}

# prepare SLOT: a small picture, slow enough for the guest, in the group.
prepare() {
	use_camera "$1" && reset_controls && set_format RG10 640x480 &&
		set_control vertical_blanking 11500 && set_control broadcast 1
}

start_both() {
	prepare cam0 && prepare cam1 && start_stream cam0 10000 || return 1
	sleep 1
	# It waits for the other one.
	equal "the number of frames of cam0 alone" "$(grep -c 'dqbuf:' /tmp/stream-cam0)" 0 &&
		start_stream cam1 10000 && await_frames cam0 3 && await_frames cam1 3
}

end_both() {
	end cam0
	first=$?
	end cam1 && return "$first"
}

one_write_starts_both() {
	before="$(counted cam0 heard broadcasts) $(counted cam1 heard broadcasts)"
	start_both || return 1
	after="$(counted cam0 heard broadcasts) $(counted cam1 heard broadcasts)"
	set -- $before $after
	equal "what the first sensor heard" $(($3 - $1)) 1 &&
		equal "what the second sensor heard" $(($4 - $2)) 1
}

one_control_sets_both() {
	for camera in cam0 cam1; do
		use_camera "$camera"
		exposure=$((${exposure:-500} + 1000))
		before="$(counted cam0 bus transfers) $(counted cam0 heard messages) $(counted cam1 heard messages)"
		perl /guest/e2e/set-together.pl "$sensor" "$EXPOSURE=$exposure" "$ANALOGUE_GAIN=$((exposure / 10))" || return 1
		after="$(counted cam0 bus transfers) $(counted cam0 heard messages) $(counted cam1 heard messages)"
		usleep 200000
		set -- $before $after
		# The hold, exposure with gain, the release.
		equal "the number of transfers" $(($4 - $1)) 1 &&
			equal "the number of messages to the first sensor" $(($5 - $2)) 3 &&
			equal "the number of messages to the second sensor" $(($6 - $3)) 3 || return 1
		for slot in cam0 cam1; do
			use_camera "$slot"
			equal "what $slot shows" "$(shown "$slot")" "$exposure $((exposure / 10))" &&
				equal "the exposure of $slot" "$(v4l2-ctl -d "$sensor" -C exposure)" "exposure: $exposure" || return 1
		done
	done
}

who_leaves_is_left_alone() {
	use_camera cam1 && reset_controls && set_control broadcast 0 || return 1
	before=$(v4l2-ctl -d "$sensor" -C exposure)
	use_camera cam0 && v4l2-ctl -d "$sensor" --set-ctrl exposure=777 && use_camera cam1 &&
		equal "the exposure of cam1" "$(v4l2-ctl -d "$sensor" -C exposure)" "$before"
}

check "broadcast: one write starts both" one_write_starts_both
check "broadcast: one control sets both" one_control_sets_both
check "broadcast: both stop" end_both
check "broadcast: who leaves is left alone" who_leaves_is_left_alone
in_all reset_controls
check "broadcast: no violations" in_all no_violations
