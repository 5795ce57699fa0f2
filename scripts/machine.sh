# SPDX-License-Identifier: GPL-2.0-only
#
# Whether the driver can be built for a machine and its kernel at all, asked before anything is
# installed or compiled. Sourced, after kernel.sh.

# kernel_config RELEASE: the file with the configuration of an installed kernel, if it is there.
kernel_config() {
	for config in "/lib/modules/$1/config" "/boot/config-$1" "/lib/modules/$1/build/.config"; do
		if [ -r "$config" ]; then
			echo "$config"
			return
		fi
	done
}

# newer_kernel: the command that brings a kernel that the driver is for.
newer_kernel() {
	newer='sudo apt install -t trixie-backports linux-image-arm64'
	if apt-cache policy 2>/dev/null | grep -q 'n=trixie-backports,'; then
		echo "$newer"
	elif [ -e /etc/apt/sources.list.d/debian.sources ]; then
		echo "sudo sed -i '/^Suites: trixie /s/\$/ trixie-backports/' /etc/apt/sources.list.d/debian.sources && sudo apt update && $newer"
	else
		echo "$newer (trixie-backports has to be among apt's sources)"
	fi
}

# check_machine MACHINE RELEASE SERIES CONFIG [RUSTC]: fails with what to do unless the driver can be
# built there. MACHINE and RELEASE are what uname -m and -r say, SERIES is dkms' expression for the
# releases that the driver is for, CONFIG the kernel's configuration if it is known, RUSTC the
# version of the compiler (rustc --version) if there is one.
check_machine() {
	[ "$1" = aarch64 ] ||
		fail "this machine is $1, and boards with the camera are aarch64 (arm64). To see the driver at work here: make demo"
	if ! echo "$2" | grep -q -E "$3"; then
		fail "the running kernel is $2; the driver builds for $(readable_series "$3"), as rust/kernel changes with each series. On Debian 13: $(newer_kernel); then start that kernel"
	fi
	[ -n "$4" ] || return 0
	[ "$(option "$4" RUST)" = y ] ||
		fail "the kernel $2 was built without Rust (CONFIG_RUST). Debian's own arm64 kernels have it: $(newer_kernel); then start that kernel"
	for machine_option in OF COMMON_CLK VIDEO_DEV; do
		case $(option "$4" "$machine_option") in
		y | m) ;;
		*) fail "the kernel $2 was built without CONFIG_$machine_option, which the driver needs" ;;
		esac
	done
	# 1.85.1 is 108501 in the configuration.
	machine_rustc=$(echo "${5-}" | sed -n 's/^rustc \([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*/\1 \2 \3/p')
	[ -n "$machine_rustc" ] || return 0
	# shellcheck disable=SC2086 # three numbers
	machine_rustc=$(printf '%d%03d%02d' $machine_rustc)
	[ "$machine_rustc" = "$(option "$4" RUSTC_VERSION)" ] ||
		fail "the first rustc in the PATH is ${5#rustc }, and the kernel $2 was built with $(option "$4" RUSTC_VERSION_TEXT). With Debian's: sudo env PATH=/usr/sbin:/usr/bin:/sbin:/bin make install"
}

# readable_series EXPRESSION: "Linux 7.2 and 7.3" of "^(7\.2|7\.3)([^0-9]|$)"
readable_series() {
	readable=${1#^(}
	echo "Linux ${readable%%)*}" | sed 's/\\//g; s/|/ and /g'
}
