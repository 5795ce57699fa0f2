# SPDX-License-Identifier: GPL-2.0-only
#
# Two cameras on one segment of one bus.

. /guest/e2e/cameras.sh

# poke BUS ADDRESS REGISTER VALUE: writes one byte past the driver.
poke() {
	i2ctransfer -f -y "$1" "w3@0x$2" "0x${3%??}" "0x${3#??}" "$4"
}

both_on_one_adapter() {
	first=$(client_of cam0) second=$(client_of cam1)
	equal "the address of the second camera" "$second" "${first%-*}-0010" &&
		equal "the address of the first camera" "$first" "${first%-*}-001a"
}

one_transfer_reaches_both() {
	client=$(client_of cam0)
	bus=${client%-*}
	for address in 001a 0010; do
		echo on >"/sys/bus/i2c/devices/$bus-$address/power/control" || return 1
	done
	# Both listen to the second address, one of them acknowledges.
	poke "$bus" 1a 3010 1 && poke "$bus" 10 3010 1 && poke "$bus" 1a 3011 1 || return 1

	before="$(counted cam0 bus transfers) $(counted cam0 heard broadcasts) $(counted cam1 heard broadcasts)"
	poke "$bus" 36 0601 2 || return 1
	after="$(counted cam0 bus transfers) $(counted cam0 heard broadcasts) $(counted cam1 heard broadcasts)"
	set -- $before $after
	equal "the number of transfers" $(($4 - $1)) 1 &&
		equal "what the first sensor heard" $(($5 - $2)) 1 &&
		equal "what the second sensor heard" $(($6 - $3)) 1 &&
		equal "0x0601 of the first sensor" "$(held cam0 0601)" 02 &&
		equal "0x0601 of the second sensor" "$(held cam1 0601)" 02 &&
		poke "$bus" 1a 3010 0 && poke "$bus" 10 3010 0 || return 1
	if poke "$bus" 36 0601 0; then
		echo "somebody acknowledges a broadcast that nobody listens to"
		return 1
	fi
	for address in 001a 0010; do
		echo auto >"/sys/bus/i2c/devices/$bus-$address/power/control"
	done
}

check "one bus: both cameras are on one adapter" both_on_one_adapter
check "one bus: one transfer reaches both sensors" one_transfer_reaches_both
check "one bus: both stream at the same time" all_stream_at_the_same_time
pictures 60.210
check "one bus: no violations" in_all no_violations
