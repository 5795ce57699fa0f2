# SPDX-License-Identifier: GPL-2.0-only
#
# FPA-4.A/TXA: one PW_EN and one RST for all modules.

. /guest/e2e/neighbours.sh

host=/sys/bus/platform/drivers/fsm_imx412_vboard

the_lines_stay_for_a_neighbour() {
	undisturbed j5 comes_and_goes j6 && undisturbed j6 comes_and_goes j5
}

# The adapter and the FSA may be without EEPROMs, as they are here.
missing_eeproms_harm_nothing() {
	found=0
	for eeprom in $(eeproms); do
		[ ! -e "$eeprom/driver" ] || {
			echo "$eeprom is bound"
			return 1
		}
		found=$((found + 1))
	done
	equal "the number of EEPROMs" "$found" $(($(slots | wc -l) + 1))
}

# A sensor that was not reset may hold anything.
left_by_another_driver() {
	client=$(client_of j6)
	bus=${client%-*}
	use_camera j6 && set_format RG10 640x480 && frames 2 && until_asleep || return 1
	# It streams, with the second address enabled.
	i2ctransfer -f -y "$bus" w3@0x1a 0x30 0x10 0x01 && i2ctransfer -f -y "$bus" w3@0x1a 0x01 0x00 0x01
}

a_sensor_that_was_not_reset_is_brought_to_order() {
	undisturbed j5 takes_over
}

takes_over() {
	left_by_another_driver && set_format RG12 1280x720 && frames 3 && in_all no_violations && use_camera j6 &&
		equal "0x3010" "$(dd if="$board/registers.bin" bs=1 skip=$((0x3010)) count=1 2>/dev/null | od -An -t u1 | tr -d ' ')" 0
}

all_lines_are_off_when_all_idle() {
	in_all until_asleep || return 1
	for slot in $(slots); do
		equal "the last change of $slot's lines" "$(lines_of "$slot" | tail -n 1 | cut -d ' ' -f 2-)" "avdd off" ||
			return 1
	done
}

# Boards that hang on each other go and come in any order.
boards_go_in_any_order() {
	for board_name in fsm-imx412-j5 fsm-imx412-j6; do
		echo "$board_name" >"$host/unbind" && echo "$board_name" >"$host/bind" && both_stream || return 1
	done
	rmmod fsm_imx412_vboard && modprobe fsm_imx412_vboard && both_stream
}

both_stream() {
	await_camera j5 && await_camera j6 || return 1
	for slot in j5 j6; do
		use_camera "$slot" && set_format RG10 640x480 && frames 2 || return 1
	done
}

check "FPA-4.A/TXA: missing EEPROMs harm nothing" missing_eeproms_harm_nothing
check "FPA-4.A/TXA: lines stay for a neighbour that streams" the_lines_stay_for_a_neighbour
check "FPA-4.A/TXA: a sensor that was not reset is brought to order" a_sensor_that_was_not_reset_is_brought_to_order
check "FPA-4.A/TXA: all lines are off when all are idle" all_lines_are_off_when_all_idle
check "FPA-4.A/TXA: no violations" in_all no_violations
check "FPA-4.A/TXA: boards go and come in any order" boards_go_in_any_order
