# SPDX-License-Identifier: GPL-2.0-only
#
# What applications see of an IMX477 or IMX378, where it is not as an IMX412. SENSOR is its name.

# libcamera's helpers and Raspberry Pi's tuning files go by it.
the_entity_has_the_name_of_the_sensor() {
	entity=$(media-ctl -d "$media" -p | sed -n 's/^- entity [0-9]*: \(imx.*\) (.*/\1/p')
	case $entity in
	"$SENSOR "*-001a) ;;
	*)
		echo "the entity is $entity"
		return 1
		;;
	esac
}

every_depth_is_enumerated_with_every_preset() {
	equal "the media bus codes" \
		"$(v4l2-ctl -d "$sensor" --list-subdev-mbus-codes 0 | sed -n 's/.*MEDIA_BUS_FMT_\(.*\)/\1/p' | paste -sd ' ')" \
		"SRGGB10_1X10 SRGGB12_1X12 SRGGB8_1X8" || return 1
	for format in RG10 RG12 RGGB; do
		equal "what is enumerated of $format" \
			"$(v4l2-ctl -d "$sensor" --list-subdev-framesizes pad=0,code="$(bus_code $format)" |
				sed -n 's/.*Size Range: \([0-9x]*\) - \1$/\1/p' | paste -sd ' ')" "$(echo $PRESETS)" || return 1
	done
}

limits_are_those_of_the_sensor() {
	equal "the shortest exposure" "$(limit exposure min)" 4 &&
		equal "the least vertical blanking" "$(limit vertical_blanking min)" 48 &&
		equal "the highest analogue gain" "$(limit analogue_gain max)" 978 &&
		equal "the number of sensor modes" "$(limit sensor_mode max)" 49 &&
		set_control vertical_blanking 1000 &&
		equal "the longest exposure" "$(limit exposure max)" $((3040 + 1000 - 22))
}

the_black_level_follows_the_depth() {
	for pair in RG10:64 RG12:256 RGGB:16; do
		set_format "${pair%:*}" 640x480 &&
			equal "the black level of ${pair%:*}" "$(value sensor_black_level)" "${pair#*:}" || return 1
	done
}

# All at once, with the flash strobe on.
controls_stream_at_both_limits() {
	for end in min max; do
		set_up RG12 640x480
		settings=strobe_output_enable=1,defect_correction=0
		for name in exposure analogue_gain digital_gain sensor_black_level horizontal_blanking strobe_delay strobe_duration; do
			settings=$settings,$name=$(limit "$name" $end)
		done
		set_controls "$settings" && frames 2 || return 1
	done
	equal violations "$(sed -n 's/^total //p' "$board/violations")" 0
}

for test in the_entity_has_the_name_of_the_sensor every_depth_is_enumerated_with_every_preset \
	limits_are_those_of_the_sensor the_black_level_follows_the_depth controls_stream_at_both_limits; do
	set_up RG10 "$FULL_SIZE"
	check "family: $(echo "$test" | tr _ ' ')" "$test"
done
reset_controls
