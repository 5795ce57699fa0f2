# SPDX-License-Identifier: GPL-2.0-only
#
# Frames over two lanes.

. /guest/e2e/frames-lib.sh
take_frames /guest/e2e/frames-2lane.list
