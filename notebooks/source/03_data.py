# %% [markdown]
# # 03 · Data: preprocessing and augmentation
#
# After this you can
#
# - **split** data so that the test set stays unseen until the end, and **centre** pictures with
#   statistics from the training part alone,
# - **write** the random crops and mirror images that well-known nets such as AlexNet and ResNet
#   were trained on,
# - **average** a net's predictions over many views of a picture, and say what you gain by it.
#
# This takes an estimated 105 minutes, in two sittings of 60 and 45. It builds on numpy and on 02
# (what large inputs do to a unit). The net that you need is already trained and comes with the
# course.

# %% name="imports"
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import another, ask, check, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.data import augmentation_explorer
from course_utils.images import resize, sample_at
from course_utils.predictions import compare, drawn, predict
from course_utils.shipped import trained_small_shapes_net

# %% [markdown]
# Are you stuck on an exercise? `hint("split")` in a cell of your own gives you a nudge. Ask again
# and you get a bigger one.

# %% [markdown]
# ## Three questions about 01 and 02

# %% name="show_q03_slopes"
ask("q03_slopes")

# %% name="q03_slopes"
q03_slopes = ...

# %% nbgrader={"grade_id": "check_q03_slopes", "locked": true}
from autograder import check

check("q03_slopes")

# %% name="show_q03_dead"
ask("q03_dead")

# %% name="q03_dead"
q03_dead = ...

# %% nbgrader={"grade_id": "check_q03_dead", "locked": true}
from autograder import check

check("q03_dead")

# %% name="show_q03_shifted_inputs"
ask("q03_shifted_inputs")

# %% name="q03_shifted_inputs"
q03_shifted_inputs = ...

# %% nbgrader={"grade_id": "check_q03_shifted_inputs", "locked": true}
from autograder import check

check("q03_shifted_inputs")

# %% [markdown]
# ## A hundred examples
#
# Below, a small net learns to read digits from 100 examples. The runs differ in what happens to a
# picture on its way into the net. In the first run nothing happens. In the second the picture is
# moved a little, in a different way each time (turned, resized, and shifted by about half a pixel).
# In the third it is mirrored left to right half of the time.
#
# **Predict.** The net that sees the pictures as they are gets about nine in ten of the test digits
# right. By how many percentage points does this rise (or, with a minus sign, fall) if the training
# pictures are moved? And by how many if they are mirrored?

# %% name="predict_moved"
predict("moved", ..., between=(-100, 100))

# %% name="predict_mirrored"
predict("mirrored", ..., between=(-100, 100))


# %% tags=["experiment"] name="hundred_digits"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
device = devices.announce("cpu")
digits = datasets.digits()
RUNS = 1 if training.quick() else 3


def move(x, generator):
    """Turn each picture N×1×8×8 by up to 10°, resize it by up to 10 %, shift it by up to 0.6 px."""
    chance = 2 * torch.rand(len(x), 4, generator=generator) - 1
    turn, grown = torch.deg2rad(10 * chance[:, 0]), 1 + 0.1 * chance[:, 1]
    c, s = torch.cos(turn) * grown, torch.sin(turn) * grown
    shift = 0.6 * chance[:, 2:] / 4
    back = torch.stack([c, -s, shift[:, 0], s, c, shift[:, 1]], 1).reshape(-1, 2, 3)
    grid = F.affine_grid(back, x.shape, align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def mirror(x, generator):
    chosen = torch.rand(len(x), generator=generator) < 0.5
    return torch.where(chosen[:, None, None, None], x.flip(3), x)


def read_digits(augment, examples=100):
    def run(seed):
        rows = np.random.default_rng(seed).choice(len(digits.train_x), examples, replace=False)
        with training.seeded(seed):
            net = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10),
            )
        training.fit(
            net, (digits.train_x[rows], digits.train_y[rows]), None,
            lambda p: torch.optim.Adam(p, lr=3e-3), epochs=5 if training.quick() else 60,
            batch_size=10, seed=seed, augment=augment, progress=False,
        )
        return 100 * training.evaluate(net, digits.test)[1]

    return training.seeds(run, RUNS)


scores = {
    "as they are": read_digits(None),
    "moved": read_digits(move),
    "mirrored": read_digits(mirror),
}
plots.show(plots.bars_with_range(scores, "test digits that are right (%)",
                                 "100 training examples, 60 epochs", accent="moved"))
plain = scores["as they are"].middle
compare("moved", scores["moved"].middle - plain, "points")
compare("mirrored", scores["mirrored"].middle - plain, "points")

### BEGIN CLAIMS
medians = {name: spread.middle for name, spread in scores.items()}
assert 85 < medians["as they are"] < 93, "about 89 % as they are"
assert -0.5 < medians["moved"] - medians["as they are"] < 4, "moved: a point or two more"
assert 2 < medians["as they are"] - medians["mirrored"] < 11, "mirrored: some six points fewer"
### END CLAIMS

