#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes the source of the overlay for every board, adapter, port and number of lanes of
# dts/boards.list that takes overlays: overlay-sources.sh FOLDER.

set -eu
[ $# -eq 1 ] || {
	echo "usage: overlay-sources.sh FOLDER" >&2
	exit 1
}
list=$(dirname "$(realpath "$0")")/../dts/boards.list
folder=$1
mkdir -p "$folder"

# overlay ADAPTER-FILE ADAPTER PORT LANES: what the board is comes from the lines that were read before.
overlay() {
	cat <<END
// SPDX-License-Identifier: GPL-2.0-only
/* $title with $2 at $3, $4 lanes: made from dts/boards.list. */

/dts-v1/;
/plugin/;

#define CAMERA_PORT ${3##*[a-z]}
#define CAMERA_LANES $4
END
	[ "$1" = - ] || echo "#define CAMERA_ADAPTER \"$1\""
	echo "#include \"$include\""
}

# port NAME LANES,LANES: its overlays, with each adapter.
port() {
	echo "$adapters" | while read -r apart file adapter; do
		[ -n "$apart" ] || continue
		name=$board
		[ "$apart" = - ] || name=$name-$apart
		for lanes in $(echo "$2" | tr , ' '); do
			overlay "$file" "$adapter" "$1" "$lanes" >"$folder/$name-$1-${lanes}lane.dtso"
		done
	done
}

while read -r key value; do
	case $key in
	board) board=$value adapters='' include='' ;;
	title) title=$value ;;
	adapter) adapters="$adapters$value
" ;;
	include) include=$value ;;
	port)
		# shellcheck disable=SC2086 # several words
		[ -z "$include" ] || port $value
		;;
	esac
done <"$list"
