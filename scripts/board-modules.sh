#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the modules that a board needs and Debian's kernel lacks, from the kernel's own source.
#
# Usage: board-modules.sh BOARD FOLDER [KERNEL [SOURCE]]
#   BOARD    a name of dts/boards.list
#   FOLDER   where the modules go, with a README that tells how to install them
#   KERNEL   what the kernel's modules are built against; the running kernel's headers if absent
#   SOURCE   the kernel's source, unpacked or as an archive; that of Debian's package if absent

set -eu
scripts=$(dirname "$(realpath "$0")")
. "$scripts/kernel.sh"

[ $# -ge 2 ] || fail "usage: board-modules.sh BOARD FOLDER [KERNEL [SOURCE]]"
board=$1 folder=$2
kernel=${3:-/lib/modules/$(uname -r)/build}

list=$scripts/../dts/boards.list
grep -q -x "board $board" "$list" ||
	fail "there is no board $board. Boards: $(sed -n 's/^board //p' "$list" | paste -s -d ' ')"
modules=$(sed -n "/^board $board\$/,/^\$/s/^modules //p" "$list")
if [ -z "$modules" ]; then
	echo "Debian's kernel has everything that $board needs: nothing to build."
	exit
fi

release=$(release "$kernel")
source=${4:-/usr/src/linux-source-$(series "$release").tar.xz}
build=$folder/build

rm -rf "$folder"
mkdir -p "$build"
# The build's Kbuild, make's arguments, and what to take from the source.
set --
for module in $modules; do
	case $module in
	tegra-video)
		set -- "$@" drivers/staging/media/tegra-video
		options=CONFIG_VIDEO_TEGRA=m
		echo "obj-m += drivers/staging/media/tegra-video/"
		;;
	i2c-mux-gpio)
		set -- "$@" drivers/i2c/muxes/i2c-mux-gpio.c
		echo "obj-m += drivers/i2c/muxes/i2c-mux-gpio.o"
		;;
	bcm2835-unicam)
		set -- "$@" drivers/media/platform/broadcom
		options=CONFIG_VIDEO_BCM2835_UNICAM=m
		echo "obj-m += drivers/media/platform/broadcom/"
		;;
	*) fail "board-modules.sh does not know how $module is built" ;;
	esac
done >"$build/Kbuild"
take_source "$source" "$release" "$build" "$@"

arguments=$(toolchain "$kernel/.config")
# shellcheck disable=SC2086 # several words each
make -C "$kernel" M="$(realpath "$build")" $arguments ${options-} modules
find "$build" -name '*.ko' -exec mv {} "$folder" \;
for module in $modules; do
	[ -e "$folder/$module.ko" ] || fail "the build made no $module.ko"
done
rm -rf "$build"

cat >"$folder/README" <<END
For $board, and for the kernel $release alone:$(printf ' %s.ko' $modules)

To install them, as root on the board:

  install -D -m 644 -t /lib/modules/$release/updates $(printf '%s.ko ' $modules)
  depmod $release

They are loaded when the device tree asks for them, from the next start on, or with modprobe.
END
cat "$folder/README"
