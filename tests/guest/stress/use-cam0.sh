# SPDX-License-Identifier: GPL-2.0-only
#
# For end-to-end scripts: this kernel's first media device is vim2m's.

use_camera cam0
