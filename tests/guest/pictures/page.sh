# SPDX-License-Identifier: GPL-2.0-only
#
# Runs what pages in docs/ show, block by block, in one folder. A block's first line says what has to come of it:
# "# makes: FILE..." (patterns of files), or "# prints: TEXT".

mkdir -p /tmp/page
cd /tmp/page || exit 1

# Splits the page into files NN.sh and NN.py, each with the heading above it in NN.name.
awk '
	file == "" && /^#+ / { heading = $0; sub(/^#+ /, "", heading) }
	/^```(sh|python)$/ {
		name = sprintf("/tmp/block-%02d", ++count)
		file = name (($0 ~ /python/) ? ".py" : ".sh")
		print heading >(name ".name")
		next
	}
	/^```/ { file = "" }
	file != "" { print >file }
' /guest/docs/pictures.md /guest/docs/user-guide.md

looks_like_an_image() {
	case $1 in
	*.ppm) judge mean "$1" 12 240 ;;
	*.png) [ "$(dd if="$1" bs=1 skip=1 count=3 2>/dev/null)" = PNG ] ;;
	*.jpg) [ "$(head -c 3 "$1" | od -An -t x1)" = " ff d8 ff" ] ;;
	esac && [ "$(stat -c %s "$1")" -gt 2000 ] || {
		echo "$1 does not look like an image"
		return 1
	}
}

run_block() {
	case $1 in
	*.py) timeout 200 python3 "$1" ;;
	*) timeout 200 sh -e "$1" ;;
	esac >/tmp/said 2>&1 || {
		cat /tmp/said
		return 1
	}
	cat /tmp/said
	wanted=$(sed -n '1s/^# [a-z]*: //p' "$1")
	case $(head -n 1 "$1") in
	"# prints: "*) grep -qF "$wanted" /tmp/said ;;
	"# makes: "*)
		# Patterns as they stand, each for the last file that fits it: the first frames may be black.
		set -f
		for pattern in $wanted; do
			set +f
			made=$(ls $pattern | tail -n 1)
			[ -s "$made" ] || return 1
			case $made in
			*.ppm | *.png | *.jpg) looks_like_an_image "$made" || return 1 ;;
			esac
		done
		;;
	*)
		echo "the block does not say what comes of it"
		return 1
		;;
	esac
}

for block in /tmp/block-*.sh /tmp/block-*.py; do
	echo "$block"
done | sort >/tmp/blocks
equal_blocks() {
	[ "$(wc -l </tmp/blocks)" -ge 12 ]
}
check "page: there are blocks to run" equal_blocks
while read -r block; do
	check "page: $(cat "${block%.*}.name") ($(basename "$block"))" run_block "$block"
done </tmp/blocks
check "the emulated sensor has nothing to object to" no_violation
cd /
