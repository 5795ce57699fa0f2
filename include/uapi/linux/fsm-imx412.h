/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Controls of the driver for Sony IMX412 and its family that V4L2 has no
 * standard for. docs/controls.md describes them all.
 */

#ifndef _UAPI_LINUX_FSM_IMX412_H_
#define _UAPI_LINUX_FSM_IMX412_H_

#include <linux/v4l2-controls.h>

/*
 * 16 controls of the user class. linux/v4l2-controls.h of Linux 7.3 gives
 * blocks of 16 to drivers one behind the other, up to V4L2_CID_USER_BASE +
 * 0x1230 (Mali-C55). This block stays clear of the next ones.
 */
#define V4L2_CID_USER_FSM_IMX412_BASE		(V4L2_CID_USER_BASE + 0x1f00)

/*
 * Black level: what a pixel without light reads, in units of the output's
 * depth. Integer.
 *
 *	depth	values		default
 *	8 bits	0 to 63		16
 *	10 bits	0 to 255	64
 *	12 bits	0 to 1023	256
 *
 * The range is that of 12 bits at every depth; larger values are cut to what
 * the depth has. A new depth scales the value. Can be set at any time; a stream takes it
 * over at a frame boundary.
 */
#define V4L2_CID_FSM_IMX412_BLACK_LEVEL		(V4L2_CID_USER_FSM_IMX412_BASE + 0)

/*
 * Defect correction in the sensor, of single pixels and couplets. Boolean,
 * default 1. Cannot be set while streaming (EBUSY).
 */
#define V4L2_CID_FSM_IMX412_DEFECT_CORRECTION	(V4L2_CID_USER_FSM_IMX412_BASE + 1)

/*
 * Temperature of the die in degrees Celsius. Integer, read-only, -20 to 80,
 * measured when it is read: a sensor that is powered down is powered up for
 * it.
 */
#define V4L2_CID_FSM_IMX412_TEMPERATURE		(V4L2_CID_USER_FSM_IMX412_BASE + 2)

/*
 * Format and crop by their name. Menu: the ready-made modes at each of the
 * sensor's depths, to be found by their names (VIDIOC_QUERYMENU), and "Custom"
 * for everything else. Setting a mode sets the active format and crop; setting
 * "Custom" brings back those that were last set as such. Cannot be set while
 * streaming (EBUSY).
 */
#define V4L2_CID_FSM_IMX412_SENSOR_MODE		(V4L2_CID_USER_FSM_IMX412_BASE + 3)

/*
 * Source of frame starts. Menu of enum v4l2_fsm_imx412_synchronisation;
 * the default is the device tree's (sony,sync-mode). Cannot be set while
 * streaming (EBUSY).
 */
#define V4L2_CID_FSM_IMX412_SYNCHRONISATION	(V4L2_CID_USER_FSM_IMX412_BASE + 4)

/**
 * enum v4l2_fsm_imx412_synchronisation - source of frame starts
 *
 * @V4L2_FSM_IMX412_SYNCHRONISATION_STANDALONE: The sensor, for itself only.
 * @V4L2_FSM_IMX412_SYNCHRONISATION_SOURCE: The sensor, which notifies others by a
 *	pulse on XVS.
 * @V4L2_FSM_IMX412_SYNCHRONISATION_SINK: Another one: the sensor waits for a
 *	pulse on XVS.
 */
enum v4l2_fsm_imx412_synchronisation {
	V4L2_FSM_IMX412_SYNCHRONISATION_STANDALONE = 0,
	V4L2_FSM_IMX412_SYNCHRONISATION_SOURCE = 1,
	V4L2_FSM_IMX412_SYNCHRONISATION_SINK = 2,
};

/*
 * Membership in the group of sensors on one I2C bus that listen to a second
 * address (reg-names = "sensor", "broadcast" in the device tree; the control is
 * missing without). Boolean, default 0. Controls that can be set while
 * streaming change on all members when they are set on one, in the same frame.
 * The stream of a member starts when all members were asked to stream. Cannot
 * be set while streaming (EBUSY).
 */
#define V4L2_CID_FSM_IMX412_BROADCAST		(V4L2_CID_USER_FSM_IMX412_BASE + 5)

/*
 * Delay of the pulse on FSTROBE (V4L2_CID_FLASH_STROBE_OE,
 * V4L2_CID_FLASH_DURATION) in lines. Integer, 0 to 65535, default 0. With the
 * height of the image all of its lines are being exposed. Cannot be set while
 * streaming (EBUSY).
 */
#define V4L2_CID_FSM_IMX412_STROBE_DELAY	(V4L2_CID_USER_FSM_IMX412_BASE + 6)

#endif /* _UAPI_LINUX_FSM_IMX412_H_ */