# %% [markdown]
# The net that trained on digits as they are gets about 89 % of the test digits right. Moving the
# training pictures raises this by a point or two, and mirroring them lowers it by some six points.
# Where objects vary more in position and colour, you can gain more. For example, the course has a
# data set of small coloured drawings of shapes. On it, a net with three convolutional layers
# reaches an accuracy of 0.65 to 0.67 with 300 training pictures (three seeds), and 0.80 to 0.92 if
# these are mirrored, shifted and recoloured.
#
# A digit that has moved is still the same digit, but nobody writes a mirrored 2. Changing training
# pictures at random like this is called augmentation, and **an augmentation is a claim that the
# label does not change.** If the claim is true, it is knowledge that the net need not find in the
# data. If it is false, you teach the net wrong labels.
#
# ## First of all: split
#
# The test set is there to be used once, at the end, and that is easily forgotten. So put it aside
# before you compute anything. Three things often go wrong: an example lands in two parts, the data
# were sorted and nobody shuffled them, or a rare class is missing from one part. A split is called
# *stratified* if each part has each class in the same proportion as the whole.
#
# ### Exercise: split
#
# *12 minutes · difficulty 2 of 3 · builds on numpy's Generator*

# %% nbgrader={"grade_id": "split", "solution": true}
def split(n, fractions, rng, labels=None):
    """The indices of n examples, distributed at random among several parts.

    Any indices may come together in a part, whether they are neighbours or not.

    Parameters
    ----------
    n : number of examples
    fractions : list of positive numbers that add up to 1, one for each part, such as
        [0.8, 0.1, 0.1]
    rng : numpy Generator; the only source of randomness
    labels : None, or an array of n class indices; then each class is distributed in these
        proportions

    Returns
    -------
    parts : list of integer arrays. Each of the indices 0 .. n-1 is in exactly one of them. The
        size of a part is its fraction times n if that is a whole number (floats may miss it:
        0.29 * 100 is 28.999...); otherwise you may round it up or down. With labels this rule
        holds within each class, and not for the parts as wholes. The order within a part is free
    """
    ### BEGIN SOLUTION
    groups = [np.arange(n)]
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    inner = np.cumsum(fractions)[:-1]
    cuts = [np.floor(inner * len(g) + 0.5 + 1e-9).astype(int) for g in groups]
    pieces = [np.split(rng.permutation(g), cut) for g, cut in zip(groups, cuts, strict=True)]
    return [np.concatenate([p[part] for p in pieces]) for part in range(len(fractions))]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_split", "grade": true}
from autograder import check

check("split")

# %% [markdown]
# ## Centre the pictures
#
# Pixel values run from 0 to 255, so none is negative. In the third question above you saw what
# follows for one example: the gradients of a unit's weights all have the same sign, so one step can
# only raise all of these weights or lower all of them. Pixels far from 0 also make the loss steep,
# because a small change of a weight then changes every output a lot.
#
# **Predict.** A linear classifier separates two clouds of points around the origin with a line. We
# move both clouds and the line together 20 standard deviations away, so the classifier is exactly
# as good as before. Then we change its weights by 5 %, at random, but not its offset $b$. With
# centred clouds the loss after such a change is about 0.12. How large is it now?

# %% name="predict_steep"
predict("loss at 20", ..., between=(0, None))


