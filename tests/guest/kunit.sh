# SPDX-License-Identifier: GPL-2.0-only
#
# Loads the module $1, which runs its suites, and prints the kernel's log, results and all, for the
# host to read.

# From here on the console is the log's alone.
dmesg -n 1
dmesg -c >/dev/null
insmod "$1" || exit 1
rmmod "$(basename "$1" .ko)" || exit 1
echo "guest: log begins"
dmesg
echo "guest: log ends"
