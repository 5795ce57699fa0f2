#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Compiles an overlay: compile-overlay.sh INCLUDE SOURCE RESULT. INCLUDE is the folder that has
# dt-bindings/: include/ of a kernel's source or of its headers package.

set -e
include=$1 source=$2 result=$3
includes=$(dirname "$(realpath "$0")")/../dts
${CPP:-gcc -E} -nostdinc -undef -D__DTS__ -x assembler-with-cpp \
	-I "$include" -I "$includes" "$source" -o "$result.dts"
# -@ keeps labels, as in every overlay that the kernel builds. A graph of one port here has others
# in the base tree or in another overlay.
${DTC:-dtc} -@ -Wno-graph_child_address -I dts -O dtb -o "$result" "$result.dts"
rm "$result.dts"
