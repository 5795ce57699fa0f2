# SPDX-License-Identifier: GPL-2.0-only
#
# Each allocation of the driver's probe, and of all that it calls, fails once.

imx412-stress walk cam0 bind allocations 1 2000
