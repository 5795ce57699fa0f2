# SPDX-License-Identifier: GPL-2.0-only
#
# Crops and sizes as applications set them.

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

presets_are_enumerated() {
	for preset in $PRESETS; do
		v4l2-ctl -d "$sensor" --list-subdev-framesizes pad=0,code="$(bus_code RG12)" |
			grep -q "$preset - $preset\$" || {
			echo "no $preset"
			return 1
		}
	done
}

crops_go_to_the_steps() {
	select_crop left=101,top=101,width=1002,height=701 &&
		crop_is 100,100/1000x700 && picture_is 1000x700
}

crops_grow_and_shrink_as_flags_say() {
	select_crop left=101,top=101,width=1001,height=701 ge && crop_is 100,100/1004x702 &&
		select_crop left=101,top=101,width=1003,height=703 le && crop_is 100,100/1000x702
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

for test in presets_are_enumerated crops_go_to_the_steps crops_grow_and_shrink_as_flags_say the_picture_can_stay \
	pictures_too_large_for_the_crop_widen_it crops_are_fixed_while_streaming; do
	reset_controls
	set_format RG10 "$FULL_SIZE"
	check "geometry: $(echo "$test" | tr _ ' ')" "$test"
done
reset_controls
