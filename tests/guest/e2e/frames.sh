# SPDX-License-Identifier: GPL-2.0-only
#
# Takes frames for the host to judge, as a list asks for them. Sourced.

# take_frames LIST
take_frames() {
	grep -v -e '^#' -e '^$' "$1" | while read -r name format size rate controls; do
		if reset_controls && set_format "$format" "$size" && set_controls "$controls" && capture 4 "/out/$name"; then
			echo "$rate" >"/out/$name/expected-rate"
			sync
			echo "captured $name"
		else
			tail -n 3 "/out/$name/stream"
			cat "$board/violations"
			echo "not ok frame $name"
		fi
	done
}

# Several controls, one after the other: a range may depend on the control before.
set_controls() {
	for control in $(echo "$1" | tr , ' '); do
		v4l2-ctl -d "$sensor" --set-ctrl "$control" || return 1
	done
}
