# SPDX-License-Identifier: GPL-2.0-only
#
# Crops, sizes and frame intervals as applications set them.

# select_crop RECTANGLE [FLAGS]
select_crop() {
	v4l2-ctl -d "$sensor" --set-subdev-selection "pad=0,target=crop,${2:+flags=$2,}$1"
}

# crop_is LEFT,TOP/WIDTHxHEIGHT
crop_is() {
	equal "the crop" "$(v4l2-ctl -d "$sensor" --get-subdev-selection pad=0,target=crop |
		sed -n 's/.*Left \([0-9]*\), Top \([0-9]*\), Width \([0-9]*\), Height \([0-9]*\),.*/\1,\2\/\3x\4/p')" "$1"
}

# picture_is WIDTHxHEIGHT
picture_is() {
	equal "the picture" "$(v4l2-ctl -d "$sensor" --get-subdev-fmt 0 | sed -n 's/.*Width\/Height *: //p')" "${1%x*}/${1#*x}"
}

# What the driver says of the frame interval, in frames per second.
rate() {
	v4l2-ctl -d "$sensor" --get-subdev-fps 0 | sed -n 's/.*Frames per second: \([0-9.]*\).*/\1/p'
}

presets_are_enumerated() {
	for format in RG10 RG12; do
		equal "what is enumerated" "$(v4l2-ctl -d "$sensor" --list-subdev-framesizes pad=0,code="$(bus_code $format)" |
			sed -n 's/.*Size Range: \([0-9x]*\) - \1$/\1/p' | paste -sd ' ')" "$(echo $PRESETS)" || return 1
	done
}

crops_go_to_the_steps_of_the_array() {
	select_crop left=101,top=101,width=1002,height=701 &&
		crop_is 100,100/1002x700 && picture_is 1000x700
}

crops_grow_and_shrink_as_flags_say() {
	select_crop left=101,top=101,width=1001,height=701 ge && crop_is 100,100/1002x702 &&
		select_crop left=101,top=101,width=1003,height=703 le && crop_is 100,100/1002x702
}

# one_line FORMAT CROP: crop first, then format, as media-ctl sets what it is given in one line.
one_line() {
	media-ctl -d "$media" --set-v4l2 "\"$(cat "/sys/class/video4linux/${sensor##*/}/name")\":0[fmt:$1 crop:$2]"
}

# From the whole array, from a format of the other depth, and from itself.
one_line_gives_the_same_from_every_state() {
	for before in SRGGB10_1X10/4056x3040 SRGGB12_1X12/1920x1080 SRGGB10_1X10/640x480; do
		one_line "$before" '(8,16)/4056x3040' || return 1
		for again in 1 2; do
			one_line SRGGB12_1X12/2030x2030 '(100,100)/2030x2030' &&
				crop_is 100,100/2030x2030 && picture_is 2030x2030 || return 1
		done
		for again in 1 2; do
			one_line SRGGB10_1X10/1348x1012 '(100,100)/1350x1012' &&
				crop_is 100,100/1350x1012 && picture_is 1348x1012 || return 1
		done
	done
}

the_depth_leaves_the_crop_alone() {
	one_line SRGGB12_1X12/2030x2030 '(100,100)/2030x2030' &&
		v4l2-ctl -d "$sensor" --set-subdev-fmt pad=0,width=2030,height=2030,code="$(bus_code RG10)" &&
		crop_is 100,100/2030x2030 && picture_is 2028x2030 &&
		v4l2-ctl -d "$sensor" --set-subdev-fmt pad=0,width=2030,height=2030,code="$(bus_code RG12)" &&
		crop_is 100,100/2030x2030 && picture_is 2030x2030
}

the_picture_can_stay() {
	set_format RG10 1920x1080 &&
		select_crop left=200,top=200,width=2900,height=1620 keep-config &&
		crop_is 200,200/2880x1620 && picture_is 1920x1080
}

pictures_too_large_for_the_crop_widen_it() {
	set_format RG10 640x480@1000,1000 &&
		v4l2-ctl -d "$sensor" --set-subdev-fmt pad=0,width=1920,height=1080,code="$(bus_code RG10)" &&
		crop_is 116,456/3840x2160 && picture_is 1920x1080
}

crops_are_fixed_while_streaming() {
	set_format RG10 640x480 || return 1
	v4l2-ctl -d "$video" --stream-mmap=3 --stream-count=10000 >/dev/null 2>&1 &
	streamer=$!
	usleep 800000
	select_crop left=100,top=100,width=1000,height=700
	crop_is 36,36/4000x3000 && picture_is 640x480
	kept=$?
	kill "$streamer"
	wait "$streamer"
	return "$kept"
}

intervals_are_set() {
	set_format RG10 1920x1080 || return 1
	for fps in 25 120 7; do
		v4l2-ctl -d "$sensor" --set-subdev-fps "pad=0,fps=$fps" &&
			rate | awk -v wanted="$fps" '{ exit !($1 > wanted * 0.999 && $1 < wanted * 1.001) }' || {
			echo "$fps frames per second became $(rate)"
			return 1
		}
	done
}

intervals_have_limits() {
	set_format RG10 1920x1080 &&
		v4l2-ctl -d "$sensor" --set-subdev-fps pad=0,fps=10000 && equal "the fastest" "$(rate)" 249.345 &&
		equal "the vertical blanking" "$(value vertical_blanking)" 52
}

# From the fastest to the slowest, each one once, with the rates that applications ask for.
intervals_are_enumerated() {
	set_format RG10 1920x1080 || return 1
	v4l2-ctl -d "$sensor" --list-subdev-frameintervals "pad=0,width=1920,height=1080,code=$(bus_code RG10)" |
		sed -n 's/.*(\([0-9.]*\) fps).*/\1/p' | awk '
			NR == 1 && $1 != 249.345 { print "the fastest is", $1; bad = 1 }
			NR > 1 && $1 >= last { print $1, "follows", last; bad = 1 }
			{ last = $1; at[sprintf("%.0f", $1)] = 1 }
			END {
				if (!at[120] || !at[60] || !at[30] || !at[25]) { print "common rates are missing"; bad = 1 }
				if (last >= 1) { print "the slowest is", last; bad = 1 }
				exit bad
			}'
}

every_width_of_twelve_bits_is_filmed() {
	for format in RG12 pRCC; do
		set_format "$format" 1438x1080@100,100 && frames 2 || return 1
	done
}

for test in presets_are_enumerated crops_go_to_the_steps_of_the_array crops_grow_and_shrink_as_flags_say \
	the_picture_can_stay one_line_gives_the_same_from_every_state the_depth_leaves_the_crop_alone \
	pictures_too_large_for_the_crop_widen_it crops_are_fixed_while_streaming intervals_are_set \
	intervals_have_limits intervals_are_enumerated every_width_of_twelve_bits_is_filmed; do
	set_up RG10 "$FULL_SIZE"
	check "geometry: $(echo "$test" | tr _ ' ')" "$test"
done

# Intervals are what is measured, too. The host looks at the frames.
take_frames_at_intervals() {
	for fps in 25 100; do
		set_up RG10 1200x800@1000,1000
		set_subdev --set-subdev-fps "pad=0,fps=$fps"
		take "interval-$fps" "$fps"
	done
}
take_frames_at_intervals
