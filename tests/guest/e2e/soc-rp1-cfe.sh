# SPDX-License-Identifier: GPL-2.0-only
#
# Raspberry Pi 5: rp1-cfe. An IMX577 on two lanes, which sends 8 bits, too.

RECEIVER=rp1-cfe NODE=rp1-cfe-csi2-ch0 SYNC=rp1-cfe-csi2-ch0
PADS='csi2:0 csi2:1'
. /guest/e2e/soc.sh

media-ctl -d "$media" -l '"csi2":1 -> "rp1-cfe-csi2-ch0":0[1]'

cfe_is_set() {
	set_up pRAA 1920x1080 link_frequency=2,vertical_blanking=6000 && stream_in_background 30 &&
		cat "$soc/settings" && setting_is lanes 2 && setting_is data-type 43 &&
		setting_is virtual-channel 0 && setting_is width 1920 && setting_is height 1080 &&
		setting_is lane-rate-mbps 1450-1500 && finish
}

check "soc: the front end is set to what the sensor sends" cfe_is_set
check "soc: in each format at each link frequency" registers_fit pRAA pRCC RGGB
take_frames /guest/e2e/soc-packed.list
take_changed pRAA soc-praa-changed 15.0
check "soc: FRAME_SYNC events come" frame_sync pRAA
check "soc: 50 starts and stops" starts_and_stops pRAA
check "soc: what docs/boards.md says to type makes frames" page_says_how "Raspberry Pi 5"
