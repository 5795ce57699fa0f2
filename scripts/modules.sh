#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the modules against a kernel's build folder, with the compilers that the kernel was built
# with, or with others that the caller names as for a build of the kernel: LLVM, CC, CROSS_COMPILE.
#
# Usage: modules.sh KERNEL

set -eu
scripts=$(dirname "$(realpath "$0")")
. "$scripts/kernel.sh"

[ $# -eq 1 ] || fail "usage: modules.sh KERNEL"
kernel=$1
shift
release=$(release "$kernel")
config=$kernel/.config
[ -r "$config" ] || fail "$kernel has no .config: it is not what a kernel's modules are built against"
[ "$(option "$config" RUST)" = y ] ||
	fail "the kernel $release was built without Rust (CONFIG_RUST)"
has_metadata "$kernel" ||
	fail "$kernel has no rust/libkernel.rmeta, which rustc reads. A kernel that was built there has; for one of Debian's, whose headers packages lack it, run make install on the board, or scripts/rust-metadata.sh"

arguments=$(toolchain "$config")
arch=${arguments%%[!A-Za-z0-9=_]*}
# What the caller says, to make or in the environment, counts.
if [ -n "${LLVM-}${CC-}${CROSS_COMPILE-}" ]; then
	arguments=$arch
else
	if [ "$(option "$config" CC_IS_CLANG)" = y ]; then
		version=$(option "$config" CLANG_VERSION)
		cc=clang-${version%????} llvm=-${version%????}
		command -v "$cc" >/dev/null || cc=clang llvm=1
		arguments="$arch LLVM=$llvm"
	else
		cc=$(compiler "$config")
	fi
	command -v "$cc" >/dev/null ||
		fail "the kernel $release was built with $(option "$config" CC_VERSION_TEXT), and there is no $cc here. Install it, or say which other to take: make modules KDIR=$kernel CROSS_COMPILE=aarch64-linux-gnu- (or LLVM=1)"
fi
# shellcheck disable=SC2086 # several words
set -- $arguments
echo "make -C $kernel M=$PWD $* modules"
exec make -C "$kernel" M="$PWD" "$@" modules
