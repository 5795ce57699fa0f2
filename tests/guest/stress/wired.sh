# SPDX-License-Identifier: GPL-2.0-only
#
# Each message fails, every seventh in each other way, and every fifth allocation, in the OPERATIONS of the camera in
# SLOT: a board that is wired in a way of its own.

imx412-stress walk "$SLOT" "$OPERATIONS" nack 1 2000
imx412-stress walk "$SLOT" "$OPERATIONS" timeout,arbitration,eio,partial 7 2000
imx412-stress walk "$SLOT" "$OPERATIONS" allocations 5 2000
