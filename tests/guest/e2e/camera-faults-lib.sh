# SPDX-License-Identifier: GPL-2.0-only
#
# What fsm-camera check says of broken hardware. Sourced.

# first_suspect ID WORDS: of the last check.
first_suspect() {
	found=$(sed -n 's/^ *"id": "\(.*\)",$/\1/p' /tmp/check | head -n 1)
	title=$(sed -n 's/^ *"title": "\(.*\)",$/\1/p' /tmp/check | head -n 1)
	sed -n '/"suspects": \[/,/^  \]/p' /tmp/check
	equal "the first suspect" "$found" "$1" || return 1
	case $title in
	*"$2"*) ;;
	*)
		echo "its title, $title, does not say: $2"
		return 1
		;;
	esac
}

# run_check: with the status that a check with findings has.
run_check() {
	fsm-camera check --size 640x480 --restarts 5 --json --report /tmp/report >/tmp/check 2>/tmp/check-errors
	status=$?
	cat /tmp/check-errors
	equal "the status" "$status" 1
}

# names FAULT ID WORDS
names() {
	echo "$1" >"$board/broken" && equal "what is broken" "$(cat "$board/broken")" "$1" || return 1
	run_check
	ran=$?
	echo off >"$board/broken"
	[ "$ran" = 0 ] && first_suspect "$2" "$3"
}
