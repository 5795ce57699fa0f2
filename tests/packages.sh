#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs, upgrades and removes the Debian packages, as root in a Debian 13 that is given up
# afterwards and has a kernel's modules folder.
#
# Then does make install and make uninstall, as on a board: uname says that this is one.
#
# Usage: packages.sh RELEASE OLDER NEWER OVERLAYS CAMERA CRATES
#   RELEASE    the kernel
#   OLDER      the driver's package, and NEWER the same in a later version
#   OVERLAYS   the overlays' package
#   CAMERA     the program's, which may be for another architecture
#   CRATES     what cargo vendor has collected for it

release=$1 older=$2 newer=$3 overlays=$4 camera=$5 crates=$6

fail() {
	echo "error: $1" >&2
	exit 1
}

version() {
	dpkg-deb -f "$1" Version
}

# The driver's version that dkms has installed for the kernel, and no other.
installed() {
	found=$(dkms status fsm-imx412)
	case $found in
	"fsm-imx412/$1, $release, "*": installed"*) ;;
	*) fail "dkms status is \"$found\" and should say that fsm-imx412/$1 is installed for $release" ;;
	esac
	[ "$(echo "$found" | wc -l)" = 1 ] || fail "dkms has more than one: $found"
	modinfo -F alias "/lib/modules/$release/updates/dkms/fsm_imx412.ko" | grep -q 'Csony,imx477' ||
		fail "the module for $release does not ask for a sony,imx477"
}

echo "### what make install leaves is taken over"
mkdir -p /usr/src/fsm-imx412-0.0.1
echo 'PACKAGE_NAME="fsm-imx412"
PACKAGE_VERSION="0.0.1"
BUILT_MODULE_NAME[0]="x"
DEST_MODULE_LOCATION[0]="/updates"
MAKE[0]="true"' >/usr/src/fsm-imx412-0.0.1/dkms.conf
dkms add fsm-imx412/0.0.1

echo "### installing $older"
dpkg --force-architecture -i "$older" "$overlays" "$camera"
[ -x /usr/bin/fsm-camera ] || fail "there is no fsm-camera"
installed "$(version "$older")"
[ ! -e /usr/src/fsm-imx412-0.0.1 ] || fail "the source that make install had put there is left"
count=$(find /usr/share/fsm-imx412/overlays -name '*.dtbo' | wc -l)
[ "$count" -gt 50 ] || fail "there are $count overlays"

echo "### make install leaves the package alone"
said=$("${0%/*}/../scripts/install.sh" 2>&1) && fail "make install went on beside the package"
echo "$said"
case $said in
*fsm-imx412-dkms*) ;;
*) fail "make install does not name the package" ;;
esac

echo "### upgrading to $newer"
dpkg -i "$newer"
installed "$(version "$newer")"
[ ! -e "/usr/src/fsm-imx412-$(version "$older")" ] || fail "the older source is left"

echo "### removing"
mkdir -p /var/cache/fsm-imx412
dpkg -r fsm-imx412-dkms fsm-imx412-overlays "$(dpkg-deb -f "$camera" Package):$(dpkg-deb -f "$camera" Architecture)"
[ -z "$(dkms status fsm-imx412)" ] || fail "dkms still has $(dkms status fsm-imx412)"
[ ! -e /usr/bin/fsm-camera ] || fail "fsm-camera is left"
left=$(find "/lib/modules/$release/" /usr/src /usr/share /var/cache /var/lib/dkms -name '*fsm*imx412*')
[ -z "$left" ] || fail "this is left: $left"

echo "### make install, of a checkout of its own"
printf '#!/bin/sh\ncase $1 in\n-r) echo "%s" ;;\n-m) echo aarch64 ;;\n*) exec /usr/bin/uname "$@" ;;\nesac\n' \
	"$release" >/usr/local/bin/uname
chmod +x /usr/local/bin/uname
mkdir -p /tmp/checkout /root/.cargo
tar -C "${0%/*}/.." --exclude=./.git --exclude=./build --exclude=./target -cf - . | tar -C /tmp/checkout -xf -
# Not optimised: it is only to be there.
echo "source.crates-io.replace-with = 'vendored'
source.vendored.directory = '$crates'
net.offline = true
profile.release.opt-level = 0" >/root/.cargo/config.toml
# A kernel's package has done this, and dkms goes by it.
depmod "$release"
make -C /tmp/checkout install || fail "make install failed"
installed "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' /tmp/checkout/dkms.conf)"
said=$(fsm-camera --version)
[ "$said" = "fsm-camera $(sed -n 's/^version = "\(.*\)"/\1/p' /tmp/checkout/tools/fsm-camera/Cargo.toml)" ] || fail "the program that make install has built says \"$said\""
said=$(fsm-camera --plain list 2>&1) && fail "there is a camera on this machine"
[ "$said" = "no camera: fsm-camera check looks for the reason" ] || fail "fsm-camera list says \"$said\""

echo "### make uninstall"
make -C /tmp/checkout uninstall || fail "make uninstall failed"
[ -z "$(dkms status fsm-imx412)" ] || fail "dkms still has $(dkms status fsm-imx412)"
[ ! -e /usr/local/bin/fsm-camera ] || fail "fsm-camera is left"
left=$(find "/lib/modules/$release/" /usr/src /var/cache /var/lib/dkms -name '*fsm*imx412*')
[ -z "$left" ] || fail "this is left: $left"
