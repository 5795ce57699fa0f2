# SPDX-License-Identifier: GPL-2.0-only
#
# Each message on the bus fails once, in each way.

imx412-stress walk cam0 bind,cold-start,warm-start,controls,temperature nack,timeout,arbitration,eio,partial 1 2000
