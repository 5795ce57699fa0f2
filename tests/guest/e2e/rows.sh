# SPDX-License-Identifier: GPL-2.0-only
#
# Frames whose rows are shared by two processors.

two_processors() {
	equal "the number of processors" "$(grep -c '^processor' /proc/cpuinfo)" 2
}

check "rows: the guest has two processors" two_processors
take_frames /guest/e2e/frames-2cpu.list
