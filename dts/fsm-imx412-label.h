/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that start with that of a slot, FSM_IMX412_ID: what is made of them
 * follows when the slot is defined anew.
 */

#ifndef FSM_IMX412_LABEL_H
#define FSM_IMX412_LABEL_H

#define FSM_IMX412_JOIN_(a, b) a##b
#define FSM_IMX412_JOIN(a, b) FSM_IMX412_JOIN_(a, b)
#define FSM_IMX412_STRING_(a) #a
#define FSM_IMX412_STRING(a) FSM_IMX412_STRING_(a)

/* A label: cam0_sensor. */
#define FSM_IMX412_LABEL(part) FSM_IMX412_JOIN(FSM_IMX412_ID, part)

#endif
