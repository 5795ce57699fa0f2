# SPDX-License-Identifier: GPL-2.0-only
"""Judges images of the chart.

    judge.py colours READOUT FILE [ORIENTATION]     the patches have their colours
    judge.py grey READOUT FILE                      grey patches are grey
    judge.py darker READOUT FILE FILE               the second is darker than the first
    judge.py mean READOUT FILE LEAST MOST           of all bytes

READOUT is how large the sensor sends its frames and the selection that is in them:
WIDTH,HEIGHT,LEFT,TOP,WIDTH,HEIGHT.
FILE is a PPM, or NAME:WIDTHxHEIGHT:BGRx without a head. What is smaller than the sensor sends is
the middle of it, and what dcraw has halved fits as well.
"""

import sys

# The chart's patches: colours, and where they are on the array (xtask/picture/src/chart.rs).
PATCHES = [
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
]
LEFT, TOP, SIDE = 220, 480, 150
# Where the active array begins, which selections are counted from the corner of all photosites.
ACTIVE_LEFT, ACTIVE_TOP = 8, 16


class Image:
    def __init__(self, name):
        if name.endswith(":BGRx"):
            name, size, _ = name.split(":")
            self.width, self.height = map(int, size.split("x"))
            with open(name, "rb") as file:
                self.bytes = file.read()[-4 * self.width * self.height:]
            self.step, self.order = 4, (2, 1, 0)
        else:
            with open(name, "rb") as file:
                content = file.read()
            head = content[:200].split(None, 4)
            assert head[0] == b"P6" and head[3] == b"255", f"{name} is no PPM"
            self.width, self.height = int(head[1]), int(head[2])
            self.bytes = content[-3 * self.width * self.height:]
            self.step, self.order = 3, (0, 1, 2)
        assert len(self.bytes) == self.step * self.width * self.height, f"{name} is cut off"

    def colour(self, x, y, reach=3):
        """The mean of a square around a place."""
        rows = [self.step * (row * self.width + x - reach) for row in range(y - reach, y + reach + 1)]
        span = self.step * (2 * reach + 1)
        found = [self.bytes[at:at + span] for at in rows]
        count = len(rows) * (2 * reach + 1)
        return [sum(sum(row[channel::self.step]) for row in found) / count for channel in self.order]

    def mean(self):
        pixels = [self.bytes[channel::self.step * 7] for channel in self.order]
        return [sum(values) / len(values) for values in pixels]


def places(image, readout, orientation="rot0"):
    """The patches that the image has: their colours and places."""
    sent_width, sent_height, left, top, width, height = map(int, readout.split(","))
    left, top = left - ACTIVE_LEFT, top - ACTIVE_TOP
    half = 2 if image.width <= sent_width // 2 else 1
    if half == 2 and abs(image.width * 2 - sent_width) > 16:
        half = 1
    for index, colour in enumerate(PATCHES):
        x = LEFT + index % 6 * SIDE + SIDE * 11 // 20
        y = TOP + index // 6 * SIDE + SIDE * 11 // 20
        x, y = (x - left) * sent_width / width, (y - top) * sent_height / height
        x, y = x - (sent_width - image.width * half) / 2, y - (sent_height - image.height * half) / 2
        x, y = int(x / half), int(y / half)
        if orientation in ("mirror", "rot180"):
            x = image.width - 1 - x
        if orientation in ("flip", "rot180"):
            y = image.height - 1 - y
        if 8 <= x < image.width - 8 and 8 <= y < image.height - 8:
            yield colour, (x, y)


def colours(image, readout, orientation="rot0"):
    """Channels of a patch that differ on the chart differ the same way in the image."""
    judged = 0
    for wanted, place in places(image, readout, orientation):
        found = image.colour(*place)
        for one, other in ((0, 1), (1, 2), (2, 0)):
            if abs(wanted[one] - wanted[other]) >= 40:
                judged += 1
                step = (found[one] - found[other]) * (1 if wanted[one] > wanted[other] else -1)
                assert step > 8, f"the patch {wanted} is {found} at {place}"
    assert judged >= 12, f"only {judged} colours are in the image"
    print(f"{judged} differences of colours")


def grey(image, readout):
    """Light grey patches have as much of each channel. Dark ones show that libcamera has to guess the
    black level of a sensor that it has no helper for."""
    judged = 0
    for wanted, place in places(image, readout):
        if max(wanted) - min(wanted) <= 1 and 120 <= wanted[0] <= 200:
            found = image.colour(*place)
            judged += 1
            assert max(found) - min(found) < 0.15 * max(found), f"the grey {wanted} is {found}"
    assert judged >= 3, f"only {judged} greys are in the image"


def darker(image, _, other):
    """The other image is darker."""
    first, last = (sum(one.mean()) / 3 for one in (image, Image(other)))
    print(f"mean {first:.1f}, then {last:.1f}")
    assert last < first - 15, "it has not become darker"


def mean(image, _, least, most):
    found = image.mean()
    print("mean", [round(value, 1) for value in found])
    assert float(least) <= sum(found) / 3 <= float(most), f"the mean is {found}"


def main():
    what, readout, file, *others = sys.argv[1:]
    {"colours": colours, "grey": grey, "mean": mean, "darker": darker}[what](Image(file), readout, *others)


try:
    main()
except AssertionError as error:
    sys.exit(str(error))
