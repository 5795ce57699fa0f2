# SPDX-License-Identifier: GPL-2.0-only

imx412-stress races cam0 "${ROUNDS:-200}" 1
