# SPDX-License-Identifier: GPL-2.0-only
#
# An image of the whole array as libcamera processes it, after exposure and white balance have settled.

export LIBCAMERA_SOFTISP_MODE=cpu LIBCAMERA_LOG_LEVELS=*:ERROR
timeout 300 cam -c1 -s width=2020,height=1512,pixelformat=XRGB8888 --capture=24 --file=/tmp/frame-#.ppm || exit 1
cp "$(ls /tmp/frame-* | tail -n 1)" /out/processed.ppm
