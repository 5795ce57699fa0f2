# SPDX-License-Identifier: GPL-2.0-only
#
# Drives the camera through the receiver of an SoC, with the driver that comes with the kernel. A
# script that knows the receiver sources this, and says what is different about it:
#
#   RECEIVER  driver of its media device
#   NODE      entity of the video node that takes the sensor's frames
#   PADS      pads between the two that have a format, one word each; with +crop behind it if it has
#             a crop that does not follow
#   SYNC      entity that sends V4L2_EVENT_FRAME_SYNC

for media in /dev/media*; do
	[ "$(media-ctl -d "$media" -p 2>/dev/null | awk '$1 == "driver" && NF == 2 { print $2 }')" = "$RECEIVER" ] && break
done
sensor=$(entity_node 'imx[0-9]* ')
video=$(entity_node "$NODE")
sync_node=$(entity_node "$SYNC")
board=/sys/kernel/debug/fsm-imx412/fsm-imx412-cam0
soc=$(echo /sys/kernel/debug/fsm-imx412/*.soc-receiver)
sensor_entity=$(media-ctl -d "$media" -p | sed -n 's/^- entity [0-9]*: \(imx[0-9]* [0-9a-f-]*\) .*/\1/p')

# The first frame takes a while to be rendered; others start meanwhile, and are missed.
SETTLED=6
SKIP=16

# media-ctl's name of the media bus code that goes with pixel format $1.
code_name() {
	case $1 in
	RG?? | pR?? | RGGB) order=SRGGB ;;
	BA10 | BA12 | pg?? | GRBG) order=SGRBG ;;
	GB?? | pG?? | GBRG) order=SGBRG ;;
	BG?? | pB?? | BA81) order=SBGGR ;;
	esac
	case $1 in
	??10 | p?AA) bits=10 ;;
	??12 | p?CC) bits=12 ;;
	*) bits=8 ;;
	esac
	echo "${order}${bits}_1X$bits"
}

# As camera.sh's, for a pipeline in which every pad has a format of its own, field included:
# media-ctl's "any" does not fit the sensor's "none".
set_format() {
	set_sensor_format "$@" || return 1
	bus=$(code_name "$1")
	for pad in $PADS; do
		entity=${pad%:*} number=${pad##*:} crop=
		[ "${number%+crop}" = "$number" ] || crop=" crop:(0,0)/${width}x$height"
		number=${number%+crop}
		media-ctl -d "$media" -V "\"$entity\":$number [fmt:$bus/${width}x$height field:none$crop]" || return 1
	done
	v4l2-ctl -d "$video" --set-fmt-video "$pixels,pixelformat=$1"
}

# A number from the played receiver's counters.
soc_count() {
	sed -n "s/^$1 //p" "$soc/frames"
}

# Every setting of the receiver takes what the sensor sends: "name SET ARRIVES".
settings_fit() {
	cat "$soc/settings"
	awk '{ count++; split($2, set, "-"); if (set[2] == "") set[2] = set[1]
		if ($3 + 0 < set[1] + 0 || $3 + 0 > set[2] + 0) wrong++ }
		END { exit !(count >= 6 && wrong == 0) }' "$soc/settings"
}

# setting_is NAME VALUE: the receiver's own value, or range.
setting_is() {
	equal "the receiver's $1" "$(sed -n "s/^$1 \([0-9-]*\) .*/\1/p" "$soc/settings")" "$2"
}

# stream_in_background COUNT
stream_in_background() {
	: >/tmp/stream
	timeout 60 v4l2-ctl -d "$video" --stream-mmap=4 --stream-count="$1" --verbose >>/tmp/stream 2>&1 &
	stream=$!
	tries=100
	until grep -q 'dqbuf:' /tmp/stream; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			cat /tmp/stream
			return 1
		}
		usleep 50000
	done
}

finish() {
	wait "$stream"
	! grep 'returned -1' /tmp/stream
}

# What the driver computed for itself fits what the sensor sends, in each format and at each link
# frequency. Arguments: pixel formats.
registers_fit() {
	for link in 0 1 2; do
		for format in "$@"; do
			set_up "$format" 1280x720 "link_frequency=$link,vertical_blanking=6000" &&
				stream_in_background 30 && settings_fit && finish || {
				echo "$format at link frequency $link"
				return 1
			}
		done
	done
	equal "the number of frames that did not fit" "$(soc_count unfit)" 0
}

starts_and_stops() {
	set_up "$1" 640x480 vertical_blanking=1092 || return 1
	cycle=0
	while [ "$cycle" -lt 50 ]; do
		frames 3 || {
			echo "cycle $cycle"
			return 1
		}
		cycle=$((cycle + 1))
	done
	equal "frames that were lost" "$(soc_count lost)" 0 &&
		equal "violations" "$(sed -n 's/^total //p' "$board/violations")" 0
}

frame_sync() {
	set_up "$1" 640x480 vertical_blanking=9000 && stream_in_background 60 &&
		timeout 20 v4l2-ctl -d "$sync_node" --wait-for-event=frame_sync >/tmp/event &&
		cat /tmp/event && grep -q 'frame_sync' /tmp/event && finish
}

# A frame that was taken after changes while the stream ran shows the last of them.
take_changed() {
	set_up "$1" 1280x720 horizontal_blanking=8720,vertical_blanking=2480 || return 1
	(
		usleep 1500000
		set_controls test_pattern=1,red_pixel_value=100
		set_controls test_pattern=2
		usleep 200000
		set_controls test_pattern=3,exposure=2000,analogue_gain=300
	) &
	SKIP=60
	take "$2" "$3" test_pattern=3,exposure=2000,analogue_gain=300
	SKIP=16
	wait
}

# The commands of docs/boards.md for the board whose section is $1, as they stand there, after those of its steps:
# 30 frames.
page_says_how() {
	awk -v section="## First frame: $1" '
		/^## / { wanted = $0 == "## Steps" || $0 == section }
		/^```/ { inside = wanted && $0 == "```sh"; next }
		inside { print }
	' /guest/docs/boards.md >/tmp/page.sh
	grep -q stream-count=30 /tmp/page.sh && reset_controls && mkdir -p /tmp/page && (
		cd /tmp/page && rm -f frames.raw && timeout 60 sh -e /tmp/page.sh
	) >/tmp/said 2>&1 &&
		equal "bytes" "$(stat -c %s /tmp/page/frames.raw)" \
			$((30 * $(v4l2-ctl -d "$video" --get-fmt-video | sed -n 's/.*Size Image *: //p'))) || {
		cat /tmp/page.sh /tmp/said
		return 1
	}
	rm /tmp/page/frames.raw
}
