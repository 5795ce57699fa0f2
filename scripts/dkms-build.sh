#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What dkms runs in its copy of the source: builds the driver for one kernel. A kernel of Debian's
# gets the Rust metadata that its headers packages lack; it is made once for each kernel and kept.
#
# Usage: dkms-build.sh RELEASE KERNEL
#   RELEASE   what uname -r says on the kernel
#   KERNEL    what its modules are built against, usually /lib/modules/RELEASE/build

set -eu
scripts=$(dirname "$(realpath "$0")")
. "$scripts/kernel.sh"
. "$scripts/packages.sh"

[ $# -eq 2 ] || fail "usage: dkms-build.sh RELEASE KERNEL"
release=$1 kernel=$2
cache=/var/cache/fsm-imx412

# Parts of the kernel's source that neither module builds nor their preparation read. Kconfig files
# and Makefiles stay, as the others refer to them.
unused='Documentation/*/* arch/*/boot/dts/* drivers/*.[cS] drivers/gpu/*.h drivers/net/*.h fs/*.[ch]
net/*.[ch] samples/*.[ch] sound/*.[ch] tools/perf/* tools/testing/*'

# What the metadata of this kernel is made from.
origin() {
	rustc --version || true
	sha256sum <"$kernel/.config"
	sha256sum <"$kernel/Module.symvers"
	cat "$scripts/kernel.sh" "$scripts/rust-metadata.sh" | sha256sum
}

# Makes $cache/$release/kernel, unless it is there.
prepare() {
	made=$cache/$release
	[ "$(cat "$made/origin" 2>/dev/null)" != "$(origin)" ] || return 0
	missing=$(missing_packages "$release")
	[ -z "$missing" ] || fail "packages are missing: apt install $missing"

	for old in "$cache"/*; do
		[ -d "/lib/modules/$(basename "$old")" ] || rm -rf "$old"
	done
	rm -rf "$made"
	mkdir -p "$made"
	echo "making the Rust metadata of $release, once"
	name=linux-source-$(series "$release")
	set -f
	# shellcheck disable=SC2046,SC2086 # several patterns
	unpack_source "/usr/src/$name.tar.xz" "$release" "$made/source" \
		$(printf -- "--exclude=$name/%s " $unused)
	set +f
	"$scripts/rust-metadata.sh" "$made/source" "$kernel/.config" "$kernel/Module.symvers" \
		"$release" "$made/kernel"
	origin >"$made/origin"
}

if ! has_metadata "$kernel"; then
	prepare
	kernel=$cache/$release/kernel
fi
arguments=$(toolchain "$kernel/.config")
# shellcheck disable=SC2086 # several words
make -C "$kernel" M="$PWD" $arguments -j"$(nproc)" \
	CONFIG_VIDEO_FSM_IMX412_VBOARD= CONFIG_VIDEO_FSM_IMX412_KUNIT_TEST= modules
