# SPDX-License-Identifier: GPL-2.0-only
#
# What the scripts beside this one know of a kernel's build folder and of its source. Sourced.

# fail MESSAGE: ends the script.
fail() {
	echo "error: $1" >&2
	exit 1
}

# option CONFIG NAME: the value of CONFIG_NAME in a configuration, without quotes.
option() {
	sed -n "s/^CONFIG_$2=\"*\([^\"]*\)\"*\$/\1/p" "$1"
}

# compiler CONFIG: the name of the compiler that the kernel was built with. On Debian it is one that
# the board and other machines have in common: aarch64-linux-gnu-gcc-14.
compiler() {
	compiler_text=$(option "$1" CC_VERSION_TEXT)
	echo "${compiler_text%% *}"
}

# toolchain CONFIG: make's arguments for the configuration's architecture and compiler, on the board
# and elsewhere.
toolchain() {
	if [ "$(option "$1" ARM64)" = y ]; then
		echo ARCH=arm64
	elif [ "$(option "$1" X86_64)" = y ]; then
		echo ARCH=x86_64
	else
		fail "$1 is for neither arm64 nor amd64"
	fi
	toolchain_cc=$(compiler "$1")
	case $toolchain_cc in
	*clang*) echo LLVM=1 ;;
	*) echo "CC=$toolchain_cc CROSS_COMPILE=${toolchain_cc%gcc*}" ;;
	esac
}

# release KERNEL: what uname -r says on the kernel of a build folder.
release() {
	cat "$1/include/config/kernel.release" 2>/dev/null ||
		fail "$1 is not what a kernel's modules are built against: it has no include/config/kernel.release. On Debian, apt install linux-headers-$(uname -r)"
}

# has_metadata KERNEL: whether Rust modules can be built against that folder as it is. Those of kernels
# that were built on this machine have all that it takes, Debian's headers packages do not.
has_metadata() {
	[ -e "$1/rust/libkernel.rmeta" ]
}

# version RELEASE: 7.3.4 of 7.3.4+deb13-arm64
version() {
	echo "${1%%[!0-9.]*}"
}

# series RELEASE: 7.3 of it
series() {
	version "$1" | cut -d . -f 1,2
}

# source_package RELEASE: the Debian package with a kernel's source, in the version of the kernel's own
# packages, where they are installed.
source_package() {
	source_name=linux-source-$(series "$1")
	source_at=$(dpkg-query -W -f '${Version}\n' "linux-headers-$1" "linux-image-$1" 2>/dev/null | head -n 1)
	echo "$source_name${source_at:+=$source_at}"
}

# unpack_source ARCHIVE RELEASE FOLDER TAR-ARGUMENT...: unpacks what tar's arguments name of an archive
# with a kernel's source. Fails unless it is the source of that kernel.
unpack_source() {
	unpack_from=$1 unpack_release=$2 unpack_to=$3
	shift 3
	[ -e "$unpack_from" ] ||
		fail "there is no $unpack_from, which has the kernel's source: apt install $(source_package "$unpack_release")"
	mkdir -p "$unpack_to"
	tar -C "$unpack_to" --strip-components=1 --wildcards "$@" -xf "$unpack_from" ||
		fail "cannot unpack $unpack_from"
	check_source "$unpack_to" "$unpack_release" "$unpack_from"
}

# take_source SOURCE RELEASE FOLDER PATH...: the same for files and whole folders of a source that is
# an archive or a folder.
take_source() {
	take_from=$1 take_release=$2 take_to=$3
	shift 3
	set -- Makefile "$@"
	if [ -d "$take_from" ]; then
		mkdir -p "$take_to"
		tar -C "$take_from" -cf - "$@" | tar -C "$take_to" -xf - || fail "cannot copy from $take_from"
		check_source "$take_to" "$take_release" "$take_from"
	else
		for take_path; do
			set -- "$@" "*/$take_path"
			shift
		done
		unpack_source "$take_from" "$take_release" "$take_to" --no-wildcards-match-slash "$@"
	fi
}

# check_source FOLDER RELEASE [NAME]: fails unless the folder has that kernel's source.
check_source() {
	check_found=$(sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1/Makefile" | paste -s -d .)
	[ "$check_found" = "$(version "$2")" ] ||
		fail "${3:-$1} has the source of Linux $check_found, and the kernel is $2. Install $(source_package "$2"), or start the kernel that goes with this source"
}
