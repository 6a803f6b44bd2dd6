"""Exercise of notebook 03: ten crops of a picture. A prediction from many views is in `views`."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, raises


def corners(height, width, size):
    """Where the five crops begin: four corners, then the middle, rounded down."""
    down, right = height - size, width - size
    return [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]


def crops(img, size, starts=None, mirrored=True):
    """Crops of an H×W×C picture by torch's narrow, then their mirror images."""
    img = torch.tensor(img)
    starts = corners(*img.shape[:2], size) if starts is None else starts
    five = torch.stack([img.narrow(0, r, size).narrow(1, c, size) for r, c in starts])
    return (torch.cat([five, five.flip(2)]) if mirrored else five).numpy()


class ten_crop(Exercise):
    """Four corners, the middle, and their mirror images."""

    signature = "ten_crop(img, size)"
    growth = {"img": 1}, {"first five": 1, "last five": 1}
    minutes = 8
    hints = (
        "Two numbers for the row and two for the column give the four corners.",
        "Left to right is axis 1 of one picture, but another axis of a stack of pictures.",
    )
    reads = {
        "form": "ten_crop gives {seen}; {right} is asked for",
        "first five": "the first half of what you give back",
        "last five": "the second half of what you give back",
    }

    def cases(self, rng):
        # Rooms that are odd, and an even length with an odd size: all ways to halve differ.
        for name, points, shape, size, dtype in [
            ("wide", 1, (8, 11, 3), 5, np.float64),
            ("tall, whole numbers", 1, (9, 7, 3), 4, np.uint8),
            ("only one place", 1, (5, 5, 2), 5, np.float32),
            # In these each way to round finds the same middle: what else is off shows by itself.
            ("wide, even distances", 0.5, (9, 13, 2), 5, np.float64),
            ("tall, even distances", 0.5, (10, 8, 3), 4, np.float64),
        ]:
            img = rng.uniform(0, 255, shape)
            yield Case(name, points, img=img.astype(dtype), size=size)

    def observe(self, code, img, size):
        found = code.ten_crop(img, size)
        if isinstance(found, (list, tuple)):
            return {"crops": list(found), "form": f"a {type(found).__name__} of {len(found)}"}
        return {"crops": found, "form": f"an array of shape {np.shape(found)}"}

    def read(self, seen, img, size):
        return {"form": seen["form"]} | self._halves(np.asarray(seen["crops"]))

    def _halves(self, ten):
        half = len(ten) // 2 if ten.ndim else 0
        return {"first five": ten[:half], "last five": ten[half:]}

    def _shown(self, ten):
        return {"form": f"an array of shape {ten.shape}"} | self._halves(ten)

    def reference(self, img, size):
        return self._shown(crops(img, size))

    def _all(self, right):
        return np.concatenate([right["first five"], right["last five"]])

    def _turned(self, right, *axes):
        """What another kind of mirror image shows."""
        return {"last five": np.flip(right["first five"], axes)}

    def _at(self, img, size, starts):
        """What is seen of crops that begin elsewhere; nothing where they do not fit."""
        room = [(0 <= r <= img.shape[0] - size, 0 <= c <= img.shape[1] - size) for r, c in starts]
        if np.all(room):
            return self._shown(crops(img, size, starts))

    def _middle(self, img, size, middle):
        height, width = img.shape[:2]
        starts = corners(height, width, size)
        starts[4] = min(middle(height), height - size), min(middle(width), width - size)
        return self._at(img, size, starts)

    @mistake
    def mirrored_one_by_one(self, right, img, size):
        """Each crop is followed by its mirror image. Here the five crops come first, then the
        five mirror images in the same order."""
        return self._halves(self._all(right)[[0, 5, 1, 6, 2, 7, 3, 8, 4, 9]])

    @mistake
    def upside_down(self, right, img, size):
        """Your mirror images are upside down. In a stack N×H×W×C, left to right is axis 2."""
        return self._turned(right, 1)

    @mistake
    def colours_mirrored(self, right, img, size):
        """You turn round the last axis, which is the colour. In a stack N×H×W×C, left to right
        is axis 2."""
        return self._turned(right, 3)

    @mistake
    def turned_round(self, right, img, size):
        """Your mirror images stand on their heads: rows and columns are both turned round. Left to
        right is one axis only, the one of the columns."""
        return self._turned(right, 1, 2)

    @mistake
    def exchanged(self, right, img, size):
        """Rows and columns are exchanged in your mirror images. From left to right the columns are
        turned round, and rows stay rows."""
        return {"last five": right["first five"].swapaxes(1, 2)}

    @mistake
    def the_five_twice(self, right, img, size):
        """Your last five are the first five again: they are not mirrored."""
        return {"last five": right["first five"]}

    @mistake
    def mirrored_backwards(self, right, img, size):
        """Your mirror images come from the last crop to the first. They come in the same order as
        the five crops."""
        return {"last five": right["last five"][::-1]}

    @mistake
    def mirror_images_first(self, right, img, size):
        """The five mirror images come first. First the crops themselves, then their mirror
        images."""
        return {"first five": right["last five"], "last five": right["first five"]}

    @mistake
    def crops_of_the_mirror_image(self, right, img, size):
        """You mirror the whole picture and crop it again, so the sixth crop is the mirror image of
        the second. Here the sixth is the mirror image of the first, and so on."""
        return {"last five": crops(img[:, ::-1].copy(), size)[:5]}

    def _ordered(self, right, order):
        return {name: right[name][order] for name in ("first five", "last five")}

    @mistake
    def corners_in_another_order(self, right, img, size):
        """The second and the third crop have changed places: here the upper right corner comes
        before the lower left one."""
        return self._ordered(right, [0, 2, 1, 3, 4])

    @mistake
    def middle_first(self, right, img, size):
        """Your middle comes first. The four corners come first, and the middle is the fifth."""
        return self._ordered(right, [4, 0, 1, 2, 3])

    @mistake
    def clockwise(self, right, img, size):
        """Your corners go round the picture. Here they come as one reads: upper left, upper right,
        lower left, lower right."""
        return self._ordered(right, [0, 1, 3, 2, 4])

    @mistake
    def counterclockwise(self, right, img, size):
        """Your corners go round the picture against the clock. Here they come as one reads: upper
        left, upper right, lower left, lower right."""
        return self._ordered(right, [0, 2, 3, 1, 4])

    @mistake
    def middle_forgotten(self, right, img, size):
        """The middle is missing: four corners and the middle, each with its mirror image."""
        return self._shown(self._all(right)[[0, 1, 2, 3, 5, 6, 7, 8]])

    @mistake
    def never_mirrored(self, right, img, size):
        """The mirror images are missing."""
        return self._shown(right["first five"])

    @mistake
    def one_short_of_the_edge(self, right, img, size):
        """Your crops at the lower and right edge begin one pixel too early: the last place begins
        at H − size, and at W − size."""
        down, across = (length - size for length in img.shape[:2])
        if down and across:
            starts = [(0, 0), (0, across - 1), (down - 1, 0), (down - 1, across - 1),
                      (down // 2, across // 2)]  # fmt: skip
            return self._at(img, size, starts)

    @mistake
    def room_of_the_rows(self, right, img, size):
        """In a wide picture your columns begin where rows should, the last at H − size. From left
        to right the last place is W − size."""
        height, width = img.shape[:2]
        if height < width:
            return self._at(img, size, corners(height, height, size))

    @mistake
    def room_of_the_columns(self, right, img, size):
        """In a tall picture your rows begin where columns should, the last at W − size. From top to
        bottom the last place is H − size."""
        height, width = img.shape[:2]
        if width < height:
            return self._at(img, size, corners(width, width, size))

    @mistake
    def middle_offset_of_the_rows(self, right, img, size):
        """Your middle begins as far from the left as from the top: H − size is halved for both.
        From left to right it is half of W − size."""
        return self._middle(img, size, lambda length: (img.shape[0] - size) // 2)

    @mistake
    def middle_offset_of_the_columns(self, right, img, size):
        """Your middle begins as far from the top as from the left: W − size is halved for both.
        From top to bottom it is half of H − size."""
        return self._middle(img, size, lambda length: (img.shape[1] - size) // 2)

    @mistake
    def height_and_width_swapped(self, right, img, size):
        """Rows go with the height and columns with the width; yours have changed places. A
        picture is H×W×C."""
        height, width = img.shape[:2]
        if height == width:
            return None
        found = self._at(img, size, corners(width, height, size))
        return found or dict.fromkeys(right, raises("ValueError"))

    @mistake
    def empty_where_there_is_no_room(self, right, img, size):
        """Where the picture is as small as the crop your code stops: a slice that ends at −0 is
        empty, for −0 is 0. Count from the beginning: the last place begins at H − size."""
        if img.shape[0] == size:
            return dict.fromkeys(right, raises("ValueError"))

    @mistake
    def middle_rounded_up(self, right, img, size):
        """Where the middle lies between two pixels, yours begins at the later one. Here its offset
        is rounded down."""
        return self._middle(img, size, lambda length: -((size - length) // 2))

    @mistake
    def middle_rounded_to_even(self, right, img, size):
        """Where the middle lies between two pixels, yours begins now at the earlier and now at the
        later one, as round() does, which goes to the even number. Here it is rounded down."""
        return self._middle(img, size, lambda length: round((length - size) / 2))

    @mistake
    def halved_apart(self, right, img, size):
        """You halve the length and the size each for itself, and round twice. The middle's offset
        is half of their difference, rounded down once."""
        return self._middle(img, size, lambda length: length // 2 - size // 2)

    @mistake
    def begins_in_the_middle(self, right, img, size):
        """Your fifth crop BEGINS in the middle of the picture. It lies in the middle: there is as
        much of the picture on its left as on its right."""
        return self._middle(img, size, lambda length: length // 2)

    @mistake
    def channels_first(self, right, img, size):
        """Your crops are C×size×size. The channels stay last, as in the picture."""
        return self._shown(self._all(right).transpose(0, 3, 1, 2))

    @mistake
    def end_to_end(self, right, img, size):
        """Your crops are put end to end along the rows, into one tall picture. They are stacked
        along a new axis, the first."""
        return self._shown(np.concatenate(list(self._all(right))))

    @mistake
    def side_by_side(self, right, img, size):
        """Your crops are put side by side, into one wide picture. They are stacked along a new
        axis, the first."""
        return self._shown(np.concatenate(list(self._all(right)), axis=1))

    @mistake
    def a_list(self, right, img, size):
        """You give a list of crops. One array is asked for, in which they are stacked."""
        return {"form": "a list of 10"}

    @mistake
    def wider_dtype(self, right, img, size):
        """Your crops are float64 whatever came in, as they are when they are copied into
        np.zeros(shape). They have the dtype of the picture."""
        if img.dtype != np.float64:
            return {name: right[name].astype(float) for name in ("first five", "last five")}

    @mistake
    def middle_offset_of_the_shorter(self, right, img, size):
        """Your middle begins as far from the left as from the top: the shorter room is halved for
        both. Down it is half of H − size, and to the right half of W − size."""
        return self._middle(img, size, lambda length: (min(img.shape[:2]) - size) // 2)

    def _one_by_one(self, right, order):
        found = self._ordered(right, order)
        return self._halves(self._all(found)[[0, 5, 1, 6, 2, 7, 3, 8, 4, 9]])

    @mistake
    def another_order_and_one_by_one(self, right, img, size):
        """Two things: the second and the third corner have changed places, where the upper right
        one comes before the lower left; and each crop is followed by its mirror image, where the
        five crops come first."""
        return self._one_by_one(right, [0, 2, 1, 3, 4])

    @mistake
    def clockwise_and_one_by_one(self, right, img, size):
        """Two things: your corners go round the picture, where they come as one reads; and each
        crop is followed by its mirror image, where the five crops come first."""
        return self._one_by_one(right, [0, 1, 3, 2, 4])

    @mistake
    def middle_first_and_one_by_one(self, right, img, size):
        """Two things: your middle comes first, where it is the fifth; and each crop is followed by
        its mirror image, where the five crops come first."""
        return self._one_by_one(right, [4, 0, 1, 2, 3])

    @mistake
    def mirror_image_before_each(self, right, img, size):
        """Each crop comes after its mirror image. Here the five crops come first, then the five
        mirror images in the same order."""
        return self._halves(self._all(right)[[5, 0, 6, 1, 7, 2, 8, 3, 9, 4]])
