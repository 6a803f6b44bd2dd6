"""Exercise of notebook 03 on testing: a prediction averaged over many views. The ten crops of one
picture are in `ten_crops`."""

import numpy as np
import torch

from autograder.exercise import Case, mistake, near, raises
from autograder.exercises.data.patches import WithSidesWrong, blocks, disagree
from autograder.exercises.data.ten_crops import crops
from course_utils.images import resize
from course_utils.recipes.nets import PictureNet


class multi_crop_predict(WithSidesWrong):
    """One prediction from many views of a picture."""

    signature = "multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224)"
    library = "any"
    reads = {
        "probabilities": "what you give back",
        "views": "your model is shown {seen} pictures in all; {right} are right",
        "views in training mode": "{seen} pictures are seen in training mode; {right} is right",
        "views with gradients": "for {seen} pictures gradients are recorded; {right} is right",
        "mode afterwards": "afterwards the model is in {seen} mode; {right} is right",
    }
    counted = ("views", "views in training mode", "views with gradients")
    minutes = 14
    difficulty = 3
    hints = (
        "For each scale: resize so that the shorter side has that length, take the ten crops, ask "
        "the model.",
        "A model wants N×C×H×W. What does it give back: probabilities, or something to be made "
        "into probabilities first?",
        "Batch norm and dropout behave differently in training. In which mode was the model, and "
        "in which should you leave it?",
    )

    def cases(self, rng):
        asked = [
            ("a square picture", 2, (12, 12), (8, 10, 14, 10), False),
            ("a wide picture", 1, (10, 14), (8, 12, 16), False),
            ("a tall picture, model in training mode", 2, (20, 10), (8, 13), True),
        ]
        pictures = [blocks(rng, height, width) for _, _, (height, width), _, _ in asked]
        while True:
            net = {"filters": rng.normal(size=(6, 3, 3, 3)), "weights": rng.normal(size=(6, 4)) * 9}
            found = [
                self.logits(img, scales, 8, False, **net)
                for img, (_, _, _, scales, _) in zip(pictures, asked, strict=True)
            ]
            # A net whose views agree would not tell one way of averaging from another.
            if all(disagree(logits) for logits in found):
                break
        for img, (name, points, _, scales, training) in zip(pictures, asked, strict=True):
            yield Case(name, points, img=img, scales=scales, size=8, training=training, **net)

    def observe(self, code, img, scales, size, training, filters, weights):
        import numpy as np

        from course_utils.recipes.nets import PictureNet

        model = PictureNet(filters, weights, training)
        found = code.multi_crop_predict(model, img, scales, size)
        if hasattr(found, "detach"):
            found = found.detach().cpu()  # that gradients were recorded is told by itself
        return {
            "probabilities": np.asarray(found, dtype=np.float64),
            "views": model.views,
            "views in training mode": model.trained_on,
            "views with gradients": model.recorded,
            "mode afterwards": "training" if model.training else "evaluation",
        }

    def aid(self, **inputs):
        return {"right": self.reference(**inputs)["probabilities"].value}

    def read(self, seen, right, scales, **inputs):
        # Where all five default scales are shown, that is all that is told.
        if seen["views"] == 50 and len(scales) != 5:
            seen = seen | {"probabilities": np.asarray(right)}
        return seen

    def logits(self, img, scales, size, training, filters, weights, crop=None, sides=None,
               layout=None):  # fmt: skip
        """The logits of all views, V×K.

        `crop` may take others than the ten, `sides(height, width, scale)` give other sizes,
        `layout` bring the views to N×C×H×W in another way.
        """
        model = PictureNet(filters, weights, training)
        crop = crop or crops
        sides = sides or (lambda h, w, s: (round(h * s / min(h, w)), round(w * s / min(h, w))))
        layout = layout or (lambda views: views.transpose(0, 3, 1, 2))
        found = []
        for scale in scales:
            height, width = sides(*img.shape[:2], scale)
            views = np.asarray(crop(resize(img, height, width), size))
            found.append(model(torch.tensor(np.ascontiguousarray(layout(views)))))
        return torch.cat(found).detach().double()

    def otherwise(self, given, **how):
        """What other sizes, crops or layouts show; nothing where a crop does not fit."""
        given = {**given, "training": False}
        sides = how.get("sides")
        if sides and any(min(sides(*given["img"].shape[:2], s)) < given["size"]
                         for s in given["scales"]):  # fmt: skip
            return None
        return {"probabilities": self.shown(self.logits(**given, **how))}

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
    def averages_logits(self, right, **given):
        """You average logits, or logarithms of probabilities, and take the softmax then. One view
        with huge logits then outvotes all others; average the probabilities."""
        return {"probabilities": self._logits(given).mean(0).softmax(0).numpy()}

    def _logits(self, given):
        return self.logits(**{**given, "training": False})

    def _scales(self, given):
        """The probabilities at each scale, one row a scale."""
        logits = self._logits(given)
        return logits.softmax(1).reshape(len(given["scales"]), 10, -1).mean(1)

    @mistake
    def averages_logits_within_a_scale(self, right, **given):
        """Within each scale you average the logits before the softmax. Each view's logits become
        probabilities first; then all views are averaged."""
        logits = self._logits(given).reshape(len(given["scales"]), 10, -1)
        return {"probabilities": logits.mean(1).softmax(1).mean(0).numpy()}

    @mistake
    def no_softmax(self, right, **given):
        """What you average are the model's logits. They become probabilities by a softmax over
        the classes."""
        return {"probabilities": self._logits(given).mean(0).numpy()}

    @mistake
    def averages_logarithms(self, right, **given):
        """You average the logarithms of the probabilities, which gives their geometric mean. The
        probabilities themselves are averaged."""
        return {"probabilities": self._logits(given).log_softmax(1).mean(0).exp().numpy()}

    @mistake
    def logarithms(self, right, **given):
        """You give the mean of logarithms: log_softmax instead of softmax. Probabilities are asked
        for."""
        return {"probabilities": self._logits(given).log_softmax(1).mean(0).numpy()}

    @mistake
    def sigmoid_for_softmax(self, right, **given):
        """You take the sigmoid of each logit, so that the classes do not share a whole. Classes
        that exclude one another get a softmax."""
        return {"probabilities": self._logits(given).sigmoid().mean(0).numpy()}

    @mistake
    def largest_of_the_views(self, right, **given):
        """You take the largest probability that any view gives. The views are averaged."""
        return {"probabilities": self._logits(given).softmax(1).amax(0).numpy()}

    @mistake
    def views_vote(self, right, **given):
        """Each view casts a vote for its best class, and you count. A view that hesitates then
        weighs as much as one that is sure: average the probabilities."""
        logits = self._logits(given)
        votes = np.bincount(logits.argmax(1).numpy(), minlength=logits.shape[1])
        return {"probabilities": votes / len(logits)}

    @mistake
    def summed(self, right, **given):
        """Your numbers do not add up to 1: they are a sum over the views, not their mean."""
        return {"probabilities": right["probabilities"] * right["views"]}

    @mistake
    def scales_summed(self, right, scales, **given):
        """Your numbers do not add up to 1: over the scales you take a sum, not the mean."""
        return {"probabilities": right["probabilities"] * len(scales)}

    @mistake
    def softmax_over_the_views(self, right, **given):
        """Your softmax runs over the views of one scale. It belongs over the classes of one
        view."""
        logits = self._logits(given)
        each = logits.reshape(len(given["scales"]), 10, -1).softmax(1)
        return {"probabilities": each.mean((0, 1)).numpy()}

    @mistake
    def softmax_over_all_views(self, right, **given):
        """Your softmax runs over all the views. It belongs over the classes of one view."""
        return {"probabilities": self._logits(given).softmax(0).mean(0).numpy()}

    @mistake
    def best_class_only(self, right, **given):
        """You give the number of the best class. The probabilities of all classes are asked for."""
        return {"probabilities": np.array(float(right["probabilities"].argmax()))}

    @mistake
    def training_mode(self, right, **given):
        """The model is asked in training mode: dropout drops and batch norm looks at the batch.
        Put it into evaluation mode first."""
        if given["training"]:
            logits = self.logits(**given)
            return {"probabilities": self.shown(logits), "views in training mode": right["views"]}

    @mistake
    def mode_not_restored(self, right, **given):
        """The model comes back in evaluation mode, although it came in training mode. Whoever goes
        on training it will not notice: put back the mode in which it came."""
        if given["training"]:
            return {"mode afterwards": "evaluation"}

    @mistake
    def left_in_training_mode(self, right, **given):
        """The model comes back in training mode, although it came in evaluation mode. Put back
        the mode in which it came."""
        if not given["training"]:
            return {"mode afterwards": "training"}

    @mistake
    def gradients_are_recorded(self, right, **given):
        """While the model predicts, autograd keeps everything for a backward that never comes. Tell
        torch that no gradient is wanted."""
        return {"views with gradients": right["views"]}

    @mistake
    def duplicates_left_out(self, right, **given):
        """You use each different view once. Some views coincide where the picture is as small as
        the crop; in the protocol they count as often as they occur."""
        img, size, scales = (given[name] for name in ("img", "size", "scales"))
        logits = self._logits(given)
        views = np.concatenate([
            crops(resize(img, *(round(n * s / min(img.shape[:2])) for n in img.shape[:2])), size)
            for s in scales
        ])  # fmt: skip
        _, first = np.unique(views.reshape(len(views), -1), axis=0, return_index=True)
        return {"probabilities": self.shown(logits[np.sort(first)]), "views": len(first)}

    @mistake
    def squeezed_to_a_square(self, right, **given):
        """Both sides are resized to the scale, which changes the proportions of a picture that is
        not square. The scale is the length of the shorter side."""
        return self.otherwise(given, sides=lambda h, w, s: (s, s))

    @mistake
    def longer_side_is_scaled(self, right, **given):
        """The longer side gets the length of the scale. It is meant for the shorter one, so that a
        crop always fits."""
        at_least = given["size"]
        sides = lambda h, w, s: tuple(max(at_least, round(n * s / max(h, w))) for n in (h, w))
        return self.otherwise(given, sides=sides)

    @mistake
    def height_is_scaled(self, right, **given):
        """The height always gets the length of the scale. In a tall picture the width is the
        shorter side, and gets it."""
        at_least = given["size"]
        return self.otherwise(given, sides=lambda h, w, s: (s, max(at_least, round(w * s / h))))

    @mistake
    def width_is_scaled(self, right, **given):
        """The width always gets the length of the scale. In a wide picture the height is the
        shorter side, and gets it."""
        at_least = given["size"]
        return self.otherwise(given, sides=lambda h, w, s: (max(at_least, round(h * s / w)), s))

    @mistake
    def longer_side_cut_off(self, right, **given):
        """The longer side is cut off to a whole number, as int() and // do. It is rounded."""
        return self.otherwise(given, sides=lambda h, w, s: (h * s // min(h, w), w * s // min(h, w)))

    @mistake
    def resized_again_and_again(self, right, **given):
        """Each scale is made from the picture of the scale before, which has lost detail. Resize
        the picture that was passed in, each time."""
        img, scales = given["img"], given["scales"]
        found = []
        for scale in scales:
            img = resize(img, *(round(n * scale / min(img.shape[:2])) for n in img.shape[:2]))
            found.append(self._logits({**given, "img": img, "scales": (scale,)}))
        return {"probabilities": self.shown(torch.cat(found))}

    @mistake
    def reshaped(self, right, **given):
        """You reshape the views to N×C×H×W, which scrambles channels and pixels. Exchange the axes
        instead: the numbers move with them."""
        layout = lambda v: v.reshape(len(v), v.shape[3], *v.shape[1:3])
        return self.otherwise(given, layout=layout)

    @mistake
    def rows_and_columns_exchanged(self, right, **given):
        """The model sees rows and columns exchanged: your axes come as N×C×W×H. It takes
        N×C×H×W."""
        return self.otherwise(given, layout=lambda v: v.transpose(0, 3, 2, 1))

    @mistake
    def divided_by_255(self, right, **given):
        """The model sees pictures divided by 255. What comes in is what it takes: leave the values
        as they are."""
        return self.otherwise({**given, "img": given["img"] / np.float32(255)})

    @mistake
    def later_scales_weigh_more(self, right, **given):
        """You halve the sum of what you have and the next scale, so the last scale weighs as much
        as all before it. Every view counts once."""
        mean, *others = self._scales(given)
        for other in others:
            mean = (mean + other) / 2
        return {"probabilities": mean.numpy()}

    @mistake
    def last_scale_counts(self, right, **given):
        """The model looks at all scales, and only the last one counts: each overwrites the one
        before. Collect them, then average."""
        return {"probabilities": self._scales(given)[-1].numpy()}

    @mistake
    def only_one_scale(self, right, **given):
        """You look at the last scale only. The ten crops are taken at each of the scales."""
        return {"probabilities": self._scales(given)[-1].numpy(), "views": 10}

    @mistake
    def only_the_first_scale(self, right, **given):
        """You look at the first scale only, as when the function returns inside its loop. The ten
        crops are taken at each of the scales."""
        return {"probabilities": self._scales(given)[0].numpy(), "views": 10}

    @mistake
    def not_resized(self, right, **given):
        """The picture is never resized: each scale gives the same ten crops."""
        only = crops(given["img"], given["size"])
        return self.otherwise(given, crop=lambda resized, size: only)

    def _fewer(self, right, given, part):
        """What is shown where only some of the ten crops are taken."""
        few = self.otherwise(given, crop=lambda resized, size: crops(resized, size)[part])
        return few | {"views": right["views"] * len(range(10)[part]) // 10}

    @mistake
    def only_the_middle(self, right, **given):
        """You take one crop a scale, the middle. Ten are asked for."""
        return self._fewer(right, given, slice(4, 5))

    @mistake
    def no_mirror_images(self, right, **given):
        """You take five crops at each scale. Their mirror images are asked for, too."""
        return self._fewer(right, given, slice(5))

    @mistake
    def scales_not_read(self, right, **given):
        """The model is shown fifty views, ten at each of five scales. Five are only the default:
        take the scales that are passed in."""
        return {"views": 50}

    @mistake
    def scales_counted_once(self, right, **given):
        """A scale that is given twice counts once in yours, as in a set. Each scale of the list
        brings its ten views."""
        once = tuple(dict.fromkeys(given["scales"]))
        if len(once) < len(given["scales"]):
            logits = self._logits({**given, "scales": once})
            return {"probabilities": self.shown(logits), "views": len(logits)}

    @mistake
    def channels_last(self, right, **given):
        """The model is given N×H×W×C. torch's nets take N×C×H×W: move the channels."""
        return dict.fromkeys(right, raises("RuntimeError", "channels, but got"))

    @mistake
    def size_not_read(self, right, **given):
        """You look for crops of 224: that is only the default of `size`. The crops have the size
        that is passed in."""
        return dict.fromkeys(right, raises("ValueError", "224"))
