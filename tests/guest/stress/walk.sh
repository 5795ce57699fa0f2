# SPDX-License-Identifier: GPL-2.0-only
#
# Each allocation fails once, in everything that a camera does when it is bound.

imx412-stress walk cam0 open,cold-start,warm-start,controls,formats,temperature,stop allocations 1 2000
