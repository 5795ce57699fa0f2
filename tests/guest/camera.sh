# SPDX-License-Identifier: GPL-2.0-only
#
# Finds the camera's device nodes and drives it as a user would. Sourced by the demo and by tests.

# The camera in use: its media device. With several cameras, use_camera chooses.
media=/dev/media0

# The node of the entity whose name starts with $1.
entity_node() {
	media-ctl -d "$media" -p | sed -n "/^- entity [0-9]*: $1/,/^\$/s/.*device node name //p" | head -n 1
}

sensor=$(entity_node 'imx[0-9]* ')
video=$(entity_node 'fsm-imx412 csi2')
board=$(echo /sys/kernel/debug/fsm-imx412/*)

# use_camera NAME: makes the camera in slot NAME, cam0 for example, the one that all else here is
# about.
use_camera() {
	for media in /dev/media*; do
		media-ctl -d "$media" -p | grep -q "^bus info .*fsm-imx412-$1\$" && break
	done
	sensor=$(entity_node 'imx[0-9]* ')
	video=$(entity_node 'fsm-imx412 csi2')
	board=/sys/kernel/debug/fsm-imx412/fsm-imx412-$1
	[ -e "$sensor" ] && [ -e "$video" ] && [ -e "$board" ]
}

# The media bus code that goes with a pixel format: BA10 with a horizontal flip, GB10 with a vertical
# one, BG10 with both.
bus_code() {
	case $1 in
	# MEDIA_BUS_FMT_SRGGB10_1X10, which the driver makes that of the flips.
	RG10 | BA10 | GB10 | BG10 | p?AA) echo 0x300f ;;
	RG12 | BA12 | GB12 | BG12 | p?CC) echo 0x3012 ;; # MEDIA_BUS_FMT_SRGGB12_1X12
	RGGB | GRBG | GBRG | BA81) echo 0x3014 ;; # MEDIA_BUS_FMT_SRGGB8_1X8
	*) return 1 ;;
	esac
}

# The whole active array.
FULL_SIZE=4056x3040

# v4l2-ctl on the sensor, without what it says when all is well.
set_subdev() {
	v4l2-ctl -d "$sensor" "$@" >/tmp/set-subdev 2>&1 || {
		cat /tmp/set-subdev
		return 1
	}
}

# Sets pixel format $1 on the sensor, and picture size $2: WIDTHxHEIGHT for the preset of that size,
# WIDTHxHEIGHT@LEFT,TOP for that part of the array, pixel by pixel. Further arguments are v4l2-ctl's:
# what they set comes before the format, what they get or list after it. Programs start slowly in an
# emulated machine: one call for all that go together.
set_sensor_format() {
	code=$(bus_code "$1") || return 1
	width=${2%x*} height=${2#*x}
	height=${height%@*}
	pixels="width=$width,height=$height"
	part=$2
	shift 2
	case $part in
	*@*)
		at=${part#*@}
		# v4l2-ctl sets the format first.
		set_subdev "$@" --set-subdev-fmt "pad=0,$pixels,code=$code" \
			--set-subdev-selection "pad=0,target=crop,left=${at%,*},top=${at#*,},$pixels"
		;;
	*)
		# A crop that can make the size as it is would go before the preset's. This one cannot.
		set_subdev --set-subdev-selection pad=0,target=crop,left=8,top=16,width=64,height=64 &&
			set_subdev "$@" --set-subdev-fmt "pad=0,$pixels,code=$code"
		;;
	esac
}

# The same, and on the video node.
set_format() {
	set_sensor_format "$@" && v4l2-ctl -d "$video" --set-fmt-video "$pixels,pixelformat=$1"
}

# Puts every control that a capture may change back to its default. The link frequency comes first:
# other defaults follow it.
reset_controls() {
	set_subdev --set-ctrl link_frequency=0 -l && set_controls "$(settings </tmp/set-subdev)"
}

# set_controls NAME=VALUE,NAME=VALUE...
set_controls() {
	[ -z "$1" ] || set_subdev --set-ctrl "$1"
}

# From v4l2-ctl's list of controls: the settings $1, and for all others that are not at their
# defaults these. Not the sensor mode, which is another name for the format.
settings() {
	awk -v wanted="$1" '
		BEGIN {
			all = wanted
			count = split(wanted, setting, ",")
			while (count > 0) {
				split(setting[count--], half, "=")
				named[half[1]] = 1
			}
		}
		/read-only/ || $1 == "link_frequency" || $1 == "sensor_mode" || $1 in named { next }
		match($0, /default=-?[0-9]+ value=-?[0-9]+/) {
			split(substr($0, RSTART, RLENGTH), half, /[= ]/)
			if (half[2] != half[4])
				all = all (all == "" ? "" : ",") $1 "=" half[2]
		}
		END { print all }'
}

# As reset_controls, set_format $1 $2 and set_controls $3, with fewer calls.
set_up() {
	link=0 others=$3
	case $3 in
	link_frequency=*)
		others=${3#*,}
		link=${3%%,*}
		link=${link#*=}
		;;
	esac
	set_format "$1" "$2" --set-ctrl "link_frequency=$link" -l && set_controls "$(settings "$others" </tmp/set-subdev)"
}

# Streams, lets $1 frames go by and leaves the next one in the folder $2, with the story of all:
# when each started, the format, the sensor's state, and what the board counted before and after.
capture() {
	mkdir -p "$2"
	cat "$board/bus" "$board/frames" >"$2/before"
	v4l2-ctl -d "$video" --get-fmt-video --stream-mmap=3 --stream-skip="$1" --stream-count=1 \
		--stream-to="$2/frame.raw" --verbose >"$2/stream" 2>&1
	# Its exit status does not tell whether a frame came.
	[ -s "$2/frame.raw" ] || return 1
	cat "$board/bus" "$board/frames" >"$2/after"
	cat "$board/violations" >"$2/violations"
	v4l2-ctl -d "$sensor" --get-subdev-selection pad=0,target=crop -l >"$2/sensor"
	[ -z "$SETTLED" ] || echo "$SETTLED" >"$2/settled"
}
