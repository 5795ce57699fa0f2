# SPDX-License-Identifier: GPL-2.0-only
#
# An oscillator of 24 MHz where the device tree says 27.

. /guest/e2e/camera-faults-lib.sh

check "camera: 24 MHz in place of 27 is named" names "inck 24000000" inck "24 MHz where the tree says 27 MHz"
