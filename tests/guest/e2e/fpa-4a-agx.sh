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

check "FPA-4.A/AGX: expanders are bound" expanders_are_bound
check "FPA-4.A/AGX: each module resets alone" each_resets_alone
check "FPA-4.A/AGX: no violations" in_all no_violations