# %% tags=["experiment"] name="steepness"
def loss_when_weights_change(shift, seed, relative=0.05, draws=300):
    """Mean logistic loss when the weights of a good line are changed by 5 %, at random."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(400) < 0.5, 1.0, -1.0)
    x = rng.normal(size=(400, 2)) + 1.2 * y[:, None] + shift
    w = np.array([1.7, 1.7])
    b = -shift * w.sum()  # the line moves along with the data
    losses = []
    for _ in range(draws):
        changed = w + relative * np.linalg.norm(w) * rng.normal(size=2)
        losses.append(np.logaddexp(0, -y * (x @ changed + b)).mean())
    return float(np.mean(losses))


shifts = [0, 2, 5, 10, 20]
steep = training.seeds(lambda s: [loss_when_weights_change(d, s) for d in shifts], 5)
plots.show(drawn("loss at 20",
    plots.lines({"weights changed by 5 %": steep},
                "distance of the data from 0 (standard deviations)",
                "mean loss (nats)", "The same classifier, moved with its data",
                x=shifts)))
print(f"at 0: {steep.low[0]:.3f} to {steep.high[0]:.3f}; "
      f"at 20: {steep.low[-1]:.3f} to {steep.high[-1]:.3f}")
compare("loss at 20", float(steep.middle[-1]), "nats")

### BEGIN CLAIMS
assert 0.09 < steep.low[0] and steep.high[0] < 0.16, "about 0.12 at the centre"
assert 3 < steep.middle[-1] / steep.middle[0] < 5.5, "four times that at a distance of 20"
### END CLAIMS

# %% [markdown]
# At the centre the loss is about 0.12, and at a distance of 20 it is about four times that. The
# classifier is the same, but the loss is now steep in its weights, because the offset $b$ would
# have to follow each change of $w$. Gradient descent on such a loss needs a small learning rate,
# and with a small rate it is slow in all directions that are not steep.
#
# Three well-known nets centre their pictures in three ways, the **modes** of the next exercise:
#
# | mode | what is subtracted | shape for 32×32 pictures | then divided by |
# |---|---|---|---|
# | `mean_image` (AlexNet) | the mean picture of the training set | 32×32×3 | nothing |
# | `channel_mean` (VGG) | the mean colour of the training set | 3 | nothing |
# | `channel_mean_std` (ResNet, as torchvision trains it) | the mean colour | 3 | each channel's standard deviation (shape 3) |
#
# The statistics are part of the model. They are computed **once, from the training set**, and test
# pictures are centred with the same numbers. Beware of the type of the pixels, too. The next
# question shows why.

# %% name="show_q03_wraps"
ask("q03_wraps")

# %% name="q03_wraps"
q03_wraps = ...

# %% nbgrader={"grade_id": "check_q03_wraps", "locked": true}
from autograder import check

check("q03_wraps")

# %% [markdown]
# ### Exercise: preprocess
#
# *14 minutes · difficulty 2 · builds on split*

# %% nbgrader={"grade_id": "preprocess", "solution": true}
def preprocess(X_train, X_test, mode):
    """Centred training and test pictures, and the statistics that centred them.

    Parameters
    ----------
    X_train, X_test : arrays N×H×W×C of uint8 or floats; they are not changed. N may differ between
        the two, and no channel is constant
    mode : "mean_image", "channel_mean" or "channel_mean_std"

    Returns
    -------
    train, test : float64 arrays of the shapes of X_train and X_test; they are centred, not scaled
        to [0, 1], and only in the third mode divided by a standard deviation
    statistics : dict with "mean", of shape H×W×C or C, and for "channel_mean_std" also "std", of
        shape C (the square root of the mean squared deviation); float64 arrays, from X_train alone

    Sources: Krizhevsky 2012 (mean image), Simonyan and Zisserman 2014 (mean colour).
    """
    ### BEGIN SOLUTION
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=np.float64)}
    train, test = X_train - statistics["mean"], X_test - statistics["mean"]
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes, dtype=np.float64)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_preprocess", "grade": true}
from autograder import check

check("preprocess")

# %% [markdown]
# ## Explore: one picture, sixteen versions
#
# Each slider sets how strongly one augmentation may change the picture. Move them, and look at the
# sixteen random versions.
#
# 1. Up to what angle can you still tell what the picture shows? Do not augment beyond that.
# 2. Which of the sliders would make the labels wrong for digits? Which for road signs? Which for
#    photographs of skin, where the diagnosis depends on the colour?
# 3. Set the lens slider to −0.4 and to 0.4. Which of the two have you seen in photographs? (The
#    answer is below the picture with five lenses, at the end of this notebook.)

# %% tags=["experiment"] name="explorer"
augmentation_explorer()

# %% [markdown]
# ## Crops and mirror images
#
# Cropping and mirroring are among the oldest augmentations, and they still help. Pad the picture
# with `pad` zeros on each side, cut out a piece of `size`×`size` at a random place, and mirror it
# half of the time. A CIFAR-10 picture is 32×32, so with pad 4 and size 32 there are 9 places in
# each direction and 9 · 9 · 2 = 162 versions of it.
#
# ### Exercise: random crop and mirror image
#
# *12 minutes · difficulty 2*

# %% nbgrader={"grade_id": "random_crop_flip", "solution": true}
def random_crop_flip(x, size, pad, rng):
    """A random piece of a padded picture, mirrored left to right half of the time.

    Parameters
    ----------
    x : array H×W×C of any dtype; it is not changed
    size : height and width of the piece, at most H + 2·pad and W + 2·pad
    pad : how many zeros are put on each of the four sides
    rng : numpy Generator; the only source of randomness

    Returns
    -------
    piece : array size×size×C of the dtype of x. Every place is equally likely; its row, its column
        and whether it is mirrored are drawn separately

    Source: He 2015 (CIFAR-10, pad 4); Krizhevsky 2012 without padding.
    """
    ### BEGIN SOLUTION
    padded = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row = rng.integers(padded.shape[0] - size + 1)
    column = rng.integers(padded.shape[1] - size + 1)
    piece = padded[row : row + size, column : column + size]
    return piece[:, :: rng.choice([1, -1])]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_random_crop_flip", "grade": true}
from autograder import check

check("random_crop_flip")

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ## Another size each time
#
# An object may be near or far, so a net should see objects at different sizes. *Scale jitter* does
# this: draw a length S at random, resize the picture so that its **shorter side** becomes S and its
# proportions are kept, then cut out a random piece. ResNet drew S from 256 to 480 and cut pieces of
# 224×224. (You can write it yourself in the optional part at the end.)
#
# ## Testing: ask more than once
#
# A net that was trained on random pieces can be asked about several pieces of a test picture, and
# its answers can be averaged. AlexNet used **ten crops**: the four corners, the middle, and the
# mirror image of each. For its best results ResNet averaged over **five scales**, with shorter
# sides of 224, 256, 384, 480 and 640 pixels. (In the ResNet paper these are two separate methods.
# The ten crops are taken at one scale, and at the five scales the net is applied at all places of
# the picture. Here we combine them and take ten crops at each of five scales, which works with any
# net.)
#
# ### Exercise: ten crops
#
# *8 minutes · difficulty 1*

# %% nbgrader={"grade_id": "ten_crop", "solution": true}
def ten_crop(img, size):
    """The four corners and the middle of a picture, and their mirror images.

    Parameters
    ----------
    img : array H×W×C, H and W at least size; it is not changed
    size : height and width of each crop

    Returns
    -------
    crops : array 10×size×size×C of the dtype of img: upper left, upper right, lower left, lower
        right, middle (its offsets (H - size)/2 and (W - size)/2 rounded down), then the
        left-to-right mirror images of these five in the same order

    Source: Krizhevsky 2012.
    """
    ### BEGIN SOLUTION
    down, right = img.shape[0] - size, img.shape[1] - size
    starts = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    five = np.stack([img[r : r + size, c : c + size] for r, c in starts])
    return np.concatenate([five, five[:, :, ::-1]])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ten_crop", "grade": true}
from autograder import check

check("ten_crop")

# %% name="show_q03_views"
ask("q03_views")

# %% name="q03_views"
q03_views = ...

# %% nbgrader={"grade_id": "check_q03_views", "locked": true}
from autograder import check

check("q03_views")

# %% [markdown]
# Some layers, which you meet in notebooks 05 and 06, behave differently in training and in testing.
# So every torch module is in training mode or in evaluation mode (look up `eval` and `train` of
# `nn.Module`). Put the model into evaluation mode before you ask it. Then average the views'
# probabilities, because with averaged logits one very confident view could outvote the others.

# %% [markdown]
# ### A worked example: three views vote
#
# A net has two classes, A and B. We ask it about three views of one picture.
#
# | | logits of A and B | probability of A |
# |---|---|---|
# | view 1 | (8, 0) | 0.9997 |
# | view 2 | (0, 2) | 0.1192 |
# | view 3 | (0, 2) | 0.1192 |
# | mean of the probabilities | | **0.413** |
# | mean of the logits | (2.667, 1.333) | 0.791 |
#
# Two views of three say B, and so does the mean of the probabilities. In the mean of the logits
# view 1 outvotes the others, because a logit can have any size, but no probability exceeds 1.
#
# Now take three other views.
#
# | | logits of A and B | probability of A |
# |---|---|---|
# | view 1 | (0, 0) | **?** |
# | view 2 | (0, 3) | 0.0474 |
# | view 3 | (9, 0) | 0.9999 |
# | mean of the probabilities | | **?** |
# | mean of the logits | **?** | 0.881 |
#
# Find the missing entries.
#
# **The missing numbers.** Equal logits give 0.5, the mean of the probabilities is 1.5473/3 = 0.516,
# and that of the logits is (3, 1).

# %% [markdown]
# ### Exercise: one prediction from many views
#
# *14 minutes · difficulty 3 · builds on ten_crop*

# %% nbgrader={"grade_id": "multi_crop_predict", "solution": true}
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    """Class probabilities of a picture, averaged over ten crops at each of several scales.

    Parameters
    ----------
    model : torch module, float32 N×C×H×W → logits N×K. Call it in evaluation mode, without
        recording gradients, and afterwards put it back into the mode in which you got it
    img : float32 array H×W×C
    scales : whole numbers; for each of them resize the picture so that its shorter side has this
        length and its proportions are kept (the longer side is rounded)
    size : height and width of each crop

    Returns
    -------
    probabilities : array or tensor K, the mean of the views' softmax probabilities; every view
        counts once, even if another one is the same

    Use your ten_crop, and resize(img, height, width).
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    found = []
    for scale in scales:
        height, width = (round(n * scale / min(img.shape[:2])) for n in img.shape[:2])
        views = torch.tensor(ten_crop(resize(img, height, width), size))
        with torch.no_grad():
            found.append(model(views.permute(0, 3, 1, 2)).softmax(1))
    model.train(was_training)
    return torch.cat(found).mean(0).numpy()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_multi_crop_predict", "grade": true}
