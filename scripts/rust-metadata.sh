#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes a folder that Rust modules for a kernel can be built against. Debian's headers packages have
# what C modules need, but none of what rustc reads: the kernel's crates as metadata (rust/*.rmeta),
# its procedural macros, the C bindings. All of it follows from the kernel's source, its
# configuration and its compilers, so it is made once more; symbols come out the same, and the
# kernel takes modules that were built so.
#
# Usage: rust-metadata.sh SOURCE CONFIG SYMVERS RELEASE FOLDER
#   SOURCE    the kernel's source, unpacked
#   CONFIG    its configuration, and SYMVERS its exported symbols (.config and Module.symvers in
#             the headers package)
#   RELEASE   what uname -r says on it
#   FOLDER    what is made, or finished if it was begun: make -C FOLDER M=... builds modules then

set -eu
. "$(dirname "$(realpath "$0")")/kernel.sh"

[ $# -eq 5 ] || fail "usage: rust-metadata.sh SOURCE CONFIG SYMVERS RELEASE FOLDER"
source=$1 config=$2 symvers=$3 release=$4 folder=$5

check_source "$source" "$release"
[ "$(option "$config" RUST)" = y ] || fail "the kernel $release was built without Rust: CONFIG_RUST is not y in $config"
arguments=$(toolchain "$config")

kernel_make() {
	# shellcheck disable=SC2086 # several words
	make -C "$source" O="$folder" $arguments KERNELRELEASE="$release" "$@"
}

mkdir -p "$folder"
cp "$config" "$folder/.config"
kernel_make olddefconfig

# Kconfig drops without a word what the tools here cannot do, and some options change structs: then
# the kernel would refuse the modules or, worse, misread them. Harmless are what only programs and
# the VDSO are built with, and the exact version of tools that generate no code.
harmless='CC_CAN_LINK|(THUMB2_)?COMPAT_VDSO|[A-Z_]*_VERSION_TEXT|(AS|LD|LLD|PAHOLE)_VERSION'
lost=$(grep '^CONFIG_' "$config" | grep -vxF -f "$folder/.config" | grep -vE "^CONFIG_($harmless)=") || true
if [ -n "$lost" ]; then
	echo "$lost" | while IFS='=' read -r name wanted; do
		echo "$name is $wanted in the kernel $release; the tools here make it $(sed -n "s/^$name=//p" "$folder/.config" | grep . || echo n)" >&2
	done
	case $lost in
	*CONFIG_RUST=*) kernel_make rustavailable >&2 || true ;;
	esac
	fail "the tools here are not those that the kernel $release was built with: $(option "$config" RUSTC_VERSION_TEXT), $(option "$config" CC_VERSION_TEXT), pahole $(option "$config" PAHOLE_VERSION). Take those of the Debian release that the kernel is for, and rust-src and bindgen with them"
fi

kernel_make -j"$(nproc)" modules_prepare
cp "$symvers" "$folder/Module.symvers"
