# SPDX-License-Identifier: GPL-2.0-only
#
# set-together.pl DEVICE ID=VALUE...: sets controls of any class in one VIDIOC_S_EXT_CTRLS, for which
# v4l2-ctl needs one call for each class. Integers of 32 bits only. The guest has no Perl modules.

# _IOWR('V', 72, struct v4l2_ext_controls), where pointers have 64 bits.
my $VIDIOC_S_EXT_CTRLS = 0xc0205648;
my $V4L2_CTRL_WHICH_CUR_VAL = 0;

my ($device, @settings) = @ARGV;
open my $file, '+<', $device or die "$device: $!\n";

# struct v4l2_ext_control: id, size, reserved, and a union of 64 bits.
my $controls = join '', map {
	my ($id, $value) = split /=/;
	pack 'L L L l L', oct $id, 0, 0, $value, 0;
} @settings;

# struct v4l2_ext_controls: which, count, error_idx, request_fd, reserved, pointer.
my $argument = pack 'L L L l L x4 P', $V4L2_CTRL_WHICH_CUR_VAL, scalar @settings, 0, 0, 0, $controls;

defined ioctl $file, $VIDIOC_S_EXT_CTRLS, $argument
	or die "$device: setting @settings: $!, control ", (unpack 'L L L', $argument)[2], "\n";
