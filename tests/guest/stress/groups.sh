# SPDX-License-Identifier: GPL-2.0-only
#
# Each allocation and each message fails once, in what two cameras do together.

imx412-stress walk cam0 group-controls,group-start allocations,nack,timeout,arbitration,eio,partial 1 500