from autograder import check

check("multi_crop_predict")

# %% [markdown]
# ## Measure: 1, 10 and 50 views
#
# A small trained net with 24,000 parameters comes with the course. It was trained on crops of 28×28
# pixels from the course's drawings of shapes, which are 32×32. The crops were mirrored half of the
# time, and the drawings were **never resized**. We show it new pictures in four ways:
#
# 1. one view, the middle;
# 2. ten crops at the pictures' own size;
# 3. fifty views over a wide range of scales, 28 to 80 pixels (for crops of 28 this is the ResNet
#    paper's range, which is 224 to 640 for crops of 224);
# 4. fifty views at scales close to the one that it knows, 28 to 36 pixels.
#
# **Predict.** With one view the net is right for about 75 % of the pictures. For what percentage is
# it right with ten views, and with fifty views over the wide range?

# %% name="predict_ten_views"
predict("ten views", ..., between=(0, 100))

# %% name="predict_fifty_views"
predict("fifty views, wide", ..., between=(0, 100))


# %% tags=["experiment"] name="views"
def views(x, scale, size=28):
    """The ten crops of all pictures N×3×32×32 at one scale, as a list of ten batches."""
    x = F.interpolate(x, (scale, scale), mode="bilinear", antialias=True)
    room = scale - size
    starts = [(0, 0), (0, room), (room, 0), (room, room), (room // 2, room // 2)]
    five = [x[:, :, r : r + size, c : c + size] for r, c in starts]
    return five + [view.flip(3) for view in five]


@torch.no_grad()
def mean_probability(net, batches):
    return torch.stack([net(batch).softmax(1) for batch in batches]).mean(0)


def right_with_views(seed):
    net = trained_small_shapes_net()
    x, y = datasets.colour_shapes(40 if training.quick() else 150, seed=500 + seed, difficulty=0.5)
    x, y = torch.tensor(datasets.to_nchw(x)), torch.tensor(y)
    wide, near = (28, 32, 48, 60, 80), (28, 30, 32, 34, 36)
    at = {s: mean_probability(net, views(x, s)) for s in sorted({*wide, *near})}
    answers = {
        "1 view": mean_probability(net, views(x, 32)[4:5]),
        "10 views, one scale": at[32],
        "50 views, 28 to 80": sum(at[s] for s in wide) / 5,
        "50 views, 28 to 36": sum(at[s] for s in near) / 5,
    }
    return {name: 100 * float((p.argmax(1) == y).float().mean()) for name, p in answers.items()}


by_views = training.seeds(right_with_views, RUNS)
plots.show(drawn("ten views",
    plots.bars_with_range(by_views, "pictures that are right (%)",
                          "One net, asked once or often (150 pictures a seed)",
                          accent="10 views, one scale")))
compare("ten views", by_views["10 views, one scale"].middle, "%")
compare("fifty views, wide", by_views["50 views, 28 to 80"].middle, "%")

### BEGIN CLAIMS
right_in = {name: spread.middle for name, spread in by_views.items()}
assert right_in["10 views, one scale"] > right_in["1 view"], "ten views are right more often than one"
assert by_views["50 views, 28 to 80"].high < by_views["1 view"].low, "fifty over the wide range: worse"
assert right_in["50 views, 28 to 36"] < right_in["1 view"] + 4, "around the known size: no better"
### END CLAIMS

# %% [markdown]
# With ten views at the same size the net is right somewhat more often than with one. With fifty
# views over the wide range it is right *less* often than with one. At 48, 60 and 80 pixels it is
# right for only about one picture in five, because it has never seen an object of that size. Fifty
# views at 28 to 36 pixels are no better than one, and four in five of them also show sizes that it
# was not trained on. So more views help only a net that was trained on such views. The ResNet paper
# tests at five scales because its nets were trained with scale jitter. (Of fifty views of a square
# picture only 42 are different. At the smallest scale a crop is the whole picture, so there are
# only two different views, and each of them counts five times.)
#
# ## What you should know about a data set
#
# Before you use a data set, find out what is in it, who labelled it, and what a score on it means.
#
# | | MNIST | CIFAR-10 | CIFAR-100 | ImageNet | ILSVRC 2012 (the ImageNet challenge) |
# |---|---|---|---|---|---|
# | by | LeCun, Cortes, Burges 1998 | Krizhevsky 2009 | Krizhevsky 2009 | Deng 2009 | Russakovsky 2014 |
# | pictures | 60,000 + 10,000 test | 50,000 + 10,000 | 50,000 + 10,000 | about 14 million | 1.28 million + 50,000 validation + 100,000 test |
# | classes | 10 | 10 | 100 (in 20 groups) | about 22,000 nouns of the dictionary WordNet | 1,000 of ImageNet's |
# | size | 28×28 grey | 32×32 colour | 32×32 colour | any; often about 400×350 | any |
# | mirror images? | no | yes | yes | nearly always | nearly always |
# | watch out for | its writers were office workers and school students, so two kinds of handwriting are mixed; nearly solved | some test pictures are near-duplicates of training pictures | 600 per class, so nets memorise easily | the whole set is seldom used | "ImageNet accuracy" usually means this one; test labels are not public, so papers report validation accuracy |
#
# You may read that ImageNet's pictures are 256×256. That is only the size to which AlexNet brought
# them, by resizing the shorter side to 256 and cutting out the middle.
#
# ## What to remember
#
# - Split first. Compute statistics from the training part, and keep them with the model.
# - An augmentation is a claim that the label does not change. Mirror cars, not digits.
# - Convert uint8 to floats before you subtract. When you draw a place with `rng.integers`, remember
#   that it leaves out its upper end.
# - At test time use evaluation mode, and average probabilities, not labels or logits.
# - More views help as long as they look like what the net was trained on.
#
# ## A question for your teacher to read
#
# A colleague has 3,000 photographs of the skin of 400 patients. She subtracts the mean colour of
# all 3,000, augments each photograph ten times (turns, mirror images, strong colour jitter),
# shuffles the 30,000 results, splits them 80/20 and reports 97 % on the smaller part. In seven
# sentences at most, name everything that makes this number too high, and say in which order you
# would do the steps.
#
# *To write your answer, select the cell below and press Enter. Shift+Enter shows it as text.*

# %% [markdown] nbgrader={"grade_id": "explain_leaky_split", "grade": true, "solution": true, "points": 3}
# Versions of one photograph are on both sides of the split, so the net is asked about pictures that
# it has learned by heart (1 point). Photographs of one patient are on both sides too, and the mean
# colour was computed from the test pictures as well, so the split must come first, and by patient
# (1 point). The right order is: split the patients, compute the mean from the training part, augment
# the training part only, anew each epoch, and test on photographs as they are, or on averaged views.
# Strong colour jitter is doubtful besides, since in skin the colour is part of the label (1 point).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | watch out for |
# |---|---|---|
# | `tf.image.random_flip_left_right(img)` | `v2.RandomHorizontalFlip()` | the old one takes H×W×C, the new one C×H×W |
# | `tf.random_crop(img, [32, 32, 3])` after `tf.pad` | `v2.RandomCrop(32, padding=4)` | |
# | `tf.image.random_contrast(img, 0.6, 1.4)` | `v2.ColorJitter(contrast=0.4)` | the old one scales about each channel's mean, the new one about the mean of the grey picture |
# | `tf.image.per_image_standardization(img)` | `v2.Normalize(mean, std)` | the old one uses each picture's own statistics, the new one those that you give it |
# | `ImageDataGenerator(rotation_range=20)` | `v2.RandomAffine(degrees=20)` | both draw from −20 to 20 |
# | Caffe `mean_file: "mean.binaryproto"`, `crop_size: 227`, `mirror: true` | `v2.Compose([...])` | Caffe's channels were blue, green, red, from 0 to 255 |
#
# `v2` is `torchvision.transforms.v2`. Importing it fails if your torchvision was built for GPUs and
# your torch for CPUs. In that case run `from course_utils.vision import import_torchvision` and
# `import_torchvision()` first; then `from torchvision.transforms import v2` works.
#
# ## What has changed since
#
# For a while the choice of augmentations was itself learned. Then it turned out that setting two
# numbers by hand does as well (RandAugment, Cubuk 2019: how many operations, and how strong), and
# later that no setting is needed (TrivialAugment, Müller 2021: one operation at random strength).
# Pictures and their labels are now also mixed: mixup (Zhang 2017) blends two pictures, and CutMix
# (Yun 2019) pastes a piece of one into the other. Random erasing (Zhong 2017) blanks out a piece.
# FixRes (Touvron 2019) showed a side effect of random crops: they make objects look larger in
# training than in testing, so a net does better if it is tested at a higher resolution, or trained
# a little more at the resolution of the test. AlexNet also shifted the colours of each picture (see
# "Go further"); this is no longer done.

# %% [markdown]
# # Go further
#
# Everything from here on is optional. It has the same checks and hints, but no points.
#
# ### Whitening
#
# *14 minutes · difficulty 3 · builds on preprocess*
#
# Centring removes the mean. Whitening also removes the correlations between columns and gives every
# column the same variance. Let $C$ be the covariance of the columns of $X$ (the mean over the $N$
# rows of products of centred columns), with eigenvalues $\lambda_1 \ge \lambda_2 \ge \dots$ and
# eigenvectors as columns of $V$. Then, with a small number $\varepsilon$ that keeps the divisor
# away from 0,
#
# $$X_{\text{white}} = (X - \bar x)\, V \,\operatorname{diag}\!\left(\frac{1}{\sqrt{\lambda_k + \varepsilon}}\right)$$
#
# Nobody whitens whole pictures any more. You will meet whitening inside nets and in statistics, and
# in notebook 06 you will see that batch norm does *not* whiten.

# %% nbgrader={"grade_id": "pca_whiten", "solution": true}
def pca_whiten(X, eps):
    """PCA whitening of the rows of X.

    Parameters
    ----------
    X : float array N×D, N larger than D; it is not changed
    eps : number added to each eigenvalue (a variance) before the square root is taken

    Returns
    -------
    white : array N×D; column k is the centred data along the eigenvector with the k-th largest
        eigenvalue, divided as in the formula. Signs of columns are free
    """
    ### BEGIN SOLUTION
    centred = X - X.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
    return (centred @ vectors / np.sqrt(values + eps))[:, ::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pca_whiten", "locked": true}
from autograder import check

check("pca_whiten")

# %% [markdown]
# ### Scale jitter
#
# *14 minutes · difficulty 3 · builds on random_crop_flip*
#
# Write the scale jitter that was described above: resize the picture to a random size each time,
# then cut out a random piece. `resize(img, height, width)` does the resizing.

# %% nbgrader={"grade_id": "scale_jitter", "solution": true}
def scale_jitter(img, rng, low=256, high=480, size=224):
    """A random piece of the picture, which is first resized at random.

    Parameters
    ----------
    img : float array H×W×C; it is not changed
    rng : numpy Generator; the only source of randomness
    low, high : the shorter side becomes a whole number of pixels from low to high, both included,
        all equally likely; the longer side grows by the same factor and is rounded
    size : height and width of the piece that is cut, at most low

    Returns
    -------
    piece : array size×size×C of the dtype of img; every place is equally likely

    Sources: Simonyan and Zisserman 2014, He 2015.
    """
    ### BEGIN SOLUTION
    factor = rng.integers(low, high + 1) / min(img.shape[:2])
    large = resize(img, round(img.shape[0] * factor), round(img.shape[1] * factor))
    row = rng.integers(large.shape[0] - size + 1)
    column = rng.integers(large.shape[1] - size + 1)
    return large[row : row + size, column : column + size]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_scale_jitter", "locked": true}
from autograder import check

check("scale_jitter")

# %% [markdown]
# ### Contrast
#
# *8 minutes · difficulty 2*
#
# Photographs differ in contrast, and a net should not depend on it. So change it at random:
#
# $$\text{out} = m + f\,(\text{img} - m), \qquad f \sim U(1-c,\, 1+c)$$
#
# Here $m$ is the mean of all values of the picture. There is one factor $f$ for the whole picture,
# and the result is clipped to [0, 1].

# %% nbgrader={"grade_id": "color_jitter", "solution": true}
def color_jitter(img, rng, contrast=0.4):
    """The picture with more contrast, or less.

    Parameters
    ----------
    img : float array H×W×C with values in [0, 1]; it is not changed
    rng : numpy Generator; the only source of randomness
    contrast : from 0 to 1; the factor is drawn uniformly from 1 - contrast to 1 + contrast

    Returns
    -------
    out : array of the shape and dtype of img, clipped to [0, 1]
    """
    ### BEGIN SOLUTION
    factor = rng.uniform(1 - contrast, 1 + contrast)
    mean = img.mean()
    return np.clip(mean + factor * (img - mean), 0, 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_color_jitter", "locked": true}
from autograder import check

check("color_jitter")

# %% [markdown]
# ### The main axes of colour
#
# *8 minutes · difficulty 2 · builds on the idea of pca_whiten*
#
# The authors of AlexNet asked in which direction colours vary most over all **pixels** of the
# training set. The answer is: mostly from dark to bright. You find the directions as in whitening.

# %% nbgrader={"grade_id": "colour_pca", "solution": true}
def colour_pca(images):
    """Eigenvalues and eigenvectors of the covariance of pixel colours.

    Parameters
    ----------
    images : float array N×H×W×3

    Returns
    -------
    eigval : array 3, the eigenvalues, from the largest to the smallest, of the covariance of all
        N·H·W pixels; the covariance is a mean over the pixels
    eigvec : array 3×3, column k belongs to eigval[k]; signs are free
    """
    ### BEGIN SOLUTION
    covariance = np.cov(images.reshape(-1, 3).T, bias=True)
    values, vectors = np.linalg.eigh(covariance)
    return values[::-1], vectors[:, ::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_colour_pca", "locked": true}
from autograder import check

check("colour_pca")

# %% [markdown]
# ### AlexNet's colour shift
#
# *7 minutes · difficulty 2 · builds on colour_pca*
#
# AlexNet changed the colours of a training picture by adding the same colour to each of its pixels,
#
# $$\mathbf p_1 \alpha_1\lambda_1 + \mathbf p_2 \alpha_2\lambda_2 + \mathbf p_3 \alpha_3\lambda_3$$
#
# with eigenvectors $\mathbf p_k$ and eigenvalues $\lambda_k$. The three α are drawn once per
# picture, from a normal distribution with mean 0 and standard deviation 0.1. (The paper really has
# λ, not √λ. So the units matter. For pixels from 0 to 255 instead of 0 to 1, colours are 255 times
# as large, but λ, a variance, is 255² times as large. So the same α change the picture 255 times
# more.) In the exercise, α is given.

# %% nbgrader={"grade_id": "pca_color", "solution": true}
def pca_color(img, eigval, eigvec, alpha):
    """The picture with its colour shifted along the main axes of colour.

    Parameters
    ----------
    img : float array H×W×3; it is not changed
    eigval : array 3
    eigvec : array 3×3, eigenvectors as columns
    alpha : array 3, the numbers drawn for this picture

    Returns
    -------
    out : array of the shape and dtype of img, on the same scale as img; not clipped

    Source: Krizhevsky 2012, section 4.1.
    """
    ### BEGIN SOLUTION
    return (img + eigvec @ (alpha * eigval)).astype(img.dtype)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pca_color", "locked": true}
from autograder import check

check("pca_color")

# %% [markdown]
# ### Turn, shear, stretch and shift
#
# *18 minutes · difficulty 3*
#
# A pixel at $\mathbf q$ in the picture lands at $\mathbf p$ in the result. Both are measured from
# the centre as (x, y), with y pointing downwards:
#
# $$\mathbf p = R\,S_h\,S_t\,\mathbf q + \mathbf t \qquad
# R = \begin{pmatrix}\cos\varphi & -\sin\varphi\\ \sin\varphi & \cos\varphi\end{pmatrix}\quad
# S_h = \begin{pmatrix}1 & \tan\kappa\\ 0 & 1\end{pmatrix}\quad
# S_t = \begin{pmatrix}s_x & 0\\ 0 & s_y\end{pmatrix}$$
#
# If you push pixels along this map, some places of the result get two and some get none. So go the
# other way: for each pixel of the result, ask where it comes from. `sample_at(img, x, y)` gives the
# picture's values at places between pixels.

# %% nbgrader={"grade_id": "random_affine", "solution": true}
def random_affine(img, rng, degrees, translate, shear, stretch):
    """The picture turned, sheared, stretched and shifted, about its centre.

    Parameters
    ----------
    img : float array H×W×C; it is not changed. Pixel (row i, column j) is at x = j, y = i, the
        centre at ((W - 1)/2, (H - 1)/2)
    rng : numpy Generator; the only source of randomness
    degrees : (low, high), in degrees; φ is drawn uniformly between them
    translate : (low, high), in pixels; t_x and t_y are drawn likewise, each on its own
    shear : (low, high), in degrees; κ is drawn likewise
    stretch : (low, high); s_x and s_y are drawn likewise, each on its own

    Returns
    -------
    out : float array of the shape of img. Each pixel is what sample_at gives at the place it comes
        from. Around the picture sample_at gives 0 by itself; do not set anything to 0
        yourself
    """
    ### BEGIN SOLUTION
    phi, kappa = np.deg2rad(rng.uniform(*degrees)), np.deg2rad(rng.uniform(*shear))
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    there = turn @ np.array([[1, np.tan(kappa)], [0, 1]]) @ np.diag(rng.uniform(*stretch, size=2))
    back = np.linalg.inv(there)
    right, down = rng.uniform(*translate, size=2)
    height, width = img.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    dx, dy = x - (width - 1) / 2 - right, y - (height - 1) / 2 - down
    from_x = back[0, 0] * dx + back[0, 1] * dy + (width - 1) / 2
    from_y = back[1, 0] * dx + back[1, 1] * dy + (height - 1) / 2
    return sample_at(img, from_x, from_y)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_random_affine", "locked": true}
from autograder import check

check("random_affine")

# %% [markdown]
# In this way you can bend a picture as you like, as long as you can say where each pixel comes
# from. For example, a lens distorts: what you see at distance $r$ from the centre has come from the
# distance $r\,(1 + k r^2)$ in the undistorted picture. This is the map from the result back to the
# picture, which is just what you need.

# %% tags=["experiment"] name="lens"
def through_a_lens(img, k):
    """Look up each pixel at r·(1 + k·r²); r is 1 at half the shorter side."""
    height, width = img.shape[:2]
    half = min(height, width) / 2
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    factor = 1 + k * (x**2 + y**2) / half**2
    return sample_at(img, x * factor + (width - 1) / 2, y * factor + (height - 1) / 2)


sheet = np.ones((96, 96, 3))
sheet[::12] = sheet[:, ::12] = 0.2
shape, label = datasets.colour_shapes(12, seed=3, difficulty=0.2, size=72)
sheet[12:84, 12:84] *= shape[5] / 255
amounts = [-0.3, -0.1, 0.0, 0.1, 0.3]
plots.show(plots.image_grid(np.stack([through_a_lens(sheet, k) for k in amounts]),
                            [f"k = {k:g}" for k in amounts], columns=5,
                            title="A picture through five lenses"))

# %% [markdown]
# With $k > 0$ pixels near the edge come from further out, so straight lines bulge like the sides of
# a barrel, and the corners of the result stay black. With $k < 0$ it is the other way round, and
# the corners of the picture are lost. Both occur in photographs, the first mostly with wide-angle
# lenses. The labels are still true.
#
# ## Further reading
#
# - Krizhevsky, Sutskever, Hinton 2012, *ImageNet classification with deep convolutional neural
#   networks*, section 4.1: crops, mirror images, colour shifts and the ten crops.
# - Simonyan, Zisserman 2014, *Very deep convolutional networks*, sections 3 and 4: scale jitter and
#   testing at several scales, compared.
# - He, Zhang, Ren, Sun 2015, *Deep residual learning*, section 3.4 and appendix.
# - LeCun, Bottou, Orr, Müller 1998, *Efficient BackProp*, section 4.3: why inputs are centred and
#   decorrelated.
# - Russakovsky and others 2014, *ImageNet large scale visual recognition challenge*.
# - Recht, Roelofs, Schmidt, Shankar 2019, *Do ImageNet classifiers generalize to ImageNet?*: what
#   happens when a test set is made a second time.
# - Gebru and others 2018, *Datasheets for datasets*.
