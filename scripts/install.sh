#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs the driver on this Debian machine through dkms, which also builds it for every kernel that
# is installed later; the packages that this takes come from apt. Where there is cargo, fsm-camera is
# built and installed, too.
#
# Usage: install.sh            builds and installs it for the running kernel
#        install.sh remove     removes it from every kernel
#        install.sh copy FOLDER    does no more than copy what dkms needs

set -eu
scripts=$(dirname "$(realpath "$0")")
checkout=$(dirname "$scripts")
. "$scripts/kernel.sh"
. "$scripts/machine.sh"
. "$scripts/packages.sh"

# field NAME: a value of dkms.conf.
field() {
	sed -n "s/^$1=\"\(.*\)\"\$/\1/p" "$checkout/dkms.conf"
}

name=$(field PACKAGE_NAME)
version=$(field PACKAGE_VERSION)

# What dkms gets, without what a build in the checkout may have left.
copy() {
	mkdir -p "$1"
	tar -C "$checkout" --exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude='*.rmeta' --exclude='.*.cmd' --exclude='.*.d' --exclude=bindings_generated.rs \
		-cf - Kbuild Kconfig LICENSE dkms.conf include scripts src | tar -C "$1" -xf -
}

# Removes every version from every kernel.
remove() {
	dkms status "$name" | sed 's/[,:].*//' | sort -u | while read -r added; do
		dkms remove "$added" --all
	done
	rm -rf "/usr/src/$name"-*
}

# Where fsm-camera goes.
program=/usr/local/bin/fsm-camera

# Builds fsm-camera as the user who asked for this, who may have a cargo of their own. The driver does
# without it.
install_program() {
	built=$checkout/target/release/fsm-camera
	if su -l "${SUDO_USER:-root}" -c "cd '$checkout' && cargo build --release --locked -p fsm-camera" && [ -x "$built" ]; then
		install -m 755 "$built" "$program"
		echo "installed $program"
	else
		echo "fsm-camera is not installed; it takes cargo (apt-get install cargo) and a network: make install again" >&2
	fi
}

as_root() {
	[ "$(id -u)" = 0 ] || fail "this is root's to do: sudo make $1"
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$name-dkms" 2>/dev/null)" != installed ] ||
		fail "the package $name-dkms has installed the driver, and dkms cannot have it twice: sudo apt remove $name-dkms"
}

case ${1-} in
copy)
	[ $# -eq 2 ] || fail "usage: install.sh copy FOLDER"
	copy "$2"
	exit
	;;
remove)
	as_root uninstall
	remove
	rm -rf /var/cache/fsm-imx412
	rm -f "$program"
	exit
	;;
esac
as_root install

release=$(uname -r)
check_machine "$(uname -m)" "$release" "$(field BUILD_EXCLUSIVE_KERNEL)" \
	"$(kernel_config "$release")" "$(rustc --version 2>/dev/null || true)"
missing=$(missing_packages "$release")
if [ -n "$missing" ]; then
	echo "packages that building the driver takes: $missing"
	# shellcheck disable=SC2086 # several packages
	apt-get install --no-install-recommends $missing ||
		fail "without these packages the driver cannot be built. A kernel of Debian's backports has its headers and its source there: is trixie-backports among apt's sources?"
fi

remove
copy "/usr/src/$name-$version"
dkms add "$name/$version"
dkms install "$name/$version" -k "$release" || {
	tail -n 20 "/var/lib/dkms/$name/$version/build/make.log" >&2 || true
	fail "dkms could not build or install the driver for $release"
}
modinfo -k "$release" fsm_imx412
install_program
