"""Exercises of notebook 03 on testing: ten crops, and a prediction averaged over many views."""

import numpy as np
import torch

from autograder.exercise import Case, Exercise, mistake, near, raises
from course_utils.images import resize
from course_utils.recipes.views import PictureNet


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
    minutes = 8
    hints = (
        "Two numbers for the row and two for the column give the four corners.",
        "Left and right is axis 1 of one picture, and another axis of a stack of pictures.",
    )

    def cases(self, rng):
        for name, points, shape, size, dtype in [
            ("wide", 2, (7, 10, 3), 4, np.float64),
            ("tall, whole numbers", 1, (9, 6, 3), 4, np.uint8),
            ("only one place", 1, (5, 5, 2), 5, np.float32),
        ]:
            img = rng.uniform(0, 255, shape)
            yield Case(name, points, img=img.astype(dtype), size=size)

    def observe(self, code, img, size):
        return {"crops": code.ten_crop(img, size)}

    def reference(self, img, size):
        return {"crops": crops(img, size)}

    @mistake
    def mirrored_one_by_one(self, right, img, size):
        """Each crop is followed by its mirror image. Here the five crops come first, then the
        five mirror images in the same order."""
        return {"crops": right["crops"].reshape(2, 5, *right["crops"].shape[1:])
                .swapaxes(0, 1).reshape(right["crops"].shape)}  # fmt: skip

    @mistake
    def upside_down(self, right, img, size):
        """Your mirror images are upside down. In a stack N×H×W×C, left to right is axis 2."""
        five = right["crops"][:5]
        return {"crops": np.concatenate([five, five[:, ::-1]])}

    @mistake
    def colours_mirrored(self, right, img, size):
        """You turn round the last axis, which is the colour. In a stack N×H×W×C, left to right
        is axis 2."""
        five = right["crops"][:5]
        return {"crops": np.concatenate([five, five[..., ::-1]])}

    @mistake
    def crops_of_the_mirror_image(self, right, img, size):
        """You mirror the whole picture and crop it again, so the sixth crop is the mirror image of
        the second. Here the sixth is the mirror image of the first, and so on."""
        return {"crops": np.concatenate([right["crops"][:5], crops(img[:, ::-1].copy(), size)[:5]])}

    @mistake
    def corners_in_another_order(self, right, img, size):
        """The second and the third crop have changed places: here the upper right corner comes
        before the lower left one."""
        return {"crops": right["crops"][[0, 2, 1, 3, 4, 5, 7, 6, 8, 9]]}

    @mistake
    def middle_forgotten(self, right, img, size):
        """The middle is missing: four corners and the middle, each with its mirror image."""
        return {"crops": right["crops"][[0, 1, 2, 3, 5, 6, 7, 8]]}

    @mistake
    def never_mirrored(self, right, img, size):
        """The mirror images are missing."""
        return {"crops": right["crops"][:5]}

    @mistake
    def one_short_of_the_edge(self, right, img, size):
        """Your crops at the lower and right edge begin one pixel too early: the last place begins
        at H − size, and at W − size."""
        down, across = (length - size for length in img.shape[:2])
        if down and across:
            starts = [(0, 0), (0, across - 1), (down - 1, 0), (down - 1, across - 1),
                      (down // 2, across // 2)]  # fmt: skip
            return {"crops": crops(img, size, starts)}

    @mistake
    def height_and_width_swapped(self, right, img, size):
        """Rows go with the height and columns with the width; yours have changed places. A
        picture is H×W×C."""
        height, width = img.shape[:2]
        if height == width:
            return None
        starts = corners(width, height, size)
        if any(r + size > height or c + size > width for r, c in starts):
            return {"crops": raises("ValueError")}
        return {"crops": crops(img, size, starts)}

    @mistake
    def middle_rounded_up(self, right, img, size):
        """Where the middle lies between two pixels, yours begins at the later one. Here its offset
        is rounded down."""
        height, width = img.shape[:2]
        starts = corners(height, width, size)
        starts[4] = (-((size - height) // 2), -((size - width) // 2))
        return {"crops": crops(img, size, starts)}


def _blocks(rng, height, width):
    """A picture of large patches, so that its corners differ."""
    patches = rng.uniform(size=(3, 3, 3)).repeat(height // 3 + 1, 0).repeat(width // 3 + 1, 1)
    noise = 0.1 * rng.uniform(size=(height, width, 3))
    return (0.9 * patches[:height, :width] + noise).astype(np.float32)


def _disagree(logits):
    """Whether the ways to average these logits, V×K, end in different probabilities."""
    each = logits.softmax(1)
    votes = torch.nn.functional.one_hot(each.argmax(1), each.shape[1]).double().mean(0)
    others = votes, logits.mean(0).softmax(0), each[-10:].mean(0)
    return all(float((each.mean(0) - other).abs().max()) > 0.01 for other in others)


class multi_crop_predict(Exercise):
    """One prediction from many views of a picture."""

    signature = (
        "multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224)"
    )
    needs = ("ten_crop",)
    library = "any"
    counted = ("views", "views in training mode", "views with gradients")
    minutes = 14
    difficulty = 3
    hints = (
        "For each scale: resize so that the shorter side has that length, take the ten crops, ask "
        "the model.",
        "A model wants N×C×H×W. What does it give back: probabilities, or something to be made "
        "into probabilities first?",
        "Batch norm and dropout do something else while training. Which mode was the model in, and "
        "in which should you leave it?",
    )

    def cases(self, rng):
        asked = [
            ("a square picture", 2, (12, 12), (8, 10, 14, 18), False),
            ("a wide picture", 1, (10, 14), (8, 12, 16), False),
            ("a tall picture, model in training mode", 2, (20, 10), (8, 13), True),
        ]
        pictures = [_blocks(rng, height, width) for _, _, (height, width), _, _ in asked]
        while True:
            net = {"filters": rng.normal(size=(6, 3, 3, 3)), "weights": rng.normal(size=(6, 4)) * 9}
            found = [
                self.logits(img, scales, 8, False, **net)
                for img, (_, _, _, scales, _) in zip(pictures, asked, strict=True)
            ]
            # A net whose views agree would not tell one way of averaging from another.
            if all(_disagree(logits) for logits in found):
                break
        for img, (name, points, _, scales, training) in zip(pictures, asked, strict=True):
            yield Case(name, points, img=img, scales=scales, size=8, training=training, **net)

    def observe(self, code, img, scales, size, training, filters, weights):
        import numpy as np

        from course_utils.recipes.views import PictureNet

        model = PictureNet(filters, weights, training)
        found = np.asarray(code.multi_crop_predict(model, img, scales, size), dtype=np.float64)
        return {
            "probabilities": found,
            "views": model.views,
            "views in training mode": model.trained_on,
            "views with gradients": model.recorded,
            "mode afterwards": "training" if model.training else "evaluation",
        }

    def logits(self, img, scales, size, training, filters, weights, crop=None, square=False):
        """The logits of all views, V×K; `crop` may take others than the ten."""
        model = PictureNet(filters, weights, training)
        crop = crops if crop is None else crop
        found = []
        for scale in scales:
            factor = scale / min(img.shape[:2])
            height, width = (scale if square else round(n * factor) for n in img.shape[:2])
            views = np.asarray(crop(resize(img, height, width), size))
            found.append(model(torch.tensor(views).permute(0, 3, 1, 2)))
        return torch.cat(found).detach().double()

    def shown(self, logits):
        return logits.softmax(1).mean(0).numpy()

    def reference(self, img, scales, size, training, filters, weights):
        with torch.no_grad():
            logits = self.logits(img, scales, size, False, filters, weights)
        return {
            "probabilities": near(self.shown(logits), rtol=1e-4, atol=1e-6),
            "views": len(logits),
            "views in training mode": 0,
            "views with gradients": 0,
            "mode afterwards": "training" if training else "evaluation",
        }

    @mistake
    def averages_logits(self, right, img, scales, size, training, filters, weights):
        """You average the logits and take the softmax of that. One view with huge logits then
        outvotes all others; average the probabilities."""
        logits = self.logits(img, scales, size, False, filters, weights)
        return {"probabilities": logits.mean(0).softmax(0).numpy()}

    @mistake
    def no_softmax(self, right, img, scales, size, training, filters, weights):
        """What you average are the model's logits. They become probabilities by a softmax over
        the classes."""
        logits = self.logits(img, scales, size, False, filters, weights)
        return {"probabilities": logits.mean(0).numpy()}

    @mistake
    def views_vote(self, right, img, scales, size, training, filters, weights):
        """Each view casts a vote for its best class, and you count. A view that hesitates then
        weighs as much as one that is sure: average the probabilities."""
        logits = self.logits(img, scales, size, False, filters, weights)
        votes = np.bincount(logits.argmax(1).numpy(), minlength=logits.shape[1])
        return {"probabilities": votes / len(logits)}

    @mistake
    def summed(self, right, img, scales, size, training, filters, weights):
        """Your numbers do not add up to 1: they are a sum over the views, not their mean."""
        return {"probabilities": right["probabilities"] * right["views"]}

    @mistake
    def softmax_over_the_views(self, right, img, scales, size, training, filters, weights):
        """Your softmax runs over the views of one scale. It belongs over the classes of one
        view."""
        logits = self.logits(img, scales, size, False, filters, weights)
        each = logits.reshape(len(scales), 10, -1).softmax(1)
        return {"probabilities": each.mean((0, 1)).numpy()}

    @mistake
    def training_mode(self, right, img, scales, size, training, filters, weights):
        """The model is asked in training mode: dropout drops and batch norm looks at the batch.
        Put it into evaluation mode first."""
        if training:
            logits = self.logits(img, scales, size, True, filters, weights)
            return {"probabilities": self.shown(logits), "views in training mode": right["views"]}

    @mistake
    def mode_not_restored(self, right, img, scales, size, training, filters, weights):
        """The model comes back in evaluation mode, although it came in training mode. Whoever goes
        on training it will not notice: put back the mode in which it came."""
        if training:
            return {"mode afterwards": "evaluation"}

    @mistake
    def left_in_training_mode(self, right, img, scales, size, training, filters, weights):
        """The model comes back in training mode, although it came in evaluation mode. Put back
        the mode in which it came."""
        if not training:
            return {"mode afterwards": "training"}

    @mistake
    def gradients_are_recorded(self, right, img, scales, size, training, filters, weights):
        """While the model predicts, autograd keeps everything for a backward that never comes. Tell
        torch that no gradient is wanted."""
        return {"views with gradients": right["views"]}

    @mistake
    def duplicates_left_out(self, right, img, scales, size, training, filters, weights):
        """You use each different view once. Some views coincide where the picture is as small as
        the crop; in the protocol they count as often as they occur."""
        logits = self.logits(img, scales, size, False, filters, weights)
        views = np.concatenate([
            crops(resize(img, *(round(n * s / min(img.shape[:2])) for n in img.shape[:2])), size)
            for s in scales
        ])  # fmt: skip
        _, first = np.unique(views.reshape(len(views), -1), axis=0, return_index=True)
        return {"probabilities": self.shown(logits[np.sort(first)]), "views": len(first)}

    @mistake
    def squeezed_to_a_square(self, right, img, scales, size, training, filters, weights):
        """Both sides are resized to the scale, which changes the proportions of a picture that is
        not square. The scale is the length of the shorter side."""
        if img.shape[0] != img.shape[1]:
            logits = self.logits(img, scales, size, False, filters, weights, square=True)
            return {"probabilities": self.shown(logits)}

    @mistake
    def only_one_scale(self, right, img, scales, size, training, filters, weights):
        """You look at one scale only. The ten crops are taken at each of the scales."""
        logits = self.logits(img, scales[-1:], size, False, filters, weights)
        return {"probabilities": self.shown(logits), "views": 10}

    @mistake
    def not_resized(self, right, img, scales, size, training, filters, weights):
        """The picture is never resized: each scale gives the same ten crops."""
        only = crops(img, size)
        logits = self.logits(
            img, scales, size, False, filters, weights, crop=lambda resized, size: only
        )
        return {"probabilities": self.shown(logits)}

    @mistake
    def only_the_middle(self, right, img, scales, size, training, filters, weights):
        """You take one crop a scale, the middle. Ten are asked for."""
        logits = self.logits(
            img, scales, size, False, filters, weights,
            crop=lambda resized, size: crops(resized, size)[4:5],
        )  # fmt: skip
        return {"probabilities": self.shown(logits), "views": len(scales)}

    @mistake
    def channels_last(self, right, img, scales, size, training, filters, weights):
        """The model is given N×H×W×C. torch's nets take N×C×H×W: move the channels."""
        return dict.fromkeys(right, raises("RuntimeError", "channels, but got"))
