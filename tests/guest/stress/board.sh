# SPDX-License-Identifier: GPL-2.0-only
#
# Each allocation of the virtual board's probe fails once.

imx412-stress walk cam0 board allocations 1 2000
