# SPDX-License-Identifier: GPL-2.0-only
#
# Seconds of what `make stress` does for an hour, as far as a kernel without sanitizers and without failures on
# request can.

imx412-stress memory cam0
imx412-stress random cam0 3000 1
imx412-stress races cam0 4 1
imx412-stress walk cam0 bind,controls nack 1 20
