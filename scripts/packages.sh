# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian packages that building the driver takes. Sourced, after kernel.sh.

# missing_packages RELEASE: those that are not installed, as apt takes them; none on a system without
# dpkg.
missing_packages() {
	command -v dpkg-query >/dev/null || return 0
	packages_kernel="linux-headers-$1 $(source_package "$1")"
	! has_metadata "/lib/modules/$1/build" || packages_kernel=
	for package in $packages_kernel bc bindgen bison dkms flex gcc \
		libc6-dev libelf-dev libssl-dev make pahole python3 rust-src rustc xz-utils; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "${package%%=*}" 2>/dev/null)" = installed ] ||
			echo "$package"
	done | paste -s -d ' '
}
