# SPDX-License-Identifier: GPL-2.0-only

imx412-stress cycles cam0 "${BINDS:-1300}" "${STREAMS:-4000}"
