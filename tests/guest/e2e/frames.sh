# SPDX-License-Identifier: GPL-2.0-only
#
# Takes frames for the host to judge, as a list asks for them. Sourced.

# Frames before the one that is kept: enough to measure a rate.
SKIP=2

# take_frames LIST
take_frames() {
	grep -v -e '^#' -e '^$' "$1" | while read -r name format size rate controls; do
		set_up "$format" "$size" "$controls"
		take "$name" "$rate" "$controls"
	done
}

# take NAME RATE CONTROLS: a frame, with what the host is to find out about it.
take() {
	mkdir -p "/out/$1"
	echo "$2" >"/out/$1/expected-rate"
	echo "$3" >"/out/$1/expected-controls"
	if capture "$SKIP" "/out/$1"; then
		sync
		echo "captured $1"
	else
		tail -n 3 "/out/$1/stream"
		cat "$board/violations"
		echo "not ok frame $1"
	fi
}
