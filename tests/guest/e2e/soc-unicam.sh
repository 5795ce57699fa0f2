# SPDX-License-Identifier: GPL-2.0-only
#
# Raspberry Pi 4: bcm2835-unicam. An IMX477 on two lanes.

RECEIVER=unicam NODE=unicam-image SYNC=unicam-image
PADS='unicam:0 unicam:1'
. /guest/e2e/soc.sh

unicam_is_set() {
	set_up RG10 1920x1080 link_frequency=1,vertical_blanking=6000 && stream_in_background 30 &&
		cat "$soc/settings" && setting_is lanes 2 && setting_is lane-clocks 2 &&
		setting_is virtual-channel 0 && setting_is data-type 43 && setting_is unpacked-bits 10 &&
		setting_is line-bytes 0-3840 && setting_is height 1080-1083 && finish
}

# A reader that stands still for a while holds all buffers.
goes_on_after_a_pause() {
	set_up RG10 640x480 vertical_blanking=9000 && stream_in_background 60 || return 1
	kill -STOP "$stream"
	before=$(soc_count unwanted) tries=200
	until [ "$(soc_count unwanted)" -ge $((before + 3)) ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		usleep 50000
	done
	dropped=$(($(soc_count unwanted) - before))
	kill -CONT "$stream"
	finish && equal "frames" "$(grep -c dqbuf: /tmp/stream)" 60 &&
		[ "$dropped" -ge 3 ] || {
		echo "$dropped frames had no buffer"
		tail -n 5 /tmp/stream
		return 1
	}
}

check "soc: Unicam is set to what the sensor sends" unicam_is_set
check "soc: in each format at each link frequency" registers_fit RG10 pRAA RG12 pRCC RGGB
take_frames /guest/e2e/soc-2lane.list
take_changed RG10 soc-rg10-changed 26.25
check "soc: frames come again after a pause without buffers" goes_on_after_a_pause
check "soc: FRAME_SYNC events come" frame_sync RG10
check "soc: 50 starts and stops" starts_and_stops pRCC
check "soc: what docs/boards.md says to type makes frames" page_says_how "Raspberry Pi 4, Compute Module 4"
