# SPDX-License-Identifier: GPL-2.0-only
#
# Cameras at one address behind the channels of FRAMOS' adapters for four modules.

. /guest/e2e/cameras.sh

# The driver that is bound to I2C device $1.
driver_of() {
	basename "$(readlink "/sys/bus/i2c/devices/$1/driver")"
}

each_has_its_own_channel() {
	seen=" "
	for slot in $(slots); do
		client=$(client_of "$slot")
		case $seen in *" $client "*)
			echo "$slot is $client, as another slot"
			return 1
			;;
		esac
		seen="$seen$client "
		equal "the address of $slot" "${client#*-}" 001a || return 1
		channel=$(readlink -f "/sys/bus/i2c/devices/i2c-${client%-*}/mux_device")
		equal "the driver of the mux" "$(driver_of "$(basename "$channel")")" pca954x || return 1
	done
}

# The I2C devices of all EEPROMs in the overlays: one on the adapter, one on each module's FSA.
eeproms() {
	ls -d /sys/bus/i2c/devices/*-0054 /sys/bus/i2c/devices/*-0055
}

check "each camera has its own channel" each_has_its_own_channel
check "all stream at the same time" all_stream_at_the_same_time
pictures 60.189
check "no violations" in_all no_violations
