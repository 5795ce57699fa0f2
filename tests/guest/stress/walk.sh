# SPDX-License-Identifier: GPL-2.0-only
#
# Each allocation fails once, in everything that a camera does.

for operation in bind open cold-start warm-start controls formats temperature stop; do
	imx412-stress walk cam0 "$operation" allocations 1 2000
done
imx412-stress walk cam0 board allocations 1 2000
