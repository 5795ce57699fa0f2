# SPDX-License-Identifier: GPL-2.0-only

imx412-stress cycles cam0 1300 4000
