# SPDX-License-Identifier: GPL-2.0-only
#
# Random ioctls: $CALLS of them.

imx412-stress random cam0 "$CALLS" 1
