# SPDX-License-Identifier: GPL-2.0-only
#
# FPA-4.A/AGX: each module has its own lines, from an expander behind its channel.

. /guest/e2e/neighbours.sh

# Slot $1's sensor has been switched off and its neighbour's has not: the last thing its lines did.
is_off() {
	equal "the last change of $1's lines" "$(lines_of "$1" | tail -n 1 | cut -d ' ' -f 2-)" "avdd off"
}

each_resets_alone() {
	undisturbed j5 comes_and_goes j6 && is_off j6
}

expanders_are_bound() {
	for slot in $(slots); do
		client=$(client_of "$slot")
		equal "the driver of $slot's expander" "$(driver_of "${client%-*}-0020")" pca953x || return 1
	done
}

# The bytes of an EEPROM from $2, $3 of them, as nvmem has them.
nvmem_bytes() {
	dd if="$(echo "/sys/bus/i2c/devices/$1"/*/nvmem)" bs=1 skip="$2" count="$3" 2>/dev/null | od -An -v -t x1 | tr -d ' \n'
}

# They are read-only for nvmem: what they hold is written past their driver.
eeproms_are_read_by_nvmem() {
	number=0
	for eeprom in $(eeproms); do
		eeprom=$(basename "$eeprom")
		equal "the driver of $eeprom" "$(driver_of "$eeprom")" at24 || return 1
		equal "the size of $eeprom" "$(nvmem_bytes "$eeprom" 0 512 | wc -c)" 512 || return 1
		equal "what $eeprom holds" "$(nvmem_bytes "$eeprom" 0 256 | tr -d f)" "" || return 1
		number=$((number + 1))
		i2ctransfer -f -y "${eeprom%-*}" "w4@0x${eeprom#*-00}" 0x40 0x46 0x53 "$number" || return 1
	done
	equal "the number of EEPROMs" "$number" $(($(slots | wc -l) + 1)) || return 1
	# Each is one of its own.
	number=0
	usleep 10000
	for eeprom in $(eeproms); do
		number=$((number + 1))
		equal "what $eeprom holds" "$(nvmem_bytes "$(basename "$eeprom")" 63 5)" "ff4653$(printf %02x "$number")ff" || return 1
	done
}

check "FPA-4.A/AGX: expanders are bound" expanders_are_bound
check "FPA-4.A/AGX: EEPROMs are read by nvmem" eeproms_are_read_by_nvmem
check "FPA-4.A/AGX: each module resets alone" each_resets_alone
check "FPA-4.A/AGX: no violations" in_all no_violations
