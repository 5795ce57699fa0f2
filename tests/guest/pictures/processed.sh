# SPDX-License-Identifier: GPL-2.0-only
#
# What libcamera makes of the camera behind i.MX8MM's receiver: processed frames, raw ones, both; DNG; GStreamer.

the_camera_is_listed() {
	cam -l >/tmp/cameras 2>&1
	cat /tmp/cameras
	grep -qx "1: External camera 'imx412' (/base/fsm-imx412-cam0/i2c/camera@1a)" /tmp/cameras
}

# It says so of a sensor's driver that lacks controls or selections.
libcamera_misses_nothing_in_the_driver() {
	! grep -E 'control .* not supported|kernel driver needs to be fixed|has been defaulted|Failed to retrieve' /tmp/cameras
}

# The sensor's whole array, scaled, less the margin that debayering takes.
a_large_frame_is_processed() {
	capture_to /tmp/large-#.ppm 14 -s width=1344,height=1008,pixelformat=XRGB8888 &&
		judge colours "$newest" && judge grey "$newest" && judge mean "$newest" 60 200
}

a_small_frame_is_processed() {
	capture_to /tmp/small-#.ppm 14 -s width=640,height=480,pixelformat=RGB888 &&
		equal "the head of the frame" "$(head -c 15 "$newest" | paste -sd ' ')" "P6 640 480 255" &&
		judge mean "$newest" 60 200
}

raw_and_processed_come_together() {
	rm -f /tmp/both-*
	timeout 120 cam -c1 -s role=raw,width=1352,height=1012 -s width=1344,height=1008,pixelformat=XRGB8888 \
		--capture=14 --file=/tmp/both-# >/tmp/cam 2>&1 || {
		cat /tmp/cam
		return 1
	}
	raw=$(ls /tmp/both-*stream0* | tail -n 1)
	processed=$(ls /tmp/both-*stream1* | tail -n 1)
	cat /tmp/cam
	equal "the bytes of a raw frame" "$(stat -c %s "$raw")" $((1352 * 1012 * 2)) &&
		judge colours "$processed:1344x1008:BGRx"
}

orientation_is() {
	capture_to /tmp/turned-#.ppm 10 -s width=1344,height=1008,pixelformat=XRGB8888 --orientation="$1" &&
		judge colours "$newest" "$1"
}

a_dng_is_developed() {
	capture_to /tmp/raw-#.dng 3 -s role=raw,width=1352,height=1012 &&
		raw-identify -v "$newest" >/tmp/identified && grep 'Camera: ' /tmp/identified &&
		dcraw_emu -h "$newest" >/dev/null && judge colours "$newest.ppm"
}

gstreamer_shows_it() {
	timeout 120 gst-launch-1.0 -q libcamerasrc ! video/x-raw,format=BGRx,width=480,height=320 ! \
		identity eos-after=15 ! filesink location=/tmp/gst.bgrx || return 1
	equal "the rest of the bytes" $(($(stat -c %s /tmp/gst.bgrx) % (480 * 320 * 4))) 0 &&
		judge mean /tmp/gst.bgrx:480x320:BGRx 60 200
}

check "libcamera: the camera is listed" the_camera_is_listed
check "libcamera: it misses nothing in the driver" libcamera_misses_nothing_in_the_driver
check "libcamera: a frame of the whole array is processed" a_large_frame_is_processed
check "libcamera: a small frame is processed" a_small_frame_is_processed
check "libcamera: raw and processed frames come together" raw_and_processed_come_together
for orientation in rot0 mirror flip rot180; do
	check "libcamera: orientation $orientation" orientation_is "$orientation"
done
check "libcamera: a DNG is developed by LibRaw" a_dng_is_developed
check "gstreamer: libcamerasrc" gstreamer_shows_it
check "the emulated sensor has nothing to object to" no_violation
