# SPDX-License-Identifier: GPL-2.0-only
#
# i.MX8MM: imx-mipi-csis and imx7-media-csi. Four lanes.

RECEIVER=imx7-csi NODE='csi capture' SYNC='csis-'
PADS='csis-b0000000.mipi-csi:0 csi:0'
. /guest/e2e/soc.sh

# Off by default.
media-ctl -d "$media" -l "\"$sensor_entity\":0 -> \"csis-b0000000.mipi-csi\":0[1]"

csis_is_set() {
	set_up RG10 1920x1080 link_frequency=1,vertical_blanking=6000 && stream_in_background 30 &&
		cat "$soc/settings" && setting_is lanes 4 && setting_is data-type 43 &&
		setting_is width 1920 && setting_is height 1080 &&
		setting_is bridge-data-type 43 &&
		# Ths_settle 19 for 900 Mbit/s a lane.
		setting_is lane-rate 860000000-904999999 && finish
}

check "soc: CSIS and CSI are set to what the sensor sends" csis_is_set
check "soc: in each format at each link frequency" registers_fit RG10 RG12
take_frames /guest/e2e/soc-words.list
take_changed RG10 soc-rg10-changed 15.0
check "soc: FRAME_SYNC events come" frame_sync RG10
check "soc: 50 starts and stops" starts_and_stops RG12
check "soc: what docs/boards.md says to type makes frames" page_says_how "Gateworks Venice"
