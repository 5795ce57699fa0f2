# SPDX-License-Identifier: GPL-2.0-only
#
# Automatic gain in the dark, with a helper that knows the sensor's gain: libcamera's own for the IMX477.

check "libcamera: automatic gain becomes high in the dark" gain_becomes_high
check "the emulated sensor has nothing to object to" no_violation
