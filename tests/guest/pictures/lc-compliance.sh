# SPDX-License-Identifier: GPL-2.0-only
#
# libcamera's own tests of a camera, one stream at a time: the simple pipeline can give the same
# stream only once, which all others ask for.

one_stream_complies() {
	timeout 400 lc-compliance -c /base/fsm-imx412-cam0/i2c/camera@1a -f 'SingleStream*' >/tmp/lc 2>&1
	grep -E '^\[  (PASSED|FAILED|SKIPPED) ' /tmp/lc
	! grep -q '^\[  FAILED  \]' /tmp/lc &&
		[ "$(sed -n 's/^\[  PASSED  \] \([0-9]*\) tests.*/\1/p' /tmp/lc)" -ge 90 ]
}

check "libcamera: lc-compliance, one stream" one_stream_complies
check "the emulated sensor has nothing to object to" no_violation
