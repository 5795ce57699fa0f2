# SPDX-License-Identifier: GPL-2.0-only
#
# Ranges of controls follow the format and each other.

exposure_follows_vertical_blanking() {
	set_control vertical_blanking 1000 &&
		equal "the longest exposure" "$(limit exposure max)" $((3040 + 1000 - 22)) &&
		set_control exposure 4000 &&
		set_control vertical_blanking 62 &&
		equal "the longest exposure" "$(limit exposure max)" $((3040 + 62 - 22)) &&
		equal "the exposure" "$(value exposure)" $((3040 + 62 - 22))
}

line_follows_depth() {
	set_format RG12 "$FULL_SIZE" &&
		equal "the shortest line" $((4056 + $(limit horizontal_blanking min))) 6224 &&
		set_format RG10 "$FULL_SIZE" &&
		equal "the shortest line" $((4056 + $(limit horizontal_blanking min))) 4512
}

pixel_rate_follows_link_frequency() {
	set_control link_frequency 2 &&
		equal "the pixel rate" "$(value pixel_rate)" 480000000 &&
		set_control link_frequency 0 &&
		equal "the pixel rate" "$(value pixel_rate)" 840000000
}

# All controls with their ranges, defaults and menus, as docs/controls.md describes them. What the
# thermometer shows is no matter.
the_list_is_as_documented() {
	v4l2-ctl -d "$sensor" --list-ctrls-menus |
		sed '/^ *sensor_temperature /s/ value=[0-9-]*//' >/tmp/ctrls
	diff -u /guest/e2e/ctrls.golden /tmp/ctrls
}

# subdev_format: the sensor's media bus code and size.
subdev_format() {
	v4l2-ctl -d "$sensor" --get-subdev-fmt 0 |
		sed -n -e 's/.*(MEDIA_BUS_FMT_\(.*\))/\1/p' -e 's/.*Width\/Height *: *//p' | paste -sd ' '
}

the_code_follows_the_flips() {
	equal "the format" "$(subdev_format)" "4056/3040 SRGGB10_1X10" &&
		set_control horizontal_flip 1 &&
		equal "the format" "$(subdev_format)" "4056/3040 SGRBG10_1X10" &&
		set_control vertical_flip 1 &&
		equal "the format" "$(subdev_format)" "4056/3040 SBGGR10_1X10" &&
		set_control horizontal_flip 0 &&
		equal "the format" "$(subdev_format)" "4056/3040 SGBRG10_1X10"
}

a_sensor_mode_sets_the_format() {
	set_control sensor_mode 7 &&
		equal "the format" "$(subdev_format)" "1920/1080 SRGGB10_1X10" &&
		set_format RG12 "$FULL_SIZE" &&
		equal "the sensor mode" "$(value sensor_mode)" "17 (4056x3040 12-bit)"
}

the_black_level_follows_the_depth() {
	equal "the black level" "$(value sensor_black_level)" 64 &&
		set_format RG12 "$FULL_SIZE" &&
		equal "the black level" "$(value sensor_black_level)" 256 &&
		set_control sensor_black_level 1000 &&
		equal "a high black level" "$(value sensor_black_level)" 1000 &&
		set_format RG10 "$FULL_SIZE" &&
		equal "the black level at 10 bits" "$(value sensor_black_level)" 250
}

the_temperature_is_that_of_the_sensor() {
	equal "the temperature" "$(value sensor_temperature)" 42
}

out_of_range_values_are_clamped() {
	set_control analogue_gain 5000
	equal "the analogue gain" "$(value analogue_gain)" 978
}

# Streams in the background, as the process $streamer, and waits for the first frame.
start_streaming() {
	started=$(sed -n 's/^started //p' "$board/frames")
	v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=1000 >/dev/null 2>&1 &
	streamer=$!
	tries=0
	while [ "$(sed -n 's/^started //p' "$board/frames")" = "$started" ] && [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		usleep 50000
	done
}

link_frequency_is_fixed_while_streaming() {
	start_streaming
	if set_control link_frequency 1; then
		echo "the link frequency changed under a stream"
		refused=1
	else
		refused=0
	fi
	kill "$streamer"
	wait "$streamer"
	return "$refused"
}

controls_take_effect_while_streaming() {
	start_streaming
	before=$(sed -n 's/^transfers //p' "$board/bus")
	set_control exposure 1234
	after=$(sed -n 's/^transfers //p' "$board/bus")
	coarse=$(dd if="$board/registers.bin" bs=1 skip=514 count=2 2>/dev/null | od -An -t u1)
	kill "$streamer"
	wait "$streamer"
	set -- $coarse
	equal "COARSE_INTEG_TIME" $(($1 * 256 + $2)) 1234 &&
		equal "the number of transfers" $((after - before)) 1
}

# What FSTROBE has done in the frames of the newest stream: first line and width in ns of each pulse.
strobes() {
	stream=$(sed -n '$s/^\(stream=[0-9]*\) .*/\1/p' "$board/trace")
	sed -n "s/^$stream .* strobe=\([^ ]*\) .*/\1/p" "$board/trace" | uniq
}

# set_and_stream SETTINGS: sets them and receives some frames.
set_and_stream() {
	v4l2-ctl -d "$sensor" --set-ctrl "$1" && v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=3 >/dev/null 2>&1
}

each_frame_has_a_strobe_pulse_when_that_is_enabled() {
	set_and_stream strobe_output_enable=0 && equal "the pulses" "$(strobes)" none &&
		set_and_stream strobe_output_enable=1,strobe_duration=1500,strobe_delay=3040,vertical_blanking=62 &&
		equal "the pulses, cut off by the frame's end" "$(strobes)" 3040,333028 &&
		set_and_stream strobe_delay=100 && equal "the pulses" "$(strobes)" 100,1500000 &&
		set_and_stream strobe_output_enable=0 && equal "the pulses" "$(strobes)" none
}

the_strobe_is_fixed_while_streaming() {
	start_streaming
	set_control strobe_output_enable 1 || set_control strobe_duration 20 || set_control strobe_delay 20
	refused=$?
	kill "$streamer"
	wait "$streamer"
	[ "$refused" -ne 0 ] || echo "the strobe changed under a stream"
	[ "$refused" -ne 0 ]
}

for test in the_list_is_as_documented the_code_follows_the_flips a_sensor_mode_sets_the_format \
	the_black_level_follows_the_depth the_temperature_is_that_of_the_sensor \
	exposure_follows_vertical_blanking line_follows_depth pixel_rate_follows_link_frequency \
	out_of_range_values_are_clamped link_frequency_is_fixed_while_streaming \
	controls_take_effect_while_streaming each_frame_has_a_strobe_pulse_when_that_is_enabled \
	the_strobe_is_fixed_while_streaming; do
	set_up RG10 "$FULL_SIZE"
	check "controls: $(echo "$test" | tr _ ' ')" "$test"
done
reset_controls
