# SPDX-License-Identifier: GPL-2.0-only
#
# Frames over four lanes, in every format.

. /guest/e2e/frames-lib.sh
take_frames /guest/e2e/frames.list
reset_controls
