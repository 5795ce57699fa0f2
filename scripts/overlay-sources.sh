#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes the source of the overlay for every board, port and number of lanes of dts/boards.list that
# takes overlays: overlay-sources.sh FOLDER.

set -eu
[ $# -eq 1 ] || {
	echo "usage: overlay-sources.sh FOLDER" >&2
	exit 1
}
list=$(dirname "$(realpath "$0")")/../dts/boards.list
folder=$1
mkdir -p "$folder"

# overlay PORT LANES: what the board is comes from the lines that were read before.
overlay() {
	cat <<END
// SPDX-License-Identifier: GPL-2.0-only
/* $title with $adapter, module at $1, $2 lanes: made from dts/boards.list. */

/dts-v1/;
/plugin/;

#define CAMERA_PORT ${1##*[a-z]}
#define CAMERA_LANES $2
$adapter_define
#include "$include"
END
}

while read -r key value; do
	case $key in
	board) board=$value adapter_define='' include='' ;;
	title) title=$value ;;
	adapter) adapter=$value ;;
	adapter-include) adapter_define="#define CAMERA_ADAPTER \"$value\"
" ;;
	include) include=$value ;;
	port)
		[ -n "$include" ] || continue
		port=${value%% *}
		value=${value#* }
		for lanes in $(echo "${value%% *}" | tr , ' '); do
			overlay "$port" "$lanes" >"$folder/$board-$port-${lanes}lane.dtso"
		done
		;;
	esac
done <"$list"
